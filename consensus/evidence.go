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
	about := charge{e.Offender(), e.Kind}
	if c.charged[about] || e.Check(c.cfg.Network, c.cfg.Set) != nil {
		return
	}
	c.charged[about] = true
	c.write.Evidence, c.write.Sync = append(c.write.Evidence, e), true
	c.do(Accuse{e})
}

// compare holds a vote against the newest statement of its signer.
func (c *Core) compare(v ledger.SignedVote) {
	s := c.statements[v.Validator]
	if s == nil || v.Validator == uint64(c.cfg.Self) {
		return
	}
	if kind, ok := s.Statement.Against(v); ok && !c.charged[charge{v.Validator, kind}] {
		c.accuse(ledger.Evidence{Kind: kind, Votes: []ledger.SignedVote{v}, Statement: ledger.Encode(*s)})
	}
}
