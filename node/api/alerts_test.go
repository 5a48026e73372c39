// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
)

func TestAPartyIsToldWhatHappensToItsRights(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	right := w.confirmed(invention)
	no := w.must(BA, "pledges.submit", args{"rights": []string{right}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	w.at("2026-02-25 09:00")
	freeze := w.must(IPO, "freezes.record", args{"right_id": right, "doc_no": "1", "court": "示例中级人民法院", "received_at": w.clock().UnixMilli()})["freeze_no"].(string)
	w.must(IPO, "rights.status_event", args{"right_id": right, "event": "INVALIDATION_FILED", "fact_time": w.clock().UnixMilli(), "case_no": "4W1"})

	told := func(organisation, party string) string {
		page, err := w.client(organisation, contracts.Maker).Alerts(ctx, party, time.Time{}, 0, "")
		if err != nil {
			return err.Error()
		}
		var kinds []string
		for _, a := range page.Items {
			kinds = append(kinds, string(a.Kind))
		}
		return strings.Join(kinds, " ")
	}
	const all = "REGISTERED FREEZE INVALIDATION"
	for _, c := range []struct{ organisation, party, want string }{{RX, "", all}, {BA, "", all}, {BB, "", ""}, {MD, "", ""}, {REG, RX, all}} {
		if got := told(c.organisation, c.party); got != c.want {
			t.Errorf("%s is told %q of %s, want %q", c.organisation, got, c.party, c.want)
		}
	}
	if got := told(BB, RX); !strings.Contains(got, contracts.ENotFound) {
		t.Errorf("another bank is told %q", got)
	}
	if _, err := w.client().Alerts(ctx, RX, time.Time{}, 0, ""); err == nil {
		t.Error("anybody is told")
	}

	f, err := w.client(BA, contracts.Maker).Freeze(ctx, freeze)
	must(t, err)
	if f.State != "FROZEN" || f.RightID != right || f.Record == nil || f.Record.Orders[0].DocNo != "1" {
		t.Errorf("%+v", f)
	}
	public, err := w.client().Freeze(ctx, freeze)
	must(t, err)
	if public.Record != nil || public.Freeze == nil {
		t.Errorf("the public sees %+v", public)
	}
	events, err := w.client(BA, contracts.Maker).RightEvents(ctx, right, 0, "")
	must(t, err)
	if len(events.Items) != 1 || events.Items[0].Told.CaseNo != "4W1" || events.Items[0].LedgerTime < events.Items[0].FactTime {
		t.Errorf("%+v", events)
	}
	if _, err := w.client().RightEvents(ctx, right, 0, ""); err == nil {
		t.Error("anybody sees the events")
	}
	shown, err := w.client().Right(ctx, right)
	must(t, err)
	if text := fmt.Sprintf("%+v", shown); strings.Contains(text, "4W1") {
		t.Error("the number of a case is public")
	}
}

func TestEachClaimOfANumberHasItsState(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	claim := func(owner string) string {
		return w.must(BA, "rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{owner}})["right_id"].(string)
	}
	wants := func(id, state string) {
		t.Helper()
		r, err := w.client().Right(ctx, id)
		must(t, err)
		if string(r.BaseState) != state {
			t.Errorf("%s is %s, want %s", id, r.BaseState, state)
		}
	}
	first := claim(RX)
	w.must(IPO, "rights.reject", args{"right_id": first, "reason": "名称不符"})
	wants(first, "REJECTED")
	second, third := claim(MD), claim(RX)
	wants(first, "REJECTED")
	wants(second, "CLAIMED")
	w.must(IPO, "rights.confirm", args{"right_id": third, "owners": []string{RX}, "source": args{"evidence_hash": strings.Repeat("ab", 32), "captured_at": w.clock().UnixMilli()}})
	wants(second, "REJECTED")
	wants(third, "CONFIRMED")
}
