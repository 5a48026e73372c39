// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// ConsentArgs are the arguments of pledges.consent_release. The grounds are the
// closed list of the Civil Code, articles 388 and 393.
type ConsentArgs struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Ground   string `cbor:"2,keyasint,omitempty" json:"ground,omitempty" schema:"enum=DEBT_PAID|REALISED|WAIVED|MAIN_CONTRACT_VOID|OTHER"`
}

// CancelArgs are the arguments of pledges.cancel.
type CancelArgs struct {
	PledgeNo         string       `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	CancellationRef  string       `cbor:"2,keyasint,omitempty" json:"cancellation_ref,omitempty" schema:"max=64"` // of the statutory registrar
	CancellationTime int64        `cbor:"3,keyasint,omitempty" json:"cancellation_time,omitempty"`                // ms since 1970 UTC, statutory
	CourtDocument    *ledger.Hash `cbor:"4,keyasint,omitempty" json:"court_document,omitempty"`                   // a court's paper stands for the pledgees' consent
}

func consentRelease(v *contracts.View, args ConsentArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	checkPledgees(v, record, application, r)
	if record.State != Effective {
		r.Add(wrongState(record))
	}
	if args.Ground == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "ground", Reason: contracts.ReasonMissing})
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	for _, p := range rightsOf(v, record) {
		p.record.Pledges = slices.Clone(p.record.Pledges)
		for i := range p.record.Pledges {
			if p.record.Pledges[i].PledgeNo == record.PledgeNo {
				p.record.Pledges[i].State = string(ReleasePending)
			}
		}
		contracts.Store(v, p.key, p.record)
	}
	record.Ground = args.Ground
	step(v, record, application, ReleasePending, "pledge.release_pending")
	return PledgeResult{PledgeNo: record.PledgeNo, State: ReleasePending}, nil
}

// cancel relays the statutory cancellation. Whoever reports for the pledge's register
// may: the register is one, and the office that received the application may be gone by
// then.
func cancel(v *contracts.View, args CancelArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	court := args.CourtDocument != nil
	if !rights.Reports(v.ActingParty().Role, rights.Registrar(record.Registrar)) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.Registrar, Reason: contracts.ReasonOtherRegister})
	}
	if record.State != ReleasePending && (!court || record.State != Effective) {
		r.Add(wrongState(record))
	}
	if args.CancellationRef == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "cancellation_ref", Reason: contracts.ReasonMissing})
	}
	if court && args.CourtDocument.IsZero() {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "court_document", Reason: contracts.ReasonEmpty})
	}
	switch {
	case args.CancellationTime == 0:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "cancellation_time", Reason: contracts.ReasonMissing})
	case args.CancellationTime > v.Time() || args.CancellationTime < record.StatutoryTime,
		!court && earlierDay(args.CancellationTime, application.lastStep()):
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "cancellation_time"})
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	for _, p := range rightsOf(v, record) {
		p.record.Pledges = slices.DeleteFunc(slices.Clone(p.record.Pledges), func(e rights.PledgeEntry) bool {
			return e.PledgeNo == record.PledgeNo
		})
		contracts.Store(v, p.key, p.record)
	}
	if court {
		record.Ground, application.CourtDocument = GroundCourt, args.CourtDocument
	}
	record.CancellationRef, record.CancellationTime, record.EndedAt = args.CancellationRef, args.CancellationTime, v.Time()
	step(v, record, application, Released, "pledge.released")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Released}, nil
}
