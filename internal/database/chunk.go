// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// A chunkLog reads the records of Pebble's journals and manifests. They are cut
// into chunks, none of which crosses a border between blocks of 32 KiB:
//
//	checksum 4, length of the payload 2, kind 1, [journal number 4, [synced offset 8]], payload
//
// The checksum covers everything from the kind on.
type chunkLog struct {
	content []byte
	formats [2]chunkFormat
	number  uint32 // of a journal
	at      int    // where the next chunk begins, or the first that cannot be read
}

// A chunkFormat is one of Pebble's layouts of a chunk. It has four kinds: a whole
// record, and its first, middle and last chunk.
type chunkFormat struct {
	whole  byte // the first of the four kinds
	header int
}

var (
	manifestFormats = [2]chunkFormat{{1, 7}}
	journalFormats  = [2]chunkFormat{{5, numberEnds}, {9, syncedEnds}}
)

const (
	blockSize   = 32 << 10
	kindAt      = 6
	numberAt    = 7
	numberEnds  = 11
	syncedEnds  = 19
	trailerSize = numberEnds
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is Pebble's: that of Castagnoli, turned so that a checksum of data that
// hold one is no special case.
func checksum(data []byte) uint32 {
	return bits.RotateLeft32(crc32.Checksum(data, castagnoli), 17) + 0xa282ead8
}

// record gives the next record, or nil where the log ends or cannot be read any
// more.
func (l *chunkLog) record() []byte {
	var record []byte
	for {
		l.skipPadding()
		payload, part, size := l.chunk(l.at)
		first := part == 0 || part == 1
		if size == 0 || first != (record == nil) {
			return nil
		}
		if first {
			record = make([]byte, 0, len(payload))
		}
		l.at += size
		record = append(record, payload...)
		if part == 0 || part == 3 {
			return record
		}
	}
}

// skipPadding passes over the end of a block that has no room for a chunk.
func (l *chunkLog) skipPadding() {
	header := l.formats[0].header
	if l.formats[1].header > 0 {
		header = l.formats[1].header
	}
	room := blockSize - l.at%blockSize
	if room >= header || l.at+room > len(l.content) {
		return
	}
	for _, b := range l.content[l.at : l.at+room] {
		if b != 0 {
			return
		}
	}
	l.at += room
}

// chunk gives the payload of the chunk at an offset, which of the four kinds it
// is of, and its size with the header; 0 if there is none that can be read.
func (l *chunkLog) chunk(at int) (payload []byte, part, size int) {
	rest := l.block(at)
	for _, f := range l.formats {
		if f.header == 0 || len(rest) < f.header || rest[kindAt] < f.whole || rest[kindAt] > f.whole+3 {
			continue
		}
		if f.header >= numberEnds && binary.LittleEndian.Uint32(rest[numberAt:]) != l.number {
			continue // of a former use of the file
		}
		end := f.header + int(binary.LittleEndian.Uint16(rest[4:]))
		if end > len(rest) || checksum(rest[kindAt:end]) != binary.LittleEndian.Uint32(rest) {
			continue
		}
		return rest[f.header:end], int(rest[kindAt] - f.whole), end
	}
	return nil, 0, 0
}

// block is what is left of the block at an offset.
func (l *chunkLog) block(at int) []byte {
	if at >= len(l.content) {
		return nil
	}
	return l.content[at:min(len(l.content), at+blockSize-at%blockSize)]
}

// judgeEnd tells whether the log ends before what was synced, which no crash does.
func (l *chunkLog) judgeEnd(synced uint64) error {
	end := l.at
	if l.isTrailer(l.block(end)) {
		end += trailerSize
	}
	if uint64(end) < synced {
		return damage("it cannot be read at byte %d, and %d bytes of it were synced", l.at, synced)
	}
	if at, ok := l.syncedBefore(); ok {
		return damage("it cannot be read at byte %d, which was synced before the chunk at byte %d was written", l.at, at)
	}
	return nil
}

// isTrailer tells whether a chunk is the mark that ends a journal. Pebble looks at
// its number alone, which one wrong bit gives to another chunk.
func (l *chunkLog) isTrailer(rest []byte) bool {
	if l.formats[0].header < numberEnds || len(rest) < trailerSize {
		return false
	}
	want := binary.LittleEndian.AppendUint32([]byte{kindAt: l.formats[0].whole}, l.number+1)
	return bytes.Equal(rest[:trailerSize], want)
}

// syncedBefore finds a chunk that was written after the place that cannot be read
// was synced: one of a journal that says so, or one that begins a record of a
// manifest, of which each is synced before the next.
func (l *chunkLog) syncedBefore() (at int, ok bool) {
	for at := l.at + 1; at < len(l.content); at++ {
		payload, part, size := l.chunk(at)
		switch {
		case len(payload) == 0:
		case l.formats[0].header < numberEnds:
			if part == 0 || part == 1 {
				return at, true
			}
		case size-len(payload) == syncedEnds:
			synced := binary.LittleEndian.Uint64(l.content[at+numberEnds:])
			if synced > uint64(l.at) && synced <= uint64(at) {
				return at, true
			}
		}
	}
	return 0, false
}
