// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// ErrSecondVote refuses an own vote for a slot that has another one, or may have
// had one. The consensus core signs no such vote; this is the last line.
var ErrSecondVote = errors.New("refused to record a second vote")

// pruneEvery is how many FINAL blocks pass before what they let go is deleted,
// in one range for all.
const pruneEvery = 64

// Write writes w in one atomic batch. If w.Sync is set, it and every Write
// before it are durable when Write returns; otherwise it is ordered, and durable
// with the next one that is. After an error w may be there or not, but never in
// part; all further writes are refused, and the process must end and begin again
// with Open. Write is called by one goroutine.
func (l *Log) Write(w consensus.Write) error {
	if l.failed != nil {
		return fmt.Errorf("consensus database: stopped: %w", l.failed)
	}
	if err := database.Catch(func() error { return l.write(w) }); err != nil {
		l.failed = err
		return fmt.Errorf("consensus database: %w", err)
	}
	return nil
}

// Surrender records that key never votes again, since what it has signed is not
// known. It is durable when Surrender returns nil.
func (l *Log) Surrender(key keys.PublicKey) error {
	if l.failed != nil {
		return fmt.Errorf("consensus database: stopped: %w", l.failed)
	}
	err := database.Catch(func() error {
		return l.db.Set(append([]byte{keySurrender}, key.String()...), nil, pebble.Sync)
	})
	if err != nil {
		l.failed = err
		return fmt.Errorf("consensus database: %w", err)
	}
	return nil
}

func (l *Log) write(w consensus.Write) error {
	b := batch{l.db.NewBatch()}
	if w.Start != nil {
		if err := l.putStart(b, *w.Start); err != nil {
			return err
		}
	}
	if err := l.putLog(b, w); err != nil {
		return err
	}
	if err := l.putVotes(b, w.Votes); err != nil {
		return err
	}
	for _, v := range w.Newest {
		l.putNewest(b, v)
	}
	for _, p := range w.Prepared {
		b.set(key(keyPrepared, p.Header.Height), ledger.Encode(p))
	}
	if w.Statement != nil {
		i := w.Statement.Statement.Intent
		b.set(key(keyStatement, i.Set, i.Round), ledger.Encode(*w.Statement))
	}
	for _, one := range w.Carried {
		encoded := ledger.Encode(one)
		sum := sha256.Sum256(encoded)
		b.set(append(key(keyCarried, one.Header.Height), sum[:]...), encoded)
	}
	for _, e := range w.Evidence {
		encoded := ledger.Encode(e)
		sum := sha256.Sum256(encoded)
		b.set(append([]byte{keyEvidence}, sum[:]...), encoded)
	}
	if w.Highest != nil {
		b.set([]byte{keyHighest}, ledger.Encode(*w.Highest))
	}
	if w.Cursor != nil {
		b.set([]byte{keyCursor}, numbers(w.Cursor.Height, w.Cursor.Index))
	}
	if w.Joined {
		b.set([]byte{keyJoined}, nil)
	}
	l.putFinal(b, w.Final)
	return b.commit(w.Sync)
}

// putStart begins a round: what is Raft's is of this one from now on.
func (l *Log) putStart(b batch, s ledger.SignedStart) error {
	if s.Start.Set < l.set || s.Start.Set == l.set && s.Start.Round <= l.round {
		return fmt.Errorf("begin set %d, round %d: the database is in set %d, round %d", s.Start.Set, s.Start.Round, l.set, l.round)
	}
	b.set(key(keyStart, s.Start.Set, s.Start.Round), ledger.Encode(s))
	for _, one := range []byte{keyHardState, keyFirst, keyCursor} {
		must(b.Delete([]byte{one}, nil))
	}
	b.deleteRange([]byte{keyEntry}, []byte{keyEntry + 1})
	l.set, l.round = s.Start.Set, s.Start.Round
	l.first, l.last, l.began = 0, 0, false
	return nil
}

// putLog writes what is Raft's. The checks keep the stored log one that Raft
// can start from: without a gap, and not reaching below its beginning.
func (l *Log) putLog(b batch, w consensus.Write) error {
	if w.Snapshot != nil {
		b.deleteRange([]byte{keyEntry}, []byte{keyEntry + 1})
		b.setFirst(*w.Snapshot)
		l.first, l.last, l.began = w.Snapshot.Index, w.Snapshot.Index, true
	}
	if len(w.Entries) > 0 {
		if err := l.putEntries(b, w.Entries); err != nil {
			return err
		}
	}
	if w.Truncate != nil {
		at := *w.Truncate
		if l.began && at.Index < l.first {
			return fmt.Errorf("truncate the raft log at %d: it begins after %d already", at.Index, l.first)
		}
		b.deleteRange([]byte{keyEntry}, upTo(keyEntry, at.Index))
		b.setFirst(at)
		l.first, l.last, l.began = at.Index, max(l.last, at.Index), true
	}
	if w.HardState != nil {
		b.setProto([]byte{keyHardState}, w.HardState)
	}
	return nil
}

func (l *Log) putEntries(b batch, entries []*raftpb.Entry) error {
	lowest := entries[0].GetIndex()
	if l.began && (lowest <= l.first || lowest > l.last+1) {
		return fmt.Errorf("append to the raft log at %d: it holds entries %d to %d", lowest, l.first+1, l.last)
	}
	if l.began && lowest <= l.last {
		b.deleteRange(from(keyEntry, lowest), []byte{keyEntry + 1})
	}
	if !l.began {
		l.first, l.began = lowest-1, true
	}
	for i, e := range entries {
		if e.GetIndex() != lowest+uint64(i) {
			return fmt.Errorf("append to the raft log: entry %d follows entry %d", e.GetIndex(), lowest+uint64(i)-1)
		}
		b.setProto(key(keyEntry, e.GetIndex()), e)
	}
	l.last = lowest + uint64(len(entries)) - 1
	return nil
}

// putVotes records own votes, each of which is also the newest of its validator
// if it is.
func (l *Log) putVotes(b batch, votes []ledger.SignedVote) error {
	for _, v := range votes {
		s, encoded := slotOf(v.Vote), ledger.Encode(v)
		stored, ok := l.votes[s]
		switch {
		case ok && stored == string(encoded):
			continue
		case ok:
			return fmt.Errorf("%w: %v for block %v: another one is stored", ErrSecondVote, s, v.Vote.Block)
		case s.height <= l.final:
			return fmt.Errorf("%w: %v for block %v: votes up to height %d were given up as FINAL, and with them what it must agree with",
				ErrSecondVote, s, v.Vote.Block, l.final)
		}
		l.votes[s] = string(encoded)
		b.set(s.key(), encoded)
		l.putNewest(b, v)
	}
	return nil
}

// putNewest records v if it is newer than what is stored of its validator.
func (l *Log) putNewest(b batch, v ledger.SignedVote) {
	s := seatOf(v)
	if stored, ok := l.newest[s]; ok && !v.Vote.Newer(stored) {
		return
	}
	l.newest[s] = v.Vote
	b.set(s.key(), ledger.Encode(v))
}

// putFinal deletes what the FINAL height lets go, now and then.
func (l *Log) putFinal(b batch, height uint64) {
	if height <= l.final {
		return
	}
	l.final = height
	b.set([]byte{keyFinal}, numbers(height))
	if height-l.pruned < pruneEvery {
		return
	}
	l.pruned = height
	b.deleteRange([]byte{keyVote}, upTo(keyVote, height))
	for s := range l.votes {
		if s.height <= height {
			delete(l.votes, s)
		}
	}
	b.deleteRange([]byte{keyCarried}, upTo(keyCarried, height))
	if height >= consensus.KeepPrepared {
		b.deleteRange([]byte{keyPrepared}, upTo(keyPrepared, height-consensus.KeepPrepared))
	}
}

// A batch is what one Write changes. Pebble refuses no change to a batch; if it
// did, database.Catch would end the Write.
type batch struct{ *pebble.Batch }

func (b batch) set(key, value []byte) { must(b.Set(key, value, nil)) }

func (b batch) deleteRange(from, to []byte) { must(b.DeleteRange(from, to, nil)) }

func (b batch) setFirst(p consensus.Position) { b.set([]byte{keyFirst}, numbers(p.Index, p.Term)) }

// setProto marshals m where the batch holds it: an entry may be large.
func (b batch) setProto(key []byte, m proto.Message) {
	record := b.SetDeferred(len(key), proto.Size(m))
	copy(record.Key, key)
	value, err := proto.MarshalOptions{}.MarshalAppend(record.Value[:0:len(record.Value)], m)
	must(err)
	if len(value) != len(record.Value) {
		panic(fmt.Sprintf("a record of %d bytes was to have %d", len(value), len(record.Value)))
	}
	must(record.Finish())
}

// commit writes the batch. An empty one that asks for a sync is given a mark
// that leaves no record, because Pebble would pass it over and leave the writes
// before it unsynced.
func (b batch) commit(sync bool) error {
	how := pebble.NoSync
	if sync {
		how = pebble.Sync
		if b.Empty() {
			must(b.LogData(nil, nil))
		}
	}
	if err := b.Commit(how); err != nil {
		return err
	}
	return b.Close()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
