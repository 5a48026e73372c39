// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A round ends and the next begins in three signed steps:
//
//	Intent × q ─▶ promise: no vote below ─▶ Statement × q ─▶ SignedStart
//
// This is PBFT's view change (Castro and Liskov, OSDI 1999): what may have become
// FINAL in an earlier round has a prepare certificate in the statements of any
// quorum, and is carried into the next.

// An Intent is a validator's wish to begin a round of its set with some of the
// members as Raft voters.
type Intent struct {
	Chain  Hash   `cbor:"1,keyasint"`
	Set    uint64 `cbor:"2,keyasint"`
	Round  uint64 `cbor:"3,keyasint"`
	Voters uint32 `cbor:"4,keyasint"` // bit i for the member in place i
}

const intentDomain = "ipledger/intent/v1\x00"

func (i Intent) message() []byte { return append([]byte(intentDomain), Encode(i)...) }

// A SignedIntent is an intent with its signer's place in the validator set.
type SignedIntent struct {
	Intent    Intent         `cbor:"1,keyasint"`
	Validator uint64         `cbor:"2,keyasint"`
	Signature keys.Signature `cbor:"3,keyasint"`
}

// Sign signs i as validator.
func (i Intent) Sign(validator uint64, signer keys.Signer) (SignedIntent, error) {
	sig, err := signer.Sign(i.message())
	if err != nil {
		return SignedIntent{}, fmt.Errorf("sign the intent of round %d: %w", i.Round, err)
	}
	return SignedIntent{Intent: i, Validator: validator, Signature: sig}, nil
}

// Check verifies the signature by the strict rule, that the intent is of a member
// of set, and that it could begin a round.
func (s SignedIntent) Check(n Network, set ValidatorSet) error {
	if err := s.Intent.check(n, set); err != nil {
		return err
	}
	if s.Validator >= uint64(len(set.Members)) || !n.Suite.Verify(set.Members[s.Validator].Key, s.Intent.message(), s.Signature) {
		return fmt.Errorf("signature of validator %d under an intent does not verify", s.Validator)
	}
	return nil
}

func (i Intent) check(n Network, set ValidatorSet) error {
	if i.Chain != n.Chain || i.Set != set.Number || i.Round == 0 {
		return fmt.Errorf("intent of set %d, round %d: not one of set %d of this network", i.Set, i.Round, set.Number)
	}
	if all := AllVoters(set); i.Voters == 0 || i.Voters&^all != 0 {
		return fmt.Errorf("intent of round %d with voters %b, who are not in a set of %d", i.Round, i.Voters, len(set.Members))
	}
	return nil
}

// AllVoters is every member of a set as a Raft voter.
func AllVoters(set ValidatorSet) uint32 { return uint32(1)<<len(set.Members) - 1 }

// A PreparedBlock is the header of a block with a prepare certificate for it. The
// header tells the parent, which the certificate does not name.
type PreparedBlock struct {
	Header      Header      `cbor:"1,keyasint"`
	Certificate Certificate `cbor:"2,keyasint"`
}

// A Statement is what a validator says as it promises to vote in no round below
// one: all that it holds of what may have become FINAL. It is synced before it is
// sent, and one is made for each round.
type Statement struct {
	Intent    Intent            `cbor:"1,keyasint"`           // the round, which a quorum wishes for
	Intents   []SignerSignature `cbor:"2,keyasint"`           // exactly q of them, ascending
	Validator uint64            `cbor:"3,keyasint"`           //
	Highest   []Certificate     `cbor:"4,keyasint,omitempty"` // of COMMITs; at most one, none before the first block of the set
	Prepared  []PreparedBlock   `cbor:"5,keyasint,omitempty"` // above it, one for a height, ascending
	Newest    []Vote            `cbor:"6,keyasint,omitempty"` // the greatest of all its votes so far in the order of Vote.Newer; at most one
}

const statementDomain = "ipledger/statement/v1\x00"

func (s Statement) message() []byte { return append([]byte(statementDomain), Encode(s)...) }

// A SignedStatement is a statement as its validator signed it.
type SignedStatement struct {
	Statement Statement      `cbor:"1,keyasint"`
	Signature keys.Signature `cbor:"2,keyasint"`
}

// Sign signs s.
func (s Statement) Sign(signer keys.Signer) (SignedStatement, error) {
	sig, err := signer.Sign(s.message())
	if err != nil {
		return SignedStatement{}, fmt.Errorf("sign the statement for round %d: %w", s.Intent.Round, err)
	}
	return SignedStatement{Statement: s, Signature: sig}, nil
}

// Check verifies every signature in s, and that each certificate is for what it
// stands beside. What the statement must hold is for package consensus/rules.
func (s SignedStatement) Check(n Network, set ValidatorSet) error {
	st := s.Statement
	if err := s.CheckSigner(n, set); err != nil {
		return err
	}
	if len(st.Intents) != set.Quorum() {
		return fmt.Errorf("%d intents, needed are exactly %d", len(st.Intents), set.Quorum())
	}
	for i, one := range st.Intents {
		if i > 0 && one.Validator <= st.Intents[i-1].Validator {
			return fmt.Errorf("intent of validator %d is repeated or out of order", one.Validator)
		}
		signed := SignedIntent{Intent: st.Intent, Validator: one.Validator, Signature: one.Signature}
		if err := signed.Check(n, set); err != nil {
			return err
		}
	}
	for _, c := range st.Highest {
		if err := c.checkVotes(n, set, Commit); err != nil {
			return fmt.Errorf("highest certificate: %w", err)
		}
	}
	for _, p := range st.Prepared {
		if err := p.Certificate.Check(n, set, Prepare, p.Header); err != nil {
			return fmt.Errorf("prepare certificate of height %d: %w", p.Header.Height, err)
		}
	}
	return nil
}

// CheckSigner verifies that the validator named in the statement signed it, and
// its form. The certificates in it are not looked at. Who has voted in a round
// says nothing for it or for one before it any more: what it keeps by then may be
// of later rounds, and its statement would seem to hide what they have replaced.
func (s SignedStatement) CheckSigner(n Network, set ValidatorSet) error {
	st := s.Statement
	if err := st.Intent.check(n, set); err != nil {
		return err
	}
	if st.Validator >= uint64(len(set.Members)) || !n.Suite.Verify(set.Members[st.Validator].Key, st.message(), s.Signature) {
		return fmt.Errorf("signature of validator %d under a statement does not verify", st.Validator)
	}
	if len(st.Highest) > 1 || len(st.Newest) > 1 {
		return fmt.Errorf("statement of validator %d has two highest certificates or newest votes", st.Validator)
	}
	for _, v := range st.Newest {
		if v.Set > st.Intent.Set || v.Set == st.Intent.Set && v.Round >= st.Intent.Round {
			return fmt.Errorf("statement of validator %d for round %d tells of its vote in round %d", st.Validator, st.Intent.Round, v.Round)
		}
	}
	return nil
}

// A SignedStart is a START with the statements that it follows from, signed by
// the validator whose turn it is.
type SignedStart struct {
	Start      Start          `cbor:"1,keyasint"`
	Validator  uint64         `cbor:"2,keyasint"`
	Statements [][]byte       `cbor:"3,keyasint"` // encoded: exactly q, ascending validators
	Signature  keys.Signature `cbor:"4,keyasint"`
}

const startSignatureDomain = "ipledger/start-signature/v1\x00"

func (s Start) message() []byte { return append([]byte(startSignatureDomain), Encode(s)...) }

// Sign signs s as validator, with the statements that it follows from.
func (s Start) Sign(validator uint64, statements []SignedStatement, signer keys.Signer) (SignedStart, error) {
	sig, err := signer.Sign(s.message())
	if err != nil {
		return SignedStart{}, fmt.Errorf("sign the START of round %d: %w", s.Round, err)
	}
	signed := SignedStart{Start: s, Validator: validator, Signature: sig}
	for _, one := range statements {
		signed.Statements = append(signed.Statements, Encode(one))
	}
	return signed, nil
}

// MaxStatement bounds an encoded statement: that of a set of 31, with prepare
// certificates for 16 heights, has 34 KiB.
const MaxStatement = 48 << 10

// MaxStart bounds an encoded START.
const MaxStart = MaxValidators * MaxStatement

// Open verifies every signature in s and gives the statements. Whether the START
// follows from them is for package consensus/rules.
func (s SignedStart) Open(n Network, set ValidatorSet) ([]SignedStatement, error) {
	if s.Start.Chain != n.Chain || s.Start.Set != set.Number || len(s.Statements) != set.Quorum() {
		return nil, fmt.Errorf("START of set %d, round %d: not one of set %d of this network", s.Start.Set, s.Start.Round, set.Number)
	}
	if s.Validator >= uint64(len(set.Members)) || !n.Suite.Verify(set.Members[s.Validator].Key, s.Start.message(), s.Signature) {
		return nil, fmt.Errorf("signature of validator %d under a START does not verify", s.Validator)
	}
	var statements []SignedStatement
	for _, raw := range s.Statements {
		var one SignedStatement
		if err := Decode(raw, MaxStatement, &one); err != nil {
			return nil, fmt.Errorf("statement in a START: %w", err)
		}
		if err := one.Check(n, set); err != nil {
			return nil, fmt.Errorf("statement of validator %d: %w", one.Statement.Validator, err)
		}
		statements = append(statements, one)
	}
	return statements, nil
}
