// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

// both runs a property over a tree of usual shape and over the deepest ones.
func both(t *testing.T, property func(*rapid.T, state.Hasher)) {
	for name, h := range map[string]state.Hasher{"plain": plain{}, "narrow": narrow{}} {
		t.Run(name, func(t *testing.T) { rapid.Check(t, func(r *rapid.T) { property(r, h) }) })
	}
}

var keyGen = rapid.Custom(func(r *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 150).Draw(r, "key")) })

var changesGen = rapid.Custom(func(r *rapid.T) []state.Change {
	values := rapid.MapOfN(keyGen, rapid.IntRange(0, 3), 0, 30).Draw(r, "changes")
	var changes []state.Change
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if values[k] == 0 {
			changes = append(changes, del(k))
		} else {
			changes = append(changes, set(k, fmt.Sprint("value ", values[k])))
		}
	}
	return rapid.Permutation(changes).Draw(r, "order")
})

// follow applies changes to the model.
func follow(model map[string]string, changes []state.Change) map[string]string {
	next := maps.Clone(model)
	for _, c := range changes {
		if c.Delete {
			delete(next, c.Key)
		} else {
			next[c.Key] = string(c.Value)
		}
	}
	return next
}

func mustBe(r *rapid.T, h state.Hasher, tree *state.Tree, model map[string]string) {
	if want := naiveRoot(h, model); tree.Root() != want {
		r.Fatalf("version %d: root %v, want %v", tree.Version(), tree.Root(), want)
	}
	proven := rapid.IntRange(0, 15).Draw(r, "proven keys") // one in sixteen
	for i := range 152 {
		key := fmt.Sprint(i)
		want, present := model[key]
		got, ok, err := tree.Get(key)
		if err != nil || ok != present || ok && string(got) != want {
			r.Fatalf("version %d: get %s: %q %v %v, want %q %v", tree.Version(), key, got, ok, err, want, present)
		}
		if i%16 != proven {
			continue
		}
		p, err := tree.Prove(key)
		if err != nil {
			r.Fatal(err)
		}
		in, out := state.VerifyInclusion(h, tree.Root(), key, []byte(want), p), state.VerifyAbsence(h, tree.Root(), key, p)
		if (in == nil) != present || (out == nil) == present {
			r.Fatalf("version %d: key %s present %v: inclusion: %v; absence: %v", tree.Version(), key, present, in, out)
		}
	}
}

func TestTreeIsTheMapAtEveryVersion(t *testing.T) {
	both(t, func(r *rapid.T, h state.Hasher) {
		first := rapid.Uint64Range(0, 300).Draw(r, "first version")
		disk, tree := newMemory(), state.Empty(h)
		models := []map[string]string{}
		model := map[string]string{}
		var unwritten []*state.Tree
		steps := rapid.IntRange(1, 12).Draw(r, "versions")
		for i := range steps {
			version := first + uint64(i)
			changes := changesGen.Draw(r, "block")
			var err error
			if tree, err = tree.Apply(version, changes); err != nil {
				r.Fatal(err)
			}
			before := model
			model = follow(model, changes)
			models = append(models, model)
			if tree.Root() != naiveRoot(h, model) {
				r.Fatalf("version %d: root %v, want %v", version, tree.Root(), naiveRoot(h, model))
			}
			if n := len(tree.Writes().Values); n != difference(before, model) {
				r.Fatalf("version %d writes %d values, %d differ", version, n, difference(before, model))
			}
			unwritten = append(unwritten, tree)
			for len(unwritten) > 8 || len(unwritten) > 0 && rapid.Bool().Draw(r, "write one") {
				disk.write(t, unwritten[0].Version(), unwritten[0].Writes())
				if tree, err = tree.Detach(disk, unwritten[0].Version()); err != nil {
					r.Fatal(err)
				}
				unwritten = unwritten[1:]
			}
		}
		mustBe(r, h, tree, model)
		for _, u := range unwritten {
			disk.write(t, u.Version(), u.Writes())
		}
		i := rapid.IntRange(0, steps-1).Draw(r, "read version")
		old, err := state.Open(h, disk, first+uint64(i))
		if err != nil {
			r.Fatal(err)
		}
		mustBe(r, h, old, models[i])

		// Pruned up to the newest version, only its own nodes are left; the tree
		// that was made before still reads.
		last := first + uint64(steps-1)
		disk.prune(t, last)
		newest, err := state.Open(h, disk, last)
		if err != nil {
			r.Fatal(err)
		}
		mustBe(r, h, newest, model)
		mustBe(r, h, tree, model)
		if n := len(freshNodes(r, h, last, model)); n != len(disk.nodes) {
			r.Fatalf("%d nodes stored, the state has %d", len(disk.nodes), n)
		}
	})
}

func difference(a, b map[string]string) (n int) {
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			n++
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			n++
		}
	}
	return n
}

func freshNodes(r *rapid.T, h state.Hasher, version uint64, model map[string]string) []state.Node {
	tree, err := state.Empty(h).Apply(version, sets(model))
	if err != nil {
		r.Fatal(err)
	}
	return tree.Writes().Nodes
}

func TestRootKnowsNoOrder(t *testing.T) {
	both(t, func(r *rapid.T, h state.Hasher) {
		changes := changesGen.Draw(r, "changes")
		want, err := state.Empty(h).Apply(7, changes)
		if err != nil {
			r.Fatal(err)
		}
		once, err := state.Empty(h).Apply(7, rapid.Permutation(changes).Draw(r, "other order"))
		if err != nil {
			r.Fatal(err)
		}
		if !reflect.DeepEqual(once.Writes(), want.Writes()) {
			r.Fatal("another order of changes, other writes")
		}
		tree := state.Empty(h)
		for i, c := range rapid.Permutation(changes).Draw(r, "one by one") {
			if tree, err = tree.Apply(uint64(i), []state.Change{c}); err != nil {
				r.Fatal(err)
			}
		}
		if tree.Root() != want.Root() {
			r.Fatalf("one by one: %v, at once: %v", tree.Root(), want.Root())
		}
	})
}

func TestDeletedIsNeverInserted(t *testing.T) {
	both(t, func(r *rapid.T, h state.Hasher) {
		kept := map[string]string{}
		for _, k := range rapid.SliceOfNDistinct(keyGen, 0, 40, rapid.ID).Draw(r, "kept") {
			kept[k] = "kept"
		}
		var come, leave []state.Change
		for _, k := range rapid.SliceOfNDistinct(keyGen, 0, 40, rapid.ID).Draw(r, "passing") {
			if kept[k] == "" {
				come, leave = append(come, set(k, "passing")), append(leave, del(k))
			}
		}
		plain, err := state.Empty(h).Apply(1, sets(kept))
		if err != nil {
			r.Fatal(err)
		}
		with, err := state.Empty(h).Apply(1, append(sets(kept), come...))
		if err != nil {
			r.Fatal(err)
		}
		without, err := with.Apply(2, leave)
		if err != nil {
			r.Fatal(err)
		}
		if without.Root() != plain.Root() {
			r.Fatalf("root %v remembers deleted keys, want %v", without.Root(), plain.Root())
		}
	})
}

func TestOverlaysWriteWhatWrittenTreesWrite(t *testing.T) {
	both(t, func(r *rapid.T, h state.Hasher) {
		disk, written, stacked := newMemory(), state.Empty(h), state.Empty(h)
		for v := range uint64(8) {
			changes := changesGen.Draw(r, "block")
			var err error
			if stacked, err = stacked.Apply(v, changes); err != nil {
				r.Fatal(err)
			}
			if written, err = written.Apply(v, changes); err != nil {
				r.Fatal(err)
			}
			if !reflect.DeepEqual(stored(written.Writes()), stored(stacked.Writes())) {
				r.Fatalf("version %d: writes differ", v)
			}
			disk.write(t, v, written.Writes())
			if written, err = state.Open(h, disk, v); err != nil {
				r.Fatal(err)
			}
		}
	})
}

// stored is what of w reaches a database.
func stored(w state.Writes) (all []any) {
	for _, n := range w.Nodes {
		all = append(all, n.Key, n.Bytes())
	}
	for _, k := range w.Stale {
		all = append(all, k.NodeKey)
	}
	return append(all, w.Values)
}

func TestPendingIsTheNewestOfTheOverlays(t *testing.T) {
	disk := newMemory()
	tree := apply(t, state.Empty(plain{}), 0, set("a/1", "old"), set("a/2", "old"), set("b/1", "old"))
	disk.write(t, 0, tree.Writes())
	tree, err := tree.Detach(disk, 0)
	noError(t, err)
	if got := tree.Pending(""); len(got) != 0 {
		t.Errorf("written state has pending %v", got)
	}
	tree = apply(t, tree, 1, set("a/3", "one"), set("a/1", "one"), set("a", "one"), set("a/9", "one"))
	tree = apply(t, tree, 2, del("a/1"), set("a/3", "two"), set("b/1", "two"), del("a/7"), set("a/2", "old"))
	want := []state.Change{del("a/1"), set("a/3", "two"), set("a/9", "one")}
	if got := tree.Pending("a/"); !reflect.DeepEqual(got, want) {
		t.Errorf("pending %v, want %v", got, want)
	}
	if tree.Stored() != 0 || tree.Version() != 2 {
		t.Errorf("version %d over stored %d", tree.Version(), tree.Stored())
	}
}

func TestDetachNeedsWhatWasExecuted(t *testing.T) {
	disk, other := newMemory(), newMemory()
	one := apply(t, state.Empty(plain{}), 1, set("k", "v"))
	two := apply(t, one, 2, set("l", "v"))
	if _, err := two.Detach(disk, 1); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("nothing written: %v", err)
	}
	other.write(t, 1, apply(t, state.Empty(plain{}), 1, set("k", "other")).Writes())
	if _, err := two.Detach(other, 1); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("other state written: %v", err)
	}
	disk.write(t, 1, one.Writes())
	disk.write(t, 2, two.Writes())
	three := apply(t, two, 3)
	disk.write(t, 3, three.Writes())
	if _, err := two.Detach(disk, 3); err == nil {
		t.Error("detached a version above the tree")
	}
	whole, err := two.Detach(disk, 2)
	noError(t, err)
	if again, err := whole.Detach(disk, 2); err != nil || again.Root() != two.Root() || len(again.Writes().Nodes) != 0 {
		t.Errorf("detached twice: %v", err)
	}
	if _, err := whole.Detach(disk, 1); err == nil {
		t.Error("detached below what is stored")
	}
	if _, err := state.Empty(plain{}).Detach(disk, 1); err == nil {
		t.Error("detached an empty state")
	}
}

func TestVersionsFollowEachOther(t *testing.T) {
	tree := apply(t, state.Empty(plain{}), 5)
	if tree.Root() != (keys.Hash{}) {
		t.Errorf("root of no keys is %v", tree.Root())
	}
	for _, v := range []uint64{0, 4, 5, 7} {
		if _, err := tree.Apply(v, nil); err == nil {
			t.Errorf("version %d after 5", v)
		}
	}
	w := apply(t, tree, 6).Writes()
	if len(w.Nodes) != 1 || w.Nodes[0].Key != (state.NodeKey{Version: 6}) || len(w.Stale) != 1 || w.Stale[0].NodeKey != (state.NodeKey{Version: 5}) {
		t.Errorf("a version without changes writes %v", w)
	}
	if _, err := state.Open(plain{}, newMemory(), 6); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("open what was never written: %v", err)
	}
}

func TestStateHoldsTextAndValuesOnly(t *testing.T) {
	long := strings.Repeat("k", state.MaxKey)
	large := strings.Repeat("v", ledger.MaxValue)
	apply(t, state.Empty(plain{}), 0, set(long, large), set("专利/2018102345673", "v"), del("absent"))
	for name, changes := range map[string][]state.Change{
		"no key":             {set("", "v")},
		"long key":           {set(long+"k", "v")},
		"zero byte":          {set("a\x00b", "v")},
		"not UTF-8":          {set("a\xff", "v")},
		"no value":           {set("k", "")},
		"large value":        {set("k", large+"v")},
		"deleted with value": {{Key: "k", Value: []byte("v"), Delete: true}},
		"set twice":          {set("k", "v"), set("l", "v"), set("k", "v")},
		"set and deleted":    {set("k", "v"), del("k")},
	} {
		if _, err := state.Empty(plain{}).Apply(0, changes); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReadersShareATree(t *testing.T) {
	base := apply(t, state.Empty(plain{}), 0, sets(numbered(500))...)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 50 {
				key := fmt.Sprint(g*50 + i)
				value, _, err := base.Get(key)
				if err != nil {
					t.Error(err)
				}
				p, err := base.Prove(key)
				if err == nil {
					err = state.VerifyInclusion(plain{}, base.Root(), key, value, p)
				}
				if err != nil {
					t.Error(err)
				}
				if next, err := base.Apply(1, []state.Change{del(key)}); err != nil || next.Root() == base.Root() {
					t.Error("delete", key, err)
				}
			}
		})
	}
	wg.Wait()
}

func numbered(n int) map[string]string {
	m := make(map[string]string, n)
	for i := range n {
		m[fmt.Sprint(i)] = fmt.Sprint("value ", i)
	}
	return m
}

func TestTwentyThousandKeys(t *testing.T) {
	model := numbered(20_000)
	all := sets(model)
	disk, tree := newMemory(), state.Empty(plain{})
	for v := range uint64(20) {
		tree = apply(t, tree, v, all[v*1000:(v+1)*1000]...)
		disk.write(t, v, tree.Writes())
		var err error
		tree, err = tree.Detach(disk, v)
		noError(t, err)
	}
	if want := naiveRoot(plain{}, model); tree.Root() != want {
		t.Fatalf("root %v, want %v", tree.Root(), want)
	}
	for i := 0; i < 20_000; i += 97 {
		key := fmt.Sprint(i)
		noError(t, state.VerifyInclusion(plain{}, tree.Root(), key, []byte(model[key]), prove(t, tree, key)))
		key = fmt.Sprint(i + 20_000)
		noError(t, state.VerifyAbsence(plain{}, tree.Root(), key, prove(t, tree, key)))
	}
	for i := range all {
		all[i] = del(all[i].Key)
	}
	tree = apply(t, tree, 20, all...)
	disk.write(t, 20, tree.Writes())
	if disk.prune(t, 20); tree.Root() != (keys.Hash{}) || len(disk.nodes) != 1 {
		t.Errorf("all deleted: root %v, %d nodes stored", tree.Root(), len(disk.nodes))
	}
}

func TestDamagedNodesAreCorruption(t *testing.T) {
	model := numbered(60)
	whole := apply(t, state.Empty(plain{}), 0, sets(model)...).Writes()
	use := func(disk *memory) error {
		tree, err := state.Open(plain{}, disk, 0)
		if err != nil {
			return err
		}
		for key := range model {
			if _, err := tree.Prove(key); err != nil {
				return err
			}
		}
		var changes []state.Change
		for key := range model {
			changes = append(changes, del(key))
		}
		_, err = tree.Apply(1, changes)
		return err
	}
	for i, n := range whole.Nodes {
		for _, damage := range []func([]byte) []byte{
			func(b []byte) []byte { return nil },
			func(b []byte) []byte { return b[:len(b)-1] },
			func(b []byte) []byte { return append(b, 0) },
			func(b []byte) []byte { b[0] ^= 3; return b },
			func(b []byte) []byte { b[1] ^= 0x10; return b },
		} {
			disk := newMemory()
			disk.write(t, 0, whole)
			disk.nodes[string(n.Key.Bytes())] = damage(n.Bytes())
			if err := use(disk); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("node %d damaged: %v", i, err)
			}
		}
		disk := newMemory()
		disk.write(t, 0, whole)
		delete(disk.nodes, string(n.Key.Bytes()))
		if err := use(disk); !errors.Is(err, ledger.ErrCorrupt) && n.Key.Path.Len() > 0 {
			t.Errorf("node %d lost: %v", i, err)
		}
	}
}

// TestFullNodesComeAndGo changes a state whose upper nodes are full now and not
// full then, a few keys at a time.
func TestFullNodesComeAndGo(t *testing.T) {
	disk, tree, model := newMemory(), state.Empty(plain{}), map[string]string{}
	random := rand.New(rand.NewPCG(7, 7))
	stacked, full, others := tree, 0, 0
	for v := range uint64(160) {
		keysInAll := []int{300, 20}[v/20%2] // grow and shrink
		changed := map[string]state.Change{}
		for range 1 + random.IntN(60) {
			key := fmt.Sprint(random.IntN(300))
			if n, _ := strconv.Atoi(key); n >= keysInAll || random.IntN(8) == 0 {
				changed[key] = del(key)
				delete(model, key)
				continue
			}
			model[key] = fmt.Sprint(v)
			changed[key] = set(key, model[key])
		}
		tree = apply(t, tree, v, slices.Collect(maps.Values(changed))...)
		stacked = apply(t, stacked, v, slices.Collect(maps.Values(changed))...) // with all that is not stored
		if want := naiveRoot(plain{}, model); tree.Root() != want || stacked.Root() != want {
			t.Fatalf("version %d: roots %v and %v, want %v", v, tree.Root(), stacked.Root(), want)
		}
		w := tree.Writes()
		if root := w.Nodes[len(w.Nodes)-1].Bytes(); root[0] == 3 {
			full++
		} else {
			others++
		}
		disk.write(t, v, w)
		disk.prune(t, v)
		var err error
		tree, err = tree.Detach(disk, v)
		noError(t, err)
		for range 5 {
			key := fmt.Sprint(random.IntN(300))
			if value, ok := model[key]; ok {
				noError(t, state.VerifyInclusion(plain{}, tree.Root(), key, []byte(value), prove(t, tree, key)))
			} else {
				noError(t, state.VerifyAbsence(plain{}, tree.Root(), key, prove(t, tree, key)))
			}
		}
	}
	if full < 40 || others < 40 {
		t.Errorf("the root was full %d times and not %d times", full, others)
	}
}

func TestNodeKeysSortByVersion(t *testing.T) {
	w := apply(t, state.Empty(narrow{}), 1<<40, sets(numbered(64))...).Writes()
	later := state.NodeKey{Version: 1<<40 + 1}
	for i, n := range w.Nodes {
		b := n.Key.Bytes()
		if len(b) != 9+(n.Key.Path.Len()+1)/2 || len(n.Key.Path.String()) != n.Key.Path.Len() {
			t.Errorf("key %v is %x", n.Key, b)
		}
		if bytes.Compare(b, later.Bytes()) >= 0 {
			t.Errorf("%v sorts behind %v", n.Key, later)
		}
		if root := n.Key.Path.Len() == 0; root != (i == len(w.Nodes)-1) {
			t.Errorf("node %d of %d is %v: the root comes last", i, len(w.Nodes), n.Key)
		}
	}
}

func TestNodeKeysAreReadAsTheyWereWritten(t *testing.T) {
	for _, n := range apply(t, state.Empty(narrow{}), 1<<40, sets(numbered(64))...).Writes().Nodes {
		b := n.Key.Bytes()
		if k, ok := state.ParseNodeKey(b); !ok || k != n.Key {
			t.Errorf("%x is read as %v, %v", b, k, ok)
		}
		for _, other := range [][]byte{b[:len(b)-1], append(slices.Clone(b), 0), nil} {
			if k, ok := state.ParseNodeKey(other); ok {
				t.Errorf("%x is read as %v", other, k)
			}
		}
		if n.Key.Path.Len()%2 == 1 {
			b[len(b)-1] |= 1
			if k, ok := state.ParseNodeKey(b); ok {
				t.Errorf("%x is read as %v", b, k)
			}
		}
	}
}

func FuzzDecodeNode(f *testing.F) {
	for _, n := range apply(f, state.Empty(plain{}), 0, sets(numbered(40))...).Writes().Nodes {
		f.Add(n.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		disk := newMemory()
		disk.nodes[string(state.NodeKey{Version: 3}.Bytes())] = b
		tree, err := state.Open(plain{}, disk, 3)
		if err != nil {
			return
		}
		for key := range numbered(20) {
			if p, err := tree.Prove(key); err == nil && p.Leaf == nil {
				noError(t, state.VerifyAbsence(plain{}, tree.Root(), key, p))
			}
			_, _ = tree.Apply(4, []state.Change{del(key), set(key+"'", "v")}) // must not panic
		}
	})
}
