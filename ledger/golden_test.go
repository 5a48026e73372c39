// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"reflect"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

var update = flag.Bool("update", false, "rewrite the golden files; a changed one breaks every ledger there is")

// A specimen is one encoding that must never change.
type specimen struct {
	name string
	raw  []byte
	into func() any // a new value of its type
}

// specimens are all types that are hashed, signed or written to a file.
func specimens(w *world) []specimen {
	p := w.page(7, 5)
	n := w.trust.Network
	batch, err := ledger.SignBatch(n, ledger.Batch{
		Start: n.StartHash(w.start()), Index: 10, Term: 2, Time: p.header.Time, Transactions: p.raw[:2],
	}, 1, w.validators[1])
	noError(w.t, err)
	prepare, err := w.vote(ledger.Prepare, p.header).Sign(2, w.validators[2])
	noError(w.t, err)
	commit, err := w.vote(ledger.Commit, p.header).Sign(0, w.validators[0])
	noError(w.t, err)
	of := func(name string, v any) specimen {
		return specimen{name, ledger.Encode(v), func() any { return reflect.New(reflect.TypeOf(v)).Interface() }}
	}
	return []specimen{
		{"body", p.txs[0].BodyBytes(), func() any { return new(ledger.Body) }},
		{"transaction", p.raw[0], func() any { return new(wireTransaction) }},
		{"batch", batch, func() any { return new(wireBatch) }},
		of("start", ledger.Start{Chain: n.Chain, Set: 1, Round: 3, Height: 7, Base: n.HeaderHash(p.header)}),
		of("header", p.header),
		of("block", ledger.Block{Header: p.header, Transactions: p.raw}),
		of("prepare", prepare),
		of("commit", commit),
		of("certificate", w.certify(w.vote(ledger.Commit, p.header))),
		of("prepare-certificate", w.certify(w.vote(ledger.Prepare, p.header))),
		of("outcome", p.outcomes[0]),
		of("refusal", p.outcomes[4]),
		of("set", w.trust.Sets[0]),
		of("receipt", w.receipt(p, 3, 0)),
		of("receipt-descendants", w.receipt(p, 4, 2)),
	}
}

// wireTransaction and wireBatch say what the bytes of the two are, for
// verifiers in other languages.
type wireTransaction struct {
	Body       []byte           `cbor:"1,keyasint"`
	Signatures []keys.Signature `cbor:"2,keyasint"`
}

type wireBatch struct {
	Batch     []byte         `cbor:"1,keyasint"`
	Validator uint64         `cbor:"2,keyasint"`
	Signature keys.Signature `cbor:"3,keyasint"`
}

func TestEncodingsNeverChange(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		for _, s := range specimens(w) {
			golden(t, fmt.Sprintf("%s-%s.golden", w.suite.Name(), s.name), s.raw)
			v := s.into()
			noError(t, ledger.Decode(s.raw, ledger.MaxFile, v))
			if again := ledger.Encode(v); !bytes.Equal(again, s.raw) {
				t.Errorf("%s: decoded and encoded again it is %x, was %x", s.name, again, s.raw)
			}
		}
	})
}

// The hashes are what is signed and linked; each has a domain of its own.
func TestHashesNeverChange(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		p, n := w.page(7, 5), w.trust.Network
		id, header, start := p.txs[0].ID(), n.HeaderHash(p.header), n.StartHash(w.start())
		root := n.TransactionRoot(p.raw)
		var all []byte
		for _, h := range []ledger.Hash{n.Chain, id, header, start, root, p.header.ReceiptsRoot} {
			all = append(all, h[:]...)
		}
		golden(t, w.suite.Name()+"-hashes.golden", all)
		for domain, want := range map[string]struct {
			payload []byte
			hash    ledger.Hash
		}{
			"ipledger/tx-id/v1\x00":  {p.txs[0].BodyBytes(), id},
			"ipledger/header/v1\x00": {ledger.Encode(p.header), header},
			"ipledger/start/v1\x00":  {ledger.Encode(w.start()), start},
			"ipledger/sealed/v1\x00": {[]byte("file"), ledger.CommitmentOf(w.suite, []byte("file"))},
		} {
			if got := w.suite.Sum([]byte(domain + string(want.payload))); got != want.hash {
				t.Errorf("hash in domain %q is %v, want %v", domain, want.hash, got)
			}
		}
		if want := "ipledger/tx/v1\x00" + string(n.Chain[:]) + "body"; string(n.SignBytes([]byte("body"))) != want {
			t.Errorf("signed are %q", n.SignBytes([]byte("body")))
		}
	})
}

// The files that example_test.go reads, byte for byte as users hold them.
func TestFilesNeverChange(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		for name, want := range map[string][]byte{
			w.suite.Name() + "-genesis.json": w.genesis,
			w.suite.Name() + ".receipt":      ledger.Encode(w.receipt(w.page(7, 5), 3, 0)),
		} {
			if *update {
				noError(t, os.WriteFile("testdata/"+name, want, 0o644))
			}
			file, err := os.ReadFile("testdata/" + name)
			noError(t, err)
			if !bytes.Equal(file, want) {
				t.Errorf("%s differs from what this program makes", name)
			}
		}
	})
}

// Whether a text is in normal form depends on the tables, for characters that
// were unassigned when the tables were made. Two nodes with other tables would
// disagree on which transactions are well formed. So new tables are a decision
// of the network, not of whoever compiles.
func TestTablesOfNormalFormsNeverChange(t *testing.T) {
	if norm.Version != "15.0.0" {
		t.Fatalf("Unicode tables of version %s, the format is defined by 15.0.0", norm.Version)
	}
}

// golden compares raw with a file of hexadecimal lines of 32 bytes.
func golden(t *testing.T, name string, raw []byte) {
	t.Helper()
	var text bytes.Buffer
	for rest := raw; len(rest) > 0; {
		line := rest[:min(32, len(rest))]
		rest = rest[len(line):]
		fmt.Fprintln(&text, hex.EncodeToString(line))
	}
	if *update {
		noError(t, os.MkdirAll("testdata", 0o755))
		noError(t, os.WriteFile("testdata/"+name, text.Bytes(), 0o644))
	}
	want, err := os.ReadFile("testdata/" + name)
	noError(t, err)
	if !bytes.Equal(want, text.Bytes()) {
		t.Errorf("%s differs from what this program makes:\n%s", name, text.Bytes())
	}
}
