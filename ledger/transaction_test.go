// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func TestTransactionKeepsItsBytes(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		body := w.body(1)
		tx := w.signed(body)
		again, err := ledger.DecodeTransaction(w.trust.Network, tx.Bytes())
		noError(t, err)
		if again.ID() != tx.ID() || !bytes.Equal(again.Bytes(), tx.Bytes()) || !bytes.Equal(again.BodyBytes(), ledger.Encode(body)) {
			t.Error("decoded transaction is another one")
		}
		if again.Body().ClientRef != body.ClientRef || len(again.Signatures()) != 2 {
			t.Errorf("body is %+v", again.Body())
		}
		if tx.ID() != w.trust.TransactionID(ledger.Encode(body)) {
			t.Error("id is not the hash of the body")
		}
		other := newWorldOf(t, w.suite.Name(), "another", "validator", 1)
		if other.signed(body).ID() != tx.ID() {
			t.Error("the id depends on more than the body")
		}
	})
}

func TestBodiesThatAreRefused(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		other := newWorld(t, map[string]string{"sm2": "ed25519", "ed25519": "sm2"}[w.suite.Name()], 1)
		for what, change := range map[string]func(b *ledger.Body){
			"no contract":                  func(b *ledger.Body) { b.Contract = "" },
			"a capital contract":           func(b *ledger.Body) { b.Contract = "Pledges" },
			"a contract of 33 letters":     func(b *ledger.Body) { b.Contract = strings.Repeat("a", 33) },
			"a path for contract":          func(b *ledger.Body) { b.Contract = "../parties" },
			"version 0":                    func(b *ledger.Body) { b.Version = 0 },
			"no method":                    func(b *ledger.Body) { b.Method = "" },
			"a digit before the method":    func(b *ledger.Body) { b.Method = "1submit" },
			"no actor":                     func(b *ledger.Body) { b.Actor = "" },
			"a slash in the actor":         func(b *ledger.Body) { b.Actor = "bank/1" },
			"an actor of 65 bytes":         func(b *ledger.Body) { b.Actor = strings.Repeat("a", 65) },
			"no reference":                 func(b *ledger.Body) { b.ClientRef = "" },
			"a slash in the reference":     func(b *ledger.Body) { b.ClientRef = "a/b" },
			"a zero byte in the reference": func(b *ledger.Body) { b.ClientRef = "a\x00b" },
			"a space in the reference":     func(b *ledger.Body) { b.ClientRef = "a b" },
			"a reference of 65 bytes":      func(b *ledger.Body) { b.ClientRef = strings.Repeat("a", 65) },
			"a Chinese reference":          func(b *ledger.Body) { b.ClientRef = "质押" },
			"no signers":                   func(b *ledger.Body) { b.Signers = nil },
			"17 signers":                   func(b *ledger.Body) { b.Signers = slices.Repeat(b.Signers[:1], 17) },
			"a signer of nobody":           func(b *ledger.Body) { b.Signers[0].Organisation = "" },
			"a signer without role":        func(b *ledger.Body) { b.Signers[0].Role = "" },
			"a signer of other suite":      func(b *ledger.Body) { b.Signers[0].Key = other.maker.Public() },
			"no end":                       func(b *ledger.Body) { b.ValidUntil = 0 },
			"an end before 1970":           func(b *ledger.Body) { b.ValidUntil = -1 },
			"arguments that are a list":    func(b *ledger.Body) { b.Args = []byte{0x80} },
			"arguments that are text":      func(b *ledger.Body) { b.Args = []byte{0x60} },
			"no arguments":                 func(b *ledger.Body) { b.Args = nil },
			"arguments of text keys":       func(b *ledger.Body) { b.Args = []byte{0xa1, 0x61, 'a', 0} },
			"arguments of a float":         func(b *ledger.Body) { b.Args = []byte{0xa1, 0, 0xf9, 0, 0} },
			"arguments too deep":           func(b *ledger.Body) { b.Args = nested(7) },
			"arguments of 64 KiB":          func(b *ledger.Body) { b.Args = ledger.Encode(map[uint64]any{1: make([]byte, ledger.MaxBody)}) },
			"a short commitment":           func(b *ledger.Body) { b.Commitments = [][]byte{make([]byte, 31)} },
			"a long commitment":            func(b *ledger.Body) { b.Commitments = [][]byte{make([]byte, 33)} },
			"17 commitments":               func(b *ledger.Body) { b.Commitments = slices.Repeat(b.Commitments, 17) },
		} {
			body := w.body(1)
			change(&body)
			raw := ledger.Encode(body)
			if _, err := ledger.DecodeBody(w.trust.Network, raw); !errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("body with %s: %v", what, err)
			}
			signatures := make([]keys.Signature, len(body.Signers))
			if tx, err := ledger.NewTransaction(w.trust.Network, raw, signatures); !errors.Is(err, ledger.ErrInvalid) || tx != nil {
				t.Errorf("transaction with %s: %v", what, err)
			}
		}
	})
}

// nested are arguments with arrays in them; body and arguments are two levels more.
func nested(arrays int) []byte {
	return append(append([]byte{0xa1, 0}, bytes.Repeat([]byte{0x81}, arrays)...), 0)
}

func TestDeepestArgumentsAreAccepted(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	body := w.body(1)
	body.Args = nested(6)
	if _, err := ledger.DecodeBody(w.trust.Network, ledger.Encode(body)); err != nil {
		t.Error(err)
	}
}

func TestMalformedArgumentsAreRefused(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	raw := ledger.Encode(w.body(1))
	for _, args := range []string{"", "\xa1", "\xa1\x01", "\xbf\xff", "\xa2\x02\x00\x01\x00", "\xa1\x01\xf6", "\xa0\x00", "\xff", "\xbb\xff\xff\xff\xff\xff\xff\xff\xff"} {
		whole, _ := parse(raw)
		for i := 0; i < len(whole.elements); i += 2 {
			if whole.elements[i].arg == 4 {
				whole.elements[i+1].write = func(*item) []byte { return []byte(args) }
			}
		}
		if _, err := ledger.DecodeBody(w.trust.Network, whole.bytes()); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("arguments %x: %v", args, err)
		}
	}
}

func TestLargestTransactionFits(t *testing.T) {
	w := newWorld(t, "sm2", 1)
	body := w.body(1)
	body.Signers = slices.Repeat(body.Signers[:1], ledger.MaxSigners)
	body.Commitments = slices.Repeat(body.Commitments, ledger.MaxSigners)
	room := ledger.MaxBody - len(ledger.Encode(body)) + len(body.Args)
	body.Args = ledger.Encode(map[uint64]any{1: make([]byte, room-5)})
	raw := ledger.Encode(body)
	if len(raw) != ledger.MaxBody {
		t.Fatalf("body has %d bytes", len(raw))
	}
	sig, err := w.maker.Sign(w.trust.SignBytes(raw))
	noError(t, err)
	tx, err := ledger.NewTransaction(w.trust.Network, raw, slices.Repeat([]keys.Signature{sig}, ledger.MaxSigners))
	noError(t, err)
	if !ledger.CheckSignatures(w.trust.Network, nil, tx)[0] {
		t.Error("its signatures do not hold")
	}
}

// One bad signature spoils its own transaction and no other.
func TestSignaturesAreJudgedByTransaction(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		var txs []*ledger.Transaction
		for i := range 12 {
			body := ledger.Encode(w.body(i))
			signatures := w.signatures(body)
			switch i {
			case 3:
				signatures[1] = signatures[0]
			case 5:
				signatures[0][0] ^= 1
			case 8:
				signatures[1] = signatures[1][:63]
			case 9:
				signatures[0], signatures[1] = nil, nil
			}
			tx, err := ledger.NewTransaction(w.trust.Network, body, signatures)
			noError(t, err)
			txs = append(txs, tx)
		}
		for i, good := range ledger.CheckSignatures(w.trust.Network, keys.NewKeyCache(4), txs...) {
			if bad := slices.Contains([]int{3, 5, 8, 9}, i); good == bad {
				t.Errorf("transaction %d: good %v", i, good)
			}
			if alone := ledger.CheckSignatures(w.trust.Network, nil, txs[i])[0]; alone != good {
				t.Errorf("transaction %d: good %v among others, %v alone", i, good, alone)
			}
		}
		if got := ledger.CheckSignatures(w.trust.Network, nil); len(got) != 0 {
			t.Errorf("no transactions: %v", got)
		}
	})
}

func TestBatchIsABlockByItsBytesAlone(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		n, set := w.trust.Network, w.trust.Sets[0]
		p := w.page(7, 3)
		batch := ledger.Batch{Start: n.StartHash(w.start()), Index: 10, Term: 2, Time: p.header.Time, Transactions: p.raw}
		sign := func(b ledger.Batch, place uint64, key keys.Signer) []byte {
			raw, err := ledger.SignBatch(n, b, place, key)
			noError(t, err)
			return raw
		}
		honest := sign(batch, 1, w.validators[1])
		opened, err := ledger.OpenBatch(n, set, honest)
		noError(t, err)
		if opened.Validator != 1 || opened.Index != 10 || opened.Term != 2 || opened.Start != batch.Start || len(opened.Transactions) != 3 ||
			opened.Transactions[2].ID() != p.txs[2].ID() {
			t.Errorf("opened is %+v", opened)
		}
		empty, err := ledger.OpenBatch(n, set, sign(ledger.Batch{Start: batch.Start, Index: 11, Term: 2, Time: 1}, 0, w.validators[0]))
		if err != nil || len(empty.Transactions) != 0 {
			t.Errorf("batch without transactions: %v", err)
		}
		spoilt := batch
		spoilt.Transactions = [][]byte{p.raw[0], p.raw[1][:20]}
		large := batch
		large.Transactions = slices.Repeat(p.raw, ledger.MaxBatch/len(p.raw[0])/3+1)
		foreign := n
		foreign.Chain[0] ^= 1
		elsewhere, err := ledger.SignBatch(foreign, batch, 1, w.validators[1])
		noError(t, err)
		for what, raw := range map[string][]byte{
			"nothing":                  nil,
			"another's signature":      sign(batch, 1, w.validators[2]),
			"a stranger's signature":   sign(batch, 1, w.maker),
			"signer beyond the set":    sign(batch, 4, w.validators[1]),
			"signer 2^64-1":            sign(batch, 1<<64-1, w.validators[1]),
			"another network":          elsewhere,
			"a malformed transaction":  sign(spoilt, 1, w.validators[1]),
			"more than a batch may be": sign(large, 1, w.validators[1]),
			"a byte behind it":         append(slices.Clone(honest), 0),
		} {
			if b, err := ledger.OpenBatch(n, set, raw); err == nil || b != nil {
				t.Errorf("opened with %s", what)
			}
		}
		step := 1
		if w.suite.Algorithm() == keys.SM2 {
			step = 7
		}
		for i := 0; i < len(honest); i += step {
			forged := slices.Clone(honest)
			forged[i] ^= 1
			if _, err := ledger.OpenBatch(n, set, forged); err == nil {
				t.Errorf("opened with byte %d changed", i)
			}
		}
	})
}

func TestATransactionIsFoundByItsBytesAlone(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		tx := w.signed(w.body(1))
		if id, ok := w.trust.PeekID(tx.Bytes()); !ok || id != tx.ID() {
			t.Errorf("the id of %x is %v, want %v", tx.Bytes(), id, tx.ID())
		}
		for n := range tx.Bytes() {
			id, ok := w.trust.PeekID(tx.Bytes()[:n]) // must not panic
			if ok && id != tx.ID() {
				t.Errorf("%d bytes have the id %v", n, id)
			}
		}
		for _, raw := range [][]byte{{}, {0xa2}, {0xa2, 1}, {0xa2, 1, 0x5b, 255, 255, 255, 255, 255, 255, 255, 255, 0}, {0xa2, 1, 0x61, 'a'}, {0xa1, 1, 0x41, 'a'}} {
			if _, ok := w.trust.PeekID(raw); ok {
				t.Errorf("%x has an id", raw)
			}
		}
	})
}

// NewTransaction does not decode what it has encoded; it must refuse and give
// what decoding would.
func TestANewTransactionIsTheDecodedOne(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		n, body := w.trust.Network, ledger.Encode(w.body(1))
		good := w.signatures(body)
		for what, c := range map[string]struct {
			body       []byte
			signatures []keys.Signature
		}{
			"good":                  {body, good},
			"too few":               {body, good[:1]},
			"none":                  {body, nil},
			"an empty signature":    {body, []keys.Signature{good[0], nil}},
			"a short signature":     {body, []keys.Signature{good[0], good[1][:63]}},
			"an endless signature":  {body, []keys.Signature{good[0], make(keys.Signature, ledger.MaxBody+4096)}},
			"no body":               {nil, good},
			"bytes after the body":  {append(bytes.Clone(body), 0), good},
			"a body cut short":      {body[:len(body)-1], good},
			"a body that is a text": {[]byte{0x61, 'a'}, good},
		} {
			raw := ledger.Encode(struct {
				Body       []byte           `cbor:"1,keyasint"`
				Signatures []keys.Signature `cbor:"2,keyasint"`
			}{c.body, c.signatures})
			want, wantErr := ledger.DecodeTransaction(n, raw)
			got, err := ledger.NewTransaction(n, c.body, c.signatures)
			if (err == nil) != (wantErr == nil) || err != nil && !errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("%s: %v, decoded: %v", what, err, wantErr)
				continue
			}
			if err == nil && (got.ID() != want.ID() || !bytes.Equal(got.Bytes(), want.Bytes()) || !bytes.Equal(got.BodyBytes(), want.BodyBytes()) ||
				!slices.EqualFunc(got.Signatures(), want.Signatures(), func(a, b keys.Signature) bool { return bytes.Equal(a, b) })) {
				t.Errorf("%s: another transaction than its bytes hold", what)
			}
		}
		tx, err := ledger.NewTransaction(n, body, good)
		noError(t, err)
		good[0][0]++
		body[0]++
		if again, err := ledger.DecodeTransaction(n, tx.Bytes()); err != nil || !bytes.Equal(again.Signatures()[0], tx.Signatures()[0]) || !bytes.Equal(again.BodyBytes(), tx.BodyBytes()) {
			t.Error("the transaction shares memory with what it was made of")
		}
	})
}

// DecodeTransaction has a short way for the outer form. It must accept exactly
// the bytes that the decoder of every other value accepts, and read the same.
func FuzzDecodeTransaction(f *testing.F) {
	w := newWorld(f, "ed25519", 1)
	tx := w.signed(w.body(1))
	f.Add(tx.Bytes())
	for i := range len(tx.Bytes()) {
		if i > 16 && i%8 != 0 && i < len(tx.Bytes())-2*66-4 { // heads, and some of what lies between
			continue
		}
		for _, change := range []byte{1, 0x20, 0x40, 0x80} {
			raw := bytes.Clone(tx.Bytes())
			raw[i] ^= change
			f.Add(raw)
		}
		f.Add(tx.Bytes()[:i])
		f.Add(slices.Insert(bytes.Clone(tx.Bytes()), i, 0))
	}
	f.Add(append(bytes.Clone(tx.Bytes()), 0))
	for _, head := range []string{"\xa2\x01\x40\x02\x80", "\xa2\x02\x80\x01\x40", "\xa1\x01\x40", "\xa3\x01\x40\x02\x80\x03\x40", "\xbf\x01\x40\x02\x80\xff",
		"\xa2\x01\x40\x02\x81\x40", "\xa2\x01\x40\x02\x9f\xff", "\xa2\x01\x58\x00\x02\x80", "\xa2\x18\x01\x40\x02\x80", "\xa2\x01\xf6\x02\xf6"} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var wire struct {
			Body       []byte           `cbor:"1,keyasint"`
			Signatures []keys.Signature `cbor:"2,keyasint"`
		}
		wantErr := ledger.Decode(raw, ledger.MaxBody+ledger.MaxSigners*80+64, &wire)
		if wantErr == nil {
			var body ledger.Body
			if body, wantErr = ledger.DecodeBody(w.trust.Network, wire.Body); wantErr == nil && len(body.Signers) != len(wire.Signatures) {
				wantErr = ledger.ErrInvalid
			}
		}
		got, err := ledger.DecodeTransaction(w.trust.Network, raw)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%v, by the common decoder: %v", err, wantErr)
		}
		if err != nil {
			if !errors.Is(err, ledger.ErrInvalid) {
				t.Fatalf("%v is of no class", err)
			}
			return
		}
		if !bytes.Equal(got.BodyBytes(), wire.Body) || !bytes.Equal(got.Bytes(), raw) ||
			!slices.EqualFunc(got.Signatures(), wire.Signatures, func(a, b keys.Signature) bool { return bytes.Equal(a, b) }) {
			t.Fatal("read otherwise than by the common decoder")
		}
		if id, ok := w.trust.PeekID(raw); !ok || id != got.ID() {
			t.Fatal("its id is not found by its bytes")
		}
	})
}

// sizes reads lengths of signatures from pairs of bytes.
func sizes(b []byte) (out []keys.Signature) {
	for ; len(b) >= 2 && len(out) <= ledger.MaxSigners; b = b[2:] {
		out = append(out, make(keys.Signature, 2*(int(b[0])<<8|int(b[1]))))
	}
	return out
}

// What JoinTransaction gives waits in the mempool in the place of its bytes, so
// every other node must read the same from these.
func FuzzJoinedTransactionsDecode(f *testing.F) {
	w := newWorld(f, "ed25519", 1)
	body := w.body(1)
	full := body
	full.Signers = slices.Repeat(body.Signers[:1], ledger.MaxSigners)
	const half = "\x00\x20" // of a signature's size
	f.Add(ledger.Encode(body), []byte(half+half))
	f.Add(ledger.Encode(body), []byte(half+"\x88\xb8")) // 70,000 bytes
	f.Add(ledger.Encode(body), []byte(half+"\x00\x00"))
	f.Add(ledger.Encode(body), []byte(half))
	f.Add(ledger.Encode(full), bytes.Repeat([]byte(half), ledger.MaxSigners))
	f.Add(ledger.Encode(full), bytes.Repeat([]byte("\xff\xff"), ledger.MaxSigners))
	f.Fuzz(func(t *testing.T, raw, lengths []byte) {
		n := w.trust.Network
		body, err := ledger.DecodeBody(n, raw)
		if err != nil {
			return
		}
		joined, err := ledger.JoinTransaction(n, raw, body, sizes(lengths))
		if err != nil {
			if !errors.Is(err, ledger.ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		read, err := ledger.DecodeTransaction(n, joined.Bytes())
		if err != nil {
			t.Fatalf("a joined transaction of %d bytes: %v", len(joined.Bytes()), err)
		}
		if !reflect.DeepEqual(joined, read) {
			t.Fatalf("joined %+v, read %+v", joined, read)
		}
	})
}

func TestAJoinedTransactionHasWholeSignatures(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		raw := ledger.Encode(w.body(1))
		body, err := ledger.DecodeBody(w.trust.Network, raw)
		noError(t, err)
		good := w.signatures(raw)
		if _, err := ledger.JoinTransaction(w.trust.Network, raw, body, good); err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{0, keys.SignatureSize - 1, keys.SignatureSize + 1, 70_000} {
			bad := slices.Clone(good)
			bad[1] = make(keys.Signature, size)
			var field *ledger.FieldError
			tx, err := ledger.JoinTransaction(w.trust.Network, raw, body, bad)
			if tx != nil || !errors.Is(err, ledger.ErrInvalid) || !errors.As(err, &field) || field.Field != "signatures[1]" || field.Reason != "LENGTH" {
				t.Errorf("a signature of %d bytes: %v", size, err)
			}
		}
	})
}
