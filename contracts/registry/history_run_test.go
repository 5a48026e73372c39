// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// live runs a history of so many blocks.
func (h *history) live(blocks int) {
	for range blocks {
		h.step(h.calls())
		if ended(h.ref.know(pick(h.draw, h.subjects...).right).base(h.time)) {
			h.addSubject()
		}
		h.pass()
	}
}

// length is how many blocks a history has: those of pledges take longer.
func (h *history) length() int {
	if h.lending {
		return 22 + h.draw.below(20)
	}
	return 15 + h.draw.below(15)
}

// calls are the calls of the next block, made in what is known before it. Most are
// lawful then; what they are after those before them in the block is another matter.
func (h *history) calls() []call {
	var list []call
	if h.draw.chance(5) {
		list = h.peopleCalls()
	}
	if h.draw.chance(22) {
		if c, found := h.correctionCall(); found {
			if h.draw.chance(6) {
				c = h.spoil(c)
			}
			list = append(list, c)
		}
	}
	list = append(list, h.mandateCalls()...)
	claimed := 0
	n := 1 + h.draw.below(4)
	if h.lending {
		n += h.draw.below(3)
	}
	for range n {
		c := h.callOf(h.subject())
		for range 3 {
			if c.method == "rights.claim" && claimed > 0 && h.draw.chance(70) {
				c = h.callOf(h.subject())
				continue
			}
			if h.ref.object(c, h.subjectOf(c), h.time) == "" || h.draw.chance(30) {
				break
			}
			c = h.callOf(h.subject())
		}
		if c.method == "rights.claim" {
			claimed++
		}
		if h.draw.chance(12) {
			c = h.spoil(c)
		}
		list = append(list, c)
	}
	return list
}

// subject picks a right, rarely one that is over.
func (h *history) subject() subject {
	s := pick(h.draw, h.subjects...)
	for range 2 {
		if d := h.ref.know(s.right); !ended(d.base(h.time)) || d.over == "LAPSED" {
			break
		}
		s = pick(h.draw, h.subjects...)
	}
	return s
}

// callOf picks what somebody does about a right.
func (h *history) callOf(s subject) call {
	d := h.ref.know(s.right)
	n := h.draw.below(100)
	switch {
	case d.id == "" && (d.base(h.time) != "CLAIMED" || n < 15 && !h.lending):
		return h.claimCall(s)
	case d.id == "":
		return h.answerCall(d)
	case n < 2:
		return h.claimCall(s)
	case h.lending && n > 12 && d.base(h.time) == "CONFIRMED":
		return h.pledgeCall(s, d)
	case n < 15:
		return h.refreshCall(d)
	case n < 45 || d.over != "" || d.space != "PATENT" && n < 65:
		return h.eventCall(d)
	case n < 60 && h.tempo > 0 || n < 50 || d.space != "PATENT" && n < 90:
		return h.freezeCall(d)
	}
	return h.pledgeCall(s, d)
}

// step executes a block of calls, in which now and then one transaction comes again or
// comes too late, and judges every outcome in the order of execution.
func (h *history) step(calls []call) {
	var txs []*ledger.Transaction
	var of []*call
	for i := range calls {
		c := &calls[i]
		change := func(b *ledger.Body) {
			if c.seal {
				sum := h.network.Suite.Sum([]byte(b.ClientRef))
				b.Commitments = [][]byte{sum[:]}
			}
			if c.change != nil {
				c.change(b)
			}
		}
		txs, of = append(txs, h.tx(c.method, c.a, c.signers, change)), append(of, c)
		switch {
		case h.draw.chance(1):
			txs, of = append(txs, txs[len(txs)-1]), append(of, nil)
		case h.draw.chance(1) && len(h.blocks) > 0:
			txs, of = append(txs, pick(h.draw, pick(h.draw, h.blocks...).txs...)), append(of, nil)
		case h.draw.chance(1):
			late := h.tx(c.method, c.a, c.signers, func(b *ledger.Body) { b.ValidUntil = h.time - 1 })
			txs, of = append(txs, late), append(of, nil)
		}
	}
	here := h.here()
	outcomes, changes, err := contracts.Execute(h.methods, h.state, here, txs)
	if err != nil {
		h.t.Fatal(err)
	}
	h.blocks = append(h.blocks, made{here, txs, outcomes})
	h.height++
	for i, o := range outcomes {
		wantWords(h.t, o)
		h.judge(of[i], txs[i], o)
	}
	h.checkChanges(changes)
	before := make(map[string][]byte, len(changes))
	for _, c := range changes {
		if old, existed := h.state[c.Key]; existed {
			before[c.Key] = old
		}
	}
	h.apply(changes)
	h.checkState(changes, before)
	h.checkRights(changes)
}

// judge compares an outcome with what the reference says of the call. A call that is
// nil has to be void.
func (h *history) judge(c *call, tx *ledger.Transaction, o ledger.Outcome) {
	h.tally.outcomes[o.Status]++
	if c == nil || o.Status == ledger.Void {
		if c != nil || o.Status != ledger.Void {
			h.fail("%s %v: %v %+v, want VOID only of what comes again or too late", tx.Body().Method, tx.ID(), o.Status, o.Details)
		}
		return
	}
	right := h.subjectOf(*c)
	if c.must != "" && h.ref.objectMandates(*c, h.time) != "" {
		c.must = anyCode // whichever is found first
	}
	why, unsure := "", false
	if c.must == "" {
		why, unsure = h.ref.object(*c, right, h.time), h.ref.unsure(*c, h.time)
	}
	accepted := o.Status == ledger.Final
	if !accepted && c.method == "corrections.correct_error" && followed(o) {
		unsure = true
		h.tally.arrows["correction refused, something rests on the entry"]++
	}
	if accepted && c.must == "" && !unsure {
		h.checkCall(*c)
	}
	switch {
	case c.must != "" && (accepted || c.must != anyCode && c.must != o.Code):
		h.fail("%s %v by %s: %v %s %+v, want %s", c.method, c.a, c.actor, o.Status, o.Code, o.Details, c.must)
	case c.must == "" && !unsure && accepted != (why == ""):
		h.fail("%s %v by %s: %v %s %+v, the reference says %q", c.method, c.a, c.actor, o.Status, o.Code, o.Details, why)
	}
	if !accepted {
		h.tally.codes[o.Code]++
		if strings.HasSuffix(why, noMandate) {
			h.tally.arrows["foreign, refused without a mandate"]++
		}
		if strings.HasSuffix(why, "would own what is pledged to it") {
			h.tally.arrows["forfeiture, refused"]++
		}
		return
	}
	h.checkSigners(tx)
	result := h.result(c.method, o)
	var before *dossier
	of := h.rightBefore(*c, right)
	if of != "" {
		before = h.ref.know(of)
	}
	over := h.statesOf(of)
	var was applied
	state := "none"
	if p := h.ref.pledges[h.ref.pledgeOf(*c, result)]; p != nil {
		was, state = *p, h.ref.stateOf(p, h.time)
	}
	if c.applies() {
		h.checkManifest(*c, result)
	}
	if c.method == "pledges.register" && slices.ContainsFunc(was.rights, func(right string) bool { return len(h.ref.know(right).live(h.time)) > 0 }) {
		h.tally.arrows["registered beside others, in a rank"]++
	}
	heard := *c
	heard.seal = len(tx.Body().Commitments) > 0
	h.ref.hear(heard, h.time, tx.ID(), result, right)
	h.tally.foreign(*c)
	h.tally.dealt(h.ref, *c, before, h.time)
	switch c.method {
	case "rights.status_event":
		h.checkArrow(*c, before, h.ref.know(before.right))
	case "pledges.accept", "pledges.correct":
		h.checkDue(*c, result)
	}
	switch contract, _, _ := strings.Cut(c.method, "."); contract {
	case "pledges":
		h.tally.stepped(*c, was, state)
		return
	case "disposals", "consents":
		return
	case "corrections":
		h.tally.righted(h.ref, *c)
		return
	case "pools":
		if h.tally.pooled(h.ref, *c, result); c.method == "pools.pledge" {
			h.tally.stepped(call{method: "pledges.submit"}, was, state)
		}
		return
	}
	h.tally.taken(*c, before, h.time)
	if before != nil {
		h.tally.outsiders(before, h.ref.know(before.right))
		h.tally.shown(before, h.ref.know(before.right), h.time)
		h.tally.ended(h.ref, over, h.time)
	}
}

// statesOf are the states of the pledges that a right has.
func (h *history) statesOf(right string) map[string]string {
	states := make(map[string]string)
	if right != "" {
		for _, e := range h.ref.know(right).live(h.time) {
			states[e.no] = h.ref.stateOf(h.ref.pledges[e.no], h.time)
		}
	}
	return states
}

// subjectOf is the right that a claim is of.
func (h *history) subjectOf(c call) string {
	for _, s := range h.subjects {
		if s.number == text(c.a, "number") && (s.kind == text(c.a, "type") || text(c.a, "type") == "PATENT") {
			return s.right
		}
	}
	return ""
}

// rightBefore is the right that a call of package rights or freezes is about.
func (h *history) rightBefore(c call, claimed string) string {
	switch {
	case c.method == "rights.claim":
		return claimed
	case strings.HasPrefix(c.method, "rights."):
		return h.ref.claimed[text(c.a, "right_id")]
	case c.method == "freezes.record":
		return h.ref.rightOf(text(c.a, "right_id"))
	case strings.HasPrefix(c.method, "freezes."):
		return h.ref.frozen[text(c.a, "freeze_no")]
	}
	return ""
}

// pass lets time go by: seconds or months, or until something ends by itself.
func (h *history) pass() {
	from, n := h.time, h.draw.below(10)
	if h.draw.chance(60) && slices.ContainsFunc(h.subjects, func(s subject) bool { return h.ref.know(s.right).base(h.time) == "CLAIMED" }) {
		n = 4 // somebody answers soon
	}
	switch {
	case h.selling && h.draw.chance(65) && len(h.saleTimes()) > 0:
		h.time = max(from+1, pick(h.draw, h.saleTimes()...)+pick(h.draw, int64(-1), 0, 0, 0, 0, 1))
	case n < 2:
		if ends := h.endings(); len(ends) > 0 {
			h.time = max(from+1, pick(h.draw, ends...)+pick(h.draw, int64(-1), 0, 0, 1))
			break
		}
		fallthrough
	case n < 5:
		h.time += 1 + h.draw.span(pick(h.draw, int64(1000), 60_000, 3600_000))
	case n < 8 || h.tempo == 0:
		h.time += 1 + h.draw.span(pick(h.draw, int64(3600_000), aDay))
	case h.tempo == 1:
		h.time += 1 + h.draw.span(12*aDay)
	default:
		h.time += 1 + h.draw.span(200*aDay)
	}
	h.countClock(from, h.time)
}

// endings are the moments ahead at which something ends by itself.
func (h *history) endings() (out []int64) {
	f := h.ref.figures
	for _, s := range h.subjects {
		d := h.ref.know(s.right)
		for _, c := range d.claims {
			if c.state == "" && d.id == "" {
				out = append(out, dayOver(plusDays(dayOf(c.at), f.claimDays)))
			}
		}
		for _, z := range d.freezes {
			out = append(out, z.end(), z.end())
		}
		for _, z := range d.standing(h.time)[:len(d.standing(h.time))/2] { // others wait for it
			out = append(out, z.end(), z.end(), z.end())
		}
		days := []string{d.expiry, d.renewable(), d.renewable(), d.renewable()}
		if d.feeOwed(h.time) {
			days = append(days, d.feeDeadline())
		} else if d.feeStatus == "" {
			days = append(days, d.feeDue)
		}
		for _, f := range d.facts {
			days = append(days, f.until)
		}
		for _, day := range days {
			if day != "" {
				out = append(out, dayOver(day))
			}
		}
		if d.id != "" && h.tempo > 0 {
			out = append(out, dayOver(plusDays(dayOf(d.read), f.staleDays)))
		}
		for _, p := range h.ref.waiting(s.right, h.time) {
			out = append(out, p.until[s.right])
			if p.state == "CORRECTION" {
				out = append(out, p.lapses, p.lapses)
			}
		}
		for _, e := range d.live(h.time) {
			if e.end != "" {
				out = append(out, dayOver(e.end), dayOver(e.end))
			}
		}
	}
	// What lies more than two years ahead is nothing to wait for, unless nothing else is.
	near := slices.DeleteFunc(slices.Clone(out), func(at int64) bool { return at <= h.time || at > h.time+800*aDay })
	if len(near) > 0 {
		return near
	}
	return slices.DeleteFunc(out, func(at int64) bool { return at <= h.time || at > h.time+8000*aDay })
}

// countClock counts what the passing of time did to the rights, by the ledger's own
// answers before and after.
func (h *history) countClock(from, to int64) {
	parameters := h.town.parameters
	for _, no := range h.ref.asked {
		k := h.ref.consents[no]
		if k.breach != 0 || k.refused != 0 {
			continue
		}
		record := read[rights.Consent](h.world, rights.ConsentKey(no))
		right, _ := h.record(k.right)
		h.tally.passedConsent(record.StateAt(right, from), record.StateAt(right, to))
	}
	for _, no := range h.ref.order {
		if p := h.ref.pledges[no]; p.state == "CORRECTION" || p.alive() {
			record, of := h.pledge(no)
			h.tally.passedPledge(record.StateAt(of, from, parameters), record.StateAt(of, to, parameters))
		}
	}
	for _, s := range h.subjects {
		if r, ok := h.record(s.right); ok {
			h.tally.passed(r, rights.StatusOf(r, from, parameters), rights.StatusOf(r, to, parameters))
		}
	}
}

// fail stops a history and says how to run it again.
func (h *history) fail(format string, what ...any) {
	h.t.Helper()
	h.t.Fatalf("seed %d, block %d, %s: "+format+"\nagain: IPLEDGER_HISTORY_SEED=%d go test ./contracts/registry -run RandomHistories -v",
		append(append([]any{h.seed, h.height, dayOf(h.time)}, what...), h.seed)...)
}
