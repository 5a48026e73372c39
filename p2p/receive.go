// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/libp2p/go-libp2p/core/network"
)

// accept serves one inbound stream, in a goroutine of the swarm, to its end.
func (h *Host) accept(stream network.Stream) {
	// Whatever the outcome, nothing of the stream stays behind.
	defer stream.Reset()
	if h.enter() {
		defer h.owned.Done()
		h.serve(stream)
	}
}

func (h *Host) serve(stream network.Stream) {
	select {
	case <-h.running:
	case <-h.ctx.Done():
		return
	}
	l := h.byPeer[stream.Conn().RemotePeer()]
	if l == nil {
		return
	}
	kind, refused := h.negotiate(stream)
	switch {
	case refused == nil:
	case stream.Conn().IsClosed():
		return
	case refused.repeats():
		l.counters.refused[refused.reason].Add(1)
		return
	default:
		l.refuse(h, refused.reason, refusals[refused.reason], refused.cause)
		return
	}
	if kind == kindOfRequests {
		h.answer(l, stream)
		return
	}
	for class := range Class(classes) {
		if kind == class.String() {
			h.read(l, class, stream)
		}
	}
}

// refusals says what is known, and what to do, when a member's stream was refused for a reason.
var refusals = [reasons]string{
	RefusedVersion:  "member speaks other protocol versions, no frames are exchanged: run releases that have a version in common",
	RefusedNetwork:  "member belongs to another network, no frames are exchanged: compare the genesis files",
	RefusedProtocol: "stream refused: it asks for nothing that this node serves",
}

// fault tells a frame that broke the rules from a stream that ended.
func fault(err error) (Reason, bool) {
	var timeout net.Error
	switch {
	case errors.Is(err, errFrame):
		return RefusedLength, true
	case errors.As(err, &timeout) && timeout.Timeout():
		return RefusedStalled, true
	}
	return 0, false
}

// read moves frames from a member's stream to the channel of their class.
func (h *Host) read(l *link, class Class, stream network.Stream) {
	ctx, leave := l.inbound[class].take(h.ctx, func() { stream.Reset() })
	defer leave()
	frames := newFrameReader(stream, 1, class.MaxFrame(), h.settings.ReadTimeout)
	for ctx.Err() == nil {
		data, err := frames.next()
		if err != nil {
			if reason, ok := fault(err); ok {
				l.refuse(h, reason, "stream of "+class.String()+" frames reset", err)
			}
			return
		}
		// Senders that wait for a full channel are served in the order in which they came, and a
		// member has one sender per class: that is the fairness between members.
		select {
		case h.received[class] <- Frame{From: l.member, Class: class, Data: data}:
			l.counters.received[class].Add(1)
		case <-ctx.Done():
			return
		}
	}
}

// turn lets one inbound stream of a kind be read at a time: a newer one ends the older and begins
// when that has ended, so that frames keep their order.
type turn struct {
	mu   sync.Mutex
	end  func()          // ends the present one
	done <-chan struct{} // closed when it has ended
}

// take waits for its turn and returns a context that ends with it, and the function that ends it.
// The given function must make reading of the stream fail.
func (t *turn) take(ctx context.Context, stopReading func()) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	end := func() {
		cancel()
		stopReading()
	}
	t.mu.Lock()
	endPrevious, previous := t.end, t.done
	t.end, t.done = end, done
	t.mu.Unlock()
	if endPrevious != nil {
		endPrevious()
		<-previous
	}
	return ctx, func() {
		cancel()
		close(done)
	}
}
