// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/consensus/rules"
	"github.com/ipledger/ipledger/ledger"
)

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
		Round:  c.start.Round,
		Start:  c.id,
		Height: height,
		Block:  b.hash,
	}
}

// voter is what binds the next votes of this node, as far as rules go.
func (c *Core) voter() rules.Voter {
	v := rules.Voter{
		Promise: c.epoch(c.promised()),
		Start:   c.carries,
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
		if !c.cast(verdict, commit, &signed) {
			break
		}
		if verdict == rules.Sign && c.ownVote(h, ledger.Commit) != nil {
			c.keepFor(b)
		}
		if b.certificate == nil {
			b.certificate = c.commitCertificate(h, b)
		}
		below = rules.Below{}
		if c.ownVote(h, ledger.Prepare) != nil {
			below.Prepared = b.hash
		}
		if c.ownVote(h, ledger.Commit) != nil {
			below.Committed = b.hash
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
		if kept, ok := c.prepared[height]; ok && kept.Certificate.Vote == want {
			return &kept.Certificate
		}
	}
	return c.certificate(want)
}

// commitCertificate gives the certificate of a candidate: the one this node has
// kept, if its ledger was put back to before that block, or one from the votes
// at hand. Nobody else need have it, and the votes in it may be pruned here.
func (c *Core) commitCertificate(height uint64, b *candidate) *ledger.Certificate {
	if c.kept != nil && c.kept.Vote.Height == height && c.kept.Vote.Block == b.hash {
		return c.kept // of whatever round
	}
	return c.certificate(c.commitVote(height, b))
}

// keepFor keeps, in one write with the COMMIT for a candidate, the prepare
// certificate that it rests on. So a quorum holds those of whatever becomes FINAL,
// through any crash.
func (c *Core) keepFor(b *candidate) {
	c.keepPrepared(b.header, *b.prepared) // as rules.KeptFor says
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
func (c *Core) keepPrepared(h ledger.Header, p ledger.Certificate) {
	kept, ok := c.prepared[h.Height]
	if !ok || prepared(p, h.Parent).Supersedes(prepared(kept.Certificate, kept.Header.Parent)) {
		c.prepared[h.Height] = ledger.PreparedBlock{Header: h, Certificate: p}
		c.write.Prepared = append(c.write.Prepared, c.prepared[h.Height])
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
		return true // certificates are gathered all the same
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
