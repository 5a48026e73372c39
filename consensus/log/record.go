// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/ipledger/ipledger/ledger"
)

// Format is the version of the records. A database of a newer one is refused.
const Format = 1

// Kinds of records: the first byte of each key.
const (
	keyFormat    = 0x00
	keyJoined    = 0x01
	keyHardState = 0x02
	keyFirst     = 0x03
	keyCursor    = 0x04
	keyHighest   = 0x05
	keyFinal     = 0x06
	keyEntry     = 0x10
	keyVote      = 0x20
	keyNewest    = 0x21
	keyPrepared  = 0x22
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

// newer orders votes of one validator by set, round, height and kind.
func newer(v, than ledger.Vote) bool {
	switch {
	case v.Set != than.Set:
		return v.Set > than.Set
	case v.Round != than.Round:
		return v.Round > than.Round
	case v.Height != than.Height:
		return v.Height > than.Height
	}
	return v.Kind > than.Kind
}

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

// name opens the format record, so that another database is not taken for this
// one. All formats begin with it and their number.
const name = "ipledger consensus\x00"

func formatRecord(chain ledger.Hash) []byte {
	b := binary.BigEndian.AppendUint32([]byte(name), Format)
	return append(b, chain[:]...)
}

// checkFormat says whether this program, on the network of chain, may use a
// database with that format record.
func checkFormat(record []byte, chain ledger.Hash) error {
	rest, ok := bytes.CutPrefix(record, []byte(name))
	if !ok || len(rest) < 4 {
		return errors.New("it is not a consensus database; nothing in it was changed; give the node the folder that it has used before")
	}
	if f := binary.BigEndian.Uint32(rest); f > Format {
		return fmt.Errorf("it has format %d and this program reads up to %d: a newer version has used it; "+
			"no vote is lost and nothing in it was changed; run that version or a later one", f, Format)
	}
	if len(rest) != 4+len(ledger.Hash{}) {
		return fmt.Errorf("format record: %w: %w", ledger.ErrCorrupt, errLength)
	}
	if of := ledger.Hash(rest[4:]); of != chain {
		return fmt.Errorf("it belongs to the network %v and this node to %v; no vote is lost and nothing in it was changed; "+
			"start with the genesis file of that network, or give this network a folder of its own", of, chain)
	}
	return nil
}
