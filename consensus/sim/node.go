// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A node is one core with what surrounds it. It performs the effects of one
// step after the other; while its disk syncs, events wait for the next step.
type node struct {
	w      *world
	id     consensus.Member
	signer *witness
	disk   *disk
	ledger *chain

	core    *consensus.Core // nil while the node is down
	life    int             // counts starts and crashes: what was under way before is void
	inbox   []consensus.Event
	todo    []consensus.Effect // of the last step, not yet performed
	syncing bool               // the first of todo waits for the disk
	paused  bool
	crashIn int   // effects until a planned crash, -1 if none is planned
	away    int64 // µs that it is down after the next crash

	fate    fate
	treason *traitor // what it does in the place of what it should, if it betrays
	putBack int      // blocks that an old copy of the ledger lacks, which is put in place at the next start

	lost     bool // its record of votes is gone, and the others know better
	amnesiac bool // its record of votes is gone

	heard     map[ledger.Vote]uint64 // members whose vote has reached the node, one bit each
	skew      int64                  // ms by which its clock is off, as all clocks are
	off       int64                  // ms by which it is off beyond that
	pace      int64                  // µs between its ticks
	slow      int64                  // µs that a sync takes at most
	full      bool                   // nothing can be written
	torn      bool                   // a crash loses the newest unsynced batch and no other
	announced uint64
	led       reign // newest in which it was seen leading
	ledAt     int64 // µs: when that began
}

// maxInbox is how many events a node that is not awake keeps; later messages
// are dropped, as by full queues.
const maxInbox = 2000

// start brings the node up from what is durable.
func (n *node) start() {
	if n.putBack > 0 && n.w.spare(n) {
		n.ledger.restore(n.ledger.height() - min(n.ledger.height(), uint64(n.putBack)))
		n.w.count("restored ledgers", 1)
	}
	n.putBack = 0
	core, err := consensus.New(consensus.Config{
		Network:           n.w.network,
		Set:               n.w.set,
		Start:             n.w.round,
		Self:              n.id,
		Signer:            n.signer,
		Check:             n.w.check,
		Proof:             n.ledger.proof(),
		Nonce:             n.w.Uint64(),
		KeepEntries:       n.w.keepEntries,
		KeepBytes:         n.w.keepBytes,
		BatchTransactions: n.w.batch,
		Patience:          n.w.patience,
	}, n.disk.durable.saved(), n.ledger.head().Header)
	if err != nil {
		n.w.judge.fail(n, Start, "%v", err)
		return
	}
	n.life++
	n.core, n.crashIn, n.paused = core, -1, false
	n.w.note(n, "start", n.ledger.height(), 0, nil)
	n.w.judge.started(n)
	n.tick(n.life, n.w.between(0, tickTime))
}

const tickTime = 100_000 // µs

func (n *node) tick(life int, in int64) {
	n.w.after(in, func() {
		if n.life != life {
			return
		}
		if !n.paused { // a ticker that nobody reads drops its ticks
			n.receive(consensus.Tick{Now: n.clock()})
		}
		n.tick(life, n.pace)
	})
}

// crash takes the node down. What a started sync had under way may be durable.
func (n *node) crash() {
	if n.core == nil {
		return
	}
	n.w.note(n, "crash", uint64(len(n.todo)), uint64(len(n.disk.volatile)), nil)
	n.life++
	n.core, n.inbox, n.todo, n.syncing, n.paused = nil, nil, nil, false, false
	keep := 0
	if n.w.o.Mutation != LoseVoteSync && n.w.o.Mutation != LoseEverySync {
		keep = n.w.IntN(len(n.disk.volatile) + 1)
	}
	if n.torn {
		keep, n.torn = max(0, len(n.disk.volatile)-1), false
	}
	lost, err := n.disk.crash(keep)
	if err != nil {
		n.w.judge.fail(n, Disk, "%v", err)
	}
	n.w.count("lost writes", lost)
	n.ledger.crash()
	n.mutateCrash()
}

// receive hands the node an event.
func (n *node) receive(e consensus.Event) {
	if n.core == nil {
		return
	}
	if n.treason != nil {
		e = n.treason.hear(e)
	}
	if e = n.mutateEvent(e); e == nil {
		return
	}
	if _, ok := e.(consensus.Receive); ok && len(n.inbox) >= maxInbox {
		n.w.count("overflowing messages", 1)
		return
	}
	n.inbox = append(n.inbox, e)
	n.run()
}

// run steps and performs until there is nothing to do, or nothing may be done.
func (n *node) run() {
	for n.core != nil && !n.paused && !n.syncing && n.w.broken == nil {
		if len(n.todo) == 0 {
			if len(n.inbox) == 0 {
				return
			}
			n.step()
			continue
		}
		if n.crashIn == 0 {
			n.w.crash(n)
			return
		}
		n.crashIn--
		e := n.todo[0]
		n.todo = n.todo[1:]
		n.perform(e)
	}
}

func (n *node) step() {
	// A node tells its core of no transaction that its ledger has.
	events := slices.DeleteFunc(n.inbox, func(e consensus.Event) bool {
		s, ok := e.(consensus.Submit)
		return ok && n.ledger.took[s.Transaction.ID()]
	})
	n.inbox = nil
	if len(events) == 0 {
		return
	}
	for _, e := range events {
		n.w.noteEvent(n, e)
		if m, ok := e.(consensus.Receive); ok {
			n.w.judge.received(n, m.Data)
		}
	}
	n.w.report.Steps++
	n.w.report.Events += len(events)
	n.todo = n.mutateEffects(n.core.Step(events...))
	n.w.judge.stepped(n)
}

func (n *node) perform(e consensus.Effect) {
	n.w.noteEffect(n, e)
	switch e := e.(type) {
	case consensus.Persist:
		n.persist(e.Write)
	case consensus.Send:
		n.w.judge.sent(n, e)
		if n.treason != nil {
			n.treason.send(e)
		} else {
			n.w.links.send(n, e)
		}
	case consensus.Execute:
		n.w.judge.window(n, "execution", e.Height)
		n.ledger.do(e)
	case consensus.Finalize:
		n.ledger.do(e)
	case consensus.Adopt:
		n.w.count("adopted blocks", 1)
		n.ledger.do(e)
	case consensus.Fetch:
		n.w.count("fetches", 1)
		n.w.links.fetch(n, e)
	case consensus.Announce:
		n.w.judge.announced(n, e.Height)
	case consensus.Refused:
		n.w.count("refused transactions", 1)
	case consensus.Accuse:
		n.w.judge.accused(n, e.Evidence)
	case consensus.Alarm:
		n.w.judge.alarmed(n, e)
	default:
		n.w.judge.fail(n, Contract, "unknown effect %T", e)
	}
}

func (n *node) persist(w consensus.Write) {
	if n.full {
		n.w.count("writes refused for want of room", 1)
		n.w.crash(n)
		return
	}
	if w.Start != nil {
		n.w.judge.began(n, *w.Start)
	}
	n.disk.write(w)
	n.count(w)
	if !w.Sync {
		return
	}
	if n.crashIn == 0 {
		n.w.crash(n) // while the disk is at it
		return
	}
	n.syncing = true
	life := n.life
	n.w.after(n.syncTime(), func() {
		if n.life != life {
			return
		}
		n.syncing = false
		n.mutateDisk()
		if m := n.w.o.Mutation; m == LoseEverySync || m == LoseVoteSync && len(w.Votes) > 0 {
			n.disk.claim(len(n.disk.volatile))
		} else if err := n.disk.sync(); err != nil {
			n.w.judge.fail(n, Disk, "%v", err)
		}
		n.run()
	})
}

// count notes what is worth knowing to have happened.
func (n *node) count(w consensus.Write) {
	if w.Snapshot != nil {
		n.w.count("snapshots", 1)
	}
	if w.Truncate != nil {
		n.w.count("truncations", 1)
	}
}

func (n *node) syncTime() int64 { return n.w.between(200, max(n.slow, 1200)) }

// submit is a client's transaction at this node, if the node is awake: it
// checks the signatures before it lets its core know. It tells whether it did.
func (n *node) submit(tx *ledger.Transaction) (taken bool) {
	if n.core == nil || n.paused || n.ledger.past(tx) || !n.w.check([]*ledger.Transaction{tx})[0] {
		return false
	}
	n.receive(consensus.Submit{Transaction: tx, Local: true})
	return true
}
