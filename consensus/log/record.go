// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/ipledger/ipledger/ledger"
)

// Kinds of records: the first byte of each key.
const (
	keyFormat    = 0x00
	keyJoined    = 0x01
	keyHardState = 0x02
	keyFirst     = 0x03
	keyCursor    = 0x04
	keyHighest   = 0x05
	keyFinal     = 0x06
	keySurrender = 0x07
	keyEntry     = 0x10
	keyVote      = 0x20
	keyNewest    = 0x21
	keyPrepared  = 0x22
	keyStart     = 0x23
	keyStatement = 0x24
	keyCarried   = 0x25
	keyEvidence  = 0x26
)

func key(kind byte, numbers ...uint64) []byte {
	k := make([]byte, 1, 1+8*len(numbers)+1)
	k[0] = kind
	for _, n := range numbers {
		k = binary.BigEndian.AppendUint64(k, n)
	}
	return k
}

// from and upTo bound a range of keys of one kind: from the number on, and
// below the number that follows it.
func from(kind byte, n uint64) []byte { return key(kind, n) }

func upTo(kind byte, n uint64) []byte {
	if n == math.MaxUint64 {
		return []byte{kind + 1}
	}
	return key(kind, n+1)
}

// A slot is what at most one own vote may be for.
type slot struct {
	set, round, height uint64
	kind               ledger.VoteKind
}

func slotOf(v ledger.Vote) slot { return slot{v.Set, v.Round, v.Height, v.Kind} }

func (s slot) String() string {
	return fmt.Sprintf("%v of height %d in set %d, round %d", s.kind, s.height, s.set, s.round)
}

// key has the height first, so that old votes of all epochs go in one range.
func (s slot) key() []byte { return append(key(keyVote, s.height, s.set, s.round), byte(s.kind)) }

// A seat is a validator's place in a set.
type seat struct{ set, validator uint64 }

func seatOf(v ledger.SignedVote) seat { return seat{v.Vote.Set, v.Validator} }

func (s seat) key() []byte { return key(keyNewest, s.set, s.validator) }

func numbers(n ...uint64) []byte { return key(0, n...)[1:] }

var errLength = errors.New("of another length than its kind has")

func parseNumbers(b []byte, into ...*uint64) error {
	if len(b) != 8*len(into) {
		return errLength
	}
	for i, n := range into {
		*n = binary.BigEndian.Uint64(b[8*i:])
	}
	return nil
}
