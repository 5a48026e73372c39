// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A disk is a simulated consensus database. A batch is whole or absent. Batches
// become durable in the order in which they were written: a crash leaves some
// first part of those that no sync has covered.
type disk struct {
	durable  image
	volatile []consensus.Write
	said     map[string]bool // signatures of own votes that the disk has said are durable
}

// An image is the content of a consensus database.
type image struct {
	self      consensus.Member
	joined    bool
	hardState *raftpb.HardState
	first     consensus.Position
	entries   []*raftpb.Entry
	votes     map[slot]ledger.SignedVote
	newest    map[uint64]ledger.SignedVote
	prepared  map[uint64]ledger.PreparedBlock
	start     *ledger.SignedStart
	statement *ledger.SignedStatement
	carried   []ledger.Block
	evidence  []ledger.Evidence
	highest   *ledger.Certificate
	cursor    consensus.Cursor
}

// A slot is what a validator may sign once.
type slot struct {
	set, round, height uint64
	kind               ledger.VoteKind
}

func slotOf(v ledger.Vote) slot { return slot{v.Set, v.Round, v.Height, v.Kind} }

func compareSlots(a, b slot) int {
	return cmp.Or(cmp.Compare(a.set, b.set), cmp.Compare(a.round, b.round),
		cmp.Compare(a.height, b.height), cmp.Compare(a.kind, b.kind))
}

func newDisk(self consensus.Member) *disk {
	return &disk{
		durable: image{
			self:     self,
			votes:    make(map[slot]ledger.SignedVote),
			newest:   make(map[uint64]ledger.SignedVote),
			prepared: make(map[uint64]ledger.PreparedBlock),
		},
		said: make(map[string]bool),
	}
}

// write takes a batch in; nothing of it is durable yet.
func (d *disk) write(w consensus.Write) {
	w.Entries = slices.Clone(w.Entries)
	w.Votes = slices.Clone(w.Votes)
	w.Newest = slices.Clone(w.Newest)
	w.Prepared = slices.Clone(w.Prepared)
	w.Carried = slices.Clone(w.Carried)
	w.Evidence = slices.Clone(w.Evidence)
	d.volatile = append(d.volatile, w)
}

// sync makes all batches durable.
func (d *disk) sync() error { return d.keep(len(d.volatile)) }

// claim is what the writer believes after a sync of the first n batches, even
// of a disk that lies, and what a node finds that comes back after a crash.
func (d *disk) claim(n int) {
	for _, w := range d.volatile[:n] {
		for _, v := range w.Votes {
			d.said[string(v.Signature)] = true
		}
	}
}

// crash keeps the first of the volatile batches and loses the rest.
func (d *disk) crash(keep int) (lost int, err error) {
	lost = len(d.volatile) - keep
	err = d.keep(keep)
	d.volatile = nil
	return lost, err
}

func (d *disk) keep(n int) error {
	d.claim(n)
	for _, w := range d.volatile[:n] {
		if err := d.durable.apply(w); err != nil {
			return err
		}
	}
	d.volatile = slices.Delete(d.volatile, 0, n)
	return nil
}

func (m *image) apply(w consensus.Write) error {
	if w.Start != nil {
		if m.start != nil && w.Start.Start.Round <= m.start.Start.Round {
			return fmt.Errorf("round %d would follow round %d", w.Start.Start.Round, m.start.Start.Round)
		}
		m.start, m.hardState, m.first, m.entries, m.cursor = w.Start, nil, consensus.Position{}, nil, consensus.Cursor{}
	}
	if w.HardState != nil {
		m.hardState = w.HardState
	}
	if w.Snapshot != nil {
		m.first, m.entries = *w.Snapshot, nil
	}
	if err := m.replace(w.Entries); err != nil {
		return err
	}
	if w.Truncate != nil && w.Truncate.Index > m.first.Index {
		m.entries = slices.DeleteFunc(slices.Clone(m.entries), func(e *raftpb.Entry) bool { return e.GetIndex() <= w.Truncate.Index })
		m.first = *w.Truncate
	}
	for _, v := range w.Votes {
		if old, ok := m.votes[slotOf(v.Vote)]; ok && old.Vote != v.Vote {
			return fmt.Errorf("the stored %v of height %d would be overwritten by another", v.Vote.Kind, v.Vote.Height)
		}
		m.votes[slotOf(v.Vote)] = v
		m.see(v)
	}
	for _, v := range w.Newest {
		m.see(v)
	}
	for _, p := range w.Prepared {
		m.prepared[p.Header.Height] = p
	}
	if w.Statement != nil {
		m.statement = w.Statement
	}
	m.carried = append(slices.Clone(m.carried), w.Carried...)
	m.evidence = append(slices.Clone(m.evidence), w.Evidence...)
	if w.Highest != nil {
		m.highest = w.Highest
	}
	if w.Cursor != nil {
		m.cursor = *w.Cursor
	}
	m.joined = m.joined || w.Joined
	m.prune(w.Final)
	return nil
}

// replace puts entries in the place of all stored ones from the first's index on.
func (m *image) replace(entries []*raftpb.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	first := entries[0].GetIndex()
	begin := max(m.first.Index, 1) // every log has an invented first entry
	if first <= begin || first > begin+uint64(len(m.entries))+1 {
		return fmt.Errorf("entry %d does not fit a log of %d entries after %d", first, len(m.entries), begin)
	}
	for i, e := range entries {
		if e.GetIndex() != first+uint64(i) {
			return errors.New("entries of one batch are not in sequence")
		}
	}
	m.entries = append(slices.Clone(m.entries[:first-begin-1]), entries...)
	return nil
}

// last is the index of the last entry.
func (m *image) last() uint64 { return max(m.first.Index, 1) + uint64(len(m.entries)) }

func (m *image) see(v ledger.SignedVote) {
	if old, ok := m.newest[v.Validator]; !ok || compareSlots(slotOf(v.Vote), slotOf(old.Vote)) > 0 {
		m.newest[v.Validator] = v
	}
}

// prune forgets what a database may forget, as soon as it may.
func (m *image) prune(final uint64) {
	newest, voted := m.newest[uint64(m.self)]
	for s := range m.votes {
		if s.height <= final && !(voted && s == slotOf(newest.Vote)) {
			delete(m.votes, s)
		}
	}
	m.carried = slices.DeleteFunc(m.carried, func(b ledger.Block) bool { return b.Header.Height <= final })
	for h := range m.prepared {
		if h+consensus.KeepPrepared < final {
			delete(m.prepared, h)
		}
	}
}

// saved is what a node finds at its start.
func (m *image) saved() consensus.Saved {
	s := consensus.Saved{
		Joined:    m.joined,
		HardState: m.hardState,
		First:     m.first,
		Entries:   slices.Clone(m.entries),
		Highest:   m.highest,
		Cursor:    m.cursor,
		Start:     m.start,
		Statement: m.statement,
		Carried:   slices.Clone(m.carried),
		Evidence:  slices.Clone(m.evidence),
	}
	for _, v := range m.votes {
		s.Votes = append(s.Votes, v)
	}
	slices.SortFunc(s.Votes, func(a, b ledger.SignedVote) int { return compareSlots(slotOf(a.Vote), slotOf(b.Vote)) })
	for _, v := range m.newest {
		s.Newest = append(s.Newest, v)
	}
	slices.SortFunc(s.Newest, func(a, b ledger.SignedVote) int { return cmp.Compare(a.Validator, b.Validator) })
	for _, p := range m.prepared {
		s.Prepared = append(s.Prepared, p)
	}
	slices.SortFunc(s.Prepared, func(a, b ledger.PreparedBlock) int { return cmp.Compare(a.Header.Height, b.Header.Height) })
	return s
}

// prepared is what the database gives whoever serves certified blocks: it sees
// batches that are not durable yet, as readers of a database do.
func (d *disk) prepared(height uint64) []ledger.Certificate {
	for i := len(d.volatile) - 1; i >= 0; i-- {
		for _, p := range d.volatile[i].Prepared {
			if p.Header.Height == height {
				return []ledger.Certificate{p.Certificate}
			}
		}
	}
	if p, ok := d.durable.prepared[height]; ok {
		return []ledger.Certificate{p.Certificate}
	}
	return nil
}
