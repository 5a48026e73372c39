// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// The reference is a second reading of DOMAIN, slow and plain, by which random
// histories are judged. It keeps nothing but the calls that the ledger has accepted,
// in their order, and for every question reads all of them that concern the right. It
// asks no contract for anything and sees no record of the state.
//
//	calls accepted ──know──▶ dossier of a right ──at(t)──▶ opinion: base state, flags, freezes, ranks
//	                               └──objection──▶ whether a further call is lawful
//
// What DOMAIN leaves open is read as the package comments of rights, freezes and
// pledges say.
type reference struct {
	figures figures
	log     []told
	about   map[string][]int    // right ──▶ places in log
	claimed map[string]string   // right id ──▶ right
	spelled map[string]string   // TYPE:number ──▶ right
	frozen  map[string]string   // freeze number ──▶ right
	pledges map[string]*applied // by pledge number
	order   []string            // pledge numbers as they came
	numbers map[string]string   // statutory number ──▶ pledge number
	loans   map[string]*lent
	read    map[string]reading // dossiers by right
}

// A told is one call that the ledger has accepted.
type told struct {
	call
	at     int64
	tx     ledger.Hash
	result args
}

// A call is what a history asks of the ledger.
type call struct {
	method  string
	actor   string
	a       args
	signers []ledger.Signer
	change  func(*ledger.Body)
	must    string // code with which the ledger has to refuse it; "": the reference judges
}

const anyCode = "*"

// figures are the numbers of DOMAIN 1.7, 3.1 and 3.3 that a history runs with.
type figures struct {
	claimDays, staleDays, evidenceDays, reservationDays int
	feeGrace, renewalWindow, renewalGrace, suspension   int            // months
	freezeMonths                                        map[string]int // by number space; "" for others
	queues                                              bool
	livePledges                                         int // of one patent
}

func domainFigures() figures {
	return figures{
		claimDays: 90, staleDays: 90, evidenceDays: 7, reservationDays: 14,
		feeGrace: 6, renewalWindow: 12, renewalGrace: 6, suspension: 12,
		freezeMonths: map[string]int{"PATENT": 6, "MARK": 12, "": 36}, queues: true, livePledges: 1,
	}
}

func (f figures) freeze(space string) int {
	if n, ok := f.freezeMonths[space]; ok {
		return n
	}
	return f.freezeMonths[""]
}

// An applied is a pledge from its application on.
type applied struct {
	no                 string
	rights             []string
	pledgors, pledgees []string
	office, state      string
	submitted, until   int64
	last               int64 // time of the newest step
	signed             []string
	acknowledged       []string
	statutory          string
	statutoryAt        int64
	registeredAt       int64
}

type lent struct {
	lender, state string
	pledges       []string
}

func newReference(f figures) *reference {
	return &reference{
		figures: f, about: make(map[string][]int), claimed: make(map[string]string), spelled: make(map[string]string), frozen: make(map[string]string),
		pledges: make(map[string]*applied), numbers: make(map[string]string), loans: make(map[string]*lent),
		read: make(map[string]reading),
	}
}

// hear takes a call that was accepted into the log.
func (m *reference) hear(c call, at int64, tx ledger.Hash, result args, right string) told {
	t := told{call: c, at: at, tx: tx, result: result}
	var of []string
	switch c.method {
	case "rights.claim":
		m.claimed[text(result, "right_id")] = right
		of = []string{right}
	case "rights.confirm", "rights.reject", "rights.refresh", "rights.status_event":
		of = []string{m.claimed[text(c.a, "right_id")]}
	case "freezes.record":
		of = []string{m.rightOf(text(c.a, "right_id"))}
		m.frozen[text(result, "freeze_no")] = of[0]
	case "freezes.renew", "freezes.lift":
		of = []string{m.frozen[text(c.a, "freeze_no")]}
	case "pledges.submit":
		p := &applied{no: text(result, "pledge_no"), state: "SUBMITTED", submitted: at, last: at}
		for _, ref := range texts(c.a, "rights") {
			p.rights = append(p.rights, m.rightOf(ref))
		}
		p.pledgors, p.pledgees = sorted(texts(c.a, "pledgors")), sorted(texts(c.a, "pledgees"))
		if p.office = text(c.a, "office"); p.office == "" {
			p.office = m.know(p.rights[0]).by
		}
		p.acknowledged = texts(c.a, "acknowledgements")
		p.until = at + int64(m.figures.reservationDays)*aDay
		for _, s := range c.signers {
			p.signed = append(p.signed, s.Organisation)
		}
		m.pledges[p.no], m.order = p, append(m.order, p.no)
	case "pledges.accept", "pledges.refuse", "pledges.withdraw", "pledges.register", "pledges.consent_release", "pledges.cancel":
		p := m.pledges[text(c.a, "pledge_no")]
		p.last, p.state = at, map[string]string{
			"pledges.accept": "ACCEPTED", "pledges.refuse": "REFUSED", "pledges.withdraw": "WITHDRAWN",
			"pledges.register": "EFFECTIVE", "pledges.consent_release": "RELEASE_PENDING", "pledges.cancel": "RELEASED",
		}[c.method]
		if c.method == "pledges.register" {
			p.statutory, p.statutoryAt = text(c.a, "statutory_no"), number(c.a, "statutory_time")
			p.registeredAt = at
			m.numbers[p.statutory] = p.no
		}
		of = p.rights
	case "loans.sign":
		m.loans[text(result, "loan_no")] = &lent{lender: c.actor, state: "SIGNED", pledges: texts(c.a, "pledges")}
	case "loans.disburse", "loans.settle":
		l := m.loans[text(c.a, "loan_no")]
		l.state = text(result, "state")
		l.pledges = append(l.pledges, texts(c.a, "pledges")...)
	}
	m.log = append(m.log, t)
	for _, right := range of {
		m.about[right] = append(m.about[right], len(m.log)-1)
	}
	return t
}

// rightOf finds the right that a reference of the driver means: a right id or
// TYPE:number.
func (m *reference) rightOf(ref string) string {
	if right, ok := m.claimed[ref]; ok {
		return right
	}
	return m.spelled[ref]
}

// waiting are the applications for a right.
func (m *reference) waiting(right string) (out []*applied) {
	for _, no := range m.order {
		if p := m.pledges[no]; (p.state == "SUBMITTED" || p.state == "ACCEPTED") && slices.Contains(p.rights, right) {
			out = append(out, p)
		}
	}
	return out
}

// stateOf is the state of a pledge at a time: once all of its rights are over it is
// extinguished, of a right held invalid as if it had never stood (INV-21).
func (m *reference) stateOf(p *applied, at int64) string {
	if p.state != "EFFECTIVE" && p.state != "RELEASE_PENDING" {
		return p.state
	}
	for _, right := range p.rights {
		if !m.know(right).ends(p.no, at) {
			return p.state
		}
	}
	return "EXTINGUISHED"
}

// The driver's arguments are maps of texts, whole numbers and lists.

func text(a args, name string) string {
	s, _ := a[name].(string)
	return s
}

func number(a args, name string) int64 {
	n, _ := a[name].(int64)
	return n
}

func texts(a args, name string) []string {
	list, _ := a[name].([]string)
	return list
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// signs tells whether somebody of an organisation countersigns a call.
func (c call) signs(organisation string) bool {
	return slices.ContainsFunc(c.signers, func(s ledger.Signer) bool {
		return s.Organisation == organisation && s.Role == "countersigner"
	})
}
