// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/node/api"
)

// pledged has RX's patent pledged to BA, with a consent that RX has asked for and a
// breach that the office has reported.
func pledged(w *world) (right, consent, breach string) {
	right = w.confirmed(invention)
	no := w.must(BA, "pledges.submit", args{"rights": []string{right}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	w.at("2026-02-25 09:00")
	consent = w.must(RX, "consents.request", args{"right_id": right, "kind": "LICENCE", "until": "2026-03-25"})["consent_no"].(string)
	breach = w.must(IPO, "consents.report_breach", args{
		"right_id": right, "kind": "TRANSFER", "fact_time": w.clock().Add(-time.Hour).UnixMilli(), "evidence": strings.Repeat("cd", 32),
	})["consent_no"].(string)
	return right, consent, breach
}

func TestAConsentIsSeenByItsPartiesAndByTheOfficeAlone(t *testing.T) {
	w := newWorld(t)
	right, consent, breach := pledged(w)
	ctx := context.Background()
	for _, no := range []string{consent, breach} {
		for organisation, sees := range map[string]bool{RX: true, BA: true, IPO: true, REG: true, BB: false, MD: false} {
			c, err := w.client(organisation, contracts.Maker).Consent(ctx, no)
			if (err == nil) != sees || err == nil && c.Record.ConsentNo != no || err != nil && !strings.Contains(err.Error(), contracts.ENotFound) {
				t.Errorf("%s asks for %s: %v", organisation, no, err)
			}
		}
		if _, err := w.client().Consent(ctx, no); err == nil || !strings.Contains(err.Error(), contracts.ENotFound) {
			t.Errorf("anybody asks for %s: %v", no, err)
		}
	}
	both, waiting, broken := consent+" "+breach, consent, breach
	for _, c := range []struct{ organisation, right, state, want string }{
		{RX, "", "", both}, {BA, "", "", both}, {IPO, "", "", both}, {REG, "", "", both}, {BB, "", "", ""}, {MD, right, "", ""},
		{RX, right, "", both}, {BA, "PATENT:" + invention, "REQUESTED", waiting}, {BA, "", "BREACH", broken}, {IPO, "", "GRANTED", ""},
	} {
		page, err := w.client(c.organisation, contracts.Maker).Consents(ctx, api.ConsentFilter{Right: c.right, State: c.state})
		must(t, err)
		var got []string
		for _, item := range page.Items {
			got = append(got, item.Record.ConsentNo)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if _, err := w.client().Consents(ctx, api.ConsentFilter{}); err == nil {
		t.Error("anybody lists consents")
	}
}

func TestAConsentIsShownAsItIsAtTheBlocksTime(t *testing.T) {
	w := newWorld(t)
	right, consent, _ := pledged(w)
	ctx := context.Background()
	state := func() string {
		c, err := w.client(RX, contracts.Maker).Consent(ctx, consent)
		must(t, err)
		if c.Use != nil {
			return string(c.State) + ", used"
		}
		return string(c.State)
	}
	if got := state(); got != "REQUESTED" {
		t.Fatal(got)
	}
	w.must(BA, "consents.grant", args{"consent_no": consent, "valid_until": "2026-04-30"})
	if got := state(); got != "GRANTED" {
		t.Fatal(got)
	}
	w.at("2026-02-26 09:00")
	w.must(IPO, "rights.status_event", args{"right_id": right, "event": "LICENSED", "fact_time": w.clock().UnixMilli(), "consent_no": consent})
	if got := state(); got != "GRANTED, used" {
		t.Fatal(got)
	}
	w.at("2026-05-01 00:00")
	w.block()
	if got := state(); got != "LAPSED, used" {
		t.Fatal(got)
	}
}

func TestPledgeesAreToldWhatWaitsForThemAndWhatWasDoneWithoutThem(t *testing.T) {
	w := newWorld(t)
	_, consent, breach := pledged(w)
	told := func(organisation, party string) string {
		page, err := w.client(organisation, contracts.Maker).Alerts(context.Background(), party, time.Time{}, 0, "")
		must(t, err)
		var got []string
		for _, a := range page.Items {
			if a.Kind == rights.AlertConsentWaiting || a.Kind == rights.AlertBreach {
				got = append(got, string(a.Kind)+" "+a.Subject)
			}
		}
		return strings.Join(got, ", ")
	}
	both := "CONSENT_WAITING " + consent + ", BREACH " + breach
	if got := told(BA, ""); got != both {
		t.Error(got)
	}
	if got := told(REG, BA); got != both {
		t.Error(got)
	}
	if got := told(RX, "") + told(BB, ""); got != "" {
		t.Error(got)
	}
	w.must(BA, "consents.refuse", args{"consent_no": consent, "reason": "许可费过低"})
	if got := told(BA, ""); got != "BREACH "+breach {
		t.Error(got)
	}
}
