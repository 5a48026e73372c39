// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"slices"
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

// EvidenceKinds lists the kinds of evidence.
func EvidenceKinds() []EvidenceKind {
	return []EvidenceKind{DoubleVote, BrokenPromise, HiddenCertificate, DoubleBatch}
}

// Evidence proves by a validator's own signatures that it did what no honest
// validator does, whatever befalls it. Bugs and operators' mistakes leave it more
// often than thieves; what follows from it is for people to decide.
//
// There is one form of it: see Canonical.
type Evidence struct {
	Kind      EvidenceKind `cbor:"1,keyasint" json:"kind"`
	Votes     []SignedVote `cbor:"2,keyasint,omitempty" json:"votes,omitempty"`     // two, or the one that stands against Statement
	Statement []byte       `cbor:"3,keyasint,omitempty" json:"statement,omitempty"` // an encoded SignedStatement, of a broken promise or a hidden certificate
	Batches   []SignedSeal `cbor:"4,keyasint,omitempty" json:"batches,omitempty"`   // two, of a double batch
	Start     *Start       `cbor:"5,keyasint,omitempty" json:"start,omitempty"`     // of the round of a double batch, which its seals name by its hash alone
}

// MaxEvidence bounds encoded evidence: a statement, and a vote.
const MaxEvidence = MaxStatement + 1<<10

// Canonical gives e with its two votes, or its two batches, in the order of their
// encodings: whoever saw which of them first, the evidence is the same.
func (e Evidence) Canonical() Evidence {
	if len(e.Votes) == 2 && !votesInOrder(e.Votes) {
		e.Votes = []SignedVote{e.Votes[1], e.Votes[0]}
	}
	if len(e.Batches) == 2 && !batchesInOrder(e.Batches) {
		e.Batches = []SignedSeal{e.Batches[1], e.Batches[0]}
	}
	return e
}

// What is not in order in these two ways is so in the other, but for two that are
// the same, which are no evidence.
func votesInOrder(v []SignedVote) bool {
	return bytes.Compare(Encode(v[0].Vote), Encode(v[1].Vote)) < 0
}

func batchesInOrder(b []SignedSeal) bool {
	return bytes.Compare(Encode(b[0].Seal), Encode(b[1].Seal)) < 0
}

// EvidenceID is the hash of encoded evidence.
func (n Network) EvidenceID(e Evidence) Hash {
	return n.Suite.Sum([]byte("ipledger/evidence/v1\x00"), Encode(e))
}

// An Offence is what was done and where. However many signatures prove it, in
// however many pairs, it is one. It is read from evidence that Check has passed.
type Offence struct {
	Kind      EvidenceKind `json:"kind"`
	Set       uint64       `json:"set"`
	Validator uint64       `json:"validator"` // place in the set
	Round     uint64       `json:"round"`
	Height    uint64       `json:"height,omitempty"` // of the votes
	Term      uint64       `json:"term,omitempty"`   // of the batches
	Index     uint64       `json:"index,omitempty"`  // of the batches
}

// Offence tells what e is evidence of. Where votes and batches are missing it
// says nothing.
func (e Evidence) Offence() Offence {
	o := Offence{Kind: e.Kind}
	switch {
	case len(e.Votes) > 0:
		v := e.Votes[0]
		o.Set, o.Validator, o.Round, o.Height = v.Vote.Set, v.Validator, v.Vote.Round, v.Vote.Height
	case len(e.Batches) > 0 && e.Start != nil:
		b := e.Batches[0]
		o.Set, o.Validator, o.Round, o.Term, o.Index = e.Start.Set, b.Validator, e.Start.Round, b.Seal.Term, b.Seal.Index
	}
	return o
}

// Offender is the place in its set of the validator that the evidence is about.
// It says something of evidence that Check has passed.
func (e Evidence) Offender() uint64 { return e.Offence().Validator }

// Check verifies that e proves what its kind says, with the set of the
// validator: that all in it is signed by one validator and that no honest one
// signs both. An error means that it proves nothing; it is a *VerifyError.
//
// What costs nothing comes first: who sends evidence that proves nothing has at
// most two signatures checked for it.
func (e Evidence) Check(n Network, set ValidatorSet) error {
	shape := [...]int{len(e.Votes), min(len(e.Statement), 1), len(e.Batches)}
	want, known := shapes[e.Kind]
	switch {
	case !known:
		return refuse(BadEvidence, "evidence of unknown kind %q", e.Kind)
	case shape != want || (e.Kind == DoubleBatch) != (e.Start != nil):
		return refuse(BadEvidence, "it does not hold what evidence of %s holds", e.Kind)
	}
	var s SignedStatement
	if len(e.Statement) > 0 {
		if err := Decode(e.Statement, MaxStatement, &s); err != nil {
			return refuse(BadEncoding, "statement: %v", err)
		}
	}
	for _, one := range e.scopes(s.Statement) {
		if one.chain != n.Chain {
			return refuse(BadNetwork, "evidence of network %v, trusted is %v", one.chain, n.Chain)
		}
		if one.set != set.Number {
			return refuse(BadSet, "evidence of set %d, checked against set %d", one.set, set.Number)
		}
	}
	if why := e.lacks(n, s.Statement); why != "" {
		return refuse(BadEvidence, "%s", why)
	}
	for _, v := range e.Votes {
		if err := v.Check(n.Suite, set); err != nil {
			return refuse(BadEvidence, "%v", err)
		}
	}
	for _, b := range e.Batches {
		if err := b.Check(n, set); err != nil {
			return refuse(BadEvidence, "%v", err)
		}
	}
	if len(e.Statement) > 0 {
		if err := s.CheckSigner(n, set); err != nil {
			return refuse(BadEvidence, "%v", err)
		}
	}
	return nil
}

// shapes are how many votes, statements and batches each kind has.
var shapes = map[EvidenceKind][3]int{
	DoubleVote:        {2, 0, 0},
	BrokenPromise:     {1, 1, 0},
	HiddenCertificate: {1, 1, 0},
	DoubleBatch:       {0, 0, 2},
}

// A scope is the network and the set that a signature is for.
type scope struct {
	chain Hash
	set   uint64
}

// scopes are those that the parts of e name. Of batches the START does.
func (e Evidence) scopes(s Statement) (all []scope) {
	for _, v := range e.Votes {
		all = append(all, scope{v.Vote.Chain, v.Vote.Set})
	}
	if len(e.Statement) > 0 {
		all = append(all, scope{s.Intent.Chain, s.Intent.Set})
	}
	if e.Start != nil {
		all = append(all, scope{e.Start.Chain, e.Start.Set})
	}
	return all
}

// lacks tells why the parts of e do not stand against each other as its kind says,
// "" if they do.
func (e Evidence) lacks(n Network, s Statement) string {
	switch e.Kind {
	case DoubleVote:
		if !contradict(e.Votes[0], e.Votes[1]) {
			return "not two different votes of one validator for one kind, epoch and height"
		}
		if !votesInOrder(e.Votes) {
			return "its votes are not in the order of their encodings"
		}
	case BrokenPromise:
		if !breaks(e.Votes[0], s) {
			return "not a vote after a promise to cast none in its epoch"
		}
	case HiddenCertificate:
		if !hides(s, e.Votes[0]) {
			return "not a COMMIT whose prepare certificate a later statement lacks"
		}
	case DoubleBatch:
		if !e.Batches[0].Rivals(e.Batches[1]) {
			return "not two different batches of one validator for one place in the log"
		}
		if !batchesInOrder(e.Batches) {
			return "its batches are not in the order of their encodings"
		}
		if e.Batches[0].Seal.Start != n.StartHash(*e.Start) {
			return "its batches are of another round than its START"
		}
	}
	return ""
}

// contradict tells whether no honest validator signs both.
func contradict(a, b SignedVote) bool {
	return a.Validator == b.Validator && a.Vote != b.Vote && a.Vote.Kind == b.Vote.Kind &&
		a.Vote.Set == b.Vote.Set && a.Vote.Round == b.Vote.Round && a.Vote.Height == b.Vote.Height
}

// breaks tells whether v was signed after s, in an epoch that s promised to leave.
// Votes of one validator are signed in ascending order but for COMMITs of lower
// heights, and what these rest on the statement must tell. So the newest vote of a
// statement must be the greatest in the order of Newer, not the last that was
// signed: a COMMIT may follow on PREPAREs of greater heights.
func breaks(v SignedVote, s Statement) bool {
	return v.Validator == s.Validator && v.Vote.Set == s.Intent.Set && v.Vote.Round < s.Intent.Round &&
		(len(s.Newest) == 0 || v.Vote.Newer(s.Newest[0]))
}

// hides tells whether s lacks the prepare certificate that the COMMIT v rests on,
// or one of a later round in its place, and a certificate that makes it needless.
// One of the same round for another block counts: where more than a third of the
// set prepares two blocks, which is evidence by itself, an honest validator may
// hold the other by the time of its COMMIT.
func hides(s Statement, v SignedVote) bool {
	if v.Vote.Kind != Commit || v.Validator != s.Validator || v.Vote.Set != s.Intent.Set || v.Vote.Round >= s.Intent.Round {
		return false
	}
	if len(s.Highest) == 1 && s.Highest[0].Vote.Height >= v.Vote.Height {
		return false
	}
	return !slices.ContainsFunc(s.Prepared, func(p PreparedBlock) bool {
		c := p.Certificate.Vote
		return c.Height == v.Vote.Height && c.Round >= v.Vote.Round
	})
}

// EvidenceFormat is the first field of every evidence file.
const EvidenceFormat = "ipledger/evidence/v1"

// An EvidenceFile is evidence that can be taken away and shown to anybody. It is
// deterministic CBOR, the same whoever writes it.
type EvidenceFile struct {
	Format   string   `cbor:"1,keyasint"`
	Evidence Evidence `cbor:"2,keyasint"`
}

// NewEvidenceFile puts evidence into a file.
func NewEvidenceFile(e Evidence) EvidenceFile {
	return EvidenceFile{Format: EvidenceFormat, Evidence: e}
}

// VerifiedEvidence is what an evidence file proves: that whoever holds the
// offender's key has committed the offence.
type VerifiedEvidence struct {
	ID       Hash
	Evidence Evidence
	Offence  Offence
	Offender Validator
}

// VerifyEvidence checks an evidence file against what the caller trusts, and
// nothing else. Whether the ledger has a record of it, and of when, is for the
// proof of that record to say. Refusals are *VerifyError.
func VerifyEvidence(t Trust, file []byte) (*VerifiedEvidence, error) {
	var f EvidenceFile
	if err := Decode(file, MaxFile, &f); err != nil {
		if format := FormatOf(file); format != "" && format != EvidenceFormat {
			return nil, refuse(BadFormat, "file says it is %q, not %q", format, EvidenceFormat)
		}
		return nil, refuse(BadEncoding, "evidence: %v", err)
	}
	if f.Format != EvidenceFormat {
		return nil, refuse(BadFormat, "file says it is %q, not %q", f.Format, EvidenceFormat)
	}
	set, err := t.Set(f.Evidence.Offence().Set)
	if err != nil {
		return nil, err
	}
	if err := f.Evidence.Check(t.Network, set); err != nil {
		return nil, err
	}
	o := f.Evidence.Offence()
	return &VerifiedEvidence{ID: t.EvidenceID(f.Evidence), Evidence: f.Evidence, Offence: o, Offender: set.Members[o.Validator]}, nil
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
