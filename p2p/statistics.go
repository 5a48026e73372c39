// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"fmt"
	"sync/atomic"
)

// Reason is why something of a member was refused: a stream, and with it the frame or request
// that it carried.
type Reason uint8

// The reasons.
const (
	RefusedVersion  Reason = iota // it speaks no protocol version that this node speaks
	RefusedNetwork                // it belongs to another network
	RefusedProtocol               // it asked for what this node does not serve, or for nothing in time
	RefusedLength                 // a frame's length is not allowed
	RefusedStalled                // a frame that had begun did not arrive in time
	RefusedOurs                   // not a refusal by this node: the member refused this node's streams

	reasons = 6
)

// String returns the reason in one word, fit for a label of a metric.
func (r Reason) String() string {
	if r >= reasons {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return [reasons]string{"version", "network", "protocol", "length", "stalled", "ours"}[r]
}

// Statistics are counts since New.
type Statistics struct {
	// Strangers counts connections whose authenticated peer is not a member.
	Strangers uint64

	// Crowded counts inbound connections closed unseen because too many were not authenticated.
	Crowded uint64

	// Unknown counts inbound connections that ended before their peer was authenticated.
	Unknown uint64

	// Handshakes is the number of inbound connections not authenticated yet, now.
	Handshakes int

	// Members has an entry for every member other than this node.
	Members map[MemberID]MemberStatistics
}

// MemberStatistics are the counts of one member.
type MemberStatistics struct {
	Connected   bool
	Version     int             // protocol version of the control stream; 0: not connected
	Connections uint64          // connections made, also those that came to nothing
	Accepted    uint64          // control streams that the member accepted
	Sent        [classes]uint64 // by Class: frames handed to the network
	Dropped     [classes]uint64 // by Class: frames that Send refused or that lost their connection in the queue
	Received    [classes]uint64 // by Class: frames handed to this node
	Refused     [reasons]uint64 // by Reason: streams refused or reset
}

type counters struct {
	sent, dropped, received [classes]atomic.Uint64
	refused                 [reasons]atomic.Uint64
	connections, accepted   atomic.Uint64
}

// Statistics returns the present counts.
func (h *Host) Statistics() Statistics {
	s := Statistics{
		Strangers:  h.gate.strangers.Load(),
		Crowded:    h.gate.crowded.Load(),
		Unknown:    h.gate.unknown.Load(),
		Handshakes: int(h.gate.handshakes.Load()),
		Members:    make(map[MemberID]MemberStatistics, len(h.links)),
	}
	for _, l := range h.links {
		version := int(l.version.Load())
		m := MemberStatistics{
			Connected:   version > 0,
			Version:     version,
			Connections: l.counters.connections.Load(),
			Accepted:    l.counters.accepted.Load(),
		}
		for class := range classes {
			m.Sent[class] = l.counters.sent[class].Load()
			m.Dropped[class] = l.counters.dropped[class].Load()
			m.Received[class] = l.counters.received[class].Load()
		}
		for reason := range reasons {
			m.Refused[reason] = l.counters.refused[reason].Load()
		}
		s.Members[l.member] = m
	}
	return s
}
