// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"cmp"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// SubmitArgs are the arguments of pledges.submit. The body's one commitment is
// the salted hash of the sealed part.
type SubmitArgs struct {
	Rights           []string `cbor:"1,keyasint" json:"rights" schema:"format=right,items=200"` // right ids or TYPE:number
	Pledgors         []string `cbor:"2,keyasint" json:"pledgors" schema:"format=party,items=16"`
	Pledgees         []string `cbor:"3,keyasint" json:"pledgees" schema:"format=party,items=16"` // the acting bank among them
	Kind             string   `cbor:"4,keyasint,omitempty" json:"kind,omitempty" schema:"enum=ORDINARY|MAX_AMOUNT"`
	Office           string   `cbor:"5,keyasint,omitempty" json:"office,omitempty" schema:"format=party"` // absent: the office that confirmed the first right
	Method           string   `cbor:"6,keyasint,omitempty" json:"method,omitempty" schema:"enum=ONLINE|PAPER"`
	Acknowledgements []string `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty" schema:"enum=R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING,items=2"`
	Registrar        string   `cbor:"8,keyasint,omitempty" json:"registrar,omitempty" schema:"enum=CNIPA|NCA|MARA|NFGA"` // absent: that of the rights
	Atomic           *bool    `cbor:"9,keyasint,omitempty" json:"atomic,omitempty"`                                      // absent: true, one refused right refuses all
}

// SubmitResult names the application that pledges.submit made.
type SubmitResult struct {
	PledgeNo         string    `cbor:"1,keyasint" json:"pledge_no"`
	ReservationUntil int64     `cbor:"2,keyasint" json:"reservation_until"` // ms since 1970 UTC, exclusive
	Manifest         *Manifest `cbor:"3,keyasint,omitempty" json:"manifest,omitempty"`
}

func submit(v *contracts.View, args SubmitArgs) (SubmitResult, *contracts.Refusal) {
	return Apply(v, args, "", "submit")
}

// Apply takes an application in, of a pool or of rights of their own. The method is that
// which was called.
func Apply(v *contracts.View, args SubmitArgs, poolNo, method string) (SubmitResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	a := assess(v, draft{
		rights: args.Rights, pledgors: args.Pledgors, pledgees: args.Pledgees, acknowledged: args.Acknowledgements,
		registrar: args.Registrar, partial: args.Atomic != nil && !*args.Atomic,
	}, r)
	sealed := v.Commitment(r)
	var office contracts.Party
	if args.Office != "" {
		office = rights.FindOffice(v, args.Office, a.registrar(), r)
	} else if len(a.list) > 0 && a.list[0].record.ConfirmedBy != "" {
		office = rights.FindOffice(v, contracts.Current(v, a.list[0].record.ConfirmedBy, a.list[0].record.RightID), a.registrar(), r)
	}
	if r.Refuses() {
		return SubmitResult{}, r
	}

	number, refusal := v.NextNumber(identifier.PledgeRecord, office.AreaCode)
	if refusal.Refuses() {
		return SubmitResult{}, refusal
	}
	until := v.Time() + v.Parameters().Days(contracts.ReservationDays)
	record := Record{PledgeNo: number, Registrar: string(a.registrar()), SubmittedAt: v.Time()}
	for _, p := range a.list {
		record.Rights = append(record.Rights, rightOf(p.record))
		reserve(v, p, rights.PendingPledge{SubmittedAt: v.Time(), ReservationUntil: until})
	}
	application := Application{
		PledgeNo: number, Kind: cmp.Or(args.Kind, Ordinary), Pledgors: a.pledgors, Pledgees: a.pledgees,
		Office: office.PartyID, Method: cmp.Or(args.Method, "ONLINE"), Acknowledgements: args.Acknowledgements,
		Commitment: sealed, ReservationUntil: until, Manifest: a.manifest, Signed: signers(v), Partial: a.partial, PoolNo: poolNo,
	}
	step(v, record, application, Submitted, method, "pledge.submitted")
	return SubmitResult{PledgeNo: number, ReservationUntil: until, Manifest: a.manifest}, nil
}

// reserve writes an application into a right's record, and takes those off that time has
// withdrawn.
func reserve(v *contracts.View, p *pledged, pending rights.PendingPledge) {
	kept := slices.DeleteFunc(slices.Clone(p.record.Pending), func(old rights.PendingPledge) bool { return !old.Waits(v.Time()) })
	p.record.Pending = append(kept, pending)
	contracts.Store(v, p.key, p.record)
}

// signers lists the organisations for which the transaction was signed.
func signers(v *contracts.View) (list []string) {
	list = make([]string, 0, len(v.Signers()))
	for _, s := range v.Signers() {
		list = append(list, s.Organisation)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// ResubmitArgs are the arguments of pledges.resubmit: the application as corrected. What
// is absent stays as it was; the sealed part, too, unless the body commits to another.
type ResubmitArgs struct {
	PledgeNo         string    `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Rights           []string  `cbor:"2,keyasint,omitempty" json:"rights,omitempty" schema:"format=right,items=200"`
	Pledgors         []string  `cbor:"3,keyasint,omitempty" json:"pledgors,omitempty" schema:"format=party,items=16"`
	Pledgees         []string  `cbor:"4,keyasint,omitempty" json:"pledgees,omitempty" schema:"format=party,items=16"`
	Kind             string    `cbor:"5,keyasint,omitempty" json:"kind,omitempty" schema:"enum=ORDINARY|MAX_AMOUNT"`
	Method           string    `cbor:"6,keyasint,omitempty" json:"method,omitempty" schema:"enum=ONLINE|PAPER"`
	Acknowledgements *[]string `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty" schema:"enum=R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING,items=2"`
}

// resubmit brings a corrected application, which both sides sign anew and which is
// judged as a new one is. It keeps its number and what it has reserved; a right that it
// did not name before is reserved from now on.
func resubmit(v *contracts.View, args ResubmitArgs) (SubmitResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return SubmitResult{}, refusal
	}
	r := new(contracts.Refusal)
	checkState(v, record, nil, r, Correction)
	checkSteps(application, r)
	if !IsPledgee(v, application) {
		r.Add(notPledgee(record))
	}
	if r.Refuses() {
		return SubmitResult{}, r
	}
	d := draft{
		rights: args.Rights, pledgors: args.Pledgors, pledgees: args.Pledgees, acknowledged: application.Acknowledgements,
		partial: application.Partial, own: &record,
	}
	if len(d.rights) == 0 {
		for _, right := range record.Rights {
			d.rights = append(d.rights, right.RightID)
		}
	}
	if len(d.pledgors) == 0 {
		d.pledgors = application.Pledgors
	}
	if len(d.pledgees) == 0 {
		d.pledgees = application.Pledgees
	}
	if args.Acknowledgements != nil {
		d.acknowledged = *args.Acknowledgements
	}
	a := assess(v, d, r)
	checkSigned(v, application.Pledgees, record.PledgeNo, contracts.ESignature, r) // nobody is left out unasked
	if len(a.list) > 0 && string(a.registrar()) != record.Registrar {
		r.Add(ledger.Failure{Code: contracts.EContract, Ground: groundOf(a.list, contracts.R07), Field: "rights", Subject: record.Registrar, Reason: contracts.ReasonOtherRegister})
	}
	if r.Refuses() {
		return SubmitResult{}, r
	}
	before := record.Rights
	record.Rights = nil
	for _, p := range a.list {
		right := rightOf(p.record)
		pending := rights.PendingPledge{SubmittedAt: record.SubmittedAt, ReservationUntil: application.ReservationUntil}
		if i := slices.IndexFunc(before, func(old Right) bool { return old.key() == p.key }); i >= 0 {
			right = before[i]
			pending = p.own
			pending.LapsesAt = 0
			dropPending(&p.record, appliedAt(right, record))
		} else {
			right.AppliedAt = v.Time()
			pending = rights.PendingPledge{SubmittedAt: v.Time(), ReservationUntil: v.Time() + v.Parameters().Days(contracts.ReservationDays)}
		}
		record.Rights = append(record.Rights, right)
		reserve(v, p, pending)
	}
	for _, old := range before {
		if !slices.ContainsFunc(a.list, func(p *pledged) bool { return p.key == old.key() }) {
			free(v, record, old)
		}
	}
	application.Pledgors, application.Pledgees, application.Acknowledgements = a.pledgors, a.pledgees, d.acknowledged
	application.Kind, application.Method = cmp.Or(args.Kind, application.Kind), cmp.Or(args.Method, application.Method)
	if len(args.Rights) > 0 {
		application.Manifest = nil
	}
	application.Manifest, application.Signed = application.Manifest.and(a.manifest), signers(v)
	application.Codes, application.Reason, application.DueDate, application.DueProvisional = nil, "", "", false
	if sealed := v.Sealed(); sealed != nil {
		application.Commitment = *sealed
	}
	record.LapsesAt = 0
	step(v, record, application, Submitted, "resubmit", "pledge.resubmitted")
	return SubmitResult{PledgeNo: record.PledgeNo, ReservationUntil: application.ReservationUntil, Manifest: a.manifest}, nil
}

// appliedAt is the block time by which a right's record knows an application.
func appliedAt(right Right, record Record) int64 {
	if right.AppliedAt != 0 {
		return right.AppliedAt
	}
	return record.SubmittedAt
}

// free takes an application off the record of one of its rights.
func free(v *contracts.View, record Record, right Right) {
	of, _ := contracts.Load[rights.Record](v, right.key())
	dropPending(&of, appliedAt(right, record))
	contracts.Store(v, right.key(), of)
}

// dropPending takes an application off a right's record. Two applications of one
// right never share a block time, since the first one's reservation refuses the
// second.
func dropPending(record *rights.Record, appliedAt int64) {
	record.Pending = slices.DeleteFunc(slices.Clone(record.Pending), func(p rights.PendingPledge) bool {
		return p.SubmittedAt == appliedAt
	})
}
