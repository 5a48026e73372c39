// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Mutation breaks one thing on purpose, to show that the judge would see it.
type Mutation string

// The mutations.
const (
	NoMutation        Mutation = ""
	LoseVoteSync      Mutation = "lose_vote_sync"      // the disk lies about syncs of batches with votes
	LoseEverySync     Mutation = "lose_every_sync"     // the disk lies about every sync
	SendBeforePersist Mutation = "send_before_persist" // messages overtake the write before them
)

// Options choose a history.
type Options struct {
	Seed     uint64
	Nodes    int
	Heights  uint64     // FINAL heights to reach at least, default 50
	Suite    keys.Suite // default NewFastSuite
	Mutation Mutation   // default none
	Traitors int        // members that send what they should not; safety alone is judged
	Wipe     bool       // one member loses its consensus database
	Trace    io.Writer  // gets a line for each event and effect, if set
	Calm     int64      // ms after healing within which all must be well, default 60,000
	Chaos    int64      // ms of faults at most, default 120,000
}

// A Report is what a history came to.
type Report struct {
	Steps, Events, Messages int
	Transactions            int // submitted
	Promises                int // of Raft that were found durable
	Faults                  int
	Counts                  map[string]int // of faults by kind, and of what they did
	Leaders                 int            // terms that had a leader
	Rounds                  int
	Heights                 uint64
	Virtual                 int64  // µs
	Healing                 int64  // µs from healing to the first moment at which all was well
	Digest                  uint64 // of every event and effect, in order
}

// A world is one network with all that surrounds it. Everything that happens in
// it happens in its queue, at a virtual time.
type world struct {
	o     Options
	rng   *rand.Rand
	bytes *rand.ChaCha8 // for keys
	queue queue
	now   int64 // µs since the beginning

	network     ledger.Network
	set         ledger.ValidatorSet
	round       ledger.Start
	genesis     ledger.Header
	genesisHash ledger.Hash
	verified    map[ledger.Hash]bool // by transaction id, what the check of its signatures said

	nodes []*node
	links *links
	load  *load
	judge *judge

	rivals map[uint64][]ledger.Hash // blocks that any node executed, by height

	may         []fault
	faultEvery  int64 // µs on average
	wipeAt      uint64
	rough       bool // more nodes than may fail do fail
	healed      bool
	keepEntries uint64
	keepBytes   int
	batch       int
	patience    int
	fetchLimit  int

	report Report
	broken error // the first violation
}

// birth is the virtual time at which every history begins, in ms since 1970.
const birth = 1_790_000_000_000

// Run makes one history and judges it. The error is a *Violation.
//
// Raft draws from crypto/rand, so a history repeats only if that is seeded, as
// testing/cryptotest does.
func Run(o Options) (Report, error) {
	w, err := newWorld(o)
	if err != nil {
		return Report{}, err
	}
	for _, n := range w.nodes {
		n.start()
	}
	for i := range o.Traitors {
		w.nodes[i].traitor = true
	}
	w.load.run()
	w.strike()
	if o.Wipe {
		w.wipe()
	}
	w.until(w.o.Chaos*1000, func() bool { return w.judge.top() >= w.o.Heights })
	if o.Traitors > 0 {
		w.heal()
		w.until(5_000_000, func() bool { return false })
	} else {
		w.recover()
	}
	w.report.Promises = w.judge.promises
	w.report.Leaders, w.report.Rounds = len(w.judge.leaders), len(w.judge.rounds)
	w.report.Heights, w.report.Virtual, w.report.Transactions = w.judge.top(), w.now, w.load.made
	return w.report, w.broken
}

// wipe lets one node lose its consensus database, once blocks are FINAL.
func (w *world) wipe() {
	if w.judge.top() < w.wipeAt || w.healed || w.nodes[0].core == nil {
		w.after(500_000, w.wipe)
		return
	}
	n := w.nodes[0]
	n.wiped = true
	w.crash(n)
	said := n.disk.said
	n.disk = newDisk(n.id)
	n.disk.said = said // its old votes are in the certificates of others
	w.note(n, "wiped", 0, 0, nil)
}

func newWorld(o Options) (*world, error) {
	if o.Heights == 0 {
		o.Heights = 50
	}
	if o.Suite == nil {
		o.Suite = NewFastSuite()
	}
	if o.Calm == 0 {
		o.Calm = 60_000
	}
	if o.Chaos == 0 {
		o.Chaos = 120_000
	}
	if o.Nodes < 1 || o.Nodes > ledger.MaxValidators {
		return nil, fmt.Errorf("sim: %d nodes, must be 1 to %d", o.Nodes, ledger.MaxValidators)
	}
	w := &world{
		o:        o,
		rng:      rand.New(rand.NewPCG(o.Seed, uint64(o.Nodes))),
		bytes:    rand.NewChaCha8([32]byte{byte(o.Seed), byte(o.Seed >> 8)}),
		verified: make(map[ledger.Hash]bool),
		rivals:   make(map[uint64][]ledger.Hash),
		report:   Report{Counts: make(map[string]int)},
	}
	w.network = ledger.Network{Suite: o.Suite, Chain: o.Suite.Sum([]byte("simulated genesis"))}
	w.genesis = ledger.Header{Version: ledger.HeaderVersion, Chain: w.network.Chain, Time: birth, ExecutionVersion: 1}
	w.genesisHash = w.network.HeaderHash(w.genesis)
	w.round = ledger.Start{Chain: w.network.Chain, Base: w.genesisHash}
	w.judge = newJudge(w)
	w.links = newLinks(w, o.Nodes)
	for i := range o.Nodes {
		key, err := o.Suite.Generate(w.bytes)
		if err != nil {
			return nil, fmt.Errorf("sim: validator key: %w", err)
		}
		name := fmt.Sprintf("node-%d", i)
		w.set.Members = append(w.set.Members, ledger.Validator{Name: name, Organisation: name, Key: key.Public(), PeerID: name})
		n := &node{w: w, id: consensus.Member(i), disk: newDisk(consensus.Member(i)), crashIn: -1, heard: make(map[ledger.Vote]uint64)}
		n.signer = &witness{Signer: key, node: n}
		n.ledger = newChain(n)
		w.nodes = append(w.nodes, n)
	}
	var err error
	if w.load, err = newLoad(w); err != nil {
		return nil, fmt.Errorf("sim: %w", err)
	}
	w.meteorology()
	return w, nil
}

// recover heals the world and demands that it becomes well: new transactions
// become FINAL everywhere, heights go on, and at rest all nodes are equal.
func (w *world) recover() {
	if w.broken != nil {
		return
	}
	healed := w.now
	w.heal()
	w.load.fresh()
	w.demand("liveness", "transactions submitted after healing are FINAL at every node", w.fresh)
	w.report.Healing = w.now - healed
	for w.broken == nil && w.judge.top() < w.o.Heights {
		next := w.judge.top() + 1
		w.demand("liveness", "the next block is FINAL", func() bool { return w.judge.top() >= next })
	}
	w.load.off = true
	w.demand("agreement", "all nodes have announced the same height", w.level)
}

// demand runs until done holds, which must be soon.
func (w *world) demand(rule, what string, done func() bool) {
	if w.until(w.o.Calm*1000, done) || w.broken != nil {
		return
	}
	state := ""
	for _, n := range w.nodes {
		if n.core != nil {
			s := n.core.Status()
			state += fmt.Sprintf("; node %d: %s round %d promised %d term %d leader %d commit %d last %d executed %d final %d mempool %d",
				n.id, s.Phase, s.Round, s.Promised, s.Term, s.Leader, s.Commit, s.LastIndex, s.Executed, s.Final, s.Mempool)
		}
	}
	for _, id := range w.load.must {
		if _, ok := w.judge.took[id]; !ok {
			state += fmt.Sprintf("; transaction %d has not taken effect", shortID(id))
		}
	}
	w.judge.fail(nil, rule, "not within %d ms: %s%s", w.o.Calm, what, state)
}

// fresh tells whether every node has announced every transaction that must
// have become FINAL.
func (w *world) fresh() bool {
	for _, id := range w.load.must {
		height, ok := w.judge.took[id]
		for _, n := range w.nodes {
			if !ok || n.announced < height && !n.gone() {
				return false
			}
		}
	}
	return true
}

// level tells whether all nodes have announced the whole chain.
func (w *world) level() bool {
	for _, n := range w.nodes {
		if n.announced < w.judge.top() && !n.gone() {
			return false
		}
	}
	return true
}

// gone tells that a node is dead for good.
func (n *node) gone() bool { return n.dead && n.core == nil }

// until lets the world go on until done holds, for at most some µs. It tells
// whether done came to hold.
func (w *world) until(limit int64, done func() bool) bool {
	end := w.now + limit
	for w.broken == nil && !done() {
		next, ok := w.queue.pop(end)
		if !ok {
			w.now = end
			return false
		}
		w.now = next.at
		next.do()
	}
	return w.broken == nil
}

func (w *world) after(in int64, do func()) { w.queue.push(w.now+in, do) }

// clock is the true time in ms since 1970.
func (w *world) clock() int64 { return birth + w.now/1000 }

func (w *world) between(low, high int64) int64 { return low + w.rng.Int64N(high-low) }

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

func (w *world) count(what string, n int) { w.report.Counts[what] += n }

// check is the pure function that cores ask about client signatures.
func (w *world) check(txs []*ledger.Transaction) []bool {
	good := make([]bool, len(txs))
	for i, t := range txs {
		sum := w.network.Suite.Sum(t.Bytes())
		known, ok := w.verified[sum]
		if !ok {
			known = ledger.CheckSignatures(w.network, nil, t)[0]
			w.verified[sum] = known
		}
		good[i] = known
	}
	return good
}
