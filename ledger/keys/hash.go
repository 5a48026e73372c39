// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// HashSize is the length in bytes of a [Hash] of either suite.
const HashSize = 32

// Hash is a digest by the ledger hash of the network, SHA-256 or SM3. Its text
// form is 64 lower-case hexadecimal digits, its CBOR form a byte string.
type Hash [HashSize]byte

// String returns the text form.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero tells whether h is all zero, which no digest is in practice.
func (h Hash) IsZero() bool { return h == Hash{} }

// ParseHash reads the text form; it refuses upper case, so that a hash has one spelling.
func ParseHash(text string) (Hash, error) {
	var h Hash
	if err := decodeHex(h[:], text); err != nil {
		return Hash{}, fmt.Errorf("parsing hash: %w", err)
	}
	return h, nil
}

// MarshalText returns the text form.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the text form as [ParseHash] does.
func (h *Hash) UnmarshalText(text []byte) error {
	parsed, err := ParseHash(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// MarshalCBOR returns h as a byte string of 32 bytes.
func (h Hash) MarshalCBOR() ([]byte, error) { return appendBytes(nil, h[:]), nil }

// UnmarshalCBOR reads a byte string of exactly 32 bytes in its shortest form.
func (h *Hash) UnmarshalCBOR(data []byte) error {
	raw, ok := cutBytes(data, HashSize)
	if !ok {
		return errors.New("decoding hash: not a byte string of 32 bytes")
	}
	copy(h[:], raw)
	return nil
}

// decodeHex fills dst from lower-case hexadecimal digits of exactly its length.
func decodeHex(dst []byte, text string) error {
	if len(text) != 2*len(dst) {
		return fmt.Errorf("%d characters, want %d", len(text), 2*len(dst))
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return errors.New("not lower-case hexadecimal")
		}
	}
	_, err := hex.Decode(dst, []byte(text))
	return err
}

// appendBytes appends the CBOR byte string of b, which is 24 to 255 bytes long:
// the length then takes exactly one byte (RFC 8949, 3.1).
func appendBytes(dst, b []byte) []byte {
	return append(append(dst, 0x58, byte(len(b))), b...)
}

// cutBytes returns the content when data is exactly the CBOR byte string of n bytes.
func cutBytes[T []byte | string](data T, n int) (content T, ok bool) {
	if len(data) != 2+n || data[0] != 0x58 || data[1] != byte(n) {
		return content, false
	}
	return data[2:], true
}
