// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

var (
	// ErrUnknownMember says that a name is not on the allow-list, or is this node's own.
	ErrUnknownMember = errors.New("not another member of the network")

	// ErrNotConnected says that there is no connection to a member at present.
	ErrNotConnected = errors.New("member not connected")
)

// Request asks a member and returns its answer, of at most MaxResponse bytes; the request may have
// at most MaxRequest. At most 4 requests to one member are under way, others wait. It fails when
// ctx ends, when the member has not answered within Config.RequestTimeout, and when it refuses.
func (h *Host) Request(ctx context.Context, to MemberID, request []byte) ([]byte, error) {
	l := h.byName[to]
	if l == nil {
		return nil, fmt.Errorf("request to %q: %w", to, ErrUnknownMember)
	}
	if len(request) > MaxRequest {
		return nil, fmt.Errorf("request to %q: %d bytes, at most %d are allowed", to, len(request), MaxRequest)
	}
	ctx, cancel := context.WithTimeout(ctx, h.settings.RequestTimeout)
	defer cancel()
	select {
	case l.asking <- struct{}{}:
		defer func() { <-l.asking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("request to %q: %w", to, ctx.Err())
	}
	conn, _ := l.current()
	if conn == nil {
		return nil, fmt.Errorf("request to %q: %w", to, ErrNotConnected)
	}
	response, err := h.exchange(ctx, conn, request)
	if err != nil {
		if errors.Is(err, errFrame) {
			l.refuse(h, RefusedLength, "answer refused", err)
		}
		return nil, fmt.Errorf("request to %q: %w", to, err)
	}
	return response, nil
}

func (h *Host) exchange(ctx context.Context, conn network.Conn, request []byte) ([]byte, error) {
	stream, err := conn.NewStream(ctx)
	if err != nil {
		return nil, err
	}
	defer stream.Reset()
	// The stream has no patience of its own: it ends with ctx.
	release := context.AfterFunc(ctx, func() { stream.Reset() })
	defer release()
	response, err := func() ([]byte, error) {
		if _, err := h.agree(stream, kindOfRequests); err != nil {
			return nil, err
		}
		w := newFrameWriter(stream, 0)
		if err := errors.Join(w.frame(request), w.Flush()); err != nil {
			return nil, err
		}
		return newFrameReader(stream, 0, MaxResponse, 0).next()
	}()
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return response, err
}

// answer serves one request of a member.
func (h *Host) answer(l *link, stream network.Stream) {
	if h.handler == nil {
		l.refuse(h, RefusedProtocol, refusals[RefusedProtocol], errors.New("no requests are answered"))
		return
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.settings.RequestTimeout)
	defer cancel()
	deadline, _ := ctx.Deadline()
	if err := stream.SetDeadline(deadline); err != nil {
		return
	}
	if err := stream.SetReadDeadline(time.Now().Add(min(h.settings.ReadTimeout, h.settings.RequestTimeout))); err != nil {
		return
	}
	request, err := newFrameReader(stream, 0, MaxRequest, 0).next()
	if err != nil {
		if reason, ok := fault(err); ok {
			l.refuse(h, reason, "request refused", err)
		}
		return
	}
	select {
	case l.answering <- struct{}{}:
		defer func() { <-l.answering }()
	case <-ctx.Done():
		return
	}
	response, err := h.handler(ctx, l.member, request)
	if err == nil && len(response) > MaxResponse {
		err = fmt.Errorf("response of %d bytes, at most %d are allowed", len(response), MaxResponse)
	}
	if err != nil {
		h.log.Debug("request of member not answered", "member", l.member, "error", err)
		return
	}
	w := newFrameWriter(stream, 0)
	if err := errors.Join(w.frame(response), w.Flush(), stream.CloseWrite()); err != nil {
		return
	}
	// A reset before the member has read everything would destroy the answer: it resets the
	// stream when it has, and the deadline ends what it does not.
	stream.SetReadDeadline(deadline)
	stream.Read(make([]byte, 1))
}
