// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// What is judged of rounds: who has promised to leave one votes in it no more, a
// promise is durable before it leaves, and what a quorum has committed in one round
// is carried into every later one. The last is reckoned here a second time, from
// the statements, by other code than the core's.

// pledge judges a vote against the statements that its signer has made.
func (j *judge) pledge(n *node, v ledger.Vote) {
	if s := n.disk.durable.statement; s != nil && v.Round < s.Statement.Intent.Round {
		j.fail(n, Promise, "%v of height %d in round %d, after a promise to vote in none below %d",
			v.Kind, v.Height, v.Round, s.Statement.Intent.Round)
	}
}

// stated judges a statement of a node's own at the moment it leaves.
func (j *judge) stated(n *node, s consensus.Send) {
	if s.Class != consensus.Control || len(s.Data) <= messageHead || s.Data[0] != kindStatement || n.lost || n.amnesiac {
		return
	}
	var own ledger.SignedStatement
	if ledger.Decode(s.Data[messageHead:], len(s.Data), &own) != nil || own.Statement.Validator != uint64(n.id) {
		j.fail(n, Contract, "a statement that does not decode, or is of another member")
		return
	}
	durable := n.disk.durable.statement
	if durable == nil || durable.Statement.Intent.Round < own.Statement.Intent.Round {
		j.fail(n, DurableBeforeSent, "the statement for round %d is sent and not durable", own.Statement.Intent.Round)
	}
}

// began judges the START of a round that a node begins.
func (j *judge) began(n *node, s ledger.SignedStart) {
	j.rounds[s.Start.Round] = true
	at := func(height uint64) ledger.Hash {
		if i := height - s.Start.Height - 1; i < uint64(len(s.Start.Carried)) {
			return s.Start.Carried[i]
		}
		return ledger.Hash{}
	}
	for height, round := range j.since {
		if round < s.Start.Round && height > s.Start.Height && at(height) != j.certified[height] {
			j.fail(n, Carried, "round %d carries %.8s at height %d, where %.8s was certified in round %d",
				s.Start.Round, at(height), height, j.certified[height], round)
		}
	}
	var statements []ledger.Statement
	for _, raw := range s.Statements {
		var one ledger.SignedStatement
		if ledger.Decode(raw, len(raw), &one) != nil {
			j.fail(n, Carried, "a statement in the START of round %d does not decode", s.Start.Round)
			return
		}
		statements = append(statements, one.Statement)
	}
	for height, parent := s.Start.Height+1, s.Start.Base; ; height++ {
		want, sure := newestPrepared(statements, height, parent)
		if got := at(height); sure && got != want {
			j.fail(n, Carried, "round %d carries %.8s at height %d, the statements say %.8s", s.Start.Round, got, height, want)
		}
		if want.IsZero() || !sure {
			return
		}
		parent = want
	}
}

// newestPrepared gives the block with the newest prepare certificate of a height,
// if it is a child of parent. Of two in one round it is not sure: that takes more
// traitors than a certificate bears.
func newestPrepared(statements []ledger.Statement, height uint64, parent ledger.Hash) (block ledger.Hash, sure bool) {
	var best *ledger.PreparedBlock
	sure = true
	for _, s := range statements {
		for _, p := range s.Prepared {
			if p.Header.Height != height {
				continue
			}
			switch {
			case best == nil || p.Certificate.Vote.Round > best.Certificate.Vote.Round:
				best, sure = &p, true
			case p.Certificate.Vote.Round == best.Certificate.Vote.Round && p.Certificate.Vote.Block != best.Certificate.Vote.Block:
				sure = false
			}
		}
	}
	if best == nil || best.Header.Parent != parent {
		return ledger.Hash{}, sure
	}
	return best.Certificate.Vote.Block, sure
}

// faithlessness is to betray the change of rounds and the complaints that lead to
// another leader.
var faithlessness = []behaviour{
	{name: "a statement that hides what it knows", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		var own ledger.SignedStatement
		if !t.says(s, kindStatement, &own) || own.Statement.Validator != uint64(t.n.id) {
			return nothing(s)
		}
		st := own.Statement
		st.Prepared = nil
		if t.other(s.To) {
			st.Highest = nil
		}
		lie, err := st.Sign(t.n.signer.Signer)
		if err != nil {
			return nothing(s)
		}
		return one(t.message(s, kindStatement, lie)), true
	}},
	{name: "a START that forgets what it carries", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		var start ledger.SignedStart
		if !t.says(s, kindStart, &start) || start.Validator != uint64(t.n.id) || !t.other(s.To) {
			return nothing(s)
		}
		if start.Start.Carried = nil; t.chance(0.5) {
			start.Start.Height++
		}
		signed, err := start.Start.Sign(start.Validator, nil, t.n.signer.Signer)
		if err != nil {
			return nothing(s)
		}
		start.Signature = signed.Signature
		return one(t.message(s, kindStart, start)), true
	}},
	{name: "silence about rounds", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if s.Class == consensus.Transactions || len(s.Data) <= messageHead || s.Data[0] < kindIntent || s.Data[0] > kindBlock {
			return nothing(s)
		}
		return nil, true
	}},
	{name: "wishes for rounds without end", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		if !t.reports(s) {
			return nothing(s)
		}
		w := t.n.w
		wish := ledger.Intent{Chain: w.network.Chain, Set: w.set.Number, Round: t.n.core.Status().Round + 1 + t.Uint64N(3), Voters: ledger.AllVoters(w.set)}
		signed, err := wish.Sign(uint64(t.n.id), t.n.signer.Signer)
		if err != nil {
			return nothing(s)
		}
		return []consensus.Send{s, t.message(s, kindIntent, signed)}, true
	}},
	{name: "complaints without reason", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		at := t.n.core.Status()
		if !t.reports(s) || !at.HasLeader {
			return nothing(s)
		}
		about := complaint{Start: at.Start, Term: at.Term, Leader: uint64(at.Leader)}
		sig, err := t.n.signer.Signer.Sign(append([]byte("ipledger/complaint/v1\x00"), ledger.Encode(about)...))
		if err != nil {
			return nothing(s)
		}
		more := s
		more.Data = append(append([]byte{kindComplaint}, at.Start[:]...), ledger.Encode(signedComplaint{about, uint64(t.n.id), sig})...)
		return []consensus.Send{s, more}, true
	}},
	{name: "another block than the one asked for", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		var b ledger.Block
		if !t.says(s, kindBlock, &b) {
			return nothing(s)
		}
		if len(b.Transactions) > 0 && t.chance(0.5) {
			b.Transactions = b.Transactions[1:]
		} else {
			b.Header.StateRoot[0]++
		}
		return one(t.message(s, kindBlock, b)), true
	}},
}

// says tells whether s is a message of a kind, and reads it.
func (t *traitor) says(s consensus.Send, kind byte, into any) bool {
	return s.Class != consensus.Transactions && len(s.Data) > messageHead && s.Data[0] == kind &&
		ledger.Decode(bytes.Clone(s.Data[messageHead:]), len(s.Data), into) == nil
}

// reports tells whether s is a status, which goes out all the time.
func (t *traitor) reports(s consensus.Send) bool {
	return s.Class == consensus.Control && len(s.Data) > messageHead && s.Data[0] == kindStatus
}

// message gives one of another kind to whom s goes, about the same set.
func (t *traitor) message(s consensus.Send, kind byte, payload any) consensus.Send {
	s.Data = append(append([]byte{kind}, s.Data[1:messageHead]...), ledger.Encode(payload)...)
	return s
}

type complaint struct {
	Start  ledger.Hash `cbor:"1,keyasint"`
	Term   uint64      `cbor:"2,keyasint"`
	Leader uint64      `cbor:"3,keyasint"`
}

type signedComplaint struct {
	Complaint complaint      `cbor:"1,keyasint"`
	Validator uint64         `cbor:"2,keyasint"`
	Signature keys.Signature `cbor:"3,keyasint"`
}
