// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A told is an acknowledgement with the times of its client.
type told struct {
	acknowledgement
	begun time.Time // when it was first sent
	ended time.Time
	node  int // that told the outcome
}

// A load is clients that submit transactions, one after the other each, and
// note what they are told. A client that gets no answer sends the same bytes to
// another node.
type load struct {
	network *victims
	people  map[string]keys.PrivateKey // "BA.maker"
	tickets chan struct{}              // one a transaction
	every   atomic.Int64               // nanoseconds between two tickets
	wait    time.Duration              // how long a node is asked to wait for an outcome
	patents atomic.Uint64              // claimed so far
	orders  atomic.Uint64              // signed so far

	ctx     context.Context
	cancel  context.CancelCauseFunc
	resting chan struct{} // closed: no client begins anything new
	done    sync.WaitGroup

	mu    sync.Mutex
	acks  []told
	again int // how many were sent once more after their acknowledgement, and answered alike
}

// The pace of the load: a rush at the moments at which nodes go down and come
// back, which is when something can be lost, and a walk between.
const (
	killClients = 24 // that claim patents
	killPace    = 25 * time.Millisecond
	killRush    = 5 * time.Millisecond
	askAgain    = 8 // one in so many is submitted once more when it is acknowledged
)

func newLoad(ctx context.Context, v *victims, people map[string]keys.PrivateKey) *load {
	l := &load{network: v, people: people, tickets: make(chan struct{}), wait: time.Second, resting: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	l.every.Store(int64(killPace))
	return l
}

// run starts the clients.
func (l *load) run(seed uint64) {
	l.done.Go(l.handOut)
	client := func(stream uint64, work func(*rand.Rand) error) {
		l.done.Go(func() {
			if err := work(rand.New(rand.NewPCG(seed, stream))); err != nil && !errors.Is(err, errResting) {
				l.cancel(err)
			}
		})
	}
	for i := range killClients {
		client(uint64(i), func(r *rand.Rand) error { return l.claimPatents(r, []string{"BA", "BB", "RX"}[i%3]) })
	}
	client(killClients, func(r *rand.Rand) error { return l.pledgePatents(r, "BA", "BB") })
	client(killClients+1, func(r *rand.Rand) error { return l.pledgePatents(r, "BB", "BA") })
}

// handOut hands out tickets at the pace, to whoever waits for one.
func (l *load) handOut() {
	for {
		select {
		case l.tickets <- struct{}{}:
		case <-l.resting:
			return
		case <-l.ctx.Done():
			return
		}
		select {
		case <-time.After(time.Duration(l.every.Load())):
		case <-l.resting:
			return
		case <-l.ctx.Done():
			return
		}
	}
}

var errResting = errors.New("the load rests")

func (l *load) ticket() error {
	select {
	case <-l.tickets:
		return nil
	case <-l.resting:
		return errResting
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	}
}

// rest lets every client end with the acknowledgement of what it has sent.
func (l *load) rest() error {
	close(l.resting)
	l.done.Wait()
	return l.failed()
}

// end stops every client where it is.
func (l *load) end() {
	l.cancel(nil)
	l.done.Wait()
}

// failed is why a client gave up, nil while none has.
func (l *load) failed() error { return context.Cause(l.ctx) }

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acks)
}

func (l *load) sentAgain() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.again
}

// since gives the acknowledgements after the first n.
func (l *load) since(n int) []told {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acks[n:len(l.acks):len(l.acks)]
}

// top is the highest block that a client was told of.
func (l *load) top() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var top uint64
	for _, a := range l.acks[max(0, len(l.acks)-1000):] {
		top = max(top, a.height)
	}
	return top
}

// An order is a transaction that a client wants.
type order struct {
	method      string
	args        any
	signers     []string // "BA.maker"; the first is of the actor
	commitments [][]byte
	valid       time.Duration // 0: for hours
	want        string        // "" if it shall take effect, else the code of its rejection
}

// send delivers an order when there is a ticket for it.
func (l *load) send(r *rand.Rand, o order, result any) error {
	if err := l.ticket(); err != nil {
		return err
	}
	return l.deliver(r, o, result)
}

// deliver has an order acknowledged and reads its result into result, unless
// that is nil. An outcome other than the wanted one is an error.
func (l *load) deliver(r *rand.Rand, o order, result any) error {
	tx, err := l.sign(o)
	if err != nil {
		return fmt.Errorf("%s: %w", o.method, err)
	}
	a, answer, err := l.acknowledge(r, tx, l.people[o.signers[0]], anyNode(r))
	if err != nil {
		return fmt.Errorf("%s: %w", o.method, err)
	}
	if answer.Code != o.want || (o.want == "") != (answer.Status == api.Final) {
		return fmt.Errorf("%s, transaction %v: %s %s, want %q", o.method, a.id, answer.Status, answer.Code, o.want)
	}
	if r.IntN(askAgain) == 0 {
		if err := l.sendAgain(r, tx, l.people[o.signers[0]], a); err != nil {
			return fmt.Errorf("%s: %w", o.method, err)
		}
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(answer.Outcome.Result, result)
}

// acknowledge has a transaction acknowledged, by one of the nodes that next gives, and
// notes it.
func (l *load) acknowledge(r *rand.Rand, tx *ledger.Transaction, key keys.Signer, next func() int) (told, api.Transaction, error) {
	begun := time.Now()
	answer, node, err := l.submit(r, tx, key, next)
	if err != nil {
		return told{}, api.Transaction{}, err
	}
	a := told{acknowledgement{tx.ID(), answer.Status, answer.Code, answer.Height}, begun, time.Now(), node}
	l.mu.Lock()
	l.acks = append(l.acks, a)
	l.mu.Unlock()
	return a, answer, nil
}

// anyNode chooses nodes at random.
func anyNode(r *rand.Rand) func() int { return func() int { return r.IntN(killNodes) } }

// sendAgain submits what is acknowledged, to any node, which must say the same.
func (l *load) sendAgain(r *rand.Rand, tx *ledger.Transaction, key keys.Signer, a told) error {
	answer, _, err := l.submit(r, tx, key, anyNode(r))
	if err != nil {
		return err
	}
	if answer.Status != a.status || answer.Code != a.code || answer.Height != a.height {
		return fmt.Errorf("transaction %v was %s %s at height %d, and when it was sent again %s %s at height %d",
			a.id, a.status, a.code, a.height, answer.Status, answer.Code, answer.Height)
	}
	l.mu.Lock()
	l.again++
	l.mu.Unlock()
	return nil
}

// submit sends a transaction to one node after the other, as next gives them, until
// one tells its outcome.
func (l *load) submit(r *rand.Rand, tx *ledger.Transaction, key keys.Signer, next func() int) (api.Transaction, int, error) {
	for {
		node := next()
		answer, err := l.try(tx, l.network.client(node, key))
		switch {
		case err == nil && answer.Outcome != nil:
			return answer, node, nil
		case err == nil && (answer.Status == api.Received || answer.Status == api.Ordered):
		case errors.Is(err, ledger.ErrUnavailable), errors.Is(err, ledger.ErrBusy), errors.Is(err, api.ErrUnreachable):
		case err == nil:
			return answer, node, fmt.Errorf("transaction %v is %s", tx.ID(), answer.Status)
		default:
			return answer, node, err
		}
		select {
		case <-time.After(time.Duration(10+r.IntN(40)) * time.Millisecond):
		case <-l.ctx.Done():
			return api.Transaction{}, node, context.Cause(l.ctx)
		}
	}
}

// try asks one node, which may be down, or frozen and never answer.
func (l *load) try(tx *ledger.Transaction, c *api.Client) (api.Transaction, error) {
	ctx, cancel := context.WithTimeout(l.ctx, l.wait+time.Second)
	defer cancel()
	return c.Submit(ctx, tx, l.wait)
}

// sign makes the transaction of an order.
func (l *load) sign(o order) (*ledger.Transaction, error) {
	m, err := lookupMethod(o.method)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(o.args)
	if err != nil {
		return nil, err
	}
	args, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		return nil, refusal
	}
	valid := o.valid
	if valid == 0 {
		valid = 12 * time.Hour
	}
	body := ledger.Body{
		Contract: m.Contract, Version: m.Version, Method: m.Name, Args: args, Actor: partyOf(o.signers[0]),
		ClientRef:   fmt.Sprintf("order-%d", l.orders.Add(1)),
		ValidUntil:  time.Now().Add(valid).UnixMilli(),
		Commitments: o.commitments,
	}
	for _, name := range o.signers {
		role := roleOf(name)
		if partyOf(name) != body.Actor && role == contracts.Maker {
			role = contracts.Countersigner
		}
		body.Signers = append(body.Signers, ledger.Signer{Organisation: partyOf(name), Role: role, Key: l.people[name].Public()})
	}
	encoded := ledger.Encode(body)
	var signatures []keys.Signature
	for _, name := range o.signers {
		s, err := l.people[name].Sign(l.network.trust.SignBytes(encoded))
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, s)
	}
	return ledger.NewTransaction(l.network.trust.Network, encoded, signatures)
}
