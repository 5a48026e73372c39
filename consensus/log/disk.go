// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"github.com/cockroachdb/pebble/v2"

	"github.com/ipledger/ipledger/internal/database"
)

// Format is the newest format of the consensus database that this program reads,
// and the one it writes.
const Format = 2

var purpose = database.Purpose{
	Name:   "consensus database",
	Mark:   "ipledger consensus\x00",
	Format: Format,
	Intact: "no vote is lost and nothing in it was changed",
	Mend: "this node's record of its votes cannot be trusted, so it must not vote with its key again: " +
		"ipledger node rebuild --consensus moves this folder aside, and the node follows as an observer and serves certified answers, " +
		"while the other members must be a quorum without it; " +
		"the ledger database is another one and stays as it is",
}

// tune makes Pebble fit for a log that is truncated all the time. Every flush
// spans all kinds of records, so every compaction meets the range tombstones of
// all; no statistics are needed to find them.
func tune(p *pebble.Options) {
	p.MemTableSize = 8 << 20 // the entries of small blocks are truncated before they are flushed
	p.CacheSize = 1 << 20    // nothing but prepare certificates is read after Open
}
