// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/ipledger/ipledger/ledger/keys"
)

// Hash is the network's hash: SHA-256 or SM3, 32 bytes.
type Hash = keys.Hash

// MaxSigners bounds the signatures of one transaction.
const MaxSigners = 16

// maxClientRef bounds a client reference, in bytes.
const maxClientRef = 64

// A Body is what the signers of a transaction sign: a call of one method of a
// contract. It names the keys that sign it, so that its signatures can be
// checked without any state; whether those keys may act is for the contract.
type Body struct {
	Contract    string          `cbor:"1,keyasint"`
	Version     uint64          `cbor:"2,keyasint"`
	Method      string          `cbor:"3,keyasint"`
	Args        cbor.RawMessage `cbor:"4,keyasint"` // one map, typed by the method
	Actor       string          `cbor:"5,keyasint"` // party id of the organisation that acts
	ClientRef   string          `cbor:"6,keyasint"` // the actor's own reference, once for ever
	Signers     []Signer        `cbor:"7,keyasint"`
	ValidUntil  int64           `cbor:"8,keyasint"`           // block time in ms since 1970 UTC, inclusive
	Commitments [][]byte        `cbor:"9,keyasint,omitempty"` // of sealed parts, 32 bytes each
}

// A Signer is one key that a body expects a signature from.
type Signer struct {
	Organisation string         `cbor:"1,keyasint"` // party id
	Role         string         `cbor:"2,keyasint"` // maker, checker, countersigner, admin
	Key          keys.PublicKey `cbor:"3,keyasint"`
}

// A Transaction is a body with the signatures it names, in their order. It is
// immutable. Its bytes are kept as they came: they are what is hashed.
type Transaction struct {
	id         Hash
	body       Body
	raw        []byte // the whole encoding
	bodyRaw    []byte
	signatures []keys.Signature
}

type transactionWire struct {
	Body       []byte           `cbor:"1,keyasint"`
	Signatures []keys.Signature `cbor:"2,keyasint"`
}

// A Network is the suite and identity all signatures of one ledger bind to.
type Network struct {
	Suite keys.Suite
	Chain Hash // hash of the genesis file
}

// TransactionID is the hash of a body's bytes.
func (n Network) TransactionID(body []byte) Hash {
	return n.Suite.Sum([]byte("ipledger/tx-id/v1\x00"), body)
}

// CommitmentOf is what a transaction shows of a sealed part: the hash of its file. It
// hides what is in the file only if that holds a random salt.
func CommitmentOf(suite keys.Suite, file []byte) Hash {
	return suite.Sum([]byte("ipledger/sealed/v1\x00"), file)
}

// SignBytes is what the signers of a transaction sign.
func (n Network) SignBytes(body []byte) []byte {
	return n.message("ipledger/tx/v1\x00", body)
}

func (n Network) message(domain string, payload []byte) []byte {
	b := make([]byte, 0, len(domain)+len(n.Chain)+len(payload))
	b = append(b, domain...)
	b = append(b, n.Chain[:]...)
	return append(b, payload...)
}

// maxTransaction bounds a transaction with its signatures, in bytes.
const maxTransaction = MaxBody + MaxSigners*80 + 64

// NewTransaction joins a body's bytes with its signatures. It checks all that
// DecodeTransaction checks.
func NewTransaction(n Network, body []byte, signatures []keys.Signature) (*Transaction, error) {
	return newTransaction(n, Encode(transactionWire{Body: body, Signatures: signatures}))
}

// JoinTransaction is NewTransaction for a body that DecodeBody has read from
// raw, which it does not read again. What it gives every node can decode from
// its bytes: it refuses signatures that are not of keys.SignatureSize, which
// hold for nobody and could make the whole too long. The transaction keeps raw
// and signatures. Errors wrap ErrInvalid.
func JoinTransaction(n Network, raw []byte, body Body, signatures []keys.Signature) (*Transaction, error) {
	if err := checkCount(&body, signatures); err != nil {
		return nil, err
	}
	for i, s := range signatures {
		if len(s) != keys.SignatureSize {
			return nil, fmt.Errorf("transaction: %w", &FieldError{fmt.Sprintf("signatures[%d]", i), "LENGTH",
				fmt.Sprintf("%d bytes, must be %d", len(s), keys.SignatureSize)})
		}
	}
	whole := Encode(transactionWire{Body: raw, Signatures: signatures})
	if len(whole) > maxTransaction {
		return nil, fmt.Errorf("%w: transaction: %w: %w: %d, at most %d", ErrInvalid, ErrEncoding, FaultSize, len(whole), maxTransaction)
	}
	return &Transaction{
		id:         n.TransactionID(raw),
		body:       body,
		raw:        whole,
		bodyRaw:    raw,
		signatures: signatures,
	}, nil
}

// checkCount refuses more or fewer signatures than the body names signers.
func checkCount(b *Body, signatures []keys.Signature) error {
	if len(signatures) == len(b.Signers) {
		return nil
	}
	return fmt.Errorf("transaction: %w", &FieldError{"signatures", "LENGTH",
		fmt.Sprintf("%d for %d signers", len(signatures), len(b.Signers))})
}

// DecodeTransaction reads a transaction and checks everything that needs no
// state and no clock, except the signatures: see CheckSignatures. Errors wrap
// ErrInvalid.
func DecodeTransaction(n Network, raw []byte) (*Transaction, error) {
	return newTransaction(n, bytes.Clone(raw))
}

// newTransaction reads a transaction that keeps raw.
func newTransaction(n Network, raw []byte) (*Transaction, error) {
	bodyRaw, signatures, ok := cutTransaction(raw)
	if !ok {
		var wire transactionWire
		if err := Decode(raw, maxTransaction, &wire); err != nil {
			return nil, fmt.Errorf("%w: transaction: %w", ErrInvalid, err)
		}
		bodyRaw, signatures = wire.Body, wire.Signatures
	}
	t := &Transaction{raw: raw, bodyRaw: bodyRaw, signatures: signatures}
	if err := decodeBody(n, bodyRaw, &t.body); err != nil {
		return nil, err
	}
	if err := checkCount(&t.body, signatures); err != nil {
		return nil, err
	}
	t.id = n.TransactionID(bodyRaw)
	return t, nil
}

// cutTransaction gives the parts of a transaction, which share memory with raw.
// Every node reads every transaction, and this costs a fifth of what Decode does.
// It knows only the one encoding; what is not that is left to Decode, which says
// what is wrong with it.
func cutTransaction(raw []byte) (body []byte, signatures []keys.Signature, ok bool) {
	rest, ok := cutHead(raw, majorMap, 2)
	if ok {
		rest, ok = cutHead(rest, majorUint, 1)
	}
	if ok {
		body, rest, ok = cutBytes(rest)
	}
	if ok {
		rest, ok = cutHead(rest, majorUint, 2)
	}
	if !ok {
		return nil, nil, false
	}
	major, count, rest, err := checkHead(rest)
	if err != nil || major != majorArray || count > MaxSigners {
		return nil, nil, false
	}
	signatures = make([]keys.Signature, count)
	for i := range signatures {
		if signatures[i], rest, ok = cutBytes(rest); !ok {
			return nil, nil, false
		}
	}
	return body, signatures, len(rest) == 0 && len(raw) <= maxTransaction
}

// cutHead takes exactly this head from b.
func cutHead(b []byte, major byte, arg uint64) ([]byte, bool) {
	m, a, rest, err := checkHead(b)
	return rest, err == nil && m == major && a == arg
}

// cutBytes takes a byte string from b.
func cutBytes(b []byte) (content, rest []byte, ok bool) {
	major, size, rest, err := checkHead(b)
	if err != nil || major != majorBytes || size > uint64(len(rest)) {
		return nil, nil, false
	}
	return rest[:size:size], rest[size:], true
}

// PeekID gives the id of the transaction that raw encodes, without decoding it:
// to look for one that was decoded before. If raw is no transaction at all there
// is no id, or one that nothing has.
func (n Network) PeekID(raw []byte) (Hash, bool) {
	rest, ok := cutHead(raw, majorMap, 2)
	if ok {
		rest, ok = cutHead(rest, majorUint, 1)
	}
	if !ok {
		return Hash{}, false
	}
	body, _, ok := cutBytes(rest)
	if !ok {
		return Hash{}, false
	}
	return n.TransactionID(body), true
}

// DecodeBody reads a body and checks its form. The body shares memory with raw,
// which must not be changed. Errors wrap ErrInvalid.
func DecodeBody(n Network, raw []byte) (Body, error) {
	var b Body
	if err := decodeBody(n, raw, &b); err != nil {
		return Body{}, err
	}
	return b, nil
}

func decodeBody(n Network, raw []byte, b *Body) error {
	if err := decodeKept(raw, MaxBody, b); err != nil {
		return fmt.Errorf("%w: transaction body: %w", ErrInvalid, err)
	}
	if err := b.check(n); err != nil {
		return fmt.Errorf("transaction body: %w", err)
	}
	return nil
}

func (b *Body) check(n Network) error {
	wrong := func(field, reason, format string, args ...any) error {
		return &FieldError{field, reason, fmt.Sprintf(format, args...)}
	}
	switch {
	case !IsName(b.Contract):
		return wrong("contract", "VALUE", "not a name")
	case !IsName(b.Method):
		return wrong("method", "VALUE", "not a name")
	case b.Version == 0:
		return wrong("version", "VALUE", "is 0")
	case !IsKeyPart(b.Actor):
		return wrong("actor", "VALUE", "not a party id")
	case b.ClientRef == "":
		return wrong("client_ref", "EMPTY", "must not be empty")
	case len(b.ClientRef) > maxClientRef:
		return wrong("client_ref", "LENGTH", "more than %d characters", maxClientRef)
	case !IsKeyPart(b.ClientRef):
		return wrong("client_ref", "VALUE", "must be printable ASCII characters without blank or slash")
	case len(b.Signers) == 0 || len(b.Signers) > MaxSigners:
		return wrong("signers", "LENGTH", "%d, must be 1 to %d", len(b.Signers), MaxSigners)
	case b.ValidUntil <= 0:
		return wrong("valid_until", "VALUE", "not a time")
	case len(b.Args) == 0 || b.Args[0]>>5 != majorMap:
		return wrong("args", "TYPE", "not a map")
	case len(b.Commitments) > MaxSigners:
		return wrong("commitments", "LENGTH", "more than %d", MaxSigners)
	}
	for i, c := range b.Commitments {
		if len(c) != len(Hash{}) {
			return wrong(fmt.Sprintf("commitments[%d]", i), "LENGTH", "not %d bytes", len(Hash{}))
		}
	}
	for i, s := range b.Signers {
		field := func(name string) string { return fmt.Sprintf("signers[%d].%s", i, name) }
		switch {
		case !IsKeyPart(s.Organisation):
			return wrong(field("organisation"), "VALUE", "not a party id")
		case !IsName(s.Role):
			return wrong(field("role"), "VALUE", "not a name")
		case s.Key.Algorithm != n.Suite.Algorithm():
			return wrong(field("public_key"), "ALGORITHM", "is %s, this network's are %s", s.Key.Algorithm, n.Suite.Algorithm())
		}
	}
	return nil
}

// IsName reports whether s is a lower-case name as contracts, methods and
// roles have: letters, digits and underscores, at most 32.
func IsName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c == '_' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

// IsKeyPart reports whether s may be one part of a state key: printable ASCII
// without a slash, 1 to 64 characters.
func IsKeyPart(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '/' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// ID is the hash of the body's bytes.
func (t *Transaction) ID() Hash { return t.id }

// Body is the decoded body; it shares memory with t and must not be changed.
func (t *Transaction) Body() *Body { return &t.body }

// BodyBytes are the bytes that were signed.
func (t *Transaction) BodyBytes() []byte { return t.bodyRaw }

// Bytes is the whole encoding, as it came.
func (t *Transaction) Bytes() []byte { return t.raw }

// Signatures are in the order of the body's signers.
func (t *Transaction) Signatures() []keys.Signature { return t.signatures }

// CheckSignatures verifies all client signatures of txs by the one client rule
// of the suite, in one batch, and tells for each transaction whether all of its
// signatures hold.
func CheckSignatures(n Network, cache *keys.KeyCache, txs ...*Transaction) []bool {
	batch := n.Suite.NewBatch(cache)
	for _, t := range txs {
		message := n.SignBytes(t.bodyRaw)
		for i, s := range t.body.Signers {
			batch.Add(s.Key, message, t.signatures[i])
		}
	}
	verdicts := batch.Verify()
	good := make([]bool, len(txs))
	next := 0
	for i, t := range txs {
		good[i] = true
		for range t.body.Signers {
			good[i] = good[i] && verdicts[next]
			next++
		}
	}
	return good
}
