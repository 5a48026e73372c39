// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// arrows are those of DOMAIN 3.1, and what belongs to them. Those of the clock are
// counted by the ledger's own answers before and after time has passed.
var arrows = []string{
	"none → CLAIMED",
	"CLAIMED → CONFIRMED",
	"CLAIMED → REJECTED",
	"CLAIMED → REJECTED, another confirmed",
	"CLAIMED → EXPIRED_CLAIM, by the clock",
	"+STALE, by the clock",
	"-STALE, refresh",
	"+IN_GRACE, FEE_DUE_MISSED",
	"+IN_GRACE, by the clock",
	"-IN_GRACE, FEE_PAID",
	"IN_GRACE → LAPSED, TERMINATED",
	"LAPSED → CONFIRMED, RESTORED",
	"+INVALIDATION_PENDING",
	"-INVALIDATION_PENDING, UPHELD",
	"-INVALIDATION_PENDING, PARTLY_INVALID",
	"INVALIDATION_PENDING → INVALIDATED",
	"+FROZEN",
	"+FREEZE_QUEUED",
	"-FROZEN, by the clock",
	"queued → in force, by the clock",
	"FROZEN, renewed",
	"-FROZEN, lifted",
	"+DISPUTED",
	"+DISPUTED +SUSPENDED",
	"-SUSPENDED, by the clock",
	"-DISPUTED, SUIT_ENDED",
	"TRANSFERRED",
	"TRANSFERRED, pledged",
	"CONFIRMED → EXPIRED, by the clock",
	"mark in grace → EXPIRED, by the clock",
	"mark renewed",
	"CONFIRMED → ABANDONED",
	"+TWIN_APPLICATION",
	"TWIN_APPLICATION → ABANDONED, replaced",
}

// pledgeArrows are those of DOMAIN 3.3, and what belongs to them.
var pledgeArrows = []string{
	"none → SUBMITTED",
	"SUBMITTED → ACCEPTED",
	"SUBMITTED → CORRECTION",
	"ACCEPTED → CORRECTION",
	"CORRECTION → SUBMITTED",
	"CORRECTION → WITHDRAWN, by the clock",
	"SUBMITTED → WITHDRAWN",
	"ACCEPTED → WITHDRAWN",
	"ACCEPTED → REFUSED",
	"ACCEPTED → EFFECTIVE",
	"EFFECTIVE, changed",
	"EFFECTIVE, right added",
	"EFFECTIVE, right removed",
	"EFFECTIVE, partly released",
	"EFFECTIVE, extended",
	"EFFECTIVE, claim fixed",
	"EFFECTIVE, transferred",
	"EFFECTIVE, ranks changed",
	"EFFECTIVE → ENDED_BY_TIME, by the clock",
	"EFFECTIVE → ENFORCING",
	"ENFORCING → EFFECTIVE",
	"ENFORCING → RELEASE_PENDING, realised",
	"ENFORCING → REALISED",
	"EFFECTIVE → RELEASE_PENDING",
	"RELEASE_PENDING → RELEASED",
	"RELEASE_PENDING → EFFECTIVE",
	"EFFECTIVE → RELEASED, court",
	"ENFORCING → RELEASED, court",
	"EFFECTIVE → REVOKED",
	"right REMOVED, others stay",
	"live → EXTINGUISHED, by an event",
	"live → EXTINGUISHED, by the clock",
	"reservation over, by the clock",
	"+NOT_IN_REGISTER",
	"-NOT_IN_REGISTER",
	"batch with a manifest",
	"registered without some of a batch",
	"registered beside others, in a rank",
}

// pledgeWays are the ways in which some of these are taken; of each there have to be fewer.
var pledgeWays = []string{
	"change of AMOUNT", "change of TERM", "change of DEBTOR", "change of SCOPE", "change of CLAUSES", "change of NAMES", "change of AGENT",
	"fixed by PERIOD_ENDED", "fixed by ON_REQUEST", "fixed by NO_NEW_DEBT", "fixed by SEIZURE", "fixed by BANKRUPTCY", "fixed by OTHER_LAW",
	"released for DEBT_PAID", "released for WAIVED", "released for MAIN_CONTRACT_VOID", "released for OTHER",
	"demand of PAYMENT", "demand of ENFORCEMENT", "transferred before the claims are fixed", "ENFORCING → REVOKED", "RELEASE_PENDING → REVOKED",
	"RELEASE_PENDING → ENFORCING",
}

// dealArrows are those of DOMAIN 3.4 and 3.7; of each there have to be fewer, too.
var dealArrows = []string{
	"none → LISTED",
	"LISTED → FAILED",
	"FAILED → LISTED, relisted",
	"LISTED → SOLD, AUCTION",
	"LISTED → SOLD, SELL_OFF",
	"LISTED → SOLD, AGREEMENT",
	"FAILED → SOLD, set off",
	"SOLD → SETTLED",
	"open → STOPPED",
	"TRANSFERRED, to buyers",
	"a pledgee who bought is owner",
	"forfeiture, refused",
	"none → REQUESTED",
	"REQUESTED, granted by some",
	"REQUESTED → GRANTED",
	"REQUESTED → REFUSED",
	"REQUESTED → LAPSED, by the clock",
	"GRANTED → LAPSED, by the clock",
	"GRANTED, served",
	"GRANTED, proceeds divided",
	"none → BREACH",
}

// dealt counts what became of a disposal or a consent, and the events that rest on one.
func (n *tally) dealt(m *reference, c call, before *dossier, at int64) {
	count := func(arrow string) { n.arrows[arrow]++ }
	s, k := m.disposals[text(c.a, "disposal_no")], m.consents[text(c.a, "consent_no")]
	switch c.method {
	case "disposals.list":
		count("none → LISTED")
	case "disposals.fail":
		count("LISTED → FAILED")
	case "disposals.relist":
		count("FAILED → LISTED, relisted")
	case "disposals.close":
		count("LISTED → SOLD, " + s.newest().kind)
	case "disposals.set_off":
		count("FAILED → SOLD, set off")
	case "disposals.settle":
		count("SOLD → SETTLED")
	case "disposals.stop":
		count("open → STOPPED")
	case "consents.request":
		count("none → REQUESTED")
	case "consents.grant":
		if m.consentState(k, at+1) == "GRANTED" {
			count("REQUESTED → GRANTED")
		} else {
			count("REQUESTED, granted by some")
		}
	case "consents.refuse":
		count("REQUESTED → REFUSED")
	case "consents.report_proceeds":
		count("GRANTED, proceeds divided")
	case "consents.report_breach":
		count("none → BREACH")
	case "rights.status_event":
		if k != nil {
			count("GRANTED, served")
		}
		if text(c.a, "event") == "TRANSFERRED" && before.buys(c.a, number(c.a, "fact_time")) {
			count("TRANSFERRED, to buyers")
		}
	}
}

// passedConsent counts what time did to a consent.
func (n *tally) passedConsent(before, after rights.ConsentState) {
	if before != after && after == rights.ConsentLapsed {
		n.arrows[string(before)+" → LAPSED, by the clock"]++
	}
}

// stepped counts the arrow that a step of a pledge took, from what it was before.
func (n *tally) stepped(c call, was applied, state string) {
	count := func(arrow string) { n.arrows[arrow]++ }
	step := strings.TrimPrefix(c.method, "pledges.")
	switch step {
	case "change":
		for _, kind := range texts(c.a, "changes") {
			count("change of " + kind)
		}
		if len(texts(c.a, "changes")) > 0 {
			count("EFFECTIVE, changed")
		}
		if len(texts(c.a, "add_rights")) > 0 {
			count("EFFECTIVE, right added")
		}
		if len(texts(c.a, "remove_rights")) > 0 {
			count("EFFECTIVE, right removed")
		}
	case "demand":
		count("demand of " + text(c.a, "kind"))
	case "fix_claim":
		count("fixed by " + text(c.a, "ground"))
		count("EFFECTIVE, claim fixed")
	case "consent_release":
		count("released for " + text(c.a, "ground"))
	case "register":
		if c.a["refused"] != nil {
			count("registered without some of a batch")
		}
	}
	if entry := map[string]string{
		"partial_release": "EFFECTIVE, partly released", "extend": "EFFECTIVE, extended", "transfer": "EFFECTIVE, transferred",
		"change_rank": "EFFECTIVE, ranks changed",
	}[step]; entry != "" {
		count(entry)
	}
	if to := map[string]string{
		"submit": "SUBMITTED", "accept": "ACCEPTED", "correct": "CORRECTION", "resubmit": "SUBMITTED", "withdraw": "WITHDRAWN", "refuse": "REFUSED",
		"register": "EFFECTIVE", "start_enforcement": "ENFORCING", "end_enforcement": "EFFECTIVE", "consent_release": "RELEASE_PENDING",
		"withdraw_release": "EFFECTIVE", "cancel": "RELEASED", "revoke": "REVOKED",
	}[step]; to != "" {
		switch {
		case step == "cancel" && text(c.a, "court_document") == "" && was.ground == "REALISED":
			state, to = "ENFORCING", "REALISED" // by way of the pledgees' consent
		case step == "cancel" && state != "RELEASE_PENDING":
			to += ", court"
		case step == "consent_release" && state == "ENFORCING":
			to += ", realised"
		case step == "withdraw_release" && was.ground == "REALISED":
			to = "ENFORCING"
		}
		count(state + " → " + to)
	}
	if step == "transfer" && was.kind == "MAX_AMOUNT" && !was.fixed {
		count("transferred before the claims are fixed")
	}
}

// shown counts which live pledges a look at the register has put under review, or has
// cleared.
func (n *tally) shown(before, after *dossier, at int64) {
	for _, e := range before.live(at) {
		switch now := after.entry(e.no); {
		case !e.missing && now.missing:
			n.arrows["+NOT_IN_REGISTER"]++
		case e.missing && !now.missing:
			n.arrows["-NOT_IN_REGISTER"]++
		}
	}
}

// ended counts which pledges of a right an event has ended, or has left with others.
func (n *tally) ended(m *reference, before map[string]string, at int64) {
	for no, state := range before {
		p := m.pledges[no]
		now := m.stateOf(p, at)
		over := slices.ContainsFunc(p.rights, func(right string) bool { return m.know(right).ends(no, at) })
		switch {
		case now == "EXTINGUISHED" && state != now:
			n.arrows["live → EXTINGUISHED, by an event"]++
		case now == state && over:
			n.arrows["right REMOVED, others stay"]++
		}
	}
}

// passedPledge counts what time did to a pledge.
func (n *tally) passedPledge(before, after pledges.State) {
	switch {
	case before == after:
	case after == pledges.EndedByTime:
		n.arrows["EFFECTIVE → ENDED_BY_TIME, by the clock"]++
	case after == pledges.Withdrawn:
		n.arrows["CORRECTION → WITHDRAWN, by the clock"]++
	case after == pledges.Extinguished:
		n.arrows["live → EXTINGUISHED, by the clock"]++
	}
}
