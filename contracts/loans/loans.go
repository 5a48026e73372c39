// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package loans

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/ledger"
)

// State is where a loan is in its life.
type State string

// The states.
const (
	Signed  State = "SIGNED"
	Active  State = "ACTIVE"
	Settled State = "SETTLED"
)

// A Record is a loan without its terms. Times are block times in ms since 1970
// UTC.
type Record struct {
	LoanNo      string      `cbor:"1,keyasint" json:"loan_no"`
	Lender      string      `cbor:"2,keyasint" json:"lender"`
	Borrower    string      `cbor:"3,keyasint" json:"borrower"`
	Pledges     []string    `cbor:"4,keyasint,omitempty" json:"pledges,omitempty"` // pledge numbers the loan requires, sorted
	State       State       `cbor:"5,keyasint" json:"state"`
	SignedAt    int64       `cbor:"6,keyasint" json:"signed_at"`
	DisbursedAt int64       `cbor:"7,keyasint,omitempty" json:"disbursed_at,omitempty"`
	SettledAt   int64       `cbor:"8,keyasint,omitempty" json:"settled_at,omitempty"`
	Commitment  ledger.Hash `cbor:"9,keyasint" json:"commitment"` // of the sealed contract
}

// SignArgs are the arguments of loans.sign. A contract is often signed before
// the pledge is applied for; its pledges can be named at disbursement then.
type SignArgs struct {
	Borrower string   `cbor:"1,keyasint" json:"borrower" schema:"format=party"`
	Pledges  []string `cbor:"2,keyasint,omitempty" json:"pledges,omitempty" schema:"format=platform_number,items=16"`
}

// DisburseArgs are the arguments of loans.disburse.
type DisburseArgs struct {
	LoanNo  string   `cbor:"1,keyasint" json:"loan_no" schema:"format=platform_number"`
	Pledges []string `cbor:"2,keyasint,omitempty" json:"pledges,omitempty" schema:"format=platform_number,items=16"` // further ones
}

// LoanArgs name the loan that a method is about and nothing else.
type LoanArgs struct {
	LoanNo string `cbor:"1,keyasint" json:"loan_no" schema:"format=platform_number"`
}

// Result names the loan a method was about, and its state after it.
type Result struct {
	LoanNo string `cbor:"1,keyasint" json:"loan_no"`
	State  State  `cbor:"2,keyasint" json:"state"`
}

// maxPledges bounds the pledges of one loan.
const maxPledges = 64

// RecordKey is the state key of a loan.
func RecordKey(loanNo string) string { return "loans/" + loanNo }

// Names gives the organisations that a loan names, by its number.
func Names(v *contracts.View, loanNo string) (parties []string, found bool) {
	record, found := contracts.Load[Record](v, RecordKey(loanNo))
	return []string{record.Lender, record.Borrower}, found
}

// Methods lists the methods of the contract.
func Methods() []contracts.Method {
	spec := func(name, en, zh string) contracts.Spec {
		return contracts.Spec{Contract: "loans", Name: name, Version: 1, Doc: en, DocZH: zh, Sealed: name == "sign"}
	}
	return []contracts.Method{
		contracts.NewMethod(spec("sign",
			"Certifies a loan contract; the borrower countersigns, the terms are sealed.",
			"存证借款合同；借款人会签，条款密封。"), sign),
		contracts.NewMethod(spec("disburse",
			"Certifies the disbursement; refused unless every required pledge is effective.",
			"存证放款；所需质押未全部生效的不得放款。"), disburse),
		contracts.NewMethod(spec("settle",
			"Certifies that the loan is paid off.",
			"存证贷款结清。"), settle),
	}
}

func sign(v *contracts.View, args SignArgs) (Result, *contracts.Refusal) {
	r := new(contracts.Refusal)
	borrower := contracts.FindParty(v, args.Borrower, "borrower", r).PartyID
	switch {
	case borrower == "":
	case borrower == v.Actor():
		r.Add(ledger.Failure{Code: contracts.EContract, Ground: contracts.R07, Field: "borrower", Subject: borrower, Reason: contracts.ReasonRepeated})
	case !v.Signed(borrower, contracts.Countersigner):
		r.Add(ledger.Failure{Code: contracts.ESignature, Field: "borrower", Subject: borrower})
	}
	list := addPledges(v, nil, args.Pledges, r)
	for _, number := range list {
		record, application, _ := pledges.Load(v, number, "pledges")
		checkLender(v, record, application, r)
		if state := pledges.StateNow(v, record); !state.Pending() && state != pledges.Effective {
			r.Add(notEffective(record, state))
		}
	}
	sealed := v.Commitment(r)
	if r.Refuses() {
		return Result{}, r
	}
	number, refusal := v.NextNumber(identifier.LoanRecord, v.AreaOf(v.ActingParty()))
	if refusal.Refuses() {
		return Result{}, refusal
	}
	return store(v, Record{
		LoanNo: number, Lender: v.Actor(), Borrower: borrower, Pledges: list, State: Signed,
		SignedAt: v.Time(), Commitment: sealed,
	}, "loan.signed")
}

func disburse(v *contracts.View, args DisburseArgs) (Result, *contracts.Refusal) {
	record, refusal := ownLoan(v, args.LoanNo, Signed)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	record.Pledges = addPledges(v, record.Pledges, args.Pledges, r)
	if len(record.Pledges) == 0 {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pledges", Subject: record.LoanNo, Reason: contracts.ReasonMissing})
	}
	for _, number := range record.Pledges {
		pledge, application, _ := pledges.Load(v, number, "pledges")
		checkLender(v, pledge, application, r)
		if state := pledges.StateNow(v, pledge); state != pledges.Effective {
			r.Add(notEffective(pledge, state))
		}
	}
	if r.Refuses() {
		return Result{}, r
	}
	record.State, record.DisbursedAt = Active, v.Time()
	return store(v, record, "loan.disbursed")
}

func settle(v *contracts.View, args LoanArgs) (Result, *contracts.Refusal) {
	record, refusal := ownLoan(v, args.LoanNo, Active)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	record.State, record.SettledAt = Settled, v.Time()
	return store(v, record, "loan.settled")
}

// addPledges joins further pledges to those a loan has, sorted, each once. Those
// that do not exist are left out and refused.
func addPledges(v *contracts.View, have, further []string, r *contracts.Refusal) []string {
	list := slices.Clone(have)
	for i, number := range further {
		pledge, _, refusal := pledges.Load(v, number, fmt.Sprintf("pledges[%d]", i))
		if refusal.Refuses() {
			r.Add(refusal.Failures[0])
			continue
		}
		list = append(list, pledge.PledgeNo)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) > maxPledges {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "pledges", Reason: contracts.ReasonLength})
	}
	return list
}

func checkLender(v *contracts.View, pledge pledges.Record, application pledges.Application, r *contracts.Refusal) {
	if !pledges.IsPledgee(v, application) {
		r.Add(ledger.Failure{Code: contracts.EContract, Field: "pledges", Subject: pledge.PledgeNo, Reason: contracts.ReasonNotPledgee})
	}
}

func notEffective(pledge pledges.Record, state pledges.State) ledger.Failure {
	return ledger.Failure{Code: contracts.EState, Field: "pledges", Subject: pledge.PledgeNo, Reason: "PLEDGE_" + string(state)}
}

// ownLoan finds a loan of the acting lender, or of one whose place it took, in a state. Another bank's loan is
// not to be told from one that does not exist.
func ownLoan(v *contracts.View, loanNo string, state State) (Record, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(loanNo)
	if err != nil {
		return Record{}, contracts.Refuse(contracts.IdentifierFailure(err, "loan_no"))
	}
	record, ok := contracts.Load[Record](v, RecordKey(number.Canonical))
	if !ok || !contracts.ActsFor(v, record.Lender, record.LoanNo) {
		return Record{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "loan_no", Subject: number.Canonical})
	}
	if record.State != state {
		return Record{}, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: "loan_no", Subject: record.LoanNo, Reason: string(record.State)})
	}
	return record, nil
}

func store(v *contracts.View, record Record, event string) (Result, *contracts.Refusal) {
	contracts.Store(v, RecordKey(record.LoanNo), record)
	v.Emit(event, record.LoanNo)
	return Result{LoanNo: record.LoanNo, State: record.State}, nil
}
