// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"
	"strconv"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A CancellationEntry is what the cancellation of a pledge should have said: another time,
// or nothing, since the register has not cancelled this pledge.
type CancellationEntry struct {
	Annulled bool
	Time     int64
}

// CorrectCancellation puts right a cancellation that was relayed for the wrong pledge, or
// with the wrong time, by the nth step of the pledge. It is the office's error and that of
// its people; who has to sign beside them, package corrections has found out, but for
// those who own a right with the pledge on it and are none of its parties.
func CorrectCancellation(v *contracts.View, pledgeNo string, n int, end CancellationEntry) ([]rights.Move, *contracts.Refusal) {
	record, application, refusal := Load(v, pledgeNo, "subject")
	if refusal.Refuses() {
		return nil, refusal
	}
	m := &amendment{Refusal: new(contracts.Refusal), v: v, record: record, application: application, list: rightsOf(v, record)}
	m.change = Change{Version: record.Version + 1, Kinds: []string{ChangedCorrection}, StatutoryTime: record.newestEntry(), LedgerTime: v.Time()}
	checkSteps(application, m.Refusal)
	m.checkCancellation(n, end)
	if m.Refuses() {
		return nil, m.Refusal
	}
	var moves []rights.Move
	event := "pledge.corrected"
	if end.Annulled {
		moves, event = m.reinstate(), "pledge.reinstated"
	} else {
		moves = m.endedAt(end.Time)
	}
	if m.Refuses() {
		return nil, m.Refusal
	}
	if _, refusal := m.finish("corrections.correct_error", event); refusal.Refuses() {
		return nil, refusal
	}
	return moves, nil
}

// checkCancellation checks that the cancellation of a step is the one by which the pledge
// has ended, and that another time of it is one that it could have told.
func (m *amendment) checkCancellation(n int, end CancellationEntry) {
	refuse := func(code, field, reason string) {
		m.Add(ledger.Failure{Code: code, Field: field, Subject: m.record.PledgeNo, Reason: reason})
	}
	ended := m.record.State == Released || m.record.State == Realised
	if !ended || m.lastCancelled() != n { // one that was annulled has not ended it
		refuse(contracts.EState, "transaction", contracts.ReasonAnnulled)
		return
	}
	if m.v.Sealed() != nil {
		refuse(contracts.EFormat, "commitments", contracts.ReasonUnknown)
	}
	court := m.record.Ground == GroundCourt
	switch at := end.Time; {
	case end.Annulled && at != 0:
		refuse(contracts.EFormat, "cancellation_time", contracts.ReasonUnknown)
	case end.Annulled:
	case at == 0:
		refuse(contracts.EFormat, "cancellation_time", contracts.ReasonMissing)
	case at == m.record.CancellationTime:
		refuse(contracts.EFormat, "cancellation_time", contracts.ReasonUnchanged)
	case at > m.record.EndedAt:
		m.Add(ledger.Failure{Code: contracts.EClock, Field: "cancellation_time", Subject: identifier.TimeText(m.record.EndedAt)})
	default:
		earliest := m.record.newestEntry()
		if !court {
			earliest = max(earliest, dayOf(m.application.Stood.Since))
		}
		m.v.CheckTime("cancellation_time", at, earliest, m.Refusal)
	}
}

// lastCancelled is the place of the newest cancellation among the steps.
func (m *amendment) lastCancelled() int {
	for n := int(m.application.StepCount) - 1; n >= 0; n-- {
		if s, _ := contracts.Load[Step](m.v, StepKey(m.record.PledgeNo, uint64(n))); s.Method == "cancel" {
			return n
		}
	}
	return -1
}

// reinstate lets the pledge stand again as if it had never been cancelled: with its number,
// its time and its places, in the state in which it was. Nobody else loses what the ledger
// has taken in meanwhile; the rights show that both cannot be, see rights.Gap.
func (m *amendment) reinstate() []rights.Move {
	was, stood := m.record, m.application.Stood
	var known []*pledged // whose owners came before it, or with the pledge on the right
	for _, p := range m.list {
		before := p.record
		if m.enterAgain(p, stood.State); p.record.OwnersAt <= was.EndedAt {
			known = append(known, p)
		}
		rights.TellConflict(m.v, before, p.record)
	}
	checkPledgorsAgree(m.v, m.record, m.application, known, contracts.ESignature, "", m.Refusal)
	m.change.Annulled = &Cancellation{State: was.State, Ref: was.CancellationRef, Time: was.CancellationTime, Ground: was.Ground, ToldAt: was.EndedAt}
	m.record.State, m.record.Ground = stood.State, stood.Ground
	m.record.CancellationRef, m.record.CancellationTime, m.record.EndedAt = "", 0, 0
	m.application.StepState, m.application.StepTime = stood.State, stood.Since
	m.application.Stood, m.application.CourtDocument = nil, nil
	if e := m.application.Enforcement; e != nil && e.EndedAt == was.EndedAt && e.Outcome == string(was.State) {
		open := *e
		open.EndedAt, open.Outcome = 0, ""
		m.application.Enforcement = &open
	}
	return []rights.Move{
		{Field: "state", Before: rights.Value{Text: string(was.State)}, After: rights.Value{Text: string(stood.State)}},
		{Field: "cancellation_time", Before: rights.Value{Time: was.CancellationTime}},
		{Field: "annulled", After: rights.Value{Text: strconv.FormatBool(true)}},
	}
}

// enterAgain puts the pledge back into the record of a right. It is refused where its
// entry is not kept any more, where its place was another's by agreements that are not, or
// where the register was read since and did not show it.
func (m *amendment) enterAgain(p *pledged, state State) {
	refuse := func(reason string) {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "transaction", Subject: p.record.RightID, Reason: reason})
	}
	ended, found := rights.TakeEnded(m.v, p.record, m.record.PledgeNo)
	if !found {
		refuse(contracts.ReasonNotUndone)
		return
	}
	e := ended.Entry
	if look := p.record.Looked; look != nil && look.ToldAt >= ended.ToldAt && look.ReadAt >= e.StatutoryTime &&
		!slices.ContainsFunc(p.record.Encumbrances, func(b rights.RegistrarEncumbrance) bool { return b.Pledges() && b.StatutoryNo == e.StatutoryNo }) {
		refuse(contracts.ReasonNotShown) // what the ledger was shown of the register says that it has ended
		return
	}
	if len(e.Gaps) >= rights.MaxGaps {
		refuse(contracts.ReasonLength)
		return
	}
	key := AgreementsKey(p.record.Space, p.record.Number)
	agreements, agreed := contracts.Load[Agreements](m.v, key)
	if e.Place != nil && agreements.partyOf(e) < 0 {
		refuse(contracts.ReasonNotUndone)
		return
	}
	e.State = string(state)
	e.Gaps = append(slices.Clone(e.Gaps), rights.Gap{Since: ended.EndedAt, From: ended.ToldAt, Until: m.v.Time()})
	p.record.Pledges = append(slices.Clone(p.record.Pledges), e)
	for _, since := range []int64{e.StatutoryTime, m.record.StatutoryTime} { // what the register has shown meanwhile is the pledge itself
		p.record.Encumbrances = withoutOwn(p.record.Encumbrances, e.StatutoryNo, since)
	}
	agreements.rank(p.record.Pledges)
	if agreed {
		contracts.Store(m.v, key, agreements)
	}
	contracts.Store(m.v, p.key, p.record)
}

// endedAt gives the cancellation another time at the register: what is told later of the
// time before it is judged by a pledge that stood until then.
func (m *amendment) endedAt(at int64) []rights.Move {
	was := m.record.CancellationTime
	for _, p := range m.list {
		rights.EachEnded(m.v, p.record, m.record.PledgeNo, func(e *rights.EndedPledge) {
			if e.ToldAt == m.record.EndedAt {
				e.EndedAt = at
			}
		})
	}
	m.change.FormerCancelled, m.record.CancellationTime = was, at
	return []rights.Move{{Field: "cancellation_time", Before: rights.Value{Time: was}, After: rights.Value{Time: at}}}
}
