// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/upgrader"
	libp2ptls "github.com/libp2p/go-libp2p/p2p/security/tls"
	"github.com/multiformats/go-multistream"
)

// knock opens a TCP connection to the office, from an address that no member has, and says
// nothing.
func (s *siege) knock() net.Conn {
	s.Helper()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: s.from}, Timeout: 5 * time.Second}
	c, err := from.Dial("tcp", s.at)
	if err != nil {
		s.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c)
	return c
}

// secure makes the TLS handshake of libp2p with the key of a name. It fails if the host closes
// the connection unseen.
func secure(t testing.TB, conn net.Conn, id p2p.MemberID) (net.Conn, error) {
	t.Helper()
	key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(seed(id)))
	if err != nil {
		t.Fatal(err)
	}
	security, err := libp2ptls.New(libp2ptls.ID, key, []upgrader.StreamMuxer{{ID: yamux.ID}})
	if err != nil {
		t.Fatal(err)
	}
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	defer conn.SetDeadline(time.Time{})
	if err := multistream.SelectProtoOrFail(libp2ptls.ID, conn); err != nil {
		return nil, err
	}
	return security.SecureOutbound(context.Background(), conn, "")
}

// session is a member that speaks yamux by hand, and so may break its rules.
type session struct {
	net.Conn
	next uint32
}

// infiltrate connects as the hostile member.
func (s *siege) infiltrate() *session {
	s.Helper()
	conn, err := secure(s, s.knock(), s.hostile)
	if err != nil {
		s.Fatal(err)
	}
	return &session{Conn: conn, next: 1}
}

// Types and flags of yamux.
const (
	data, update, ping, goAway = 0, 1, 2, 3
	syn, ack, fin, rst         = 1, 2, 4, 8
)

// say writes one yamux message with a length that need not be that of the body.
func (s *session) say(kind byte, flags uint16, stream, length uint32, body []byte) error {
	message := []byte{0, kind}
	message = binary.BigEndian.AppendUint16(message, flags)
	message = binary.BigEndian.AppendUint32(message, stream)
	message = binary.BigEndian.AppendUint32(message, length)
	s.SetWriteDeadline(time.Now().Add(5 * time.Second))
	_, err := s.Write(append(message, body...))
	return err
}

func (s *session) send(stream uint32, body []byte) error {
	return s.say(data, 0, stream, uint32(len(body)), body)
}

// open begins a stream and asks for a protocol, without waiting for an answer.
func (s *session) open(protocol string) (stream uint32) {
	stream, s.next = s.next, s.next+2
	s.say(update, syn, stream, 0, nil)
	if protocol != "" {
		s.send(stream, asking(protocol))
	}
	return stream
}

// asking is what the one who opens a stream says, and what the other repeats to accept.
func asking(protocol string) []byte {
	var message []byte
	for _, token := range []string{"/multistream/1.0.0", protocol} {
		message = binary.AppendUvarint(message, uint64(len(token)+1))
		message = append(append(message, token...), '\n')
	}
	return message
}

func protocol(kind string) string { return "/ipledger/" + network[:16] + "/" + kind + "/1" }

// drain reads and forgets what the host says, until the connection ends.
func (s *session) drain() { io.Copy(io.Discard, s) }

// hear reads the next yamux message.
func (s *session) hear(t testing.TB) (kind byte, flags uint16, stream, length uint32, body []byte) {
	t.Helper()
	var header [12]byte
	if _, err := io.ReadFull(s, header[:]); err != nil {
		t.Fatal(err)
	}
	kind, flags = header[1], binary.BigEndian.Uint16(header[2:])
	stream, length = binary.BigEndian.Uint32(header[4:]), binary.BigEndian.Uint32(header[8:])
	if kind == data {
		body = make([]byte, length)
		if _, err := io.ReadFull(s, body); err != nil {
			t.Fatal(err)
		}
	}
	return kind, flags, stream, length, body
}

// answers counts how often the host says something on a stream until it resets it.
func (s *session) answers(t testing.TB, stream uint32, what string) (count int) {
	t.Helper()
	s.SetReadDeadline(time.Now().Add(8 * time.Second))
	for {
		_, flags, on, _, body := s.hear(t)
		if on == stream {
			count += bytes.Count(body, []byte(what))
			if flags&rst != 0 {
				return count
			}
		}
	}
}

// welcome accepts the streams that the host opens, until it has accepted the number, and reads no
// further.
func (s *session) welcome(t testing.TB, streams int) {
	t.Helper()
	s.SetReadDeadline(time.Now().Add(8 * time.Second))
	for streams > 0 {
		kind, flags, stream, length, body := s.hear(t)
		switch {
		case kind == data:
			s.send(stream, body)
			streams--
		case kind == update && flags&syn != 0:
			s.say(update, ack, stream, 0, nil)
		case kind == ping && flags&syn != 0:
			s.say(ping, ack, 0, length, nil)
		}
	}
}
