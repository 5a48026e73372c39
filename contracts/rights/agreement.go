// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// The kinds of deals to which pledgees consent, see DealOf.
const (
	DealTransfer         = "TRANSFER"
	DealLicence          = "LICENCE"
	DealLicenceExclusive = "LICENCE_EXCLUSIVE"
	DealOpenLicence      = "OPEN_LICENCE"
	DealAbandonment      = "ABANDONMENT"
)

// DealOf is the kind of deal that a status event is the register's entry of, "" if of
// none.
func DealOf(event string) string {
	switch event {
	case "TRANSFERRED":
		return DealTransfer
	case "LICENSED":
		return DealLicence
	case "LICENSED_EXCLUSIVE":
		return DealLicenceExclusive
	case "OPEN_LICENCE":
		return DealOpenLicence
	case "ABANDONED":
		return DealAbandonment
	}
	return ""
}

// ConsentState is where a consent is between the owner's request and the deal.
type ConsentState string

// The states. GRANTED and LAPSED are computed and never stored, see Consent.StateAt.
const (
	ConsentRequested ConsentState = "REQUESTED"
	ConsentGranted   ConsentState = "GRANTED"
	ConsentRefused   ConsentState = "REFUSED"
	ConsentLapsed    ConsentState = "LAPSED"
	ConsentBreach    ConsentState = "BREACH" // a deal was made without one
)

// Reason is the state as the reason of a refusal.
func (s ConsentState) Reason() string { return contracts.ConsentReason + string(s) }

// A Consent is the record of the pledgees' consent to one deal about a pledged right, or
// of a deal made without it. Its terms are sealed: with whom, for how long, for how much
// at least, and what becomes of the money. It is open to its parties, to those who
// supervise and to the offices of the right's register. Package consents owns it; what
// the register made of it is a ConsentUse. Times are ms since 1970 UTC, and block times
// unless they are said to be others.
type Consent struct {
	ConsentNo    string           `cbor:"1,keyasint" json:"consent_no"`
	RightID      string           `cbor:"2,keyasint" json:"right_id"`
	Space        identifier.Space `cbor:"3,keyasint" json:"space"`
	Number       string           `cbor:"4,keyasint" json:"number"` // canonical
	Kind         string           `cbor:"5,keyasint" json:"kind"`
	Counterparty string           `cbor:"6,keyasint,omitempty" json:"counterparty,omitempty"` // party id: the deal is with it; absent: the sealed terms say with whom
	RequestedBy  string           `cbor:"7,keyasint,omitempty" json:"requested_by,omitempty"` // party id
	RequestedAt  int64            `cbor:"8,keyasint,omitempty" json:"requested_at,omitempty"`
	Until        string           `cbor:"9,keyasint,omitempty" json:"until,omitempty"`       // last day to grant it
	Commitment   *ledger.Hash     `cbor:"10,keyasint,omitempty" json:"commitment,omitempty"` // of the terms asked for
	Asked        []AskedPledge    `cbor:"11,keyasint" json:"asked"`                          // that lived at the request, or when the deal was made without one; by rank
	Grants       []ConsentGrant   `cbor:"12,keyasint,omitempty" json:"grants,omitempty"`     // in the order of arrival; also of pledges that came later
	Refusal      *ConsentRefusal  `cbor:"13,keyasint,omitempty" json:"refusal,omitempty"`
	Proceeds     []Proceeds       `cbor:"14,keyasint,omitempty" json:"proceeds,omitempty"`
	Breach       *Breach          `cbor:"15,keyasint,omitempty" json:"breach,omitempty"`
}

// An AskedPledge is a pledge whose pledgees a consent concerns.
type AskedPledge struct {
	PledgeNo string   `cbor:"1,keyasint" json:"pledge_no"`
	Pledgees []string `cbor:"2,keyasint" json:"pledgees"` // party ids, sorted
}

// A ConsentGrant is the word of the pledgees of one pledge.
type ConsentGrant struct {
	PledgeNo   string      `cbor:"1,keyasint" json:"pledge_no"`
	Pledgees   []string    `cbor:"2,keyasint" json:"pledgees"` // party ids, sorted
	GrantedBy  string      `cbor:"3,keyasint" json:"granted_by"`
	GrantedAt  int64       `cbor:"4,keyasint" json:"granted_at"`
	ValidUntil string      `cbor:"5,keyasint" json:"valid_until"` // last day on which the deal may be made
	Commitment ledger.Hash `cbor:"6,keyasint" json:"commitment"`  // of the terms granted
}

// Holds tells whether the grant had been given, and covers a deal made at a time.
func (g ConsentGrant) Holds(at int64) bool { return g.GrantedAt <= at && at < endOf(g.ValidUntil) }

// A ConsentRefusal is the word of one pledgee who does not agree: it takes all of them.
type ConsentRefusal struct {
	RefusedBy string `cbor:"1,keyasint" json:"refused_by"`
	RefusedAt int64  `cbor:"2,keyasint" json:"refused_at"`
	Reason    string `cbor:"3,keyasint" json:"reason"`
}

// Proceeds certify that what a deal brought was divided as the pledgees had agreed. The
// amounts are sealed; whoever signed has added them up.
type Proceeds struct {
	FactTime   int64       `cbor:"1,keyasint" json:"fact_time"` // when the deal was made
	ReportedBy string      `cbor:"2,keyasint" json:"reported_by"`
	ReportedAt int64       `cbor:"3,keyasint" json:"reported_at"`
	Commitment ledger.Hash `cbor:"4,keyasint" json:"commitment"` // of proceeds, prepaid, deposited and released sums
}

// A Breach is a deal that was made while a pledge lived and without its pledgees'
// consent.
type Breach struct {
	FactTime   int64       `cbor:"1,keyasint" json:"fact_time"` // when the deal was made
	ReportedBy string      `cbor:"2,keyasint" json:"reported_by"`
	ReportedAt int64       `cbor:"3,keyasint" json:"reported_at"`
	Evidence   ledger.Hash `cbor:"4,keyasint" json:"evidence"`
	Owners     []string    `cbor:"5,keyasint,omitempty" json:"owners,omitempty"` // of the right then, party ids, sorted
}

// A ConsentUse says which event of a register a consent was used for: one, and once.
// Package rights owns it, since it follows from the event and from its corrections.
type ConsentUse struct {
	ConsentNo  string `cbor:"1,keyasint" json:"consent_no"`
	Event      uint64 `cbor:"2,keyasint,omitempty" json:"event,omitempty"` // of the right; 0: it was annulled, and the consent can serve again
	FactTime   int64  `cbor:"3,keyasint,omitempty" json:"fact_time,omitempty"`
	LedgerTime int64  `cbor:"4,keyasint" json:"ledger_time"`
}

// ConsentKey is the state key of a consent, and ConsentUseKey that of its use.
func ConsentKey(consentNo string) string    { return "consents/" + consentNo }
func ConsentUseKey(consentNo string) string { return "consent_uses/" + consentNo }

// ConsentsPrefix begins the state keys that lead from a right to its consents; what
// stands under each is the number of one.
func ConsentsPrefix(space identifier.Space, number string) string {
	return "right_consents/" + string(space) + "/" + number + "/"
}

// PledgesThen lists the pledges that burden a right at a time, as far as is known now: a
// pledge that is younger than it did not.
func PledgesThen(r Record, at int64) []PledgeEntry {
	return slices.DeleteFunc(LivePledges(r, at), func(e PledgeEntry) bool { return e.StatutoryTime >= at })
}

// GrantOf gives the grant of a pledge's pledgees.
func (c Consent) GrantOf(pledgeNo string) (ConsentGrant, bool) {
	for _, g := range c.Grants {
		if g.PledgeNo == pledgeNo {
			return g, true
		}
	}
	return ConsentGrant{}, false
}

// StateAt is the state at a time, given the right's record: GRANTED means that a deal made
// then is covered by every pledge that lives then, also by one that came to be after the
// request. Where none lives any more, what those who were asked have granted counts. Time
// alone ends it: with the last day to grant it, or with the last day of a grant.
func (c Consent) StateAt(r Record, at int64) ConsentState {
	switch {
	case c.Breach != nil:
		return ConsentBreach
	case c.Refusal != nil && c.Refusal.RefusedAt <= at:
		return ConsentRefused
	}
	all := true
	for _, no := range c.needs(r, at) {
		switch g, ok := c.GrantOf(no); {
		case !ok || at < g.GrantedAt:
			all = false
		case !g.Holds(at):
			return ConsentLapsed
		}
	}
	switch {
	case all:
		return ConsentGranted
	case endOf(c.Until) <= at:
		return ConsentLapsed
	}
	return ConsentRequested
}

// needs lists the pledges whose pledgees must have granted it at a time.
func (c Consent) needs(r Record, at int64) (pledges []string) {
	for _, e := range PledgesThen(r, at) {
		pledges = append(pledges, e.PledgeNo)
	}
	if len(pledges) > 0 {
		return pledges
	}
	for _, asked := range c.Asked {
		pledges = append(pledges, asked.PledgeNo)
	}
	return pledges
}

// Waits lists the pledges that live at a time and whose pledgees have not answered.
func (c Consent) Waits(r Record, at int64) []PledgeEntry {
	if c.StateAt(r, at) != ConsentRequested {
		return nil
	}
	return slices.DeleteFunc(PledgesThen(r, at), func(e PledgeEntry) bool { _, granted := c.GrantOf(e.PledgeNo); return granted })
}

// ConsentAlerts lists what pledgees of a right have to know of a consent at a time: that
// it waits for their word, or that a deal was made without it while their pledge lived.
func ConsentAlerts(c Consent, r Record, at int64) []Alert {
	a := Alert{Kind: AlertConsentWaiting, RightID: c.RightID, Subject: c.ConsentNo, RaisedAt: c.RequestedAt, Due: c.Until, Severity: Warning}
	of := c.Waits(r, at)
	if c.Breach != nil {
		a.Kind, a.RaisedAt, a.Severity = AlertBreach, c.Breach.ReportedAt, Urgent
		of = slices.DeleteFunc(LivePledges(r, at), func(e PledgeEntry) bool {
			return !slices.ContainsFunc(c.Asked, func(asked AskedPledge) bool { return asked.PledgeNo == e.PledgeNo })
		})
	}
	for _, e := range of {
		a.To = append(a.To, e.Pledgees...)
	}
	if len(a.To) == 0 || a.RaisedAt > at {
		return nil
	}
	slices.Sort(a.To)
	a.To = slices.Compact(a.To)
	return []Alert{a}
}

// FindConsent finds a consent by its number as typed.
func FindConsent(v *contracts.View, typed, field string) (Consent, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(typed)
	if err != nil {
		return Consent{}, contracts.Refuse(contracts.IdentifierFailure(err, field))
	}
	c, ok := contracts.Load[Consent](v, ConsentKey(number.Canonical))
	if !ok {
		return Consent{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: number.Canonical})
	}
	return c, nil
}

// consent gives the consent of this ledger that the reporter names, nil if none is named
// or it is not one to this deal. A consent serves once.
func (h *happening) consent() *Consent {
	if h.args.ConsentNo == "" {
		return nil
	}
	c, refusal := FindConsent(h.v, h.args.ConsentNo, "consent_no")
	if refusal.Refuses() {
		h.Add(refusal.Failures[0])
		return nil
	}
	not := func(reason string) {
		h.Add(ledger.Failure{Code: contracts.EConsent, Field: "consent_no", Subject: c.ConsentNo, Reason: reason})
	}
	state := c.StateAt(h.before, h.args.FactTime)
	use, _ := contracts.Load[ConsentUse](h.v, ConsentUseKey(c.ConsentNo))
	switch {
	case c.RightID != h.record.RightID || c.Kind != DealOf(h.args.Event):
		not(contracts.ReasonOtherDeal)
	case state == ConsentBreach || state == ConsentRefused:
		not(state.Reason())
	case use.Event != 0 && use.Event != h.record.Events: // not this one, judged again
		not(contracts.ReasonConsentUsed)
	case !h.dealtWith(c.Counterparty):
		not(contracts.ReasonOtherDeal)
	default:
		h.used = c.ConsentNo
		return &c
	}
	return nil
}

// dealtWith tells whether the right went to nobody but the party that a consent names. To
// whom a licence was given the register's event does not tell.
func (h *happening) dealtWith(counterparty string) bool {
	if counterparty == "" || h.args.Event != "TRANSFERRED" {
		return true
	}
	for _, owner := range h.owners {
		if !slices.Contains(h.before.Owners, owner) && !contracts.SameParty(h.v, owner, counterparty, h.record.RightID) {
			return false
		}
	}
	return !slices.ContainsFunc(h.args.Outsiders, func(name string) bool { return !slices.Contains(h.before.Outsiders, name) })
}

// use notes that the event used the consent that it names.
func (h *happening) use() {
	if h.used == "" {
		return
	}
	contracts.Store(h.v, ConsentUseKey(h.used), ConsentUse{
		ConsentNo: h.used, Event: h.record.Events, FactTime: h.args.FactTime, LedgerTime: h.v.Time(),
	})
	h.v.Emit("consent.used", h.used)
}

// correctUse lets the use of a consent follow a correction of its event.
func correctUse(v *contracts.View, event Event) {
	if event.Told.ConsentNo == "" {
		return
	}
	c, refusal := FindConsent(v, event.Told.ConsentNo, "consent_no")
	use, ok := contracts.Load[ConsentUse](v, ConsentUseKey(c.ConsentNo))
	if refusal.Refuses() || !ok || use.Event != event.Seq {
		return
	}
	use.FactTime = event.Since()
	if event.Annulled {
		use.Event, use.FactTime = 0, 0
	}
	contracts.Store(v, ConsentUseKey(c.ConsentNo), use)
}
