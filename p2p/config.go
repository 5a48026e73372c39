// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// MemberID is the name of a member of the network: opaque here, unique, not empty.
type MemberID string

// Member is one entry of the allow-list.
type Member struct {
	ID MemberID

	// PeerID is the member's libp2p peer id in text form, as made by PeerID.
	PeerID string

	// Addresses are multiaddrs under which the member can be dialed, such as
	// /ip4/10.1.2.3/tcp/7000 or /dns4/node.bank.example/tcp/7000, with or without /p2p/<peer id>
	// at the end. With none, this node waits for the member to dial.
	Addresses []string
}

// Config says who this node is and whom it talks to. A zero duration or count means the default.
type Config struct {
	// Seed is the 32-byte Ed25519 seed (RFC 8032) of this node's network key.
	Seed []byte

	// Self is this node's own name. If Members lists it, its peer id must be that of Seed.
	Self MemberID

	// Members is the allow-list. Nobody else is dialed or served.
	Members []Member

	// Listen are the multiaddrs to bind, such as /ip4/0.0.0.0/tcp/7000. Port 0 takes a free one.
	Listen []string

	// Network is the genesis hash in lower-case hexadecimal; its first 16 digits are part of every
	// protocol name.
	Network string

	// Logger receives connections made and lost, refusals and violations. Default: none.
	Logger *slog.Logger

	// HandshakeTimeout bounds an inbound connection until its peer is authenticated, and the
	// opening of a stream. Default 5 s.
	HandshakeTimeout time.Duration

	// MaxHandshakes bounds inbound connections that are not authenticated yet. Default 128.
	MaxHandshakes int

	// MaxHandshakesPerIP bounds them for one IPv4 address or one IPv6 /64 network. Default 16.
	MaxHandshakesPerIP int

	// WriteTimeout is how long 64 KiB of a stream may wait for the receiver or the network before
	// the stream is reset and what it carried is lost; it may be half as long again. Default 3 s.
	WriteTimeout time.Duration

	// ReadTimeout is how long 64 KiB of a frame that has begun may take to arrive before the stream
	// is reset; it may be half as long again. Between frames there is no limit. Default 10 s.
	ReadTimeout time.Duration

	// SilenceTimeout is how long nothing may come from a member, though it was asked for a sign of
	// life, before its connection is given up and dialed anew. Default 5 s.
	SilenceTimeout time.Duration

	// RequestTimeout bounds a request with its response, on both sides. Default 30 s.
	RequestTimeout time.Duration
}

// PeerID returns the libp2p peer id, in text form, of the Ed25519 key with this 32-byte seed.
func PeerID(seed []byte) (string, error) {
	key, err := privateKey(seed)
	if err != nil {
		return "", err
	}
	return PeerIDOfPublicKey(key.Public().(ed25519.PublicKey))
}

// PeerIDOfPublicKey returns the libp2p peer id, in text form, of a 32-byte Ed25519 public key.
func PeerIDOfPublicKey(key []byte) (string, error) {
	public, err := crypto.UnmarshalEd25519PublicKey(key)
	if err != nil {
		return "", fmt.Errorf("read network public key: %w", err)
	}
	id, err := peer.IDFromPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("derive peer id: %w", err)
	}
	return id.String(), nil
}

func privateKey(seed []byte) (ed25519.PrivateKey, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("read network key: seed of %d bytes, want %d", len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// contact is a Member as the host uses it.
type contact struct {
	member    MemberID
	peer      peer.ID
	addresses []ma.Multiaddr
}

// settings is a Config that was checked, with the defaults filled in.
type settings struct {
	Config
	key      crypto.PrivKey
	self     peer.ID
	contacts []contact // without this node
	listen   []ma.Multiaddr
	versions []int // newest first
}

func (c Config) check() (*settings, error) {
	s := &settings{Config: c}
	s.defaults()
	key, err := privateKey(c.Seed)
	if err != nil {
		return nil, err
	}
	if s.key, err = crypto.UnmarshalEd25519PrivateKey(key); err != nil {
		return nil, fmt.Errorf("read network key: %w", err)
	}
	if s.self, err = peer.IDFromPrivateKey(s.key); err != nil {
		return nil, fmt.Errorf("derive peer id: %w", err)
	}
	if c.Self == "" {
		return nil, errors.New("read network settings: this node has no member name")
	}
	if !isHex(c.Network) || len(c.Network) < 16 {
		return nil, fmt.Errorf("read network settings: %q is not a genesis hash in lower-case hexadecimal", c.Network)
	}
	for _, text := range c.Listen {
		address, err := ma.NewMultiaddr(text)
		if err != nil {
			return nil, fmt.Errorf("read listen address %q: %w", text, err)
		}
		s.listen = append(s.listen, address)
	}
	return s, s.readMembers()
}

func (s *settings) readMembers() error {
	names := make(map[MemberID]bool)
	peers := make(map[peer.ID]MemberID)
	for _, m := range s.Members {
		id, err := peer.Decode(m.PeerID)
		if err != nil {
			return fmt.Errorf("read peer id of member %q: %w", m.ID, err)
		}
		if m.ID == "" || names[m.ID] {
			return fmt.Errorf("read members: the name %q is empty or listed twice", m.ID)
		}
		if other, taken := peers[id]; taken {
			return fmt.Errorf("read members: %q and %q have the same peer id %s", other, m.ID, id)
		}
		if (m.ID == s.Self) != (id == s.self) {
			return fmt.Errorf("read members: %q has peer id %s, but this node is %q and its network key has %s", m.ID, id, s.Self, s.self)
		}
		names[m.ID], peers[id] = true, m.ID
		if m.ID == s.Self {
			continue
		}
		c := contact{member: m.ID, peer: id}
		for _, text := range m.Addresses {
			address, err := parseAddress(text, id)
			if err != nil {
				return fmt.Errorf("read address %q of member %q: %w", text, m.ID, err)
			}
			c.addresses = append(c.addresses, address)
		}
		s.contacts = append(s.contacts, c)
	}
	return nil
}

// parseAddress reads a dialable address; a peer id at its end must be the member's own.
func parseAddress(text string, id peer.ID) (ma.Multiaddr, error) {
	full, err := ma.NewMultiaddr(text)
	if err != nil {
		return nil, err
	}
	address, named := peer.SplitAddr(full)
	if named != "" && named != id {
		return nil, fmt.Errorf("it names peer id %s, not %s", named, id)
	}
	if _, err := address.ValueForProtocol(ma.P_TCP); err != nil {
		return nil, errors.New("it has no TCP port")
	}
	return address, nil
}

func (s *settings) defaults() {
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	durations := []struct {
		value  *time.Duration
		preset time.Duration
	}{
		{&s.HandshakeTimeout, 5 * time.Second},
		{&s.WriteTimeout, 3 * time.Second},
		{&s.ReadTimeout, 10 * time.Second},
		{&s.SilenceTimeout, 5 * time.Second},
		{&s.RequestTimeout, 30 * time.Second},
	}
	for _, d := range durations {
		if *d.value <= 0 {
			*d.value = d.preset
		}
	}
	if s.MaxHandshakes <= 0 {
		s.MaxHandshakes = 128
	}
	if s.MaxHandshakesPerIP <= 0 {
		s.MaxHandshakesPerIP = 16
	}
}

func isHex(text string) bool {
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}
