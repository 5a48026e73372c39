// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
)

func TestReceiptNeedsOnlyTheGenesis(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		_, trust, err := ledger.ParseGenesis(w.genesis)
		noError(t, err)
		p := w.page(7, 5)
		for i, tx := range p.txs {
			for descendants := range ledger.MaxDescendants + 1 {
				v, err := ledger.VerifyReceipt(trust, ledger.Encode(w.receipt(p, i, descendants)))
				if err != nil {
					t.Fatalf("transaction %d below %d blocks: %v", i, descendants, err)
				}
				if v.Transaction.ID() != tx.ID() || v.Outcome.Status != p.outcomes[i].Status || v.Outcome.Code != p.outcomes[i].Code ||
					v.Header != p.header || v.BlockHash != w.trust.HeaderHash(p.header) {
					t.Errorf("transaction %d below %d blocks: proven is %+v", i, descendants, v)
				}
			}
		}
	})
}

func TestReceiptInABlockOfAnySize(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	for n := 1; n <= 9; n++ {
		p := w.page(3, n)
		for i := range n {
			if _, err := ledger.VerifyReceipt(w.trust, ledger.Encode(w.receipt(p, i, 0))); err != nil {
				t.Errorf("transaction %d of %d: %v", i, n, err)
			}
		}
		if _, err := ledger.NewReceipt(w.trust.Network, w.final(p.header), p.raw, p.encoded(), n); err == nil {
			t.Errorf("receipt of transaction %d of %d", n, n)
		}
	}
}

func TestAnyQuorumCertifies(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	p := w.page(7, 2)
	var statements [][]byte
	for out := range 4 {
		places := slices.Delete([]int{0, 1, 2, 3}, out, out+1)
		r := w.receipt(p, 1, 0)
		r.Block.Certificate = w.certify(w.vote(ledger.Commit, p.header), places...)
		if _, err := ledger.VerifyReceipt(w.trust, ledger.Encode(r)); err != nil {
			t.Errorf("without validator %d: %v", out, err)
		}
		r.Block.Certificate = ledger.Certificate{}
		statements = append(statements, ledger.Encode(r))
	}
	if !bytes.Equal(statements[0], statements[3]) {
		t.Error("receipts differ in more than the certificate")
	}
}

// changes are what the tests below do to one byte.
var changes = []func(byte) byte{
	func(b byte) byte { return b ^ 1 },
	func(b byte) byte { return b ^ 0x80 },
	func(b byte) byte { return b + 1 },
	func(b byte) byte { return b ^ 0x20 }, // another major type, or another case
}

func TestEveryByteOfAReceiptCounts(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		p, trust := w.page(7, 5), w.quick()
		for _, honest := range []ledger.Receipt{w.receipt(p, 3, 0), w.receipt(p, 4, 2)} {
			file := ledger.Encode(honest)
			reasons := map[ledger.Reason]int{}
			for i := range file {
				tried := map[byte]bool{file[i]: true}
				for _, change := range changes {
					forged := slices.Clone(file)
					forged[i] = change(file[i])
					if tried[forged[i]] {
						continue
					}
					tried[forged[i]] = true
					reasons[refusal(t, trust, forged, "byte %d of %d, %#x instead of %#x", i, len(file), forged[i], file[i])]++
				}
			}
			// Each part of the file was reached by some change.
			for _, r := range []ledger.Reason{
				ledger.BadEncoding, ledger.BadFormat, ledger.BadNetwork, ledger.BadSet, ledger.BadKind, ledger.BadBlock,
				ledger.BadSigner, ledger.BadSignature, ledger.BadTransaction, ledger.BadOutcome,
			} {
				if reasons[r] == 0 {
					t.Errorf("no change was refused as %s: %v", r, reasons)
				}
			}
		}
	})
}

func TestEveryTruncationOfAReceiptIsRefused(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		file := ledger.Encode(w.receipt(w.page(7, 5), 4, 1))
		for n := range file {
			refusal(t, w.trust, file[:n], "the first %d bytes", n)
			if n > 0 {
				refusal(t, w.trust, file[n:], "without the first %d bytes", n)
			}
		}
		for b := range 256 {
			refusal(t, w.trust, append(slices.Clone(file), byte(b)), "with %#x behind it", b)
			refusal(t, w.trust, append([]byte{byte(b)}, file...), "with %#x before it", b)
		}
		refusal(t, w.trust, append(slices.Clone(file), file...), "twice")
		refusal(t, w.trust, nil, "nothing")
		refusal(t, w.trust, make([]byte, ledger.MaxFile+1), "too long a file")
	})
}

func TestNoEditOfAReceiptVerifies(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	file := ledger.Encode(w.receipt(w.page(7, 5), 2, 1))
	rapid.Check(t, func(t *rapid.T) {
		forged := slices.Clone(file)
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			at := rapid.IntRange(0, len(forged)).Draw(t, "place")
			cut := rapid.IntRange(0, min(40, len(forged)-at)).Draw(t, "cut")
			with := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes")
			if rapid.Bool().Draw(t, "copied") {
				from := rapid.IntRange(0, len(file)-1).Draw(t, "from")
				with = file[from:min(from+len(with), len(file))]
			}
			forged = slices.Replace(forged, at, at+cut, with...)
		}
		if !bytes.Equal(forged, file) {
			refusal(t, w.trust, forged, "%x", forged)
		}
	})
}

// tester is what testing.T and rapid.T share.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
}

// refusal is the reason for which a file is refused; it must be, with a reason.
func refusal(t tester, trust ledger.Trust, file []byte, format string, args ...any) ledger.Reason {
	t.Helper()
	v, err := ledger.VerifyReceipt(trust, file)
	var refused *ledger.VerifyError
	switch {
	case err == nil:
		t.Errorf("verifies: "+format, args...)
	case !errors.As(err, &refused):
		t.Errorf(format+": %v is no VerifyError", append(args, err)...)
	case refused.Reason == "" || refused.Detail == "" || v != nil:
		t.Errorf(format+": refused without a reason: %v, %v", append(args, v, err)...)
	}
	return ledger.ReasonOf(err)
}

func TestAFileOfAnotherKindIsNotCalledDamaged(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	receipt := ledger.Encode(w.receipt(w.page(3, 2), 0, 0))
	if format := ledger.FormatOf(receipt); format != ledger.ReceiptFormat {
		t.Errorf("a receipt names the format %q", format)
	}
	type other struct {
		Format string `cbor:"1,keyasint"`
		Rest   string `cbor:"2,keyasint"`
	}
	for name, c := range map[string]struct {
		file []byte
		want ledger.Reason
	}{
		"a proof":               {ledger.Encode(other{"ipledger/proof/v1", "x"}), ledger.BadFormat},
		"a later receipt":       {ledger.Encode(other{"ipledger/receipt/v2", "x"}), ledger.BadFormat},
		"a receipt with a flaw": {ledger.Encode(other{ledger.ReceiptFormat, "x"}), ledger.BadEncoding},
		"no format":             {ledger.Encode(struct{}{}), ledger.BadEncoding},
		"half a receipt":        {receipt[:len(receipt)/2], ledger.BadEncoding},
		"a text file":           {[]byte("ipledger/receipt/v1\n"), ledger.BadEncoding},
		"nothing":               {nil, ledger.BadEncoding},
	} {
		if _, err := ledger.VerifyReceipt(w.trust, c.file); ledger.ReasonOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestAnOutcomeNamesItsTransactionFirst(t *testing.T) {
	for _, o := range []ledger.Outcome{
		{Transaction: ledger.Hash{1, 2, 3}, Index: 1 << 40, Count: 1, Status: ledger.Final, Result: []byte("r")},
		{Transaction: ledger.Hash{4}, Status: ledger.Void, Code: "E_CLOCK", Details: []ledger.Failure{{Code: "E_CLOCK"}}},
	} {
		raw := ledger.Encode(o)
		if id, ok := ledger.OutcomeOf(raw); !ok || id != o.Transaction {
			t.Errorf("%x is of %v %v", raw, id, ok)
		}
		if _, ok := ledger.OutcomeOf(raw[:30]); ok {
			t.Error("half an outcome names a transaction")
		}
	}
}
