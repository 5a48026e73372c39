// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
)

const (
	minPause = 100 * time.Millisecond // after the first failure; doubled by each further one
	maxPause = 3 * time.Second

	// courtesy is how long the member with the greater peer id lets the other dial first, so that
	// one connection is made and not two.
	courtesy = 500 * time.Millisecond

	// steady is how long a connection or stream must have lasted to be called good: its loss is
	// then followed by an attempt at once. A peer that refuses us ends it sooner.
	steady = 3 * time.Second

	// requestsPerMember bounds the requests under way to one member, and from one member.
	requestsPerMember = 4
)

// link is what this node knows of one other member: the connection and what waits for it.
type link struct {
	contact
	dialsFirst bool // this node has the smaller peer id

	mu      sync.Mutex
	conn    network.Conn  // the connection in use; nil: none
	changed chan struct{} // closed, and replaced, when conn changes
	serving network.Conn  // the newest on which the member has accepted the control stream

	version   atomic.Int32 // of the control stream that the member has accepted; 0: none
	queues    [classes]queue
	inbound   [classes]turn
	asking    chan struct{} // one element per request to the member
	answering chan struct{} // one element per request from the member
	counters  counters
	lines     lines
}

func newLink(c contact, dialsFirst bool) *link {
	l := &link{
		contact:    c,
		dialsFirst: dialsFirst,
		changed:    make(chan struct{}),
		asking:     make(chan struct{}, requestsPerMember),
		answering:  make(chan struct{}, requestsPerMember),
	}
	for class := range l.queues {
		l.queues[class].frames = make(chan []byte, traits[class].queued)
	}
	return l
}

// current returns the connection in use, nil if there is none, and a channel that is closed when
// that changes.
func (l *link) current() (network.Conn, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn, l.changed
}

// await returns the connection in use, as soon as there is one; nil when ctx ends.
func (l *link) await(ctx context.Context) network.Conn {
	for {
		conn, changed := l.current()
		if conn != nil {
			return conn
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// accepted takes notice that the member has accepted the control stream of a connection.
func (l *link) accepted(conn network.Conn, version int) {
	l.mu.Lock()
	l.serving = conn
	l.mu.Unlock()
	l.counters.accepted.Add(1)
	l.version.Store(int32(version))
}

// served reports whether a connection is the newest on which the member accepted the control
// stream.
func (l *link) served(conn network.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.serving == conn
}

// settle takes notice of a connection made or lost: it chooses the one to use and closes the
// others.
func (l *link) settle(s *swarm.Swarm) {
	l.mu.Lock()
	var chosen network.Conn
	var spare []network.Conn
	for _, conn := range s.ConnsToPeer(l.peer) { // oldest first
		switch {
		case conn.IsClosed():
		case chosen == nil:
			chosen = conn
		case l.prefers(chosen, conn):
			spare = append(spare, conn)
		default:
			spare, chosen = append(spare, chosen), conn
		}
	}
	if chosen != l.conn {
		l.conn = chosen
		close(l.changed)
		l.changed = make(chan struct{})
	}
	l.mu.Unlock()
	for _, conn := range spare {
		conn.Close()
	}
}

// prefers tells whether the older of two connections stays. Nobody dials a member it is connected
// with: so the younger one says that the other side has lost the older one, unless both sides
// dialed at the same time. Then both sides keep the one that the smaller peer id dialed.
func (l *link) prefers(older, younger network.Conn) bool {
	a, b := older.Stat(), younger.Stat()
	crossed := a.Direction != b.Direction && b.Opened.Sub(a.Opened) < dialTimeout
	return crossed && (a.Direction == network.DirOutbound) == l.dialsFirst
}

// dial keeps a connection to one member until the host closes.
func (h *Host) dial(l *link) {
	if len(l.addresses) == 0 {
		return
	}
	var pause backoff
	failed := false // the first failure of an outage is a warning
	for h.ctx.Err() == nil {
		if conn, changed := l.current(); conn != nil {
			since := time.Now()
			h.sleep(changed, -1)
			pause.worked(time.Since(since))
			failed = false
			continue
		}
		wait := pause.next()
		if !l.dialsFirst {
			wait += courtesy
		}
		_, changed := l.current()
		h.sleep(changed, wait)
		if conn, _ := l.current(); conn != nil || h.ctx.Err() != nil {
			continue
		}
		// The pace is set here; the swarm's own grows to minutes.
		h.swarm.Backoff().Clear(l.peer)
		ctx, cancel := context.WithTimeout(h.ctx, 2*dialTimeout)
		_, err := h.swarm.DialPeer(ctx, l.peer)
		cancel()
		if err == nil || h.ctx.Err() != nil {
			continue
		}
		if conn, _ := l.current(); conn == nil && !failed {
			failed = true
			l.log(h, &l.lines.outages, slog.LevelWarn, "cannot reach member, trying on", slog.Any("error", err))
		}
	}
}

// sleep waits for d, without limit if negative, for the channel, or for the host to close.
func (h *Host) sleep(changed <-chan struct{}, d time.Duration) {
	var elapsed <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		elapsed = timer.C
	}
	select {
	case <-elapsed:
	case <-changed:
	case <-h.ctx.Done():
	}
}

// ready reports whether the member accepts frames.
func (l *link) ready() bool { return l.version.Load() > 0 }

// lines bound what is logged of one member.
type lines struct {
	comings, goings throttle
	outages         throttle
	refusals        [reasons]throttle
	misuse          throttle // by this node itself
}

func (l *link) log(h *Host, lines *throttle, level slog.Level, message string, attrs ...slog.Attr) {
	lines.log(h.log, level, message, append([]slog.Attr{slog.String("member", string(l.member))}, attrs...)...)
}

// refuse counts and logs that something of the member was refused.
func (l *link) refuse(h *Host, reason Reason, message string, err error) {
	l.counters.refused[reason].Add(1)
	l.log(h, &l.lines.refusals[reason], slog.LevelWarn, message, slog.String("reason", reason.String()), slog.Any("error", err))
}

// backoff is the pause before the next attempt: none, 100 ms, doubling to 3 s, each ± 25 %.
type backoff struct{ pause time.Duration }

func (b *backoff) next() time.Duration {
	pause := b.pause
	b.pause = min(max(2*pause, minPause), maxPause)
	return pause*3/4 + time.Duration(rand.Int64N(int64(pause)/2+1))
}

// worked resets the pause if what was attempted has lasted.
func (b *backoff) worked(d time.Duration) {
	if d >= steady {
		b.pause = 0
	}
}
