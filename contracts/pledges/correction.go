// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A RightEntry is what the registration of a pledge should have said: fields left empty
// were right.
type RightEntry struct {
	StatutoryNo     string
	StatutoryTime   int64
	RegistrationEnd string
}

// CorrectRegistration puts a registration right that was entered wrongly, in what the
// register has another word for, or in the sealed part, whose new commitment the body
// then has. Both sides sign it, and an office of the register; where the pledge comes to
// rank before others by it, to last longer or to secure what they have not seen, those
// do, too: it is no way round the rules of a change. What was entered stays on the ledger, the
// certificate of it is superseded, and a number that was not the pledge's is free for
// the pledge that it belongs to.
func CorrectRegistration(v *contracts.View, pledgeNo string, right RightEntry) ([]rights.Move, *contracts.Refusal) {
	record, application, refusal := Load(v, pledgeNo, "subject")
	if refusal.Refuses() {
		return nil, refusal
	}
	m := &amendment{Refusal: new(contracts.Refusal), v: v, record: record, application: application, list: rightsOf(v, record)}
	checkState(v, record, m.list, m.Refusal, Effective, Enforcing, ReleasePending)
	checkSteps(application, m.Refusal)
	checkSigned(v, application.Pledgees, record.PledgeNo, contracts.ESignature, m.Refusal)
	checkPledgorsAgree(v, record, application, m.list, contracts.ESignature, "", m.Refusal)
	checkOffice(v, record, m.Refusal)
	m.change = Change{Version: record.Version + 1, Kinds: []string{ChangedCorrection}, LedgerTime: v.Time()}
	if right == (RightEntry{}) && v.Sealed() == nil {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "subject", Subject: record.PledgeNo, Reason: contracts.ReasonMissing})
	}
	number, at, end := record.StatutoryNo, record.StatutoryTime, record.RegistrationEnd
	if right.StatutoryNo != "" {
		number = checkStatutoryNo(v, record, right.StatutoryNo, m.Refusal)
		m.change.FormerNo = record.StatutoryNo
	}
	if right.StatutoryTime != 0 {
		at = right.StatutoryTime
		m.change.FormerTime = record.StatutoryTime
		m.checkTime(at)
	}
	if right.RegistrationEnd != "" {
		end = right.RegistrationEnd
		m.change.FormerEnd = record.RegistrationEnd
		checkEnd(m.list, end, at, m.Refusal)
	}
	if v.Sealed() != nil || end > record.RegistrationEnd && record.RegistrationEnd != "" { // dates of one form are in the order of their texts
		m.unharmed()
	}
	if m.Refuses() {
		return nil, m.Refusal
	}
	eachEntry(v, m.first(), record.PledgeNo, func(e *rights.PledgeEntry) bool {
		e.StatutoryTime = at
		return true
	})
	eachEntry(v, m.list, record.PledgeNo, func(e *rights.PledgeEntry) bool {
		e.StatutoryNo, e.Until = number, end
		return true
	})
	m.carry(number, at)
	if number != record.StatutoryNo {
		renumber(v, append(formerRights(v, record), m.list...), record.StatutoryNo, number)
		contracts.Store(v, rights.StatutoryKey(record.StatutoryNo), "")
		contracts.Store(v, rights.StatutoryKey(number), record.PledgeNo)
	}
	m.record.StatutoryNo, m.record.StatutoryTime, m.record.RegistrationEnd = number, at, end
	m.change.StatutoryTime = m.record.newestEntry()
	moves := m.moves(record, right)
	if _, refusal := m.finish("corrections.correct_error", "pledge.corrected"); refusal.Refuses() {
		return nil, refusal
	}
	return moves, nil
}

// carry writes what was put right into what is kept of the pledge at rights that it has let
// go, now or before they came under it again. What the register has shown at a right under
// the right number is the pledge itself.
func (m *amendment) carry(number string, at int64) {
	for _, p := range append(formerRights(m.v, m.record), m.list...) {
		rights.EachEnded(m.v, p.record, m.record.PledgeNo, func(e *rights.EndedPledge) {
			if e.Entry.RegisteredAt == m.record.RegisteredAt && e.Entry.StatutoryTime == m.record.StatutoryTime {
				e.Entry.StatutoryTime = at
			}
			e.Entry.StatutoryNo = number
		})
	}
	for _, p := range m.list {
		if i := entryOf(p, m.record.PledgeNo); i >= 0 {
			own := p.record.Pledges[i]
			p.record.Encumbrances = withoutOwn(p.record.Encumbrances, own.StatutoryNo, own.StatutoryTime)
			contracts.Store(m.v, p.key, p.record)
		}
	}
}

// moves says what a correction changes.
func (m *amendment) moves(before Record, right RightEntry) (out []rights.Move) {
	if right.StatutoryNo != "" {
		out = append(out, rights.Move{Field: "statutory_no", Before: rights.Value{Text: before.StatutoryNo}, After: rights.Value{Text: m.record.StatutoryNo}})
	}
	if right.StatutoryTime != 0 {
		out = append(out, rights.Move{Field: "statutory_time", Before: rights.Value{Time: before.StatutoryTime}, After: rights.Value{Time: m.record.StatutoryTime}})
	}
	if right.RegistrationEnd != "" {
		out = append(out, rights.Move{Field: "registration_end", Before: rights.Value{Text: before.RegistrationEnd}, After: rights.Value{Text: m.record.RegistrationEnd}})
	}
	if sealed := m.v.Sealed(); sealed != nil {
		out = append(out, rights.Move{Field: "commitment", Before: rights.Value{Text: m.application.Commitment.String()}, After: rights.Value{Text: sealed.String()}})
	}
	return out
}

// checkTime judges another statutory time of the first entry: after the application, not
// after the entries that followed, with the consent of those it comes to rank before, and
// by what kept a right from being pledged then.
func (m *amendment) checkTime(at int64) {
	late := slices.ContainsFunc(m.record.Changes, func(c Change) bool { return c.entered() && c.StatutoryTime < at })
	if at > m.record.RegisteredAt || earlierDay(at, m.application.AcceptedAt) || late {
		m.Add(ledger.Failure{Code: contracts.EClock, Field: "statutory_time"})
	}
	m.checkBarred(at)
	for _, p := range formerRights(m.v, m.record) { // whoever has its place there has it with its time
		agreements, _ := contracts.Load[Agreements](m.v, AgreementsKey(p.record.Space, p.record.Number))
		if slices.ContainsFunc(agreements.Parties, func(party Party) bool { return party.PledgeNo == m.record.PledgeNo }) {
			m.Add(ledger.Failure{Code: contracts.ERank, Field: "statutory_time", Subject: m.record.PledgeNo, Reason: contracts.ReasonOrder})
		}
	}
	for _, p := range m.first() {
		for _, other := range rights.LivePledges(p.record, m.v.Time()) {
			if other.PledgeNo == m.record.PledgeNo {
				if other.Place != nil {
					m.Add(ledger.Failure{Code: contracts.ERank, Field: "statutory_time", Subject: m.record.PledgeNo, Reason: contracts.ReasonOrder})
				}
				continue
			}
			if place := other.Ranked().Time; at <= place && place <= m.record.StatutoryTime {
				m.worseOff(other)
			}
		}
	}
}

// checkBarred refuses a statutory time at which the registrar could not have registered the
// rights of the first entry. Whose they were, and who else had pledged them, was judged
// at the registration, and shows as a conflict if it was otherwise.
func (m *amendment) checkBarred(at int64) {
	barring := []string{contracts.EFrozen, contracts.EDispute, contracts.EExpired, contracts.EFee, contracts.EConsent}
	for _, f := range checkRegistration(m.v, m.first(), m.application.Pledgors, m.application.Signed, m.application.Acknowledgements, at) {
		if slices.Contains(barring, f.Code) {
			f.Field = "statutory_time"
			m.Add(f.Failure)
		}
	}
}

// first are the rights of the first entry: what a change has added is pledged since then,
// and stays where it is.
func (m *amendment) first() (list []*pledged) {
	for i, right := range m.record.Rights {
		if right.PledgedSince == 0 {
			list = append(list, m.list[i])
		}
	}
	return list
}
