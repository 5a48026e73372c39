// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// PublicKey is a public key and the name of its algorithm. It is comparable and
// serves as a map key. Bytes holds the raw key: 32 bytes for Ed25519, the 33
// bytes of the compressed point for SM2.
//
// Its text form is "ed25519:<hex>" or "sm2:<hex>", its CBOR form the array
// [1 or 2, byte string].
type PublicKey struct {
	Algorithm Algorithm
	Bytes     string
}

// NewPublicKey checks that raw is the one encoding of a sound point: on the
// curve, and for Ed25519 of prime order, since a key of small order signs without
// a secret and one of mixed order may verify differently elsewhere. For Ed25519
// it costs about as much as verifying a signature.
func NewPublicKey(alg Algorithm, raw []byte) (PublicKey, error) {
	k := PublicKey{Algorithm: alg, Bytes: string(raw)}
	if err := k.Check(); err != nil {
		return PublicKey{}, err
	}
	return k, nil
}

// ParsePublicKey reads the text form and checks the key as [NewPublicKey] does.
func ParsePublicKey(text string) (PublicKey, error) {
	name, digits, ok := strings.Cut(text, ":")
	if !ok {
		return PublicKey{}, errors.New(`parsing public key: want "algorithm:hex"`)
	}
	size := publicKeySize(Algorithm(name))
	if size == 0 {
		return PublicKey{}, fmt.Errorf("parsing public key: unknown algorithm %q", name)
	}
	raw := make([]byte, size)
	if err := decodeHex(raw, digits); err != nil {
		return PublicKey{}, fmt.Errorf("parsing public key: %w", err)
	}
	return NewPublicKey(Algorithm(name), raw)
}

// Check tells why the key must not be enrolled, nil if it may. It is the check
// of [NewPublicKey], for keys that arrived by decoding.
func (k PublicKey) Check() error {
	if err := k.checkForm(); err != nil {
		return fmt.Errorf("checking public key: %w", err)
	}
	var err error
	switch k.Algorithm {
	case Ed25519:
		err = checkEd25519Point([]byte(k.Bytes))
	case SM2:
		_, err = parseSM2Public([]byte(k.Bytes))
	}
	if err != nil {
		return fmt.Errorf("checking %s public key: %w", k.Algorithm, err)
	}
	return nil
}

// IsZero tells whether k is no key at all.
func (k PublicKey) IsZero() bool { return k == PublicKey{} }

// String returns the text form.
func (k PublicKey) String() string {
	return string(k.Algorithm) + ":" + hex.EncodeToString([]byte(k.Bytes))
}

// MarshalText returns the text form; it fails on a key of a wrong form.
func (k PublicKey) MarshalText() ([]byte, error) {
	if err := k.checkForm(); err != nil {
		return nil, fmt.Errorf("encoding public key: %w", err)
	}
	return []byte(k.String()), nil
}

// UnmarshalText reads the text form as [ParsePublicKey] does.
func (k *PublicKey) UnmarshalText(text []byte) error {
	parsed, err := ParsePublicKey(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// Codes of the algorithms in CBOR. They are on the ledger and never change.
const (
	codeEd25519 = 1
	codeSM2     = 2
)

// MarshalCBOR returns the array of the algorithm's code and the raw key.
func (k PublicKey) MarshalCBOR() ([]byte, error) {
	return k.AppendCBOR(make([]byte, 0, 4+len(k.Bytes)))
}

// AppendCBOR appends what MarshalCBOR returns; it appends nothing if it fails.
func (k PublicKey) AppendCBOR(b []byte) ([]byte, error) {
	if err := k.checkForm(); err != nil {
		return b, fmt.Errorf("encoding public key: %w", err)
	}
	code := byte(codeEd25519)
	if k.Algorithm == SM2 {
		code = codeSM2
	}
	return append(append(b, 0x82, code, 0x58, byte(len(k.Bytes))), k.Bytes...), nil
}

// UnmarshalCBOR reads what MarshalCBOR writes and nothing else. It checks the
// form only, not the point: keys are decoded far more often than enrolled. Who
// enrols a decoded key calls Check first.
func (k *PublicKey) UnmarshalCBOR(data []byte) error {
	decoded, err := DecodePublicKey(string(data))
	if err != nil {
		return err
	}
	*k = decoded
	return nil
}

// DecodePublicKey is UnmarshalCBOR for bytes in a string. The key is cut from it.
func DecodePublicKey(data string) (PublicKey, error) {
	if len(data) < 2 || data[0] != 0x82 {
		return PublicKey{}, errors.New("decoding public key: not an array of two")
	}
	var alg Algorithm
	switch data[1] {
	case codeEd25519:
		alg = Ed25519
	case codeSM2:
		alg = SM2
	default:
		return PublicKey{}, errors.New("decoding public key: unknown algorithm code")
	}
	raw, ok := cutBytes(data[2:], publicKeySize(alg))
	if !ok {
		return PublicKey{}, fmt.Errorf("decoding public key: not a byte string of %d bytes", publicKeySize(alg))
	}
	decoded := PublicKey{Algorithm: alg, Bytes: raw}
	if err := decoded.checkForm(); err != nil {
		return PublicKey{}, fmt.Errorf("decoding public key: %w", err)
	}
	return decoded, nil
}

// checkForm checks all that needs no curve arithmetic.
func (k PublicKey) checkForm() error {
	size := publicKeySize(k.Algorithm)
	if size == 0 {
		return fmt.Errorf("unknown algorithm %q", k.Algorithm)
	}
	if len(k.Bytes) != size {
		return fmt.Errorf("%d bytes, want %d for %s", len(k.Bytes), size, k.Algorithm)
	}
	if k.Algorithm == SM2 && k.Bytes[0] != 2 && k.Bytes[0] != 3 {
		return errors.New("not a compressed point")
	}
	return nil
}

// publicKeySize is the length in bytes of a raw key, 0 for an unknown algorithm.
func publicKeySize(alg Algorithm) int {
	switch alg {
	case Ed25519:
		return 32
	case SM2:
		return 33
	}
	return 0
}
