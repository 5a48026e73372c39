// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
)

// wantAlerts compares the alerts of a right now, each written KIND SEVERITY DUE.
func (w *world) wantAlerts(space identifier.Space, number string, want ...string) []rights.Alert {
	w.t.Helper()
	alerts := rights.AlertsOf(read[rights.Record](w, rights.RecordKey(space, number)), w.time, read[contracts.Parameters](w, contracts.ParametersKey))
	var got []string
	for _, a := range alerts {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Kind, a.Severity, a.Due)))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		w.t.Fatalf("alerts %q, want %q", got, want)
	}
	return alerts
}

func TestAFeeIsToldOfThriceBeforeItIsDueAndDuringItsGrace(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(model, args{"fee_due": "2026-08-01", "fee_status": "PAID"}, MD)
	for _, c := range []struct{ at, want string }{
		{"2026-05-02 23:50", ""}, {"2026-05-03 00:00", "FEE_DUE INFO 2026-08-01"}, {"2026-07-01 23:50", "FEE_DUE INFO 2026-08-01"},
		{"2026-07-02 00:00", "FEE_DUE WARNING 2026-08-01"}, {"2026-07-25 00:00", "FEE_DUE URGENT 2026-08-01"}, {"2026-08-01 23:50", "FEE_DUE URGENT 2026-08-01"},
	} {
		w.at(c.at)
		w.must("rights.refresh", w.facts(id, args{"evidence": w.evidence(w.time)}), w.two(IPO)) // not stale
		if c.want == "" {
			w.wantAlerts(identifier.PatentSpace, modelCanonical)
			continue
		}
		if to := w.wantAlerts(identifier.PatentSpace, modelCanonical, c.want)[0].To; len(to) != 1 || to[0] != MD {
			t.Fatalf("told to %v", to)
		}
	}
	w.at("2026-08-02 10:00")
	w.happened(id, "FEE_DUE_MISSED", nil)
	w.wantAlerts(identifier.PatentSpace, modelCanonical, "FEE_GRACE URGENT 2027-02-01")
	w.happened(id, "FEE_PAID", nil)
	w.wantAlerts(identifier.PatentSpace, modelCanonical)
}

func TestPledgeesAreToldWhatHappensToTheirRight(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, args{"expiry_date": "2026-08-28"}, RX)
	no := w.submitted(BA, id)
	w.wantAlerts(identifier.PatentSpace, canonical, "APPLICATION INFO")
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	w.happened(id, "INVALIDATION_FILED", nil)
	freeze := w.freeze(id, "1", args{"until": "2026-03-20"})
	alerts := w.wantAlerts(identifier.PatentSpace, canonical, "REGISTERED INFO", "INVALIDATION WARNING", "FREEZE URGENT 2026-03-20", "FREEZE_ENDING WARNING 2026-03-20")
	for _, a := range alerts {
		if len(a.To) != 2 || a.To[0] != RX || a.To[1] != BA {
			t.Fatalf("%+v", a)
		}
	}
	w.must("freezes.lift", args{"freeze_no": freeze, "doc_no": "2"}, w.two(IPO))
	w.at("2026-03-01 09:00")
	w.wantAlerts(identifier.PatentSpace, canonical, "REGISTERED INFO", "INVALIDATION WARNING", "FREEZE_OVER INFO", "EXPIRY INFO 2026-08-28")
	w.happened(id, "OWNERSHIP_SUIT", args{"fact_time": w.moment("2026-02-24 08:00")})
	w.wantAlerts(identifier.PatentSpace, canonical, "REGISTERED INFO", "INVALIDATION WARNING", "FREEZE_OVER INFO", "EXPIRY INFO 2026-08-28", "SUIT URGENT", "CONFLICT_REVIEW URGENT")
	w.at("2026-08-29 00:00")
	w.wantAlerts(identifier.PatentSpace, canonical, "REGISTERED INFO", "INVALIDATION WARNING", "SUIT URGENT", "CONFLICT_REVIEW URGENT", "ENDED URGENT")
}
