// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
)

func TestASuccessorIsToldWhatItsPredecessorsWouldBe(t *testing.T) {
	w := newOpenWorld(t)
	right := w.confirmed(invention)
	no := w.must(BA, "pledges.submit", args{"rights": []string{right}, "pledgors": []string{RX}, "pledgees": []string{BA}})["pledge_no"].(string)
	w.must(IPO, "pledges.accept", args{"pledge_no": no})
	w.must(IPO, "pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
	succeed := func(from, to string) {
		w.must(REG, "parties.succeed", args{"kind": "MERGER", "from": from, "to": to, "document": paper, "fact_time": w.clock().UnixMilli()})
	}
	told := func(organisation, party string) string {
		page, err := w.client(organisation, contracts.Maker).Alerts(t.Context(), party, time.Time{}, 0, "")
		if err != nil {
			return err.Error()
		}
		var kinds []string
		for _, a := range page.Items {
			kinds = append(kinds, string(a.Kind))
		}
		return strings.Join(kinds, " ")
	}
	if got := told(BB, ""); got != "" {
		t.Fatalf("before the merger: %q", got)
	}
	succeed(BA, BB)
	succeed(RX, MD)
	for _, c := range []struct{ organisation, party string }{{BB, ""}, {BB, BA}, {MD, ""}, {MD, RX}, {REG, BB}, {REG, RX}} {
		if got := told(c.organisation, c.party); got != "REGISTERED" {
			t.Errorf("%s is told %q of %s", c.organisation, got, c.party)
		}
	}
	if got := told(BB, RX); !strings.Contains(got, contracts.ENotFound) {
		t.Errorf("another's successor is told %q", got)
	}
}
