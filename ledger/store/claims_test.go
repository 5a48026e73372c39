// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// benchTransactions is how many transactions BenchmarkClaims writes in all. Only
// long runs show what compactions cost.
func benchTransactions() int {
	if n, err := strconv.Atoi(os.Getenv("IPLEDGER_STORE_TX")); err == nil && n > 0 {
		return n
	}
	return 4000
}

// A claims makes blocks of the form that rights.claim gives them: per
// transaction about 300 bytes, an outcome of 150 and four new keys.
type claims struct {
	*chain
	made int
}

// claimsIndex is as that of nodes, which gives a claimed right one term. To find it
// out takes 1 µs more (contracts/registry, BenchmarkTermsOfAClaim).
var claimsIndex = store.Index{Version: 1, Folders: map[string]func([]byte) ([]string, error){
	"rights": func([]byte) ([]string, error) { return []string{"rights/area/510100/CLAIMED"}, nil },
}}

const claimant = "91510100MA6CA1R24N"

// A claimed is one transaction with what follows from it.
type claimed struct {
	tx      []byte
	id      ledger.Hash
	outcome ledger.Outcome
	changes []state.Change
}

// number is a patent number, in no order.
func number(i int) string {
	return fmt.Sprintf("2018%d%08d", 1+i%3, uint32(i)*2654435761%100_000_000)
}

func (c *claims) claim(i, n, count int) claimed {
	right, no := fmt.Sprintf("IPR-510100-20260224-%07d-%d", i, i%10), number(i)
	body := fmt.Appendf(nil, "\xa8\x01frights\x02\x01\x03eclaim\x04\xa3\x01fPATENT\x02m%s\x03\x81r%s\x05r%s\x06x\x23%024x%011d"+
		"\x07\x81\xa3\x01r%s\x02emaker\x03\x82\x01X 0123456789abcdef0123456789abcdef\x08\x1b\x00\x00\x01\x9c", no, claimant, claimant, 1, i, claimant)
	body = binary.BigEndian.AppendUint32(body, uint32(i/100))
	tx := append(append([]byte("\xa2\x01X\xd0"), body...), "\x02\x81X@"...)
	sum := c.network.Suite.Sum(tx)
	tx = append(append(tx, sum[:]...), sum[:]...)
	for j := len(tx) - 32; j < len(tx); j++ {
		tx[j] += byte(j * int(sum[0]))
	}
	id := c.network.TransactionID(body)
	result := fmt.Appendf(nil, "\xa3\x01x\x1d%s\x02m%s\x03gPAT_INV", right, no)
	at := binary.BigEndian.AppendUint64(nil, uint64(1_770_000_000_000+i/100))
	record := fmt.Appendf(nil, "\xa5\x01fPATENT\x02m%s\x03gPAT_INV\x05gCLAIMED\x11\x81\xa2\x01x\x1d%s\x02\x1b%s", no, right, at)
	kept := fmt.Appendf(nil, "\xa9\x01x\x1d%s\x02fPATENT\x03m%s\x04gPAT_INV\x05m%s\x06\x81r%s\tr%s\n\x1b%s\vgCLAIMED", right, no, no, claimant, claimant, at)
	return claimed{tx: tx, id: id,
		outcome: ledger.Outcome{
			Transaction: id, Index: uint64(n), Count: uint64(count), Status: ledger.Final, Result: result,
			Events: []ledger.Event{{Kind: "right.claimed", Subject: right}},
		},
		changes: []state.Change{
			{Key: fmt.Sprintf("refs/%s/%024x%011d", claimant, 1, i), Value: append([]byte("X "), id[:]...)},
			{Key: "rights/PATENT/" + no, Value: record},
			{Key: "claims/" + right, Value: kept},
		},
	}
}

// next is the next block of n claims, without what only execution can tell.
func (c *claims) next(n int) (store.FinalBlock, []state.Change) {
	height := uint64(c.made/n) + 1
	f := store.FinalBlock{Block: ledger.Block{Header: ledger.Header{
		Version: ledger.HeaderVersion, Chain: c.network.Chain, Height: height, Time: int64(1000 * (height + 1)), ExecutionVersion: 1,
	}}}
	changes := []state.Change{{Key: "serials/IPR/510100/20260224", Value: strconv.AppendInt(nil, int64(c.made), 10)}}
	for i := range n {
		one := c.claim(c.made+i, i, n)
		f.Block.Transactions, f.IDs = append(f.Block.Transactions, one.tx), append(f.IDs, one.id)
		f.Outcomes = append(f.Outcomes, one.outcome)
		changes = append(changes, one.changes...)
	}
	c.made += n
	return f, changes
}

// write executes and commits the next block: first what contracts read of the
// state, then the tree, then the store.
func (c *claims) write(b *testing.B, s *store.Store, n int) {
	f, changes := c.next(n)
	for i := 1; i < len(changes); i++ {
		if i%3 != 0 { // refs, rights
			if _, ok, err := c.tree.Get(changes[i].Key); ok || err != nil {
				b.Fatalf("%s: %v %v", changes[i].Key, ok, err)
			}
		}
	}
	h := &f.Block.Header
	c.tree = must(c.tree.Apply(h.Height, changes))(b)
	head, _ := s.Head()
	h.Parent, h.StateRoot, h.HistoryRoot = head.Hash, c.tree.Root(), c.history.Root()
	h.TransactionRoot = f.IDs[0]
	h.ReceiptsRoot = f.IDs[n-1]
	f.Hash = c.network.HeaderHash(*h)
	c.history = c.history.Append(f.Hash)
	f.Proof.Header, f.State, f.History = *h, c.tree.Writes(), c.history.Hashes()
	f.Proof.Certificate.Vote = ledger.Vote{Kind: ledger.Commit, Chain: c.network.Chain, Height: h.Height, Block: f.Hash}
	for v := range uint64(3) {
		f.Proof.Certificate.Signers = append(f.Proof.Certificate.Signers, ledger.SignerSignature{Validator: v, Signature: c.bytes(64)})
	}
	noError(b, s.Commit(f))
	c.tree = must(c.tree.Detach(s, h.Height))(b)
}

// processor is the processor time that this process has used.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	noError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkClaims is the state and the store under the headline workload, on the
// machine's disk, with all that Pebble does behind it. It reports processor time
// and bytes on disk per transaction, at the end and by kind of record; wall time
// per operation means nothing here. IPLEDGER_STORE_TX is the number of
// transactions, 4,000 if not set: 200,000 is a measurement.
func BenchmarkClaims(b *testing.B) {
	for _, perBlock := range []int{100, 500} {
		b.Run(fmt.Sprintf("block=%d", perBlock), func(b *testing.B) {
			total := benchTransactions() / perBlock * perBlock
			for b.Loop() {
				runClaims(b, perBlock, total)
			}
		})
	}
}

func runClaims(b *testing.B, perBlock, total int) {
	c := &claims{chain: newChain(b, 31)}
	start := processor(b)
	for c.made < total {
		c.next(perBlock)
	}
	making := processor(b) - start
	c.made = 0

	dir := b.TempDir()
	s, err := store.Open(dir, store.Options{Network: c.network, Index: claimsIndex})
	noError(b, err)
	noError(b, c.init(s))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start = processor(b)
	for c.made < total {
		c.write(b, s, perBlock)
	}
	running := processor(b) - start - making
	runtime.ReadMemStats(&after)
	atOnce := s.Metrics()
	settled := s.Settle()
	all := processor(b) - start - making
	m := s.Metrics()
	tx := float64(total)
	b.ReportMetric(float64(running.Nanoseconds())/tx/1000, "cpu-µs/tx")
	b.ReportMetric(float64(all.Nanoseconds())/tx/1000, "settled-cpu-µs/tx")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/tx, "mallocs/tx")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/tx, "alloc-B/tx")
	b.ReportMetric(float64(atOnce.DiskBytes)/tx, "disk-B/tx")
	b.ReportMetric(float64(m.DiskBytes)/tx, "settled-disk-B/tx")
	if settled != nil {
		b.Fatal(settled)
	}
	if testing.Verbose() || benchTransactions() > 10_000 {
		report, err := s.Sizes()
		noError(b, err)
		for _, k := range report {
			fmt.Fprintf(os.Stderr, "%c: %.2f records, %.0f B keys, %.0f B values, %.0f B on disk per transaction\n", k.Kind, float64(k.Records)/tx, float64(k.Keys)/tx, float64(k.Values)/tx, float64(k.Disk)/tx)
		}
		fmt.Fprintf(os.Stderr, "%d flushes, %d compactions, resident %d MB\n", m.Flushes, m.Compactions, resident(b)>>20)
		fmt.Fprintln(os.Stderr, s.PebbleMetrics())
	}
	noError(b, s.Close())
}

// resident is the memory of this process, in bytes, heap not yet returned included.
func resident(b *testing.B) int {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, pages int
	_, err = fmt.Sscan(string(raw), &size, &pages)
	noError(b, err)
	return pages * os.Getpagesize()
}
