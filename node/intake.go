// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/p2p"
)

// An intake is where transactions come in: from this node's clients, and
// flooded by other members. Each is checked once on this node, ever, and in
// batches where several wait.
type intake struct {
	network   ledger.Network
	cache     *keys.KeyCache
	checked   *recent[struct{}] // by hash of the whole transaction: its signatures are good
	versions  *contracts.Versions
	head      *head
	brake     *brake
	received  *recent[received] // by id: what this node has seen
	submitted chan submission

	logger   *slog.Logger
	metrics  *metrics
	suspects map[p2p.MemberID]bool // have flooded what no honest member passes on; owned by Run

	mu        sync.Mutex
	judges    *contracts.Intake // over the state of height; nil: this program does not know the rules of the next block
	height    uint64
	execution contracts.Execution // of that state
	version   uint64              // of the rules that judges has
}

// A submission is a transaction that had no outcome in the FINAL block of a
// height.
type submission struct {
	consensus.Submit
	height uint64
}

// received is what is told of a transaction that has no outcome yet.
type received struct {
	validUntil int64
	reference  string // state key that its client reference is consumed under
}

func receivedOf(tx *ledger.Transaction) received {
	body := tx.Body()
	return received{validUntil: body.ValidUntil, reference: contracts.RefKey(body.Actor, body.ClientRef)}
}

// Bounds of what is taken of what members flood before it is checked, in frames:
// of all, and of one suspect, whose signatures may have to be checked one by one.
const (
	maxIntake  = 256
	maxSuspect = 16
)

// Submit takes a client's transaction. When it returns nil the transaction is
// on its way to all validators, or has its outcome already; what becomes of it is
// read from the head. It waits while the orderer has no time for it, until ctx
// ends: ctx must end. Errors wrap a class of package ledger, or are a
// *contracts.Refusal.
func (in *intake) Submit(ctx context.Context, tx *ledger.Transaction) error {
	if why := in.brake.why(); why != nil {
		return why.Problem()
	}
	if err := in.checkClient(tx); err != nil {
		return err
	}
	j, err := in.judge([]*ledger.Transaction{tx})
	if err != nil {
		return err
	}
	if j.refusals[0] != nil {
		return j.refusals[0]
	}
	if j.ended[0] { // by now: whoever waits for it finds it in the head
		return nil
	}
	select {
	case in.submitted <- submission{consensus.Submit{Transaction: tx, Local: true}, j.height}:
		in.received.put(tx.ID(), receivedOf(tx)) // not sooner: what is not taken is not said to be
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: the node did not take the transaction in time: %w", ledger.ErrBusy, context.Cause(ctx))
	}
}

// A judgement tells of each of some transactions whether the FINAL state of a
// height holds its outcome, and why it has no chance in that state, or nil.
type judgement struct {
	height   uint64
	ended    []bool
	refusals []error
}

// judge holds transactions against the newest FINAL state. An error is a failure
// to read.
func (in *intake) judge(txs []*ledger.Transaction) (judgement, error) {
	at, _ := in.head.get()
	view, err := in.head.store.State(at.Header.Height)
	if err != nil {
		return judgement{}, err
	}
	defer view.Close()
	changed := in.head.store.LastChange("consortium", "keys", "persons", "parties", "delegations")
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.over(view, at.Header, changed); err != nil {
		return judgement{}, err
	}
	j := judgement{at.Header.Height, make([]bool, len(txs)), make([]error, len(txs))}
	for i, tx := range txs {
		if in.judges == nil {
			j.refusals[i] = (&api.Held{Reason: api.ReasonRules}).Problem()
			continue
		}
		ended, refusal, err := in.judges.Check(view, tx)
		if err != nil {
			return judgement{}, fmt.Errorf("check at intake: %w", err)
		}
		j.ended[i] = ended
		if refusal.Refuses() {
			j.refusals[i] = refusal
		}
	}
	return j, nil
}

// over has the intake judge over the state after a block. What it has read of keys,
// people and rules is kept if none of them has changed since the older of two blocks:
// this one and the one it judged over last, which may be the newer of them, since
// goroutines come here in any order. The rules are those of the block that follows.
func (in *intake) over(state contracts.Reader, h ledger.Header, changed uint64) error {
	block := contracts.Block{Network: in.network, Height: h.Height, Time: h.Time}
	fresh := in.judges == nil || changed > min(h.Height, in.height)
	if fresh {
		e, err := contracts.ReadExecution(state)
		if err != nil {
			return err
		}
		in.execution = e
	}
	switch version := in.execution.At(h.Height + 1); {
	case fresh || version != in.version:
		in.judges, in.version = nil, version
		if rules := in.versions.Of(version); rules != nil {
			in.judges = contracts.NewIntake(rules, block)
		}
	case h.Height != in.height:
		in.judges.Over(block)
	}
	in.height = h.Height
	return nil
}

// checkClient verifies a client's signatures by the strict rule, so that no
// client comes to rely on signatures that other verifiers may not accept. What
// that rule accepts, the network's client rule accepts too (package keys), so
// they are remembered as good.
func (in *intake) checkClient(tx *ledger.Transaction) error {
	message := in.network.SignBytes(tx.BodyBytes())
	for i, s := range tx.Body().Signers {
		if !in.network.Suite.Verify(s.Key, message, tx.Signatures()[i]) {
			return &contracts.Refusal{Failures: []ledger.Failure{{
				Code: contracts.ESignature, Field: fmt.Sprintf("signatures[%d]", i),
				Subject: s.Organisation + "/" + s.Role, Reason: contracts.ReasonInvalid,
			}}}
		}
	}
	in.checked.put(in.network.Suite.Sum(tx.Bytes()), struct{}{})
	return nil
}

// check tells for each transaction whether its signatures hold, and remembers
// those that do.
func (in *intake) check(txs []*ledger.Transaction) []bool {
	good := make([]bool, len(txs))
	hashes := make([]ledger.Hash, len(txs))
	var fresh []*ledger.Transaction
	var at []int
	for i, tx := range txs {
		hashes[i] = in.network.Suite.Sum(tx.Bytes())
		if _, good[i] = in.checked.get(hashes[i]); !good[i] {
			fresh, at = append(fresh, tx), append(at, i)
		}
	}
	for i, ok := range ledger.CheckSignatures(in.network, in.cache, fresh...) {
		good[at[i]] = ok
		if ok {
			in.checked.put(hashes[at[i]], struct{}{})
		}
	}
	return good
}

// A flooded transaction came from a member, who had to check it first.
type flooded struct {
	from p2p.MemberID
	tx   *ledger.Transaction
}

// Run checks what members flood and passes it on.
func (in *intake) Run(ctx context.Context, frames <-chan p2p.Frame) error {
	for {
		waiting := in.gather(ctx, frames)
		if ctx.Err() != nil {
			return nil
		}
		fresh, height, err := in.admit(waiting)
		if err != nil {
			return err
		}
		for _, tx := range fresh {
			select {
			case in.submitted <- submission{consensus.Submit{Transaction: tx}, height}:
				in.received.put(tx.ID(), receivedOf(tx))
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// gather waits for a frame and decodes it with those behind it: no more than
// maxIntake, whatever they hold, and of a suspect no more than maxSuspect. What a
// suspect sends beyond that is let go; who submitted it floods it again.
func (in *intake) gather(ctx context.Context, frames <-chan p2p.Frame) (waiting []flooded) {
	shares := make(map[p2p.MemberID]int) // of suspects
	take := func(f p2p.Frame) {
		if in.suspects[f.From] {
			if shares[f.From]++; shares[f.From] > maxSuspect {
				return
			}
		}
		tx, err := ledger.DecodeTransaction(in.network, f.Data)
		if err != nil {
			in.suspect(f.From, "it is no transaction")
			return
		}
		waiting = append(waiting, flooded{f.From, tx})
	}
	select {
	case <-ctx.Done():
		return nil
	case f := <-frames:
		take(f)
	}
	for range maxIntake - 1 {
		select {
		case f := <-frames:
			take(f)
		default:
			return waiting
		}
	}
	return waiting
}

// suspect counts what no honest member passes on, and keeps apart from then on
// what its sender floods.
func (in *intake) suspect(from p2p.MemberID, why string) {
	in.metrics.floodedBad(from)
	if !in.suspects[from] {
		in.suspects[from] = true
		in.logger.Warn("a member floods what no honest member passes on; its transactions are checked apart, and few at a time, from now on",
			"member", string(from), "reason", why)
	}
}

// admit gives those of the flooded transactions that may wait in the mempool, in
// their order: without an outcome, not refused by what a client's transaction is
// held against, and well signed. Otherwise one member could fill the mempool with
// what can never take effect. The height is the one they were held against.
func (in *intake) admit(waiting []flooded) (fresh []*ledger.Transaction, height uint64, err error) {
	if len(waiting) == 0 {
		return nil, 0, nil
	}
	txs := make([]*ledger.Transaction, len(waiting))
	for i, w := range waiting {
		txs[i] = w.tx
	}
	j, err := in.judge(txs)
	if err != nil {
		return nil, 0, err
	}
	var worthy []flooded
	for i, w := range waiting {
		if !j.ended[i] && j.refusals[i] == nil {
			worthy = append(worthy, w)
		}
	}
	good := in.checkFlooded(worthy)
	for i, w := range worthy {
		if good[i] {
			fresh = append(fresh, w.tx)
		}
	}
	return fresh, j.height, nil
}

// checkFlooded checks signatures in one batch. One that does not verify costs all
// of its batch a second, slower check, and no honest member passes such a one on;
// so whoever did once is checked apart from then on. It takes its turn in the same
// goroutine: gather bounds what others wait for it.
func (in *intake) checkFlooded(waiting []flooded) []bool {
	groups := make(map[p2p.MemberID][]int) // of each suspect, and under "" of all others
	for i, w := range waiting {
		member := w.from
		if !in.suspects[member] {
			member = ""
		}
		groups[member] = append(groups[member], i)
	}
	good := make([]bool, len(waiting))
	for _, places := range groups {
		txs := make([]*ledger.Transaction, len(places))
		for i, at := range places {
			txs[i] = waiting[at].tx
		}
		for i, ok := range in.check(txs) {
			at := places[i]
			good[at] = ok
			if !ok {
				in.suspect(waiting[at].from, "a signature of transaction "+waiting[at].tx.ID().String()+" does not verify")
			}
		}
	}
	return good
}
