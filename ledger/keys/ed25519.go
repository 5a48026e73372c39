// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/oasisprotocol/curve25519-voi/curve"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// ed25519Suite is Ed25519 with SHA-256.
type ed25519Suite struct{}

func (ed25519Suite) Name() string         { return string(Ed25519) }
func (ed25519Suite) Algorithm() Algorithm { return Ed25519 }
func (ed25519Suite) NewHash() hash.Hash   { return sha256.New() }

func (ed25519Suite) Sum(parts ...[]byte) (h Hash) {
	if len(parts) == 1 {
		return sha256.Sum256(parts[0])
	}
	d := sha256.New()
	for _, p := range parts {
		d.Write(p)
	}
	d.Sum(h[:0])
	return h
}

func (ed25519Suite) ParsePublicKey(raw []byte) (PublicKey, error) {
	return NewPublicKey(Ed25519, raw)
}

func (ed25519Suite) Generate(random io.Reader) (PrivateKey, error) {
	if random == nil {
		random = rand.Reader
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("generating ed25519 key: %w", err)
	}
	return parseEd25519Private(seed)
}

// Verify accepts what the cofactorless equation of RFC 8032 accepts, less the
// points on which implementations differ: A and R of small order and encodings
// that are not canonical. S below the group order is checked by the standard library.
func (ed25519Suite) Verify(key PublicKey, message []byte, sig Signature) bool {
	if key.Algorithm != Ed25519 || len(key.Bytes) != ed25519.PublicKeySize || len(sig) != SignatureSize {
		return false
	}
	a := []byte(key.Bytes)
	return !weakEncoding(a) && !weakEncoding(sig[:32]) && ed25519.Verify(a, message, sig)
}

func (ed25519Suite) VerifyClient(key PublicKey, message []byte, sig Signature) bool {
	if key.Algorithm != Ed25519 || len(key.Bytes) != ed25519.PublicKeySize || len(sig) != SignatureSize {
		return false
	}
	return voi.VerifyWithOptions(voi.PublicKey(key.Bytes), message, sig, zip215())
}

func (ed25519Suite) NewBatch(cache *KeyCache) Batch { return &ed25519Batch{cache: cache} }

// zip215 selects the rule of ZIP-215: any encoding of A and R that decodes, S
// below the group order, and the equation multiplied by the cofactor.
func zip215() *voi.Options { return &voi.Options{Verify: voi.VerifyOptionsZIP_215} }

// weakEncoding tells whether a 32-byte encoding is not canonical, or that of a
// point of small order, whatever its sign bit.
func weakEncoding(enc []byte) bool {
	var y [32]byte
	copy(y[:], enc)
	y[31] &= 0x7f
	// The field prime is 2^255-19: ed ff … ff 7f in little endian.
	if y[0] >= 0xed && y[31] == 0x7f && bytes.Count(y[1:31], []byte{0xff}) == 30 {
		return true
	}
	for _, small := range smallOrderY {
		if string(y[:]) == small {
			return true
		}
	}
	return false
}

// smallOrderY lists the y coordinates, little endian, of the eight points whose
// order divides the cofactor: y = 0 (order 4), 1 (order 1), -1 (order 2) and two
// of order 8. With both signs of x they are all of them; and since x is 0 where y
// is 1 or -1, they also cover the encodings with a sign on a zero x.
var smallOrderY = [...]string{
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	"\xec\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
	"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
	"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
}

// checkEd25519Point refuses all but the canonical encoding of a point of prime order.
func checkEd25519Point(raw []byte) error {
	var compressed curve.CompressedEdwardsY
	if _, err := compressed.SetBytes(raw); err != nil {
		return err
	}
	if !compressed.IsCanonicalVartime() {
		return errors.New("encoding is not canonical")
	}
	var p curve.EdwardsPoint
	if _, err := p.SetCompressedY(&compressed); err != nil {
		return errors.New("not a point on the curve")
	}
	if p.IsSmallOrder() {
		return errors.New("point of small order")
	}
	if !p.IsTorsionFree() {
		return errors.New("point of mixed order")
	}
	return nil
}

// ed25519Private is an Ed25519 key in memory.
type ed25519Private struct {
	key    ed25519.PrivateKey
	public PublicKey
}

func parseEd25519Private(seed []byte) (PrivateKey, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("parsing ed25519 private key: %d bytes, want %d", len(seed), ed25519.SeedSize)
	}
	key := ed25519.NewKeyFromSeed(seed)
	return &ed25519Private{key: key, public: PublicKey{Ed25519, string(key[ed25519.SeedSize:])}}, nil
}

func (p *ed25519Private) Public() PublicKey { return p.public }
func (p *ed25519Private) Seed() []byte      { return p.key.Seed() }

func (p *ed25519Private) Sign(message []byte) (Signature, error) {
	return ed25519.Sign(p.key, message), nil
}

// String keeps the secret out of logs.
func (p *ed25519Private) String() string   { return "private key of " + p.public.String() }
func (p *ed25519Private) GoString() string { return p.String() }
