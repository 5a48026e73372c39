// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/ledger"
)

// Of n votes that say the same a certificate takes q. To check the others costs as
// much and shows nothing, so they are spare: kept as their signer sent them, and
// checked when there is need. That is when the votes at hand do not make a quorum
// without them, when their signer contradicts them, when their signer asks for its
// newest vote, and, for the newest of each member, twice a second.

// enough tells whether q-1 others are known to have signed exactly v: with this
// node's own vote they are a quorum.
func (c *Core) enough(v ledger.Vote) bool {
	others := 0
	for m, s := range c.votes[slot{v.Height, v.Kind}] {
		if s != nil && !s.spare && s.Vote == v && Member(m) != c.cfg.Self {
			others++
		}
	}
	return others >= c.cfg.Set.Quorum()-1
}

// spare keeps a vote unchecked. It came from its signer, so a signature that does
// not verify is to nobody's harm but the signer's.
func (c *Core) spare(v ledger.SignedVote, late bool) {
	if !late {
		c.votes[slot{v.Vote.Height, v.Vote.Kind}][v.Validator] = &heldVote{SignedVote: v, spare: true}
	}
	if newer(v.Vote, c.unchecked[v.Validator]) {
		c.unchecked[v.Validator] = &v
	}
}

func (c *Core) verify(v *ledger.SignedVote) bool {
	return v.Check(c.cfg.Network.Suite, c.cfg.Set) == nil
}

// verified checks a held vote that was spare.
func (c *Core) verified(held *heldVote) bool {
	if held.spare && !c.verify(&held.SignedVote) {
		c.drops[dropSignature]++
		return false
	}
	held.spare = false
	return true
}

// checkNewest checks the newest vote that m has sent, if that was not done.
func (c *Core) checkNewest(m Member) {
	v := c.unchecked[m]
	c.unchecked[m] = nil
	if v == nil || !newer(v.Vote, c.newest[m]) {
		return
	}
	if !c.verify(v) {
		c.drops[dropSignature]++
		return
	}
	c.learn(v)
}

// certificate makes a certificate for v if a quorum has signed exactly v. Spare
// votes are checked as far as there are too few others.
func (c *Core) certificate(v ledger.Vote) *ledger.Certificate {
	votes, missing, spare := c.votes[slot{v.Height, v.Kind}], c.cfg.Set.Quorum(), 0
	for _, s := range votes {
		switch {
		case s == nil || s.Vote != v:
		case s.spare:
			spare++
		default:
			missing--
		}
	}
	if missing > spare {
		return nil
	}
	cert := &ledger.Certificate{Vote: v}
	for m, s := range votes {
		if s == nil || s.Vote != v {
			continue
		}
		if s.spare && missing > 0 {
			if !c.verified(s) {
				votes[m] = nil // nobody's vote
				continue
			}
			missing--
		}
		if !s.spare && len(cert.Signers) < c.cfg.Set.Quorum() {
			cert.Signers = append(cert.Signers, ledger.SignerSignature{Validator: uint64(m), Signature: s.Signature})
		}
	}
	if len(cert.Signers) < c.cfg.Set.Quorum() {
		return nil
	}
	return cert
}
