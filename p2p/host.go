// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
)

// Handler answers one request of a member. It must return soon after ctx ends. An error resets
// the stream: the member learns that there is no answer, not why.
type Handler func(ctx context.Context, from MemberID, request []byte) ([]byte, error)

// Host is this node's end of the network. Its methods may be called from any goroutine.
type Host struct {
	settings *settings
	log      *slog.Logger
	swarm    *swarm.Swarm
	release  func() // frees what stands behind the swarm
	gate     *gate

	// The allow-list, with one link per member other than this node. Fixed by New.
	links  []*link
	byName map[MemberID]*link
	byPeer map[peer.ID]*link

	received [classes]chan Frame
	handler  Handler

	ctx     context.Context // ends when the host closes
	stop    context.CancelFunc
	running chan struct{} // closed by Run: inbound streams wait for it
	started atomic.Bool
	closing sync.Once

	mu     sync.Mutex // guards closed against a goroutine that starts while Close waits
	closed bool
	owned  sync.WaitGroup
}

// New checks cfg and binds the listen addresses. The host dials and answers once Run is called; a
// host that will not run must be closed.
func New(cfg Config) (*Host, error) { return newHost(cfg, versions) }

func newHost(cfg Config, versions []int) (*Host, error) {
	s, err := cfg.check()
	if err != nil {
		return nil, err
	}
	s.versions = versions
	followLibrary(s.Logger)
	h := &Host{
		settings: s,
		log:      s.Logger,
		byName:   make(map[MemberID]*link),
		byPeer:   make(map[peer.ID]*link),
		running:  make(chan struct{}),
	}
	h.ctx, h.stop = context.WithCancel(context.Background())
	for class := range Class(classes) {
		h.received[class] = make(chan Frame, traits[class].received)
	}
	for _, c := range s.contacts {
		l := newLink(c, s.self < c.peer)
		h.links = append(h.links, l)
		h.byName[c.member], h.byPeer[c.peer] = l, l
	}
	h.gate = &gate{settings: s, isMember: func(id peer.ID) bool { return h.byPeer[id] != nil }}
	if h.swarm, h.release, err = assemble(s, h.gate); err != nil {
		h.stop()
		return nil, err
	}
	for _, l := range h.links {
		h.swarm.Peerstore().AddAddrs(l.peer, l.addresses, peerstore.PermanentAddrTTL)
	}
	h.swarm.Notify(&network.NotifyBundle{ConnectedF: h.connected, DisconnectedF: h.disconnected})
	h.swarm.SetStreamHandler(h.accept)
	for _, address := range s.listen {
		if err := h.swarm.AddListenAddr(address); err != nil {
			h.Close()
			if errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("listen on %s: the port is in use, perhaps by this node running already: stop that process or choose another listen address: %w", address, err)
			}
			return nil, fmt.Errorf("listen on %s: %w", address, err)
		}
	}
	return h, nil
}

// Serve names the handler of other members' requests; without one they are refused. It must be
// called before Run.
func (h *Host) Serve(handler Handler) {
	if h.started.Load() {
		panic("p2p: Serve after Run")
	}
	h.handler = handler
}

// Run dials the members, keeps the connections and moves frames until ctx ends. When it returns,
// every connection is closed and every goroutine of the host has ended. It runs once.
func (h *Host) Run(ctx context.Context) error {
	if h.started.Swap(true) {
		return errors.New("run network: the host was run before")
	}
	defer h.Close()
	close(h.running)
	for _, l := range h.links {
		h.spawn(func() { h.dial(l) })
		for class := range Class(classes) {
			h.spawn(func() { h.write(l, class) })
		}
	}
	select {
	case <-ctx.Done():
	case <-h.ctx.Done():
	}
	return nil
}

// Close frees the listen addresses and ends Run. It returns when everything is closed, and may be
// called again.
func (h *Host) Close() {
	h.closing.Do(func() {
		h.stop()
		h.mu.Lock()
		h.closed = true
		h.mu.Unlock()
		h.swarm.Close()
		h.owned.Wait()
		h.release()
	})
}

// enter makes Close wait for the calling goroutine until it calls owned.Done. It reports false if
// the host is closing.
func (h *Host) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.owned.Add(1)
	return true
}

// spawn runs f in a goroutine that Close waits for, unless the host is closing.
func (h *Host) spawn(f func()) {
	if !h.enter() {
		return
	}
	go func() {
		defer h.owned.Done()
		f()
	}()
}

// Received returns the frames of one class that members sent. The channel is never closed. While
// it is full, members that send this class are held back, and served in turn when it drains.
func (h *Host) Received(class Class) <-chan Frame { return h.received[class] }

// Connected returns the members that accept this node's frames at present, in the order of the
// allow-list.
func (h *Host) Connected() []MemberID {
	var connected []MemberID
	for _, l := range h.links {
		if l.ready() {
			connected = append(connected, l.member)
		}
	}
	return connected
}

// PeerID returns this node's libp2p peer id in text form.
func (h *Host) PeerID() string { return h.settings.self.String() }

// Addresses returns the bound multiaddrs, each with /p2p/ and the peer id at its end, ready for
// another node's Member.Addresses.
func (h *Host) Addresses() []string {
	var addresses []string
	for _, a := range h.swarm.ListenAddresses() {
		addresses = append(addresses, a.String()+"/p2p/"+h.settings.self.String())
	}
	return addresses
}

// connected is called by the swarm after a connection was made.
func (h *Host) connected(_ network.Network, conn network.Conn) {
	if l := h.byPeer[conn.RemotePeer()]; l != nil {
		l.counters.connections.Add(1)
		l.settle(h.swarm)
	}
}

// disconnected is called by the swarm after a connection was lost.
func (h *Host) disconnected(_ network.Network, conn network.Conn) {
	l := h.byPeer[conn.RemotePeer()]
	if l == nil {
		return
	}
	l.settle(h.swarm)
	if now, _ := l.current(); now == nil && !l.served(conn) && h.ctx.Err() == nil {
		l.log(h, &l.lines.outages, slog.LevelWarn, "connection lost before the member accepted a stream: is this node on its list of members?",
			slog.String("address", conn.RemoteMultiaddr().String()))
	}
}

// open opens a stream on conn and agrees on the version of its protocol.
func (h *Host) open(conn network.Conn, kind string) (stream network.Stream, version int, err error) {
	ctx, cancel := context.WithTimeout(h.ctx, h.settings.HandshakeTimeout)
	defer cancel()
	if stream, err = conn.NewStream(ctx); err != nil {
		return nil, 0, err
	}
	if version, err = h.agree(stream, kind); err != nil {
		stream.Reset()
		return nil, 0, err
	}
	return stream, version, nil
}
