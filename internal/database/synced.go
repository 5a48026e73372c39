// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A crash may leave any of the sectors behind the synced part of a file as they
// were, and those of a journal that is used again hold anything. So nothing in
// such a place tells damage from a tear; what tells them apart is how far the
// file was synced. The chunks of a journal say it of those before them. Of the
// last ones, and of the manifest, the file SYNCED says it.
//
// SYNCED is written after each sync and is not synced itself: what it says stays
// true if it is old. It may be lost at any time, and then damage in the last
// records before a crash is taken for a tear. It fits into one sector and has for the
// journal, and 32 bytes on for the manifest:
//
//	number of the file 8, synced bytes 8, checksum of both 4
const (
	syncedFile   = "SYNCED"
	syncedSize   = 64
	manifestAt   = 32
	syncedRecord = 20
)

// An extent is how many bytes of a numbered file are known to be synced.
type extent struct{ number, length uint64 }

func (e extent) append(b []byte) []byte {
	from := len(b)
	b = binary.LittleEndian.AppendUint64(b, e.number)
	b = binary.LittleEndian.AppendUint64(b, e.length)
	return binary.LittleEndian.AppendUint32(b, checksum(b[from:]))
}

// extentOf gives nothing for a record that was never written or is damaged.
func extentOf(b []byte) extent {
	if len(b) < syncedRecord || checksum(b[:16]) != binary.LittleEndian.Uint32(b[16:]) {
		return extent{}
	}
	return extent{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

// of is what is known of one file.
func (e extent) of(number uint64) uint64 {
	if e.number != number {
		return 0
	}
	return e.length
}

// readSynced says how far the newest journal and manifest of a folder were synced.
func readSynced(disk vfs.FS, dir string) (journal, manifest extent, err error) {
	b, err := readFile(disk, disk.PathJoin(dir, syncedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return extent{}, extent{}, nil
	}
	if err != nil || len(b) < syncedSize {
		return extent{}, extent{}, err
	}
	return extentOf(b), extentOf(b[manifestAt:]), nil
}

// A syncedMark writes SYNCED.
type syncedMark struct {
	mu   sync.Mutex
	file vfs.File
}

// begin makes SYNCED empty, before Pebble makes a file: a number that was given to
// a file in vain may be given again.
func (m *syncedMark) begin(disk vfs.FS, dir string) error {
	file, err := disk.Create(disk.PathJoin(dir, syncedFile), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, syncedSize))
	if err := errors.Join(err, file.Sync()); err != nil {
		return errors.Join(err, file.Close())
	}
	m.file = file
	return nil
}

func (m *syncedMark) set(at int64, e extent) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.file == nil {
		return fs.ErrClosed
	}
	_, err := m.file.WriteAt(e.append(nil), at)
	return err
}

// Close syncs the mark, such that a database that was closed is known in full.
func (m *syncedMark) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := errors.Join(m.file.Sync(), m.file.Close())
	m.file = nil
	return err
}

// marked gives a journal or manifest that tells the mark how far it is synced.
func (f files) marked(name string, file vfs.File) vfs.File {
	base, at := f.PathBase(name), int64(manifestAt)
	stem, ok := strings.CutPrefix(base, "MANIFEST-")
	if !ok {
		stem, ok = strings.CutSuffix(base, ".log")
		at = 0
	}
	n, err := strconv.ParseUint(stem, 10, 64)
	if !ok || err != nil {
		return file
	}
	return &markedFile{File: file, mark: f.mark, at: at, number: n}
}

// A markedFile has one writer, which is also the one that syncs it.
type markedFile struct {
	vfs.File
	mark    *syncedMark
	at      int64
	number  uint64
	written uint64
}

func (m *markedFile) Write(b []byte) (int, error) {
	n, err := m.File.Write(b)
	m.written += uint64(n)
	return n, err
}

func (m *markedFile) Sync() error     { return m.synced(m.File.Sync()) }
func (m *markedFile) SyncData() error { return m.synced(m.File.SyncData()) }

func (m *markedFile) synced(err error) error {
	if err != nil {
		return err
	}
	return m.mark.set(m.at, extent{m.number, m.written})
}
