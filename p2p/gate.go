// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// gate is the allow-list as libp2p's connection gater, and the count of inbound connections whose
// peer is not known yet.
type gate struct {
	settings *settings
	isMember func(peer.ID) bool

	strangers atomic.Uint64 // authenticated, but no member
	crowded   atomic.Uint64 // closed at accept: too many handshakes under way
	warnings  throttle

	mu        sync.Mutex
	pending   int
	pendingOf map[netip.Prefix]int
}

func (g *gate) InterceptPeerDial(id peer.ID) bool { return g.isMember(id) }

func (g *gate) InterceptAddrDial(id peer.ID, _ ma.Multiaddr) bool { return g.isMember(id) }

// InterceptAccept allows all: countingListener has refused before what is too much.
func (g *gate) InterceptAccept(network.ConnMultiaddrs) bool { return true }

// InterceptSecured is asked when the TLS handshake has shown the peer's key.
func (g *gate) InterceptSecured(direction network.Direction, id peer.ID, conn network.ConnMultiaddrs) bool {
	if c, ok := conn.(*countedConn); ok {
		c.once.Do(c.leave)
	}
	if g.isMember(id) {
		return true
	}
	g.strangers.Add(1)
	from := conn.RemoteMultiaddr().String()
	if id == g.settings.self {
		g.settings.Logger.Error("connection refused: its peer has this node's own network key; stop the second node or give it a key of its own", "address", from)
	} else if g.warnings.pass() {
		g.settings.Logger.Warn("connection refused: not a member", "peer", id.String(), "address", from, "direction", direction.String())
	}
	return false
}

func (g *gate) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }

// enter counts a connection whose peer is not known yet, unless there are too many.
func (g *gate) enter(from netip.Prefix) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.pending >= g.settings.MaxHandshakes || g.pendingOf[from] >= g.settings.MaxHandshakesPerIP {
		return false
	}
	if g.pendingOf == nil {
		g.pendingOf = make(map[netip.Prefix]int)
	}
	g.pending++
	g.pendingOf[from]++
	return true
}

func (g *gate) leave(from netip.Prefix) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pending--
	if g.pendingOf[from]--; g.pendingOf[from] == 0 {
		delete(g.pendingOf, from)
	}
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
		from := origin(conn.RemoteAddr())
		socket, isTCP := conn.(tcpConn)
		if !isTCP || !l.gate.enter(from) {
			l.gate.crowded.Add(1)
			conn.Close()
			continue
		}
		return &countedConn{tcpConn: socket, leave: func() { l.gate.leave(from) }}, nil
	}
}

// origin is the IPv4 address, or the IPv6 /64 network, that a connection comes from.
func origin(remote net.Addr) netip.Prefix {
	at, err := netip.ParseAddrPort(remote.String())
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// tcpConn is what the TCP transport sets on a connection it accepted.
type tcpConn interface {
	manet.Conn
	SetKeepAlive(bool) error
	SetKeepAlivePeriod(time.Duration) error
	SetLinger(int) error
}

type countedConn struct {
	tcpConn
	once  sync.Once
	leave func()
}

func (c *countedConn) Close() error {
	c.once.Do(c.leave)
	return c.tcpConn.Close()
}
