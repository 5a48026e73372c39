// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipledger/ipledger/ledger"
)

// FormatRecord marks a database as one of this purpose, format and network. All
// formats begin with the mark and their number.
func (p Purpose) FormatRecord(chain ledger.Hash) []byte {
	b := binary.BigEndian.AppendUint32([]byte(p.Mark), p.Format)
	return append(b, chain[:]...)
}

var errLength = errors.New("of another length than it has")

// CheckFormat says whether this program, on the network of chain, may use the
// database in dir, by its format record.
func (p Purpose) CheckFormat(dir string, record []byte, chain ledger.Hash) error {
	if err := p.checkFormat(record, chain); err != nil {
		return fmt.Errorf("%s %s: %w", p.Name, dir, err)
	}
	return nil
}

func (p Purpose) checkFormat(record []byte, chain ledger.Hash) error {
	rest, ok := bytes.CutPrefix(record, []byte(p.Mark))
	if !ok || len(rest) < 4 {
		return fmt.Errorf("%w: it is not a %s; nothing in it was changed; give the node the folder that it has used before", ErrForeign, p.Name)
	}
	switch f := binary.BigEndian.Uint32(rest); {
	case f > p.Format:
		return fmt.Errorf("%w: it has format %d and this program reads up to %d; %s; run that version or a later one",
			ErrNewer, f, p.Format, p.Intact)
	case f < p.Format:
		return fmt.Errorf("%w: it has format %d and this program reads %d; %s", ErrOlder, f, p.Format, p.Intact)
	}
	if len(rest) != 4+len(ledger.Hash{}) {
		return fmt.Errorf("%w: format record: %w", ledger.ErrCorrupt, errLength)
	}
	if of := ledger.Hash(rest[4:]); of != chain {
		return fmt.Errorf("%w: it belongs to the network %v and this node to %v; %s; "+
			"start with the genesis file of that network, or give this network a folder of its own", ErrForeign, of, chain, p.Intact)
	}
	return nil
}
