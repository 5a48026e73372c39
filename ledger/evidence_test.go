// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

// thief is the place of the validator that the evidence in these tests is about.
const thief = 2

// round is the START of a round of w's set that carries a block.
func (w *world) round(round uint64) ledger.Start {
	s := w.start()
	if s.Round = round; round > 0 {
		s.Voters, s.Carried = 15, []ledger.Hash{ledger.Hash(hashOf(w.suite, "block", 7))}
	}
	return s
}

// voteOn is a vote for the block of a height that bears a name.
func (w *world) voteOn(kind ledger.VoteKind, round, height uint64, name string) ledger.Vote {
	v := ledger.Vote{
		Kind: kind, Chain: w.trust.Chain, Round: round, Start: w.trust.StartHash(w.round(round)),
		Height: height, Block: ledger.Hash(hashOf(w.suite, name, int(height))),
	}
	if kind == ledger.Prepare {
		v.Index, v.Term = height+3, 2
	}
	return v
}

func (w *world) voted(by int, v ledger.Vote) ledger.SignedVote {
	w.t.Helper()
	s, err := v.Sign(uint64(by), w.validators[by])
	noError(w.t, err)
	return s
}

func (w *world) prepared(round, height uint64, name string) ledger.PreparedBlock {
	return ledger.PreparedBlock{
		Header:      w.header(height),
		Certificate: w.certify(w.voteOn(ledger.Prepare, round, height, name)),
	}
}

// statement is what a validator says as it leaves all rounds before round.
func (w *world) statement(by int, round uint64, change func(*ledger.Statement)) []byte {
	w.t.Helper()
	s := ledger.Statement{Intent: ledger.Intent{Chain: w.trust.Chain, Round: round, Voters: 15}, Validator: uint64(by)}
	for i := range w.trust.Sets[0].Quorum() {
		one, err := s.Intent.Sign(uint64(i), w.validators[i])
		noError(w.t, err)
		s.Intents = append(s.Intents, ledger.SignerSignature{Validator: one.Validator, Signature: one.Signature})
	}
	change(&s)
	signed, err := s.Sign(w.validators[by])
	noError(w.t, err)
	return ledger.Encode(signed)
}

func (w *world) sealed(by int, round, index, term uint64, content string) ledger.SignedSeal {
	w.t.Helper()
	raw, err := ledger.SignBatch(w.trust.Network, ledger.Batch{
		Start: w.trust.StartHash(w.round(round)), Index: index, Term: term, Time: genesisTime.UnixMilli(),
		Transactions: [][]byte{w.page(7, 1).raw[0]}[:len(content)%2],
	}, uint64(by), w.validators[by])
	noError(w.t, err)
	b, err := ledger.OpenBatch(w.trust.Network, w.trust.Sets[0], raw)
	noError(w.t, err)
	return b.Sealed
}

// evidence is one of each kind, against the thief.
func (w *world) evidence() map[ledger.EvidenceKind]ledger.Evidence {
	w.t.Helper()
	start := w.round(1)
	return map[ledger.EvidenceKind]ledger.Evidence{
		ledger.DoubleVote: ledger.Evidence{
			Kind: ledger.DoubleVote,
			Votes: []ledger.SignedVote{
				w.voted(thief, w.voteOn(ledger.Prepare, 0, 7, "one")), w.voted(thief, w.voteOn(ledger.Prepare, 0, 7, "other")),
			},
		}.Canonical(),
		ledger.BrokenPromise: {
			Kind:  ledger.BrokenPromise,
			Votes: []ledger.SignedVote{w.voted(thief, w.voteOn(ledger.Prepare, 0, 9, "one"))},
			Statement: w.statement(thief, 1, func(s *ledger.Statement) {
				s.Newest = []ledger.Vote{w.voteOn(ledger.Prepare, 0, 8, "one")}
			}),
		},
		ledger.HiddenCertificate: {
			Kind:  ledger.HiddenCertificate,
			Votes: []ledger.SignedVote{w.voted(thief, w.voteOn(ledger.Commit, 0, 8, "one"))},
			Statement: w.statement(thief, 1, func(s *ledger.Statement) {
				s.Highest = []ledger.Certificate{w.certify(w.voteOn(ledger.Commit, 0, 6, "one"))}
				s.Prepared = []ledger.PreparedBlock{w.prepared(0, 7, "one")}
				s.Newest = []ledger.Vote{w.voteOn(ledger.Commit, 0, 8, "one")}
			}),
		},
		ledger.DoubleBatch: ledger.Evidence{
			Kind:    ledger.DoubleBatch,
			Batches: []ledger.SignedSeal{w.sealed(thief, 1, 10, 2, "a"), w.sealed(thief, 1, 10, 2, "")},
			Start:   &start,
		}.Canonical(),
	}
}

func TestEvidenceOfEachKindHoldsAndSaysWhoDidWhat(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		for kind, want := range map[ledger.EvidenceKind]ledger.Offence{
			ledger.DoubleVote:        {Round: 0, Height: 7},
			ledger.BrokenPromise:     {Round: 0, Height: 9},
			ledger.HiddenCertificate: {Round: 0, Height: 8},
			ledger.DoubleBatch:       {Round: 1, Term: 2, Index: 10},
		} {
			e := w.evidence()[kind]
			noError(t, e.Check(w.trust.Network, w.trust.Sets[0]))
			want.Kind, want.Validator = kind, thief
			v, err := ledger.VerifyEvidence(w.trust, ledger.Encode(ledger.NewEvidenceFile(e)))
			noError(t, err)
			if e.Offence() != want || v.Offence != want || e.Offender() != thief || v.Offender != w.trust.Sets[0].Members[thief] {
				t.Errorf("%s: %+v against %+v, want %+v", kind, v.Offence, v.Offender, want)
			}
			if domain := "ipledger/evidence/v1\x00"; v.ID != w.suite.Sum([]byte(domain), ledger.Encode(e)) {
				t.Errorf("%s: its id is %v", kind, v.ID)
			}
		}
	})
}

func TestEvidenceNeverChangesItsBytes(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		for _, kind := range ledger.EvidenceKinds() {
			e := w.evidence()[kind]
			file := ledger.Encode(ledger.NewEvidenceFile(e))
			golden(t, fmt.Sprintf("%s-evidence-%s.golden", w.suite.Name(), kind), file)
			var again ledger.EvidenceFile
			noError(t, ledger.Decode(file, ledger.MaxFile, &again))
			if !bytes.Equal(ledger.Encode(again), file) {
				t.Errorf("%s: decoded and encoded again it differs", kind)
			}
			if !ledger.HasForm(again) {
				t.Errorf("%s is read by the general codec", kind)
			}
		}
	})
}

func TestNoByteOfEvidenceCanBeChanged(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		quick := w.quick()
		for _, kind := range ledger.EvidenceKinds() {
			file := ledger.Encode(ledger.NewEvidenceFile(w.evidence()[kind]))
			_, err := ledger.VerifyEvidence(quick, file)
			noError(t, err)
			for i := range file {
				for _, bit := range []byte{1, 0x80} {
					changed := slices.Clone(file)
					changed[i] ^= bit
					if _, err := ledger.VerifyEvidence(quick, changed); err == nil {
						t.Fatalf("%s holds with byte %d of %d changed", kind, i, len(file))
					}
				}
			}
			for _, cut := range [][]byte{nil, file[:len(file)-1], append(slices.Clone(file), 0)} {
				if _, err := ledger.VerifyEvidence(quick, cut); ledger.ReasonOf(err) != ledger.BadEncoding {
					t.Errorf("%s of another length: %v", kind, err)
				}
			}
		}
	})
}

// What an honest validator may sign, and what is not the evidence that it is said
// to be.
func TestWhatOnlyLooksLikeEvidenceIsRefused(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	quick := w.quick()
	prepare, commit := ledger.Prepare, ledger.Commit
	votes := func(pair ...ledger.SignedVote) func(*ledger.Evidence) {
		return func(e *ledger.Evidence) { e.Votes = pair; *e = e.Canonical() }
	}
	says := func(round uint64, change func(*ledger.Statement)) func(*ledger.Evidence) {
		return func(e *ledger.Evidence) { e.Statement = w.statement(thief, round, change) }
	}
	newest := func(v ledger.Vote) func(*ledger.Statement) {
		return func(s *ledger.Statement) { s.Newest = []ledger.Vote{v} }
	}
	type lookAlike struct {
		name string
		kind ledger.EvidenceKind
		do   func(e *ledger.Evidence)
		want ledger.Reason
	}
	by := w.voted
	cases := []lookAlike{
		{"one vote twice", ledger.DoubleVote, votes(by(thief, w.voteOn(prepare, 0, 7, "one")), by(thief, w.voteOn(prepare, 0, 7, "one"))), ledger.BadEvidence},
		{"votes of two validators", ledger.DoubleVote, votes(by(thief, w.voteOn(prepare, 0, 7, "one")), by(1, w.voteOn(prepare, 0, 7, "other"))), ledger.BadEvidence},
		{"PREPARE and COMMIT", ledger.DoubleVote, votes(by(thief, w.voteOn(prepare, 0, 7, "one")), by(thief, w.voteOn(commit, 0, 7, "other"))), ledger.BadEvidence},
		{"votes of two heights", ledger.DoubleVote, votes(by(thief, w.voteOn(prepare, 0, 7, "one")), by(thief, w.voteOn(prepare, 0, 8, "other"))), ledger.BadEvidence},
		{"votes of two rounds", ledger.DoubleVote, votes(by(thief, w.voteOn(prepare, 0, 7, "one")), by(thief, w.voteOn(prepare, 1, 7, "other"))), ledger.BadEvidence},
		{"votes of another network", ledger.DoubleVote, func(e *ledger.Evidence) {
			for i := range e.Votes {
				v := e.Votes[i].Vote
				v.Chain[0] ^= 1
				e.Votes[i] = by(thief, v)
			}
		}, ledger.BadNetwork},
		{"votes of another set", ledger.DoubleVote, func(e *ledger.Evidence) {
			for i := range e.Votes {
				v := e.Votes[i].Vote
				v.Set = 1
				e.Votes[i] = by(thief, v)
			}
		}, ledger.BadSet},
		{"votes of two sets", ledger.DoubleVote, func(e *ledger.Evidence) { e.Votes[1].Vote.Set = 1 }, ledger.BadSet},
		{"votes of no kind", ledger.DoubleVote, votes(by(thief, w.voteOn(3, 0, 7, "one")), by(thief, w.voteOn(3, 0, 7, "other"))), ledger.BadEvidence},
		{"votes turned round", ledger.DoubleVote, func(e *ledger.Evidence) { slices.Reverse(e.Votes) }, ledger.BadEvidence},
		{"a vote that another validator signed", ledger.DoubleVote, func(e *ledger.Evidence) {
			e.Votes[1].Signature = by(1, e.Votes[1].Vote).Signature
		}, ledger.BadEvidence},
		{"votes of somebody beyond the set", ledger.DoubleVote, func(e *ledger.Evidence) { e.Votes[0].Validator, e.Votes[1].Validator = 4, 4 }, ledger.BadEvidence},
		{"votes that another key signed", ledger.DoubleVote, func(e *ledger.Evidence) { e.Votes[0].Validator, e.Votes[1].Validator = 1, 1 }, ledger.BadEvidence},
		{"one vote", ledger.DoubleVote, func(e *ledger.Evidence) { e.Votes = e.Votes[:1] }, ledger.BadEvidence},
		{"three votes", ledger.DoubleVote, func(e *ledger.Evidence) { e.Votes = append(e.Votes, e.Votes[0]) }, ledger.BadEvidence},
		{"votes and a statement", ledger.DoubleVote, says(1, func(*ledger.Statement) {}), ledger.BadEvidence},
		{"votes and a START", ledger.DoubleVote, func(e *ledger.Evidence) { s := w.start(); e.Start = &s }, ledger.BadEvidence},
		{"evidence of no kind", ledger.DoubleVote, func(e *ledger.Evidence) { e.Kind = "" }, ledger.BadEvidence},
		{"evidence of another kind", ledger.DoubleVote, func(e *ledger.Evidence) { e.Kind = "late_vote" }, ledger.BadEvidence},
		{"no evidence at all", ledger.DoubleVote, func(e *ledger.Evidence) { *e = ledger.Evidence{} }, ledger.BadEvidence},

		{"the newest vote itself", ledger.BrokenPromise, says(1, newest(w.voteOn(prepare, 0, 9, "one"))), ledger.BadEvidence},
		{"a vote older than the newest", ledger.BrokenPromise, says(1, newest(w.voteOn(commit, 0, 9, "one"))), ledger.BadEvidence},
		{"a COMMIT after PREPAREs of greater heights", ledger.BrokenPromise, func(e *ledger.Evidence) {
			e.Votes = []ledger.SignedVote{by(thief, w.voteOn(commit, 0, 8, "one"))}
			e.Statement = w.statement(thief, 1, newest(w.voteOn(prepare, 0, 9, "one")))
		}, ledger.BadEvidence},
		{"a vote of the round that the statement is for", ledger.BrokenPromise, votes(by(thief, w.voteOn(prepare, 1, 9, "one"))), ledger.BadEvidence},
		{"a vote of a later round", ledger.BrokenPromise, votes(by(thief, w.voteOn(prepare, 2, 9, "one"))), ledger.BadEvidence},
		{"another validator's promise", ledger.BrokenPromise, votes(by(1, w.voteOn(prepare, 0, 9, "one"))), ledger.BadEvidence},
		{"a statement that another validator signed", ledger.BrokenPromise, func(e *ledger.Evidence) {
			e.Statement = w.statement(1, 1, func(s *ledger.Statement) { s.Validator = thief })
		}, ledger.BadEvidence},
		{"a statement of another network", ledger.BrokenPromise, says(1, func(s *ledger.Statement) { s.Intent.Chain[0] ^= 1 }), ledger.BadNetwork},
		{"a statement of another set", ledger.BrokenPromise, says(1, func(s *ledger.Statement) { s.Intent.Set = 1 }), ledger.BadSet},
		{"a statement for round 0", ledger.BrokenPromise, says(0, func(s *ledger.Statement) {}), ledger.BadEvidence},
		{"a statement with two newest votes", ledger.BrokenPromise, says(1, func(s *ledger.Statement) {
			s.Newest = []ledger.Vote{w.voteOn(prepare, 0, 7, "one"), w.voteOn(prepare, 0, 8, "one")}
		}), ledger.BadEvidence},
		{"a statement for a round that its validator has voted in", ledger.BrokenPromise, func(e *ledger.Evidence) {
			e.Votes = []ledger.SignedVote{by(thief, w.voteOn(prepare, 1, 9, "one"))}
			e.Statement = w.statement(thief, 2, newest(w.voteOn(prepare, 2, 8, "one")))
		}, ledger.BadEvidence},
		{"a statement that is none", ledger.BrokenPromise, func(e *ledger.Evidence) { e.Statement = []byte{0xa0} }, ledger.BadEncoding},
		{"no statement", ledger.BrokenPromise, func(e *ledger.Evidence) { e.Statement = nil }, ledger.BadEvidence},
		{"a broken promise called a hidden certificate", ledger.BrokenPromise, func(e *ledger.Evidence) { e.Kind = ledger.HiddenCertificate }, ledger.BadEvidence},

		{"a statement with the prepare certificate", ledger.HiddenCertificate, says(1, func(s *ledger.Statement) {
			s.Prepared = []ledger.PreparedBlock{w.prepared(0, 8, "one")}
		}), ledger.BadEvidence},
		{"a statement with one of a later round", ledger.HiddenCertificate, says(3, func(s *ledger.Statement) {
			s.Prepared = []ledger.PreparedBlock{w.prepared(2, 8, "other")}
		}), ledger.BadEvidence},
		{"a block that was FINAL by then", ledger.HiddenCertificate, says(1, func(s *ledger.Statement) {
			s.Highest = []ledger.Certificate{w.certify(w.voteOn(commit, 0, 8, "one"))}
		}), ledger.BadEvidence},
		{"a block below FINAL", ledger.HiddenCertificate, says(1, func(s *ledger.Statement) {
			s.Highest = []ledger.Certificate{w.certify(w.voteOn(commit, 0, 9, "one"))}
		}), ledger.BadEvidence},
		{"a PREPARE", ledger.HiddenCertificate, votes(by(thief, w.voteOn(prepare, 0, 8, "one"))), ledger.BadEvidence},
		{"a COMMIT of the round that the statement is for", ledger.HiddenCertificate, votes(by(thief, w.voteOn(commit, 1, 8, "one"))), ledger.BadEvidence},
		{"another validator's COMMIT", ledger.HiddenCertificate, votes(by(1, w.voteOn(commit, 0, 8, "one"))), ledger.BadEvidence},

		{"one batch twice", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Batches[1] = e.Batches[0] }, ledger.BadEvidence},
		{"batches of two validators", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Batches[1] = w.sealed(1, 1, 10, 2, "a") }, ledger.BadEvidence},
		{"batches of two indexes", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Batches[1] = w.sealed(thief, 1, 11, 2, "a") }, ledger.BadEvidence},
		{"batches of two terms", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Batches[1] = w.sealed(thief, 1, 10, 3, "a") }, ledger.BadEvidence},
		{"batches of two rounds", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Batches[1] = w.sealed(thief, 2, 10, 2, "a") }, ledger.BadEvidence},
		{"batches turned round", ledger.DoubleBatch, func(e *ledger.Evidence) { slices.Reverse(e.Batches) }, ledger.BadEvidence},
		{"batches without their START", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Start = nil }, ledger.BadEvidence},
		{"batches with another START", ledger.DoubleBatch, func(e *ledger.Evidence) { s := w.round(2); e.Start = &s }, ledger.BadEvidence},
		{"a START of another network", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Start.Chain[0] ^= 1 }, ledger.BadNetwork},
		{"a START of another set", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Start.Set = 1 }, ledger.BadSet},
		{"a batch that another validator signed", ledger.DoubleBatch, func(e *ledger.Evidence) {
			e.Batches[1].Signature = w.voted(1, w.voteOn(prepare, 0, 7, "one")).Signature
		}, ledger.BadEvidence},
		{"batches of somebody beyond the set", ledger.DoubleBatch, func(e *ledger.Evidence) { e.Batches[0].Validator, e.Batches[1].Validator = 4, 4 }, ledger.BadEvidence},
	}
	for _, c := range cases {
		e := w.evidence()[c.kind]
		noError(t, e.Check(quick.Network, quick.Sets[0]))
		c.do(&e)
		if err := e.Check(quick.Network, quick.Sets[0]); ledger.ReasonOf(err) != c.want {
			t.Errorf("%s, %s: %v, want %s", c.kind, c.name, err, c.want)
		}
	}
}

// The other network has the same validators, keys and all, under another name.
func TestEvidenceOfAnotherNetworkProvesNothing(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		other := newWorldOf(t, w.suite.Name(), "another", "validator", 4)
		strangers := newWorldOf(t, w.suite.Name(), "pilot", "stranger", 4)
		for _, kind := range ledger.EvidenceKinds() {
			e := w.evidence()[kind]
			if err := e.Check(other.trust.Network, other.trust.Sets[0]); ledger.ReasonOf(err) != ledger.BadNetwork {
				t.Errorf("%s, against another network: %v", kind, err)
			}
			if err := e.Check(w.trust.Network, strangers.trust.Sets[0]); ledger.ReasonOf(err) != ledger.BadEvidence {
				t.Errorf("%s, against strangers: %v", kind, err)
			}
			if _, err := ledger.VerifyEvidence(ledger.Trust{Network: w.trust.Network}, ledger.Encode(ledger.NewEvidenceFile(e))); ledger.ReasonOf(err) != ledger.BadSet {
				t.Errorf("%s, without a set: %v", kind, err)
			}
		}
		receipt := ledger.Encode(w.receipt(w.page(7, 1), 0, 0))
		if _, err := ledger.VerifyEvidence(w.trust, receipt); ledger.ReasonOf(err) != ledger.BadFormat {
			t.Errorf("a receipt as evidence: %v", err)
		}
		file := ledger.NewEvidenceFile(w.evidence()[ledger.DoubleVote])
		file.Format = "ipledger/evidence/v2"
		if _, err := ledger.VerifyEvidence(w.trust, ledger.Encode(file)); ledger.ReasonOf(err) != ledger.BadFormat {
			t.Errorf("evidence of a later format: %v", err)
		}
	})
}
