// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"context"
	"io"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

func TestStrangerIsRefused(t *testing.T) {
	w := newWorld(t, "bank", "office", "thief")
	bank := w.start("bank", func(c *p2p.Config) { c.Members = c.Members[:2] })
	office := w.start("office", func(c *p2p.Config) { c.Members = c.Members[:2] })
	thief := w.start("thief")
	eventually(t, "the thief is seen", func() bool { return bank.Statistics().Strangers > 0 && office.Statistics().Strangers > 0 })
	connect(t, 1, bank, office)
	if c := thief.Connected(); len(c) > 0 {
		t.Errorf("the thief is connected with %v", c)
	}
	if thief.Send("bank", p2p.Control, []byte("vote")) {
		t.Error("the thief can send")
	}
	if _, err := thief.Request(t.Context(), "bank", nil); err == nil {
		t.Error("the thief can ask")
	}
}

func TestOtherNetworkIsRefused(t *testing.T) {
	w := newWorld(t, "bank", "office")
	bank := w.start("bank")
	office := w.start("office", func(c *p2p.Config) { c.Network = "ff" + network[2:] })
	eventually(t, "streams refused on both sides", func() bool {
		return bank.Statistics().Members["office"].Refused[p2p.RefusedNetwork] > 0 && office.Statistics().Members["bank"].Refused[p2p.RefusedNetwork] > 0
	})
	if len(bank.Connected())+len(office.Connected()) > 0 {
		t.Error("connected across networks")
	}
	if bank.Send("office", p2p.Control, []byte("vote")) {
		t.Error("sent across networks")
	}
}

// hostPort returns the address of the host for net.Dial.
func hostPort(t testing.TB, h *p2p.Host) string {
	t.Helper()
	address, err := ma.NewMultiaddr(h.Addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	bare, _ := ma.SplitLast(address)
	_, at, err := manet.DialArgs(bare)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// raw opens TCP connections to the host, without any libp2p.
func raw(t *testing.T, h *p2p.Host, count int) []net.Conn {
	t.Helper()
	var conns []net.Conn
	for range count {
		c, err := net.Dial("tcp", hostPort(t, h))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		conns = append(conns, c)
	}
	return conns
}

// endedWithin counts the connections that the other side ends within d.
func endedWithin(conns []net.Conn, d time.Duration) int {
	ended := 0
	deadline := time.Now().Add(d)
	for _, c := range conns {
		c.SetReadDeadline(deadline)
		_, err := io.Copy(io.Discard, c)
		if timeout, ok := err.(net.Error); !ok || !timeout.Timeout() {
			ended++
		}
	}
	return ended
}

func TestGarbageOnThePortDoesNothing(t *testing.T) {
	w := newWorld(t, "bank", "office")
	bank := w.start("bank", func(c *p2p.Config) { c.HandshakeTimeout = 400 * time.Millisecond })
	conns := raw(t, bank, 3)
	conns[0].Write([]byte("GET / HTTP/1.1\r\nHost: bank\r\n\r\n"))
	conns[1].Write(make([]byte, 1<<16))
	conns[2].Write([]byte("\x13/multistream/1.0.0\n\x0b/tls/1.0.0\n" + strings.Repeat("\xff", 100)))
	if n := endedWithin(conns, 4*time.Second); n != 3 {
		t.Errorf("%d of 3 connections were ended", n)
	}
	connect(t, 1, bank, w.start("office"))
	eventually(t, "nothing remains", func() bool { return bank.Statistics().Handshakes == 0 })
}

func TestHandshakesAreCappedAndTimeOut(t *testing.T) {
	t.Parallel() // it waits most of the time
	for name, limit := range map[string]func(*p2p.Config){
		"per address": func(c *p2p.Config) { c.MaxHandshakesPerIP = 4 },
		"in total":    func(c *p2p.Config) { c.MaxHandshakes = 4 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "bank", "office")
			bank := w.start("bank", limit, func(c *p2p.Config) {
				c.HandshakeTimeout = 400 * time.Millisecond
				c.Members[1].Addresses = nil // the office must get in
			})
			conns := raw(t, bank, 20)
			eventually(t, "16 are closed at once", func() bool { return bank.Statistics().Crowded == 16 })
			if n := bank.Statistics().Handshakes; n > 4 {
				t.Errorf("%d handshakes under way, at most 4 are allowed", n)
			}
			if n := endedWithin(conns, 4*time.Second); n != 20 {
				t.Errorf("%d of 20 silent connections were ended", n)
			}
			eventually(t, "none is counted any more", func() bool { return bank.Statistics().Handshakes == 0 })
			connect(t, 1, bank, w.start("office"))
			if n := bank.Statistics().Handshakes; n != 0 {
				t.Errorf("%d handshakes are counted after the member's", n)
			}
		})
	}
}

func TestLateMemberIsReachedByTheOneThatDials(t *testing.T) {
	w := newWorld(t, "bank", "office")
	bank := w.start("bank")
	time.Sleep(600 * time.Millisecond) // some attempts fail
	began := time.Now()
	connect(t, 1, bank, w.start("office", func(c *p2p.Config) { c.Members[0].Addresses = nil }))
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("reached after %v", took)
	}
}

func TestRestartedMemberIsReconnected(t *testing.T) {
	w := newWorld(t, "bank", "office")
	bank, office := w.start("bank"), w.start("office")
	connect(t, 1, bank, office)
	for _, again := range []p2p.MemberID{"bank", "office"} {
		other := map[p2p.MemberID]p2p.MemberID{"bank": "office", "office": "bank"}[again]
		w.stop(again)
		stays := w.hosts[other]
		eventually(t, "loss is noticed", func() bool { return len(stays.Connected()) == 0 })
		if stays.Send(again, p2p.Control, []byte("vote")) {
			t.Error("accepted a frame for a member that is gone")
		}
		began := time.Now()
		back := w.start(again)
		connect(t, 1, stays, back)
		took := time.Since(began)
		t.Logf("%s back after %v", again, took.Round(time.Millisecond))
		if took > 2*time.Second {
			t.Errorf("reconnected after %v", took)
		}
		if !stays.Send(again, p2p.Control, []byte("welcome")) {
			t.Fatal("frame dropped")
		}
		if f := receive(t, back, p2p.Control); f.From != other || string(f.Data) != "welcome" {
			t.Errorf("got %q from %s", f.Data, f.From)
		}
	}
}

func TestOneSideMayBeDialedOnly(t *testing.T) {
	for _, hidden := range []int{0, 1} {
		w := newWorld(t, "bank", "office")
		bank := w.start("bank", func(c *p2p.Config) {
			c.Members[hidden].Addresses = nil
		})
		office := w.start("office", func(c *p2p.Config) {
			c.Members[hidden].Addresses = nil
		})
		connect(t, 1, bank, office)
	}
}

func TestMemberIsFoundByItsHostName(t *testing.T) {
	w := newWorld(t, "bank", "office")
	for i, m := range w.members {
		w.members[i].Addresses = []string{strings.Replace(m.Addresses[0], "/ip4/127.0.0.1", "/dns4/localhost", 1)}
	}
	listen := func(c *p2p.Config) {
		c.Listen = []string{strings.Replace(c.Listen[0], "/dns4/localhost", "/ip4/127.0.0.1", 1)}
	}
	connect(t, 1, w.start("bank", listen), w.start("office", listen))
}

func TestOneConnectionRemainsWhenAllDialAtOnce(t *testing.T) {
	w := newWorld(t, "bank", "office", "court")
	hosts := []*p2p.Host{w.prepare("bank"), w.prepare("office"), w.prepare("court")}
	p2p.DialAtOnce(hosts...)
	// Nobody dials again yet: both sides of each pair must have kept the same connection.
	eventually(t, "one connection per pair", func() bool {
		for _, h := range hosts {
			for id, other := range w.hosts {
				if other != h && h.Connections(id) != 1 {
					return false
				}
			}
		}
		return true
	})
	for id, h := range w.hosts {
		w.run(id, h)
	}
	connect(t, 2, hosts...)
}

// A cut cable closes no connection: only the silence tells.
func TestSilentConnectionIsReplaced(t *testing.T) {
	t.Parallel() // it waits most of the time
	const silence = time.Second
	patience := func(c *p2p.Config) { c.SilenceTimeout = silence }
	w := newWorld(t, "bank", "office")
	office := w.start("office", patience, func(c *p2p.Config) { c.Members[0].Addresses = nil })
	cable := newCable(t, office)
	bank := w.start("bank", patience, func(c *p2p.Config) {
		c.Members[1].Addresses = []string{"/ip4/127.0.0.1/tcp/" + strconv.Itoa(cable.Addr().(*net.TCPAddr).Port)}
	})
	connect(t, 1, bank, office)
	time.Sleep(2 * silence) // nothing is sent, and yet the connection stands
	if n := bank.Statistics().Members["office"].Accepted; n != 1 {
		t.Fatalf("%d connections, want the first", n)
	}
	cable.cut.Store(true)
	began := time.Now()
	eventually(t, "a new connection", func() bool {
		return bank.Statistics().Members["office"].Accepted == 2 && office.Statistics().Members["bank"].Accepted == 2
	})
	if took := time.Since(began); took > 3*silence {
		t.Errorf("a new connection %v after the old one fell silent, want little more than %v", took, silence)
	}
	if !bank.Send("office", p2p.Control, []byte("vote")) {
		t.Fatal("frame dropped")
	}
	receive(t, office, p2p.Control)
}

// cable forwards connections to a host until it is cut; then the first ones fall silent, and later
// ones pass.
type cable struct {
	net.Listener
	cut atomic.Bool
}

func newCable(t *testing.T, to *p2p.Host) *cable {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	c := &cable{Listener: l}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", hostPort(t, to))
			if err != nil {
				near.Close()
				continue
			}
			late := c.cut.Load()
			forward := func(to, from net.Conn) {
				buffer := make([]byte, 4096)
				for {
					n, err := from.Read(buffer)
					silent := c.cut.Load() && !late
					if err != nil {
						if !silent {
							to.Close()
						}
						return // cut: the other end does not learn of it
					}
					if silent {
						continue
					}
					to.Write(buffer[:n])
				}
			}
			go forward(near, far)
			go forward(far, near)
		}
	}()
	return c
}

func TestBusyPortIsExplained(t *testing.T) {
	w := newWorld(t, "bank")
	w.start("bank")
	_, err := p2p.New(w.config("bank"))
	if err == nil || !strings.Contains(err.Error(), "the port is in use") {
		t.Errorf("second host on the same port: %v", err)
	}
}

func TestNothingRemainsAfterRun(t *testing.T) {
	before := runtime.NumGoroutine()
	w := newWorld(t, "bank", "office", "court")
	bank, office, court := w.start("bank"), w.start("office"), w.start("court")
	connect(t, 2, bank, office, court)
	// Some readers wait for a full channel, some writers for a full window, when the end comes.
	for range 200 {
		bank.Send("office", p2p.Blocks, make([]byte, p2p.MaxBlocksFrame))
		court.Send("office", p2p.Transactions, make([]byte, 1000))
	}
	raw(t, office, 2)
	for _, id := range []p2p.MemberID{"office", "bank", "court"} {
		began := time.Now()
		w.stop(id)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %v to end", id, took)
		}
	}
	eventually(t, "all goroutines ended", func() bool { return runtime.NumGoroutine() <= before })
	if err := bank.Run(context.Background()); err == nil {
		t.Error("a host ran twice")
	}
	bank.Close() // again, and after the end
	if len(bank.Connected()) > 0 || bank.Send("office", p2p.Control, []byte("vote")) {
		t.Error("a closed host is connected")
	}
}
