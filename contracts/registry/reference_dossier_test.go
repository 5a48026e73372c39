// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"cmp"
	"slices"
	"strings"
)

// A dossier is what the calls that were accepted say of one right.
type dossier struct {
	m      *reference
	right  string // SPACE/number
	space  string
	kind   string // right code
	claims []*waitingRoom

	id, by                           string // of the confirmed claim, and who confirmed it
	owners                           []string
	filing, grant, expiry, published string
	feeStatus, feeDue                string
	feeAt                            int64 // when feeStatus was true at the register
	feeTold                          int64 // when the ledger was told first that a fee was missed
	read                             int64 // when the register was read last
	burdensTold, burdensRead         int64 // when the ledger was told last which burdens it has, and when it was read for that
	over                             string
	overFrom                         int64
	overTold                         int64
	facts                            []*fact // in the order in which they were told
	burdens                          []burden
	freezes                          []*frozen
	entries                          []*entry   // in the order of their registration on the ledger
	agreed                           [][]string // orders of ranks, the oldest first
	ownersBefore                     []string
	outside, outsideBefore           []string // owners that are not on this ledger, by their names, sorted
	ownersSince                      int64
	ownersTold                       int64
	sale                             *disposal // the newest that is settled
	entered                          bool      // its buyers
	newest                           int64     // fact time of the newest event
	twin                             string
	events                           int
	struck                           string
}

// A waitingRoom is a claim.
type waitingRoom struct {
	id, by, office, state string // "" waits
	owners, outside       []string
	at                    int64
}

// A fact is a flag that the register tells, of one proceeding.
type fact struct {
	flag, caseNo       string
	since, known, told int64
	until              string // last day
	ended              int64  // 0: nobody has told an end
	shown              bool   // by a look at the register, without its event
}

func (f *fact) stands(at int64) bool {
	return f.since <= at && !past(f.until, at) && (f.ended == 0 || at < f.ended)
}

// A burden is one that the register shows from elsewhere.
type burden struct {
	kind, no    string
	from, until int64
}

func (b burden) inForce(at int64) bool { return b.from <= at && (b.until == 0 || at < b.until) }

// burdens tells whether a pledge would have to stand behind it.
func (b burden) burdens(at int64) bool { return b.kind != "LICENCE" && b.inForce(at) }

// is tells whether it is the pledge of the ledger that was registered at a time.
func (b burden) is(no string, at int64) bool {
	return b.kind == "PLEDGE" && b.no == no && (b.from == 0 || dayOf(b.from) == dayOf(at))
}

// A frozen is a freeze with the orders that made it last.
type frozen struct {
	no, court string
	docs      []string
	received  int64
	until     string
	lifted    int64
	told      int64
}

// end is when a freeze is over: with its last day, or when it was lifted.
func (f *frozen) end() int64 {
	if f.lifted != 0 {
		return min(f.lifted, dayOver(f.until))
	}
	return dayOver(f.until)
}

func (f *frozen) stands(at int64) bool { return f.received <= at && at < f.end() }

// know is the dossier of a right, which is read again after each call about it. It must
// not be changed.
func (m *reference) know(right string) *dossier {
	calls := len(m.about[right])
	if r, ok := m.read[right]; ok && r.calls == calls {
		return r.dossier
	}
	d := m.compile(right)
	m.read[right] = reading{d, calls}
	return d
}

// A reading is a dossier of so many calls.
type reading struct {
	dossier *dossier
	calls   int
}

// compile reads all that was accepted about a right.
func (m *reference) compile(right string) *dossier {
	d := &dossier{m: m, right: right}
	d.space, _, _ = strings.Cut(right, "/")
	for _, i := range m.about[right] {
		if t, annulled := m.saidOf(i); annulled {
			d.forget(t, m.righted[i].at)
		} else {
			d.take(t)
		}
	}
	return d
}

func (d *dossier) claim(id string) *waitingRoom {
	for _, c := range d.claims {
		if c.id == id {
			return c
		}
	}
	return nil
}

// waits tells whether a claim has no answer yet and is not too old for one.
func (d *dossier) waits(c *waitingRoom, at int64) bool {
	return c.state == "" && !older(c.at, at, d.m.figures.claimDays)
}

func (d *dossier) freeze(no string) *frozen {
	for _, f := range d.freezes {
		if f.no == no {
			return f
		}
	}
	return nil
}

// take reads one call.
func (d *dossier) take(t told) {
	a := t.a
	switch t.method {
	case "rights.claim":
		d.kind = text(t.result, "type")
		d.claims = append(d.claims, &waitingRoom{
			id: text(t.result, "right_id"), by: t.actor, office: text(a, "office"), owners: sorted(texts(a, "owners")), outside: sorted(texts(a, "outside_owners")), at: t.at,
		})
	case "rights.confirm":
		for _, c := range d.claims {
			if c.id == text(a, "right_id") {
				c.state = "CONFIRMED"
				d.id, d.by, d.owners, d.outside = c.id, t.actor, c.owners, c.outside
			} else if d.waits(c, t.at) {
				c.state = "REJECTED" // nobody can squat on a number
			}
		}
		d.look(t)
	case "rights.reject":
		d.claim(text(a, "right_id")).state = "REJECTED"
	case "rights.refresh":
		d.look(t)
		if d.others(a) {
			d.own(a, d.read, t.at)
		}
	case "rights.status_event":
		d.events++
		d.newest = max(d.newest, number(a, "fact_time"))
		d.happen(t)
		if shown, given := a["registrar_encumbrances"].([]args); given {
			read := number(a, "known_time")
			if read == 0 {
				read = t.at
			}
			d.showBurdens(shown, read, t.at)
		}
	case "freezes.record":
		until := text(a, "until")
		if until == "" {
			until = plusMonths(dayOf(number(a, "received_at")), d.m.figures.freeze(d.space))
		}
		d.freezes = append(d.freezes, &frozen{
			no: text(t.result, "freeze_no"), court: cmp.Or(text(a, "court"), t.actor), docs: []string{text(a, "doc_no")},
			received: number(a, "received_at"), until: until, told: t.at,
		})
	case "freezes.renew":
		f := d.freeze(text(a, "freeze_no"))
		f.docs = append(f.docs, text(a, "doc_no"))
		if f.until = text(a, "until"); f.until == "" {
			f.until = plusMonths(dayOf(number(a, "received_at")), d.m.figures.freeze(d.space))
		}
	case "freezes.lift":
		f := d.freeze(text(a, "freeze_no"))
		f.docs = append(f.docs, text(a, "doc_no"))
		if f.lifted = number(a, "lifted_at"); f.lifted == 0 {
			f.lifted = t.at
		}
	case "disposals.settle":
		d.sale, d.entered = d.m.disposals[text(a, "disposal_no")], false
	case "corrections.correct_error":
		switch _, timed := a["cancellation_time"]; {
		case t.pledge.no == "":
		case timed || a["annulled"] == true:
			d.rightEnd(t)
		default:
			d.rightEntry(t.pledge)
		}
	default:
		if strings.HasPrefix(t.method, "pledges.") {
			d.enter(t)
		}
	}
}

// look takes over what the register shows: what is not given stays as it was, a list
// that is given takes the place of the one before.
func (d *dossier) look(t told) {
	a := t.a
	captured := number(a["evidence"].(args), "captured_at")
	d.read = captured
	for name, kept := range map[string]*string{
		"filing_date": &d.filing, "grant_date": &d.grant, "expiry_date": &d.expiry, "first_public": &d.published,
	} {
		if given := text(a, name); given != "" {
			*kept = given
		}
	}
	if due := text(a, "fee_due"); due != "" {
		d.feeDue = due
	}
	if status := text(a, "fee_status"); status != "" {
		if status != "PAID" && (d.feeTold == 0 || d.feeStatus == "PAID") {
			d.feeTold = t.at
		}
		d.feeStatus, d.feeAt = status, captured
	}
	if d.expiry == "" {
		d.expiry = d.lawfulLife()
	}
	if flags, given := a["flags"].([]string); given {
		d.showFlags(flags, captured, t.at)
	}
	if shown, given := a["registrar_encumbrances"].([]args); given {
		d.showBurdens(shown, captured, t.at)
	}
	switch status := text(a, "legal_status"); {
	case status == d.over || status == "" && d.over != "":
	case status == "GRANTED" || status == "":
		if d.over == "LAPSED" && text(a, "fee_status") == "" {
			d.feeStatus, d.feeAt = "PAID", captured // it was restored
		}
		d.over, d.overFrom, d.overTold = "", 0, 0
	default:
		d.over, d.overFrom, d.overTold = status, captured, t.at
		if status == "LAPSED" && d.feeDue != "" && d.feeOwed(captured) {
			d.overFrom = midnight(d.feeDue) // for the fee, from its due date
		}
		if status == "INVALIDATED" {
			d.overFrom = 0 // it never was
		}
	}
}

// showFlags takes over the flags that a look at the register shows: what stood and is
// shown no more has ended by then, and what is new began no earlier than is known.
func (d *dossier) showFlags(flags []string, captured, now int64) {
	for _, f := range d.facts {
		if f.flag != "REVALUE" && f.ended == 0 && f.stands(captured) && !slices.Contains(flags, f.flag) {
			f.ended = captured
		}
	}
	for _, flag := range flags {
		if d.flagged(flag, captured) {
			continue
		}
		f := &fact{flag: flag, since: captured, known: captured, told: now, shown: true}
		if flag == "SUSPENDED" {
			f.until = plusMonths(dayOf(captured), d.m.figures.suspension)
		}
		d.facts = append(d.facts, f)
	}
}

// showBurdens takes over the burdens that a look at the register shows, without what the
// ledger knows better: its own pledges and freezes. A live pledge of the ledger that the
// register had by then and does not show is in doubt until it is shown again.
func (d *dossier) showBurdens(shown []args, read, now int64) {
	d.burdens, d.burdensTold, d.burdensRead = nil, now, read
	listed := func(no string) bool {
		return slices.ContainsFunc(shown, func(s args) bool { return text(s, "kind") == "PLEDGE" && text(s, "statutory_no") == no })
	}
	for _, e := range d.entries {
		switch {
		case e.gone:
		case listed(e.statutory):
			e.missing = false
		case e.since <= read && !past(e.end, read):
			e.missing = true
		}
	}
	for _, s := range shown {
		b := burden{text(s, "kind"), text(s, "statutory_no"), number(s, "time"), number(s, "until")}
		own := b.kind == "PLEDGE" && slices.ContainsFunc(d.live(read), func(e *entry) bool { return e.statutory == b.no })
		if b.kind == "PRESERVATION" {
			own = own || slices.ContainsFunc(d.freezes, func(f *frozen) bool { return dayOf(f.received) == dayOf(b.from) })
			if b.until == 0 {
				from := dayOf(b.from)
				if b.from == 0 {
					from = dayOf(now)
				}
				b.until = dayOver(plusMonths(from, d.m.figures.freeze(d.space)))
			}
		}
		if !own {
			d.burdens = append(d.burdens, b)
		}
	}
}

// lawfulLife is the last day of a right by DOMAIN 1.2, where the register says none.
func (d *dossier) lawfulLife() string {
	from := func(date string, years int) string {
		if date == "" {
			return ""
		}
		return plusDays(plusYears(date, years), -1)
	}
	switch d.kind {
	case "PAT_INV":
		return from(d.filing, 20)
	case "PAT_UM":
		return from(d.filing, 10)
	case "PAT_DES":
		if d.filing < "2021-06-01" {
			return from(d.filing, 10)
		}
		return from(d.filing, 15)
	case "TM", "TM_CERT", "TM_COLL":
		return from(d.grant, 10)
	case "IC_LAYOUT":
		if d.published != "" && (d.filing == "" || d.published < d.filing) {
			return from(d.published, 10)
		}
		return from(d.filing, 10)
	case "PLANT_VAR":
		return from(d.grant, 15)
	}
	if d.published != "" {
		return plusYears(d.published, 50)[:4] + "-12-31"
	}
	return ""
}

func (d *dossier) feeDeadline() string {
	if d.feeDue == "" {
		return ""
	}
	return plusMonths(d.feeDue, d.m.figures.feeGrace)
}

// renewable is the last day on which a mark may still be renewed.
func (d *dossier) renewable() string {
	if d.space != "MARK" || d.expiry == "" {
		return ""
	}
	return plusMonths(d.expiry, d.m.figures.renewalGrace)
}

// told are the flags that stand, sorted, each once.
func (d *dossier) told(at int64) (flags []string) {
	for _, f := range d.facts {
		if f.stands(at) {
			flags = append(flags, f.flag)
		}
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}

func (d *dossier) flagged(flag string, at int64) bool { return slices.Contains(d.told(at), flag) }

// frozenAt tells whether a court's freeze was in force, of the ledger or of the register.
func (d *dossier) frozenAt(at int64) bool {
	return len(d.standing(at)) > 0 || slices.ContainsFunc(d.burdens, func(b burden) bool { return b.kind == "PRESERVATION" && b.inForce(at) })
}

// others tells whether a list of owners is given that are not those of before: on this
// ledger, or outside of it.
func (d *dossier) others(a args) bool {
	owners, outside := sorted(texts(a, "owners")), sorted(texts(a, "outside_owners"))
	return len(owners)+len(outside) > 0 && !(slices.Equal(owners, d.owners) && slices.Equal(outside, d.outside))
}

// own notes who owns the right since a time.
func (d *dossier) own(a args, since, told int64) {
	d.ownersBefore, d.outsideBefore = d.owners, d.outside
	d.owners, d.outside, d.ownersSince, d.ownersTold = sorted(texts(a, "owners")), sorted(texts(a, "outside_owners")), since, told
}

// outsideAt are the owners of a time that are not on this ledger.
func (d *dossier) outsideAt(at int64) []string {
	if at < d.ownersSince {
		return d.outsideBefore
	}
	return d.outside
}

// ownersAt are the owners at a time at the register.
func (d *dossier) ownersAt(at int64) []string {
	if at < d.ownersSince {
		return d.ownersBefore
	}
	return d.owners
}

// then is the base state at a time at the register: what ended later had not ended.
func (d *dossier) then(at int64) string {
	if d.over != "" && at < d.overFrom {
		before := *d
		before.over = ""
		return before.base(at)
	}
	return d.base(at)
}
