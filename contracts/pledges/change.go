// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// ChangeArgs are the arguments of pledges.change. What changes of the sealed part comes
// with the commitment of the new one in the body.
type ChangeArgs struct {
	PledgeNo         string   `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Changes          []string `cbor:"2,keyasint,omitempty" json:"changes,omitempty" schema:"alias=changed|change_set,enum=AMOUNT|TERM|DEBTOR|SCOPE|CLAUSES|NAMES|AGENT|RIGHTS,items=8"`
	StatutoryTime    int64    `cbor:"3,keyasint,omitempty" json:"statutory_time,omitempty" schema:"alias=change_time"` // of the change at the registrar, ms since 1970 UTC
	ChangeRef        string   `cbor:"4,keyasint,omitempty" json:"change_ref,omitempty" schema:"max=64"`                // of the statutory registrar
	AddRights        []string `cbor:"5,keyasint,omitempty" json:"add_rights,omitempty" schema:"format=right,items=200,alias=added"`
	RemoveRights     []string `cbor:"6,keyasint,omitempty" json:"remove_rights,omitempty" schema:"format=right,items=200,alias=removed|released"`
	Acknowledgements []string `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty" schema:"enum=R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING,items=2"` // of the added rights
	Lessens          bool     `cbor:"8,keyasint,omitempty" json:"lessens,omitempty"`                                                                              // the secured claim becomes smaller or shorter, as all who sign have seen: nobody ranks worse by it
}

// ReleaseArgs are the arguments of pledges.partial_release.
type ReleaseArgs struct {
	PledgeNo      string   `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Rights        []string `cbor:"2,keyasint,omitempty" json:"rights,omitempty" schema:"format=right,items=200,alias=remove_rights|released"` // that are let go
	StatutoryTime int64    `cbor:"3,keyasint,omitempty" json:"statutory_time,omitempty" schema:"alias=change_time"`
	ChangeRef     string   `cbor:"4,keyasint,omitempty" json:"change_ref,omitempty" schema:"max=64"`
}

// ExtendArgs are the arguments of pledges.extend.
type ExtendArgs struct {
	PledgeNo        string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	RegistrationEnd string `cbor:"2,keyasint,omitempty" json:"registration_end,omitempty" schema:"format=date,alias=period_end|registration_until"` // new last day, where the registration ends by itself
	StatutoryTime   int64  `cbor:"3,keyasint,omitempty" json:"statutory_time,omitempty" schema:"alias=change_time"`
	ChangeRef       string `cbor:"4,keyasint,omitempty" json:"change_ref,omitempty" schema:"max=64"`
}

// change enters a change of the registration, to which both sides have agreed. A right
// that is added is pledged from then on and not before: it is judged as in an application
// and ranks by its own time.
func change(v *contracts.View, args ChangeArgs) (PledgeResult, *contracts.Refusal) {
	m, refusal := amend(v, args.PledgeNo, args.StatutoryTime, args.ChangeRef, true)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	checkOffice(v, m.record, m.Refusal)
	m.pledgorsAgree()
	kinds := slices.Clone(args.Changes)
	if len(args.AddRights)+len(args.RemoveRights) > 0 {
		kinds = append(kinds, ChangedRights)
	} else if slices.Contains(kinds, ChangedRights) {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "add_rights", Reason: contracts.ReasonMissing})
	}
	slices.Sort(kinds)
	m.change.Kinds = slices.Compact(kinds)
	if len(m.change.Kinds) == 0 {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "changes", Reason: contracts.ReasonMissing})
	}
	if slices.ContainsFunc(m.change.Kinds, sealedChange) {
		v.Commitment(m.Refusal)
		if !args.Lessens {
			m.unharmed()
		}
	}
	removed := m.remove(args.RemoveRights, "remove_rights")
	added := m.add(args)
	if len(removed) > 0 && m.left(removed)+len(added) == 0 {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "remove_rights", Subject: m.record.PledgeNo, Reason: contracts.ReasonLastRight})
	}
	if m.Refuses() {
		return PledgeResult{}, m.Refusal
	}
	m.letGo(removed)
	for _, p := range added {
		right := rightOf(p.record)
		right.PledgedSince = m.change.StatutoryTime
		m.record.Rights = append(m.record.Rights, right)
		m.change.Added = append(m.change.Added, right.RightID)
		enter(v, p, m.record, m.change.StatutoryTime)
		m.list = append(m.list, p)
	}
	return m.finish("change", "pledge.changed")
}

// add judges the rights that a change adds.
func (m *amendment) add(args ChangeArgs) []*pledged {
	if len(args.AddRights) == 0 {
		return nil
	}
	d := draft{rights: args.AddRights, acknowledged: args.Acknowledgements}
	list, findings := resolve(m.v, d, m.Refusal)
	if int64(len(list)+len(m.record.Rights)) > m.v.Figure(contracts.MaxPledgeRights) {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "add_rights", Reason: contracts.ReasonLength})
	}
	findings = append(findings, judge(m.v, list, d, m.application.Pledgors)...)
	for i := range list {
		list[i].record.Encumbrances = withoutOwn(list[i].record.Encumbrances, m.record.StatutoryNo, m.change.StatutoryTime)
	}
	findings = append(findings, checkRegistration(m.v, list, m.application.Pledgors, signers(m.v), args.Acknowledgements, m.change.StatutoryTime)...)
	for _, f := range findings {
		f.Field = "add_rights"
		m.Refusal.Add(f.Failure)
	}
	for _, p := range list {
		m.ownersAgree(p)
		m.notBefore(p)
		switch {
		case string(p.registrar()) != m.record.Registrar:
			m.Add(ledger.Failure{Code: contracts.EContract, Ground: p.ground(contracts.R07), Field: "add_rights", Subject: p.subject(), Reason: contracts.ReasonRegistrars})
		case slices.ContainsFunc(m.record.Rights, func(right Right) bool { return right.key() == p.key }):
			m.Add(ledger.Failure{Code: contracts.EFormat, Field: "add_rights", Subject: p.subject(), Reason: contracts.ReasonRepeated})
		}
	}
	if m.record.RegistrationEnd != "" {
		checkEnd(list, m.record.RegistrationEnd, m.change.StatutoryTime, m.Refusal)
	}
	return list
}

// remove finds the rights of the pledge that it shall lose.
func (m *amendment) remove(refs []string, field string) (removed []Right) {
	for _, ref := range refs {
		key, failure := rights.Resolve(m.v.Get, ref, m.v.Today())
		if failure != nil {
			failure.Field = field
			m.Add(*failure)
			continue
		}
		i := slices.IndexFunc(m.record.Rights, func(right Right) bool { return right.key() == key })
		switch {
		case i < 0:
			m.Add(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: m.record.PledgeNo})
		case slices.Contains(removed, m.record.Rights[i]):
			m.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonRepeated})
		default:
			removed = append(removed, m.record.Rights[i])
		}
	}
	return removed
}

// letGo takes rights off the pledge.
func (m *amendment) letGo(removed []Right) {
	for _, right := range removed {
		i := slices.IndexFunc(m.list, func(p *pledged) bool { return p.key == right.key() })
		drop(m.v, m.list[i:i+1], m.record.PledgeNo, m.change.StatutoryTime)
		m.list = slices.Delete(m.list, i, i+1)
		m.record.Rights = slices.DeleteFunc(slices.Clone(m.record.Rights), func(old Right) bool { return old == right })
		m.change.Released = append(m.change.Released, right.RightID)
	}
}

// partialRelease takes rights off the pledge: the pledgees let them go, and the office
// relays that the registrar has entered it. One right at least stays.
func partialRelease(v *contracts.View, args ReleaseArgs) (PledgeResult, *contracts.Refusal) {
	m, refusal := amend(v, args.PledgeNo, args.StatutoryTime, args.ChangeRef, true)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	checkOffice(v, m.record, m.Refusal)
	if len(args.Rights) == 0 {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonMissing})
	}
	removed := m.remove(args.Rights, "rights")
	if len(removed) > 0 && m.left(removed) == 0 {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "rights", Subject: m.record.PledgeNo, Reason: contracts.ReasonLastRight})
	}
	if m.Refuses() {
		return PledgeResult{}, m.Refusal
	}
	m.change.Kinds = []string{ChangedRights}
	m.letGo(removed)
	return m.finish("partial_release", "pledge.partly_released")
}

// left counts the rights that the pledge would have without some and that have not ended.
func (m *amendment) left(removed []Right) (n int) {
	for _, p := range m.list {
		gone := slices.ContainsFunc(removed, func(right Right) bool { return right.key() == p.key })
		if !gone && !rights.EndsPledge(p.record, m.record.PledgeNo, m.v.Time(), m.v.Parameters()) {
			n++
		}
	}
	return n
}

// extend lengthens a registration that ends by itself, before its end and within the life
// of the rights (CNIPA Announcement 358), or the term of the debt, which is sealed. One
// that the registrar extended in time and the ledger hears of after the end stands again,
// if whoever was registered in between agrees, and if the rights have room for it.
func extend(v *contracts.View, args ExtendArgs) (PledgeResult, *contracts.Refusal) {
	m, refusal := amend(v, args.PledgeNo, args.StatutoryTime, args.ChangeRef, true, EndedByTime)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	checkOffice(v, m.record, m.Refusal)
	m.pledgorsAgree()
	m.unharmed()
	m.inTime(args.RegistrationEnd)
	switch {
	case args.RegistrationEnd == "" && v.Sealed() == nil:
		field := "commitments"
		if m.record.RegistrationEnd != "" {
			field = "registration_end"
		}
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonMissing})
	case args.RegistrationEnd == "":
		m.change.Kinds = []string{ChangedTerm}
	case m.record.RegistrationEnd == "" && m.onMarks():
		m.Add(ledger.Failure{Code: contracts.ETerm, Field: "registration_end", Subject: m.record.PledgeNo, Reason: contracts.ReasonNoEnd})
	case args.RegistrationEnd <= m.record.RegistrationEnd:
		m.Add(ledger.Failure{Code: contracts.ETerm, Field: "registration_end", Subject: m.record.RegistrationEnd, Reason: contracts.ReasonNoLonger})
	default:
		checkEnd(m.list, args.RegistrationEnd, m.change.StatutoryTime, m.Refusal)
		m.change.Kinds = []string{ChangedPeriod}
		if v.Sealed() != nil {
			m.change.Kinds = append(m.change.Kinds, ChangedTerm)
		}
	}
	if m.Refuses() {
		return PledgeResult{}, m.Refusal
	}
	if args.RegistrationEnd != "" {
		m.change.FormerEnd, m.record.RegistrationEnd = m.record.RegistrationEnd, args.RegistrationEnd
		eachEntry(v, m.list, m.record.PledgeNo, func(e *rights.PledgeEntry) bool {
			e.Until = args.RegistrationEnd
			return true
		})
	}
	return m.finish("extend", "pledge.extended")
}

// onMarks tells whether registrations of such pledges end by themselves.
func (m *amendment) onMarks() bool {
	space, _ := m.record.Rights[0].Type.Space()
	return space == identifier.MarkSpace
}

// inTime refuses an extension that the registrar made after the last day, and one of a
// registration that has ended where its rights are taken, or that leaves its last day as
// it was: a longer term of the debt alone does not let it stand again.
func (m *amendment) inTime(end string) {
	if stateOf(m.v, m.record, m.list) != EndedByTime {
		return
	}
	if end == "" {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: m.record.PledgeNo, Reason: string(EndedByTime)})
	}
	if m.record.RegistrationEnd < identifier.DateOf(m.change.StatutoryTime).String() {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "statutory_time", Subject: m.record.PledgeNo, Reason: string(EndedByTime)})
	}
	for _, p := range m.list {
		if entryOf(p, m.record.PledgeNo) < 0 { // it ended too long ago
			m.Add(ledger.Failure{Code: contracts.EState, Field: "statutory_time", Subject: m.record.PledgeNo, Reason: string(EndedByTime)})
		}
	}
	occupied(m.v, m.list, func(code, ground, reason string, broken func(*pledged) bool) {
		for _, p := range m.list {
			if broken(p) {
				m.Add(ledger.Failure{Code: code, Ground: p.ground(ground), Field: "pledge_no", Subject: p.subject(), Reason: reason})
			}
		}
	}, m.v.Time())
}
