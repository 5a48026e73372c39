// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func open(t testing.TB, fs vfs.FS) (*log.Log, consensus.Saved) {
	t.Helper()
	l, saved, err := log.Open("consensus", log.Options{Chain: chain, FS: fs})
	noError(t, err)
	return l, saved
}

func TestOpenGivesWhatWasWritten(t *testing.T) {
	for seed := range uint64(8) {
		fs, s, m := vfs.NewMem(), newSource(seed), newModel()
		l, saved := open(t, fs)
		same(t, saved, consensus.Saved{})
		for i := range 400 {
			w := s.next()
			noError(t, l.Write(w))
			m.write(w)
			if i%40 == 0 {
				noError(t, l.Close())
				l, saved = open(t, fs)
				same(t, saved, m.saved())
			}
		}
		for h, want := range m.prepared {
			got, ok, err := l.Prepared(h)
			noError(t, err)
			if !ok || fmt.Sprint(got) != fmt.Sprint(want.Certificate) {
				t.Fatalf("prepare certificate of height %d: %v", h, got)
			}
		}
		if _, ok, err := l.Prepared(s.final + 1); ok || err != nil {
			t.Fatalf("a prepare certificate that was not written: %v", err)
		}
		noError(t, l.Close())
	}
}

func TestOldCertificatesAndVotesGo(t *testing.T) {
	fs, s := vfs.NewMem(), newSource(1)
	l, _ := open(t, fs)
	const top = consensus.KeepPrepared + 200
	for h := uint64(1); h <= top; h++ {
		c := s.certificate(h)
		noError(t, l.Write(consensus.Write{
			Votes:    []ledger.SignedVote{s.vote(0, h, ledger.Prepare)},
			Prepared: []ledger.PreparedBlock{s.prepared(h)}, Highest: &c,
		}))
		noError(t, l.Write(consensus.Write{Final: h}))
	}
	if _, ok, _ := l.Prepared(top - consensus.KeepPrepared + 1); !ok {
		t.Error("a certificate went too early")
	}
	if _, ok, _ := l.Prepared(100); ok {
		t.Error("an old certificate is still there")
	}
	noError(t, l.Close())
	l, saved := open(t, fs)
	if len(saved.Prepared) != consensus.KeepPrepared || len(saved.Votes) != 0 || len(saved.Newest) != 1 || saved.Newest[0].Vote.Height != top {
		t.Errorf("%d certificates, %d votes, newest %v", len(saved.Prepared), len(saved.Votes), saved.Newest)
	}
	noError(t, l.Close())
	noError(t, log.Tamper("consensus", fs, func(db *pebble.DB) error {
		it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{0x20}, UpperBound: []byte{0x21}})
		if err != nil {
			return err
		}
		votes := 0
		for ok := it.First(); ok; ok = it.Next() {
			votes++
		}
		if votes >= 128 {
			t.Errorf("%d votes are still stored", votes)
		}
		return it.Close()
	}))
}

func TestASecondVoteIsRefused(t *testing.T) {
	s := newSource(2)
	first := s.vote(0, 10, ledger.Prepare)
	other := first
	other.Vote.Block[0]++
	for what, try := range map[string]struct {
		before consensus.Write
		vote   ledger.SignedVote
		ok     bool
	}{
		"another block":          {consensus.Write{}, other, false},
		"another signature":      {consensus.Write{}, ledger.SignedVote{Vote: first.Vote, Signature: s.bytes(64)}, false},
		"the same":               {consensus.Write{}, first, true},
		"another kind":           {consensus.Write{}, s.vote(0, 10, ledger.Commit), true},
		"another round":          {consensus.Write{}, func() ledger.SignedVote { v := other; v.Vote.Round++; return v }(), true},
		"below FINAL":            {consensus.Write{Final: 12}, s.vote(0, 11, ledger.Prepare), false},
		"at FINAL":               {consensus.Write{Final: 12}, s.vote(0, 12, ledger.Commit), false},
		"above FINAL":            {consensus.Write{Final: 12}, s.vote(0, 13, ledger.Prepare), true},
		"another, after pruning": {consensus.Write{Final: 1000}, other, false},
	} {
		for _, restart := range []bool{false, true} {
			fs := vfs.NewCrashableMem()
			l, _ := open(t, fs)
			noError(t, l.Write(consensus.Write{Votes: []ledger.SignedVote{first}}))
			noError(t, l.Write(try.before))
			noError(t, l.Write(consensus.Write{Sync: true}))
			if restart {
				noError(t, l.Close())
				l, _ = open(t, fs)
			}
			before := durable(t, fs)
			err := l.Write(consensus.Write{Votes: []ledger.SignedVote{try.vote}, Joined: true, Sync: true})
			if try.ok {
				if err != nil {
					t.Errorf("%s: %v", what, err)
				}
				noError(t, l.Close())
				continue
			}
			if !errors.Is(err, log.ErrSecondVote) {
				t.Errorf("%s: %v", what, err)
			}
			if err := l.Write(consensus.Write{Joined: true}); err == nil {
				t.Errorf("%s: written to after a second vote", what)
			}
			if err := l.Close(); err == nil {
				t.Errorf("%s: closed as if nothing had been", what)
			}
			same(t, durable(t, fs), before)
		}
	}
}

// durable is what a crash now would leave.
func durable(t testing.TB, fs *vfs.MemFS) consensus.Saved {
	t.Helper()
	l, saved := open(t, fs.CrashClone(vfs.CrashCloneCfg{}))
	noError(t, l.Close())
	return saved
}

func TestTwoVotesForOneSlotInOneWriteAreRefused(t *testing.T) {
	s := newSource(3)
	l, _ := open(t, vfs.NewMem())
	err := l.Write(consensus.Write{Votes: []ledger.SignedVote{s.vote(0, 1, ledger.Commit), s.vote(0, 1, ledger.Commit)}})
	if !errors.Is(err, log.ErrSecondVote) {
		t.Fatal(err)
	}
}

func TestTheNewestVoteNeverGetsOlder(t *testing.T) {
	s, fs := newSource(4), vfs.NewMem()
	l, _ := open(t, fs)
	own, theirs := s.vote(0, 9, ledger.Commit), s.vote(2, 9, ledger.Commit)
	noError(t, l.Write(consensus.Write{Votes: []ledger.SignedVote{own}, Newest: []ledger.SignedVote{theirs}}))
	noError(t, l.Write(consensus.Write{
		Votes:  []ledger.SignedVote{s.vote(0, 9, ledger.Prepare), s.vote(0, 8, ledger.Commit)},
		Newest: []ledger.SignedVote{s.vote(2, 9, ledger.Prepare), s.vote(2, 8, ledger.Commit), s.vote(2, 9, ledger.Commit), s.vote(0, 1, ledger.Prepare)},
	}))
	noError(t, l.Close())
	l, got := open(t, fs)
	if fmt.Sprint(got.Newest) != fmt.Sprint([]ledger.SignedVote{own, theirs}) {
		t.Errorf("newest: %v", got.Newest)
	}
	noError(t, l.Write(consensus.Write{Newest: []ledger.SignedVote{s.vote(0, 2, ledger.Prepare)}}))
	next := s.vote(2, 10, ledger.Prepare)
	noError(t, l.Write(consensus.Write{Newest: []ledger.SignedVote{next}}))
	noError(t, l.Close())
	l, got = open(t, fs)
	if fmt.Sprint(got.Newest) != fmt.Sprint([]ledger.SignedVote{own, next}) {
		t.Errorf("newest: %v", got.Newest)
	}
	noError(t, l.Close())
}

func TestALogThatRaftCannotStartFromIsRefused(t *testing.T) {
	for what, bad := range map[string]consensus.Write{
		"gap":                {Entries: entries(12, 13)},
		"gap within":         {Entries: append(entries(11, 11), entries(13, 13)...)},
		"below the start":    {Entries: entries(3, 4)},
		"truncated backward": {Truncate: &consensus.Position{Index: 2, Term: 1}},
	} {
		l, _ := open(t, vfs.NewMem())
		noError(t, l.Write(consensus.Write{Snapshot: &consensus.Position{Index: 3, Term: 1}, Entries: entries(4, 10)}))
		if err := l.Write(bad); err == nil {
			t.Errorf("%s: not refused", what)
		}
	}
}

func entries(from, to uint64) []*raftpb.Entry {
	var all []*raftpb.Entry
	for i := from; i <= to; i++ {
		all = append(all, &raftpb.Entry{Index: proto.Uint64(i), Term: proto.Uint64(1), Data: fmt.Append(nil, i)})
	}
	return all
}

func TestASurrenderedKeyIsNamedForEver(t *testing.T) {
	suite, err := keys.SuiteByName("ed25519")
	noError(t, err)
	var want []keys.PublicKey
	fs := vfs.NewCrashableMem()
	for range 2 {
		key, err := suite.Generate(nil)
		noError(t, err)
		want = append(want, key.Public())
		l, _ := open(t, fs)
		noError(t, l.Surrender(key.Public()))
		got := durable(t, fs).Surrendered
		slices.SortFunc(want, func(a, b keys.PublicKey) int { return strings.Compare(a.String(), b.String()) })
		if !slices.Equal(got, want) {
			t.Fatalf("surrendered are %v, want %v", got, want)
		}
		noError(t, l.Close())
	}
}

func TestAnotherNetworkIsRefused(t *testing.T) {
	fs := written(t)
	_, _, err := log.Open("consensus", log.Options{Chain: ledger.Hash{9}, FS: fs})
	refused(t, err, chain.String(), "no vote is lost", "genesis file")
	l, _ := open(t, fs)
	noError(t, l.Close())
}

func TestANewerFormatIsRefused(t *testing.T) {
	fs := written(t)
	noError(t, log.Tamper("consensus", fs, func(db *pebble.DB) error { return db.Set([]byte{0}, log.NewerFormat(chain), pebble.Sync) }))
	_, _, err := log.Open("consensus", log.Options{Chain: chain, FS: fs})
	refused(t, err, "format 3", "no vote is lost", "run that version")
}

func TestAnotherDatabaseIsRefused(t *testing.T) {
	fs := vfs.NewMem()
	noError(t, log.Tamper("consensus", fs, func(db *pebble.DB) error { return db.Set([]byte("something"), nil, pebble.Sync) }))
	_, _, err := log.Open("consensus", log.Options{Chain: chain, FS: fs})
	refused(t, err, "not a consensus database")
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	l, _, err := log.Open(dir, log.Options{Chain: chain})
	noError(t, err)
	_, _, err = log.Open(dir, log.Options{Chain: chain})
	refused(t, err, "already running?")
	noError(t, l.Close())
}

func refused(t testing.TB, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("not refused")
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%q does not say %q", err, text)
		}
	}
	if errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("%q is called damage", err)
	}
}

// written is a disk with a record of each kind.
func written(t testing.TB) *vfs.MemFS {
	t.Helper()
	fs, s := vfs.NewMem(), newSource(5)
	l, _ := open(t, fs)
	c := s.certificate(7)
	noError(t, l.Write(consensus.Write{
		Snapshot: &consensus.Position{Index: 3, Term: 1}, Entries: entries(4, 9), HardState: &raftpb.HardState{Term: proto.Uint64(1), Commit: proto.Uint64(5)},
		Votes: []ledger.SignedVote{s.vote(0, 8, ledger.Prepare), s.vote(0, 8, ledger.Commit)}, Newest: []ledger.SignedVote{s.vote(1, 8, ledger.Commit)},
		Prepared: []ledger.PreparedBlock{s.prepared(7)}, Highest: &c, Cursor: &consensus.Cursor{Height: 7, Index: 5}, Joined: true, Final: 7, Sync: true,
	}))
	noError(t, l.Close())
	return fs
}

// TestADamagedRecordIsNotPassedOver spoils each record in turn.
func TestADamagedRecordIsNotPassedOver(t *testing.T) {
	type record struct{ key, value []byte }
	var records []record
	noError(t, log.Tamper("consensus", written(t), func(db *pebble.DB) error {
		it, err := db.NewIter(nil)
		if err != nil {
			return err
		}
		for ok := it.First(); ok; ok = it.Next() {
			records = append(records, record{append([]byte(nil), it.Key()...), append([]byte(nil), it.Value()...)})
		}
		return it.Close()
	}))
	if len(records) != 7+6+2+2+1 {
		t.Fatalf("%d records", len(records))
	}
	for _, r := range records {
		if r.key[0] <= 0x01 { // the format record is refused otherwise; joined has no value
			continue
		}
		for _, spoil := range []func(*pebble.DB) error{
			func(db *pebble.DB) error { return db.Set(r.key, append(r.value, 0xff), pebble.Sync) },
			func(db *pebble.DB) error { return db.Set(r.key, r.value[:len(r.value)-1], pebble.Sync) },
			func(db *pebble.DB) error { return db.Set(append(r.key, 0), r.value, pebble.Sync) },
		} {
			fs := written(t)
			noError(t, log.Tamper("consensus", fs, spoil))
			_, _, err := log.Open("consensus", log.Options{Chain: chain, FS: fs})
			if !errors.Is(err, ledger.ErrCorrupt) || !strings.Contains(err.Error(), "must not vote") {
				t.Errorf("record %x: %v", r.key, err)
			}
		}
	}
}

// TestALostRecordIsNotPassedOver deletes each record of which another one tells.
func TestALostRecordIsNotPassedOver(t *testing.T) {
	entry := []byte{0x10, 0, 0, 0, 0, 0, 0, 0, 0}
	for _, lost := range [][]byte{append(entry[:8:8], 4), append(entry[:8:8], 6), append([]byte{0x21}, make([]byte, 16)...)} {
		fs := written(t)
		noError(t, log.Tamper("consensus", fs, func(db *pebble.DB) error { return db.Delete(lost, pebble.Sync) }))
		if _, _, err := log.Open("consensus", log.Options{Chain: chain, FS: fs}); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("without record %x: %v", lost, err)
		}
	}
}
