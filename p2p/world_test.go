// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
)

// world is a network of members on the loopback interface, fully connected.
type world struct {
	t       testing.TB
	members []p2p.Member
	hosts   map[p2p.MemberID]*p2p.Host
	stops   map[p2p.MemberID]func()
}

const network = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

func seed(id p2p.MemberID) []byte {
	s := sha256.Sum256([]byte(id))
	return s[:]
}

func peerID(t testing.TB, id p2p.MemberID) string {
	t.Helper()
	text, err := p2p.PeerID(seed(id))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// newWorld binds a port for every name, so that each can be given the addresses of all.
func newWorld(t testing.TB, names ...p2p.MemberID) *world {
	t.Helper()
	w := &world{t: t, hosts: make(map[p2p.MemberID]*p2p.Host), stops: make(map[p2p.MemberID]func())}
	for _, id := range names {
		h, err := p2p.New(p2p.Config{Seed: seed(id), Self: id, Network: network, Listen: []string{"/ip4/127.0.0.1/tcp/0"}})
		if err != nil {
			t.Fatal(err)
		}
		w.members = append(w.members, p2p.Member{ID: id, PeerID: h.PeerID(), Addresses: h.Addresses()})
		h.Close()
	}
	t.Cleanup(func() {
		for _, stop := range w.stops {
			stop()
		}
	})
	return w
}

func (w *world) config(id p2p.MemberID) p2p.Config {
	i := slices.IndexFunc(w.members, func(m p2p.Member) bool { return m.ID == id })
	listen, _, _ := bytes.Cut([]byte(w.members[i].Addresses[0]), []byte("/p2p/"))
	return p2p.Config{Seed: seed(id), Self: id, Members: slices.Clone(w.members), Listen: []string{string(listen)}, Network: network}
}

// start runs a member; each change is made to its configuration first.
func (w *world) start(id p2p.MemberID, changes ...func(*p2p.Config)) *p2p.Host {
	w.t.Helper()
	h := w.prepare(id, changes...)
	w.run(id, h)
	return h
}

func (w *world) prepare(id p2p.MemberID, changes ...func(*p2p.Config)) *p2p.Host {
	w.t.Helper()
	c := w.config(id)
	for _, change := range changes {
		change(&c)
	}
	h, err := p2p.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.hosts[id] = h
	return h
}

func (w *world) run(id p2p.MemberID, h *p2p.Host) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	w.stops[id] = func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("run of %s: %v", id, err)
		}
		delete(w.stops, id)
	}
}

func (w *world) stop(id p2p.MemberID) { w.stops[id]() }

// eventually waits for a condition that the network brings about in its own time.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("after 8 s still not: %s", what)
}

// connect waits until each of the hosts is accepted by the number of others.
func connect(t testing.TB, others int, hosts ...*p2p.Host) {
	t.Helper()
	eventually(t, "all connected", func() bool {
		for _, h := range hosts {
			if len(h.Connected()) != others {
				return false
			}
		}
		return true
	})
}

func receive(t testing.TB, h *p2p.Host, class p2p.Class) p2p.Frame {
	t.Helper()
	select {
	case f := <-h.Received(class):
		return f
	case <-time.After(8 * time.Second):
		t.Fatalf("no %s frame within 8 s", class)
		return p2p.Frame{}
	}
}

// numbered is a frame of the given size that starts with its number.
func numbered(n, size int) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(n)), make([]byte, size-4)...)
}

func number(f p2p.Frame) int { return int(binary.BigEndian.Uint32(f.Data)) }
