// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/sec"
	"github.com/libp2p/go-libp2p/core/transport"
	"github.com/libp2p/go-libp2p/p2p/host/eventbus"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/x/rate"
	manet "github.com/multiformats/go-multiaddr/net"
)

// dialTimeout bounds one attempt to reach one address.
const dialTimeout = 5 * time.Second

// Limits of the resource manager. A member needs 3 streams each way and those of its requests,
// and one connection, or two for the moment in which both sides dialed.
const (
	streamsPerMember     = 40 // 20 each way
	connectionsPerMember = 4
	memoryPerMember      = 32 << 20 // receive windows of its streams
	streamWindow         = 1 << 20  // 10 MiB/s on one stream at a round trip of 100 ms
)

// assemble builds a libp2p swarm of TCP, TLS 1.3 and yamux, and nothing else: no relay, discovery,
// NAT traversal, identify or other service that a closed network of known members does not need.
// The returned function frees, after the swarm was closed, what stands behind it.
func assemble(s *settings, g *gate) (*swarm.Swarm, func(), error) {
	resources, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits(len(s.contacts), s.MaxHandshakes)),
		rcmgr.WithMetricsDisabled(),
		// The library's own limits per address would refuse members behind one gateway, and a
		// member that redials every 3 s. The gate limits strangers per address; members are known.
		rcmgr.WithLimitPerSubnet([]rcmgr.ConnLimitPerSubnet{}, []rcmgr.ConnLimitPerSubnet{}),
		rcmgr.WithConnRateLimiters(&rate.Limiter{}))
	if err != nil {
		return nil, nil, fmt.Errorf("set network limits: %w", err)
	}
	peers, err := pstoremem.NewPeerstore()
	if err != nil {
		resources.Close()
		return nil, nil, fmt.Errorf("open peer store: %w", err)
	}
	release := func() {
		peers.Close()
		resources.Close()
	}
	if err := peers.AddPrivKey(s.self, s.key); err != nil {
		release()
		return nil, nil, fmt.Errorf("store network key: %w", err)
	}
	sw, err := swarm.NewSwarm(s.self, peers, eventbus.NewBus(),
		swarm.WithConnectionGater(g),
		swarm.WithResourceManager(resources),
		swarm.WithDialTimeout(dialTimeout),
		swarm.WithDialTimeoutLocal(dialTimeout),
		// One member down for long must not stop this node from dialing all others over IPv6.
		swarm.WithIPv6BlackHoleSuccessCounter(nil),
		swarm.WithUDPBlackHoleSuccessCounter(nil))
	if err != nil {
		release()
		return nil, nil, fmt.Errorf("assemble network: %w", err)
	}
	transport, err := assembleTransport(s, g, resources)
	if err == nil {
		err = sw.AddTransport(transport)
	}
	if err != nil {
		sw.Close()
		release()
		return nil, nil, fmt.Errorf("assemble network: %w", err)
	}
	return sw, release, nil
}

func assembleTransport(s *settings, g *gate, resources network.ResourceManager) (transport.Transport, error) {
	session := *yamux.DefaultTransport
	session.MaxIncomingStreams = streamsPerMember / 2
	session.MaxStreamWindowSize = streamWindow
	// A connection on which nothing came is asked for a sign of life, and given up without one.
	session.KeepAliveInterval = s.SilenceTimeout * 2 / 5
	session.ConnectionWriteTimeout = s.SilenceTimeout * 3 / 5
	muxers := []upgrader.StreamMuxer{{ID: yamux.ID, Muxer: &session}}
	security, err := libp2ptls.New(libp2ptls.ID, s.key, muxers)
	if err != nil {
		return nil, err
	}
	up, err := upgrader.New([]sec.SecureTransport{security}, muxers, nil, resources, g,
		upgrader.WithAcceptTimeout(s.HandshakeTimeout))
	if err != nil {
		return nil, err
	}
	// SO_REUSEPORT would let a second process bind the same port in silence and take half of the
	// connections.
	return tcp.NewTCPTransport(countingUpgrader{up, g}, resources, nil,
		tcp.DisableReuseport(), tcp.WithConnectionTimeout(dialTimeout))
}

// countingUpgrader has the gate count inbound connections from accept to authentication.
type countingUpgrader struct {
	transport.Upgrader
	gate *gate
}

func (u countingUpgrader) GateMaListener(l manet.Listener) transport.GatedMaListener {
	return u.Upgrader.GateMaListener(countingListener{l, u.gate})
}

func (u countingUpgrader) UpgradeGatedMaListener(t transport.Transport, l transport.GatedMaListener) transport.Listener {
	return &closableListener{Listener: u.Upgrader.UpgradeGatedMaListener(t, l)}
}

// closableListener tells the swarm plainly that it was closed: the upgrader's listener may report
// its own end as a failure, which the swarm would write to standard error.
type closableListener struct {
	transport.Listener
	closed atomic.Bool
}

func (l *closableListener) Accept() (transport.CapableConn, error) {
	conn, err := l.Listener.Accept()
	if err != nil && l.closed.Load() {
		return nil, transport.ErrListenerClosed
	}
	return conn, err
}

func (l *closableListener) Close() error {
	l.closed.Store(true)
	return l.Listener.Close()
}

// limits bounds what members may use of this node, and what strangers may before they are refused.
func limits(members, handshakes int) rcmgr.ConcreteLimitConfig {
	connections := members*connectionsPerMember + handshakes
	streams := members * streamsPerMember
	return rcmgr.PartialLimitConfig{
		System:      resourceLimits(streams, connections, int64(members+1)*memoryPerMember),
		Transient:   resourceLimits(streams, connections, int64(members+1)*memoryPerMember),
		PeerDefault: resourceLimits(streamsPerMember, connectionsPerMember, memoryPerMember),
	}.Build(rcmgr.InfiniteLimits)
}

// resourceLimits gives each direction half of the streams; connections may all be of one direction.
func resourceLimits(streams, connections int, memory int64) rcmgr.ResourceLimits {
	return rcmgr.ResourceLimits{
		Streams:         limit(streams),
		StreamsInbound:  limit(streams / 2),
		StreamsOutbound: limit(streams / 2),
		Conns:           limit(connections),
		ConnsInbound:    limit(connections),
		ConnsOutbound:   limit(connections),
		FD:              limit(connections),
		Memory:          rcmgr.LimitVal64(memory),
	}
}

// limit keeps zero from meaning "default", which here is no limit at all.
func limit(n int) rcmgr.LimitVal {
	if n == 0 {
		return rcmgr.BlockAllLimit
	}
	return rcmgr.LimitVal(n)
}
