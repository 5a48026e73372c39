// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

const (
	pledged = "rights/PATENT/2018102345673"
	unknown = "rights/PATENT/2019000000001"
)

// records is a state of forty rights, of which one is pledged and 2019000000001
// was never heard of.
func records(t testing.TB, c *chain) *state.Tree {
	t.Helper()
	model := map[string]string{pledged: string(ledger.Encode(map[uint64]any{1: "PLEDGED", 2: "Y2026030200001"}))}
	for i := range 39 {
		model[fmt.Sprintf("rights/PATENT/20171000000%02d", i)] = string(ledger.Encode(map[uint64]any{1: "FREE"}))
	}
	return apply(t, state.Empty(c.suite), 7, sets(model)...)
}

func stated(t testing.TB, tree *state.Tree, block ledger.Certified, key string) state.Statement {
	t.Helper()
	s, err := state.NewStatement(tree, block, key)
	noError(t, err)
	return s
}

func TestStatementNeedsOnlyTheGenesis(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		tree := records(t, c)
		block := c.block(7, tree)
		for _, key := range []string{pledged, unknown, "rights/PATENT/2017100000000", "parties/无"} {
			want, present, err := tree.Get(key)
			noError(t, err)
			v, err := state.VerifyStatement(c.trust, ledger.Encode(stated(t, tree, block, key)))
			noError(t, err)
			if v.Key != key || !bytes.Equal(v.Value, want) || (v.Value != nil) != present ||
				v.Header != block.Header || v.BlockHash != c.trust.HeaderHash(block.Header) {
				t.Errorf("%s: proven is %+v", key, v)
			}
		}
		empty := state.Empty(c.suite)
		if _, err := state.VerifyStatement(c.trust, ledger.Encode(stated(t, empty, c.block(1, empty), pledged))); err != nil {
			t.Errorf("absence from nothing: %v", err)
		}
	})
}

func TestStatementBelowADescendant(t *testing.T) {
	c := newChain(t, "ed25519", "pilot")
	tree := records(t, c)
	header := c.header(0, 7, tree.Root())
	child := c.header(0, 8, tree.Root())
	child.Parent = c.trust.HeaderHash(header)
	top := c.final(child, 0)
	block := ledger.Certified{Header: header, Descendants: []ledger.Header{child}, Certificate: top.Certificate}
	v, err := state.VerifyStatement(c.trust, ledger.Encode(stated(t, tree, block, pledged)))
	if err != nil || v.Header != header {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestStatementFilesNeverChange(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		tree := records(t, c)
		block := c.block(7, tree)
		for name, key := range map[string]string{"inclusion": pledged, "absence": unknown} {
			raw := ledger.Encode(stated(t, tree, block, key))
			golden(t, c.suite.Name()+"-"+name+".golden", raw)
			var s state.Statement
			noError(t, ledger.Decode(raw, ledger.MaxFile, &s))
			if again := ledger.Encode(s); !bytes.Equal(again, raw) {
				t.Errorf("%s: decoded and encoded again it is %x", name, again)
			}
		}
	})
}

func TestStatementIsOfItsBlock(t *testing.T) {
	c := newChain(t, "ed25519", "pilot")
	tree := records(t, c)
	later := apply(t, tree, 8, del(pledged))
	if _, err := state.NewStatement(later, c.block(7, tree), pledged); err == nil {
		t.Error("stated from the state of another block")
	}
}

// No byte of a statement may change, not even so that it becomes a true one about
// another key.
func TestEveryByteOfAStatementCounts(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		tree := records(t, c)
		block, trust := c.block(7, tree), c.quick()
		for _, key := range []string{pledged, unknown} {
			file := ledger.Encode(stated(t, tree, block, key))
			reasons := map[ledger.Reason]int{}
			eachChange(file, func(i int, forged []byte) {
				_, err := state.VerifyStatement(trust, forged)
				reasons[reason(t, err, "%s, byte %d", key, i)]++
			})
			for _, r := range []ledger.Reason{
				ledger.BadEncoding, ledger.BadFormat, ledger.BadNetwork, ledger.BadSet, ledger.BadKind, ledger.BadBlock,
				ledger.BadSigner, ledger.BadSignature, ledger.BadState,
			} {
				if reasons[r] == 0 {
					t.Errorf("no change was refused as %s: %v", r, reasons)
				}
			}
			for n := range file {
				_, err := state.VerifyStatement(trust, file[:n])
				reason(t, err, "%s, the first %d bytes", key, n)
			}
			for b := range 256 {
				_, err := state.VerifyStatement(trust, append(slices.Clone(file), byte(b)))
				reason(t, err, "%s, with %#x behind it", key, b)
			}
		}
	})
}

func TestForgedStatementsAreRefused(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		tree := records(t, c)
		block := c.block(7, tree)
		later := apply(t, tree, 8, del(pledged), set(unknown, string(ledger.Encode("PLEDGED"))))
		laterBlock := c.block(8, later)
		value, _, err := tree.Get(pledged)
		noError(t, err)
		present, absent := stated(t, tree, block, pledged), stated(t, tree, block, unknown)
		gone := stated(t, later, laterBlock, pledged)
		for what, f := range map[string]struct {
			of     state.Statement
			change func(s *state.Statement)
			want   ledger.Reason
		}{
			"another key":                    {present, func(s *state.Statement) { s.Key = "rights/PATENT/2017100000000" }, ledger.BadState},
			"a key nobody has":               {present, func(s *state.Statement) { s.Key = unknown }, ledger.BadState},
			"the path of another key":        {absent, func(s *state.Statement) { s.Path = present.Path }, ledger.BadState},
			"another value":                  {present, func(s *state.Statement) { s.Value = ledger.Encode(map[uint64]any{1: "FREE"}) }, ledger.BadState},
			"presence as absence":            {present, func(s *state.Statement) { s.Value = nil }, ledger.BadState},
			"presence as absence, no leaf":   {present, func(s *state.Statement) { s.Value, s.Proof.Leaf = nil, nil }, ledger.BadState},
			"presence with another's proof":  {present, func(s *state.Statement) { s.Proof = absent.Proof }, ledger.BadState},
			"absence with a value":           {absent, func(s *state.Statement) { s.Value = value }, ledger.BadState},
			"absence of what is there":       {absent, func(s *state.Statement) { s.Key = pledged }, ledger.BadState},
			"absence with another's proof":   {absent, func(s *state.Statement) { s.Proof = present.Proof }, ledger.BadState},
			"absence without proof":          {absent, func(s *state.Statement) { s.Proof = state.Proof{} }, ledger.BadState},
			"earlier block under a proof":    {gone, func(s *state.Statement) { s.Block = block }, ledger.BadState},
			"later block under a proof":      {present, func(s *state.Statement) { s.Block = laterBlock }, ledger.BadState},
			"later block under an absence":   {absent, func(s *state.Statement) { s.Block = laterBlock }, ledger.BadState},
			"later header, old certificate":  {absent, func(s *state.Statement) { s.Block.Header = laterBlock.Header }, ledger.BadBlock},
			"later time":                     {present, func(s *state.Statement) { s.Block.Header.Time += 1000 }, ledger.BadBlock},
			"another root":                   {present, func(s *state.Statement) { s.Block.Header.StateRoot = later.Root() }, ledger.BadBlock},
			"another kind of file":           {present, func(s *state.Statement) { s.Format = ledger.ReceiptFormat }, ledger.BadFormat},
			"no format":                      {present, func(s *state.Statement) { s.Format = "" }, ledger.BadFormat},
			"certificate of other keys":      {present, func(s *state.Statement) { s.Block = c.final(s.Block.Header, 1) }, ledger.BadSignature},
			"too few signers":                {present, func(s *state.Statement) { s.Block.Certificate.Signers = s.Block.Certificate.Signers[:2] }, ledger.BadQuorum},
			"block of a set nobody linked":   {present, func(s *state.Statement) { s.Block = c.final(c.header(1, 7, tree.Root()), 1) }, ledger.BadSet},
			"absence of no key":              {absent, func(s *state.Statement) { s.Key = "" }, ledger.BadState},
			"absence of a key too long":      {absent, func(s *state.Statement) { s.Key = strings.Repeat("k", state.MaxKey+1) }, ledger.BadState},
			"absence of a key with a zero":   {absent, func(s *state.Statement) { s.Key = unknown + "\x00" }, ledger.BadState},
			"absence of a decomposed key":    {absent, func(s *state.Statement) { s.Key = "rights/e\u0301" }, ledger.BadEncoding},
			"absence of a key without UTF-8": {absent, func(s *state.Statement) { s.Key = "rights/\xff" }, ledger.BadEncoding},
		} {
			forged := f.of
			f.change(&forged)
			if forged.Key != f.of.Key {
				forged.Path = path(c, forged.Key)
			}
			_, err := state.VerifyStatement(c.trust, ledger.Encode(forged))
			if got := reason(t, err, "%s", what); got != f.want {
				t.Errorf("%s: refused as %s, want %s: %v", what, got, f.want, err)
			}
		}
	})
}

// path is the hash of a key in the tree.
func path(c *chain, key string) ledger.Hash {
	return c.suite.Sum([]byte("ipledger/state/key/v1\x00"), []byte(key))
}

// A key no state can hold is refused also where its proof of absence would hold:
// in an empty state everything is absent.
func TestNothingIsStatedOfImpossibleKeys(t *testing.T) {
	c := newChain(t, "ed25519", "pilot")
	empty := state.Empty(c.suite)
	block := c.block(1, empty)
	for _, key := range []string{"", "a\x00", strings.Repeat("k", state.MaxKey+1)} {
		file := ledger.Encode(state.Statement{Format: state.StatementFormat, Key: key, Path: path(c, key), Block: block})
		_, err := state.VerifyStatement(c.trust, file)
		if got := reason(t, err, "key %.10q", key); got != ledger.BadState {
			t.Errorf("key %.10q: refused as %s", key, got)
		}
	}
	longest := strings.Repeat("k", state.MaxKey)
	file := ledger.Encode(state.Statement{Format: state.StatementFormat, Key: longest, Path: path(c, longest), Block: block})
	if _, err := state.VerifyStatement(c.trust, file); err != nil {
		t.Errorf("the longest key: %v", err)
	}
}

func TestStatementOfAnotherNetworkIsRefused(t *testing.T) {
	bothChains(t, func(t *testing.T, here *chain) {
		there := newChain(t, here.suite.Name(), "another")
		tree := records(t, there)
		_, err := state.VerifyStatement(here.trust, ledger.Encode(stated(t, tree, there.block(7, tree), pledged)))
		if got := reason(t, err, "another network"); got != ledger.BadNetwork {
			t.Errorf("refused as %s", got)
		}
	})
}

func FuzzVerifyStatement(f *testing.F) {
	c := newChain(f, "ed25519", "pilot")
	tree := records(f, c)
	block := c.block(7, tree)
	f.Add(ledger.Encode(stated(f, tree, block, pledged)))
	f.Add(ledger.Encode(stated(f, tree, block, unknown)))
	f.Fuzz(func(t *testing.T, file []byte) {
		v, err := state.VerifyStatement(c.trust, file)
		if err != nil {
			reason(t, err, "%x", file)
			return
		}
		value, present, err := tree.Get(v.Key)
		if err != nil || (v.Value != nil) != present || !bytes.Equal(v.Value, value) || v.Header != block.Header {
			t.Fatalf("%x: says %+v, the state of %q is %x", file, v, v.Key, value)
		}
	})
}
