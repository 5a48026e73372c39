// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"

	"github.com/ipledger/ipledger/internal/database"
)

// Format is the newest format of the ledger database that this program reads,
// and the one it writes.
const Format = 1

// ErrNewer marks that a newer version of the program has used a database, this
// or that of consensus.
var ErrNewer = database.ErrNewer

var purpose = database.Purpose{
	Name:   "ledger database",
	Mark:   "ipledger ledger\x00",
	Format: Format,
	Intact: "nothing in it was changed",
	Mend: "nothing is lost to the network: ipledger node rebuild --ledger moves this folder aside, " +
		"and at its next start the node fetches all blocks from other members; leave the consensus database as it is",
}

const (
	defaultCache    = 48 << 20
	defaultMemTable = 8 << 20
)

// tune makes Pebble fit for records that are read at random and never deleted,
// so that no statistics of deletions are needed.
func (o Options) tune(p *pebble.Options) {
	p.CacheSize, p.MemTableSize = defaultCache, defaultMemTable
	if o.Cache != 0 {
		p.CacheSize = o.Cache
	}
	if o.MemTable != 0 {
		p.MemTableSize = uint64(o.MemTable)
	}
	p.CompactionConcurrencyRange = func() (lower, upper int) { return 1, 2 }
	for i := range p.Levels {
		p.Levels[i].FilterPolicy = bloom.FilterPolicy(10) // most ids asked for are not there, and a node is in one level
	}
	p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionBalanced })
}
