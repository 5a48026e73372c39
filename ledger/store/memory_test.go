// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipledger/ipledger/ledger/store"
)

// anyKey is a key that a chain may have, or one that it never has.
func anyKey(random *rand.Rand) string {
	return fmt.Sprintf("%s/%d", []string{"rights", "rights/PATENT", "parties", "refs"}[random.IntN(4)], random.IntN(70))
}

// checkRead reads a key through a view, through the store, and past the memory.
func (c *chain) checkRead(s *store.Store, v *store.View, key string) error {
	want, present := c.states[v.Height()][key]
	same := func(how string, value []byte, ok bool, err error) error {
		if err != nil || ok != present || string(value) != want {
			return fmt.Errorf("%s gives %q %v %v for %s at height %d, was %q %v", how, value, ok, err, key, v.Height(), want, present)
		}
		return nil
	}
	value, ok, err := v.Get(key)
	if err := same("the view", value, ok, err); err != nil {
		return err
	}
	value, ok, err = s.Value(key, v.Height())
	if err := same("the store", value, ok, err); err != nil {
		return err
	}
	value, ok, err = v.Unremembered(key)
	return same("the database", value, ok, err)
}

// TestWhatIsRememberedIsWhatTheDatabaseHolds reads at random heights while blocks
// are written, with room for a few keys, for most of them and for all.
func TestWhatIsRememberedIsWhatTheDatabaseHolds(t *testing.T) {
	for i, room := range []int{1, 3_000, 12_000, 1 << 20} {
		c := chainOf(t, uint64(40+i), 150, 9)
		s := open(t, c, vfs.NewMem())
		s.LimitMemory(room)
		noError(t, c.init(s))
		random := rand.New(rand.NewPCG(uint64(i), 3))
		held := []*store.View{must(s.State(0))(t)}
		for h, f := range c.blocks[1:] {
			for range 30 {
				v := held[random.IntN(len(held))]
				noError(t, c.checkRead(s, v, anyKey(random)))
			}
			noError(t, s.Commit(f))
			height := uint64(h + 1)
			if random.IntN(3) > 0 {
				height -= min(height, random.Uint64N(4)) // who reads the head is often a little late
			}
			held = append(held, must(s.State(height))(t))
			if len(held) > 6 {
				at := random.IntN(len(held))
				noError(t, held[at].Close())
				held = append(held[:at], held[at+1:]...)
			}
		}
		for _, v := range held {
			noError(t, v.Close())
		}
		if got := s.Remembered(); got == 0 || got > 2*(room+600) {
			t.Errorf("it remembers about %d bytes, in halves of %d", got, room)
		}
		noError(t, s.Close())
	}
}

func TestReadersMayRememberWhileBlocksAreWritten(t *testing.T) {
	c := chainOf(t, 45, 120, 9)
	s := open(t, c, vfs.NewMem())
	s.LimitMemory(6_000)
	noError(t, c.init(s))
	var readers sync.WaitGroup
	var done atomic.Bool
	for reader := range 4 {
		readers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(reader), 4))
			for n := 0; n < 50 || !done.Load(); n++ {
				head, _ := s.Head()
				v, err := s.State(head.Header.Height - min(head.Header.Height, random.Uint64N(3)))
				for i := 0; i < 20 && err == nil; i++ {
					err = c.checkRead(s, v, anyKey(random))
				}
				if err != nil {
					t.Error(err)
					return
				}
				if err := v.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, f := range c.blocks[1:] {
		noError(t, s.Commit(f))
	}
	done.Store(true)
	readers.Wait()
	noError(t, s.Close())
}

// What comes in is judged at the reported height, which may be behind the head,
// and what it read then is what execution reads.
func TestWhatWasReadOnceIsNotReadAgain(t *testing.T) {
	c, fs := chainOf(t, 46, 20, 9), vfs.NewMem()
	s := open(t, c, fs)
	c.fill(t, s)
	noError(t, s.Close())
	s = open(t, c, fs)
	late, err := s.State(20)
	noError(t, err)
	for range 5 {
		noError(t, s.Commit(*c.add(t, 9, 0)))
	}
	head, _ := s.Head()
	changed, unchanged := "", ""
	for key, value := range c.states[25] {
		if before, ok := c.states[20][key]; ok && before == value {
			if !s.Remembers(key, 20) { // as it is if a block wrote the same value again
				unchanged = key
			}
		} else if ok {
			changed = key
		}
	}
	for _, key := range []string{unchanged, "refs/none"} {
		if s.Remembers(key, 20) {
			t.Fatalf("%s is remembered before anybody has read it", key)
		}
		noError(t, c.checkRead(s, late, key))
		if !s.Remembers(key, 20) || !s.Remembers(key, head.Header.Height) {
			t.Errorf("%s is read again, and has not changed since", key)
		}
	}
	noError(t, c.checkRead(s, late, changed))
	if s.Remembers(changed, 20) || !s.Remembers(changed, head.Header.Height) {
		t.Errorf("%s has changed since height 20; what it is now was written just now", changed)
	}
	noError(t, late.Close())
	noError(t, s.Close())
}
