// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A tally counts what random histories did.
type tally struct {
	histories int
	outcomes  map[ledger.Status]int
	codes     map[string]int
	arrows    map[string]int
	replayed  int
}

func newTally() *tally {
	return &tally{outcomes: make(map[ledger.Status]int), codes: make(map[string]int), arrows: make(map[string]int)}
}

// taken counts the arrow that an accepted call took from what was known before.
func (n *tally) taken(c call, d *dossier, at int64) {
	count := func(arrow string) { n.arrows[arrow]++ }
	switch c.method {
	case "rights.claim":
		count("none → CLAIMED")
	case "rights.confirm":
		count("CLAIMED → CONFIRMED")
		for _, other := range d.claims {
			if other.id != text(c.a, "right_id") && d.waits(other, at) {
				count("CLAIMED → REJECTED, another confirmed")
			}
		}
	case "rights.reject":
		count("CLAIMED → REJECTED")
	case "rights.refresh":
		if d.at(at).has("STALE") {
			count("-STALE, refresh")
		}
	case "rights.status_event":
		count(eventArrow(c, d, at))
	case "freezes.record":
		if len(d.standing(at)) > 0 {
			count("+FREEZE_QUEUED")
		} else {
			count("+FROZEN")
		}
	case "freezes.renew":
		count("FROZEN, renewed")
	case "freezes.lift":
		count("-FROZEN, lifted")
	default:
		count(c.method)
	}
}

func eventArrow(c call, d *dossier, at int64) string {
	switch event := text(c.a, "event"); event {
	case "FEE_DUE_MISSED":
		return "+IN_GRACE, FEE_DUE_MISSED"
	case "FEE_PAID":
		return "-IN_GRACE, FEE_PAID"
	case "TERMINATED":
		return "IN_GRACE → LAPSED, TERMINATED"
	case "RESTORED":
		return "LAPSED → CONFIRMED, RESTORED"
	case "RENEWED":
		return "mark renewed"
	case "INVALIDATION_FILED":
		return "+INVALIDATION_PENDING"
	case "UPHELD", "PARTLY_INVALID":
		return "-INVALIDATION_PENDING, " + event
	case "INVALID_FINAL":
		return "INVALIDATION_PENDING → INVALIDATED"
	case "OWNERSHIP_SUIT":
		if text(c.a, "until") != "" {
			return "+DISPUTED +SUSPENDED"
		}
		return "+DISPUTED"
	case "SUIT_ENDED":
		return "-DISPUTED, SUIT_ENDED"
	case "TRANSFERRED":
		if len(d.live(at)) > 0 {
			return "TRANSFERRED, pledged"
		}
		return "TRANSFERRED"
	case "ABANDONED":
		if d.flagged("TWIN_APPLICATION", at) && text(c.a, "twin") != "" {
			return "TWIN_APPLICATION → ABANDONED, replaced"
		}
		return "CONFIRMED → ABANDONED"
	case "TWIN_FOUND":
		return "+TWIN_APPLICATION"
	default:
		return "event " + event
	}
}

// passed counts what time did to a right whose record did not change.
func (n *tally) passed(r rights.Record, before, after rights.Status) {
	count := func(arrow string, taken bool) {
		if taken {
			n.arrows[arrow]++
		}
	}
	came := func(flag string) bool { return !before.Has(flag) && after.Has(flag) }
	count("CLAIMED → EXPIRED_CLAIM, by the clock", before.BaseState == rights.Claimed && after.BaseState == rights.ExpiredClaim)
	count("+STALE, by the clock", came(rights.FlagStale))
	count("reservation over, by the clock", before.Has(rights.FlagReserved) && !after.Has(rights.FlagReserved) && after.Pending > 0)
	count("+IN_GRACE, by the clock", came(rights.FlagInGrace))
	count("-SUSPENDED, by the clock", before.Has(rights.FlagSuspended) && !after.Has(rights.FlagSuspended))
	if before.BaseState == rights.Confirmed && after.BaseState == rights.Expired {
		mark := r.Space == "MARK"
		count("CONFIRMED → EXPIRED, by the clock", !mark)
		count("mark in grace → EXPIRED, by the clock", mark && before.Has(rights.FlagInGrace))
	}
	if len(before.Freezes) > 0 && (len(after.Freezes) == 0 || after.Freezes[0].FreezeNo != before.Freezes[0].FreezeNo) {
		count("-FROZEN, by the clock", true)
		count("queued → in force, by the clock", len(after.Freezes) > 0 && slices.ContainsFunc(before.Queued, func(f rights.Freeze) bool {
			return f.FreezeNo == after.Freezes[0].FreezeNo
		}))
	}
}

// String tells all counts, arrows first.
func (n *tally) String() string {
	var b strings.Builder
	total := n.outcomes[ledger.Final] + n.outcomes[ledger.Rejected] + n.outcomes[ledger.Void]
	fmt.Fprintf(&b, "%d histories, %d transactions: %d accepted (%d %%), %d refused, %d void; %d histories replayed\n",
		n.histories, total, n.outcomes[ledger.Final], 100*n.outcomes[ledger.Final]/max(total, 1), n.outcomes[ledger.Rejected], n.outcomes[ledger.Void], n.replayed)
	b.WriteString("of rights:\n")
	for _, arrow := range arrows {
		fmt.Fprintf(&b, "%7d  %s\n", n.arrows[arrow], arrow)
	}
	b.WriteString("of pledges:\n")
	for _, arrow := range pledgeArrows {
		fmt.Fprintf(&b, "%7d  %s\n", n.arrows[arrow], arrow)
	}
	for _, way := range pledgeWays {
		fmt.Fprintf(&b, "%7d  %s\n", n.arrows[way], way)
	}
	b.WriteString("of sales and consents:\n")
	for _, arrow := range dealArrows {
		fmt.Fprintf(&b, "%7d  %s\n", n.arrows[arrow], arrow)
	}
	b.WriteString("of corrections, pools, owners outside and foreign parties:\n")
	for _, arrow := range slices.Concat(correctionArrows, poolArrows, outsideArrows, foreignArrows) {
		fmt.Fprintf(&b, "%7d  %s\n", n.arrows[arrow], arrow)
	}
	b.WriteString("besides:")
	for _, arrow := range slices.Sorted(maps.Keys(n.arrows)) {
		if !slices.Contains(slices.Concat(arrows, pledgeArrows, pledgeWays, dealArrows, correctionArrows, poolArrows, outsideArrows, foreignArrows), arrow) {
			fmt.Fprintf(&b, " %s %d;", arrow, n.arrows[arrow])
		}
	}
	b.WriteString("\nrefusals:")
	for _, code := range slices.Sorted(maps.Keys(n.codes)) {
		fmt.Fprintf(&b, " %s %d;", code, n.codes[code])
	}
	return b.String()
}

// check fails if an arrow was taken too seldom, or too little was accepted.
func (n *tally) check(t *testing.T, least int) {
	total := n.outcomes[ledger.Final] + n.outcomes[ledger.Rejected] + n.outcomes[ledger.Void]
	if 100*n.outcomes[ledger.Final] < 30*total {
		t.Errorf("only %d of %d transactions were accepted", n.outcomes[ledger.Final], total)
	}
	for _, arrow := range slices.Concat(arrows, pledgeArrows) {
		if n.arrows[arrow] < least {
			t.Errorf("%s: taken %d times, want %d", arrow, n.arrows[arrow], least)
		}
	}
	for _, way := range slices.Concat(pledgeWays, dealArrows, correctionArrows, poolArrows, outsideArrows, foreignArrows) {
		if n.arrows[way] < least/5 {
			t.Errorf("%s: taken %d times, want %d", way, n.arrows[way], least/5)
		}
	}
}
