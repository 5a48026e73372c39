// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pools

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// Liabilities of the pledgors of a pool.
const (
	Several = "SEVERAL" // each for its own debt
	Joint   = "JOINT"   // each for all
)

// A Record is a pool. Times are block times in ms since 1970 UTC.
type Record struct {
	PoolNo       string   `cbor:"1,keyasint" json:"pool_no"`
	Manager      string   `cbor:"2,keyasint" json:"manager"` // party id
	Name         string   `cbor:"3,keyasint,omitempty" json:"name,omitempty"`
	Rights       []string `cbor:"4,keyasint" json:"rights"`   // right ids, in the order of their coming
	Pledgors     []string `cbor:"5,keyasint" json:"pledgors"` // their owners, party ids, sorted
	CrossDefault bool     `cbor:"6,keyasint,omitempty" json:"cross_default,omitempty"`
	Liability    string   `cbor:"7,keyasint" json:"several_or_joint"`
	CreatedAt    int64    `cbor:"8,keyasint" json:"created_at"`
	Pledges      []string `cbor:"9,keyasint,omitempty" json:"pledges,omitempty"` // pledge numbers of its applications
}

// maxPledges bounds the applications that a pool lists.
const maxPledges = 64

// RecordKey is the state key of a pool.
func RecordKey(poolNo string) string { return "pools/" + poolNo }

// Names gives the organisations that a pool names, by its number.
func Names(v *contracts.View, poolNo string) (parties []string, found bool) {
	record, found := contracts.Load[Record](v, RecordKey(poolNo))
	return append(slices.Clone(record.Pledgors), record.Manager), found
}

// CreateArgs are the arguments of pools.create.
type CreateArgs struct {
	Rights       []string `cbor:"1,keyasint" json:"rights" schema:"format=right,items=200"`
	Name         string   `cbor:"2,keyasint,omitempty" json:"name,omitempty" schema:"max=128"`
	CrossDefault bool     `cbor:"3,keyasint,omitempty" json:"cross_default,omitempty"`
	Liability    string   `cbor:"4,keyasint,omitempty" json:"several_or_joint,omitempty" schema:"enum=SEVERAL|JOINT,alias=liability"` // absent: SEVERAL
}

// AddArgs are the arguments of pools.add.
type AddArgs struct {
	PoolNo string   `cbor:"1,keyasint" json:"pool_no" schema:"format=platform_number"`
	Rights []string `cbor:"2,keyasint" json:"rights" schema:"format=right,items=200"`
}

// PledgeArgs are the arguments of pools.pledge: an application for the pool's rights, or
// some of them.
type PledgeArgs struct {
	PoolNo           string   `cbor:"1,keyasint" json:"pool_no" schema:"format=platform_number"`
	Pledgees         []string `cbor:"2,keyasint" json:"pledgees" schema:"format=party,items=16"`                    // the acting bank among them
	Rights           []string `cbor:"3,keyasint,omitempty" json:"rights,omitempty" schema:"format=right,items=200"` // absent: all of the pool
	Kind             string   `cbor:"4,keyasint,omitempty" json:"kind,omitempty" schema:"enum=ORDINARY|MAX_AMOUNT"`
	Office           string   `cbor:"5,keyasint,omitempty" json:"office,omitempty" schema:"format=party"`
	Method           string   `cbor:"6,keyasint,omitempty" json:"method,omitempty" schema:"enum=ONLINE|PAPER"`
	Acknowledgements []string `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty" schema:"enum=R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING,items=2"`
	Atomic           *bool    `cbor:"8,keyasint,omitempty" json:"atomic,omitempty"` // absent: true
}

// Result names the pool a method was about, and what it holds after it.
type Result struct {
	PoolNo string `cbor:"1,keyasint" json:"pool_no"`
	Rights uint64 `cbor:"2,keyasint" json:"rights"`
}

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "pools", Name: name, Version: 1, Doc: en, DocZH: zh, Sealed: name == "pledge"}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("create",
			"Groups rights that are financed together; the owners of all of them countersign.",
			"设立知识产权池；池内权利的全体权利人会签。"), create),
		contracts.NewMethod(spec("add",
			"Adds rights to a pool; their owners and the pledgors before them countersign.",
			"向知识产权池增加权利；其权利人及原有出质人会签。"), add),
		contracts.NewMethod(spec("pledge",
			"Applies for a pledge of a pool's rights, as pledges.submit does.",
			"以池内权利申请质押登记，规则同 pledges.submit。"), pledge),
	}
}

func create(v *contracts.View, args CreateArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	record := Record{
		Manager: v.Actor(), Name: args.Name, CrossDefault: args.CrossDefault, Liability: Several, CreatedAt: v.Time(),
	}
	if args.Liability != "" {
		record.Liability = args.Liability
	}
	take(v, &record, args.Rights, r)
	if r.Refuses() {
		return Result{}, r
	}
	number, refusal := v.NextNumber(identifier.PoolRecord, v.AreaOf(v.ActingParty()))
	if refusal.Refuses() {
		return Result{}, refusal
	}
	record.PoolNo = number
	return store(v, record, "pool.created"), nil
}

func add(v *contracts.View, args AddArgs) (Result, *contracts.Refusal) {
	record, refusal := managed(v, args.PoolNo)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	take(v, &record, args.Rights, r)
	if record.CrossDefault || record.Liability == Joint { // they stand for what is added
		for _, pledgor := range record.Pledgors {
			if !v.SignedFor(pledgor, record.PoolNo, contracts.Countersigner) {
				r.Add(ledger.Failure{Code: contracts.EConsent, Field: "signers", Subject: pledgor})
			}
		}
	}
	if r.Refuses() {
		return Result{}, r
	}
	return store(v, record, "pool.grown"), nil
}

// pledge applies for a pledge. That the pool's rights can be pledged is judged as of any.
func pledge(v *contracts.View, args PledgeArgs) (pledges.SubmitResult, *contracts.Refusal) {
	record, refusal := managed(v, args.PoolNo)
	if refusal.Refuses() {
		return pledges.SubmitResult{}, refusal
	}
	r := new(contracts.Refusal)
	list := record.Rights
	if len(args.Rights) > 0 {
		list = nil
		for i, ref := range args.Rights {
			id, failure := rightID(v, ref)
			if failure == nil && !slices.Contains(record.Rights, id) {
				failure = &ledger.Failure{Code: contracts.ENotFound, Subject: record.PoolNo}
			}
			if failure != nil {
				failure.Field = fmt.Sprintf("rights[%d]", i)
				r.Add(*failure)
			}
			list = append(list, id)
		}
	}
	if len(record.Pledges) >= maxPledges {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pool_no", Subject: record.PoolNo, Reason: contracts.ReasonLength})
	}
	if r.Refuses() {
		return pledges.SubmitResult{}, r
	}
	result, refusal := pledges.Apply(v, pledges.SubmitArgs{
		Rights: list, Pledgors: ownersOf(v, list), Pledgees: args.Pledgees, Kind: args.Kind, Office: args.Office,
		Method: args.Method, Acknowledgements: args.Acknowledgements, Atomic: args.Atomic,
	}, record.PoolNo, "pools.pledge")
	if refusal.Refuses() {
		return result, refusal
	}
	record.Pledges = append(slices.Clone(record.Pledges), result.PledgeNo)
	store(v, record, "pool.pledged")
	return result, nil
}

// managed finds a pool of which the actor is the manager.
func managed(v *contracts.View, poolNo string) (Record, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(poolNo)
	if err != nil {
		return Record{}, contracts.Refuse(contracts.IdentifierFailure(err, "pool_no"))
	}
	record, ok := contracts.Load[Record](v, RecordKey(number.Canonical))
	if !ok {
		return Record{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "pool_no", Subject: number.Canonical})
	}
	if !contracts.ActsFor(v, record.Manager, record.PoolNo) {
		return Record{}, contracts.Refuse(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.PoolNo, Reason: contracts.ReasonNotManager})
	}
	return record, nil
}

// take puts rights into a pool: every one stands, is in no pool twice, and its owners
// have signed.
func take(v *contracts.View, record *Record, refs []string, r *contracts.Refusal) {
	if len(refs) == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonEmpty})
	}
	record.Rights = slices.Clone(record.Rights)
	for i, ref := range refs {
		field := fmt.Sprintf("rights[%d]", i)
		key, failure := rights.Resolve(v.Get, ref, v.Today())
		if failure != nil {
			failure.Field = field
			r.Add(*failure)
			continue
		}
		of, ok := contracts.Load[rights.Record](v, key)
		switch state := rights.StateThen(of, v.Time(), v.Parameters()); {
		case !ok:
			r.Add(ledger.Failure{Code: contracts.ENotFound, Field: field})
			continue
		case state != rights.Confirmed:
			r.Add(ledger.Failure{Code: contracts.EState, Field: field, Subject: of.RightID, Reason: string(state)})
		case slices.Contains(record.Rights, of.RightID):
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: of.RightID, Reason: contracts.ReasonRepeated})
		}
		for _, owner := range of.Owners {
			if !v.SignedFor(owner, of.RightID, contracts.Countersigner) {
				r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: contracts.Current(v, owner, of.RightID)})
			}
		}
		if len(of.Outsiders) > 0 {
			r.Add(ledger.Failure{Code: contracts.ECoowner, Field: field, Subject: of.RightID})
		}
		record.Rights = append(record.Rights, of.RightID)
		record.Pledgors = append(slices.Clone(record.Pledgors), of.Owners...)
	}
	slices.Sort(record.Pledgors)
	record.Pledgors = slices.Compact(record.Pledgors)
	if int64(len(record.Rights)) > v.Figure(contracts.MaxPledgeRights) {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonLength})
	}
}

// rightID finds the id of a right as typed.
func rightID(v *contracts.View, ref string) (string, *ledger.Failure) {
	key, failure := rights.Resolve(v.Get, ref, v.Today())
	if failure != nil {
		return "", failure
	}
	of, ok := contracts.Load[rights.Record](v, key)
	if !ok {
		return "", &ledger.Failure{Code: contracts.ENotFound}
	}
	return of.RightID, nil
}

// ownersOf are the owners, now, of some rights.
func ownersOf(v *contracts.View, list []string) (owners []string) {
	for _, ref := range list {
		if key, failure := rights.Resolve(v.Get, ref, v.Today()); failure == nil {
			of, _ := contracts.Load[rights.Record](v, key)
			owners = append(owners, of.Owners...)
		}
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

func store(v *contracts.View, record Record, event string) Result {
	contracts.Store(v, RecordKey(record.PoolNo), record)
	v.Emit(event, record.PoolNo)
	return Result{PoolNo: record.PoolNo, Rights: uint64(len(record.Rights))}
}
