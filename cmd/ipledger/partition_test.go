// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

const (
	// partitionRate is the load in claims a second, an open loop; each node has a
	// quarter of it, and its clients ask no other.
	partitionRate = 32
	// partitionGrace is how long after a cut what was under way may still arrive.
	partitionGrace = 2 * time.Second
	// partitionPatience is within what time after a cut a quorum that is left must go
	// on, and after it is healed all nodes. It takes a few seconds; the rest is for a
	// machine that has other things to do.
	partitionPatience = 30 * time.Second
)

// TestMinorityNeverCertifies cuts the wires between the four processes of a network,
// with clients at every node. Who can reach no quorum makes nothing FINAL, tells
// nobody that anything is, and says that it is not current; a quorum goes on. When
// the wires are whole again all nodes come to hold the same without anybody's help,
// every receipt that a client was told of verifies with the genesis file alone, and
// in the end nothing is lost, doubled or certified twice.
//
// IPLEDGER_PARTITIONS=1 plays all partitions and holds each for longer: as long as a
// connection lives and a new one is tried.
func TestMinorityNeverCertifies(t *testing.T) {
	t.Parallel() // it waits, more than it computes
	all := killSetting(t, "IPLEDGER_PARTITIONS") > 0
	hold := 4 * time.Second
	if all {
		hold = 14 * time.Second
	}
	if deadline, ok := t.Deadline(); ok && all && time.Until(deadline) < 9*time.Minute {
		t.Fatal("all partitions take longer than the time this test has; give it -timeout 20m")
	}
	var names []string
	for i := range killNodes {
		names = append(names, fmt.Sprintf("node%d", i+1))
	}
	wires := newWiring(t, names...)
	p := &parting{hearing: newHearing(t, wires.configure), wires: wires, names: names, hold: hold}
	if err := errors.Join(p.run(all), p.silent()); err != nil {
		t.Fatal(err)
	}
	a := p.audit
	t.Logf("partitions: played=%d acknowledged=%d receipts_verified=%d heights=%d lost=%d doubled=%d differing=%d two_hashes=%d",
		p.played, p.load.acknowledged(), a.receipts, a.heights, a.faults[lost], a.faults[doubled], a.faults[differing], a.faults[twoHashes])
}

// A parting is one run of the test.
type parting struct {
	*hearing
	wires  *wiring
	names  []string
	hold   time.Duration
	played int
	number string // of a patent that is claimed before anything is cut
}

// partitions are what is played, in this order. The first ones are the short test.
var partitions = []struct {
	name string
	long bool
	play func(p *parting, e *episode) error
}{
	{"the leader alone", false, func(p *parting, e *episode) error { return p.alone(e, true) }},
	{"two and two", false, (*parting).halves},
	{"a follower alone", true, func(p *parting, e *episode) error { return p.alone(e, false) }},
	{"a leader that hears nothing", true, func(p *parting, e *episode) error { return p.oneWay(e, false) }},
	{"a leader that nobody hears", true, func(p *parting, e *episode) error { return p.oneWay(e, true) }},
	{"a flapping wire", true, func(p *parting, e *episode) error { return p.flapping(e, false) }},
	{"a flapping leader", true, func(p *parting, e *episode) error { return p.flapping(e, true) }},
	{"a bridge", true, (*parting).bridge},
	{"a star", true, (*parting).star},
}

func (p *parting) run(all bool) error {
	if err := p.load.joinFirm(); err != nil {
		return err
	}
	p.number = p.load.nextPatent()
	if err := p.load.deliver(rand.New(rand.NewPCG(0, 0)), p.load.claim("BA", p.number), nil); err != nil {
		return err
	}
	for i, one := range partitions {
		if one.long && !all {
			continue
		}
		if err := p.play(uint64(i), one.name, one.play); err != nil {
			return fmt.Errorf("%s: %w", one.name, errors.Join(err, p.load.failed()))
		}
		p.played++
	}
	for pair, way := range p.wires.ways {
		if way.carried.Load() == 0 {
			return fmt.Errorf("the way from %s to %s carried nothing: the nodes do not speak by wire", pair[0], pair[1])
		}
	}
	return p.ledgers()
}

// play plays one partition: a second of load, the cut and what is looked at
// meanwhile, the healing, and the receipts of all that clients were told.
func (p *parting) play(seed uint64, name string, play func(*parting, *episode) error) error {
	if err := p.settled(p.load.ctx); err != nil {
		return fmt.Errorf("before: %w", err)
	}
	leader, err := p.leader(p.load.ctx)
	if err != nil {
		return err
	}
	defer p.wires.heal()
	e := &episode{leader: leader}
	for i := range p.Nodes {
		e.warnings = append(e.warnings, p.warnings(i))
	}
	before := p.load.acknowledged()
	clients := p.load.streamOf(partitionRate, seed, func(_ *rand.Rand, n int) func() int { return func() int { return n % killNodes } })
	watched := p.observe(&e.seen)
	defer watched()
	if err := p.wait(time.Second); err != nil {
		return err
	}
	e.cut = time.Now()
	e.told = func() []told { return p.load.since(before) }
	if err := play(p, e); err != nil {
		return err
	}
	e.healed = time.Now()
	p.wires.heal()
	// A node works again when a claim that was sent after the healing is FINAL there.
	for i := range p.Nodes {
		took, err := p.goesOn(e, []int{i}, e.healed)
		if err != nil {
			return fmt.Errorf("after the healing: %w", err)
		}
		e.works = max(e.works, took)
	}
	if err := clients.end(); err != nil {
		return err
	}
	watched()
	if err := p.settled(p.load.ctx); err != nil {
		return fmt.Errorf("after the healing: %w", err)
	}
	if err := e.judge(); err != nil {
		return err
	}
	if err := p.receipts(e.told()); err != nil {
		return err
	}
	waited := 0
	for _, a := range e.told() {
		waited += count(a.begun.Before(e.healed) && a.ended.After(e.healed))
	}
	others := ""
	if e.others > 0 {
		others = fmt.Sprintf(" others_final=%.2fs", e.others.Seconds())
	}
	p.t.Logf("partition: %s: held=%.1fs%s healed_final=%.2fs terms=%d acknowledged=%d waited_for_healing=%d%s",
		name, e.healed.Sub(e.cut).Seconds(), others, e.works.Seconds(), e.seen.terms(e.cut, e.healed), len(e.told()), waited, e.more)
	return nil
}

// wait lets time pass, unless the load fails.
func (p *parting) wait(d time.Duration) error {
	select {
	case <-time.After(d):
		return p.upright()
	case <-p.load.ctx.Done():
		return p.load.failed()
	}
}

// goesOn waits until one of the nodes has told a client that a claim which was sent
// after a time is FINAL, and gives how long that took.
func (p *parting) goesOn(e *episode, nodes []int, since time.Time) (took time.Duration, err error) {
	err = until(p.load.ctx, partitionPatience, func(context.Context) (bool, error) {
		if err := p.upright(); err != nil {
			return true, err
		}
		if took = firstTold(e.told(), nodes, since); took > 0 {
			return true, nil
		}
		return false, fmt.Errorf("%s told no client that anything new is FINAL", p.namesOf(nodes))
	})
	return took, err
}

// firstTold gives how long it took until one of some nodes told the outcome of a
// claim that was sent after a time; 0 if none did.
func firstTold(all []told, nodes []int, since time.Time) (first time.Duration) {
	for _, a := range all {
		if took := a.ended.Sub(since); slices.Contains(nodes, a.node) && a.begun.After(since) && (first == 0 || took < first) {
			first = took
		}
	}
	return first
}

func (p *parting) namesOf(nodes []int) []string {
	var names []string
	for _, i := range nodes {
		names = append(names, p.names[i])
	}
	return names
}

// but are all nodes other than some.
func but(some ...int) (others []int) {
	for i := range killNodes {
		if !slices.Contains(some, i) {
			others = append(others, i)
		}
	}
	return others
}

// part cuts some nodes off from all others.
func (p *parting) part(some ...int) { p.wires.cut(p.namesOf(some), p.namesOf(but(some...))) }

// alone cuts one node off: the three others go on, and the one does not, and says so.
func (p *parting) alone(e *episode, leading bool) error {
	one := e.leader
	if !leading {
		one = (e.leader + 1) % killNodes
	}
	p.part(one)
	e.stands(one)
	var err error
	if e.others, err = p.goesOn(e, but(one), e.cut); err != nil {
		return err
	}
	if err := p.wait(time.Until(e.cut.Add(partitionGrace))); err != nil {
		return err
	}
	// This one expires before the wires are healed.
	short, err := p.brief(one)
	if err != nil {
		return err
	}
	if err := p.notCurrent(one); err != nil {
		return err
	}
	if err := p.readsOn(one); err != nil {
		return err
	}
	if err := p.warns(e, one); err != nil {
		return err
	}
	if err := p.wait(max(time.Until(e.cut.Add(p.hold)), time.Until(time.UnixMilli(short.Body().ValidUntil).Add(100*time.Millisecond)))); err != nil {
		return err
	}
	// It has expired, and that cannot be known where no block tells of a later time.
	if err := p.progress(one, short, api.Received); err != nil {
		return err
	}
	e.after = func() error { return p.progress(one, short, api.Expired) }
	return nil
}

// brief submits to one node what is valid for a moment only, and does not wait.
func (p *parting) brief(node int) (*ledger.Transaction, error) {
	o := p.load.claim("BB", p.load.nextPatent())
	o.valid = 2 * time.Second
	tx, err := p.load.sign(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.load.ctx, partitionPatience)
	defer cancel()
	answer, err := p.client(node, p.load.people[o.signers[0]]).Submit(ctx, tx, 0)
	if err == nil && answer.Status != api.Received {
		err = fmt.Errorf("%s, want %s", answer.Status, api.Received)
	}
	if err != nil {
		return nil, fmt.Errorf("submit to %s, which is cut off: %w", p.names[node], err)
	}
	return tx, nil
}

// progress waits until a node tells this of a transaction.
func (p *parting) progress(node int, tx *ledger.Transaction, want api.State) error {
	err := until(p.load.ctx, partitionPatience, func(ctx context.Context) (bool, error) {
		got, err := p.client(node, p.load.people["BB.maker"]).Transaction(ctx, tx.ID(), 0)
		if err != nil {
			return false, err
		}
		if got.Status == api.Final || got.Status == api.Rejected {
			return true, fmt.Errorf("it is %s", got.Status)
		}
		if got.Status != want {
			return false, fmt.Errorf("it is %s", got.Status)
		}
		return true, nil
	})
	if err != nil {
		return fmt.Errorf("%s should say of a transaction that expired %s: %w", p.names[node], want, err)
	}
	return nil
}

// notCurrent waits until a node says that it is cut off: to balancers, to people who
// ask, and to those who watch its metrics.
func (p *parting) notCurrent(node int) error {
	return until(p.load.ctx, partitionPatience, func(ctx context.Context) (bool, error) {
		ready, text, err := p.client(node, nil).Ready(ctx)
		if err != nil {
			return false, err
		}
		if ready || !strings.Contains(text, "[-] leader: none known") {
			return false, fmt.Errorf("/readyz of %s says, cut off: %s", p.names[node], text)
		}
		code, out := runQuietly("status", "--url", p.Nodes[node].APIURL)
		if code != exitOK || !strings.Contains(out, "no: leader: none known") {
			return false, fmt.Errorf("ipledger status of %s says, cut off, with exit code %d: %s", p.names[node], code, out)
		}
		metrics, err := p.metrics(ctx, node)
		if err != nil {
			return false, err
		}
		if !strings.Contains(metrics, "\nipledger_node_cut_off_seconds ") || strings.Contains(metrics, "\nipledger_node_cut_off_seconds 0\n") {
			return false, fmt.Errorf("the metrics of %s do not show that it is cut off", p.names[node])
		}
		return true, nil
	})
}

// warns waits until a node says in its log that it is cut off.
func (p *parting) warns(e *episode, node int) error {
	return until(p.load.ctx, partitionPatience, func(context.Context) (bool, error) {
		if p.warnings(node) == e.warnings[node] {
			return false, fmt.Errorf("the log of %s does not say that it is cut off", p.names[node])
		}
		return true, nil
	})
}

// warnings counts how often a node has said in its log that it is cut off.
func (p *parting) warnings(node int) int {
	text, err := os.ReadFile(logFile(p.Nodes[node]))
	check(p.t, err)
	return bytes.Count(text, []byte(`"level":"WARN","msg":"cut off`))
}

// readsOn verifies that a node that is cut off proves what it read last, with the
// height and the time of its last FINAL block.
func (p *parting) readsOn(node int) error {
	ctx, cancel := context.WithTimeout(p.load.ctx, partitionPatience)
	defer cancel()
	s, err := p.status(ctx, node)
	if err != nil {
		return err
	}
	answer, err := p.client(node, nil).Encumbrance(ctx, "PATENT", p.number, api.EncumbranceOptions{Proof: true})
	if err != nil {
		return fmt.Errorf("read from %s, which is cut off: %w", p.names[node], err)
	}
	proven, err := state.VerifyStatement(p.trust, answer.Proof)
	switch {
	case err != nil:
		return fmt.Errorf("proof from %s, which is cut off: %w", p.names[node], err)
	case proven.Key != rights.RecordKey(identifier.PatentSpace, strings.ReplaceAll(p.number, ".", "")) || proven.Value == nil:
		return fmt.Errorf("proof from %s, which is cut off: it is of %q, with a value of %d bytes", p.names[node], proven.Key, len(proven.Value))
	case answer.Height != s.Height || answer.BlockTimeMS != s.BlockTimeMS || proven.Header.Height != s.Height || proven.Header.Time != s.BlockTimeMS:
		return fmt.Errorf("%s is at height %d of time %d; it reads at %d of %d and proves %d of %d", p.names[node],
			s.Height, s.BlockTimeMS, answer.Height, answer.BlockTimeMS, proven.Header.Height, proven.Header.Time)
	}
	return nil
}

// halves cuts the network in two: no half goes on.
func (p *parting) halves(e *episode) error {
	p.part(e.leader, (e.leader+1)%killNodes)
	e.stands(but()...)
	for i := range p.Nodes {
		if err := p.notCurrent(i); err != nil {
			return err
		}
	}
	return p.wait(time.Until(e.cut.Add(p.hold)))
}

// oneWay cuts one direction of all the leader's wires: either nobody hears it, or it
// hears nobody.
func (p *parting) oneWay(e *episode, mute bool) (err error) {
	for _, i := range but(e.leader) {
		from, to := p.names[i], p.names[e.leader]
		if mute {
			from, to = to, from
		}
		p.wires.way(from, to).isCut.Store(true)
	}
	if !mute { // who hears the others may make FINAL what they vote for
		e.stands(e.leader)
	}
	if e.others, err = p.goesOn(e, but(e.leader), e.cut); err != nil {
		return err
	}
	return p.wait(time.Until(e.cut.Add(p.hold)))
}

// flapping cuts and heals for 20 seconds the wire between the leader and one other
// node, or all of the leader's. The network goes on, and does not change its leader
// more often than it must.
func (p *parting) flapping(e *episode, whole bool) error {
	r := rand.New(rand.NewPCG(7, 7))
	others, most := []int{(e.leader + 1) % killNodes}, 4
	if whole {
		others, most = but(e.leader), 6
	}
	for time.Since(e.cut) < 20*time.Second {
		p.wires.cut(p.namesOf([]int{e.leader}), p.namesOf(others))
		if err := p.wait(500*time.Millisecond + upTo(r, 1500*time.Millisecond)); err != nil {
			return err
		}
		p.wires.heal()
		if err := p.wait(500*time.Millisecond + upTo(r, 1500*time.Millisecond)); err != nil {
			return err
		}
	}
	e.terms = most
	longest := e.seen.stretch(e.cut, time.Now())
	e.more = fmt.Sprintf(" longest_without_height=%.2fs", longest.Seconds())
	if longest >= partitionPatience/2 {
		return fmt.Errorf("for %v no node had a new height", longest)
	}
	return nil
}

// bridge leaves the leader one wire, to a node that sees all. The three that see
// each other go on.
func (p *parting) bridge(e *episode) (err error) {
	far, two := e.leader, []int{(e.leader + 1) % killNodes, (e.leader + 2) % killNodes}
	p.wires.cut(p.namesOf([]int{far}), p.namesOf(two))
	if e.others, err = p.goesOn(e, but(far), e.cut); err != nil {
		return err
	}
	// The far one learns by the bridge what is FINAL.
	took, err := p.goesOn(e, []int{far}, e.cut)
	e.more = fmt.Sprintf(" far_final=%.2fs", took.Seconds())
	return errors.Join(err, p.wait(time.Until(e.cut.Add(p.hold))))
}

// star leaves only the wires of one node. It hears all votes and nobody else does, so
// nobody has a quorum of PREPARE votes but this one, and nothing is FINAL.
func (p *parting) star(e *episode) error {
	centre := (e.leader + 1) % killNodes
	for _, i := range but(centre) {
		p.wires.cut(p.namesOf([]int{i}), p.namesOf(but(i, centre)))
	}
	return p.wait(time.Until(e.cut.Add(p.hold)))
}
