// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

// away gives a network in which member m, not the leader, has missed n blocks
// and hears nothing yet.
func away(t *testing.T, n int, limit func(*Config)) (w *town, m *replica) {
	t.Helper()
	w = newTown(t, 4)
	w.limit = limit
	for i := range Member(4) {
		w.open(i)
	}
	w.until("a leader", func() bool { return w.leader() != nil })
	w.until("all are level", w.level(w.finish(0)))
	leader := w.leader().id
	m = w.nodes[(leader+1)%4]
	w.cut = func(from, to Member, _ []byte) bool { return from == m.id || to == m.id }
	for range n {
		w.finish(leader)
	}
	if m.final().Height != 1 {
		t.Fatalf("it was not away: FINAL is %d", m.final().Height)
	}
	return w, m
}

// asks lets r know that all others are ahead, and gives what it asks for.
func (r *replica) asks(final uint64) Fetch {
	r.t.Helper()
	for m := range r.set.Members {
		if Member(m) != r.id {
			r.hear(Member(m), statusMessage, status{Final: final})
		}
	}
	for range 2 * fetchTicks {
		if f := of[Fetch](r.tick()); len(f) == 1 {
			return f[0]
		}
	}
	r.t.Fatal("it does not ask for the blocks it lacks")
	return Fetch{}
}

func TestSpoiledBlocksAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*town, []CertifiedBlock) []CertifiedBlock{
		"a signature that does not verify": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			c := &b[0].Proof.Certificate
			c.Signers = slices.Clone(c.Signers)
			c.Signers[0].Signature = bytes.Repeat([]byte{1}, 64)
			return b
		},
		"too few signers": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Proof.Certificate.Signers = b[0].Proof.Certificate.Signers[1:]
			return b
		},
		"a signer twice": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			s := b[0].Proof.Certificate.Signers
			b[0].Proof.Certificate.Signers = []ledger.SignerSignature{s[0], s[0], s[1]}
			return b
		},
		"a prepare certificate in the place of the other": func(w *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Proof.Certificate = b[0].Prepared[0]
			return b
		},
		"the certificate of another block": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Proof.Certificate = b[1].Proof.Certificate
			return b
		},
		"the proof of another block": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Proof = b[1].Proof
			return b
		},
		"no transactions": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Block.Transactions = nil
			return b
		},
		"one transaction more": func(w *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Block.Transactions = append(slices.Clone(b[0].Block.Transactions), w.transaction("evil").Bytes())
			return b
		},
		"another time": func(_ *town, b []CertifiedBlock) []CertifiedBlock {
			b[0].Block.Header.Time++
			b[0].Proof.Header.Time++
			return b
		},
		"a gap": func(_ *town, b []CertifiedBlock) []CertifiedBlock { return b[1:] },
	} {
		w, r := away(t, 3, nil)
		from := w.leader()
		ask := r.asks(from.final().Height)
		if ask.Height != 2 {
			t.Fatalf("asks for %+v", ask)
		}
		good := from.serve(ask.Height, 16)
		out := r.step(Fetched{From: ask.From, Blocks: spoil(w, slices.Clone(good))})
		if len(of[Adopt](out)) != 0 || r.dropped(dropVote) != 1 {
			t.Errorf("%s: %d blocks adopted", name, len(of[Adopt](out)))
		}
		again := r.asks(from.final().Height)
		if again.From == ask.From {
			t.Errorf("%s: it asks the same member again", name)
		}
		r.step(Fetched{From: ask.From, Blocks: good}) // whom it did not ask this time
		if out := r.step(Fetched{From: again.From, Blocks: good}); len(of[Adopt](out)) != 3 {
			t.Errorf("%s: afterwards %d good blocks adopted", name, len(of[Adopt](out)))
		}
	}
}

func TestForgedPlaceInTheLogIsIgnored(t *testing.T) {
	w, r := away(t, 2, nil)
	from := w.leader()
	ask := r.asks(from.final().Height)
	blocks := from.serve(ask.Height, 16)
	forged := blocks[0].Prepared[0]
	forged.Vote.Index += 1000
	blocks[0].Prepared = []ledger.Certificate{forged}
	adopt := of[Adopt](r.step(Fetched{From: ask.From, Blocks: blocks}))
	if len(adopt) != 2 {
		t.Fatalf("%d of 2 good blocks adopted", len(adopt))
	}
	if len(r.core.prepared) > 1 {
		t.Error("a prepare certificate is kept before its block is stored")
	}
	for _, e := range adopt {
		r.step(r.adopt(e))
	}
	if _, ok := r.core.prepared[2]; ok {
		t.Error("a forged prepare certificate was kept")
	}
	if _, ok := r.core.prepared[3]; !ok {
		t.Error("a genuine prepare certificate was not kept")
	}
}

func TestLiarAboutItsHeightHoldsNobodyUp(t *testing.T) {
	w, r := away(t, 3, nil)
	final := w.leader().final().Height
	w.cut = nil
	liar := (r.id + 1) % 4
	for range 3 {
		r.hear(liar, statusMessage, status{Final: 1 << 63})
		w.ticks(fetchTicks)
	}
	if r.final().Height < final {
		t.Errorf("FINAL is %d of %d", r.final().Height, final)
	}
	w.until("all are level", w.level(w.finish(r.id)))
}

// TestDeadMemberIsAskedOnce: whoever is behind far would else wait for it again
// with every round of questions.
func TestDeadMemberIsAskedOnce(t *testing.T) {
	for name, goodbye := range map[string]func(*replica, Member){
		"it fails":        func(r *replica, dead Member) { r.step(Fetched{From: dead, Failed: true}) },
		"it says nothing": func(*replica, Member) {},
	} {
		t.Run(name, func(t *testing.T) {
			w, r := away(t, 12, nil)
			from, final := w.leader(), w.leader().final().Height
			ask := r.asks(final)
			dead := ask.From
			goodbye(r, dead)
			asked := make(map[Member]int)
			for r.final().Height < final {
				asks := of[Fetch](r.tick())
				for len(asks) == 1 {
					ask = asks[0]
					if asked[ask.From]++; ask.From == dead {
						t.Fatal("a member that did not answer is asked again")
					}
					var out []Effect
					for _, e := range of[Adopt](r.step(Fetched{From: ask.From, Blocks: from.serve(ask.Height, 1)})) {
						out = append(out, r.step(r.adopt(e))...)
					}
					asks = of[Fetch](out)
				}
			}
			if len(asked) != 2 {
				t.Errorf("asked were %v, not the two that live", asked)
			}
			for range 3 { // nobody else has what it lacks now
				r.hear(dead, statusMessage, status{Final: final + 20})
				if asks := of[Fetch](r.tick()); len(asks) != 1 || asks[0].From != dead {
					t.Fatalf("member %d is heard of again, and asked are %+v", dead, asks)
				}
				for range 2 * fetchTicks {
					if asks := of[Fetch](r.tick()); len(asks) != 0 {
						t.Fatalf("nobody was heard of, and asked are %+v", asks)
					}
				}
			}
		})
	}
}

// keepLittle makes logs so short that whoever was away needs a snapshot.
func keepLittle(c *Config) { c.KeepEntries = 4 }

// TestLargeBlocksMakeNoLongLog: what is kept below FINAL is bounded in bytes too,
// and whoever was away for longer comes back by block sync.
func TestLargeBlocksMakeNoLongLog(t *testing.T) {
	const bound = 4 << 10
	w, r := away(t, 60, func(c *Config) { c.KeepBytes = bound })
	for _, other := range w.nodes {
		log := &other.core.group.weights
		if held := log.between(0, other.core.cursor.Index); held > bound+bound/4 {
			t.Errorf("member %d keeps %d bytes below FINAL", other.id, held)
		}
		if other == r {
			continue
		}
		if held := log.between(0, other.core.cursor.Index); held < bound/2 {
			t.Errorf("member %d keeps %d bytes below FINAL only", other.id, held)
		}
		if kept := len(other.saved.Entries); kept > int(other.core.Status().LastIndex-log.before) {
			t.Errorf("member %d has %d entries on disk, and less in memory", other.id, kept)
		}
	}
	w.cut = nil
	w.until("it has caught up", w.level(61))
	w.until("its log goes on", func() bool { return len(r.installed()) > 0 })
	w.until("all are level", w.level(w.finish(r.id)))
}

// TestBlockLargerThanTheBoundIsKept: a member that lacks the newest block alone
// gets it from the log.
func TestBlockLargerThanTheBoundIsKept(t *testing.T) {
	w, _ := away(t, 5, func(c *Config) { c.KeepBytes = 1 })
	for _, other := range w.nodes {
		if kept := other.core.cursor.Index - other.core.group.weights.before; kept != 1 {
			t.Errorf("member %d keeps %d entries below FINAL", other.id, kept)
		}
	}
}

// installed gives the positions at which snapshots were put in the log's place.
func (r *replica) installed() []Position {
	var out []Position
	for _, p := range of[Persist](r.did) {
		if p.Snapshot != nil {
			out = append(out, *p.Snapshot)
		}
	}
	return out
}

func TestSnapshotComesFromAPrepareCertificate(t *testing.T) {
	w, r := away(t, 20, keepLittle)
	w.cut = nil
	w.until("it has caught up", w.level(21))
	w.until("its log goes on", func() bool { return len(r.installed()) > 0 })
	for _, at := range r.installed() {
		if !slices.ContainsFunc(r.saved.Prepared, func(c ledger.PreparedBlock) bool {
			return c.Certificate.Vote.Index == at.Index && c.Certificate.Vote.Term == at.Term
		}) {
			t.Errorf("a snapshot at %+v, which no prepare certificate names", at)
		}
	}
	w.until("all are level", w.level(w.finish(r.id)))
}

// TestNeededMemberThatHasAllBlocksGetsItsSnapshot: without it there is no
// further FINAL block that could be the occasion. A crash may have cost it the
// prepare certificate of the last one; then it asks for that.
func TestNeededMemberThatHasAllBlocksGetsItsSnapshot(t *testing.T) {
	for name, spoil := range map[string]func(*Core){
		"with its certificate":    func(*Core) {},
		"without its certificate": func(c *Core) { clear(c.prepared) },
	} {
		t.Run(name, func(t *testing.T) {
			w, r := away(t, 20, keepLittle)
			w.cut = func(from, to Member, data []byte) bool {
				return (from == r.id || to == r.id) && len(data) > 0 && messageKind(data[0]) == raftMessage
			}
			w.until("it has all blocks", w.level(21))
			if len(r.installed()) != 0 {
				t.Fatal("Raft has a snapshot already")
			}
			leader := w.leader().id
			for _, other := range w.nodes {
				if other.id != leader && other.id != r.id {
					other.core = nil // one of the two is gone
					break
				}
			}
			spoil(r.core)
			w.cut = nil
			w.until("the three that remain go on", w.level(w.finish(r.id)))
			if len(r.installed()) == 0 {
				t.Error("the log went on without a snapshot: the test tests nothing")
			}
		})
	}
}

func TestEndlessLeaderFillsNobodysMemory(t *testing.T) {
	w := newTown(t, 4)
	w.limit = func(c *Config) { c.LogBytes = 4 << 10 }
	r := w.active(0)
	r.order(1)
	for range 100 {
		r.order(1) // nothing of it becomes FINAL
	}
	held := r.core.group.weights.between(0, ^uint64(0))
	if held > 2*4<<10 || held < 4<<10 || r.dropped(dropFull) == 0 {
		t.Errorf("the log holds %d bytes, %d messages were held back", held, r.dropped(dropFull))
	}
	todo := of[Execute](r.did)
	for _, e := range todo {
		r.step(r.execute(e))
		r.votes(r.prepare(e.Height), 1, 2)
	}
	out := r.votes(r.commit(todo[len(todo)-1].Height), 1, 2)
	r.step(r.finalize(of[Finalize](out)[0])...)
	before := r.core.Status().LastIndex
	r.order(1)
	if r.core.Status().LastIndex != before+1 {
		t.Error("FINAL has moved and the log is still full")
	}
}
