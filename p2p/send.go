// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/multiformats/go-multistream"
)

// queue holds the frames of one class that wait to be sent to one member. What finds it full is
// dropped: the layers above send again what matters.
type queue struct {
	frames chan []byte
	size   atomic.Int64 // bytes in frames
}

// add reports whether the frame found room.
func (q *queue) add(frame []byte, limit int64) bool {
	if q.size.Add(int64(len(frame))) <= limit {
		select {
		case q.frames <- frame:
			return true
		default:
		}
	}
	q.size.Add(-int64(len(frame)))
	return false
}

func (q *queue) took(frame []byte) { q.size.Add(-int64(len(frame))) }

// clear drops what waits.
func (q *queue) clear() (dropped uint64) {
	for {
		select {
		case frame := <-q.frames:
			q.took(frame)
			dropped++
		default:
			return dropped
		}
	}
}

// Send queues a frame for a member and never blocks. It reports false if the frame was dropped:
// the member is unknown or does not accept frames at present, the queue of the class is full, or
// the frame is empty or longer than the class allows. True is no promise of delivery. The frame
// must not be changed afterwards; one frame may be sent to many members.
func (h *Host) Send(to MemberID, class Class, frame []byte) bool {
	l := h.byName[to]
	if l == nil || class >= classes {
		return false
	}
	if len(frame) == 0 || len(frame) > class.MaxFrame() {
		l.log(h, &l.lines.misuse, slog.LevelError, "frame not sent: its length is not allowed", slog.String("class", class.String()), slog.Int("bytes", len(frame)))
		return false
	}
	if !l.ready() || !l.queues[class].add(frame, int64(traits[class].queuedSize)) {
		l.counters.dropped[class].Add(1)
		return false
	}
	return true
}

// refusedPause is how long a member that refuses a stream is left alone on the same connection.
const refusedPause = 30 * time.Second

// write keeps a stream of one class to one member open while there is a connection, and moves the
// queue through it.
func (h *Host) write(l *link, class Class) {
	var pause backoff
	q := &l.queues[class]
	for h.ctx.Err() == nil {
		conn, changed := l.current()
		if conn == nil {
			// What waited for a connection that is gone is stale by the time there is another one.
			l.counters.dropped[class].Add(q.clear())
			l.await(h.ctx)
			continue
		}
		h.sleep(changed, pause.next())
		if now, _ := l.current(); now != conn {
			continue
		}
		stream, version, err := h.open(conn, class.String())
		if errors.As(err, new(multistream.ErrNotSupported[protocol.ID])) {
			l.counters.refused[RefusedOurs].Add(1)
			if class == Control {
				l.log(h, &l.lines.refusals[RefusedOurs], slog.LevelWarn, "member refuses our streams: it speaks other versions or belongs to another network",
					slog.String("reason", RefusedOurs.String()), slog.Any("error", fmt.Errorf("this node speaks %s: %w", versionsText(h.settings.versions), err)))
			}
			// A process does not learn another version: the next one will make a new connection.
			h.sleep(changed, refusedPause)
		}
		if err != nil {
			continue
		}
		began := time.Now()
		if class == Control {
			l.accepted(conn, version)
			l.log(h, &l.lines.comings, slog.LevelInfo, "member connected", slog.String("address", conn.RemoteMultiaddr().String()),
				slog.String("direction", conn.Stat().Direction.String()), slog.Int("version", version))
		}
		err = h.pump(l, class, stream)
		if class == Control {
			l.version.Store(0)
			l.log(h, &l.lines.goings, slog.LevelInfo, "member disconnected", slog.Any("reason", err))
		}
		stream.Reset()
		pause.worked(time.Since(began))
		if h.ctx.Err() == nil {
			h.log.Debug("stream to member ended", "member", l.member, "class", class.String(), "error", err)
		}
	}
}

// errEnded says that the receiver has ended a stream.
var errEnded = errors.New("stream ended by the receiver")

// pump writes queued frames until the stream fails or the host closes. Frames that wait together
// leave together.
func (h *Host) pump(l *link, class Class, stream network.Stream) error {
	// Nothing is ever sent back on the stream: a read that returns is its end, noticed here even
	// when there is nothing to write.
	ended := make(chan struct{})
	h.spawn(func() {
		defer close(ended)
		stream.Read(make([]byte, 1))
	})
	q := &l.queues[class]
	w := newFrameWriter(stream, h.settings.WriteTimeout)
	spans := spans{length: traits[class].span}
	for {
		var frame []byte
		select {
		case frame = <-q.frames:
		case <-ended:
			return errEnded
		case <-h.ctx.Done():
			return h.ctx.Err()
		}
		if wait := spans.take(time.Now()); wait > 0 {
			h.sleep(ended, wait)
		}
		for more := true; more; {
			q.took(frame)
			if err := w.frame(frame); err != nil {
				return err
			}
			l.counters.sent[class].Add(1)
			select {
			case frame = <-q.frames:
			default:
				more = false
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
}

// spans divides time so that a class is written once in each span. What comes into a span that is
// taken waits for the next, what comes into a free one does not wait. All members' spans begin at
// the same moments: one wake of the processor serves them all.
type spans struct {
	length time.Duration // 0: no spans
	last   int64         // the newest span taken
}

// take takes a span and returns how long it is until it begins.
func (s *spans) take(now time.Time) time.Duration {
	if s.length == 0 {
		return 0
	}
	present := now.UnixNano() / int64(s.length)
	if present > s.last || present < s.last-1 { // free; or the clock was set back
		s.last = present
		return 0
	}
	s.last++
	return time.Duration(s.last*int64(s.length) - now.UnixNano())
}
