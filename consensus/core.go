// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// A Phase says what a node may do.
type Phase string

// The phases of a node. Only an active one signs anything.
const (
	Joining  Phase = "joining"  // asks the others for the newest vote of its key
	Active   Phase = "active"   // orders and votes
	Observer Phase = "observer" // follows certified blocks
	Halted   Phase = "halted"   // its results differ from the certified ones
)

// A Core is the consensus state of one validator. All of it is owned by the
// caller of Step.
type Core struct {
	cfg    Config
	set    ledger.Hash // id of the set's first round, which names the set
	phase  Phase
	barred bool  // the key is active and its votes are not known here: it never signs again
	now    int64 // the newest that was told
	ticks  int

	final     ledger.Header // durable in the ledger
	finalHash ledger.Hash
	finalTick int // tick at which final last moved

	round    // the one that this node is in
	recovery // how the next one comes about
	displeasure

	newest     []*ledger.SignedVote // by member, this one included
	newestNew  []bool               // not yet written
	unchecked  []*ledger.SignedVote // by member: perhaps newer than newest, see spare
	charged    map[charge]bool
	signing    bool                            // false once an own vote contradicts the log
	finalizing uint64                          // height handed to Finalize or Adopt
	prepared   map[uint64]ledger.PreparedBlock // of blocks that this node committed on or that are FINAL, as far back as KeepPrepared

	came map[uint64]ledger.PreparedBlock // with fetched blocks that are not stored yet

	pool *mempool

	joined    bool                // the consensus database has belonged to this key before
	reported  []bool              // by member: has answered this start's query
	kept      *ledger.Certificate // the highest one this node has kept
	peerFinal []uint64
	silent    []bool // by member: has left a Fetch unanswered and not been heard of since
	fetching  *fetching

	drops map[drop]uint64
	write Write
	early []Effect // may precede the write
	late  []Effect
}

// New makes the core of a validator from what its consensus database held and
// from the FINAL head of its ledger database. Errors are faults of the
// configuration, or ledger.ErrCorrupt of what was stored; nothing was signed or
// written.
func New(cfg Config, saved Saved, final ledger.Header) (*Core, error) {
	if err := cfg.setDefaults(); err != nil {
		return nil, err
	}
	n := len(cfg.Set.Members)
	c := &Core{
		cfg:         cfg,
		set:         cfg.Network.StartHash(cfg.Start),
		phase:       Joining,
		final:       final,
		finalHash:   cfg.Network.HeaderHash(final),
		recovery:    newRecovery(n, saved),
		displeasure: newDispleasure(n),
		newest:      make([]*ledger.SignedVote, n),
		newestNew:   make([]bool, n),
		unchecked:   make([]*ledger.SignedVote, n),
		charged:     make(map[charge]bool),
		signing:     true,
		joined:      saved.Joined,
		prepared:    make(map[uint64]ledger.PreparedBlock),
		came:        make(map[uint64]ledger.PreparedBlock),
		pool:        newMempool(cfg.MempoolBytes),
		reported:    make([]bool, n),
		peerFinal:   make([]uint64, n),
		silent:      make([]bool, n),
		drops:       make(map[drop]uint64),
	}
	c.finalizing = final.Height
	if slices.Contains(saved.Surrendered, cfg.Signer.Public()) {
		c.phase, c.barred = Observer, true
	}
	for i := range saved.Newest {
		if v := saved.Newest[i]; v.Validator < uint64(n) {
			c.newest[v.Validator] = &v
		}
	}
	for _, p := range saved.Prepared {
		c.prepared[p.Header.Height] = p
	}
	c.kept = saved.Highest
	if p := cfg.Proof; p != nil && (c.kept == nil || p.Vote.Height > c.kept.Vote.Height) {
		c.kept = p
		c.write.Highest = p
	}
	start := cfg.Start
	if saved.Start != nil {
		start = saved.Start.Start
	}
	var err error
	if c.round, err = newRound(cfg, start, saved, final.Height); err != nil {
		return nil, err
	}
	c.conflict = c.outdated()
	for _, v := range saved.Votes {
		if v.Validator == uint64(cfg.Self) && v.Vote.Start == c.id {
			c.hold(v)
		}
	}
	for _, b := range saved.Carried {
		c.carried[cfg.Network.HeaderHash(b.Header)] = b
	}
	if c.begun != nil {
		statements, err := c.begun.Open(cfg.Network, cfg.Set)
		if err != nil {
			return nil, fmt.Errorf("consensus: the stored START of round %d: %w: %w", start.Round, ledger.ErrCorrupt, err)
		}
		for _, s := range statements {
			c.statements[s.Statement.Validator] = &s
		}
	}
	if c.statement != nil {
		c.statements[cfg.Self] = c.statement
	}
	for _, e := range saved.Evidence {
		c.charged[charge{e.Offender(), e.Kind}] = true
		c.do(Accuse{e}) // who was told before may not have come to report it
	}
	return c, nil
}

// Step takes events in and gives the effects that follow from them, in the
// order in which they must be performed.
func (c *Core) Step(events ...Event) []Effect {
	for _, e := range events {
		switch e := e.(type) {
		case Tick:
			c.tick(e)
		case Clock:
			c.now = e.Now
		case Receive:
			c.receive(e)
		case Submit:
			c.submit(e)
		case Executed:
			c.executed(e)
		case Stored:
			c.stored(e)
		case Fetched:
			c.fetched(e)
		default:
			panic(fmt.Sprintf("consensus: unknown event %T", e))
		}
	}
	c.leave()
	if c.phase == Active {
		c.order()
		c.vote()
	}
	c.finalize()
	return c.effects()
}

// effects empties what has been collected: messages that may precede the
// write, the write, and everything that must not.
func (c *Core) effects() []Effect {
	for m := range c.newest {
		// Votes of others ride along with what is written anyway.
		if c.newestNew[m] && (c.write.Sync || Member(m) == c.cfg.Self) {
			c.write.Newest = append(c.write.Newest, *c.newest[m])
			c.newestNew[m] = false
		}
	}
	out := c.early
	if !c.write.empty() && !c.write.onlyCommit() {
		out = append(out, Persist{c.write})
		c.write = Write{}
	}
	out = append(out, c.late...)
	c.group.written()
	c.early, c.late = nil, nil
	return out
}

func (c *Core) do(e Effect) { c.late = append(c.late, e) }

// broadcast sends a message to every other member.
func (c *Core) broadcast(kind messageKind, payload any) {
	c.toOthers(kind.class(), pack(kind, c.scope(kind), ledger.Encode(payload)))
}

func (c *Core) toOthers(class Class, data []byte) {
	for m := range c.cfg.Set.Members {
		if Member(m) != c.cfg.Self {
			c.do(Send{To: Member(m), Class: class, Data: data})
		}
	}
}

// tell sends a message to one member.
func (c *Core) tell(to Member, kind messageKind, payload any) {
	c.do(Send{To: to, Class: kind.class(), Data: pack(kind, c.scope(kind), ledger.Encode(payload))})
}

// scope is the id of what messages of a kind are about: the round or the set.
func (c *Core) scope(kind messageKind) ledger.Hash {
	if kind.ofRound() {
		return c.id
	}
	return c.set
}

// Periods, in ticks of 100 ms.
const (
	statusTicks   = 5
	resendTicks   = 5
	floodTicks    = 20
	handOnTicks   = 40 // after which whoever has a transaction sees to it that the leader has it too
	snapshotTicks = 20
)

func (c *Core) tick(e Tick) {
	c.now = e.Now
	c.ticks++
	switch c.phase {
	case Joining:
		c.ask()
	case Active:
		c.group.tick()
		if c.ticks%snapshotTicks == 0 {
			c.group.retrySnapshots()
		}
		c.resend()
	}
	c.tickRecovery()
	c.tickComplaint()
	if c.ticks%statusTicks == 1 {
		c.broadcast(statusMessage, status{Final: c.final.Height, Round: c.start.Round})
		for m := range c.unchecked {
			c.checkNewest(Member(m))
		}
	}
	for _, tx := range c.pool.overdue(c.ticks-floodTicks, c.ticks, 256) {
		c.flood(tx)
	}
	if leader, _, ok := c.group.leads(); ok && leader != c.cfg.Self && c.ticks%handOnTicks == 0 {
		for _, tx := range c.pool.waitedSince(c.ticks-handOnTicks, 64) {
			c.do(Send{To: leader, Class: Transactions, Data: tx.Bytes()})
		}
	}
	c.follow()
}

func (c *Core) receive(e Receive) {
	if why := c.accept(e); why != dropNone {
		c.drops[why]++
	}
}

func (c *Core) accept(e Receive) drop {
	if e.From == c.cfg.Self || e.From >= Member(len(c.cfg.Set.Members)) {
		return dropMalformed
	}
	kind, scope, payload, err := unpack(e.Data)
	if err != nil {
		return dropMalformed
	}
	if scope != c.scope(kind) {
		return dropGroup
	}
	switch kind {
	case raftMessage:
		if c.phase != Active {
			return dropJoining
		}
		// The guard compares with the log in storage, which must be the one that
		// Raft has: an append before this message may have shortened it.
		c.take(c.group.drain(&c.write))
		return c.group.step(e.From, payload, c.deaf(e.From), c.judge)
	case voteMessage:
		return c.acceptVotes(e.From, payload)
	case statusMessage:
		var s status
		if ledger.Decode(payload, maxControl, &s) != nil {
			return dropMalformed
		}
		c.peerFinal[e.From], c.silent[e.From] = s.Final, false
		c.meet(e.From, s.Round)
		return dropNone
	case queryMessage:
		return c.answer(e.From, payload)
	case reportMessage:
		return c.hear(e.From, payload)
	case intentMessage:
		return c.acceptIntent(e.From, payload)
	case statementMessage:
		return c.acceptStatement(e.From, payload)
	case startMessage:
		return c.acceptStart(e.From, payload)
	case complaintMessage:
		return c.acceptComplaint(e.From, payload)
	case sealMessage:
		return c.acceptSeal(e.From, payload)
	case wantMessage:
		return c.give(e.From, payload)
	case blockMessage:
		return c.acceptCarried(payload)
	}
	return dropMalformed
}

func (c *Core) submit(e Submit) {
	fresh, ok := c.pool.add(e.Transaction, e.Local, c.ticks)
	if !ok {
		c.do(Refused{ID: e.Transaction.ID()})
		return
	}
	if fresh && c.taken[e.Transaction.ID()] {
		c.pool.take(e.Transaction.ID())
	}
	if fresh && e.Local {
		c.flood(e.Transaction)
	}
}

// flood sends a transaction one hop: to every validator, from the node where it
// was submitted.
func (c *Core) flood(tx *ledger.Transaction) {
	c.toOthers(Transactions, tx.Bytes())
}

func (c *Core) alarm(kind AlarmKind, format string, args ...any) {
	c.do(Alarm{Kind: kind, Detail: fmt.Sprintf(format, args...)})
}

// observe ends this node's part in the round: it follows certified blocks and
// votes no more. Unless its key is barred, it takes part in the next round.
func (c *Core) observe() {
	if c.phase != Halted {
		c.phase = Observer
	}
	c.keepCarried(nil)
	c.queue, c.inflight = nil, nil
	clear(c.taken)
	clear(c.blocks)
	c.group.parked = nil
}
