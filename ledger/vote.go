// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"cmp"
	"fmt"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A VoteKind is one of the two steps of finality.
type VoteKind uint8

// The kinds of votes.
const (
	Prepare VoteKind = 1 // "Raft committed and I executed this block here"
	Commit  VoteKind = 2 // "a quorum prepared this block"
)

func (k VoteKind) String() string {
	switch k {
	case Prepare:
		return "PREPARE"
	case Commit:
		return "COMMIT"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// A Vote is what one validator signs about one block in one epoch, where an
// epoch is a validator set and a round of it. Index and Term say where Raft
// committed the block; a COMMIT leaves them zero.
type Vote struct {
	Kind   VoteKind `cbor:"1,keyasint" json:"kind"`
	Chain  Hash     `cbor:"2,keyasint" json:"chain"`
	Set    uint64   `cbor:"3,keyasint" json:"set"`
	Round  uint64   `cbor:"4,keyasint" json:"round"`
	Start  Hash     `cbor:"5,keyasint" json:"start"`
	Height uint64   `cbor:"6,keyasint" json:"height"`
	Block  Hash     `cbor:"7,keyasint" json:"block"`
	Index  uint64   `cbor:"8,keyasint,omitempty" json:"index,omitempty"`
	Term   uint64   `cbor:"9,keyasint,omitempty" json:"term,omitempty"`
}

// Newer orders the votes of one validator by set, round, height and kind.
func (v Vote) Newer(than Vote) bool {
	return cmp.Or(cmp.Compare(v.Set, than.Set), cmp.Compare(v.Round, than.Round),
		cmp.Compare(v.Height, than.Height), cmp.Compare(v.Kind, than.Kind)) > 0
}

// A SignedVote is a vote with its signer's place in the validator set.
type SignedVote struct {
	Vote      Vote           `cbor:"1,keyasint" json:"vote"`
	Validator uint64         `cbor:"2,keyasint" json:"validator"`
	Signature keys.Signature `cbor:"3,keyasint" json:"signature"`
}

// message is what is signed: each kind has a domain of its own.
func (v Vote) message() []byte {
	domain := "ipledger/prepare/v1\x00"
	if v.Kind == Commit {
		domain = "ipledger/commit/v1\x00"
	}
	return append([]byte(domain), Encode(v)...)
}

// Sign signs v as validator.
func (v Vote) Sign(validator uint64, signer keys.Signer) (SignedVote, error) {
	sig, err := signer.Sign(v.message())
	if err != nil {
		return SignedVote{}, fmt.Errorf("sign %v of height %d: %w", v.Kind, v.Height, err)
	}
	return SignedVote{Vote: v, Validator: validator, Signature: sig}, nil
}

// Check verifies the signature by the strict rule, and that the vote is of a
// member of set.
func (s SignedVote) Check(suite keys.Suite, set ValidatorSet) error {
	if s.Vote.Kind != Prepare && s.Vote.Kind != Commit {
		return fmt.Errorf("vote of unknown kind %d", s.Vote.Kind)
	}
	if s.Vote.Set != set.Number || s.Validator >= uint64(len(set.Members)) {
		return fmt.Errorf("vote of validator %d of set %d, who is not in set %d", s.Validator, s.Vote.Set, set.Number)
	}
	if !suite.Verify(set.Members[s.Validator].Key, s.Vote.message(), s.Signature) {
		return fmt.Errorf("signature of validator %d does not verify", s.Validator)
	}
	return nil
}

// A Certificate is one vote with the signatures of exactly a quorum of
// validators, by ascending place. With COMMIT votes it makes a block FINAL;
// with PREPARE votes it is a prepare certificate.
type Certificate struct {
	Vote    Vote              `cbor:"1,keyasint" json:"vote"`
	Signers []SignerSignature `cbor:"2,keyasint" json:"signers"`
}

// A SignerSignature is one validator's part of a certificate.
type SignerSignature struct {
	Validator uint64         `cbor:"1,keyasint" json:"validator"`
	Signature keys.Signature `cbor:"2,keyasint" json:"signature"`
}

// Check verifies that c is a certificate of kind for the block of header, by
// the validator set that the header names. Refusals are *VerifyError.
func (c Certificate) Check(n Network, set ValidatorSet, kind VoteKind, header Header) error {
	v := c.Vote
	switch {
	case v.Kind != kind:
		return refuse(BadKind, "votes are %v, needed are %v", v.Kind, kind)
	case v.Chain != n.Chain || header.Chain != n.Chain:
		return refuse(BadNetwork, "certificate or header is of network %v, trusted is %v", v.Chain, n.Chain)
	case v.Set != header.Set || v.Set != set.Number:
		return refuse(BadSet, "votes of set %d for a block of set %d, checked against set %d", v.Set, header.Set, set.Number)
	case v.Height != header.Height || v.Block != n.HeaderHash(header):
		return refuse(BadBlock, "votes are for another block than height %d", header.Height)
	}
	return c.checkVotes(n, set, kind)
}

// checkVotes verifies that c is a certificate of kind by set, for whatever block.
func (c Certificate) checkVotes(n Network, set ValidatorSet, kind VoteKind) error {
	v := c.Vote
	switch {
	case v.Kind != kind:
		return refuse(BadKind, "votes are %v, needed are %v", v.Kind, kind)
	case v.Chain != n.Chain:
		return refuse(BadNetwork, "certificate is of network %v, trusted is %v", v.Chain, n.Chain)
	case v.Set != set.Number:
		return refuse(BadSet, "votes of set %d, checked against set %d", v.Set, set.Number)
	case kind == Commit && (v.Index != 0 || v.Term != 0):
		return refuse(BadKind, "a COMMIT names no log position")
	case len(c.Signers) != set.Quorum():
		return refuse(BadQuorum, "%d signers, needed are exactly %d of %d", len(c.Signers), set.Quorum(), len(set.Members))
	}
	message := v.message()
	for i, s := range c.Signers {
		if s.Validator >= uint64(len(set.Members)) {
			return refuse(BadSigner, "validator %d is not in set %d", s.Validator, set.Number)
		}
		if i > 0 && s.Validator <= c.Signers[i-1].Validator {
			return refuse(BadSigner, "validator %d is repeated or out of order", s.Validator)
		}
		if !n.Suite.Verify(set.Members[s.Validator].Key, message, s.Signature) {
			return refuse(BadSignature, "signature of validator %d (%s) does not verify", s.Validator, set.Members[s.Validator].Name)
		}
	}
	return nil
}
