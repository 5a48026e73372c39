// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

// boundary is the state that names a set, among other records.
func (c *chain) boundary(number uint64, set []byte) *state.Tree {
	model := maps.Clone(numbered(20))
	model[ledger.SetKey(number)] = string(set)
	model["rights/PATENT/2018102345673"] = "some record"
	return apply(c.t, state.Empty(c.suite), 0, sets(model)...)
}

// linkOf leads to a set by the last block, at height 100·number, of the set before.
func (c *chain) linkOf(number uint64, set []byte) state.Link {
	c.t.Helper()
	tree := c.boundary(number, set)
	return state.Link{
		Set:   set,
		Proof: prove(c.t, tree, ledger.SetKey(number)),
		Block: c.final(c.header(number-1, 100*number, tree.Root()), number-1),
	}
}

func (c *chain) link(number uint64) state.Link { return c.linkOf(number, ledger.Encode(c.set(number))) }

func TestLinksLeadFromSetToSet(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		links := []state.Link{c.link(1), c.link(2)}
		all, err := state.Extend(c.trust, links)
		noError(t, err)
		if len(all.Sets) != 3 || all.Chain != c.trust.Chain || all.Suite != c.trust.Suite {
			t.Fatalf("trust is %+v", all)
		}
		for i, s := range all.Sets {
			if want := c.set(uint64(i)); s.Number != want.Number || !slices.Equal(s.Members, want.Members) {
				t.Errorf("set %d is %+v", i, s)
			}
		}
		one, err := state.Extend(c.trust, links[:1])
		noError(t, err)
		two, err := state.Extend(one, links[1:])
		noError(t, err)
		if !bytes.Equal(ledger.Encode(two.Sets), ledger.Encode(all.Sets)) || !maps.Equal(two.Boundaries, all.Boundaries) {
			t.Error("one link after the other gives another trust")
		}
		if len(c.trust.Sets) != 1 || len(c.trust.Boundaries) != 0 || len(one.Sets) != 2 || len(one.Boundaries) != 1 {
			t.Error("Extend changed what it was given")
		}
		if none, err := state.Extend(c.trust, nil); err != nil || len(none.Sets) != 1 {
			t.Errorf("no links: %v", err)
		}
	})
}

// Two ways on from one trust must not share memory.
func TestTrustIsNotShared(t *testing.T) {
	c := newChain(t, "ed25519", "pilot")
	one, err := state.Extend(c.trust, []state.Link{c.link(1)})
	noError(t, err)
	one.Sets = slices.Grow(one.Sets, 4)
	other := c.set(2)
	other.Members[3].PeerID = "another"
	a, err := state.Extend(one, []state.Link{c.link(2)})
	noError(t, err)
	b, err := state.Extend(one, []state.Link{c.linkOf(2, ledger.Encode(other))})
	noError(t, err)
	if a.Sets[2].Members[3].PeerID == b.Sets[2].Members[3].PeerID || a.Boundaries[1] == b.Boundaries[1] {
		t.Error("one trust overwrote the other")
	}
}

// After a link, the new set certifies what follows and the old one only what was.
func TestLinkedSetsCertify(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		trust, err := state.Extend(c.trust, []state.Link{c.link(1), c.link(2)})
		noError(t, err)
		tree := records(t, c)
		statement := func(set, height, signers uint64) []byte {
			return ledger.Encode(stated(t, tree, c.final(c.header(set, height, tree.Root()), signers), pledged))
		}
		for _, good := range []struct{ set, height uint64 }{{0, 7}, {0, 99}, {1, 101}, {1, 199}, {2, 201}, {2, 5000}} {
			if _, err := state.VerifyStatement(trust, statement(good.set, good.height, good.set)); err != nil {
				t.Errorf("set %d at height %d: %v", good.set, good.height, err)
			}
		}
		for _, bad := range []struct {
			set, height, signers uint64
			want                 ledger.Reason
		}{
			{0, 100, 0, ledger.BadSet}, {0, 101, 0, ledger.BadSet}, {0, 5000, 0, ledger.BadSet},
			{1, 100, 1, ledger.BadSet}, {1, 7, 1, ledger.BadSet}, {1, 201, 1, ledger.BadSet},
			{2, 200, 2, ledger.BadSet}, {2, 7, 2, ledger.BadSet}, {3, 301, 3, ledger.BadSet},
			{2, 201, 1, ledger.BadSignature}, {1, 101, 0, ledger.BadSignature}, {0, 7, 2, ledger.BadSignature},
		} {
			_, err := state.VerifyStatement(trust, statement(bad.set, bad.height, bad.signers))
			if got := reason(t, err, "%+v", bad); got != bad.want {
				t.Errorf("%+v: refused as %s: %v", bad, got, err)
			}
		}
		if _, err := state.VerifyStatement(c.trust, statement(1, 101, 1)); ledger.ReasonOf(err) != ledger.BadSet {
			t.Errorf("without links: %v", err)
		}
	})
}

func TestLinkFilesNeverChange(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		raw := ledger.Encode([]state.Link{c.link(1), c.link(2)})
		golden(t, c.suite.Name()+"-links.golden", raw)
		var links []state.Link
		noError(t, ledger.Decode(raw, ledger.MaxFile, &links))
		if again := ledger.Encode(links); !bytes.Equal(again, raw) {
			t.Errorf("decoded and encoded again it is %x", again)
		}
		if _, err := state.Extend(c.trust, links); err != nil {
			t.Error(err)
		}
	})
}

func TestEveryByteOfALinkCounts(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		file, anchor := ledger.Encode([]state.Link{c.link(1)}), c.quick()
		extend := func(file []byte) error {
			var links []state.Link
			if ledger.Decode(file, ledger.MaxFile, &links) != nil {
				return &ledger.VerifyError{Reason: ledger.BadEncoding, Detail: "links"}
			}
			trust, err := state.Extend(anchor, links)
			if err != nil && (trust.Sets != nil || trust.Suite != nil) {
				t.Errorf("refused, and trusts %+v", trust)
			}
			return err
		}
		noError(t, extend(file))
		reasons := map[ledger.Reason]int{}
		eachChange(file, func(i int, forged []byte) {
			reasons[reason(t, extend(forged), "byte %d, %#x instead of %#x", i, forged[i], file[i])]++
		})
		for _, r := range []ledger.Reason{ledger.BadEncoding, ledger.BadLink, ledger.BadBlock, ledger.BadSignature, ledger.BadSigner, ledger.BadNetwork, ledger.BadKind, ledger.BadSet} {
			if reasons[r] == 0 {
				t.Errorf("no change was refused as %s: %v", r, reasons)
			}
		}
	})
}

func TestBrokenLinksAreRefused(t *testing.T) {
	bothChains(t, func(t *testing.T, c *chain) {
		other := map[string]string{"sm2": "ed25519", "ed25519": "sm2"}[c.suite.Name()]
		weak := keys.PublicKey{Algorithm: keys.Ed25519, Bytes: "\x01" + strings.Repeat("\x00", 31)} // of order 1
		if c.suite.Algorithm() == keys.SM2 {
			weak = keys.PublicKey{Algorithm: keys.SM2, Bytes: "\x02" + strings.Repeat("\xff", 32)} // no such x
		}
		// named is a certified link to a set that is not sound.
		named := func(change func(s *ledger.ValidatorSet)) []state.Link {
			s := c.set(1)
			change(&s)
			return []state.Link{c.linkOf(1, ledger.Encode(s))}
		}
		// spoilt is an honest link that was changed after it was certified.
		spoilt := func(change func(l *state.Link)) []state.Link {
			l := c.link(1)
			change(&l)
			return []state.Link{l}
		}
		attackers := ledger.Encode(c.set(9))
		for what, f := range map[string]struct {
			links []state.Link
			want  ledger.Reason
		}{
			"first link missing": {[]state.Link{c.link(2)}, ledger.BadSet},
			"turned round":       {[]state.Link{c.link(2), c.link(1)}, ledger.BadSet},
			"link twice":         {[]state.Link{c.link(1), c.link(1)}, ledger.BadLink},
			"middle missing":     {[]state.Link{c.link(1), c.link(3)}, ledger.BadSet},
			"nothing in it":      {[]state.Link{{}}, ledger.BadFormat},
			"attackers' set":     {spoilt(func(l *state.Link) { l.Set = attackers }), ledger.BadLink},
			"attackers' set under their own root": {spoilt(func(l *state.Link) {
				s := c.set(1)
				s.Members = c.set(9).Members
				forged := c.linkOf(1, ledger.Encode(s))
				forged.Block.Certificate = l.Block.Certificate
				*l = forged
			}), ledger.BadBlock},
			"certified by the new set itself": {spoilt(func(l *state.Link) { l.Block = c.final(l.Block.Header, 1) }), ledger.BadSignature},
			"block of the new set": {spoilt(func(l *state.Link) {
				h := l.Block.Header
				h.Set = 1
				l.Block = c.final(h, 1)
			}), ledger.BadSet},
			"too few signers":      {spoilt(func(l *state.Link) { l.Block.Certificate.Signers = l.Block.Certificate.Signers[1:] }), ledger.BadQuorum},
			"prepare votes":        {spoilt(func(l *state.Link) { l.Block.Certificate.Vote.Kind = ledger.Prepare }), ledger.BadKind},
			"proof of another key": {spoilt(func(l *state.Link) { l.Proof = prove(t, c.boundary(1, l.Set), "7") }), ledger.BadLink},
			"no proof":             {spoilt(func(l *state.Link) { l.Proof = state.Proof{} }), ledger.BadLink},
			"block without the record": {spoilt(func(l *state.Link) {
				l.Block = c.final(c.header(0, 100, apply(t, state.Empty(c.suite), 0, sets(numbered(20))...).Root()), 0)
			}), ledger.BadLink},
			"another record's value": {func() []state.Link {
				set := ledger.Encode(c.set(1))
				tree := c.boundary(7, set) // the state names it as set 7
				return []state.Link{{Set: set, Proof: prove(t, tree, ledger.SetKey(7)), Block: c.final(c.header(0, 100, tree.Root()), 0)}}
			}(), ledger.BadLink},
			"record of set 0":         {named(func(s *ledger.ValidatorSet) { s.Number = 0 }), ledger.BadLink},
			"record of set 2":         {named(func(s *ledger.ValidatorSet) { s.Number = 2 }), ledger.BadLink},
			"set of nobody":           {named(func(s *ledger.ValidatorSet) { s.Members = nil }), ledger.BadLink},
			"set of 32":               {named(func(s *ledger.ValidatorSet) { s.Members = slices.Repeat(s.Members, 8) }), ledger.BadLink},
			"set with a member twice": {named(func(s *ledger.ValidatorSet) { s.Members[1] = s.Members[0] }), ledger.BadLink},
			"set with a key twice":    {named(func(s *ledger.ValidatorSet) { s.Members[1].Key = s.Members[0].Key }), ledger.BadLink},
			"set of the other suite":  {named(func(s *ledger.ValidatorSet) { s.Members = newChain(t, other, "pilot").set(1).Members }), ledger.BadLink},
			"set with a weak key":     {named(func(s *ledger.ValidatorSet) { s.Members[2].Key = weak }), ledger.BadLink},
			"set in another form":     {[]state.Link{c.linkOf(1, append([]byte{0xb8, 2}, ledger.Encode(c.set(1))[1:]...))}, ledger.BadLink},
			"set that is no set":      {[]state.Link{c.linkOf(1, ledger.Encode("set 1"))}, ledger.BadLink},
			"another network's link":  {[]state.Link{newChain(t, c.suite.Name(), "another").link(1)}, ledger.BadNetwork},
			"second link broken": {[]state.Link{c.link(1), func() state.Link {
				l := c.link(2)
				l.Block = c.final(l.Block.Header, 0)
				return l
			}()}, ledger.BadSignature},
			"old set names the set after next": {func() []state.Link {
				model := maps.Clone(numbered(20))
				for n := range uint64(2) {
					model[ledger.SetKey(n+1)] = string(ledger.Encode(c.set(n + 1)))
				}
				tree := apply(t, state.Empty(c.suite), 0, sets(model)...)
				block := c.final(c.header(0, 100, tree.Root()), 0)
				return []state.Link{
					{Set: []byte(model[ledger.SetKey(1)]), Proof: prove(t, tree, ledger.SetKey(1)), Block: block},
					{Set: []byte(model[ledger.SetKey(2)]), Proof: prove(t, tree, ledger.SetKey(2)), Block: block},
				}
			}(), ledger.BadLink},
			"second boundary below the first": {[]state.Link{c.link(1), func() state.Link {
				set := ledger.Encode(c.set(2))
				tree := c.boundary(2, set)
				return state.Link{Set: set, Proof: prove(t, tree, ledger.SetKey(2)), Block: c.final(c.header(1, 50, tree.Root()), 1)}
			}()}, ledger.BadSet},
		} {
			trust, err := state.Extend(c.trust, f.links)
			if got := reason(t, err, "%s", what); got != f.want {
				t.Errorf("%s: refused as %s, want %s: %v", what, got, f.want, err)
			}
			if trust.Sets != nil {
				t.Errorf("%s: refused, and trusts %+v", what, trust)
			}
		}
		_, err := state.Extend(ledger.Trust{Network: c.trust.Network}, []state.Link{c.link(1)})
		if got := reason(t, err, "no sets"); got != ledger.BadSet {
			t.Errorf("trust without sets: refused as %s", got)
		}
	})
}

// A set known only by its members, as from a newer anchor, goes on all the same.
func TestLinksExtendATrustWithoutBoundaries(t *testing.T) {
	c := newChain(t, "ed25519", "pilot")
	anchor := ledger.Trust{Network: c.trust.Network, Sets: []ledger.ValidatorSet{c.set(0), c.set(1)}}
	trust, err := state.Extend(anchor, []state.Link{c.link(2)})
	noError(t, err)
	if _, known := trust.Boundaries[0]; known || len(trust.Boundaries) != 1 || trust.Boundaries[1].Height != 200 {
		t.Errorf("boundaries are %+v", trust.Boundaries)
	}
}
