// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"

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
// What DOMAIN leaves open is read as the package comments of rights, freezes, pledges,
// disposals and consents say.
type reference struct {
	figures   figures
	log       []told
	about     map[string][]int    // right ──▶ places in log
	claimed   map[string]string   // right id ──▶ right
	spelled   map[string]string   // TYPE:number ──▶ right
	frozen    map[string]string   // freeze number ──▶ right
	pledges   map[string]*applied // by pledge number
	order     []string            // pledge numbers as they came
	numbers   map[string]string   // statutory number ──▶ pledge number
	loans     map[string]*lent
	disposals map[string]*disposal
	sales     []string          // disposal numbers as they came
	listed    map[string]string // right ──▶ number of its newest disposal
	consents  map[string]*consent
	asked     []string           // consent numbers as they came
	read      map[string]reading // dossiers by right
	now       int64              // block time of the call that is judged
	righted   map[int]righting   // what an entry should have said, by its place in log
	made      map[string]int     // transaction ──▶ place in log
	grouped   map[string]*pool
	groups    []string          // pool numbers as they came
	mandates  map[string]string // foreign organisation ──▶ last day of its agency's mandate
}

// A told is one call that the ledger has accepted.
type told struct {
	call
	at     int64
	tx     ledger.Hash
	result args
	pledge applied // of a step of one, as it is after it
}

// A call is what a history asks of the ledger.
type call struct {
	method  string
	actor   string
	a       args
	signers []ledger.Signer
	change  func(*ledger.Body)
	seal    bool   // with the commitment of a sealed part, where the method needs none
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
	ranks                                               int // of one right of another kind
	correctionDays, fixMonths                           int
}

func domainFigures() figures {
	return figures{
		claimDays: 90, staleDays: 90, evidenceDays: 7, reservationDays: 14,
		feeGrace: 6, renewalWindow: 12, renewalGrace: 6, suspension: 12,
		freezeMonths: map[string]int{"PATENT": 6, "MARK": 12, "": 36}, queues: true, livePledges: 1, ranks: 16, correctionDays: 30, fixMonths: 24,
	}
}

func (f figures) freeze(space string) int {
	if n, ok := f.freezeMonths[space]; ok {
		return n
	}
	return f.freezeMonths[""]
}

// most is how many live pledges a right may carry (INV-02).
func (f figures) most(space string) int {
	if space == "PATENT" {
		return f.livePledges
	}
	return f.ranks
}

// An applied is a pledge from its application on.
type applied struct {
	no                 string
	rights             []string         // those it has; at its end, those it had last
	had                []string         // before: it has let them go
	until              map[string]int64 // of the reservation of a right
	kind, method       string           // ORDINARY or MAX_AMOUNT; ONLINE or PAPER
	partial, fixed     bool
	pledgors, pledgees []string
	office, state      string
	lapses             int64 // in CORRECTION: nobody waits for it any more from then on
	last               int64 // time of the newest step
	steps              int
	signed             []string
	acknowledged       []string
	statutory          string
	statutoryAt        int64
	newest             int64   // statutory time of the newest entry
	entered            []int64 // statutory times of the entries after the first
	acceptedAt         int64
	registeredAt       int64
	end                string // last day of the registration, where it has one
	ground             string // of a release
	enforcedAt         int64  // of the newest enforcement, which has a route
	route              string
	cancelled          *cancelled // while that holds
}

// A cancelled is how a pledge has ended, and as what it stands again if it has not.
type cancelled struct {
	place    int // in the log
	at, told int64
	court    bool
	was      applied
}

type lent struct {
	lender, state string
	pledges       []string
}

func newReference(f figures) *reference {
	return &reference{
		figures: f, about: make(map[string][]int), claimed: make(map[string]string), spelled: make(map[string]string), frozen: make(map[string]string),
		pledges: make(map[string]*applied), numbers: make(map[string]string), loans: make(map[string]*lent),
		disposals: make(map[string]*disposal), listed: make(map[string]string), consents: make(map[string]*consent),
		read: make(map[string]reading), righted: make(map[int]righting), made: make(map[string]int), grouped: make(map[string]*pool), mandates: make(map[string]string),
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
		if k := m.consents[text(c.a, "consent_no")]; k != nil {
			k.used, k.usedAt = true, number(c.a, "fact_time")
		}
		of = []string{m.claimed[text(c.a, "right_id")]}
	case "freezes.record":
		of = []string{m.rightOf(text(c.a, "right_id"))}
		m.frozen[text(result, "freeze_no")] = of[0]
	case "freezes.renew", "freezes.lift":
		of = []string{m.frozen[text(c.a, "freeze_no")]}
	case "loans.sign":
		m.loans[text(result, "loan_no")] = &lent{lender: c.actor, state: "SIGNED", pledges: texts(c.a, "pledges")}
	case "loans.disburse", "loans.settle":
		l := m.loans[text(c.a, "loan_no")]
		l.state = text(result, "state")
		l.pledges = append(l.pledges, texts(c.a, "pledges")...)
	default:
		switch contract, _, _ := strings.Cut(c.method, "."); contract {
		case "disposals":
			of = m.hearDisposal(c, at, result)
		case "consents":
			m.hearConsent(c, at, result)
		case "parties":
			m.hearMandate(c)
		case "pools":
			if of = m.hearPool(c, at, result); c.method == "pools.pledge" {
				t.pledge = *m.pledges[text(result, "pledge_no")]
			}
		case "corrections":
			if of = m.hearCorrection(c, at); m.pledges[text(c.a, "subject")] != nil {
				t.pledge = *m.pledges[text(c.a, "subject")]
			}
		case "pledges":
			of = m.hearPledge(c, at, result)
			if p := m.pledges[m.pledgeOf(c, result)]; p != nil {
				t.pledge = *p
			}
		}
	}
	m.made[tx.String()] = len(m.log)
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
