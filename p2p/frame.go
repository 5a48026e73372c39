// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
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
}{
	Control:      {"control", MaxControlFrame, 1024, 4 << 20, 256},
	Blocks:       {"blocks", MaxBlocksFrame, 64, 32 << 20, 8},
	Transactions: {"transactions", MaxTransactionFrame, 8192, 16 << 20, 256},
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

// chunk is the piece in which streams are written and read: between two pieces deadlines are
// renewed and other streams of the connection get their turn.
const chunk = 64 << 10

// errFrame marks a frame that breaks the protocol, as opposed to a stream that ended.
var errFrame = errors.New("invalid frame")

// frameReader cuts a stream into frames: a big-endian uint32 length, then as many bytes.
type frameReader struct {
	stream   network.MuxedStream
	buffered *bufio.Reader
	shortest int
	longest  int
	timeout  time.Duration // for each chunk of a frame that has begun; 0: the stream's deadline rules
}

func newFrameReader(stream network.MuxedStream, shortest, longest int, timeout time.Duration) *frameReader {
	size := min(longest, chunk)
	return &frameReader{stream: stream, buffered: bufio.NewReaderSize(stream, size), shortest: shortest, longest: longest, timeout: timeout}
}

// next returns the next frame. It waits for the frame's first byte without limit.
func (r *frameReader) next() ([]byte, error) {
	if _, err := r.buffered.Peek(1); err != nil {
		return nil, err
	}
	var header [4]byte
	if err := r.fill(header[:]); err != nil {
		return nil, err
	}
	// The length is compared as it came: converting it first could wrap on 32-bit machines.
	announced := binary.BigEndian.Uint32(header[:])
	if int64(announced) < int64(r.shortest) || int64(announced) > int64(r.longest) {
		return nil, fmt.Errorf("%w: length %d is not in %d..%d", errFrame, announced, r.shortest, r.longest)
	}
	length := int(announced)
	data := make([]byte, 0, min(length, chunk))
	for len(data) < length {
		have, step := len(data), min(length-len(data), chunk)
		data = slices.Grow(data, step)[:have+step]
		if err := r.fill(data[have:]); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// fill reads exactly len(p) bytes, setting a deadline only when they have not all arrived yet.
func (r *frameReader) fill(p []byte) error {
	waits := r.timeout > 0 && r.buffered.Buffered() < len(p)
	if waits {
		if err := r.stream.SetReadDeadline(time.Now().Add(r.timeout)); err != nil {
			return err
		}
	}
	if _, err := io.ReadFull(r.buffered, p); err != nil {
		return err
	}
	if waits {
		return r.stream.SetReadDeadline(time.Time{})
	}
	return nil
}

// frameWriter writes frames through a buffer; the caller flushes when it has no more at hand.
type frameWriter struct {
	*bufio.Writer
}

func newFrameWriter(stream network.MuxedStream, timeout time.Duration) frameWriter {
	return frameWriter{bufio.NewWriterSize(pacedWriter{stream, timeout}, chunk)}
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
	stream  network.MuxedStream
	timeout time.Duration // 0: the stream's deadline rules
}

func (w pacedWriter) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		if w.timeout > 0 {
			if err := w.stream.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
				return written, err
			}
		}
		n, err := w.stream.Write(p[written:min(len(p), written+chunk)])
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
