// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/p2p"
)

// A counting suite notes how many signatures each batch holds, and how many are
// checked one by one.
type counting struct {
	keys.Suite
	batches []int
	single  int
}

func (c *counting) NewBatch(cache *keys.KeyCache) keys.Batch {
	return countedBatch{c.Suite.NewBatch(cache), c}
}

func (c *counting) Verify(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	c.single++
	return c.Suite.Verify(key, message, sig)
}

type countedBatch struct {
	keys.Batch
	suite *counting
}

func (b countedBatch) Verify() []bool {
	if n := b.Len(); n > 0 {
		b.suite.batches = append(b.suite.batches, n)
	}
	return b.Batch.Verify()
}

// newCounted gives an intake with its transactions, and what counts its checks.
func newCounted(t *testing.T, claims int) (*intake, []*ledger.Transaction, *counting) {
	t.Helper()
	f := newFloor(t, claims)
	suite := &counting{Suite: f.trust.Suite}
	f.trust.Suite = suite
	f.forget()
	var txs []*ledger.Transaction
	for _, raw := range f.raw {
		tx, err := ledger.DecodeTransaction(f.trust.Network, raw)
		if err != nil {
			t.Fatal(err)
		}
		txs = append(txs, tx)
	}
	return f.intake, txs, suite
}

// forged is tx with a signature that does not verify.
func forged(t *testing.T, network ledger.Network, tx *ledger.Transaction) *ledger.Transaction {
	t.Helper()
	signature := slices.Clone(tx.Signatures()[0])
	signature[40] ^= 1
	out, err := ledger.NewTransaction(network, tx.BodyBytes(), []keys.Signature{signature})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAMemberThatFloodsForgeriesIsCheckedApart(t *testing.T) {
	in, txs, suite := newCounted(t, 12)
	admit := func(waiting ...flooded) []*ledger.Transaction {
		t.Helper()
		suite.batches = nil
		fresh, _, err := in.admit(waiting)
		if err != nil {
			t.Fatal(err)
		}
		return fresh
	}
	fresh := admit(flooded{"b", forged(t, in.network, txs[0])}, flooded{"a", txs[1]}, flooded{"a", txs[2]}, flooded{"c", txs[3]})
	if !slices.Equal(fresh, txs[1:4]) || !slices.Equal(suite.batches, []int{4}) {
		t.Fatalf("%d are admitted, in batches of %d", len(fresh), suite.batches)
	}
	fresh = admit(flooded{"b", forged(t, in.network, txs[4])}, flooded{"a", txs[5]}, flooded{"b", txs[6]}, flooded{"b", txs[7]}, flooded{"c", txs[8]})
	slices.Sort(suite.batches)
	if !slices.Equal(fresh, txs[5:9]) || !slices.Equal(suite.batches, []int{2, 3}) {
		t.Errorf("%d are admitted, in batches of %d; the suspect's apart, in the old order", len(fresh), suite.batches)
	}
	// A forgery is not held against the body: the honest transaction still gets in.
	if fresh = admit(flooded{"a", txs[0]}, flooded{"a", txs[1]}); !slices.Equal(fresh, txs[:2]) || !slices.Equal(suite.batches, []int{1}) {
		t.Errorf("%d are admitted, in batches of %d; one was checked before", len(fresh), suite.batches)
	}
}

func TestNothingIsCheckedThatCanNeverBeTaken(t *testing.T) {
	in, txs, suite := newCounted(t, 2)
	expired := func(tx *ledger.Transaction) *ledger.Transaction {
		body := *tx.Body()
		body.ValidUntil = dawn.UnixMilli() - 1
		out, err := ledger.NewTransaction(in.network, ledger.Encode(body), tx.Signatures())
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	fresh, _, err := in.admit([]flooded{{"a", expired(txs[0])}, {"a", txs[1]}})
	if err != nil || !slices.Equal(fresh, txs[1:]) || !slices.Equal(suite.batches, []int{1}) {
		t.Errorf("%d are admitted, in batches of %d: %v", len(fresh), suite.batches, err)
	}
}

func TestWhatHasItsOutcomeIsNotTakenAgain(t *testing.T) {
	f := newFloor(t, 3)
	suite := &counting{Suite: f.trust.Suite}
	batch, err := ledger.OpenBatch(f.trust.Network, f.trust.Sets[0], f.batch)
	if err != nil {
		t.Fatal(err)
	}
	final := perform[consensus.Executed](t, f.x, consensus.Execute{
		Height: 1, Index: 2, Term: 1, Time: batch.Time, Transactions: batch.Transactions[:2],
	}).Header
	perform[consensus.Stored](t, f.x, consensus.Finalize{Proofs: []ledger.Certified{{Header: final}}})
	f.trust.Suite = suite
	f.forget()
	var waiting []flooded
	for _, tx := range batch.Transactions {
		waiting = append(waiting, flooded{"a", tx})
	}
	fresh, _, err := f.intake.admit(waiting)
	if err != nil || !slices.Equal(fresh, batch.Transactions[2:]) || !slices.Equal(suite.batches, []int{1}) {
		t.Errorf("%d are admitted, in batches of %d: %v", len(fresh), suite.batches, err)
	}
	for i, tx := range batch.Transactions {
		err := f.intake.Submit(context.Background(), tx)
		if want := max(0, i-1); err != nil || len(f.intake.submitted) != want {
			t.Errorf("transaction %d: %d are on their way, want %d: %v", i, len(f.intake.submitted), want, err)
		}
	}
	if s := <-f.intake.submitted; s.Transaction != batch.Transactions[2] || s.height != 1 {
		t.Errorf("%v was held against the state of height %d", s.Transaction.ID(), s.height)
	}
}

func TestWhatIsKnownOfPeopleIsKeptUntilTheyChange(t *testing.T) {
	in, txs, _ := newCounted(t, 1)
	header := func(height uint64) ledger.Header {
		return ledger.Header{Height: height, Time: dawn.UnixMilli() + int64(height)}
	}
	view, err := in.head.store.State(0)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	over := func(h ledger.Header, changed uint64) {
		t.Helper()
		if err := in.over(view, h, changed); err != nil {
			t.Fatal(err)
		}
	}
	over(header(4), 2)
	first := in.judges
	for _, s := range []struct {
		height, changed uint64
		kept            bool
	}{
		{4, 2, true},
		{7, 4, true},   // changed in the block it was read over, at the newest
		{5, 4, true},   // an older block, and nothing changed since it
		{9, 6, false},  // between the two
		{9, 10, false}, // in a block that is not shown yet
		{8, 9, false},  // as above, seen from an older one
		{10, 10, false},
		{11, 10, true},
	} {
		before := in.judges
		if over(header(s.height), s.changed); (in.judges == before) != s.kept || in.height != s.height {
			t.Errorf("over block %d, people last changed in %d: kept is %v, the height %d", s.height, s.changed, in.judges == before, in.height)
		}
	}
	if first == in.judges {
		t.Error("the first is kept to the end")
	}
	// The clock is the block's, whatever is kept.
	late := ledger.Header{Height: 12, Time: txs[0].Body().ValidUntil + 1}
	for _, h := range []ledger.Header{header(11), late} {
		over(h, 0)
		_, refusal, err := in.judges.Check(view, txs[0])
		if err != nil || refusal.Refuses() != (h == late) {
			t.Errorf("at %d: %v, %v", h.Time, refusal, err)
		}
	}
}

func TestAClientsSignatureIsCheckedOnce(t *testing.T) {
	in, txs, suite := newCounted(t, 2)
	if err := in.Submit(context.Background(), txs[0]); err != nil {
		t.Fatal(err)
	}
	if good := in.check(txs[:1]); !good[0] || suite.single != 1 || len(suite.batches) != 0 {
		t.Errorf("good: %v, after %d single checks and batches of %d", good, suite.single, suite.batches)
	}
	var refusal *contracts.Refusal
	bad := forged(t, in.network, txs[1])
	if err := in.Submit(context.Background(), bad); !errors.As(err, &refusal) || refusal.Code() != contracts.ESignature {
		t.Errorf("a forged signature: %v", err)
	}
	if good := in.check([]*ledger.Transaction{bad}); good[0] {
		t.Error("the forgery was remembered as good")
	}
}

func TestWhatIsNotTakenInTimeIsNotSaidToBe(t *testing.T) {
	in, txs, _ := newCounted(t, 2)
	in.submitted = make(chan submission, 1)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := in.Submit(ctx, txs[0]); err != nil {
		t.Fatal(err)
	}
	if err := in.Submit(ctx, txs[1]); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("no room: %v", err)
	}
	for i, want := range []bool{true, false} {
		if _, seen := in.received.get(txs[i].ID()); seen != want {
			t.Errorf("transaction %d is received: %v", i, seen)
		}
	}
}

func TestWhatIsNoTransactionIsHeldAgainstItsMember(t *testing.T) {
	f := newFloor(t, 2*maxIntake)
	in, m := f.intake, newMetrics("test")
	in.metrics = m
	frames := make(chan p2p.Frame, 3*maxIntake)
	for range 2 * maxIntake {
		frames <- p2p.Frame{From: "b", Data: []byte("garbage")}
	}
	if waiting := in.gather(t.Context(), frames); len(waiting) != 0 || len(frames) != maxIntake {
		t.Fatalf("%d are gathered of garbage, %d frames are left", len(waiting), len(frames))
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := 0.0
	for _, f := range families {
		if f.GetName() == "ipledger_flooded_bad_total" {
			counted = f.Metric[0].GetCounter().GetValue()
		}
	}
	if !in.suspects["b"] || counted != maxSuspect+1 { // the first, and a suspect's share
		t.Errorf("suspects are %v, and %v frames are counted", in.suspects, counted)
	}
	in.gather(t.Context(), frames)
	for i := range maxIntake / 2 { // the suspect has a share, and others all the rest
		frames <- p2p.Frame{From: "b", Data: f.raw[i]}
		frames <- p2p.Frame{From: "a", Data: f.raw[maxIntake/2+i]}
	}
	shares := map[p2p.MemberID]int{}
	for _, w := range in.gather(t.Context(), frames) {
		shares[w.from]++
	}
	if shares["a"] != maxIntake/2 || shares["b"] != maxSuspect || len(frames) != 0 {
		t.Errorf("of %d frames each %v are gathered", maxIntake/2, shares)
	}
}

func TestGarbageWithoutEndDoesNotKeepTheIntake(t *testing.T) {
	in, _, _ := newCounted(t, 1)
	frames := make(chan p2p.Frame, maxIntake)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx, frames) }()
	for i := 0; ; i++ {
		select {
		case frames <- p2p.Frame{From: "b", Data: []byte("garbage")}:
		case err := <-ended:
			if err != nil || i < 10*maxIntake {
				t.Errorf("it ends after %d frames: %v", i, err)
			}
			return
		}
		if i == 10*maxIntake {
			cancel()
		}
	}
}
