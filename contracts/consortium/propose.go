// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"cmp"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// ProposeArgs are the arguments of consortium.propose.
type ProposeArgs struct {
	Contract string       `cbor:"1,keyasint" json:"contract" schema:"max=32"`
	Method   string       `cbor:"2,keyasint" json:"method" schema:"max=32"`
	Version  uint64       `cbor:"3,keyasint,omitempty" json:"version,omitempty"`  // of the method; absent: 1
	Args     []byte       `cbor:"4,keyasint" json:"args" schema:"max=16384"`      // of the method, encoded as a body holds them
	Title    string       `cbor:"5,keyasint,omitempty" json:"title,omitempty"`    // what it is about, in a line
	Document *ledger.Hash `cbor:"6,keyasint,omitempty" json:"document,omitempty"` // of a paper kept off the ledger
}

// Inner is the call that is proposed: it is checked before the method runs.
func (a ProposeArgs) Inner() contracts.Call {
	return contracts.Call{Contract: a.Contract, Version: cmp.Or(a.Version, 1), Method: a.Method, Args: a.Args}
}

// VoteArgs are the arguments of consortium.vote.
type VoteArgs struct {
	Proposal ledger.Hash `cbor:"1,keyasint" json:"proposal_id"`
	Ballot   string      `cbor:"2,keyasint" json:"ballot" schema:"enum=YES|NO|VETO"`
}

// WithdrawArgs are the arguments of consortium.withdraw.
type WithdrawArgs struct {
	Proposal ledger.Hash `cbor:"1,keyasint" json:"proposal_id"`
}

// ProposalResult says where a proposal stands after a transaction.
type ProposalResult struct {
	Proposal ledger.Hash `cbor:"1,keyasint" json:"proposal_id"`
	State    State       `cbor:"2,keyasint" json:"state"`
	Code     string      `cbor:"3,keyasint,omitempty" json:"code,omitempty"` // that the method refused with, if FAILED
}

// propose opens a proposal. An organisation that has a vote agrees by proposing.
func propose(v *contracts.View, args ProposeArgs) (ProposalResult, *contracts.Refusal) {
	if refusal := domestic(v); refusal.Refuses() {
		return ProposalResult{}, refusal
	}
	call := args.Inner()
	p := Proposal{
		ID: v.Transaction(), Contract: call.Contract, Method: call.Method, Version: call.Version, Args: call.Args,
		Title: args.Title, Document: args.Document, Proposer: v.Actor(),
		OpenedHeight: v.Height(), OpenedAt: v.Time(), Until: v.Time() + contracts.Days(v.Figure(contracts.ProposalDays)),
		Stored: Open, Ballots: []Ballot{},
	}
	v.Emit("proposal.opened", p.ID.String())
	if v.ActingParty().Votes() {
		p.ballot(v, Yes)
		p.decide(v)
	}
	contracts.Store(v, ProposalIDKey(p.ID), p.key())
	return p.keep(v)
}

// vote casts a ballot, and in the same block does what it decides. The members may have
// become others since the last one, by which a proposal is decided that was not: whoever
// then repeats the own ballot has it counted anew.
func vote(v *contracts.View, args VoteArgs) (ProposalResult, *contracts.Refusal) {
	if refusal := domestic(v); refusal.Refuses() {
		return ProposalResult{}, refusal
	}
	p, r := openProposal(v, args.Proposal)
	if r.Refuses() {
		return ProposalResult{}, r
	}
	switch regulates := v.ActingParty().Role == contracts.Regulator; {
	case args.Ballot == Veto && !regulates:
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "ballot", Subject: v.Actor(), Reason: contracts.ReasonPartyRole})
	case args.Ballot != Veto && regulates:
		r.Add(ledger.Failure{Code: contracts.EForbidden, Field: "ballot", Subject: v.Actor(), Reason: contracts.ReasonPartyRole})
	}
	if r.Refuses() {
		return ProposalResult{}, r
	}
	cast, voted := p.cast(v.Actor())
	switch {
	case args.Ballot == Veto:
		p.ballot(v, Veto)
		p.end(v, Vetoed)
		return p.keep(v)
	case !voted:
		p.ballot(v, args.Ballot)
	}
	if !voted || cast.Choice == args.Ballot {
		p.decide(v)
	}
	if voted && p.Stored == Open {
		return ProposalResult{}, contracts.Refuse(ledger.Failure{
			Code: contracts.EDuplicate, Field: "proposal_id", Subject: v.Actor(), Reason: contracts.ReasonVoted,
		})
	}
	return p.keep(v)
}

// domestic refuses a foreign organisation, which takes no part in what the consortium
// decides about itself.
func domestic(v *contracts.View) *contracts.Refusal {
	r := new(contracts.Refusal)
	if v.ActingParty().Foreign() {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: v.Actor(), Reason: contracts.ReasonForeign})
	}
	return r
}

// withdraw ends a proposal for who made it.
func withdraw(v *contracts.View, args WithdrawArgs) (ProposalResult, *contracts.Refusal) {
	p, r := openProposal(v, args.Proposal)
	if r.Refuses() {
		return ProposalResult{}, r
	}
	if p.Proposer != v.Actor() {
		return ProposalResult{}, contracts.Refuse(ledger.Failure{
			Code: contracts.EForbidden, Field: "proposal_id", Subject: p.Proposer, Reason: contracts.ReasonProposer,
		})
	}
	p.end(v, Withdrawn)
	return p.keep(v)
}

// openProposal finds a proposal that can still be decided.
func openProposal(v *contracts.View, id ledger.Hash) (Proposal, *contracts.Refusal) {
	key, ok := contracts.Load[string](v, ProposalIDKey(id))
	if !ok {
		return Proposal{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "proposal_id", Subject: id.String()})
	}
	p, _ := contracts.Load[Proposal](v, key)
	if state := p.StateAt(v.Time()); state != Open {
		return Proposal{}, contracts.Refuse(ledger.Failure{
			Code: contracts.EState, Field: "proposal_id", Subject: id.String(), Reason: contracts.ProposalReason + string(state),
		})
	}
	return p, new(contracts.Refusal)
}

func (p *Proposal) ballot(v *contracts.View, choice string) {
	p.Ballots = append(p.Ballots, Ballot{Organisation: v.Actor(), Choice: choice, Height: v.Height(), Time: v.Time()})
}

// decide counts, and calls the method if enough agree. Nothing of this transaction
// was written before, which Carry asks for.
func (p *Proposal) decide(v *contracts.View) {
	voters, err := contracts.Electorate(v.Reader(), v.Time())
	if err != nil {
		v.Fail(err)
		return
	}
	tally := p.Count(voters, v.Parameters())
	switch {
	case tally.Carried():
		p.carry(v)
	case tally.Lost():
		p.end(v, Rejected)
	default:
		return
	}
	p.Tally = &tally
}

// carry calls the method. What it refuses is the outcome of the proposal, not of the
// ballot: that was cast all the same.
func (p *Proposal) carry(v *contracts.View) {
	call := contracts.Call{Contract: p.Contract, Version: p.Version, Method: p.Method, Args: p.Args}
	result, r := v.Carry(call, p.ID, p.Proposer)
	if r.Refuses() {
		p.Code, p.Failures = r.Code(), r.Within(maxFailures)
		p.end(v, Failed)
		return
	}
	p.Result = result
	p.end(v, Passed)
}

// maxFailures bounds what a record keeps of a refusal, in bytes.
const maxFailures = 8 << 10

var endings = map[State]string{
	Passed: "proposal.passed", Failed: "proposal.failed", Rejected: "proposal.rejected", Vetoed: "proposal.vetoed", Withdrawn: "proposal.withdrawn",
}

func (p *Proposal) end(v *contracts.View, state State) {
	p.Stored, p.EndedHeight, p.EndedAt = state, v.Height(), v.Time()
	v.Emit(endings[state], p.ID.String())
}

// keep writes the record and tells where the proposal stands.
func (p *Proposal) keep(v *contracts.View) (ProposalResult, *contracts.Refusal) {
	contracts.Store(v, p.key(), *p)
	return ProposalResult{Proposal: p.ID, State: p.Stored, Code: p.Code}, nil
}
