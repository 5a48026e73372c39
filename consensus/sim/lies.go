// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// lies are told to those who are behind and ask for blocks, or who only think
// that they are behind.
var lies = []behaviour{
	{name: "a height that nobody has", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) {
		return t.claim(s, oneOf(t.dice, t.n.w.judge.top()+1+t.Uint64N(100), 1<<40, ^uint64(0)))
	}},
	{name: "a height that is too low", send: func(t *traitor, s consensus.Send) ([]consensus.Send, bool) { return t.claim(s, 0) }},
	served("blocks cut short", func(t *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		b = b[:1+t.IntN(len(b))]
		last := &b[len(b)-1].Block
		last.Transactions = last.Transactions[:t.IntN(len(last.Transactions)+1)]
		return b
	}),
	served("blocks with another content", func(t *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		one := &b[t.IntN(len(b))]
		switch t.IntN(3) {
		case 0:
			one.Block.Header.StateRoot[t.IntN(32)]++
		case 1:
			one.Block.Header.Time++
			one.Proof.Header = one.Block.Header
		case 2:
			one.Block.Transactions = append(slices.Clone(one.Block.Transactions), []byte{0xa0})
		}
		return b
	}),
	served("blocks out of order", func(t *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		t.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
		return b
	}),
	served("blocks of another chain", func(t *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		// What it has executed and nobody has certified, with the proof of something else.
		for _, own := range t.n.ledger.above {
			proof := b[len(b)-1].Proof
			proof.Header = own.Header
			b = append(b, consensus.CertifiedBlock{Block: own.Block, Proof: proof})
		}
		one := &b[t.IntN(len(b))]
		one.Block.Header.Parent[0]++
		one.Proof.Header = one.Block.Header
		return b
	}),
	served("forged proofs", func(t *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		one := &b[t.IntN(len(b))]
		c := &one.Proof.Certificate
		c.Signers = slices.Clone(c.Signers)
		switch at := t.IntN(len(c.Signers)); t.IntN(5) {
		case 0:
			c.Signers[at].Signature = t.noise()
		case 1:
			c.Signers = c.Signers[:at] // too few
		case 2:
			c.Signers[at] = c.Signers[(at+1)%len(c.Signers)] // one of them twice
		case 3:
			c.Signers[at].Validator = uint64(t.IntN(40)) // of another member, or of nobody
		case 4:
			if len(one.Prepared) == 1 {
				*c = one.Prepared[0] // PREPAREs are not COMMITs
			}
		}
		return b
	}),
	served("prepare certificates for another place", func(t *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		for i := range b {
			b[i].Prepared = slices.Clone(b[i].Prepared)
			for k := range b[i].Prepared {
				b[i].Prepared[k].Vote.Index += 1_000_000
			}
		}
		return b
	}),
	served("no prepare certificates", func(_ *traitor, b []consensus.CertifiedBlock) []consensus.CertifiedBlock {
		for i := range b {
			b[i].Prepared = nil
		}
		return b
	}),
}

// served is a behaviour that changes blocks on their way to who has asked for
// them. The first of them may be changed as a whole, what it points to may not.
func served(name string, change func(*traitor, []consensus.CertifiedBlock) []consensus.CertifiedBlock) behaviour {
	return behaviour{name: name, serve: func(t *traitor, _ uint64, got []consensus.CertifiedBlock) ([]consensus.CertifiedBlock, bool) {
		if len(got) == 0 {
			return got, false
		}
		return change(t, slices.Clone(got)), true
	}}
}

// claim says another FINAL height in a status.
func (t *traitor) claim(s consensus.Send, height uint64) ([]consensus.Send, bool) {
	if s.Class != consensus.Control || len(s.Data) <= messageHead || s.Data[0] != kindStatus {
		return nothing(s)
	}
	s.Data = append(s.Data[:messageHead:messageHead], ledger.Encode(status{height})...)
	return one(s), true
}

// A status is what members tell each other all the time.
type status struct {
	Final uint64 `cbor:"1,keyasint"`
}
