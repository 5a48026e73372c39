// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bufio"
	"context"
	"io"
	"sync"
	"time"
)

// OpenStream opens a stream of a class beside the one the host writes to.
func (h *Host) OpenStream(to MemberID, class Class) (io.ReadWriteCloser, error) {
	conn := h.byName[to].await(h.ctx)
	stream, _, err := h.open(conn, class.String())
	return stream, err
}

// NewSpeaking is New for a release that speaks other protocol versions, newest first.
func NewSpeaking(cfg Config, versions ...int) (*Host, error) { return newHost(cfg, versions) }

// Connections returns the number of connections with a member.
func (h *Host) Connections(to MemberID) int {
	return len(h.swarm.ConnsToPeer(h.byName[to].peer))
}

// DialAtOnce has all hosts dial each other at the same moment, before Run.
func DialAtOnce(hosts ...*Host) {
	var all sync.WaitGroup
	for _, h := range hosts {
		for _, l := range h.links {
			all.Go(func() { h.swarm.DialPeer(context.Background(), l.peer) })
		}
	}
	all.Wait()
}

// Ask sends a request without waiting for its turn.
func (h *Host) Ask(ctx context.Context, to MemberID, request []byte) ([]byte, error) {
	return h.exchange(ctx, h.byName[to].await(ctx), request)
}

// ReadFrame reads one frame as a stream's reader does.
func ReadFrame(r io.Reader, shortest, longest int) ([]byte, error) {
	f := frameReader{buffered: bufio.NewReader(r), shortest: shortest, longest: longest}
	return f.next()
}

// WriteFrame writes one frame as a stream's writer does.
func WriteFrame(w io.Writer, data []byte) error {
	f := frameWriter{bufio.NewWriter(w)}
	if err := f.frame(data); err != nil {
		return err
	}
	return f.Flush()
}

// ForgetLines lets the lines of libp2p begin anew.
func ForgetLines() {
	libraryLines.mu.Lock()
	defer libraryLines.mu.Unlock()
	libraryLines.limiter, libraryLines.omitted = nil, 0
}

// Spans returns the function that takes spans of a length.
func Spans(length time.Duration) func(time.Time) time.Duration { return (&spans{length: length}).take }
