// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/ipledger/ipledger/internal/address"
)

// A bounded listener closes a connection at once if there are too many, in all
// or of one address: it does not wait for room, since then those that hold
// connections open would keep out everybody else.
type bounded struct {
	net.Listener
	total, perAddress int

	refusedTotal, refusedAddress atomic.Uint64

	mu   sync.Mutex
	open int
	of   map[netip.Prefix]int
}

func newBounded(l net.Listener, total, perAddress int) *bounded {
	return &bounded{Listener: l, total: total, perAddress: perAddress, of: make(map[netip.Prefix]int)}
}

// Accept gives the next connection for which there is room.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := address.Of(conn.RemoteAddr().String())
		if b.take(from) {
			return &boundedConn{Conn: conn, leave: sync.OnceFunc(func() { b.leave(from) })}, nil
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // nothing of a refused connection stays behind
		}
		_ = conn.Close()
	}
}

func (b *bounded) take(from netip.Prefix) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.open >= b.total:
		b.refusedTotal.Add(1)
		return false
	case b.of[from] >= b.perAddress:
		b.refusedAddress.Add(1)
		return false
	}
	b.open++
	b.of[from]++
	return true
}

func (b *bounded) leave(from netip.Prefix) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open--
	if b.of[from]--; b.of[from] == 0 {
		delete(b.of, from)
	}
}

// count is the number of open connections.
func (b *bounded) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.open
}

type boundedConn struct {
	net.Conn
	leave func()
}

func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
