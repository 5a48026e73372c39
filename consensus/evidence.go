// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/ledger"
)

// A charge is what a validator is accused of once; it may go on offending as long
// as it likes.
type charge struct {
	validator uint64
	kind      ledger.EvidenceKind
}

// accuse keeps evidence and tells of it, if the validator is not accused of the
// same already.
func (c *Core) accuse(e ledger.Evidence) {
	e = e.Canonical()
	about := charge{e.Offender(), e.Kind}
	if c.charged[about] || e.Check(c.cfg.Network, c.cfg.Set) != nil {
		return
	}
	c.charged[about] = true
	c.write.Evidence, c.write.Sync = append(c.write.Evidence, e), true
	c.do(Accuse{e})
}

// breaches tells whether a vote would be evidence together with the newest statement
// of its signer, of what it is not accused of yet, if it is genuine.
func (c *Core) breaches(v ledger.SignedVote) bool {
	s := c.statements[v.Validator]
	if s == nil || v.Validator == uint64(c.cfg.Self) {
		return false
	}
	kind, ok := s.Statement.Against(v)
	return ok && !c.charged[charge{v.Validator, kind}]
}

// compare holds a genuine vote against the newest statement of its signer.
func (c *Core) compare(v ledger.SignedVote) {
	if !c.breaches(v) {
		return
	}
	s := c.statements[v.Validator]
	kind, _ := s.Statement.Against(v)
	c.accuse(ledger.Evidence{Kind: kind, Votes: []ledger.SignedVote{v}, Statement: ledger.Encode(*s)})
}

// doubtLeader looks for a leader that sent two batches for one place: then another
// member prepares another block there. The batches' seals show it, see acceptSeal.
func (c *Core) doubtLeader(v ledger.Vote) {
	b := c.blocks[v.Height]
	if b != nil && b.executed && v.Kind == ledger.Prepare && v.Block != b.hash && (Position{v.Index, v.Term}) == b.at && b.at != base {
		c.showSeal(b)
	}
}

// showSeal lets the others compare what this node was sent with what they were.
func (c *Core) showSeal(b *candidate) {
	if !b.shown && b.at != base {
		b.shown = true
		c.broadcast(sealMessage, b.sealed)
	}
}

// acceptSeal compares the seal of a batch that another member was sent with that
// of the batch here in its place. If they differ both learn of it.
func (c *Core) acceptSeal(from Member, payload []byte) drop {
	var s ledger.SignedSeal
	if ledger.Decode(payload, maxControl, &s) != nil {
		return dropMalformed
	}
	own := c.seals[s.Seal.Index%uint64(len(c.seals))]
	if !own.Rivals(s) || c.charged[charge{s.Validator, ledger.DoubleBatch}] {
		return dropNone
	}
	if s.Check(c.cfg.Network, c.cfg.Set) != nil {
		return dropSignature
	}
	start := c.start
	c.accuse(ledger.Evidence{Kind: ledger.DoubleBatch, Batches: []ledger.SignedSeal{own, s}, Start: &start})
	c.tell(from, sealMessage, own)
	return dropNone
}
