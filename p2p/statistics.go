// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import "sync/atomic"

// Statistics are counts since New.
type Statistics struct {
	// Strangers counts connections whose authenticated peer is not a member.
	Strangers uint64

	// Crowded counts inbound connections closed unseen because too many were not authenticated.
	Crowded uint64

	// Handshakes is the number of inbound connections not authenticated yet, now.
	Handshakes int

	// Members has an entry for every member other than this node.
	Members map[MemberID]MemberStatistics
}

// MemberStatistics are the counts of one member; arrays are indexed by Class.
type MemberStatistics struct {
	Connected  bool
	Accepted   uint64          // control streams that the member accepted: connections made
	Sent       [classes]uint64 // frames handed to the network
	Dropped    [classes]uint64 // frames that Send refused or that lost their connection in the queue
	Received   [classes]uint64 // frames handed to this node
	Refused    uint64          // streams of the member for which there is no protocol or handler
	Violations uint64          // frames of the member with a length that is not allowed
}

type counters struct {
	sent, dropped, received [classes]atomic.Uint64
	accepted                atomic.Uint64
	refused, violations     atomic.Uint64
}

// Statistics returns the present counts.
func (h *Host) Statistics() Statistics {
	s := Statistics{
		Strangers: h.gate.strangers.Load(),
		Crowded:   h.gate.crowded.Load(),
		Members:   make(map[MemberID]MemberStatistics, len(h.links)),
	}
	h.gate.mu.Lock()
	s.Handshakes = h.gate.pending
	h.gate.mu.Unlock()
	for _, l := range h.links {
		m := MemberStatistics{
			Connected:  l.ready.Load(),
			Accepted:   l.counters.accepted.Load(),
			Refused:    l.counters.refused.Load(),
			Violations: l.counters.violations.Load(),
		}
		for class := range classes {
			m.Sent[class] = l.counters.sent[class].Load()
			m.Dropped[class] = l.counters.dropped[class].Load()
			m.Received[class] = l.counters.received[class].Load()
		}
		s.Members[l.member] = m
	}
	return s
}
