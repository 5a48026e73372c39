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

// Options choose a history. The zero values of all but Seed and Nodes leave the
// choice to the seed.
type Options struct {
	Seed     uint64
	Nodes    int
	Heights  uint64     // FINAL heights to reach at least, default 50
	Suite    keys.Suite // default NewFastSuite
	Mutation Mutation   // default none
	Traitors int        // members that misbehave, or NoTraitors
	Trace    io.Writer  // gets a line for each event and effect, if set
	Calm     int64      // ms after healing within which all must be well, default 60,000
	Chaos    int64      // ms of faults at most, default 120,000

	// What is left out of the seed's history leaves the rest of it as it is.
	Keep    []int    // strikes that happen, nil for all
	Without []string // faults, kinds of weather and behaviours that do not happen
	Only    []string // faults and behaviours to choose from, all of them likely; nil for all
}

// A Report is what a history came to.
type Report struct {
	Steps, Events, Messages int
	Transactions            int // submitted
	Promises                int // of Raft that were found durable
	Faults                  int
	Treason                 int            // betrayals
	Strikes                 int            // that came up, whether they were to happen or not
	Counts                  map[string]int // of faults and behaviours by name, and of what they did
	Leaders                 int            // terms that had a leader
	Rounds                  int
	Heights                 uint64
	Traitors                int
	Regained                bool   // progress, after healing
	Virtual                 int64  // µs
	Healing                 int64  // µs from healing to the first moment at which all was well
	Digest                  uint64 // of every event and effect, in order
}

// A world is one network with all that surrounds it. Everything that happens in
// it happens in its queue, at a virtual time.
type world struct {
	o Options
	dice
	bytes *rand.ChaCha8 // for keys
	queue queue
	now   int64 // µs since the beginning

	network     ledger.Network
	set         ledger.ValidatorSet
	round       ledger.Start
	genesis     ledger.Header
	genesisHash ledger.Hash
	verified    map[ledger.Hash]bool // by transaction id, what the check of its signatures said
	decoded     map[string]*ledger.Transaction

	nodes []*node
	links *links
	load  *load
	judge *judge

	rivals map[uint64][]ledger.Hash // blocks that any node executed, by height

	may         []fault
	faultEvery  int64 // µs on average
	rough       bool  // more nodes than may fail do fail
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
	w.load.run()
	w.strike(0)
	w.until(w.o.Chaos*1000, func() bool { return w.judge.top() >= w.o.Heights })
	w.recover()
	for _, n := range w.nodes {
		if n.treason != nil {
			w.report.Traitors++
		}
	}
	w.report.Promises = w.judge.promises
	w.report.Leaders, w.report.Rounds = len(w.judge.leaders), len(w.judge.rounds)
	w.report.Heights, w.report.Virtual, w.report.Transactions = w.judge.top(), w.now, w.load.made
	return w.report, w.broken
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
		dice:     newDice(o, "world", 0),
		bytes:    rand.NewChaCha8([32]byte{byte(o.Seed), byte(o.Seed >> 8)}),
		verified: make(map[ledger.Hash]bool),
		decoded:  make(map[string]*ledger.Transaction),
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
		n := &node{w: w, id: consensus.Member(i), disk: newDisk(consensus.Member(i)), crashIn: -1, pace: tickTime, heard: make(map[ledger.Vote]uint64)}
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

// decode gives the transaction of some bytes. Every node gets most of them several
// times, and none changes one.
func (w *world) decode(raw []byte) (*ledger.Transaction, error) {
	if known, ok := w.decoded[string(raw)]; ok {
		return known, nil
	}
	tx, err := ledger.DecodeTransaction(w.network, raw)
	if err == nil {
		w.decoded[string(raw)] = tx
	}
	return tx, err
}
