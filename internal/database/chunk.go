// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
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
	journalFormats  = [2]chunkFormat{{5, 11}, {9, 19}}
)

const (
	blockSize  = 32 << 10
	sectorSize = 512 // which a disk writes whole or not at all
	kindAt     = 6
	numberAt   = 7
	numberEnds = 11
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is Pebble's: that of Castagnoli, turned so that a checksum of data that
// hold one is no special case.
func checksum(data []byte) uint32 {
	return bits.RotateLeft32(crc32.Checksum(data, castagnoli), 17) + 0xa282ead8
}

func unturned(sum uint32) uint32 { return bits.RotateLeft32(sum-0xa282ead8, -17) }

// record gives the next record, or nil where the log ends or cannot be read any
// more. It fails if that is no end that a crash leaves.
func (l *chunkLog) record() ([]byte, error) {
	var record []byte
	for {
		l.skipPadding()
		payload, part, size := l.chunk(l.at)
		if size == 0 {
			return nil, l.judgeEnd()
		}
		first := part == 0 || part == 1
		if first != (record == nil) {
			return nil, nil // the rest of a record that was torn
		}
		if first {
			record = make([]byte, 0, len(payload))
		}
		l.at += size
		record = append(record, payload...)
		if part == 0 || part == 3 {
			return record, nil
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
		end := f.header + int(binary.LittleEndian.Uint16(rest[4:]))
		if end > len(rest) || checksum(rest[kindAt:end]) != binary.LittleEndian.Uint32(rest) {
			continue
		}
		if f.header >= numberEnds && binary.LittleEndian.Uint32(rest[numberAt:]) != l.number {
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

// judgeEnd tells whether the place that cannot be read is damage: a chunk with one
// wrong byte. What a crash has torn is cut off, or lacks whole sectors.
func (l *chunkLog) judgeEnd() error {
	rest := l.block(l.at)
	for _, f := range l.formats {
		if f.header == 0 || len(rest) < f.header || l.isTrailer(rest) {
			continue
		}
		given := int(binary.LittleEndian.Uint16(rest[4:]))
		for _, length := range lengths(given) {
			if end := f.header + length; end <= len(rest) && length > 0 && l.oneByteOff(rest[:end], f, length == given) {
				return damage("wrong byte in the chunk at byte %d", l.at)
			}
		}
	}
	return nil
}

// isTrailer tells whether a chunk is the mark that ends a journal. Pebble looks at
// its number alone, which one wrong bit gives to another chunk.
func (l *chunkLog) isTrailer(rest []byte) bool {
	return binary.LittleEndian.Uint32(rest) == 0 && binary.LittleEndian.Uint16(rest[4:]) == 0
}

// lengths are a length and those that differ from it in one byte.
func lengths(given int) []int {
	all := []int{given}
	for b := 1; b < 256; b++ {
		all = append(all, given^b, given^b<<8)
	}
	return all
}

// oneByteOff tells whether a chunk becomes good if one byte of it is another: one
// that is not in its length if anyByte is set, and else none.
func (l *chunkLog) oneByteOff(chunk []byte, f chunkFormat, anyByte bool) bool {
	stored, found := binary.LittleEndian.Uint32(chunk), checksum(chunk[kindAt:])
	if stored == found {
		return l.named(chunk, f, 0) && chunk[kindAt] >= f.whole && chunk[kindAt] <= f.whole+3
	}
	if !anyByte {
		return false
	}
	if differ(stored, found) == 1 { // the checksum itself
		return l.named(chunk, f, 0)
	}
	wrong := unturned(stored) ^ unturned(found)
	// effect is what a change of the byte at i does to the checksum, by the change.
	var effect [256]uint32
	copy(effect[:], castagnoli[:])
	for i := len(chunk) - 1; i >= kindAt; i-- {
		for change := 1; change < 256; change++ {
			if effect[change] == wrong && l.named(chunk, f, i) && (i > kindAt || (chunk[i]^byte(change))-f.whole < 4) {
				return !l.lost(chunk, i)
			}
			effect[change] = castagnoli[byte(effect[change])] ^ effect[change]>>8
		}
	}
	return false
}

// lost tells whether a byte is one of those that a crash has left empty: from the
// beginning of a sector to the end of the chunk.
func (l *chunkLog) lost(chunk []byte, i int) bool {
	begin := (l.at+i)/sectorSize*sectorSize - l.at
	if begin <= 0 {
		return false
	}
	for _, b := range chunk[begin:] {
		if b != 0 {
			return false
		}
	}
	return true
}

// named tells whether a chunk bears the number of its journal, the byte at except
// left out. Others were written before the file was used again.
func (l *chunkLog) named(chunk []byte, f chunkFormat, except int) bool {
	if f.header < numberEnds {
		return true
	}
	want := binary.LittleEndian.AppendUint32(nil, l.number)
	for i := numberAt; i < numberEnds; i++ {
		if i != except && chunk[i] != want[i-numberAt] {
			return false
		}
	}
	return true
}

// differ counts the bytes in which two numbers differ.
func differ(a, b uint32) (n int) {
	for x := a ^ b; x != 0; x >>= 8 {
		if byte(x) != 0 {
			n++
		}
	}
	return n
}

// readableAfter finds a chunk behind the place that cannot be read.
func (l *chunkLog) readableAfter() (at int, ok bool) {
	for at := l.at + 1; at < len(l.content); at++ {
		if payload, _, _ := l.chunk(at); len(payload) > 0 {
			return at, true
		}
	}
	return 0, false
}
