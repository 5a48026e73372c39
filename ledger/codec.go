// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
)

// Limits of the encoding, in bytes and levels. They are part of the format:
// a value beyond them is refused by every node and every verifier.
const (
	MaxBody  = 64 << 10         // one transaction body
	MaxValue = 64 << 10         // one value of the state
	MaxBatch = 1 << 20          // one batch with its transactions
	MaxBlock = MaxBatch + 4<<10 // one block: a batch that was executed
	MaxFile  = 8 << 20          // one receipt, proof or list of links
	maxDepth = 8
)

// ErrEncoding marks bytes that are not in the one encoding of their value.
var ErrEncoding = errors.New("not the deterministic encoding")

// A Fault is why bytes are not in the encoding's profile. Errors that wrap
// ErrEncoding wrap a Fault too, unless the bytes are well formed and of another
// type than was asked for.
type Fault string

// The faults of bytes.
const (
	FaultShort      Fault = "ends early"
	FaultTrailing   Fault = "bytes after the value"
	FaultSize       Fault = "too many bytes"
	FaultDepth      Fault = "nested deeper than allowed"
	FaultIndefinite Fault = "indefinite or reserved length"
	FaultShortest   Fault = "integer or length not in its shortest form"
	FaultUTF8       Fault = "text is not UTF-8"
	FaultNormal     Fault = "text is not in Unicode normal form C"
	FaultKey        Fault = "map key is not an unsigned integer"
	FaultOrder      Fault = "map keys not in ascending order"
	FaultKind       Fault = "tag, float, null or undefined"
	FaultForm       Fault = "another form of the same value"
)

func (f Fault) Error() string { return string(f) }

var encoder = func() cbor.UserBufferEncMode {
	o := cbor.CoreDetEncOptions()
	o.NilContainers = cbor.NilContainerAsEmpty
	m, err := o.UserBufferEncMode()
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
func Encode[T any](v T) []byte {
	switch v := any(&v).(type) {
	case *Hash:
		return appendBytes(make([]byte, 0, 2+len(v)), v[:])
	case *uint64:
		return appendHead(make([]byte, 0, 9), majorUint, *v)
	}
	f := formOf(reflect.TypeFor[T]())
	if f == nil || f.kind != recordForm {
		return encode(v)
	}
	m := f.rooms.Get().(*room)
	in := m.value.(*T)
	*in = v
	b, ok := m.write(f)
	var none T
	*in = none
	f.rooms.Put(m)
	if !ok {
		return encode(v)
	}
	return b
}

func encode(v any) []byte {
	if b, ok := encodeForm(v); ok {
		return b
	}
	b, err := encoder.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("ledger: encode %T: %v", v, err))
	}
	return b
}

// Decode reads into v a value of at most limit bytes and accepts only the bytes
// that Encode would have written. What v held before is lost, also if it fails.
// Errors wrap ErrEncoding.
func Decode(b []byte, limit int, v any) error {
	if len(b) <= limit && decodeForm(b, v, false) {
		return nil
	}
	return decodeGeneral(b, limit, v)
}

// DecodeNew is Decode of a value of a type, which is none if it fails. It costs less: what
// it is read into is used again.
func DecodeNew[T any](b []byte, limit int) (v T, err error) {
	f := formOf(reflect.TypeFor[T]())
	if f == nil || f.kind != recordForm {
		to := new(T)
		if err = Decode(b, limit, to); err == nil {
			v = *to
		}
		return v, err
	}
	m := f.rooms.Get().(*room)
	in := m.value.(*T)
	if len(b) > limit || !m.read(f, b) {
		err = decodeGeneral(b, limit, in)
	}
	if err == nil {
		v = *in
	}
	var none T
	*in = none
	f.rooms.Put(m)
	return v, err
}

// DecodeFirst reads the first fields of a record: T has these alone, none of them optional.
// It is for records of the own state, for what follows in them is not looked at. Errors
// wrap ErrEncoding.
func DecodeFirst[T any](b []byte) (v T, err error) {
	r := reader{raw: b}
	if f := formOf(reflect.TypeFor[T]()); !r.first(f, reflect.ValueOf(&v).Elem()) {
		var none T
		return none, fmt.Errorf("%w: %w", ErrEncoding, FaultForm)
	}
	return v, nil
}

// decodeKept is Decode for bytes that nobody changes: v may share their memory.
func decodeKept(b []byte, limit int, v any) error {
	if len(b) <= limit && decodeForm(b, v, true) {
		return nil
	}
	return decodeGeneral(b, limit, v)
}

// decodeGeneral is Decode for every type, and it says what is wrong. No decoder
// of CBOR in reach refuses every other form, so the profile is checked first and
// the value is encoded again and compared.
func decodeGeneral(b []byte, limit int, v any) error {
	if len(b) > limit {
		return fmt.Errorf("%w: %w: %d, at most %d", ErrEncoding, FaultSize, len(b), limit)
	}
	if err := CheckProfile(b); err != nil {
		return err
	}
	if err := checkClaims(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if err := decoder.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	again := buffers.Get().(*bytes.Buffer)
	defer func() {
		if again.Cap() <= 2*MaxBody { // a whole batch is not kept for the next small value
			buffers.Put(again)
		}
	}()
	again.Reset()
	again.Grow(len(b))
	if err := encoder.MarshalToBuffer(v, again); err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if !bytes.Equal(again.Bytes(), b) {
		return fmt.Errorf("%w: %w", ErrEncoding, FaultForm)
	}
	return nil
}

// buffers are for what Decode encodes again, and forgets.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// FormatOf gives the format that a file of this ledger names in its first field,
// "" if it names none. It tells a file of another kind from a damaged one and
// says nothing about the rest of the file.
func FormatOf(file []byte) string {
	var named struct {
		Format string `cbor:"1,keyasint"`
	}
	// Fields that are not asked for are passed over.
	if CheckProfile(file) != nil || cbor.Unmarshal(file, &named) != nil {
		return ""
	}
	return named.Format
}

// CheckProfile reports whether b is exactly one item of the profile. It needs
// no type, so it also guards parts that are carried undecoded.
func CheckProfile(b []byte) error {
	rest, err := checkItem(b, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	if len(rest) > 0 {
		return fmt.Errorf("%w: %d %w", ErrEncoding, len(rest), FaultTrailing)
	}
	return nil
}

const (
	itemFalse = 0xf4
	itemTrue  = 0xf5
)

const (
	majorUint  = 0
	majorInt   = 1
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

// checkHead reads the first byte of an item and its argument.
func checkHead(b []byte) (major byte, arg uint64, rest []byte, err error) {
	if len(b) == 0 {
		return 0, 0, nil, FaultShort
	}
	major, info, b := b[0]>>5, b[0]&31, b[1:]
	if info < 24 {
		return major, uint64(info), b, nil
	}
	if info > 27 {
		return 0, 0, nil, FaultIndefinite
	}
	n := 1 << (info - 24)
	if len(b) < n {
		return 0, 0, nil, FaultShort
	}
	var wide [8]byte
	copy(wide[8-n:], b[:n])
	arg = binary.BigEndian.Uint64(wide[:])
	if smallest := [...]uint64{24, 1 << 8, 1 << 16, 1 << 32}[info-24]; arg < smallest {
		return 0, 0, nil, FaultShortest
	}
	return major, arg, b[n:], nil
}

// checkItem checks the item that b begins with; depth is the number of arrays
// and maps around it.
func checkItem(b []byte, depth int) (rest []byte, err error) {
	if len(b) > 0 && (b[0] == itemFalse || b[0] == itemTrue) {
		return b[1:], nil
	}
	major, arg, rest, err := checkHead(b)
	if err != nil {
		return nil, err
	}
	if depth >= maxDepth && (major == majorArray || major == majorMap) {
		return nil, fmt.Errorf("%w: at most %d levels", FaultDepth, maxDepth)
	}
	switch major {
	case majorUint, majorInt:
		return rest, nil
	case majorBytes, majorText:
		if arg > uint64(len(rest)) {
			return nil, FaultShort
		}
		s := rest[:arg]
		if major == majorText && !isNormal(s) {
			if !utf8.Valid(s) {
				return nil, FaultUTF8
			}
			return nil, FaultNormal
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
				return nil, FaultKey
			}
			if rest, err = checkItem(key, depth+1); err != nil {
				return nil, err
			}
			key = key[:len(key)-len(rest)]
			if last != nil && bytes.Compare(last, key) >= 0 {
				return nil, FaultOrder
			}
			last = key
			if rest, err = checkItem(rest, depth+1); err != nil {
				return nil, err
			}
		}
		return rest, nil
	default:
		return nil, FaultKind
	}
}
