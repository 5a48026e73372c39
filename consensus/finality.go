// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/consensus/rules"
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
	if v.Vote.Start != c.start || v.Vote.Chain != c.cfg.Network.Chain || v.Validator == uint64(c.cfg.Self) ||
		v.Validator >= uint64(len(c.cfg.Set.Members)) {
		return dropVote
	}
	late := v.Vote.Height <= c.final.Height
	if late && !newer(v.Vote, c.newest[v.Validator]) {
		return dropNone // nothing to learn from it
	}
	if v.Vote.Height > c.final.Height+2*c.cfg.Window {
		return dropVote
	}
	held := c.voteOf(Member(v.Validator), slot{v.Vote.Height, v.Vote.Kind})
	if held != nil && (held.Vote == v.Vote || v.Vote.Height <= c.accused[v.Validator]) {
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
		c.accused[v.Validator] = v.Vote.Height
		c.do(Alarm{
			Kind:     AlarmDoubleVote,
			Detail:   "two votes of one validator for one height and kind",
			Evidence: []ledger.SignedVote{held.SignedVote, v},
		})
	}
	return dropNone
}

func (c *Core) voteOf(m Member, s slot) *heldVote {
	if votes := c.votes[s]; votes != nil {
		return votes[m]
	}
	return nil
}

// prepareVote and commitVote are what this node would say of a candidate.
func (c *Core) prepareVote(height uint64, b *candidate) ledger.Vote {
	v := c.commitVote(height, b)
	v.Kind, v.Index, v.Term = ledger.Prepare, b.at.Index, b.at.Term
	return v
}

func (c *Core) commitVote(height uint64, b *candidate) ledger.Vote {
	return ledger.Vote{
		Kind:   ledger.Commit,
		Chain:  c.cfg.Network.Chain,
		Set:    c.cfg.Set.Number,
		Round:  c.cfg.Start.Round,
		Start:  c.start,
		Height: height,
		Block:  b.hash,
	}
}

// voter is what binds the next votes of this node, as far as rules go.
func (c *Core) voter() rules.Voter {
	round := rules.Epoch{Set: c.cfg.Set.Number, Round: c.cfg.Start.Round}
	v := rules.Voter{
		Promise: round,
		Start:   rules.Start{Epoch: round, Base: rules.Block{Height: c.cfg.Start.Height, Hash: c.cfg.Start.Base}},
		Final:   rules.Block{Height: c.final.Height, Hash: c.finalHash, Parent: c.final.Parent},
		Window:  c.cfg.Window,
	}
	if c.kept != nil {
		v.Kept, v.KeptOf = c.kept.Vote.Height, rules.EpochOf(c.kept.Vote)
	}
	return v
}

// vote signs what may be signed and gathers certificates, lowest height first.
func (c *Core) vote() {
	var signed []ledger.SignedVote
	var below rules.Below
	voter := c.voter()
	for h := c.final.Height + 1; ; h++ {
		b := c.blocks[h]
		if b == nil || !b.executed {
			break
		}
		prepare := c.prepareVote(h, b)
		verdict := voter.Prepare(prepare, b.header.Parent, below, c.ownVote(h, ledger.Prepare))
		if !c.cast(verdict, prepare, &signed) {
			break
		}
		if b.prepared == nil {
			b.prepared = c.prepareCertificate(h, b)
		}
		var certified ledger.Hash
		if b.prepared != nil {
			certified = b.hash
		}
		commit := c.commitVote(h, b)
		verdict = voter.Commit(commit, b.header.Parent, certified, below, c.ownVote(h, ledger.Commit))
		if verdict != rules.Wait && !c.cast(verdict, commit, &signed) {
			break
		}
		if verdict == rules.Sign {
			c.keepFor(h, b)
		}
		if b.certificate == nil {
			b.certificate = c.commitCertificate(h, b)
		}
		below = rules.Below{Certificate: certified}
		if c.ownVote(h, ledger.Prepare) != nil {
			below.Prepared = b.hash
		}
	}
	if len(signed) > 0 {
		c.write.Votes = append(c.write.Votes, signed...)
		c.write.Sync = true
		c.broadcast(voteMessage, signed)
	}
}

// ownVote gives what this node has signed for a place, or nil.
func (c *Core) ownVote(height uint64, kind ledger.VoteKind) *ledger.Vote {
	if own := c.voteOf(c.cfg.Self, slot{height, kind}); own != nil {
		return &own.Vote
	}
	return nil
}

// prepareCertificate gives the prepare certificate of a candidate: the one this
// node committed on before, or one from the votes at hand.
func (c *Core) prepareCertificate(height uint64, b *candidate) *ledger.Certificate {
	want := c.prepareVote(height, b)
	if c.voteOf(c.cfg.Self, slot{height, ledger.Commit}) != nil {
		if kept, ok := c.prepared[height]; ok && kept.Vote == want {
			return &kept
		}
	}
	return c.certificate(want)
}

// commitCertificate gives the certificate of a candidate: the one this node has
// kept, if its ledger was put back to before that block, or one from the votes
// at hand. Nobody else need have it, and the votes in it may be pruned here.
func (c *Core) commitCertificate(height uint64, b *candidate) *ledger.Certificate {
	want := c.commitVote(height, b)
	if c.kept != nil && c.kept.Vote == want {
		return c.kept
	}
	return c.certificate(want)
}

// keepFor keeps, in one write with the COMMIT for a candidate, the prepare
// certificates that it rests on. So a quorum holds those of whatever becomes
// FINAL, through any crash.
func (c *Core) keepFor(height uint64, b *candidate) {
	held := map[uint64]*ledger.Certificate{height: b.prepared}
	var below *rules.Prepared
	if parent := c.blocks[height-1]; height > c.final.Height+1 && parent != nil && parent.prepared != nil {
		held[height-1] = parent.prepared
		p := prepared(*parent.prepared, parent.header.Parent)
		below = &p
	}
	for _, p := range rules.KeptFor(prepared(*b.prepared, b.header.Parent), below) {
		c.keepPrepared(*held[p.Block.Height])
	}
}

// prepared is a prepare certificate as the rules see it.
func prepared(c ledger.Certificate, parent ledger.Hash) rules.Prepared {
	return rules.Prepared{
		Epoch: rules.EpochOf(c.Vote),
		Block: rules.Block{Height: c.Vote.Height, Hash: c.Vote.Block, Parent: parent},
	}
}

// keepPrepared keeps the prepare certificate of a height, unless one is kept
// that it does not supersede.
func (c *Core) keepPrepared(p ledger.Certificate) {
	kept, ok := c.prepared[p.Vote.Height]
	if !ok || prepared(p, ledger.Hash{}).Supersedes(prepared(kept, ledger.Hash{})) {
		c.prepared[p.Vote.Height] = p
		c.write.Prepared = append(c.write.Prepared, p)
	}
}

// cast does what a verdict says, and reports whether voting may go on.
func (c *Core) cast(verdict rules.Verdict, v ledger.Vote, signed *[]ledger.SignedVote) bool {
	switch verdict {
	case rules.Signed:
		return true
	case rules.Contradiction:
		if c.signing {
			c.signing = false
			c.do(Alarm{
				Kind:     AlarmOwnVote,
				Detail:   "a stored vote of this node is for another block than its log gives now; it signs no more",
				Evidence: []ledger.SignedVote{c.voteOf(c.cfg.Self, slot{v.Height, v.Kind}).SignedVote},
			})
		}
		return false
	case rules.Wait:
		return c.signing && c.behind() // certificates are gathered all the same
	}
	if !c.signing {
		return false
	}
	s, err := v.Sign(uint64(c.cfg.Self), c.cfg.Signer)
	if err != nil {
		return false // tried again at the next step
	}
	c.hold(s)
	*signed = append(*signed, s)
	return true
}

// behind tells that the own ledger is below a certificate that this node has
// kept: it was put back to an older state, and must catch up before it signs.
func (c *Core) behind() bool { return c.kept != nil && c.kept.Vote.Height > c.final.Height }

// resend repeats the own votes above FINAL, byte for byte, while FINAL does not
// move. A node whose blocks are all FINAL is silent.
func (c *Core) resend() {
	if c.ticks%resendTicks != 0 || c.ticks-c.finalTick < resendTicks {
		return
	}
	var own []ledger.SignedVote
	for h := c.final.Height + 1; h <= c.final.Height+c.cfg.Window; h++ {
		for _, kind := range []ledger.VoteKind{ledger.Prepare, ledger.Commit} {
			if v := c.voteOf(c.cfg.Self, slot{h, kind}); v != nil {
				own = append(own, v.SignedVote)
			}
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
		c.alarm(AlarmDiverged, "block %d gives another result here than the certified one; this node stops and keeps its evidence", e.Header.Height)
		c.phase = Halted
		c.observe()
		return
	}
	if e.Header.Height <= c.final.Height {
		return
	}
	height := e.Header.Height
	c.final, c.finalHash, c.finalTick = e.Header, c.cfg.Network.HeaderHash(e.Header), c.ticks
	if p, ok := c.prepared[height]; ok && p.Vote.Block != c.finalHash {
		delete(c.prepared, height) // of a block that this node committed on and that was dropped
	}
	if b := c.blocks[height]; b != nil && b.prepared != nil && !e.Dropped {
		c.keepPrepared(*b.prepared)
	}
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
	c.pool.remove(e.Transactions, e.Header.Time)
	if e.Dropped {
		c.alarm(AlarmConflict, "the certified block %d is not the one that Raft committed here; this node follows as an observer", height)
		c.observe()
	}
	c.moveCursor()
	c.do(Announce{Height: height})
	c.caughtUp()
}
