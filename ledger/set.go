// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A Validator is one voting member of the network.
type Validator struct {
	Name         string         `cbor:"1,keyasint" json:"name"`
	Organisation string         `cbor:"2,keyasint" json:"organisation"` // party id
	Key          keys.PublicKey `cbor:"3,keyasint" json:"key"`
	PeerID       string         `cbor:"4,keyasint" json:"peer_id"` // libp2p identity, another key than Key
}

// A ValidatorSet is a numbered list of validators. One member has one vote.
type ValidatorSet struct {
	Number  uint64      `cbor:"1,keyasint" json:"number"`
	Members []Validator `cbor:"2,keyasint" json:"members"`
}

// MaxValidators is the largest set a network may have.
const MaxValidators = 31

// Check reports what is wrong with the set: its size, or a member whose name,
// key or peer id is missing, of another suite, or another member's.
func (s ValidatorSet) Check(suite keys.Suite) error {
	if n := len(s.Members); n == 0 || n > MaxValidators {
		return fmt.Errorf("%d validators, must be 1 to %d", n, MaxValidators)
	}
	taken := make(map[string]bool)
	for _, v := range s.Members {
		if !IsKeyPart(v.Name) || !IsKeyPart(v.Organisation) || v.PeerID == "" {
			return fmt.Errorf("validator %q lacks a name, an organisation or a peer id", v.Name)
		}
		if v.Key.Algorithm != suite.Algorithm() {
			return fmt.Errorf("validator %q has a key of %s, the suite is %s", v.Name, v.Key.Algorithm, suite.Name())
		}
		if err := v.Key.Check(); err != nil {
			return fmt.Errorf("validator %q: %w", v.Name, err)
		}
		for _, unique := range []string{"name " + v.Name, "key " + v.Key.String(), "peer " + v.PeerID} {
			if taken[unique] {
				return fmt.Errorf("two validators share %s", unique)
			}
			taken[unique] = true
		}
	}
	return nil
}

// Quorum is q = ⌊2n/3⌋+1. Any two quorums share more than a third of the set.
func (s ValidatorSet) Quorum() int { return 2*len(s.Members)/3 + 1 }

// Find gives the place of the validator with key, or false.
func (s ValidatorSet) Find(key keys.PublicKey) (uint64, bool) {
	for i, m := range s.Members {
		if m.Key == key {
			return uint64(i), true
		}
	}
	return 0, false
}

// SetKey is the state key of the validator set with a number. The first is in
// the genesis state; a boundary block's state names the next.
func SetKey(number uint64) string { return fmt.Sprintf("consortium/sets/%d", number) }

// A Start opens a round of a validator set: a Raft group of its own with an
// empty log, on top of a base block and of the blocks that the round carries on.
// Its hash is the group's id. That of round 0 follows from the genesis or the
// boundary block alone; those of later rounds are signed, see SignedStart.
type Start struct {
	Chain   Hash   `cbor:"1,keyasint" json:"chain"`
	Set     uint64 `cbor:"2,keyasint" json:"set"`
	Round   uint64 `cbor:"3,keyasint" json:"round"`
	Height  uint64 `cbor:"4,keyasint" json:"height"`                      // of the base block
	Base    Hash   `cbor:"5,keyasint" json:"base"`                        // hash of the base block
	Voters  uint32 `cbor:"6,keyasint,omitempty" json:"voters,omitempty"`  // of Raft, bit i for the member in place i; 0 in round 0: all
	Carried []Hash `cbor:"7,keyasint,omitempty" json:"carried,omitempty"` // blocks above the base, ascending, to be voted on before anything else
}

// StartHash is the id of the round.
func (n Network) StartHash(s Start) Hash {
	return n.Suite.Sum([]byte("ipledger/start/v1\x00"), Encode(s))
}

// A Trust is what a verifier believes beforehand: a network and its validator
// sets. It comes from the genesis file, and grows only by checked links; never
// from the file that is being verified.
//
// A set speaks for its own time only: whoever gets hold of the keys of a set
// that has ended can sign nothing that a verifier with the link takes for news.
type Trust struct {
	Network
	Sets       []ValidatorSet    // Sets[i].Number == i
	Boundaries map[uint64]Header // by set: its last block, as far as it is known
}

// Set gives the validator set of a number.
func (t Trust) Set(number uint64) (ValidatorSet, error) {
	if number >= uint64(len(t.Sets)) {
		return ValidatorSet{}, refuse(BadSet, "set %d is not known; the links up to it are needed", number)
	}
	return t.Sets[number], nil
}

// checkEra checks that h lies between the block that began its set and the one
// that ended it, as far as the boundaries are known.
func (t Trust) checkEra(h Header) error {
	if last, ended := t.Boundaries[h.Set]; ended && h != last && (h.Height >= last.Height || h.Time >= last.Time) {
		return refuse(BadSet, "set %d ended with height %d, this is another block of height %d", h.Set, last.Height, h.Height)
	}
	if before, ok := t.Boundaries[h.Set-1]; ok && h.Set > 0 && (h.Height <= before.Height || h.Time <= before.Time) {
		return refuse(BadSet, "set %d began after height %d, this is height %d", h.Set, before.Height, h.Height)
	}
	return nil
}

// Certified is a header with the proof that it is FINAL: a certificate for it,
// or for a descendant reached by the headers between.
type Certified struct {
	Header      Header      `cbor:"1,keyasint" json:"header"`
	Descendants []Header    `cbor:"2,keyasint,omitempty" json:"descendants,omitempty"`
	Certificate Certificate `cbor:"3,keyasint" json:"certificate"`
}

// MaxDescendants bounds the headers between a block and the certificate that
// covers it; it is the window of blocks that may be executed and not yet FINAL.
const MaxDescendants = 8

// Check verifies that the header is FINAL. Refusals are *VerifyError.
func (c Certified) Check(t Trust) error {
	if c.Header.Version != HeaderVersion {
		return refuse(BadFormat, "header of version %d", c.Header.Version)
	}
	if len(c.Descendants) > MaxDescendants {
		return refuse(BadAncestry, "%d headers between block and certificate, at most %d", len(c.Descendants), MaxDescendants)
	}
	top := c.Header
	for _, d := range c.Descendants {
		if d.Version != HeaderVersion || d.Chain != top.Chain || d.Set != top.Set || d.Height != top.Height+1 || d.Parent != t.HeaderHash(top) {
			return refuse(BadAncestry, "header of height %d is not a child of height %d", d.Height, top.Height)
		}
		top = d
	}
	if top.Chain != t.Chain {
		return refuse(BadNetwork, "header is of network %v, trusted is %v", top.Chain, t.Chain)
	}
	set, err := t.Set(top.Set)
	if err != nil {
		return err
	}
	for _, h := range []Header{c.Header, top} {
		if err := t.checkEra(h); err != nil {
			return err
		}
	}
	if err := c.Certificate.Check(t.Network, set, Commit, top); err != nil {
		return fmt.Errorf("height %d: %w", top.Height, err)
	}
	return nil
}
