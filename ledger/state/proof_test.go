// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

// verify says whether an encoded proof shows what the state says of key.
func verify(h state.Hasher, root keys.Hash, key string, value []byte, present bool, encoded []byte) error {
	var p state.Proof
	if err := ledger.Decode(encoded, ledger.MaxFile, &p); err != nil {
		return err
	}
	if present {
		return state.VerifyInclusion(h, root, key, value, p)
	}
	return state.VerifyAbsence(h, root, key, p)
}

func TestOneChangedBitSpoilsAProof(t *testing.T) {
	both(t, func(r *rapid.T, h state.Hasher) {
		model := numbered(rapid.IntRange(0, 150).Draw(r, "keys"))
		tree, err := state.Empty(h).Apply(1, sets(model))
		if err != nil {
			r.Fatal(err)
		}
		key := keyGen.Draw(r, "key")
		value, present := model[key]
		p, err := tree.Prove(key)
		if err != nil {
			r.Fatal(err)
		}
		encoded := ledger.Encode(p)
		if err := verify(h, tree.Root(), key, []byte(value), present, encoded); err != nil {
			r.Fatal(err)
		}
		bitGen := rapid.IntRange(0, 8*len(encoded)-1)
		for _, bit := range rapid.SliceOfN(bitGen, 30, 30).Draw(r, "bits") {
			if spoils(h, tree.Root(), key, value, present, encoded, bit) {
				continue
			}
			r.Fatalf("bit %d of %x may be changed", bit, encoded)
		}
		for i := range value {
			mutant := []byte(value)
			mutant[i] ^= 1
			if state.VerifyInclusion(h, tree.Root(), key, mutant, p) == nil {
				r.Fatalf("byte %d of the value may be changed", i)
			}
		}
		root := tree.Root()
		root[rapid.IntRange(0, 31).Draw(r, "byte of root")] ^= 1
		if verify(h, root, key, []byte(value), present, encoded) == nil {
			r.Fatal("verifies under another root")
		}
	})
}

func TestEveryBitOfAProofCounts(t *testing.T) {
	for _, h := range []state.Hasher{plain{}, narrow{}} {
		for _, n := range []int{0, 1, 2, 40} {
			model := numbered(n)
			tree := apply(t, state.Empty(h), 0, sets(model)...)
			for _, key := range []string{"0", "1", "39", "absent", "other", "150"} {
				value, present := model[key]
				encoded := ledger.Encode(prove(t, tree, key))
				for bit := range 8 * len(encoded) {
					if !spoils(h, tree.Root(), key, value, present, encoded, bit) {
						t.Fatalf("%d keys, proof of %s: bit %d of %x may be changed", n, key, bit, encoded)
					}
				}
			}
		}
	}
}

// spoils says whether an encoded proof with one bit changed shows nothing of
// key any more, neither the truth nor its opposite.
func spoils(h state.Hasher, root keys.Hash, key, value string, present bool, encoded []byte, bit int) bool {
	mutant := slices.Clone(encoded)
	mutant[bit/8] ^= 1 << (bit % 8)
	if verify(h, root, key, []byte(value), present, mutant) == nil {
		return false
	}
	var p state.Proof
	return ledger.Decode(mutant, ledger.MaxFile, &p) != nil || !verifyOther(h, root, key, value, present, p)
}

// verifyOther tries to show the opposite of the truth.
func verifyOther(h state.Hasher, root keys.Hash, key, value string, present bool, p state.Proof) bool {
	if present {
		return state.VerifyAbsence(h, root, key, p) == nil
	}
	return state.VerifyInclusion(h, root, key, []byte(value), p) == nil
}

// A way that ends at the leaf of another key is that key's way too, so one proof
// may speak of several keys. It never speaks falsely, and a key has no other.
func TestAKeyHasOneProof(t *testing.T) {
	model := numbered(80)
	for _, h := range []state.Hasher{plain{}, narrow{}} {
		tree := apply(t, state.Empty(h), 0, sets(model)...)
		var proofs []state.Proof
		for i := range 100 {
			proofs = append(proofs, prove(t, tree, fmt.Sprint(i)))
		}
		for i, p := range proofs {
			for j, own := range proofs {
				key := fmt.Sprint(j)
				value, present := model[key]
				same := bytes.Equal(ledger.Encode(p), ledger.Encode(own))
				in := state.VerifyInclusion(h, tree.Root(), key, []byte(value), p) == nil
				out := state.VerifyAbsence(h, tree.Root(), key, p) == nil
				if in != (same && present) || out != (same && !present) {
					t.Fatalf("proof of %d for key %d, present %v: same %v, inclusion %v, absence %v", i, j, present, same, in, out)
				}
			}
		}
	}
}

func TestOtherFormsOfAProofAreRefused(t *testing.T) {
	tree := apply(t, state.Empty(plain{}), 0, sets(numbered(50))...)
	good := prove(t, tree, "7")
	absent := prove(t, tree, "absent")
	clone := func(p state.Proof) state.Proof {
		p.Bitmap, p.Siblings = slices.Clone(p.Bitmap), slices.Clone(p.Siblings)
		if p.Leaf != nil {
			l := *p.Leaf
			p.Leaf = &l
		}
		return p
	}
	lastBit := func(p *state.Proof) byte { b := p.Bitmap[len(p.Bitmap)-1]; return b & -b }
	for name, change := range map[string]func(*state.Proof){
		"zero byte behind the bitmap": func(p *state.Proof) { p.Bitmap = append(p.Bitmap, 0) },
		"bitmap of 257 levels": func(p *state.Proof) {
			p.Bitmap = append(make([]byte, 32), 0x80)
			p.Siblings = p.Siblings[:1]
		},
		"bitmap of a megabyte": func(p *state.Proof) { p.Bitmap = append(make([]byte, 1<<20), 1) },
		"bit without sibling":  func(p *state.Proof) { p.Bitmap = append(p.Bitmap, 0x80) },
		"sibling without bit":  func(p *state.Proof) { p.Siblings = append(p.Siblings, keys.Hash{1}) },
		"empty sibling at the end": func(p *state.Proof) {
			p.Bitmap, p.Siblings = append(p.Bitmap, 1), append(p.Siblings, keys.Hash{})
		},
		"empty sibling on the way": func(p *state.Proof) { p.Siblings[0] = keys.Hash{} },
		"no siblings":              func(p *state.Proof) { p.Bitmap, p.Siblings = nil, nil },
		"deepest level cut off": func(p *state.Proof) {
			p.Bitmap[len(p.Bitmap)-1] &^= lastBit(p)
			p.Siblings = p.Siblings[:len(p.Siblings)-1]
		},
		"siblings turned round": func(p *state.Proof) { slices.Reverse(p.Siblings) },
		"no leaf":               func(p *state.Proof) { p.Leaf = nil },
		"another leaf":          func(p *state.Proof) { p.Leaf = &state.Leaf{Path: keys.Hash{1}} },
		"nothing":               func(p *state.Proof) { *p = state.Proof{} },
	} {
		p := clone(good)
		change(&p)
		err := state.VerifyInclusion(plain{}, tree.Root(), "7", []byte("value 7"), p)
		if ledger.ReasonOf(err) != ledger.BadState {
			t.Errorf("%s: inclusion: %v", name, err)
		}
		if state.VerifyAbsence(plain{}, tree.Root(), "7", p) == nil {
			t.Errorf("%s: shows absence of a present key", name)
		}
		if name == "no leaf" && absent.Leaf == nil {
			continue
		}
		p = clone(absent)
		change(&p)
		if err := state.VerifyAbsence(plain{}, tree.Root(), "absent", p); ledger.ReasonOf(err) != ledger.BadState {
			t.Errorf("%s: absence: %v", name, err)
		}
	}
}

func TestEmptySiblingsAreNeverGiven(t *testing.T) {
	tree := apply(t, state.Empty(narrow{}), 0, sets(numbered(2))...)
	p := prove(t, tree, "0")
	if p.Bitmap[0]&0x80 != 0 {
		t.Fatal("the first sibling is not empty")
	}
	p.Bitmap = slices.Clone(p.Bitmap)
	p.Bitmap[0] |= 0x80
	p.Siblings = append([]keys.Hash{{}}, p.Siblings...) // gives the same root
	if err := state.VerifyInclusion(narrow{}, tree.Root(), "0", []byte("value 0"), p); ledger.ReasonOf(err) != ledger.BadState {
		t.Errorf("empty sibling given as a hash: %v", err)
	}
}

// Only a root that no correct node makes has a leaf off its way; it hides nothing.
func TestLeafOffItsWayShowsNoAbsence(t *testing.T) {
	h := plain{}
	var left, right string // keys whose paths begin with 0 and with 1
	for i := 0; left == "" || right == ""; i++ {
		key := fmt.Sprint(i)
		if path := h.Sum([]byte(keyDomain), []byte(key)); path[0] < 0x80 {
			left = key
		} else {
			right = key
		}
	}
	off := state.Leaf{Path: h.Sum([]byte(keyDomain), []byte(right))}
	leaf := h.Sum([]byte{0}, off.Path[:], off.ValueHash[:])
	sibling := keys.Hash{1}
	root := h.Sum([]byte{1}, leaf[:], sibling[:])
	p := state.Proof{Bitmap: []byte{0x80}, Siblings: []keys.Hash{sibling}, Leaf: &off}
	if err := state.VerifyAbsence(h, root, left, p); ledger.ReasonOf(err) != ledger.BadState {
		t.Errorf("leaf off its way: %v", err)
	}
}

func TestAbsenceFromAnEmptyState(t *testing.T) {
	p := prove(t, state.Empty(plain{}), "k")
	noError(t, state.VerifyAbsence(plain{}, keys.Hash{}, "k", p))
	if got := ledger.Encode(p); len(got) != 1 {
		t.Errorf("proof from nothing is %x", got)
	}
	if state.VerifyInclusion(plain{}, keys.Hash{}, "k", []byte("v"), p) == nil {
		t.Error("present in an empty state")
	}
}

func TestProofIsShort(t *testing.T) {
	tree := apply(t, state.Empty(plain{}), 0, sets(numbered(4096))...)
	for _, key := range []string{"1", "4095", "absent"} {
		if n := len(ledger.Encode(prove(t, tree, key))); n > 1000 {
			t.Errorf("proof of %q has %d bytes", key, n)
		}
	}
}

func FuzzVerify(f *testing.F) {
	tree := apply(f, state.Empty(plain{}), 0, sets(numbered(50))...)
	f.Add(ledger.Encode(prove(f, tree, "7")))
	f.Add(ledger.Encode(prove(f, tree, "absent")))
	f.Fuzz(func(t *testing.T, b []byte) {
		var p state.Proof
		if ledger.Decode(b, ledger.MaxFile, &p) != nil {
			return
		}
		if state.VerifyAbsence(plain{}, tree.Root(), "7", p) == nil {
			t.Fatalf("%x hides a key", b)
		}
		if state.VerifyInclusion(plain{}, tree.Root(), "absent", []byte("v"), p) == nil {
			t.Fatalf("%x invents a key", b)
		}
	})
}
