// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/ipledger/ipledger/ledger/keys"
)

// A fastSuite is a signature suite a hundred times cheaper than any real one: a
// signature is a hash of the signer's secret, a counter and the message, with the
// counter beside it. No two signatures are the same, as with SM2, so what must
// be repeated byte for byte shows if it is signed anew. Whoever verifies looks
// the secret up, so it is worth nothing outside one process. Its hash is SHA-256,
// its keys claim to be Ed25519.
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
	if !ok || len(sig) != keys.SignatureSize {
		return false
	}
	return string(sig) == string(fastSign(secret, binary.BigEndian.Uint64(sig[counterAt:]), message))
}

func (s *fastSuite) VerifyClient(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	return s.Verify(key, message, sig)
}

func (s *fastSuite) NewBatch(*keys.KeyCache) keys.Batch { return &fastBatch{suite: s} }

type fastKey struct {
	suite  *fastSuite
	secret [32]byte
	public keys.PublicKey
	signed uint64
}

func (k *fastKey) Public() keys.PublicKey { return k.public }

func (k *fastKey) Seed() []byte { return slices.Clone(k.secret[:]) }

func (k *fastKey) Sign(message []byte) (keys.Signature, error) {
	k.signed++
	return fastSign(k.secret, k.signed, message), nil
}

// counterAt is where the counter stands in a signature; zeroes follow it.
const counterAt = sha256.Size

func fastSign(secret [32]byte, counter uint64, message []byte) keys.Signature {
	var room [1024]byte
	signed := append(room[:0], secret[:]...)
	signed = binary.BigEndian.AppendUint64(signed, counter)
	sum := sha256.Sum256(append(signed, message...))
	sig := make(keys.Signature, keys.SignatureSize)
	copy(sig, sum[:])
	binary.BigEndian.PutUint64(sig[counterAt:], counter)
	return sig
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
