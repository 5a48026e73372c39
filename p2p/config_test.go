// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/p2p"
)

// The seed is that of test 1 in RFC 8032, section 7.1.
func TestPeerIDIsThatOfThePublicKey(t *testing.T) {
	seed, _ := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	id, err := p2p.PeerID(seed)
	if err != nil {
		t.Fatal(err)
	}
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	if same, err := p2p.PeerIDOfPublicKey(public); err != nil || same != id {
		t.Errorf("of the seed %s, of the public key %s: %v", id, same, err)
	}
	if want := "12D3KooWQK1wnefoLrcVHbbnf5tLzbopUd3K3bFAoJpA7YJgL5pV"; id != want {
		t.Errorf("peer id %s, want %s", id, want)
	}
	if _, err := p2p.PeerID(seed[1:]); err == nil {
		t.Error("a seed of 31 bytes was taken")
	}
	if _, err := p2p.PeerIDOfPublicKey(seed[1:]); err == nil {
		t.Error("a public key of 31 bytes was taken")
	}
}

func TestWrongSettingsAreRefused(t *testing.T) {
	bank, office := peerID(t, "bank"), peerID(t, "office")
	for want, change := range map[string]func(*p2p.Config){
		"seed of 3 bytes":               func(c *p2p.Config) { c.Seed = []byte{1, 2, 3} },
		"no member name":                func(c *p2p.Config) { c.Self = "" },
		"not a genesis hash":            func(c *p2p.Config) { c.Network = "/../../etc/passwd" },
		`"0011" is not a genesis hash`:  func(c *p2p.Config) { c.Network = "0011" },
		"read listen address":           func(c *p2p.Config) { c.Listen = []string{"localhost:7000"} },
		"read peer id":                  func(c *p2p.Config) { c.Members[1].PeerID = "office" },
		"listed twice":                  func(c *p2p.Config) { c.Members = append(c.Members, c.Members[0]) },
		"same peer id":                  func(c *p2p.Config) { c.Members[0] = p2p.Member{ID: "court", PeerID: office} },
		"its network key has":           func(c *p2p.Config) { c.Members[0].PeerID = peerID(t, "thief") },
		`this node is "court"`:          func(c *p2p.Config) { c.Self = "court" },
		"it names peer id":              func(c *p2p.Config) { c.Members[1].Addresses = []string{"/ip4/127.0.0.1/tcp/1/p2p/" + bank} },
		"it has no TCP port":            func(c *p2p.Config) { c.Members[1].Addresses = []string{"/ip4/127.0.0.1/udp/1/quic-v1"} },
		`read address "127.0.0.1:7000"`: func(c *p2p.Config) { c.Members[1].Addresses = []string{"127.0.0.1:7000"} },
		"listen on":                     func(c *p2p.Config) { c.Listen = []string{"/ip4/127.0.0.1/udp/0"} },
	} {
		c := p2p.Config{
			Seed: seed("bank"), Self: "bank", Network: network,
			Members: []p2p.Member{{ID: "bank", PeerID: bank}, {ID: "office", PeerID: office}},
		}
		c.Members = slices.Clone(c.Members)
		change(&c)
		h, err := p2p.New(c)
		if err == nil {
			h.Close()
			t.Errorf("%s: accepted", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
