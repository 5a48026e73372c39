// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import "github.com/cockroachdb/pebble/v2"

// Metrics are the sizes and counts an operator watches.
type Metrics struct {
	DiskBytes         uint64 // all files, obsolete ones that still await deletion included
	CacheBytes        int64
	CacheHits         int64
	CacheMisses       int64
	MemTableBytes     uint64
	CompactionDebt    uint64 // bytes still to be rewritten; growing without end means that the disk is too slow
	ReadAmplification int    // tables that a read may have to look into
	Flushes           int64
	Compactions       int64
}

// Measure gives the present values of a database. It costs some microseconds.
func Measure(db *pebble.DB) Metrics {
	m := db.Metrics()
	return Metrics{
		DiskBytes:         m.DiskSpaceUsage(),
		CacheBytes:        m.BlockCache.Size,
		CacheHits:         m.BlockCache.Hits,
		CacheMisses:       m.BlockCache.Misses,
		MemTableBytes:     m.MemTable.Size,
		CompactionDebt:    m.Compact.EstimatedDebt,
		ReadAmplification: m.ReadAmp(),
		Flushes:           m.Flush.Count,
		Compactions:       m.Compact.Count,
	}
}
