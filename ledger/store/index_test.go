// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/internal/diskfault"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// index is that of a chain, whose values are digits. All of them share one term,
// some have one of their own, and some have none.
var index = store.Index{Version: 1, Folders: map[string]func([]byte) ([]string, error){
	"rights": func(value []byte) ([]string, error) {
		text := string(value)
		terms := []string{"rights/length/" + fmt.Sprint(len(text)/100), "rights/begins/" + text[:1], "rights/length/" + fmt.Sprint(len(text)/100)}
		if text[0] > '8' {
			return nil, nil
		}
		return append(terms, "rights/any"), nil
	},
}}

// entriesOf are the entries of a state, by looking at all of it.
func entriesOf(x store.Index, values map[string]string) []store.Entry {
	entries := map[store.Entry]bool{}
	for key, value := range values {
		folder, _, _ := strings.Cut(key, "/")
		if of := x.Folders[folder]; of != nil {
			terms, _ := of([]byte(value)) // those of tests do not fail
			for _, term := range terms {
				entries[store.Entry{Term: term, Key: key}] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(entries), compareEntries)
}

func compareEntries(a, b store.Entry) int {
	return strings.Compare(a.Term+"\x00"+a.Key, b.Term+"\x00"+b.Key)
}

// found are the entries of a view.
func found(t testing.TB, v *store.View, from, to string, after store.Entry) (there []store.Entry, passed int) {
	t.Helper()
	noError(t, v.Find(from, to, after, func(e store.Entry, is bool) bool {
		if is {
			there = append(there, e)
		} else {
			passed++
		}
		return true
	}))
	return there, passed
}

// checkIndex compares the index of a view with its state, if it has one.
func (c *chain) checkIndex(t testing.TB, v *store.View) {
	t.Helper()
	terms, err := v.Terms("")
	if errors.Is(err, ledger.ErrUnavailable) {
		return // opened without an index
	}
	noError(t, err)
	want := entriesOf(index, c.states[v.Height()])
	got, _ := found(t, v, "", "\xff", store.Entry{})
	equal(t, fmt.Sprintf("index of height %d", v.Height()), got, want)
	for _, e := range want {
		if !slices.Contains(terms, e.Term) {
			t.Fatalf("the terms %q do not have %q", terms, e.Term)
		}
	}
}

// records are the records of the index.
func records(t testing.TB, s *store.Store) map[string]string {
	t.Helper()
	all := map[string]string{}
	noError(t, s.Records(func(key, value []byte) {
		if key[0] == 'i' {
			all[string(key)] = string(value)
		}
	}))
	return all
}

func TestTheIndexIsTheStateLookedThroughAtEveryHeight(t *testing.T) {
	for seed := range uint64(4) {
		c := chainOf(t, 40+seed, 60, 1+int(seed)*5)
		s := open(t, c, vfs.NewMem())
		c.fill(t, s)
		for h := range c.states {
			v := must(s.State(uint64(h)))(t)
			c.checkIndex(t, v)
			noError(t, v.Close())
		}
		noError(t, s.Close())
	}
}

func TestFindGivesTermsFromToAndFromBehindAnEntry(t *testing.T) {
	c := chainOf(t, 44, 50, 8)
	s := open(t, c, vfs.NewMem())
	c.fill(t, s)
	v := must(s.State(30))(t)
	all := entriesOf(index, c.states[30])
	within := func(from, to string, after store.Entry) []store.Entry {
		return slices.DeleteFunc(slices.Clone(all), func(e store.Entry) bool {
			return e.Term < from || e.Term > to || after != (store.Entry{}) && compareEntries(e, after) <= 0
		})
	}
	for _, span := range [][2]string{
		{"", "\xff"}, {"rights/any", "rights/any"}, {"rights/begins/3", "rights/begins/5"}, {"rights/begins/", "rights/begins/\xff"},
		{"rights/begins/30", "rights/length/0"}, {"rights/length/9", "rights/length/1"}, {"x", "y"}, {"rights/an", "rights/an"},
	} {
		for _, after := range append([]store.Entry{{}, {Term: "rights/any", Key: "rights/5x"}, {Term: "zz"}, {Term: "rights/begins/4"}}, all...) {
			got, _ := found(t, v, span[0], span[1], after)
			if want := within(span[0], span[1], after); !slices.Equal(got, want) {
				t.Fatalf("%q after %q:\n got %q\nwant %q", span, after, got, want)
			}
		}
	}
	calls := 0
	noError(t, v.Find("", "\xff", store.Entry{}, func(store.Entry, bool) bool { calls++; return calls < 3 }))
	equal(t, "calls", calls, 3)
	for _, zero := range []string{"rights/any\x00", "\x00"} {
		if got, passed := found(t, v, zero, zero, store.Entry{}); len(got)+passed > 0 {
			t.Errorf("a term with a zero byte finds %q", got)
		}
	}
	terms, err := v.Terms("rights/begins/")
	noError(t, err)
	equal(t, "terms", terms, []string{"rights/begins/1", "rights/begins/2", "rights/begins/3", "rights/begins/4", "rights/begins/5", "rights/begins/6", "rights/begins/7", "rights/begins/8"})
	noError(t, v.Close())
	noError(t, s.Close())
}

// TestAnIndexMadeAnewIsTheOneThatWasWritten compares them record by record: of all
// heights, what was taken away included.
func TestAnIndexMadeAnewIsTheOneThatWasWritten(t *testing.T) {
	c, disk := chainOf(t, 45, 80, 10), vfs.NewMem()
	s := open(t, c, disk)
	c.fill(t, s)
	written := records(t, s)
	if len(written) < 500 {
		t.Fatalf("only %d records", len(written))
	}
	noError(t, s.Close())

	reopen := func(x store.Index) (*store.Store, string) {
		var said bytes.Buffer
		s, err := store.Open("ledger", store.Options{Network: c.network, FS: disk, Index: x, Logger: slog.New(slog.NewTextHandler(&said, nil))})
		noError(t, err)
		return s, said.String()
	}
	s, said := reopen(index)
	if strings.Contains(said, "anew") {
		t.Errorf("the index that was written is not taken: %s", said)
	}
	noError(t, s.Close())

	other := store.Index{Version: 2, Folders: map[string]func([]byte) ([]string, error){
		"parties": func([]byte) ([]string, error) { return []string{"parties/all"}, nil },
	}}
	s, said = reopen(other)
	if !strings.Contains(said, "the query index is made anew from the stored values") {
		t.Errorf("of another version: %s", said)
	}
	v := must(s.State(20))(t)
	got, _ := found(t, v, "", "\xff", store.Entry{})
	equal(t, "another index", got, entriesOf(other, c.states[20]))
	noError(t, v.Close())
	noError(t, s.Close())

	s, _ = reopen(index)
	equal(t, "index made anew", records(t, s), written)
	c.check(t, s)
	noError(t, s.Close())

	// What a program without the index has written is noticed.
	s, _ = reopen(store.Index{})
	noError(t, s.Commit(*c.add(t, 10, 1)))
	noError(t, s.Close())
	s, said = reopen(index)
	if !strings.Contains(said, "anew") {
		t.Errorf("blocks are missing in the index: %s", said)
	}
	c.check(t, s)
	noError(t, s.Close())
}

// TestACrashWhileTheIndexIsMadeAnew stops the machine before every change to the
// disk while a long index is made: the next start makes it again, or has it.
func TestACrashWhileTheIndexIsMadeAnew(t *testing.T) {
	c := chainOf(t, 46, 30, 300) // some batches
	progress := new(diskfault.Progress)
	d := diskfault.NewCrashes(progress)
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: d.Wrapped()})
	noError(t, err)
	c.fill(t, s)
	noError(t, s.Close())
	before := len(d.Taken())
	s, err = store.Open("ledger", store.Options{Network: c.network, FS: d.Wrapped(), Index: index})
	noError(t, err)
	want := records(t, s)
	size := 0
	for key := range want {
		size += len(key)
	}
	if size < 2*store.ReindexBatch {
		t.Fatalf("an index of %d bytes is one batch or two", size)
	}
	d.Take("the end")
	noError(t, s.Close())
	crashes := d.Taken()[before:]
	if len(crashes) < 10 {
		t.Fatalf("only %d crashes", len(crashes))
	}
	points := 40
	if testing.Short() { // with the race detector each takes a second
		points = 6
	}
	step := max(1, len(crashes)/points)
	for i := 0; i < len(crashes); i += step {
		crash := crashes[i]
		s := open(t, c, crash.Disk)
		equal(t, "index after a crash before "+crash.When, records(t, s), want)
		noError(t, s.Close())
	}
	t.Logf("%d crashes", len(crashes))
}

func TestAValueWithoutTermsToBeFoundIsDamage(t *testing.T) {
	c := newChain(t, 47)
	broken := store.Index{Version: 1, Folders: map[string]func([]byte) ([]string, error){
		"rights": func([]byte) ([]string, error) { return nil, fmt.Errorf("%w: not digits", ledger.ErrCorrupt) },
	}}
	disk := vfs.NewMem()
	s := open(t, c, disk)
	c.fill(t, s)
	noError(t, s.Close())
	broken.Version = 2
	if _, err := store.Open("ledger", store.Options{Network: c.network, FS: disk, Index: broken}); !errors.Is(err, ledger.ErrCorrupt) || !strings.Contains(err.Error(), "not digits") {
		t.Errorf("%v", err)
	}
}

func TestTheHeightsAtWhichAKeyWasWritten(t *testing.T) {
	c := chainOf(t, 48, 40, 12)
	s := open(t, c, vfs.NewMem())
	c.fill(t, s)
	for _, at := range []uint64{0, 7, 40} {
		v := must(s.State(at))(t)
		for _, from := range []uint64{0, 3, 12, 100} {
			for key := range c.states[40] {
				var want, got []uint64
				for h := int(min(from, at)); h >= 0; h-- {
					if slices.ContainsFunc(c.blocks[h].State.Values, func(w state.Change) bool { return w.Key == key }) {
						want = append(want, uint64(h))
					}
				}
				noError(t, v.Written(key, from, func(h uint64) bool { got = append(got, h); return true }))
				equal(t, key, got, want)
			}
		}
		noError(t, v.Written("rights/1\x00", 9, func(uint64) bool { t.Error("a zero byte"); return true }))
		noError(t, v.Close())
	}
	noError(t, s.Close())
}
