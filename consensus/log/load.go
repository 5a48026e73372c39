// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import (
	"errors"
	"fmt"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// load reads every record. What a deferred deletion has left is not given, so
// that the same writes always give the same Saved. Votes come by ascending
// height; newest votes by set, then validator.
func (l *Log) load() (consensus.Saved, error) {
	it, err := l.db.NewIter(nil)
	if err != nil {
		return consensus.Saved{}, err
	}
	var saved consensus.Saved
	for ok := it.First(); ok && err == nil; ok = it.Next() {
		var value []byte
		if value, err = it.ValueAndErr(); err == nil {
			err = l.loadRecord(&saved, it.Key(), value)
		}
	}
	if err := errors.Join(err, it.Error(), it.Close()); err != nil {
		return consensus.Saved{}, err
	}
	return saved, l.checkLoaded(&saved)
}

// loadRecord decodes one record. The singular records sort before the others,
// so First and final are known when entries and votes come.
func (l *Log) loadRecord(saved *consensus.Saved, key, value []byte) error {
	kind, id := key[0], key[1:]
	if kind < keySurrender && len(id) > 0 {
		return fmt.Errorf("record %x: of no known kind", key)
	}
	var err error
	switch kind {
	case keyFormat:
	case keyJoined:
		saved.Joined = true
	case keyHardState:
		saved.HardState = new(raftpb.HardState)
		err = proto.Unmarshal(value, saved.HardState)
	case keyFirst:
		err = parseNumbers(value, &saved.First.Index, &saved.First.Term)
		l.first, l.last, l.began = saved.First.Index, saved.First.Index, true
	case keyCursor:
		err = parseNumbers(value, &saved.Cursor.Height, &saved.Cursor.Index)
	case keyHighest:
		saved.Highest = new(ledger.Certificate)
		err = ledger.Decode(value, ledger.MaxValue, saved.Highest)
	case keyFinal:
		err = parseNumbers(value, &l.final)
		l.pruned = l.final - l.final%pruneEvery
	case keySurrender:
		var k keys.PublicKey
		err = k.UnmarshalText(id)
		saved.Surrendered = append(saved.Surrendered, k)
	case keyEntry:
		err = l.loadEntry(saved, id, value)
	case keyVote:
		err = l.loadVote(saved, key, value)
	case keyNewest:
		err = l.loadNewest(saved, key, value)
	case keyPrepared:
		err = l.loadPrepared(saved, id, value)
	case keyStart:
		err = l.loadStart(saved, key, value)
	case keyStatement:
		err = loadStatement(saved, key, value)
	case keyCarried:
		err = l.loadCarried(saved, value)
	case keyEvidence:
		var e ledger.Evidence
		err = ledger.Decode(value, ledger.MaxValue, &e)
		saved.Evidence = append(saved.Evidence, e)
	default:
		err = errors.New("of no known kind")
	}
	if err != nil {
		return fmt.Errorf("record %x: %w", key, err)
	}
	return nil
}

func (l *Log) loadEntry(saved *consensus.Saved, id, value []byte) error {
	var index uint64
	if err := parseNumbers(id, &index); err != nil {
		return err
	}
	e := new(raftpb.Entry)
	if err := proto.Unmarshal(value, e); err != nil {
		return err
	}
	if !l.began {
		l.first, l.last, l.began = index-1, index-1, true
	}
	switch {
	case e.GetIndex() != index:
		return fmt.Errorf("is entry %d", e.GetIndex())
	case index != l.last+1:
		return fmt.Errorf("gap in the raft log: entry %d follows entry %d", index, l.last)
	}
	l.last = index
	saved.Entries = append(saved.Entries, e)
	return nil
}

func (l *Log) loadVote(saved *consensus.Saved, key, value []byte) error {
	var v ledger.SignedVote
	if err := ledger.Decode(value, ledger.MaxValue, &v); err != nil {
		return err
	}
	s := slotOf(v.Vote)
	if string(s.key()) != string(key) {
		return fmt.Errorf("is the vote %v", s)
	}
	if s.height > l.final {
		l.votes[s] = string(value)
		saved.Votes = append(saved.Votes, v)
	}
	return nil
}

func (l *Log) loadNewest(saved *consensus.Saved, key, value []byte) error {
	var v ledger.SignedVote
	if err := ledger.Decode(value, ledger.MaxValue, &v); err != nil {
		return err
	}
	s := seatOf(v)
	if string(s.key()) != string(key) {
		return fmt.Errorf("is a vote of validator %d of set %d", s.validator, s.set)
	}
	l.newest[s] = v.Vote
	saved.Newest = append(saved.Newest, v)
	return nil
}

func (l *Log) loadPrepared(saved *consensus.Saved, id, value []byte) error {
	var height uint64
	if err := parseNumbers(id, &height); err != nil {
		return err
	}
	p, err := decodePrepared(height, value)
	if err != nil {
		return err
	}
	if height+consensus.KeepPrepared > l.final {
		saved.Prepared = append(saved.Prepared, p)
	}
	return nil
}

func decodePrepared(height uint64, value []byte) (ledger.PreparedBlock, error) {
	var p ledger.PreparedBlock
	if err := ledger.Decode(value, ledger.MaxValue, &p); err != nil {
		return ledger.PreparedBlock{}, err
	}
	if p.Header.Height != height || p.Certificate.Vote.Height != height {
		return ledger.PreparedBlock{}, fmt.Errorf("is of height %d", p.Header.Height)
	}
	return p, nil
}

// loadStart keeps the newest: records come by ascending set and round.
func (l *Log) loadStart(saved *consensus.Saved, id, value []byte) error {
	s := new(ledger.SignedStart)
	if err := ledger.Decode(value, ledger.MaxStart, s); err != nil {
		return err
	}
	if string(key(keyStart, s.Start.Set, s.Start.Round)) != string(id) {
		return fmt.Errorf("is the START of set %d, round %d", s.Start.Set, s.Start.Round)
	}
	saved.Start, l.set, l.round = s, s.Start.Set, s.Start.Round
	return nil
}

func loadStatement(saved *consensus.Saved, id, value []byte) error {
	s := new(ledger.SignedStatement)
	if err := ledger.Decode(value, ledger.MaxStatement, s); err != nil {
		return err
	}
	if i := s.Statement.Intent; string(key(keyStatement, i.Set, i.Round)) != string(id) {
		return fmt.Errorf("is the statement for set %d, round %d", i.Set, i.Round)
	}
	saved.Statement = s
	return nil
}

func (l *Log) loadCarried(saved *consensus.Saved, value []byte) error {
	var b ledger.Block
	if err := ledger.Decode(value, ledger.MaxBlock, &b); err != nil {
		return err
	}
	if b.Header.Height > l.final {
		saved.Carried = append(saved.Carried, b)
	}
	return nil
}

// checkLoaded finds what one damaged or lost record would leave of several that
// belong together.
func (l *Log) checkLoaded(saved *consensus.Saved) error {
	if h := saved.HardState; h != nil && l.began && (h.GetCommit() < l.first || h.GetCommit() > l.last) {
		return fmt.Errorf("raft log has entries %d to %d and is committed up to %d", l.first+1, l.last, h.GetCommit())
	}
	for _, v := range saved.Votes {
		if newest, ok := l.newest[seatOf(v)]; !ok || v.Vote.Newer(newest) {
			return fmt.Errorf("own vote %v is newer than the newest own vote", slotOf(v.Vote))
		}
	}
	return nil
}
