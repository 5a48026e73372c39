// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A Proposal asks the members to call a method that nobody calls alone. It is kept
// for ever, with every ballot. Its id is that of the transaction that made it, so
// that a ballot is signed over what it is about: method and arguments to the byte.
type Proposal struct {
	ID           ledger.Hash      `cbor:"1,keyasint" json:"proposal_id"`
	Contract     string           `cbor:"2,keyasint" json:"contract"`
	Method       string           `cbor:"3,keyasint" json:"method"`
	Version      uint64           `cbor:"4,keyasint" json:"version"`
	Args         []byte           `cbor:"5,keyasint" json:"args"` // encoded, as a body holds them
	Title        string           `cbor:"6,keyasint,omitempty" json:"title,omitempty"`
	Document     *ledger.Hash     `cbor:"7,keyasint,omitempty" json:"document,omitempty"` // of a paper kept off the ledger
	Proposer     string           `cbor:"8,keyasint" json:"proposer"`                     // party id
	OpenedHeight uint64           `cbor:"9,keyasint" json:"opened_height"`
	OpenedAt     int64            `cbor:"10,keyasint" json:"opened_at"`  // ms since 1970 UTC
	Until        int64            `cbor:"11,keyasint" json:"open_until"` // ms since 1970 UTC; not open any more at that time
	Stored       State            `cbor:"12,keyasint" json:"stored"`     // see StateAt
	Ballots      []Ballot         `cbor:"13,keyasint" json:"ballots"`    // in the order in which they were cast
	EndedHeight  uint64           `cbor:"14,keyasint,omitempty" json:"ended_height,omitempty"`
	EndedAt      int64            `cbor:"15,keyasint,omitempty" json:"ended_at,omitempty"`
	Tally        *Tally           `cbor:"16,keyasint,omitempty" json:"tally,omitempty"`    // that ended it; absent: no count did
	Result       []byte           `cbor:"17,keyasint,omitempty" json:"result,omitempty"`   // of the method, encoded, if PASSED
	Code         string           `cbor:"18,keyasint,omitempty" json:"code,omitempty"`     // that the method refused with, if FAILED
	Failures     []ledger.Failure `cbor:"19,keyasint,omitempty" json:"failures,omitempty"` // every rule that it named
}

// A State is where a proposal stands.
type State string

// The states of a proposal. All but OPEN are final.
const (
	Open      State = "OPEN"
	Passed    State = "PASSED"    // enough members agreed, and the method has run
	Failed    State = "FAILED"    // enough members agreed, and the method refused
	Rejected  State = "REJECTED"  // so many disagree that it cannot pass any more
	Vetoed    State = "VETOED"    // a regulator objects
	Withdrawn State = "WITHDRAWN" // by who proposed it
	Expired   State = "EXPIRED"   // not decided in time; computed, never stored
)

// States lists all states.
func States() []State { return []State{Open, Passed, Failed, Rejected, Vetoed, Withdrawn, Expired} }

// StateAt is the state at a block's time: a proposal expires by time alone.
func (p Proposal) StateAt(ms int64) State {
	if p.Stored == Open && ms >= p.Until {
		return Expired
	}
	return p.Stored
}

// FullName is "contract.method" of the method to call.
func (p Proposal) FullName() string { return p.Contract + "." + p.Method }

// A Ballot is what one organisation has said. It is cast once and stays.
type Ballot struct {
	Organisation string `cbor:"1,keyasint" json:"organisation"` // party id
	Choice       string `cbor:"2,keyasint" json:"ballot"`
	Height       uint64 `cbor:"3,keyasint" json:"height"`
	Time         int64  `cbor:"4,keyasint" json:"cast_at"` // ms since 1970 UTC
}

// What a ballot says. Members of the electorate say Yes or No, a regulator says Veto.
const (
	Yes  = "YES"
	No   = "NO"
	Veto = "VETO"
)

// cast gives the ballot of an organisation.
func (p Proposal) cast(organisation string) (Ballot, bool) {
	i := slices.IndexFunc(p.Ballots, func(b Ballot) bool { return b.Organisation == organisation })
	if i < 0 {
		return Ballot{}, false
	}
	return p.Ballots[i], true
}

// A Tally counts the ballots of those who vote at the time of counting: who is
// suspended since is counted nowhere, neither among those who agree nor among all.
type Tally struct {
	Yes         uint64 `cbor:"1,keyasint" json:"yes"`
	No          uint64 `cbor:"2,keyasint" json:"no"`
	Electorate  uint64 `cbor:"3,keyasint" json:"electorate"`
	ThresholdBP uint64 `cbor:"4,keyasint" json:"threshold_bp"` // share of the electorate that carries, in hundredths of a percent
}

// reaches tells whether so many are enough.
func (t Tally) reaches(n uint64) bool { return n > 0 && n*10_000 >= t.ThresholdBP*t.Electorate }

// Carried tells whether enough agree.
func (t Tally) Carried() bool { return t.reaches(t.Yes) }

// Lost tells whether too few are left who could agree.
func (t Tally) Lost() bool { return !t.reaches(t.Electorate - t.No) }

// Count tallies the ballots of a proposal. The voters are those of
// contracts.Electorate.
func (p Proposal) Count(voters []string, params contracts.Parameters) Tally {
	t := Tally{Electorate: uint64(len(voters)), ThresholdBP: uint64(params.Of(contracts.VoteThreshold))}
	for _, b := range p.Ballots {
		if _, votes := slices.BinarySearch(voters, b.Organisation); !votes {
			continue
		}
		switch b.Choice {
		case Yes:
			t.Yes++
		case No:
			t.No++
		}
	}
	return t
}

// ProposalPrefix begins the state keys of all proposals, which follow each other by
// the height they were opened at.
const ProposalPrefix = "consortium/proposals/"

// ProposalKey is the state key of a proposal.
func ProposalKey(openedHeight uint64, id ledger.Hash) string {
	return fmt.Sprintf("%s%012d/%v", ProposalPrefix, openedHeight, id)
}

func (p Proposal) key() string { return ProposalKey(p.OpenedHeight, p.ID) }

// ProposalIDKey is the state key under which the id of a proposal names the key of
// its record.
func ProposalIDKey(id ledger.Hash) string { return "consortium/proposal_ids/" + id.String() }
