// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// benchBlock is how many transactions a block has.
const benchBlock = 100

// BenchmarkExecuteAtAMillionRights is what it costs to execute one transaction on one
// core in blocks of 100, over a view of the ledger database with a million confirmed
// rights, of which every tenth is pledged. An application for 200 rights is a block of
// its own. Every method is measured over 20 blocks by turns, about 2,000 rights all over
// the state that have been read before: the view is warm. Signatures are not checked,
// which a node has done by then; nor is anything written.
//
// With "hand" the same blocks read from a map of what they need: the difference is what
// the view costs. IPLEDGER_RIGHTS makes it another number of rights, and
// IPLEDGER_RIGHTS_BLOCKS of blocks: of 200 the store remembers only a part, and reads the
// rest from its tables each time.
func BenchmarkExecuteAtAMillionRights(b *testing.B) {
	number := func(name string, absent int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return absent
	}
	rights, turns := number("IPLEDGER_RIGHTS", 1_000_000), number("IPLEDGER_RIGHTS_BLOCKS", 20)
	m := newMillion(b, rights)
	for _, method := range m.workloads() {
		var blocks [][]*ledger.Transaction
		for range turns {
			blocks = append(blocks, method.block())
		}
		settle(b)
		view, err := m.store.State(m.height)
		if err != nil {
			b.Fatal(err)
		}
		m.each = max(method.each, 1)
		hand := &listening{Reader: view, heard: memory{}}
		m.run(b, hand, blocks)
		b.Run(method.name, func(b *testing.B) { m.measure(b, view, blocks) })
		b.Run(method.name+"/hand", func(b *testing.B) { m.measure(b, hand.heard, blocks) })
		if err := view.Close(); err != nil {
			b.Fatal(err)
		}
		for _, txs := range blocks {
			if method.keep {
				m.keep(b, txs)
			}
		}
	}
}

// settle waits until the database has done what it does behind its writes, however long
// that takes: as long as it works, its processor time would count as that of execution.
func settle(b *testing.B) {
	runtime.GC()
	for quiet := 0; quiet < 3; quiet++ {
		before := processor(b)
		time.Sleep(200 * time.Millisecond)
		if processor(b)-before > 10*time.Millisecond {
			quiet = 0
		}
	}
}

func (m *million) measure(b *testing.B, r contracts.Reader, blocks [][]*ledger.Transaction) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	b.ReportAllocs()
	b.ResetTimer()
	begin := processor(b)
	defer func() {
		spent := float64(processor(b)-begin) / float64(b.N)
		b.ReportMetric(spent, "cpu-ns/op")
		if m.each > 1 {
			b.ReportMetric(spent/float64(m.each), "cpu-ns/right")
		}
	}()
	per := len(blocks[0])
	for n := 0; n < b.N; n += per {
		m.run(b, r, blocks[n/per%len(blocks):][:1])
	}
}

// processor is the processor time that this process has used: on a machine that does
// other things, too, it says more than the clock.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// run executes blocks, each over the state of the view.
func (m *million) run(b *testing.B, r contracts.Reader, blocks [][]*ledger.Transaction) {
	for _, txs := range blocks {
		outcomes, _, err := contracts.Execute(m.methods, r, m.here(), txs)
		if err != nil {
			b.Fatal(err)
		}
		if o := outcomes[len(outcomes)-1]; o.Status != ledger.Final {
			b.Fatalf("%s: %+v", txs[0].Body().Method, o)
		}
	}
}

// A million is a ledger database with that many confirmed rights of RX.
type million struct {
	*world
	store   *store.Store
	tree    *state.Tree
	history *ledger.History
	head    ledger.Hash
	rights  int
	each    int // rights in a transaction of what is measured
	next    int // right that no block is about yet
	signers map[string][]ledger.Signer
	results map[string][]args // of the transactions that were kept, by method
}

func newMillion(b *testing.B, n int) *million {
	w := newWorld(b)
	id := w.confirmed(invention, args{
		"title": "一种晶圆检测方法", "filing_date": "2018-03-19", "grant_date": "2020-06-02", "expiry_date": "2038-03-18", "fee_due": "2027-03-19",
	}, RX)
	record := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical))
	no := w.effective(BA, "Y2026519999999", id)
	pledge, application := w.pledge(no), w.application(no)
	pledge.StatutoryTime, pledge.RegisteredAt = w.time-2_000_000, w.time-2_000_000 // before the first block
	certificate := read[pledges.Certificate](w, pledges.CertificateKey(pledge.CertificateNo))
	entry := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, canonical)).Pledges[0]
	entry.StatutoryTime, entry.RegisteredAt = pledge.StatutoryTime, pledge.RegisteredAt
	claim := read[rights.Claim](w, rights.ClaimKey(id))
	s, err := store.Open(b.TempDir(), store.Options{Network: w.network})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	m := &million{world: w, store: s, tree: state.Empty(w.network.Suite), history: ledger.NewHistory(w.network.Suite), rights: n, results: make(map[string][]args)}
	m.height = 0
	m.signers = map[string][]ledger.Signer{
		RX: {w.signer(RX, contracts.Maker)}, BA: w.with(w.two(BA), RX), IPO: w.two(IPO), "all": w.with(w.two(IPO), BA, RX), BB: w.with(w.two(BA), BB),
	}
	m.begin()
	const perBlock = 10_000
	for from := 0; from < n; from += perBlock {
		var changes []contracts.Change
		for i := from; i < min(from+perBlock, n); i++ {
			record.Number, record.RightID = m.number(i), m.id(i)
			claim.Number, claim.RightID = record.Number, record.RightID
			if record.Pledges = nil; isPledged(i) {
				entry.PledgeNo, entry.StatutoryNo = m.pledgeNo(i), fmt.Sprintf("Y202598%07d", i)
				record.Pledges = []rights.PledgeEntry{entry}
				pledge.PledgeNo, pledge.StatutoryNo, application.PledgeNo = entry.PledgeNo, entry.StatutoryNo, entry.PledgeNo
				pledge.Rights = []pledges.Right{{RightID: record.RightID, Type: record.Type, Number: record.Number}}
				pledge.CertificateNo = "CRT" + pledge.PledgeNo[3:]
				certificate.CertificateNo, certificate.PledgeNo = pledge.CertificateNo, pledge.PledgeNo
				changes = append(changes,
					contracts.Change{Key: pledges.RecordKey(pledge.PledgeNo), Value: ledger.Encode(pledge)},
					contracts.Change{Key: pledges.ApplicationKey(pledge.PledgeNo), Value: ledger.Encode(application)},
					contracts.Change{Key: pledges.CertificateKey(pledge.CertificateNo), Value: ledger.Encode(certificate)},
					contracts.Change{Key: rights.StatutoryKey(pledge.StatutoryNo), Value: ledger.Encode(pledge.PledgeNo)})
			}
			changes = append(changes,
				contracts.Change{Key: record.Key(), Value: ledger.Encode(record)},
				contracts.Change{Key: rights.ClaimKey(claim.RightID), Value: ledger.Encode(claim)})
		}
		m.commit(nil, nil, changes)
	}
	return m
}

// number is the canonical number of the i-th patent.
func (m *million) number(i int) string {
	digits := fmt.Sprintf("20181%07d", i)
	return digits + identifier.PatentCheck(digits)
}

// isPledged tells of which rights a pledge lives from the beginning.
func isPledged(i int) bool { return i%10 == 3 }

// pledgeNo is the number of the pledge of the i-th patent.
func (m *million) pledgeNo(i int) string {
	no, err := identifier.NewPlatformNumber(identifier.PledgeRecord, "510100", identifier.Date{Year: 2026, Month: 2, Day: 23}, uint64(i+1))
	if err != nil {
		m.t.Fatal(err)
	}
	return no
}

func (m *million) id(i int) string {
	id, err := identifier.NewPlatformNumber(identifier.RightRecord, "510100", identifier.Date{Year: 2026, Month: 2, Day: 23}, uint64(i+1))
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

// begin writes the genesis.
func (m *million) begin() {
	var changes []state.Change
	for key, value := range m.world.state {
		changes = append(changes, state.Change{Key: key, Value: value})
	}
	tree, err := m.tree.Apply(0, changes)
	if err != nil {
		m.t.Fatal(err)
	}
	header := ledger.Header{
		Version: ledger.HeaderVersion, Chain: m.network.Chain, Time: m.time - 1_000_000, StateRoot: tree.Root(), HistoryRoot: m.history.Root(),
		ExecutionVersion: contracts.FirstVersion,
	}
	m.head = m.network.HeaderHash(header)
	m.history = m.history.Append(m.head)
	if err := m.store.Init(header, tree.Writes(), m.history.Hashes()); err != nil {
		m.t.Fatal(err)
	}
	if m.tree, err = tree.Detach(m.store, 0); err != nil {
		m.t.Fatal(err)
	}
}

// keep executes a block for good.
func (m *million) keep(b *testing.B, txs []*ledger.Transaction) {
	view, err := m.store.State(m.height)
	if err != nil {
		b.Fatal(err)
	}
	outcomes, changes, err := contracts.Execute(m.methods, view, m.here(), txs)
	if err = errors.Join(err, view.Close()); err != nil {
		b.Fatal(err)
	}
	for i, o := range outcomes {
		method := txs[i].Body().Contract + "." + txs[i].Body().Method
		m.results[method] = append(m.results[method], m.result(method, o))
	}
	m.commit(txs, outcomes, changes)
}

// commit makes a block FINAL, whose certificate nobody looks at.
func (m *million) commit(txs []*ledger.Transaction, outcomes []ledger.Outcome, changes []contracts.Change) {
	var list []state.Change
	for _, c := range changes {
		list = append(list, state.Change(c))
	}
	m.height++
	tree, err := m.tree.Apply(m.height, list)
	if err != nil {
		m.t.Fatal(err)
	}
	f := store.FinalBlock{Outcomes: outcomes, State: tree.Writes()}
	for _, tx := range txs {
		f.IDs, f.Block.Transactions = append(f.IDs, tx.ID()), append(f.Block.Transactions, tx.Bytes())
	}
	f.Block.Header = ledger.Header{
		Version: ledger.HeaderVersion, Chain: m.network.Chain, Height: m.height, Parent: m.head, Time: m.time - 1_000_000 + int64(m.height),
		StateRoot: tree.Root(), HistoryRoot: m.history.Root(), ExecutionVersion: contracts.FirstVersion,
	}
	m.head = m.network.HeaderHash(f.Block.Header)
	m.history = m.history.Append(m.head)
	f.Hash, f.Proof.Header, f.History = m.head, f.Block.Header, m.history.Hashes()
	if err := m.store.Commit(f); err != nil {
		m.t.Fatal(err)
	}
	if m.tree, err = tree.Detach(m.store, m.height); err != nil {
		m.t.Fatal(err)
	}
}

func (m *million) here() contracts.Block {
	return contracts.Block{Network: m.network, Height: m.height + 1, Time: m.time - 1_000_000 + int64(m.height+1)}
}

// A listening reader keeps what is read through it.
type listening struct {
	contracts.Reader
	heard memory
}

func (l *listening) Get(key string) ([]byte, bool, error) {
	value, ok, err := l.Reader.Get(key)
	if ok {
		l.heard[key] = slices.Clone(value)
	}
	return value, ok, err
}
