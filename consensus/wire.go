// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A message is one byte of kind, the id of the round or of the set that it is
// about, and a payload. A round's id is the hash of its START and Raft's group id,
// a set's is that of its round 0: messages of others are dropped unread.
type messageKind byte

const (
	raftMessage      messageKind = 1
	voteMessage      messageKind = 2
	statusMessage    messageKind = 3
	queryMessage     messageKind = 4
	reportMessage    messageKind = 5
	intentMessage    messageKind = 6
	statementMessage messageKind = 7
	startMessage     messageKind = 8
	wantMessage      messageKind = 9
	blockMessage     messageKind = 10
	complaintMessage messageKind = 11
	sealMessage      messageKind = 12
)

// ofRound tells that messages of a kind are about a round.
func (k messageKind) ofRound() bool {
	switch k {
	case raftMessage, voteMessage, complaintMessage, sealMessage:
		return true
	}
	return false
}

// class gives the queue for messages of a kind, but for Raft's.
func (k messageKind) class() Class {
	if k == startMessage || k == blockMessage {
		return Blocks // larger than others
	}
	return Control
}

const messageHead = 1 + len(ledger.Hash{})

func pack(kind messageKind, start ledger.Hash, payload []byte) []byte {
	return append(appendHead(make([]byte, 0, messageHead+len(payload)), kind, start), payload...)
}

func appendHead(b []byte, kind messageKind, start ledger.Hash) []byte {
	return append(append(b, byte(kind)), start[:]...)
}

func unpack(b []byte) (kind messageKind, start ledger.Hash, payload []byte, err error) {
	if len(b) < messageHead {
		return 0, ledger.Hash{}, nil, errors.New("message shorter than its head")
	}
	return messageKind(b[0]), ledger.Hash(b[1:messageHead]), b[messageHead:], nil
}

// A raft message travels with an attachment: a grant beside a granted vote, the
// election proof beside a leader's message.
func packRaft(start ledger.Hash, attachment []byte, m *raftpb.Message) ([]byte, error) {
	// In one piece: a batch is large, and each follower is sent its own.
	b := make([]byte, 0, messageHead+2+len(attachment)+proto.Size(m))
	b = appendHead(b, raftMessage, start)
	b = binary.BigEndian.AppendUint16(b, uint16(len(attachment)))
	b = append(b, attachment...)
	return proto.MarshalOptions{}.MarshalAppend(b, m)
}

func unpackRaft(b []byte) (attachment, message []byte, err error) {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return nil, nil, errors.New("raft message shorter than its attachment")
	}
	n := int(binary.BigEndian.Uint16(b))
	return b[2 : 2+n], b[2+n:], nil
}

// A status tells how far a member is. It goes to everybody twice a second.
type status struct {
	Final uint64 `cbor:"1,keyasint"`
	Round uint64 `cbor:"2,keyasint,omitempty"`
}

// A want asks for a block that the round carries, by its hash. The answer is the
// block.
type want struct {
	Block ledger.Hash `cbor:"1,keyasint"`
}

// A query asks for the newest vote and statement of the sender's key; a report
// answers it.
type query struct {
	Nonce uint64 `cbor:"1,keyasint"`
}

type report struct {
	Nonce  uint64              `cbor:"1,keyasint"`
	Newest []ledger.SignedVote `cbor:"2,keyasint,omitempty"` // at most one
	Stated []byte              `cbor:"3,keyasint,omitempty"` // the newest SignedStatement, encoded
}

const maxControl = 64 << 10

// A grant is a Raft vote made transferable: its giver signs that candidate may
// lead term in the round of start.
type grant struct {
	Start     ledger.Hash `cbor:"1,keyasint"`
	Term      uint64      `cbor:"2,keyasint"`
	Candidate uint64      `cbor:"3,keyasint"`
}

func (g grant) message() []byte {
	return append([]byte("ipledger/grant/v1\x00"), ledger.Encode(g)...)
}

// An electionProof is the grants of a majority of Raft voters for one term.
type electionProof struct {
	Term   uint64                   `cbor:"1,keyasint"`
	Grants []ledger.SignerSignature `cbor:"2,keyasint"` // ascending validators
}

func (p electionProof) check(suite keys.Suite, set ledger.ValidatorSet, voters uint32, start ledger.Hash, candidate Member) error {
	if len(p.Grants) < majority(voters) || len(p.Grants) > len(set.Members) {
		return fmt.Errorf("election proof of term %d has %d grants", p.Term, len(p.Grants))
	}
	message := grant{Start: start, Term: p.Term, Candidate: uint64(candidate)}.message()
	for i, g := range p.Grants {
		if g.Validator >= uint64(len(set.Members)) || voters>>g.Validator&1 == 0 || i > 0 && g.Validator <= p.Grants[i-1].Validator {
			return fmt.Errorf("election proof of term %d: grants are not of distinct voters", p.Term)
		}
		if !suite.Verify(set.Members[g.Validator].Key, message, g.Signature) {
			return fmt.Errorf("election proof of term %d: grant of member %d does not verify", p.Term, g.Validator)
		}
	}
	return nil
}

// majority is how many of Raft's voters elect a leader.
func majority(voters uint32) int { return bits.OnesCount32(voters)/2 + 1 }
