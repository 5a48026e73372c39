// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
)

func TestHashesAreThoseOfTheStandards(t *testing.T) {
	for _, line := range golden(t, "hash.golden") {
		suite := suiteOf(t, line[0])
		message := unhex(t, line[1])
		if got := suite.Sum(message).String(); got != line[2] {
			t.Errorf("%s of %s is %s, want %s", line[0], line[1], got, line[2])
		}
		if got := suite.Sum(message[:len(message)/2], message[len(message)/2:]).String(); got != line[2] {
			t.Errorf("%s of %s in two parts is %s, want %s", line[0], line[1], got, line[2])
		}
		h := suite.NewHash()
		h.Write(message)
		if got := hex.EncodeToString(h.Sum(nil)); got != line[2] {
			t.Errorf("%s of %s, written, is %s, want %s", line[0], line[1], got, line[2])
		}
	}
}

func TestPublishedSignaturesVerify(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		for _, line := range golden(t, name+".golden") {
			seed, message, sig := unhex(t, line[0]), unhex(t, line[2]), keys.Signature(unhex(t, line[3]))
			private, err := keys.ParsePrivateKey(suite.Algorithm(), seed)
			if err != nil {
				t.Fatal(err)
			}
			public, err := suite.ParsePublicKey(unhex(t, line[1]))
			if err != nil {
				t.Fatal(err)
			}
			if private.Public() != public {
				t.Errorf("%s: public key %s, want %s", name, private.Public(), public)
			}
			if !bytes.Equal(private.Seed(), seed) {
				t.Errorf("%s: the seed came back as %x", name, private.Seed())
			}
			if !acceptedByAll(suite, public, message, sig) {
				t.Errorf("%s: refused the published signature %x", name, sig)
			}
			own, err := private.Sign(message)
			if err != nil {
				t.Fatal(err)
			}
			// Ed25519 has one signature per message; the SM2 example used a nonce of its own.
			if name == "ed25519" && !bytes.Equal(own, sig) {
				t.Errorf("signature %x, want %x", own, sig)
			}
			if !acceptedByAll(suite, public, message, own) {
				t.Errorf("%s: refused its own signature", name)
			}
		}
	}
}

func TestEncodingsNeverChange(t *testing.T) {
	for _, line := range golden(t, "encoding.golden") {
		if strings.Contains(line[0], ":") {
			k, err := keys.ParsePublicKey(line[0])
			if err != nil {
				t.Fatal(err)
			}
			b, err := k.MarshalCBOR()
			if err != nil || hex.EncodeToString(b) != line[1] {
				t.Errorf("%s encodes as %x, %v; want %s", k, b, err, line[1])
			}
			continue
		}
		h, err := keys.ParseHash(line[0])
		if err != nil {
			t.Fatal(err)
		}
		b, err := h.MarshalCBOR()
		if err != nil || hex.EncodeToString(b) != line[1] {
			t.Errorf("%s encodes as %x, %v; want %s", h, b, err, line[1])
		}
	}
}

var suites = []string{"ed25519", "sm2"}

func suiteOf(t testing.TB, name string) keys.Suite {
	t.Helper()
	s, err := keys.SuiteByName(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// acceptedByAll tells whether the strict rule, the client rule and a batch accept.
func acceptedByAll(s keys.Suite, key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return s.Verify(key, message, sig) && cached(s).Verify(key, message, sig) && s.VerifyClient(key, message, sig) && inBatch(s, key, message, sig)
}

// acceptedByAny tells whether at least one of them does.
func acceptedByAny(s keys.Suite, key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return s.Verify(key, message, sig) || cached(s).Verify(key, message, sig) || s.VerifyClient(key, message, sig) || inBatch(s, key, message, sig)
}

// cached is the suite with an empty cache.
func cached(s keys.Suite) keys.Suite { return keys.Cached(s, keys.NewKeyCache(1)) }

func inBatch(s keys.Suite, key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return inBatchWith(s, nil, key, message, sig)
}

func inBatchWith(s keys.Suite, cache *keys.KeyCache, key keys.PublicKey, message []byte, sig keys.Signature) bool {
	b := s.NewBatch(cache)
	b.Add(key, message, sig)
	return b.Verify()[0]
}

// golden reads the words of each line of a file in testdata; "#" begins a comment.
func golden(t *testing.T, name string) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 0 && words[0] != "#" {
			lines = append(lines, words)
		}
	}
	return lines
}

// unhex decodes a word of a golden file, where "-" is the empty string.
func unhex(t *testing.T, word string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Trim(word, "-"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
