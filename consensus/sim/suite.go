// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A fastSuite is a signature suite a hundred times cheaper than any real one: a
// signature is a hash of the signer's secret and the message. Whoever verifies
// looks the secret up, so it is worth nothing outside one process. Its hash is
// SHA-256, its keys claim to be Ed25519.
type fastSuite struct {
	secrets map[keys.PublicKey][32]byte
}

// NewFastSuite gives a suite that knows no keys but those it generates.
func NewFastSuite() keys.Suite {
	return &fastSuite{secrets: make(map[keys.PublicKey][32]byte)}
}

func (s *fastSuite) Name() string              { return string(keys.Ed25519) }
func (s *fastSuite) Algorithm() keys.Algorithm { return keys.Ed25519 }
func (s *fastSuite) NewHash() hash.Hash        { return sha256.New() }

func (s *fastSuite) Sum(parts ...[]byte) keys.Hash {
	var room [512]byte
	all := room[:0]
	for _, p := range parts {
		all = append(all, p...)
	}
	return sha256.Sum256(all)
}

func (s *fastSuite) ParsePublicKey(raw []byte) (keys.PublicKey, error) {
	if len(raw) != 32 {
		return keys.PublicKey{}, fmt.Errorf("parsing public key: %d bytes, want 32", len(raw))
	}
	return keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(raw)}, nil
}

func (s *fastSuite) Generate(random io.Reader) (keys.PrivateKey, error) {
	if random == nil {
		random = rand.Reader
	}
	k := &fastKey{suite: s}
	if _, err := io.ReadFull(random, k.secret[:]); err != nil {
		return nil, fmt.Errorf("generating key: %w", err)
	}
	public := sha256.Sum256(append([]byte("public"), k.secret[:]...))
	k.public = keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(public[:])}
	s.secrets[k.public] = k.secret
	return k, nil
}

func (s *fastSuite) Verify(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	secret, ok := s.secrets[key]
	return ok && string(sig) == string(fastSign(secret, message))
}

func (s *fastSuite) VerifyClient(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return s.Verify(key, message, sig)
}

func (s *fastSuite) NewBatch(*keys.KeyCache) keys.Batch { return &fastBatch{suite: s} }

type fastKey struct {
	suite  *fastSuite
	secret [32]byte
	public keys.PublicKey
}

func (k *fastKey) Public() keys.PublicKey { return k.public }

func (k *fastKey) Seed() []byte { return slices.Clone(k.secret[:]) }

func (k *fastKey) Sign(message []byte) (keys.Signature, error) {
	return fastSign(k.secret, message), nil
}

func fastSign(secret [32]byte, message []byte) keys.Signature {
	var room [1024]byte
	sum := sha256.Sum256(append(append(room[:0], secret[:]...), message...))
	return append(sum[:], make([]byte, keys.SignatureSize-len(sum))...)
}

type fastBatch struct {
	suite *fastSuite
	ok    []bool
}

func (b *fastBatch) Len() int { return len(b.ok) }

func (b *fastBatch) Add(key keys.PublicKey, message []byte, sig keys.Signature) {
	b.ok = append(b.ok, b.suite.VerifyClient(key, message, sig))
}

func (b *fastBatch) Verify() []bool {
	ok := b.ok
	b.ok = nil
	return ok
}
