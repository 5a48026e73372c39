// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// TestRandomHistoriesHoldTheInvariants holds the rules of DOMAIN for rights, freezes,
// pledges, consents and disposals, its invariants INV-01 to 06, 09 to 11, 13, 20 to 25, 27 and 30 first of
// all, over histories in which everybody does as he likes. The reference judges them.
func TestRandomHistoriesHoldTheInvariants(t *testing.T) {
	first, histories := uint64(1), 2000
	if testing.Short() {
		histories = 200
	}
	if n, err := strconv.Atoi(os.Getenv("IPLEDGER_HISTORIES")); err == nil {
		histories = n
	}
	if seed, err := strconv.ParseUint(os.Getenv("IPLEDGER_HISTORY_SEED"), 10, 64); err == nil {
		first, histories = seed, 1
	}
	var towns []*town
	for _, v := range variants {
		towns = append(towns, newTown(t, v.parameters))
	}
	counts := newTally()
	for seed := first; seed < first+uint64(histories); seed++ {
		h := newHistory(t, towns, seed, counts)
		h.live(h.length())
		h.checkTexts()
		h.checkPledges()
		if seed%20 == 0 || histories == 1 {
			h.checkReplay()
			counts.replayed++
		}
		counts.histories++
	}
	t.Log(counts)
	if histories >= 2000 {
		counts.check(t, 100)
	}
}

// checkRights holds the ledger's answers about rights against the reference's, now and at
// moments ahead: the records alone say what will be then (INV-20), whoever asks. After a
// block those it has changed are asked about, and one more, with whom nothing but time
// has passed.
func (h *history) checkRights(changes []contracts.Change) {
	other := pick(h.draw, h.subjects...)
	for _, s := range h.subjects {
		if s != other && !slices.ContainsFunc(changes, func(c contracts.Change) bool { return c.Key == "rights/"+s.right }) {
			continue
		}
		d := h.ref.know(s.right)
		record, known := h.record(s.right)
		if !known {
			if len(d.claims) > 0 {
				h.fail("no record of %s", s.right)
			}
			continue
		}
		times := []int64{h.time, h.time + h.draw.span(30*aDay), h.time + h.draw.span(3000*aDay)}
		for _, f := range d.freezes {
			times = append(times, f.end()-1, f.end())
		}
		for _, day := range []string{d.expiry, d.renewable(), d.feeDue} {
			if day != "" && h.draw.chance(30) {
				times = append(times, dayOver(day)-1, dayOver(day))
			}
		}
		for _, at := range times {
			if at < h.time {
				continue
			}
			got, want := opinionOf(record, at, h.town.parameters), d.at(at)
			if got.base == "REJECTED" && want.base == "EXPIRED_CLAIM" || got.base == "EXPIRED_CLAIM" && want.base == "REJECTED" {
				want.base = got.base // of several claims that are over, DOMAIN does not say whose state is the right's
			}
			if !got.equals(want) {
				h.fail("%s at %s:\n%s, by the reference\n%s", s.right, dayOf(at), got, want)
			}
		}
		if len(d.live(h.time)) > 1 {
			h.tally.arrows["rights with several ranks"]++
		}
		h.checkClaims(d, record)
	}
}

// opinionOf puts the ledger's answer into the words of the reference.
func opinionOf(r rights.Record, at int64, p contracts.Parameters) opinion {
	s := rights.StatusOf(r, at, p)
	o := opinion{
		base: string(s.BaseState), value: string(s.Value), flags: s.Flags, ranks: s.Ranks, burdens: len(s.Encumbrances),
		reservations: len(s.Reservations), pending: s.Pending,
	}
	for _, f := range s.Freezes {
		o.inForce += f.FreezeNo
	}
	for _, f := range s.Queued {
		o.queued = append(o.queued, f.FreezeNo)
	}
	for _, e := range s.Pledges {
		o.pledges = append(o.pledges, e.PledgeNo)
	}
	for _, c := range rights.Conflicts(r, at) {
		o.conflicts = append(o.conflicts, c.Subject+" "+c.Fact)
	}
	slices.Sort(o.conflicts)
	return o
}

// checkClaims holds every claim of a right against the reference.
func (h *history) checkClaims(d *dossier, record rights.Record) {
	if record.RightID != d.id || d.id != "" && !(slices.Equal(record.Owners, d.owners) && slices.Equal(sorted(record.Outsiders), d.outside)) || record.Events != uint64(d.events) ||
		record.StruckClaims != d.struck || record.Twin != d.twin {
		h.fail("%s: %+v, want id %s, owners %v, %d events, struck %q, twin %q", d.right, record, d.id, d.owners, d.events, d.struck, d.twin)
	}
	var waiting []string
	for _, c := range record.ClaimsPending {
		waiting = append(waiting, c.RightID)
	}
	for _, c := range d.claims {
		if listed := slices.Contains(waiting, c.id); d.waits(c, h.time) && !listed || c.state != "" && listed {
			h.fail("%s: claim %s is %q, and %v are listed as waiting", d.right, c.id, c.state, waiting)
		}
		want := c.state
		switch {
		case want == "" && d.waits(c, h.time):
			want = "CLAIMED"
		case want == "":
			want = "EXPIRED_CLAIM"
		}
		claim := read[rights.Claim](h.world, rights.ClaimKey(c.id))
		if got := string(claim.StateAt(h.time, h.town.parameters)); got != want || !slices.Equal(claim.Owners, c.owners) {
			h.fail("claim %s of %v is %s, want %s of %v", c.id, claim.Owners, got, want, c.owners)
		}
	}
}

// checkArrow holds that an event has led where its arrow in DOMAIN 3.1 points.
func (h *history) checkArrow(c call, before, after *dossier) {
	next := text(c.a, "fee_due")
	led := true
	switch text(c.a, "event") {
	case "FEE_DUE_MISSED":
		led = after.feeOwed(h.time)
	case "FEE_PAID", "RESTORED":
		led = !after.feeOwed(h.time) || past(next, h.time)
	case "TERMINATED":
		led = after.base(h.time) == "LAPSED"
	case "INVALIDATION_FILED":
		led = after.flagged("INVALIDATION_PENDING", h.time) || after.overSince("INVALIDATION_PENDING", number(c.a, "fact_time"))
	case "INVALID_FINAL":
		led = after.base(h.time) == "INVALIDATED"
	case "OWNERSHIP_SUIT":
		led = after.flagged("DISPUTED", h.time) || after.overSince("DISPUTED", number(c.a, "fact_time"))
	case "ABANDONED":
		led = after.base(h.time) == "ABANDONED"
	case "TRANSFERRED":
		led = !after.others(c.a) || number(c.a, "fact_time") < before.ownersSince
	}
	if !led {
		h.fail("%v was accepted and led nowhere: %s, before it %s", c.a, after.at(h.time), before.at(h.time))
	}
}

// checkSigners holds INV-22: of what is accepted, no person and no key signs twice; and for
// a foreign organisation its agency has signed, but for what it administers itself.
func (h *history) checkSigners(tx *ledger.Transaction) {
	seen := make(map[string]bool)
	for _, s := range tx.Body().Signers {
		if seen[s.Key.String()] {
			h.fail("%s: %v signs twice", tx.Body().Method, s)
		}
		seen[s.Key.String()] = true
		own, foreign := h.town.own[s.Organisation]
		if foreign && (s.Key == own.Key || s.Key == h.who(s.Organisation, contracts.Admin).Key) == (s.Role != contracts.Admin) {
			h.fail("%s: %v is not its agency", tx.Body().Method, s)
		}
	}
}
