// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// TransferArgs are the arguments of pledges.transfer.
type TransferArgs struct {
	PledgeNo      string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Pledgees      []string     `cbor:"2,keyasint" json:"pledgees" schema:"format=party,items=16,alias=new_pledgees|to"` // all of them, after it
	Notice        *ledger.Hash `cbor:"3,keyasint,omitempty" json:"notice,omitempty" schema:"alias=notice_hash"`         // of the notice to the debtor, kept off the ledger
	StatutoryTime int64        `cbor:"4,keyasint,omitempty" json:"statutory_time,omitempty" schema:"alias=change_time"` // at the registrar; absent: now
	ChangeRef     string       `cbor:"5,keyasint,omitempty" json:"change_ref,omitempty" schema:"max=64"`
}

// transfer moves a pledge with its debt to other pledgees: it goes where the debt goes
// (Civil Code, articles 407 and 547), and its rank stays. The old and the new pledgees
// sign, and the debtor was told. A pledge for a maximum amount whose claims are not fixed
// goes with a part of them only if that was agreed (article 421): the pledgors sign, too.
func transfer(v *contracts.View, args TransferArgs) (PledgeResult, *contracts.Refusal) {
	m, refusal := amend(v, args.PledgeNo, args.StatutoryTime, args.ChangeRef, false)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	if !IsPledgee(v, m.application) && v.ActingParty().Role != contracts.Bank {
		checkOffice(v, m.record, m.Refusal)
	}
	to := rights.CheckParties(v, args.Pledgees, "pledgees", m.Refusal)
	checkPledgeeRoles(v, m.list, m.application.Pledgors, to, m.Refusal)
	for _, pledgee := range to {
		if pledgee != v.Actor() && !v.Signed(pledgee, contracts.Countersigner) {
			m.Add(ledger.Failure{Code: contracts.ESignature, Field: "pledgees", Subject: pledgee})
		}
	}
	if slices.Equal(to, m.record.Pledgees) {
		m.Add(ledger.Failure{Code: contracts.EState, Field: "pledgees", Subject: m.record.PledgeNo, Reason: contracts.ReasonRepeated})
	}
	if args.Notice == nil || args.Notice.IsZero() {
		m.Add(ledger.Failure{Code: contracts.EFormat, Field: "notice", Reason: contracts.ReasonMissing})
	}
	if m.application.Kind == MaxAmount && m.application.ClaimFixed == nil {
		checkPledgorsAgree(v, m.record, m.application, m.list, contracts.EConsent, contracts.ReasonNotFixed, m.Refusal)
	}
	if m.Refuses() {
		return PledgeResult{}, m.Refusal
	}
	for _, pledgee := range to {
		if !slices.Contains(m.record.Pledgees, pledgee) {
			contracts.NameAnew(v, pledgee, m.record.PledgeNo)
		}
	}
	m.change.Kinds, m.change.Former = []string{ChangedPledgees}, m.record.Pledgees
	m.record.Pledgees, m.application.Pledgees = to, to
	eachEntry(v, m.list, m.record.PledgeNo, func(e *rights.PledgeEntry) bool {
		e.Pledgees = to
		return true
	})
	return m.finish("transfer", "pledge.transferred")
}
