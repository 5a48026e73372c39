// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/big"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// sm2Suite is SM2 with SM3. One rule serves votes and clients alike, since SM2
// has a group of prime order and one encoding of each signature.
type sm2Suite struct{}

func (sm2Suite) Name() string         { return string(SM2) }
func (sm2Suite) Algorithm() Algorithm { return SM2 }
func (sm2Suite) NewHash() hash.Hash   { return sm3.New() }

func (sm2Suite) Sum(parts ...[]byte) (h Hash) {
	if len(parts) == 1 {
		return sm3.Sum(parts[0])
	}
	d := sm3.New()
	for _, p := range parts {
		d.Write(p)
	}
	d.Sum(h[:0])
	return h
}

func (sm2Suite) ParsePublicKey(raw []byte) (PublicKey, error) { return NewPublicKey(SM2, raw) }

// Generate draws scalars until one lies in [1, n-2] (GB/T 32918.1-2016, 6.1).
// The first nearly always does, so a reader that fails a hundred times is broken.
func (sm2Suite) Generate(random io.Reader) (PrivateKey, error) {
	if random == nil {
		random = rand.Reader
	}
	seed := make([]byte, 32)
	for range 100 {
		if _, err := io.ReadFull(random, seed); err != nil {
			return nil, fmt.Errorf("generating sm2 key: %w", err)
		}
		if key, err := parseSM2Private(seed); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("generating sm2 key: the random source gives no valid scalar")
}

func (sm2Suite) Verify(key PublicKey, message []byte, sig Signature) bool {
	if key.Algorithm != SM2 {
		return false
	}
	public, err := parseSM2Public([]byte(key.Bytes))
	return err == nil && public.verify(message, sig)
}

func (s sm2Suite) VerifyClient(key PublicKey, message []byte, sig Signature) bool {
	return s.Verify(key, message, sig)
}

func (sm2Suite) NewBatch(cache *KeyCache) Batch { return &sm2Batch{cache: cache} }

// sm2UserID is the default identity of GB/T 32918 and GM/T 0009, hashed into
// every message together with the key.
var sm2UserID = []byte("1234567812345678")

// sm2Public is a public key made ready for verification: its decompressed point
// and ZA, the digest of user id, curve and key that precedes each message.
type sm2Public struct {
	point *ecdsa.PublicKey
	za    []byte
}

func parseSM2Public(raw []byte) (*sm2Public, error) {
	if len(raw) != 33 || raw[0] != 2 && raw[0] != 3 {
		return nil, errors.New("not a compressed point")
	}
	x, y := elliptic.UnmarshalCompressed(sm2.P256(), raw)
	if x == nil {
		return nil, errors.New("not a point on the curve")
	}
	var full [65]byte
	full[0] = 4
	x.FillBytes(full[1:33])
	y.FillBytes(full[33:])
	// A point has one encoding here: a coordinate that had to be reduced is refused.
	if !bytes.Equal(compressSM2(full[:]), raw) {
		return nil, errors.New("encoding is not canonical")
	}
	point, err := sm2.NewPublicKey(full[:])
	if err != nil {
		return nil, err
	}
	za, err := sm2.CalculateZA(point, sm2UserID)
	if err != nil {
		return nil, err
	}
	return &sm2Public{point: point, za: za}, nil
}

// compressSM2 turns 04‖x‖y into 02‖x or 03‖x by the parity of y.
func compressSM2(full []byte) []byte {
	return append([]byte{2 | full[64]&1}, full[1:33]...)
}

// digest is e of GB/T 32918.2: the SM3 of ZA and the message.
func (p *sm2Public) digest(message []byte) []byte {
	d := sm3.New()
	d.Write(p.za)
	d.Write(message)
	return d.Sum(nil)
}

func (p *sm2Public) verify(message []byte, sig Signature) bool {
	return len(sig) == SignatureSize && p.verifyDigest(p.digest(message), sig)
}

// verifyDigest checks a signature of 64 bytes.
func (p *sm2Public) verifyDigest(digest []byte, sig Signature) bool {
	// The library takes ASN.1 and itself refuses r or s outside [1, n-1].
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(sig[:32]))
		b.AddASN1BigInt(new(big.Int).SetBytes(sig[32:]))
	})
	encoded, err := b.Bytes()
	return err == nil && sm2.VerifyASN1(p.point, digest, encoded)
}

// sm2Private is an SM2 key in memory.
type sm2Private struct {
	key    *sm2.PrivateKey
	seed   [32]byte
	ready  *sm2Public
	public PublicKey
}

func parseSM2Private(seed []byte) (PrivateKey, error) {
	if len(seed) != 32 {
		return nil, fmt.Errorf("parsing sm2 private key: %d bytes, want 32", len(seed))
	}
	key, err := sm2.NewPrivateKey(seed)
	if err != nil {
		return nil, fmt.Errorf("parsing sm2 private key: %w", err)
	}
	point, err := sm2.PublicKeyToECDH(&key.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("parsing sm2 private key: %w", err)
	}
	raw := compressSM2(point.Bytes())
	ready, err := parseSM2Public(raw)
	if err != nil {
		return nil, fmt.Errorf("parsing sm2 private key: %w", err)
	}
	p := &sm2Private{key: key, ready: ready, public: PublicKey{SM2, string(raw)}}
	copy(p.seed[:], seed)
	return p, nil
}

func (p *sm2Private) Public() PublicKey { return p.public }
func (p *sm2Private) Seed() []byte      { return bytes.Clone(p.seed[:]) }

// Sign derives the nonce from key and message (RFC 6979 with SM3): a signature
// needs no randomness that could fail, and the same message gives the same bytes.
func (p *sm2Private) Sign(message []byte) (Signature, error) {
	encoded, err := sm2.SignDeterministic(p.key, p.ready.digest(message), nil)
	if err != nil {
		return nil, fmt.Errorf("signing with sm2: %w", err)
	}
	var r, s big.Int
	var inner cryptobyte.String
	outer := cryptobyte.String(encoded)
	if !outer.ReadASN1(&inner, asn1.SEQUENCE) || !inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) {
		return nil, errors.New("signing with sm2: malformed signature from the library")
	}
	sig := make(Signature, SignatureSize)
	r.FillBytes(sig[:32])
	s.FillBytes(sig[32:])
	return sig, nil
}

// String keeps the secret out of logs.
func (p *sm2Private) String() string   { return "private key of " + p.public.String() }
func (p *sm2Private) GoString() string { return p.String() }
