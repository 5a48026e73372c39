// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
)

// Class separates frames that must not wait for each other. Each class has its own stream, queue
// and channel.
type Class uint8

// The classes, in order of urgency.
const (
	Control      Class = iota // votes, elections, heartbeats: small, urgent
	Blocks                    // batches and log entries: large
	Transactions              // one-hop flood of clients' transactions: many, small

	classes = 3
)

// Frame limits in bytes. They are facts of the protocols, the same on every node; a longer frame
// needs a new protocol version.
const (
	MaxControlFrame     = 64 << 10
	MaxBlocksFrame      = 2 << 20
	MaxTransactionFrame = 256 << 10
	MaxRequest          = 64 << 10
	MaxResponse         = 8 << 20
)

// Frame is what one member sent to this node in one piece.
type Frame struct {
	From  MemberID // authenticated
	Class Class
	Data  []byte // the receiver's own; never empty
}

// traits are what distinguishes one class from another.
var traits = [classes]struct {
	name       string
	limit      int // bytes of one frame
	queued     int // frames waiting to be sent to one member
	queuedSize int // bytes waiting to be sent to one member
	received   int // frames of all members waiting to be taken by this node

	// span is the time in which the frames of the class leave together; 0: each leaves as
	// soon as it can. A write costs both ends more than the frames in it.
	span time.Duration
}{
	Control:      {name: "control", limit: MaxControlFrame, queued: 1024, queuedSize: 4 << 20, received: 256},
	Blocks:       {name: "blocks", limit: MaxBlocksFrame, queued: 64, queuedSize: 32 << 20, received: 8},
	Transactions: {name: "transactions", limit: MaxTransactionFrame, queued: 8192, queuedSize: 16 << 20, received: 256, span: 10 * time.Millisecond},
}

// String returns the name of the class as it stands in the protocol name.
func (c Class) String() string {
	if c >= classes {
		return fmt.Sprintf("class %d", uint8(c))
	}
	return traits[c].name
}

// MaxFrame returns the greatest number of bytes of one frame of the class.
func (c Class) MaxFrame() int {
	if c >= classes {
		return 0
	}
	return traits[c].limit
}

const (
	// chunk is the piece in which streams are written and read: between two pieces other streams
	// of the connection get their turn, and deadlines are looked at. With the header of yamux it
	// fills four TLS records.
	chunk = 64<<10 - 12

	// trusted is how much memory a frame gets on the word of its length. Beyond it memory grows as
	// bytes arrive.
	trusted = 256 << 10
)

// errFrame marks a frame that breaks the protocol, as opposed to a stream that ended.
var errFrame = errors.New("invalid frame")

// patience is the deadline of one direction of a stream, renewed only when it has run down: to
// set one costs more than to write a small frame. What waits is given at least the timeout and at
// most half as much again.
type patience struct {
	timeout time.Duration // 0: whoever owns the stream sets its deadline
	set     func(time.Time) error
	expires time.Time // zero: no deadline is set
}

func (p *patience) renew() error {
	now := time.Now()
	if p.timeout <= 0 || p.expires.Sub(now) >= p.timeout {
		return nil
	}
	p.expires = now.Add(p.timeout * 3 / 2)
	return p.set(p.expires)
}

func (p *patience) clear() error {
	if p.expires.IsZero() {
		return nil
	}
	p.expires = time.Time{}
	return p.set(p.expires)
}

// frameReader cuts a stream into frames: a big-endian uint32 length, then as many bytes.
type frameReader struct {
	buffered *bufio.Reader
	shortest int
	longest  int
	patience patience // for each chunk of a frame that has begun
}

func newFrameReader(stream network.MuxedStream, shortest, longest int, timeout time.Duration) *frameReader {
	return &frameReader{
		buffered: bufio.NewReaderSize(stream, min(longest, chunk)),
		shortest: shortest,
		longest:  longest,
		patience: patience{timeout: timeout, set: stream.SetReadDeadline},
	}
}

// next returns the next frame. It waits for the frame's first byte without limit.
func (r *frameReader) next() ([]byte, error) {
	length, err := r.length()
	if err != nil {
		return nil, err
	}
	data := make([]byte, min(length, trusted))
	if err := r.fill(data); err != nil {
		return nil, err
	}
	for have := len(data); have < length; have = len(data) {
		data = append(make([]byte, 0, min(length, 2*have)), data...)
		data = data[:cap(data)]
		if err := r.fill(data[have:]); err != nil {
			return nil, err
		}
	}
	return data, nil
}

func (r *frameReader) length() (int, error) {
	if r.buffered.Buffered() == 0 {
		if err := r.patience.clear(); err != nil {
			return 0, err
		}
		if _, err := r.buffered.Peek(1); err != nil {
			return 0, err
		}
	}
	if r.buffered.Buffered() < 4 {
		if err := r.patience.renew(); err != nil {
			return 0, err
		}
	}
	header, err := r.buffered.Peek(4)
	if err != nil {
		return 0, unexpected(err)
	}
	// The length is compared as it came: converting it first could wrap on 32-bit machines.
	announced := binary.BigEndian.Uint32(header)
	if int64(announced) < int64(r.shortest) || int64(announced) > int64(r.longest) {
		return 0, fmt.Errorf("%w: length %d is not in %d..%d", errFrame, announced, r.shortest, r.longest)
	}
	_, err = r.buffered.Discard(4)
	return int(announced), err
}

// fill reads exactly len(p) bytes of a frame.
func (r *frameReader) fill(p []byte) error {
	for len(p) > 0 {
		step := min(len(p), chunk)
		if r.buffered.Buffered() < step {
			if err := r.patience.renew(); err != nil {
				return err
			}
		}
		if _, err := io.ReadFull(r.buffered, p[:step]); err != nil {
			return unexpected(err)
		}
		p = p[step:]
	}
	return nil
}

// unexpected tells the end of a stream inside a frame from the end after one.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// frameWriter writes frames through a buffer; the caller flushes when it has no more at hand.
type frameWriter struct {
	*bufio.Writer
}

func newFrameWriter(stream network.MuxedStream, timeout time.Duration) frameWriter {
	w := &pacedWriter{stream, patience{timeout: timeout, set: stream.SetWriteDeadline}}
	return frameWriter{bufio.NewWriterSize(w, chunk)}
}

func (w frameWriter) frame(data []byte) error {
	header := binary.BigEndian.AppendUint32(w.AvailableBuffer(), uint32(len(data)))
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err := w.Write(data)
	return err
}

// pacedWriter gives every chunk its own deadline, so that a slow but living network may carry a
// large frame while a stuck receiver is noticed soon.
type pacedWriter struct {
	stream   io.Writer
	patience patience
}

func (w *pacedWriter) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		if err := w.patience.renew(); err != nil {
			return written, err
		}
		n, err := w.stream.Write(p[written:min(len(p), written+chunk)])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
