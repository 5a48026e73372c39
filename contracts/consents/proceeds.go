// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consents

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// ProceedsArgs are the arguments of consents.report_proceeds.
type ProceedsArgs struct {
	ConsentNo string `cbor:"1,keyasint" json:"consent_no" schema:"format=platform_number"`
	FactTime  int64  `cbor:"2,keyasint,omitempty" json:"fact_time,omitempty"` // when the deal was made, ms since 1970 UTC
}

// maxProceeds bounds the reports on one deal: a licence brings royalties for years.
const maxProceeds = 64

// reportProceeds certifies what became of the money of a deal that the consent covered
// when it was made. The pledgees of every pledge that granted it sign, also of one that
// has ended since: the money may have ended it.
func reportProceeds(v *contracts.View, args ProceedsArgs) (Result, *contracts.Refusal) {
	c, right, refusal := find(v, args.ConsentNo)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	if v.ActingParty().Role != contracts.Exchange && (c.RequestedBy == "" || !contracts.ActsFor(v, c.RequestedBy, c.RightID)) {
		return Result{}, contracts.Refuse(notFound(c))
	}
	r := new(contracts.Refusal)
	checkFactTime(v, args.FactTime, r)
	if state := c.StateAt(right, args.FactTime); state != rights.ConsentGranted {
		r.Add(notIn(c, state))
	}
	if len(c.Proceeds) > 0 && c.Proceeds[0].FactTime != args.FactTime { // a consent is to one deal
		r.Add(ledger.Failure{Code: contracts.EConsent, Field: "fact_time", Subject: c.ConsentNo, Reason: contracts.ReasonOtherDeal})
	}
	if len(c.Proceeds) >= maxProceeds {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "consent_no", Subject: c.ConsentNo, Reason: contracts.ReasonLength})
	}
	sealed := v.Commitment(r)
	for _, g := range c.Grants {
		pledgees := g.Pledgees
		if i := slices.IndexFunc(right.Pledges, func(e rights.PledgeEntry) bool { return e.PledgeNo == g.PledgeNo }); i >= 0 {
			pledgees = right.Pledges[i].Pledgees // they may be others since the pledge was transferred
		}
		for _, pledgee := range pledgees {
			if !v.SignedFor(pledgee, g.PledgeNo, contracts.Countersigner) {
				r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: contracts.Current(v, pledgee, g.PledgeNo)})
			}
		}
	}
	if r.Refuses() {
		return Result{}, r
	}
	c.Proceeds = append(slices.Clone(c.Proceeds), rights.Proceeds{
		FactTime: args.FactTime, ReportedBy: v.Actor(), ReportedAt: v.Time(), Commitment: sealed,
	})
	return Result{ConsentNo: c.ConsentNo, State: store(v, c, right, "consent.proceeds")}, nil
}

func checkFactTime(v *contracts.View, at int64, r *contracts.Refusal) {
	if at == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "fact_time", Reason: contracts.ReasonMissing})
	}
	v.CheckTime("fact_time", at, 0, r)
}
