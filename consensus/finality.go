// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"bytes"
	"maps"

	"github.com/ipledger/ipledger/ledger"
)

// A slot is what a validator may sign once: one kind of vote for one height.
type slot struct {
	height uint64
	kind   ledger.VoteKind
}

// A heldVote is the first vote of a validator for a slot.
type heldVote struct {
	ledger.SignedVote
	spare bool // its signature is not checked until it is needed
}

// says tells whether v says nothing new. A spare vote with another signature does:
// either may be the forgery.
func (h *heldVote) says(v ledger.SignedVote) bool {
	return h.Vote == v.Vote && (!h.spare || bytes.Equal(h.Signature, v.Signature))
}

// hold keeps the first vote of a validator for a slot. It gives the held one.
func (c *Core) hold(v ledger.SignedVote) *heldVote {
	s := slot{v.Vote.Height, v.Vote.Kind}
	if c.votes[s] == nil {
		c.votes[s] = make([]*heldVote, len(c.cfg.Set.Members))
	}
	if c.votes[s][v.Validator] == nil {
		c.votes[s][v.Validator] = &heldVote{SignedVote: v}
	}
	c.learn(&v)
	return c.votes[s][v.Validator]
}

// learn takes note of a checked vote if it is the newest of its validator.
func (c *Core) learn(v *ledger.SignedVote) {
	if newer(v.Vote, c.newest[v.Validator]) {
		c.newest[v.Validator] = v
		c.newestNew[v.Validator] = true
	}
}

// newer tells whether v is newer than what is known of its validator.
func newer(v ledger.Vote, known *ledger.SignedVote) bool {
	return known == nil || v.Newer(known.Vote)
}

// maxVotes is room for more than the two votes for each height of a window.
const maxVotes = 8 << 10

func (c *Core) acceptVotes(from Member, payload []byte) drop {
	var votes []ledger.SignedVote
	if ledger.Decode(payload, maxVotes, &votes) != nil {
		return dropMalformed
	}
	result := dropNone
	for _, v := range votes {
		switch why := c.acceptVote(from, v); why {
		case dropNone:
		case dropSignature:
			return why // no honest member passes on what does not verify; the rest is not worth the time
		default:
			result = why
		}
	}
	return result
}

func (c *Core) acceptVote(from Member, v ledger.SignedVote) drop {
	if v.Vote.Start != c.id || v.Vote.Chain != c.cfg.Network.Chain || v.Vote.Set != c.cfg.Set.Number ||
		v.Vote.Round != c.start.Round || v.Validator == uint64(c.cfg.Self) || v.Validator >= uint64(len(c.cfg.Set.Members)) {
		return dropVote
	}
	if c.breaches(v) {
		if !c.verify(&v) {
			return dropSignature
		}
		c.compare(v)
	}
	c.doubtLeader(v.Vote)
	late := v.Vote.Height <= c.final.Height
	if late && !newer(v.Vote, c.newest[v.Validator]) {
		return dropNone // nothing to learn from it
	}
	if v.Vote.Height > c.final.Height+2*c.cfg.Window {
		return dropVote
	}
	held := c.voteOf(Member(v.Validator), slot{v.Vote.Height, v.Vote.Kind})
	if held != nil && held.says(v) {
		return dropNone
	}
	if held != nil && held.Vote != v.Vote && c.charged[charge{v.Validator, ledger.DoubleVote}] {
		return dropNone // one double vote is evidence enough; a member may sign as many as it likes
	}
	if from == Member(v.Validator) && (late || held == nil && c.enough(v.Vote)) {
		c.spare(v, late)
		return dropNone
	}
	if !c.verify(&v) {
		return dropSignature
	}
	if late {
		c.learn(&v)
		return dropNone
	}
	if held != nil && !c.verified(held) {
		c.votes[slot{v.Vote.Height, v.Vote.Kind}][v.Validator] = nil // nobody's vote
	}
	if held := c.hold(v); held.Vote != v.Vote {
		two := []ledger.SignedVote{held.SignedVote, v}
		c.accuse(ledger.Evidence{Kind: ledger.DoubleVote, Votes: two})
		c.do(Alarm{Kind: AlarmDoubleVote, Detail: "two votes of one validator for one height and kind", Evidence: two})
	}
	return dropNone
}

func (c *Core) voteOf(m Member, s slot) *heldVote {
	if votes := c.votes[s]; votes != nil {
		return votes[m]
	}
	return nil
}

// slots are all for which votes may be held, ascending.
func (c *Core) slots() []slot {
	var all []slot
	for h := c.final.Height + 1; h <= c.final.Height+2*c.cfg.Window; h++ {
		all = append(all, slot{h, ledger.Prepare}, slot{h, ledger.Commit})
	}
	return all
}

// resend repeats the own votes above FINAL, byte for byte, while FINAL does not
// move. A node whose blocks are all FINAL is silent.
func (c *Core) resend() {
	if c.ticks%resendTicks != 0 || c.ticks-c.finalTick < resendTicks {
		return
	}
	var own []ledger.SignedVote
	for _, s := range c.slots() {
		if v := c.voteOf(c.cfg.Self, s); v != nil {
			own = append(own, v.SignedVote)
		}
	}
	if len(own) > 0 {
		c.broadcast(voteMessage, own)
	}
}

// finalize hands over the blocks that certificates cover: up to the highest
// certificate, since a certificate makes all ancestors FINAL.
func (c *Core) finalize() {
	top := c.finalizing
	for h := c.finalizing + 1; ; h++ {
		b := c.blocks[h]
		if b == nil || !b.executed {
			break
		}
		if b.certificate != nil {
			top = h
		}
	}
	if top == c.finalizing {
		return
	}
	proofs := make([]ledger.Certified, 0, top-c.finalizing)
	for h := c.finalizing + 1; h <= top; h++ {
		proof := ledger.Certified{Header: c.blocks[h].header}
		covering := h
		for c.blocks[covering].certificate == nil {
			covering++
			proof.Descendants = append(proof.Descendants, c.blocks[covering].header)
		}
		proof.Certificate = *c.blocks[covering].certificate
		proofs = append(proofs, proof)
	}
	c.finalizing = top
	c.do(Finalize{Proofs: proofs})
}

// stored takes note of a block that is FINAL and durable.
func (c *Core) stored(e Stored) {
	if e.Diverged {
		c.diverged(e.Header.Height)
		return
	}
	if e.Header.Height <= c.final.Height {
		return
	}
	height := e.Header.Height
	c.final, c.finalHash, c.finalTick = e.Header, c.cfg.Network.HeaderHash(e.Header), c.ticks
	c.barren = 0
	clear(c.intents) // who still wishes for another round says so again
	if p, ok := c.prepared[height]; ok && p.Certificate.Vote.Block != c.finalHash {
		delete(c.prepared, height) // of a block that this node committed on and that was dropped
	}
	b := c.blocks[height]
	if b != nil && b.prepared != nil && b.hash == c.finalHash {
		c.keepPrepared(b.header, *b.prepared)
	}
	if p, ok := c.came[height]; ok && p.Certificate.Vote.Block == c.finalHash {
		c.keepPrepared(p.Header, p.Certificate)
	}
	maps.DeleteFunc(c.came, func(h uint64, _ ledger.PreparedBlock) bool { return h <= height })
	carried, ok := c.carries.At(height)
	c.conflict = c.conflict || b != nil && b.executed && b.hash != c.finalHash || ok && carried.Hash != c.finalHash
	c.finalizing = max(c.finalizing, height)
	if c.kept == nil || height > c.kept.Vote.Height { // not while a ledger that was put back catches up
		c.kept = &e.Certificate
		c.write.Highest, c.write.Final = c.kept, height
	}
	delete(c.votes, slot{height, ledger.Prepare})
	delete(c.votes, slot{height, ledger.Commit})
	if height > KeepPrepared {
		delete(c.prepared, height-KeepPrepared)
	}
	c.served(b != nil, len(e.Transactions))
	if b != nil && b.at != base {
		c.forgive(b.at.Term) // what a round carries is no leader's merit
	}
	maps.DeleteFunc(c.carried, func(_ ledger.Hash, b ledger.Block) bool { return b.Header.Height <= height })
	c.pool.remove(e.Transactions, e.Header.Time)
	if c.conflict = c.conflict || c.outdated(); c.conflict && c.phase == Active {
		c.contradicted(height)
	}
	c.moveCursor()
	c.do(Announce{Height: height})
	c.caughtUp()
}
