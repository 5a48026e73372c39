// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func TestVotesOfMembersCount(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		h, set := w.header(7), w.trust.Sets[0]
		for _, kind := range []ledger.VoteKind{ledger.Prepare, ledger.Commit} {
			s, err := w.vote(kind, h).Sign(2, w.validators[2])
			noError(t, err)
			if err := s.Check(w.suite, set); err != nil {
				t.Errorf("%v: %v", kind, err)
			}
			for what, change := range map[string]func(s *ledger.SignedVote, set *ledger.ValidatorSet){
				"another place":   func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Validator = 1 },
				"place 4":         func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Validator = 4 },
				"place 2^64-1":    func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Validator = 1<<64 - 1 },
				"another set":     func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Set = 1 },
				"kind 0":          func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Kind = 0 },
				"kind 3":          func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Kind = 3 },
				"the other kind":  func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Kind = 3 - kind },
				"another chain":   func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Chain[0] ^= 1 },
				"another round":   func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Round++ },
				"another START":   func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Start[0] ^= 1 },
				"another height":  func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Height++ },
				"another block":   func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Block[0] ^= 1 },
				"another index":   func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Index++ },
				"another term":    func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Vote.Term++ },
				"no signature":    func(s *ledger.SignedVote, _ *ledger.ValidatorSet) { s.Signature = nil },
				"the next set":    func(_ *ledger.SignedVote, set *ledger.ValidatorSet) { set.Number = 1 },
				"an empty set":    func(_ *ledger.SignedVote, set *ledger.ValidatorSet) { set.Members = nil },
				"a smaller set":   func(_ *ledger.SignedVote, set *ledger.ValidatorSet) { set.Members = set.Members[:2] },
				"a rotated key":   func(_ *ledger.SignedVote, set *ledger.ValidatorSet) { set.Members[2].Key = w.maker.Public() },
				"keys of no kind": func(_ *ledger.SignedVote, set *ledger.ValidatorSet) { set.Members[2].Key = keys.PublicKey{} },
			} {
				forged, of := s, set
				of.Members = slices.Clone(set.Members)
				change(&forged, &of)
				if forged.Check(w.suite, of) == nil {
					t.Errorf("%v: counts with %s", kind, what)
				}
			}
		}
		for _, kind := range []ledger.VoteKind{0, 3, 255} {
			s, err := w.vote(kind, h).Sign(2, w.validators[2])
			noError(t, err)
			if s.Check(w.suite, set) == nil {
				t.Errorf("a vote signed as %v counts", kind)
			}
		}
	})
}

func TestPrepareCertificatesCertifyPreparesOnly(t *testing.T) {
	w := newWorld(t, "sm2", 4)
	h, set := w.header(7), w.trust.Sets[0]
	c := w.certify(w.vote(ledger.Prepare, h), 0, 2, 3)
	noError(t, c.Check(w.trust.Network, set, ledger.Prepare, h))
	if err := c.Check(w.trust.Network, set, ledger.Commit, h); ledger.ReasonOf(err) != ledger.BadKind {
		t.Errorf("as COMMIT: %v", err)
	}
	if err := w.certify(w.vote(ledger.Commit, h)).Check(w.trust.Network, set, ledger.Prepare, h); ledger.ReasonOf(err) != ledger.BadKind {
		t.Errorf("COMMIT as PREPARE: %v", err)
	}
	c.Vote.Index++
	if err := c.Check(w.trust.Network, set, ledger.Prepare, h); ledger.ReasonOf(err) != ledger.BadSignature {
		t.Errorf("another place in the log: %v", err)
	}
}

// The caller may hand over any set: votes, header and set must be of one number.
func TestCertificateIsOfOneSet(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	for votes := range uint64(2) {
		for header := range uint64(2) {
			for number := range uint64(2) {
				h := w.header(7)
				h.Set = header
				v := w.vote(ledger.Commit, h)
				v.Set = votes
				set := w.trust.Sets[0]
				set.Number = number
				err := w.certify(v).Check(w.trust.Network, set, ledger.Commit, h)
				if votes == header && header == number {
					noError(t, err)
				} else if ledger.ReasonOf(err) != ledger.BadSet {
					t.Errorf("votes of set %d on a block of set %d, checked against set %d: %v", votes, header, number, err)
				}
			}
		}
	}
}

func TestQuorumIsMoreThanTwoThirds(t *testing.T) {
	for n := 1; n <= ledger.MaxValidators; n++ {
		q := ledger.ValidatorSet{Members: make([]ledger.Validator, n)}.Quorum()
		if 3*q <= 2*n || q > n || 3*(q-1) > 2*n {
			t.Errorf("quorum of %d is %d", n, q)
		}
		if faulty := (n - 1) / 3; 2*q-n <= faulty || q > n-faulty {
			t.Errorf("%d validators, %d faulty: quorum %d", n, faulty, q)
		}
	}
}

func TestValidatorSetMustBeSound(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		noError(t, w.trust.Sets[0].Check(w.suite))
		other := newWorld(t, map[string]string{"sm2": "ed25519", "ed25519": "sm2"}[w.suite.Name()], 1)
		off := keys.PublicKey{Algorithm: keys.Ed25519, Bytes: strings.Repeat("\x00", 32)} // of order 4
		if w.suite.Algorithm() == keys.SM2 {
			off = keys.PublicKey{Algorithm: keys.SM2, Bytes: "\x02" + strings.Repeat("\xff", 32)} // no such x
		}
		for what, change := range map[string]func(s *ledger.ValidatorSet){
			"no members":            func(s *ledger.ValidatorSet) { s.Members = nil },
			"32 members":            func(s *ledger.ValidatorSet) { s.Members = make([]ledger.Validator, ledger.MaxValidators+1) },
			"no name":               func(s *ledger.ValidatorSet) { s.Members[1].Name = "" },
			"a slash in the name":   func(s *ledger.ValidatorSet) { s.Members[1].Name = "a/b" },
			"a line in the name":    func(s *ledger.ValidatorSet) { s.Members[1].Name = "a\nb" },
			"no organisation":       func(s *ledger.ValidatorSet) { s.Members[1].Organisation = "" },
			"no peer id":            func(s *ledger.ValidatorSet) { s.Members[1].PeerID = "" },
			"no key":                func(s *ledger.ValidatorSet) { s.Members[1].Key = keys.PublicKey{} },
			"key of other suite":    func(s *ledger.ValidatorSet) { s.Members[1].Key = other.validators[0].Public() },
			"a key that is none":    func(s *ledger.ValidatorSet) { s.Members[1].Key = off },
			"a name twice":          func(s *ledger.ValidatorSet) { s.Members[1].Name = s.Members[3].Name },
			"a key twice":           func(s *ledger.ValidatorSet) { s.Members[1].Key = s.Members[3].Key },
			"a peer id twice":       func(s *ledger.ValidatorSet) { s.Members[1].PeerID = s.Members[3].PeerID },
			"the same member twice": func(s *ledger.ValidatorSet) { s.Members = append(s.Members, s.Members[0]) },
		} {
			s := w.trust.Sets[0]
			s.Members = slices.Clone(s.Members)
			change(&s)
			if s.Check(w.suite) == nil {
				t.Errorf("sound with %s", what)
			}
		}
		if i, ok := w.trust.Sets[0].Find(w.validators[2].Public()); !ok || i != 2 {
			t.Errorf("validator 2 found as %d, %v", i, ok)
		}
		if _, ok := w.trust.Sets[0].Find(w.maker.Public()); ok {
			t.Error("a client found among the validators")
		}
	})
}

// The keys of a set that has ended may fall into any hands: they sign no news,
// and no second past.
func TestASetSpeaksForItsOwnTimeOnly(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	boundary := w.header(10)
	trust := w.trust
	trust.Sets = append(slices.Clone(trust.Sets), ledger.ValidatorSet{Number: 1, Members: trust.Sets[0].Members})
	trust.Boundaries = map[uint64]ledger.Header{0: boundary}
	of := func(set, height uint64, change ...func(h *ledger.Header)) ledger.Header {
		h := w.header(height)
		h.Set = set
		for _, c := range change {
			c(&h)
		}
		return h
	}
	for what, c := range map[string]struct {
		block ledger.Certified
		want  ledger.Reason
	}{
		"old set, long before":             {w.final(of(0, 3)), ""},
		"old set, below its boundary":      {w.final(of(0, 9)), ""},
		"the boundary":                     {w.final(boundary), ""},
		"the boundary, above a block":      {w.final(of(0, 9), w.children(of(0, 9), 1)[0]), ledger.BadSet},
		"new set, above the boundary":      {w.final(of(1, 11)), ""},
		"new set, later":                   {w.final(of(1, 900)), ""},
		"old set, above its boundary":      {w.final(of(0, 11)), ledger.BadSet},
		"old set, much later":              {w.final(of(0, 900)), ledger.BadSet},
		"old set, another boundary":        {w.final(of(0, 10, func(h *ledger.Header) { h.StateRoot[0] ^= 1 })), ledger.BadSet},
		"old set, low height, new time":    {w.final(of(0, 3, func(h *ledger.Header) { h.Time = boundary.Time + 1 })), ledger.BadSet},
		"old set, child of its boundary":   {w.final(append([]ledger.Header{boundary}, w.children(boundary, 1)...)...), ledger.BadSet},
		"old set, great height, old time":  {w.final(of(0, 900, func(h *ledger.Header) { h.Time = boundary.Time - 1 })), ledger.BadSet},
		"new set, low height, new time":    {w.final(of(1, 3, func(h *ledger.Header) { h.Time = boundary.Time + 1 })), ledger.BadSet},
		"new set, from below the boundary": {w.final(append([]ledger.Header{of(1, 10)}, w.children(of(1, 10), 1)...)...), ledger.BadSet},
		"new set, at the boundary":         {w.final(of(1, 10)), ledger.BadSet},
		"new set, before it began":         {w.final(of(1, 3)), ledger.BadSet},
		"new set, old time":                {w.final(of(1, 11, func(h *ledger.Header) { h.Time = boundary.Time })), ledger.BadSet},
	} {
		if err := c.block.Check(trust); ledger.ReasonOf(err) != c.want || (err == nil) != (c.want == "") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := w.final(of(0, 900)).Check(w.trust); err != nil {
		t.Errorf("without the link there is no boundary: %v", err)
	}
}
