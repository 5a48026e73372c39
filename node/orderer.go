// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/p2p"
)

// maxStep bounds the events that one step of the core takes together: they
// share one synced write.
const maxStep = 256

// An orderer owns the consensus core and performs its effects in order.
type orderer struct {
	dir     string // data directory, as faults tell it
	pace    config.Pace
	log     *log.Log
	host    *p2p.Host
	members []p2p.MemberID // by place in the set
	fetcher *fetcher
	head    *head
	brake   *brake
	accused chan<- ledger.Evidence
	logger  *slog.Logger
	metrics *metrics
	lookout *lookout
	upgrade *upgradeWatch
	status  atomic.Pointer[consensus.Status]

	// The fields below are owned by Run.
	core *consensus.Core
}

// Run drives the core until ctx ends. Requests for the executor leave on
// requested, and what it answers comes in on answered.
func (o *orderer) Run(ctx context.Context, submitted <-chan submission, answered <-chan consensus.Event, requested chan<- consensus.Effect) error {
	places := make(map[p2p.MemberID]consensus.Member)
	for i, m := range o.members {
		places[m] = consensus.Member(i)
	}
	ticker := time.NewTicker(o.pace.Tick)
	defer ticker.Stop()
	control, blocks := o.host.Received(p2p.Control), o.host.Received(p2p.Blocks)
	o.publish()
	receive := func(f p2p.Frame) consensus.Event {
		return consensus.Receive{From: places[f.From], Data: f.Data}
	}
	for {
		// Effects of the step before are done, all of them, and none is begun: what
		// is held here can wait for ever, and messages meanwhile are lost ones.
		if o.brake.wait(ctx); ctx.Err() != nil {
			return nil
		}
		var err error
		events := []consensus.Event{nil} // the first place is the clock's
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			events = append(events, consensus.Tick{Now: o.pace.Clock().UnixMilli()})
			o.publish()
			o.lookout.observe(*o.status.Load(), len(o.host.Connected()), time.Now())
		case f := <-control:
			events = append(events, receive(f))
		case f := <-blocks:
			events = append(events, receive(f))
		case e := <-answered:
			events = append(events, e)
		case s := <-submitted:
			events, err = o.submit(events, s)
		case e := <-o.fetcher.fetched:
			events = append(events, e)
		}
		for more := true; more && err == nil && len(events) < maxStep; {
			select {
			case f := <-control:
				events = append(events, receive(f))
			case f := <-blocks:
				events = append(events, receive(f))
			case e := <-answered:
				events = append(events, e)
			case s := <-submitted:
				events, err = o.submit(events, s)
			default:
				more = false
			}
		}
		if err != nil {
			return err
		}
		events[0] = consensus.Clock{Now: o.pace.Clock().UnixMilli()}
		for _, effect := range o.core.Step(events...) {
			if err := o.perform(ctx, effect, requested); err != nil {
				return err
			}
		}
	}
}

// submit appends a transaction to the events of a step, unless it is FINAL by
// now: it may have become so since the intake looked, and what the core was told
// of already no later block takes out of the mempool. A block is in the ledger
// before the core hears of it, so none falls between. Every outcome but void,
// which leaves a transaction where it was, consumes the client reference, and the
// store has that in memory: the intake has read it, or the block has written it.
func (o *orderer) submit(events []consensus.Event, s submission) ([]consensus.Event, error) {
	stored, _ := o.head.store.Head()
	if at := stored.Header.Height; at > s.height {
		get := func(key string) ([]byte, bool, error) { return o.head.store.Value(key, at) }
		final, err := contracts.HasOutcome(get, s.Transaction)
		if err != nil {
			return nil, fmt.Errorf("take a transaction: %w", err)
		}
		if final {
			return events, nil
		}
	}
	return append(events, s.Submit), nil
}

// publish shows where the core stands, once a tick.
func (o *orderer) publish() {
	s := o.core.Status()
	o.status.Store(&s)
	o.metrics.observe(s, o.core)
}

func (o *orderer) perform(ctx context.Context, effect consensus.Effect, requested chan<- consensus.Effect) error {
	switch e := effect.(type) {
	case consensus.Persist:
		start := time.Now()
		if err := o.log.Write(e.Write); err != nil {
			return datadir.FaultOf(o.dir, datadir.Consensus, fmt.Errorf("write to the consensus database: %w", err))
		}
		if e.Sync {
			o.metrics.synced.Observe(time.Since(start).Seconds())
		}
	case consensus.Send:
		o.host.Send(o.members[e.To], class(e.Class), e.Data) // a lost message is repeated by whoever needs it
	case consensus.Execute, consensus.Finalize, consensus.Adopt:
		select {
		case requested <- e:
		case <-ctx.Done():
		}
	case consensus.Fetch:
		o.fetcher.fetch(ctx, e)
	case consensus.Announce:
		o.head.announce(e.Height)
		if err := o.upgrade.look(e.Height); err != nil {
			return err
		}
		if o.brake.why() != nil {
			o.publish() // no tick comes until it is released
		}
	case consensus.Refused:
		o.metrics.refused.Inc()
	case consensus.Accuse:
		o.accuse(e.Evidence)
	case consensus.Alarm:
		o.metrics.alarms.WithLabelValues(string(e.Kind)).Inc()
		evidence := ""
		if len(e.Evidence) > 0 {
			evidence = fmt.Sprintf("%x", ledger.Encode(e.Evidence))
		}
		o.logger.Error("consensus alarm", "kind", string(e.Kind), "detail", e.Detail, "evidence", evidence)
	default:
		panic(fmt.Sprintf("node: unknown effect %T", effect))
	}
	return nil
}

func class(c consensus.Class) p2p.Class {
	switch c {
	case consensus.Blocks:
		return p2p.Blocks
	case consensus.Transactions:
		return p2p.Transactions
	}
	return p2p.Control
}
