// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
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
	crashIn int // effects until a planned crash, -1 if none is planned

	restore bool             // an old copy of the ledger is put in place at the next start
	dead    bool             // does not come back when all is healed
	traitor bool             // sends what it should not
	kept    []consensus.Send // by a traitor, to be sent again
	wiped   bool             // has lost its consensus database

	heard     map[ledger.Vote]uint64 // members whose vote has reached the node, one bit each
	skew      int64                  // ms by which its clock is off
	slow      int64                  // µs that a sync takes at most
	announced uint64
	led       reign // newest in which it was seen leading
	ledAt     int64 // µs: when that began
}

// maxInbox is how many events a node that is not awake keeps; later messages
// are dropped, as by full queues.
const maxInbox = 2000

// start brings the node up from what is durable.
func (n *node) start() {
	if n.restore && n.w.spare(n) {
		n.ledger.restore(n.ledger.height() - min(n.ledger.height(), uint64(n.w.rng.IntN(20))))
		n.w.count("restored ledgers", 1)
	}
	n.restore = false
	core, err := consensus.New(consensus.Config{
		Network:           n.w.network,
		Set:               n.w.set,
		Start:             n.w.round,
		Self:              n.id,
		Signer:            n.signer,
		Check:             n.w.check,
		Nonce:             n.w.rng.Uint64(),
		KeepEntries:       n.w.keepEntries,
		KeepBytes:         n.w.keepBytes,
		BatchTransactions: n.w.batch,
		Patience:          n.w.patience,
	}, n.disk.durable.saved(), n.ledger.head().Header)
	if err != nil {
		n.w.judge.fail(n, "start", "%v", err)
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
			n.receive(consensus.Tick{Now: n.w.clock() + n.skew})
		}
		n.tick(life, tickTime)
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
		keep = n.w.rng.IntN(len(n.disk.volatile) + 1)
	}
	lost, err := n.disk.crash(keep)
	if err != nil {
		n.w.judge.fail(n, "disk", "%v", err)
	}
	n.w.count("lost writes", lost)
	n.ledger.crash()
}

// receive hands the node an event.
func (n *node) receive(e consensus.Event) {
	if n.core == nil {
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
	events := n.inbox
	n.inbox = nil
	for _, e := range events {
		n.w.noteEvent(n, e)
		if m, ok := e.(consensus.Receive); ok {
			n.w.judge.received(n, m.Data)
		}
	}
	n.w.report.Steps++
	n.w.report.Events += len(events)
	n.todo = n.core.Step(events...)
	if n.w.o.Mutation == SendBeforePersist {
		n.todo = sendsFirst(n.todo)
	}
	n.w.judge.stepped(n)
}

func (n *node) perform(e consensus.Effect) {
	n.w.noteEffect(n, e)
	switch e := e.(type) {
	case consensus.Persist:
		n.persist(e.Write)
	case consensus.Send:
		n.w.judge.sent(n, e)
		if n.traitor {
			e = n.w.betray(n, e)
		}
		n.w.links.send(n, e)
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
		n.w.judge.fail(n, "contract", "unknown effect %T", e)
	}
}

func (n *node) persist(w consensus.Write) {
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
		if m := n.w.o.Mutation; m == LoseEverySync || m == LoseVoteSync && len(w.Votes) > 0 {
			n.disk.claim(len(n.disk.volatile))
		} else if err := n.disk.sync(); err != nil {
			n.w.judge.fail(n, "disk", "%v", err)
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

// sendsFirst lets messages overtake the writes they should wait for.
func sendsFirst(effects []consensus.Effect) []consensus.Effect {
	var sends, rest []consensus.Effect
	for _, e := range effects {
		if _, ok := e.(consensus.Send); ok {
			sends = append(sends, e)
		} else {
			rest = append(rest, e)
		}
	}
	return append(sends, rest...)
}

// submit is a client's transaction at this node, if the node is awake: it
// checks the signatures before it lets its core know. It tells whether it did.
func (n *node) submit(tx *ledger.Transaction) (taken bool) {
	if n.core == nil || n.paused || !n.w.check([]*ledger.Transaction{tx})[0] {
		return false
	}
	n.receive(consensus.Submit{Transaction: tx, Local: true})
	return true
}
