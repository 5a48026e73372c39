// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"github.com/ipledger/ipledger/internal/address"
)

// placeKept is how long a connection keeps its place among those that are not authenticated yet, at
// least: a handshake costs more than to ask for one, so their rate is bounded and not only their
// number.
const placeKept = time.Second

// gate is the allow-list as libp2p's connection gater, and the count of inbound connections whose
// peer is not known yet.
type gate struct {
	settings *settings
	isMember func(peer.ID) bool

	strangers  atomic.Uint64 // authenticated, but no member
	crowded    atomic.Uint64 // closed at accept: too many handshakes
	unknown    atomic.Uint64 // ended before authentication
	handshakes atomic.Int64  // not authenticated yet, now

	lines struct{ strangers, twins, crowded, unknown throttle }

	mu      sync.Mutex
	taken   int // places
	takenOf map[netip.Prefix]int
	kept    []keptPlace // of connections that are authenticated or gone, until they are due
}

// keptPlace is a place that becomes free at a time. Whoever looks for a place next frees it: no
// goroutine waits for that.
type keptPlace struct {
	from netip.Prefix
	due  time.Time
}

func (g *gate) InterceptPeerDial(id peer.ID) bool { return g.isMember(id) }

func (g *gate) InterceptAddrDial(id peer.ID, _ ma.Multiaddr) bool { return g.isMember(id) }

// InterceptAccept allows all: countingListener has refused before what is too much.
func (g *gate) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured is asked when the TLS handshake has shown the peer's key.
func (g *gate) InterceptSecured(direction network.Direction, id peer.ID, conn network.ConnMultiaddrs) bool {
	if c, ok := conn.(*countedConn); ok {
		c.end(true)
	}
	if g.isMember(id) {
		return true
	}
	g.strangers.Add(1)
	from := slog.String("address", conn.RemoteMultiaddr().String())
	if id == g.settings.self {
		g.lines.twins.log(g.settings.Logger, slog.LevelError, "connection refused: its peer has this node's own network key; stop the second node or give it a key of its own", from)
	} else {
		g.lines.strangers.log(g.settings.Logger, slog.LevelWarn, "connection refused: not a member", slog.String("peer", id.String()), from, slog.String("direction", direction.String()))
	}
	return false
}

func (g *gate) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

// enter takes a place for a connection whose peer is not known yet, unless there are too many.
func (g *gate) enter(from netip.Prefix, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = slices.DeleteFunc(g.kept, func(k keptPlace) bool {
		if k.due.After(now) {
			return false
		}
		g.taken--
		if g.takenOf[k.from]--; g.takenOf[k.from] == 0 {
			delete(g.takenOf, k.from)
		}
		return true
	})
	if g.taken >= g.settings.MaxHandshakes || g.takenOf[from] >= g.settings.MaxHandshakesPerIP {
		return false
	}
	if g.takenOf == nil {
		g.takenOf = make(map[netip.Prefix]int)
	}
	g.taken++
	g.takenOf[from]++
	return true
}

// leave gives the place of a connection back as of a time, which may be over.
func (g *gate) leave(from netip.Prefix, due time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = append(g.kept, keptPlace{from, due}) // as many as there are places, at most
}

// countingListener closes at once what the gate does not let in, and counts the others until they
// are authenticated or closed.
type countingListener struct {
	manet.Listener
	gate *gate
}

func (l countingListener) Accept() (manet.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := address.Of(conn.RemoteAddr().String())
		socket, isTCP := conn.(tcpConn)
		if !isTCP || !l.gate.enter(from, time.Now()) {
			l.gate.crowded.Add(1)
			l.gate.lines.crowded.log(l.gate.settings.Logger, slog.LevelWarn, "connection closed unseen: too many peers are not authenticated yet", slog.String("address", from.String()))
			conn.Close()
			continue
		}
		l.gate.handshakes.Add(1)
		return &countedConn{tcpConn: socket, gate: l.gate, from: from, since: time.Now()}, nil
	}
}

// tcpConn is what the TCP transport sets on a connection it accepted.
type tcpConn interface {
	manet.Conn
	SetKeepAlive(bool) error
	SetKeepAlivePeriod(time.Duration) error
	SetLinger(int) error
}

// countedConn is a connection that counts as not authenticated until it ends as one.
type countedConn struct {
	tcpConn
	gate  *gate
	from  netip.Prefix
	since time.Time
	once  sync.Once
}

// end ends the wait for the peer's authentication.
func (c *countedConn) end(authenticated bool) {
	c.once.Do(func() {
		c.gate.handshakes.Add(-1)
		if !authenticated {
			c.gate.unknown.Add(1)
			c.gate.lines.unknown.log(c.gate.settings.Logger, slog.LevelInfo, "connection ended before its peer was authenticated", slog.String("address", c.from.String()))
		}
		c.gate.leave(c.from, c.since.Add(placeKept))
	})
}

func (c *countedConn) Close() error {
	c.end(false)
	return c.tcpConn.Close()
}
