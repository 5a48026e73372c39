// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// An amendment is one entry of a registration after the first while it is judged.
type amendment struct {
	*contracts.Refusal
	v           *contracts.View
	record      Record
	application Application
	list        []*pledged // its rights, as far as it has changed them
	change      Change
}

// amend begins an entry that the registrar made at a time: the pledge stands, an office
// of its register takes part, whoever acts, and the pledgees agree. There is no going
// back behind the newest entry. It is made of an EFFECTIVE pledge, or of one in the other
// states that are named.
func amend(v *contracts.View, pledgeNo string, at int64, ref string, needsTime bool, from ...State) (*amendment, *contracts.Refusal) {
	record, application, refusal := Load(v, pledgeNo, "pledge_no")
	if refusal.Refuses() {
		return nil, refusal
	}
	m := &amendment{Refusal: new(contracts.Refusal), v: v, record: record, application: application, list: rightsOf(v, record)}
	checkState(v, record, m.list, m.Refusal, append(from, Effective)...)
	checkSteps(application, m.Refusal)
	if v.ActingParty().Role == contracts.Bank && !IsPledgee(v, application) {
		m.Add(notPledgee(record))
	}
	checkSigned(v, application.Pledgees, record.PledgeNo, contracts.EConsent, m.Refusal)
	switch {
	case at == 0 && needsTime:
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "statutory_time", Reason: contracts.ReasonMissing})
	case at == 0:
		at = v.Time()
	}
	if at != 0 {
		v.CheckTime("statutory_time", at, record.newestEntry(), m.Refusal)
	}
	m.change = Change{Version: record.Version + 1, StatutoryTime: at, ChangeRef: ref, LedgerTime: v.Time()}
	return m, nil
}

// pledgorsAgree requires the signatures of the pledgors.
func (m *amendment) pledgorsAgree() {
	checkPledgorsAgree(m.v, m.record, m.application, m.list, contracts.EConsent, "", m.Refusal)
}

// unharmed refuses what puts another pledge of the same rights in a worse place without
// its pledgees' consent (Civil Code, articles 409 and 422): every live one that does not
// rank before this.
func (m *amendment) unharmed() {
	for _, p := range m.list {
		i := entryOf(p, m.record.PledgeNo)
		if i < 0 {
			continue
		}
		own := p.record.Pledges[i].Ranked()
		for _, other := range rights.LivePledges(p.record, m.v.Time()) {
			if other.PledgeNo != m.record.PledgeNo && other.Ranked().Time >= own.Time {
				m.worseOff(other)
			}
		}
	}
}

// worseOff refuses unless the pledgees of another pledge have signed.
func (m *amendment) worseOff(other rights.PledgeEntry) {
	for _, pledgee := range other.Pledgees {
		if !m.v.SignedFor(pledgee, other.PledgeNo, contracts.Countersigner) {
			m.Add(ledger.Failure{Code: contracts.ERank, Field: "signers", Subject: other.PledgeNo, Reason: contracts.ReasonWorseOff})
		}
	}
}

// finish writes the entry down under a new version and certificate.
func (m *amendment) finish(method, event string) (PledgeResult, *contracts.Refusal) {
	m.record.Version = m.change.Version
	m.record.Changes = append(slices.Clone(m.record.Changes), m.change)
	if m.record.isLong() && len(ledger.Encode(m.record)) > ledger.MaxValue-roomToEnd {
		return PledgeResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: m.record.PledgeNo, Reason: contracts.ReasonLength})
	}
	if refusal := certify(m.v, &m.record); refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	if sealed := m.v.Sealed(); sealed != nil {
		m.application.Commitment = *sealed
	}
	step(m.v, m.record, m.application, m.record.State, method, event)
	return registered(m.record, stateOf(m.v, m.record, m.list)), nil // told late, it may be over already
}
