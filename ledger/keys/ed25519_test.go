// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/hdevalence/ed25519consensus"
	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"

	"github.com/ipledger/ipledger/ledger/keys"
)

// torsion lists the 14 encodings that decode to a point of small order: 8
// canonical ones, then 6 with y not below the field prime or a sign on a zero x.
var torsion = []string{
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}

func TestClientRuleAcceptsThe196VectorsOfZIP215AndTheStrictRuleNone(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	batch := suite.NewBatch(keys.NewKeyCache(16))
	message := []byte("Zcash")
	for _, a := range torsion {
		key := keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(unhex(t, a))}
		for _, r := range torsion {
			sig := append(keys.Signature(unhex(t, r)), make([]byte, 32)...)
			if !ed25519consensus.Verify([]byte(key.Bytes), message, sig) {
				t.Fatalf("A %s, R %s is no ZIP-215 vector", a, r)
			}
			if !suite.VerifyClient(key, message, sig) {
				t.Errorf("A %s, R %s: the client rule refuses", a, r)
			}
			if suite.Verify(key, message, sig) || cached(suite).Verify(key, message, sig) {
				t.Errorf("A %s, R %s: the strict rule accepts", a, r)
			}
			batch.Add(key, message, sig)
		}
	}
	if batch.Len() != 196 {
		t.Fatalf("%d vectors", batch.Len())
	}
	for i, ok := range batch.Verify() {
		if !ok {
			t.Errorf("vector %d: the batch refuses", i)
		}
	}
}

func TestKeysOfSmallOrMixedOrderCannotBeEnrolled(t *testing.T) {
	for _, text := range torsion {
		if _, err := keys.NewPublicKey(keys.Ed25519, unhex(t, text)); err == nil {
			t.Errorf("accepted the small-order key %s", text)
		}
		mixed, _ := twisted(t, 1, text, torsion[0], []byte("m"))
		point(t, []byte(mixed.Bytes)) // it is on the curve
		if err := mixed.Check(); err == nil && !isIdentity(t, text) {
			t.Errorf("accepted a key with the component %s", text)
		}
	}
	offCurve := append([]byte{2}, make([]byte, 31)...)
	if _, err := keys.NewPublicKey(keys.Ed25519, offCurve); err == nil {
		t.Error("accepted a key off the curve")
	}
}

// Every way to verify by the client rule must agree with an independent
// implementation of ZIP-215; what the strict rule accepts, the client rule and
// the standard library must accept too.
func TestAllVerifiersAgree(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	random := rand.NewChaCha8([32]byte{1})
	choose := rand.New(random)
	cache := keys.NewKeyCache(8) // small, so that keys are also evicted
	var (
		strict    = keys.Cached(suite, cache)
		tables    = keys.NewKeyCache(1000)
		batch     = strict.NewBatch(nil)
		want      []bool
		accepted  [2]int
		strictYes int
		mixedYes  int // of them with a key of mixed order
	)
	judge := func(key keys.PublicKey, message []byte, sig keys.Signature) {
		t.Helper()
		zip215 := ed25519consensus.Verify([]byte(key.Bytes), message, sig)
		if got := suite.VerifyClient(key, message, sig); got != zip215 {
			t.Errorf("key %s, signature %x: client rule says %v, want %v", key, sig, got, zip215)
		}
		if got := inBatch(suite, key, message, sig); got != zip215 {
			t.Errorf("key %s, signature %x: batch of one says %v, want %v", key, sig, got, zip215)
		}
		accepts := suite.Verify(key, message, sig)
		if got := strict.Verify(key, message, sig); got != accepts {
			t.Errorf("key %s, signature %x: the strict rule says %v, with a cached key %v", key, sig, accepts, got)
		}
		tables.GiveTable(key)
		if got := tables.Verify(key, message, sig); got != accepts {
			t.Errorf("key %s, signature %x: the strict rule says %v, with a table %v", key, sig, accepts, got)
		}
		if got := inBatchWith(suite, tables, key, message, sig); got != zip215 {
			t.Errorf("key %s, signature %x: with a table the batch says %v, want %v", key, sig, got, zip215)
		}
		if accepts {
			strictYes++
			if key.Check() != nil {
				mixedYes++
			}
			if !zip215 || !ed25519.Verify([]byte(key.Bytes), message, sig) {
				t.Errorf("key %s, signature %x: the strict rule accepts more than the others", key, sig)
			}
		}
		batch.Add(key, message, sig)
		want = append(want, zip215)
		if zip215 {
			accepted[1]++
		} else {
			accepted[0]++
		}
	}
	for i := range 60 {
		private, err := suite.Generate(random)
		if err != nil {
			t.Fatal(err)
		}
		key, message := private.Public(), []byte{byte(i)}
		sig, err := private.Sign(message)
		if err != nil {
			t.Fatal(err)
		}
		judge(key, message, sig)
		judge(key, append(message, 0), sig)
		judge(key, message, plusOrder(sig))
		// A flipped bit may touch R, S or the key.
		at := choose.IntN(512)
		judge(key, message, flip(sig, at))
		judge(keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(flip([]byte(key.Bytes), at%256))}, message, sig)
		// Honest equations with components of small order in A and R.
		a, r := torsion[choose.IntN(len(torsion))], torsion[choose.IntN(len(torsion))]
		twistedKey, twistedSig := twisted(t, byte(i), a, r, message)
		judge(twistedKey, message, twistedSig)
		judge(twistedKey, message, flip(twistedSig, at))
		// Small-order points beside an honest half.
		judge(key, message, append(unhex(t, r), sig[32:]...))
		judge(keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(unhex(t, a))}, message, sig)
		// Coordinates that are not below the field prime.
		judge(keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(unreduced(i))}, message, sig)
		judge(key, message, append(unreduced(i), sig[32:]...))
	}
	if accepted[0] < 100 || accepted[1] < 100 || strictYes < 60 || mixedYes < 3 {
		t.Errorf("the cases are one-sided: %d refused, %d accepted, %d by the strict rule, of these %d with a key of mixed order",
			accepted[0], accepted[1], strictYes, mixedYes)
	}
	for i, got := range batch.Verify() {
		if got != want[i] {
			t.Errorf("entry %d: the batch says %v, alone it is %v", i, got, want[i])
		}
	}
}

func TestStrictRuleRefusesAnRWithoutSecret(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	// R = identity, S = k·a satisfies every equation; libraries differ on it.
	key, sig := twistedWith(t, 7, torsion[0], torsion[0], []byte("m"), scalar.New())
	if !suite.VerifyClient(key, []byte("m"), sig) || !ed25519.Verify([]byte(key.Bytes), []byte("m"), sig) {
		t.Fatal("the signature does not satisfy the equation")
	}
	if suite.Verify(key, []byte("m"), sig) {
		t.Error("accepted an R of small order")
	}
}

// twisted signs with A = aB + T and R = rB + U for the points T, U of small order.
func twisted(t *testing.T, seed byte, a, r string, message []byte) (keys.PublicKey, keys.Signature) {
	nonce, err := scalar.NewFromBytesModOrder(bytes.Repeat([]byte{seed + 101}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return twistedWith(t, seed, a, r, message, nonce)
}

func twistedWith(t *testing.T, seed byte, a, r string, message []byte, nonce *scalar.Scalar) (keys.PublicKey, keys.Signature) {
	t.Helper()
	secret, err := scalar.NewFromBytesModOrder(bytes.Repeat([]byte{seed + 1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	at := func(s *scalar.Scalar, torsion string) []byte {
		var p curve.EdwardsPoint
		p.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, s)
		p.Add(&p, point(t, unhex(t, torsion)))
		b, err := p.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	A, R := at(secret, a), at(nonce, r)
	wide := sha512.Sum512(bytes.Join([][]byte{R, A, message}, nil))
	k, err := scalar.NewFromBytesModOrderWide(wide[:])
	if err != nil {
		t.Fatal(err)
	}
	var s scalar.Scalar
	s.Add(nonce, s.Mul(k, secret))
	b, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(A)}, append(R, b...)
}

func point(t *testing.T, raw []byte) *curve.EdwardsPoint {
	t.Helper()
	c, err := curve.NewCompressedEdwardsYFromBytes(raw)
	if err != nil {
		t.Fatal(err)
	}
	p, err := curve.NewEdwardsPoint().SetCompressedY(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func isIdentity(t *testing.T, text string) bool { return point(t, unhex(t, text)).IsIdentity() }

// plusOrder adds the group order to S: the same equation, another encoding.
func plusOrder(sig keys.Signature) keys.Signature {
	order, _ := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	out, carry := bytes.Clone(sig), 0
	for i := range order {
		carry += int(out[32+i]) + int(order[i])
		out[32+i] = byte(carry)
		carry >>= 8
	}
	return out
}

// unreduced encodes the field prime plus i mod 19, with either sign of x.
func unreduced(i int) []byte {
	out := bytes.Repeat([]byte{0xff}, 32)
	out[0] = 0xed + byte(i%19)
	if i/19%2 == 0 {
		out[31] = 0x7f
	}
	return out
}

func flip(b []byte, bit int) []byte {
	out := bytes.Clone(b)
	out[bit/8] ^= 1 << (bit % 8)
	return out
}
