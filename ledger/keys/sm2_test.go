// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/ipledger/ipledger/ledger/keys"
)

// The order of the group and the prime of the field of SM2 (GB/T 32918.5-2017).
const (
	sm2Order = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123"
	sm2Prime = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff"
)

func TestSM2RefusesEveryOtherEncodingOfASignature(t *testing.T) {
	suite := suiteOf(t, "sm2")
	private := generate(t, suite, 1)
	message := []byte("message")
	sig, err := private.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := new(big.Int).SetString(sm2Order, 16)
	zero, order := make([]byte, 32), n.FillBytes(make([]byte, 32))
	negated := new(big.Int).Sub(n, new(big.Int).SetBytes(sig[:32])).FillBytes(make([]byte, 32))
	ones := bytes.Repeat([]byte{0xff}, 32)
	join := func(r, s []byte) keys.Signature { return append(bytes.Clone(r), s...) }
	for name, bad := range map[string]keys.Signature{
		"r zero": join(zero, sig[32:]), "s zero": join(sig[:32], zero), "both zero": join(zero, zero),
		"r = n": join(order, sig[32:]), "s = n": join(sig[:32], order),
		"r all ones": join(ones, sig[32:]), "s all ones": join(sig[:32], ones),
		"s = n-r": join(sig[:32], negated), "swapped": join(sig[32:], sig[:32]),
		"empty": nil, "short": sig[:63], "long": append(bytes.Clone(sig), 0),
	} {
		if acceptedByAny(suite, private.Public(), message, bad) {
			t.Errorf("%s: accepted", name)
		}
	}
	for bit := range 512 {
		if acceptedByAny(suite, private.Public(), message, flip(sig, bit)) {
			t.Errorf("bit %d flipped: accepted", bit)
		}
	}
}

// Where r + n or s + n fits into 32 bytes it is another spelling of the same
// signature. Such small numbers never come up by chance, so the test chooses
// them and computes the key that they are a signature of.
func TestSM2RefusesRAndSAboveTheOrder(t *testing.T) {
	n, _ := new(big.Int).SetString(sm2Order, 16)
	digest := bytes.Repeat([]byte{7}, 32)
	tried := 0
	for i := range int64(20) {
		// About half of the numbers r - e are the x of a point.
		r, s := big.NewInt(12345+i), big.NewInt(67890)
		var b cryptobyte.Builder
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1BigInt(r); b.AddASN1BigInt(s) })
		recovered, err := sm2.RecoverPublicKeysFromSM2Signature(digest, b.BytesOrPanic())
		if err != nil || len(recovered) == 0 {
			continue
		}
		tried++
		point, err := sm2.PublicKeyToECDH(recovered[0])
		if err != nil {
			t.Fatal(err)
		}
		full := point.Bytes()
		key, err := keys.NewPublicKey(keys.SM2, append([]byte{2 | full[64]&1}, full[1:33]...))
		if err != nil {
			t.Fatal(err)
		}
		join := func(r, s *big.Int) keys.Signature {
			return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
		if !keys.VerifySM2Digest(key, digest, join(r, s)) {
			t.Fatal("the computed key does not verify")
		}
		if keys.VerifySM2Digest(key, digest, join(new(big.Int).Add(r, n), s)) {
			t.Error("accepted r + n")
		}
		if keys.VerifySM2Digest(key, digest, join(r, new(big.Int).Add(s, n))) {
			t.Error("accepted s + n")
		}
	}
	if tried == 0 {
		t.Error("no number gave a key")
	}
}

func TestSM2SignatureNamesTheDefaultUser(t *testing.T) {
	suite := suiteOf(t, "sm2")
	private := generate(t, suite, 3)
	other, err := sm2.NewPrivateKey(private.Seed())
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("message")
	for uid, want := range map[string]bool{"1234567812345678": true, "": true, "somebody": false} {
		encoded, err := other.Sign(nil, message, sm2.NewSM2SignerOption(true, []byte(uid)))
		if err != nil {
			t.Fatal(err)
		}
		var r, s big.Int
		var inner cryptobyte.String
		outer := cryptobyte.String(encoded)
		if !outer.ReadASN1(&inner, asn1.SEQUENCE) || !inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) {
			t.Fatal("malformed signature")
		}
		sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		if got := suite.Verify(private.Public(), message, sig); got != want {
			t.Errorf("signature of user %q: %v, want %v", uid, got, want)
		}
	}
}

func TestSM2PointsHaveOneEncoding(t *testing.T) {
	raw := []byte(generate(t, suiteOf(t, "sm2"), 4).Public().Bytes)
	if _, err := keys.NewPublicKey(keys.SM2, raw); err != nil {
		t.Fatal(err)
	}
	offCurve := 0
	for x := byte(0); x < 20; x++ {
		// x + p for small x: a coordinate that would have to be reduced.
		p, _ := new(big.Int).SetString(sm2Prime, 16)
		unreduced := append([]byte{2}, p.Add(p, big.NewInt(int64(x))).FillBytes(make([]byte, 32))...)
		if _, err := keys.NewPublicKey(keys.SM2, unreduced); err == nil {
			t.Errorf("accepted the coordinate p + %d", x)
		}
		small := append([]byte{2}, append(make([]byte, 31), x)...)
		if _, err := keys.NewPublicKey(keys.SM2, small); err != nil {
			offCurve++
		}
	}
	if offCurve == 0 || offCurve == 20 {
		t.Errorf("%d of 20 small coordinates are off the curve, want about half", offCurve)
	}
	for name, bad := range map[string][]byte{
		"empty": nil, "infinity": {0}, "short": raw[:32], "long": append(bytes.Clone(raw), 0),
		"uncompressed prefix": append([]byte{4}, raw[1:]...), "all ones": append([]byte{2}, bytes.Repeat([]byte{255}, 32)...),
	} {
		if _, err := keys.NewPublicKey(keys.SM2, bad); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSM2ScalarsLieBelowTheOrderLessOne(t *testing.T) {
	n, _ := new(big.Int).SetString(sm2Order, 16)
	for offset, want := range map[int64]bool{-2: true, -1: false, 0: false, 1: false} {
		seed := new(big.Int).Add(n, big.NewInt(offset)).FillBytes(make([]byte, 32))
		if _, err := keys.ParsePrivateKey(keys.SM2, seed); (err == nil) != want {
			t.Errorf("scalar n%+d (%s): %v", offset, hex.EncodeToString(seed), err)
		}
	}
	if _, err := keys.ParsePrivateKey(keys.SM2, make([]byte, 32)); err == nil {
		t.Error("accepted the scalar 0")
	}
}
