// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"errors"
	"fmt"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Config is what a core is made of. Zero limits take their defaults.
type Config struct {
	Network ledger.Network
	Set     ledger.ValidatorSet
	Start   ledger.Start // of round 0 of the set
	Self    Member
	Signer  keys.Signer

	// Proof is the certificate that makes the head of the ledger FINAL, its own or
	// that of a descendant; nil at genesis. A crash may have cost the consensus
	// database the newest ones, and votes rest on what statements can show.
	Proof *ledger.Certificate

	// Check tells for each transaction whether its client signatures hold. It
	// is a pure function; the caller may remember its answers.
	Check func([]*ledger.Transaction) []bool

	// Nonce differs at each start of this node, so that old answers to an
	// earlier start's questions are not taken for new ones.
	Nonce uint64

	ElectionTicks     int    // ticks without a leader before an election, 15
	Window            uint64 // blocks above FINAL that may be executed, 8
	BatchTransactions int    // transactions in one batch, 1,000
	BatchBytes        int    // bytes of transactions in one batch, 512 KiB
	LogBytes          int    // bytes of log above FINAL, 64 MiB
	KeepEntries       uint64 // log entries kept below FINAL for slow members, 1,024
	KeepBytes         int    // bytes of them, 16 MiB, but the newest entry however large
	MempoolBytes      int    // bytes of waiting transactions, 64 MiB
	IdleBlock         int64  // ms without a block after which a leader makes an empty one, 60,000
	Patience          int    // ticks without progress before another round is wished for, 600; it doubles
}

func (c *Config) setDefaults() error {
	def := func(v *int, d int) {
		if *v == 0 {
			*v = d
		}
	}
	def(&c.ElectionTicks, 15)
	def(&c.BatchTransactions, 1000)
	def(&c.BatchBytes, 512<<10)
	def(&c.LogBytes, 64<<20)
	def(&c.KeepBytes, 16<<20)
	def(&c.MempoolBytes, 64<<20)
	def(&c.Patience, 600)
	if c.Window == 0 {
		c.Window = ledger.MaxDescendants
	}
	if c.KeepEntries == 0 {
		c.KeepEntries = 1024
	}
	if c.IdleBlock == 0 {
		c.IdleBlock = 60_000
	}
	switch {
	case c.Self >= Member(len(c.Set.Members)):
		return errors.New("consensus: this node is not in the validator set")
	case c.Signer == nil || c.Set.Members[c.Self].Key != c.Signer.Public():
		return errors.New("consensus: the signer's key is not this validator's key")
	case c.Check == nil:
		return errors.New("consensus: no check of client signatures")
	case c.Window > ledger.MaxDescendants:
		return fmt.Errorf("consensus: window %d is beyond %d", c.Window, ledger.MaxDescendants)
	}
	return nil
}
