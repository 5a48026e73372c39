// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"golang.org/x/text/unicode/norm"
)

// Limits of the encoding, in bytes and levels. They are part of the format:
// a value beyond them is refused by every node and every verifier.
const (
	MaxBody  = 64 << 10 // one transaction body
	MaxValue = 64 << 10 // one value of the state
	MaxBatch = 1 << 20  // one batch with its transactions
	MaxFile  = 8 << 20  // one receipt, proof or list of links
	maxDepth = 8
)

// ErrEncoding marks bytes that are not in the one encoding of their value.
var ErrEncoding = errors.New("not the deterministic encoding")

var encoder = func() cbor.EncMode {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	m, err := o.EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()

var decoder = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		UTF8:              cbor.UTF8RejectInvalid,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   16,
		MaxArrayElements:  1 << 17,
		MaxMapPairs:       1 << 16,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

// Encode gives the deterministic CBOR (RFC 8949, section 4.2.1) of v in this
// ledger's profile: definite lengths, shortest integers, sorted integer map
// keys; no floats, tags or nulls. It panics if v cannot be encoded, which is a
// fault of the program: v is always one of our own types.
func Encode(v any) []byte {
	b, err := encoder.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("ledger: encode %T: %v", v, err))
	}
	return b
}

// Decode reads into v a value of at most limit bytes and accepts only the bytes
// that Encode would have written. No decoder of CBOR in reach refuses every
// other form, so the profile is checked first and the value is encoded again
// and compared. Errors wrap ErrEncoding.
func Decode(b []byte, limit int, v any) error {
	if len(b) > limit {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrEncoding, len(b), limit)
	}
	if err := CheckProfile(b); err != nil {
		return err
	}
	if err := decoder.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	again, err := encoder.Marshal(v)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if !bytes.Equal(again, b) {
		return fmt.Errorf("%w: another form of the same value", ErrEncoding)
	}
	return nil
}

// CheckProfile reports whether b is exactly one item of the profile. It needs
// no type, so it also guards parts that are carried undecoded.
func CheckProfile(b []byte) error {
	rest, err := checkItem(b, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("%w: %d bytes after the value", ErrEncoding, len(rest))
	}
	return nil
}

const (
	majorUint  = 0
	majorInt   = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

var errShort = errors.New("ends early")

// checkHead reads the first byte of an item and its argument.
func checkHead(b []byte) (major byte, arg uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, 0, nil, errShort
	}
	major, info, b := b[0]>>5, b[0]&31, b[1:]
	if info < 24 {
		return major, uint64(info), b, nil
	}
	if info > 27 {
		return 0, 0, nil, errors.New("indefinite or reserved length")
	}
	n := 1 << (info - 24)
	if len(b) < n {
		return 0, 0, nil, errShort
	}
	var wide [8]byte
	copy(wide[8-n:], b[:n])
	arg = binary.BigEndian.Uint64(wide[:])
	if smallest := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}[info-24]; arg < smallest {
		return 0, 0, nil, errors.New("integer or length not in its shortest form")
	}
	return major, arg, b[n:], nil
}

// checkItem checks the item that b begins with; depth is the number of arrays
// and maps around it.
func checkItem(b []byte, depth int) (rest []byte, err error) {
	if len(b) > 0 && (b[0] == 0xf4 || b[0] == 0xf5) { // false, true
		return b[1:], nil
	}
	major, arg, rest, err := checkHead(b)
	if err != nil {
		return nil, err
	}
	if depth >= maxDepth && (major == majorArray || major == majorMap) {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch major {
	case majorUint, majorInt:
		return rest, nil
	case majorBytes, majorText:
		if arg > uint64(len(rest)) {
			return nil, errShort
		}
		s := rest[:arg]
		if major == majorText && !utf8.Valid(s) {
			return nil, errors.New("text is not UTF-8")
		}
		if major == majorText && !norm.NFC.IsNormal(s) {
			return nil, errors.New("text is not in Unicode normal form C")
		}
		return rest[arg:], nil
	case majorArray:
		for ; arg > 0; arg-- {
			if rest, err = checkItem(rest, depth+1); err != nil {
				return nil, err
			}
		}
		return rest, nil
	case majorMap:
		var last []byte
		for ; arg > 0; arg-- {
			key := rest
			if m, _, _, err := checkHead(key); err != nil {
				return nil, err
			} else if m != majorUint {
				return nil, errors.New("map key is not an unsigned integer")
			}
			if rest, err = checkItem(key, depth+1); err != nil {
				return nil, err
			}
			key = key[:len(key)-len(rest)]
			if last != nil && bytes.Compare(last, key) >= 0 {
				return nil, errors.New("map keys not in ascending order")
			}
			last = key
			if rest, err = checkItem(rest, depth+1); err != nil {
				return nil, err
			}
		}
		return rest, nil
	default:
		return nil, errors.New("tag, float, null or undefined")
	}
}
