// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger"
)

// Pebble takes the first record of its manifest that cannot be read for the end
// of it, forgets all that follows and then deletes the tables it has forgotten.
// One wrong byte would so take votes or blocks away without a word, and in one
// place of the journal too. verify finds such damage before Pebble opens.

// verify looks for damage in what Pebble would take for the torn end that a
// crash leaves. The folder is locked, and nothing in it is changed. It gives the
// name of the order of the keys, or "" of a database that has none yet.
func verify(dir string, fs vfs.FS) (order string, err error) {
	desc, err := pebble.Peek(dir, fs)
	if err != nil {
		return "", err
	}
	names, err := fs.List(dir)
	if err != nil {
		return "", err
	}
	journals := numbered(names, ".log")
	if !desc.Exists {
		if len(journals) > 0 || len(numbered(names, ".sst")) > 0 {
			return "", damage("the file marker.manifest.* is gone, and tables or journals are there")
		}
		return "", nil
	}
	journal, manifest, err := readSynced(fs, dir)
	if err != nil {
		return "", err
	}
	content, err := readFile(fs, desc.ManifestFilename)
	if err != nil {
		return "", err
	}
	facts, err := readManifest(content, manifest.of(manifestNumber(fs.PathBase(desc.ManifestFilename))))
	if err != nil {
		return "", fmt.Errorf("%s: %w", fs.PathBase(desc.ManifestFilename), err)
	}
	if n := journal.number; n >= facts.journal && n > 0 && !slices.Contains(journals, n) {
		return "", damage("the journal %06d.log is gone, and %d bytes of it were synced", n, journal.length)
	}
	return facts.order, facts.checkJournals(dir, fs, journals, journal)
}

func manifestNumber(name string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimPrefix(name, "MANIFEST-"), 10, 64) // 0 is no file's
	return n
}

func damage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ledger.ErrCorrupt, fmt.Sprintf(format, args...))
}

// numbered gives the numbers of the files with an ending, ascending.
func numbered(names []string, ending string) []uint64 {
	var found []uint64
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, ending); ok {
			if n, err := strconv.ParseUint(stem, 10, 64); err == nil {
				found = append(found, n)
			}
		}
	}
	slices.Sort(found)
	return found
}

func readFile(fs vfs.FS, path string) (content []byte, err error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

// manifestFacts are what a manifest says about journals and keys.
type manifestFacts struct {
	journal uint64 // the first one that is not in tables yet
	next    uint64 // sequence number that follows those it knows of
	order   string // name of the order of the keys
}

// firstSequence is the least sequence number that Pebble gives.
const firstSequence = 10

func readManifest(content []byte, synced uint64) (manifestFacts, error) {
	facts := manifestFacts{next: firstSequence}
	l := chunkLog{content: content, formats: manifestFormats}
	for record := l.record(); record != nil; record = l.record() {
		facts.take(record)
	}
	return facts, l.judgeEnd(synced)
}

// Tags of fields that begin a record of the manifest, before those that it may
// hold many of.
const (
	tagComparer     = 1
	tagJournal      = 2
	tagNextFile     = 3
	tagLastSequence = 4
	tagOldJournal   = 9
)

func (f *manifestFacts) take(record []byte) {
	number := func() uint64 {
		v, n := binary.Uvarint(record)
		record = record[max(n, 0):]
		return v
	}
	for len(record) > 0 {
		switch tag := number(); tag {
		case tagComparer:
			size := number()
			size = min(size, uint64(len(record)))
			f.order, record = string(record[:size]), record[size:]
		case tagJournal:
			f.journal = max(f.journal, number())
		case tagLastSequence:
			f.next = max(f.next, number()+1)
		case tagNextFile, tagOldJournal:
			number()
		default:
			return
		}
	}
}

// checkJournals holds the journals that are to be replayed against the manifest:
// each write has the number that follows the one before it. A number that is
// passed over belongs to a write that is lost.
func (f manifestFacts) checkJournals(dir string, fs vfs.FS, journals []uint64, synced extent) error {
	next := f.next
	for _, n := range journals {
		if n < f.journal {
			continue
		}
		name := fmt.Sprintf("%06d.log", n)
		content, err := readFile(fs, fs.PathJoin(dir, name))
		if err != nil {
			return err
		}
		l := chunkLog{content: content, formats: journalFormats, number: uint32(n)}
		for record := l.record(); record != nil; record = l.record() {
			if len(record) < 12 { // sequence number and count of a batch
				return damage("%s: a record of %d bytes ends at byte %d", name, len(record), l.at)
			}
			sequence, count := binary.LittleEndian.Uint64(record), binary.LittleEndian.Uint32(record[8:])
			if sequence > next {
				return damage("%s goes on with write %d, and those from %d on are nowhere", name, sequence, next)
			}
			next = max(next, sequence+uint64(count))
		}
		if err := l.judgeEnd(synced.of(n)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
