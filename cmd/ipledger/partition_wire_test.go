// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipledger/ipledger/node/config"
)

// A wiring is the wires between the nodes of a network, which the test can cut: each
// node finds each other one at an address of the test, which carries the bytes on.
// Either may dial, so between two nodes there are two addresses; what passes from
// one node to the other obeys one way, whoever dialed.
//
// A cut way is as a network that loses every packet and a TCP that repeats them, each
// time after twice as long: what was sent is held, also the end of a connection, and
// arrives with the first repetition that finds the way whole. A new connection comes
// about only when both ways between its ends are whole. One thing is worse than in a
// network: there TCP soon halts the other direction too, for want of
// acknowledgements; here that goes on.
type wiring struct {
	ways map[[2]string]*way // from, to

	ctx       context.Context
	cancel    context.CancelFunc
	listeners []net.Listener
	done      sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// A way is one direction between two nodes.
type way struct {
	carried atomic.Int64 // bytes
	isCut   atomic.Bool
}

// newWiring makes wires between nodes of some names, all whole.
func newWiring(t *testing.T, names ...string) *wiring {
	w := &wiring{ways: make(map[[2]string]*way), conns: make(map[net.Conn]bool)}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	for _, from := range names {
		for _, to := range names {
			if from != to {
				w.ways[[2]string{from, to}] = new(way)
			}
		}
	}
	t.Cleanup(w.close)
	return w
}

// configure has the node of a configuration reach all others by wire.
func (w *wiring) configure(c *config.Config) error {
	for peer, addresses := range c.Peers {
		host, port, ok := strings.Cut(strings.TrimPrefix(addresses[0], "/ip4/"), "/tcp/")
		if !ok {
			return fmt.Errorf("address %q has no TCP port", addresses[0])
		}
		at, err := w.between(c.Name, peer, net.JoinHostPort(host, port))
		if err != nil {
			return err
		}
		c.Peers[peer] = []string{"/ip4/127.0.0.1/tcp/" + strconv.Itoa(at.Port)}
	}
	return nil
}

// between gives the address at which one node reaches another, which listens at an
// address of its own.
func (w *wiring) between(dialer, listener, address string) (*net.TCPAddr, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w.listeners = append(w.listeners, l)
	there, back := w.way(dialer, listener), w.way(listener, dialer)
	w.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			w.done.Go(func() { w.connect(conn.(*net.TCPConn), address, there, back) })
		}
	})
	return l.Addr().(*net.TCPAddr), nil
}

func (w *wiring) way(from, to string) *way { return w.ways[[2]string{from, to}] }

// connect carries one connection from its beginning to its end.
func (w *wiring) connect(in *net.TCPConn, address string, there, back *way) {
	if !w.own(in) {
		return
	}
	defer w.drop(in)
	if !repeat(w.ctx, redial, there, back) {
		return
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		_ = in.SetLinger(0) // refused
		return
	}
	out := conn.(*net.TCPConn)
	if !w.own(out) {
		return
	}
	defer w.drop(out)
	var pumps sync.WaitGroup
	pumps.Go(func() { there.pump(w.ctx, out, in, back) })
	pumps.Go(func() { back.pump(w.ctx, in, out, there) })
	pumps.Wait()
}

// own keeps a connection, to be closed at the end.
func (w *wiring) own(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx.Err() != nil {
		_ = c.Close()
		return false
	}
	w.conns[c] = true
	return true
}

func (w *wiring) drop(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
	_ = c.Close()
}

// close ends all wires.
func (w *wiring) close() {
	w.cancel()
	for _, l := range w.listeners {
		_ = l.Close()
	}
	w.mu.Lock()
	for c := range w.conns {
		_ = c.Close()
	}
	w.mu.Unlock()
	w.done.Wait()
}

// pump carries what comes from src to dst.
func (v *way) pump(ctx context.Context, dst, src *net.TCPConn, back *way) {
	buffer := make([]byte, 64<<10)
	for {
		n, failed := src.Read(buffer)
		if !repeat(ctx, resend, v) {
			return
		}
		if n > 0 {
			if _, err := dst.Write(buffer[:n]); err != nil {
				// The receiver has closed. Its sender learns that by the way back.
				if repeat(ctx, resend, back) {
					_ = src.SetLinger(0)
					_ = src.Close()
				}
				return
			}
			v.carried.Add(int64(n))
		}
		switch {
		case errors.Is(failed, io.EOF):
			_ = dst.CloseWrite()
			return
		case failed != nil:
			_ = dst.SetLinger(0)
			_ = dst.Close()
			return
		}
	}
}

// When TCP repeats for the first time what got no answer: data, and a request for a
// connection.
const (
	resend = 200 * time.Millisecond
	redial = time.Second
)

// repeat waits until some ways are whole at the moment of a repetition.
func repeat(ctx context.Context, after time.Duration, ways ...*way) bool {
	for ; ; after *= 2 {
		lost := false
		for _, v := range ways {
			lost = lost || v.isCut.Load()
		}
		if !lost {
			return ctx.Err() == nil
		}
		select {
		case <-time.After(after):
		case <-ctx.Done():
			return false
		}
	}
}

// cut cuts both ways between each of some nodes and each of others.
func (w *wiring) cut(some, others []string) {
	for _, a := range some {
		for _, b := range others {
			w.way(a, b).isCut.Store(true)
			w.way(b, a).isCut.Store(true)
		}
	}
}

// heal makes every way whole.
func (w *wiring) heal() {
	for _, v := range w.ways {
		v.isCut.Store(false)
	}
}

// A wire under test joins a client with a listener that is the node b.
func wireUnderTest(t *testing.T) (w *wiring, dial func() net.Conn, accepted chan net.Conn) {
	w = newWiring(t, "a", "b")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = l.Close() })
	accepted = make(chan net.Conn, 8)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	at, err := w.between("a", "b", l.Addr().String())
	check(t, err)
	return w, func() net.Conn {
		c, err := net.Dial("tcp", at.String())
		check(t, err)
		t.Cleanup(func() { _ = c.Close() })
		return c
	}, accepted
}

// reads gives what arrives within a time.
func reads(t *testing.T, c net.Conn, want int, within time.Duration) (string, error) {
	t.Helper()
	check(t, c.SetReadDeadline(time.Now().Add(within)))
	text := make([]byte, want)
	n, err := io.ReadFull(c, text)
	return string(text[:n]), err
}

const (
	noTime = 100 * time.Millisecond // in which nothing must arrive
	plenty = 10 * time.Second       // in which it must
)

func TestACutWayHoldsWhatIsSentAndTheOtherWayGoesOn(t *testing.T) {
	w, dial, accepted := wireUnderTest(t)
	a := dial()
	b := <-accepted
	defer b.Close()
	write := func(c net.Conn, text string) {
		t.Helper()
		_, err := c.Write([]byte(text))
		check(t, err)
	}
	write(a, "one")
	if got, err := reads(t, b, 3, plenty); got != "one" {
		t.Fatalf("a whole way carries %q, %v", got, err)
	}
	w.way("a", "b").isCut.Store(true)
	write(a, "two")
	if got, err := reads(t, b, 3, noTime); got != "" {
		t.Errorf("a cut way carries %q, %v", got, err)
	}
	write(b, "six")
	if got, err := reads(t, a, 3, plenty); got != "six" {
		t.Errorf("the way that is whole carries %q, %v", got, err)
	}
	check(t, a.(*net.TCPConn).CloseWrite())
	if got, err := reads(t, b, 1, noTime); got != "" || errors.Is(err, io.EOF) {
		t.Errorf("the end of a connection passes a cut way: %q, %v", got, err)
	}
	w.heal()
	if got, err := reads(t, b, 3, plenty); got != "two" {
		t.Errorf("a healed way brings %q, %v", got, err)
	}
	if _, err := reads(t, b, 1, plenty); !errors.Is(err, io.EOF) {
		t.Errorf("a healed way does not bring the end: %v", err)
	}
	if n := w.way("a", "b").carried.Load(); n != 6 {
		t.Errorf("%d bytes are counted, want 6", n)
	}
}

func TestNoConnectionComesAboutOverACutWire(t *testing.T) {
	t.Parallel() // it waits, and computes nothing
	for _, cut := range [][2]string{{"a", "b"}, {"b", "a"}} {
		w, dial, accepted := wireUnderTest(t)
		w.way(cut[0], cut[1]).isCut.Store(true)
		dial()
		select {
		case <-accepted:
			t.Errorf("a connection came about with the way from %s to %s cut", cut[0], cut[1])
		case <-time.After(noTime):
		}
		w.heal()
		select {
		case c := <-accepted:
			_ = c.Close()
		case <-time.After(plenty):
			t.Error("no connection came about over a healed wire")
		}
	}
}
