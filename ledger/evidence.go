// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"errors"
	"fmt"
)

// An EvidenceKind says which promise a validator has broken.
type EvidenceKind string

// The kinds of evidence.
const (
	// DoubleVote: two different votes of one kind for one epoch and height.
	DoubleVote EvidenceKind = "double_vote"
	// BrokenPromise: a vote of an epoch below the one of a statement, and newer
	// than the newest vote that the statement tells of.
	BrokenPromise EvidenceKind = "broken_promise"
	// HiddenCertificate: a COMMIT, and a later statement without the prepare
	// certificate that the COMMIT rests on.
	HiddenCertificate EvidenceKind = "hidden_certificate"
	// DoubleBatch: two different batches for one place in the log of one round.
	DoubleBatch EvidenceKind = "double_batch"
)

// Evidence proves by a validator's own signatures that it did what no honest
// validator does, whatever befalls it. Bugs and operators' mistakes leave it more
// often than thieves; what follows from it is for people to decide.
type Evidence struct {
	Kind      EvidenceKind `cbor:"1,keyasint" json:"kind"`
	Votes     []SignedVote `cbor:"2,keyasint,omitempty" json:"votes,omitempty"`     // two, or the one that stands against Statement
	Statement []byte       `cbor:"3,keyasint,omitempty" json:"statement,omitempty"` // an encoded SignedStatement, of a broken promise or a hidden certificate
	Batches   []SignedSeal `cbor:"4,keyasint,omitempty" json:"batches,omitempty"`   // two, of a double batch
}

// Offender is the place in its set of the validator that the evidence is about.
// It says something of evidence that Check has passed.
func (e Evidence) Offender() uint64 {
	switch {
	case len(e.Votes) > 0:
		return e.Votes[0].Validator
	case len(e.Batches) > 0:
		return e.Batches[0].Validator
	}
	return 0
}

// Check verifies that e proves what its kind says, with the set of the
// validator: that all in it is signed by one validator and that no honest one
// signs both. An error means that it proves nothing.
func (e Evidence) Check(n Network, set ValidatorSet) error {
	for _, v := range e.Votes {
		if v.Vote.Chain != n.Chain {
			return errors.New("vote of another network")
		}
		if err := v.Check(n.Suite, set); err != nil {
			return err
		}
	}
	var s SignedStatement
	if len(e.Statement) > 0 {
		if err := Decode(e.Statement, MaxStatement, &s); err != nil {
			return err
		}
		if err := s.CheckSigner(n, set); err != nil {
			return err
		}
	}
	for _, b := range e.Batches {
		if err := b.Check(n, set); err != nil {
			return err
		}
	}
	shape := func(votes int, statement bool, batches int) bool {
		return len(e.Votes) == votes && len(e.Statement) > 0 == statement && len(e.Batches) == batches
	}
	switch e.Kind {
	case DoubleVote:
		if !shape(2, false, 0) || !contradict(e.Votes[0], e.Votes[1]) {
			return errors.New("not two different votes of one validator for one kind, epoch and height")
		}
	case BrokenPromise:
		if !shape(1, true, 0) || !breaks(e.Votes[0], s.Statement) {
			return errors.New("not a vote after a promise to cast none in its epoch")
		}
	case HiddenCertificate:
		if !shape(1, true, 0) || !hides(s.Statement, e.Votes[0]) {
			return errors.New("not a COMMIT whose prepare certificate a later statement lacks")
		}
	case DoubleBatch:
		if !shape(0, false, 2) || !e.Batches[0].Rivals(e.Batches[1]) {
			return errors.New("not two different batches of one validator for one place in the log")
		}
	default:
		return fmt.Errorf("evidence of unknown kind %q", e.Kind)
	}
	return nil
}

// contradict tells whether no honest validator signs both.
func contradict(a, b SignedVote) bool {
	return a.Validator == b.Validator && a.Vote != b.Vote && a.Vote.Kind == b.Vote.Kind &&
		a.Vote.Set == b.Vote.Set && a.Vote.Round == b.Vote.Round && a.Vote.Height == b.Vote.Height
}

// breaks tells whether v was signed after s, in an epoch that s promised to leave.
// Votes of one validator are signed in ascending order but for COMMITs of lower
// heights, and what these rest on the statement must tell.
func breaks(v SignedVote, s Statement) bool {
	return v.Validator == s.Validator && v.Vote.Set == s.Intent.Set && v.Vote.Round < s.Intent.Round &&
		(len(s.Newest) == 0 || v.Vote.Newer(s.Newest[0]))
}

// hides tells whether s lacks the prepare certificate that the COMMIT v rests on,
// or one of a later round in its place, and a certificate that makes it needless.
func hides(s Statement, v SignedVote) bool {
	if v.Vote.Kind != Commit || v.Validator != s.Validator || v.Vote.Set != s.Intent.Set || v.Vote.Round >= s.Intent.Round {
		return false
	}
	if len(s.Highest) == 1 && s.Highest[0].Vote.Height >= v.Vote.Height {
		return false
	}
	for _, p := range s.Prepared {
		if c := p.Certificate.Vote; c.Height == v.Vote.Height && c.Round >= v.Vote.Round {
			return false
		}
	}
	return true
}

// Against tells what v and s prove together, as far as can be told without their
// signatures.
func (s Statement) Against(v SignedVote) (EvidenceKind, bool) {
	switch {
	case breaks(v, s):
		return BrokenPromise, true
	case hides(s, v):
		return HiddenCertificate, true
	}
	return "", false
}
