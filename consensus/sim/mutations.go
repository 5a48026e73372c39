// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"errors"
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
)

// A Mutation breaks one thing on purpose, to show that the judge would see it.
type Mutation string

// The mutations, and what breaks.
const (
	NoMutation Mutation = ""

	// The disk.
	LoseVoteSync      Mutation = "lose_vote_sync"      // lies about syncs of batches with votes
	LoseEverySync     Mutation = "lose_every_sync"     // lies about every sync
	LoseWrite         Mutation = "lose_write"          // loses a batch between others
	LoseEntry         Mutation = "lose_entry"          // loses an entry of the log at a crash
	SendBeforePersist Mutation = "send_before_persist" // messages overtake the write before them

	// The ledger.
	ForgetOutcomes Mutation = "forget_outcomes" // of transactions
	ForgetNames    Mutation = "forget_names"    // that were claimed
	ForgetOne      Mutation = "forget_one"      // transaction, at one node
	ForgetBlock    Mutation = "forget_block"    // the newest FINAL one, at a crash
	UndoBlock      Mutation = "undo_block"      // the newest FINAL one, while the node runs
	RotState       Mutation = "rot_state"       // in one ledger
	RotHash        Mutation = "rot_hash"        // in one ledger
	RotProof       Mutation = "rot_proof"       // in one ledger

	// What a node signs.
	VoteUnexecuted Mutation = "vote_unexecuted"
	VoteFarAhead   Mutation = "vote_far_ahead"
	VoteOrphan     Mutation = "vote_orphan" // PREPARE without one for the parent
	VoteHastily    Mutation = "vote_hastily"

	// What a node says, hears and knows of itself.
	Misaddress     Mutation = "misaddress"
	Chatter        Mutation = "chatter"
	AnnounceAhead  Mutation = "announce_ahead"
	CryWolf        Mutation = "cry_wolf"
	Frame          Mutation = "frame"           // an honest member
	ForgetfulPeers Mutation = "forgetful_peers" // know of no vote of who asks
	SeizeTerm      Mutation = "seize_term"      // of another leader
	StopRaft       Mutation = "stop_raft"
	GoDeaf         Mutation = "go_deaf"      // too many, when all is healed
	GoDeafLate     Mutation = "go_deaf_late" // one, when all is over
	LookAway       Mutation = "look_away"    // the judge, from the COMMITs of one node
)

func (n *node) mutated(m Mutation) bool { return n.w.o.Mutation == m }

// mutateEffects changes what the core wants to be done.
func (n *node) mutateEffects(effects []consensus.Effect) []consensus.Effect {
	switch n.w.o.Mutation {
	case SendBeforePersist:
		return sendsFirst(effects)
	case Misaddress, Chatter, AnnounceAhead, CryWolf, Frame:
	default:
		return effects
	}
	var out []consensus.Effect
	for _, e := range effects {
		switch x := e.(type) {
		case consensus.Send:
			if n.mutated(Misaddress) {
				x.To = n.id
				e = x
			}
			if n.mutated(Chatter) && n.w.healed {
				out = append(out, x, x)
			}
		case consensus.Announce:
			switch n.w.o.Mutation {
			case AnnounceAhead:
				e = consensus.Announce{Height: x.Height + 1}
			case CryWolf:
				out = append(out, consensus.Alarm{Kind: consensus.AlarmDiverged})
			case Frame:
				out = append(out, n.frame())
			}
		}
		out = append(out, e)
	}
	return out
}

// sendsFirst lets messages overtake the writes they should wait for.
func sendsFirst(effects []consensus.Effect) []consensus.Effect {
	var sends, rest []consensus.Effect
	for _, e := range effects {
		if _, ok := e.(consensus.Send); ok {
			sends = append(sends, e)
		} else {
			rest = append(rest, e)
		}
	}
	return append(sends, rest...)
}

// frame accuses an honest member of what this node has signed itself.
func (n *node) frame() consensus.Accuse {
	v := ledger.Vote{Kind: ledger.Prepare, Chain: n.w.network.Chain, Height: 1}
	one, _ := v.Sign(uint64(n.id), n.signer.Signer)
	v.Height = 2
	two, _ := v.Sign(uint64(n.id), n.signer.Signer)
	return consensus.Accuse{Evidence: ledger.Evidence{Kind: ledger.DoubleVote, Votes: []ledger.SignedVote{one, two}}}
}

// mutateEvent changes what reaches the core, nil for nothing.
func (n *node) mutateEvent(e consensus.Event) consensus.Event {
	m, ok := e.(consensus.Receive)
	if !ok {
		return e
	}
	switch n.w.o.Mutation {
	case GoDeaf:
		if n.w.healed && int(n.id) <= n.w.bearable() {
			return nil
		}
	case GoDeafLate:
		if n.w.load.off && n.id == 0 {
			return nil
		}
	case ForgetfulPeers:
		var r report
		if len(m.Data) > messageHead && m.Data[0] == kindReport && ledger.Decode(m.Data[messageHead:], len(m.Data), &r) == nil {
			r.Newest = nil
			m.Data = append(m.Data[:messageHead:messageHead], ledger.Encode(r)...)
		}
	}
	return m
}

// mutateStatus changes what a core says of itself.
func (n *node) mutateStatus(s *consensus.Status) {
	switch {
	case n.mutated(StopRaft) && s.Final > 3:
		s.Stopped = errors.New("as it was told to")
	case n.mutated(SeizeTerm) && s.HasLeader:
		s.Leading = true
	}
}

// mutateDisk changes what is written, before a sync.
func (n *node) mutateDisk() {
	if n.mutated(LoseWrite) && n.w.chance(0.05) {
		n.disk.volatile = slices.DeleteFunc(n.disk.volatile, func(w consensus.Write) bool { return len(w.Entries) > 0 })
	}
}

// mutateCrash changes what a crash leaves.
func (n *node) mutateCrash() {
	switch log := n.disk.durable.entries; {
	case n.mutated(LoseEntry) && len(log) > 2:
		n.disk.durable.entries = slices.Delete(slices.Clone(log), 1, 2)
	case n.mutated(ForgetBlock) && n.ledger.height() > 0:
		n.ledger.final = n.ledger.final[:n.ledger.height()]
	}
}

// mutateVotes signs what should not be signed, once b is executed.
func (n *node) mutateVotes(b *block) {
	v := ledger.Vote{
		Kind: ledger.Prepare, Chain: n.w.network.Chain, Start: n.w.network.StartHash(n.w.round),
		Height: b.Header.Height, Block: b.hash, Index: 1, Term: 1,
	}
	switch n.w.o.Mutation {
	case VoteUnexecuted:
		v.Block[0]++
	case VoteFarAhead:
		v.Height = n.ledger.height() + ledger.MaxDescendants + 1
	case VoteOrphan:
		v.Round += v.Height // in which there is none for the parent
	case VoteHastily:
		v.Kind, v.Index, v.Term = ledger.Commit, 0, 0
	default:
		return
	}
	if _, err := v.Sign(uint64(n.id), n.signer); err != nil {
		panic(err) // keys in memory sign
	}
}

// mutateBlock changes a block as it becomes FINAL in the first node's ledger.
func (n *node) mutateBlock(b *block) {
	if n.id != 0 || b.Header.Height < 3 {
		return
	}
	switch n.w.o.Mutation {
	case RotState:
		b.Header.StateRoot[0]++
	case RotHash:
		b.hash[0]++
	case RotProof:
		signers := slices.Clone(b.proof.Certificate.Signers)
		signers[0].Signature = slices.Clone(signers[0].Signature)
		signers[0].Signature[0]++
		b.proof.Certificate.Signers = signers
	}
}

// mutateState changes the state after a block of the first node's ledger.
func (n *node) mutateState(b *block) {
	switch {
	case n.mutated(ForgetOne) && n.id == 0 && len(b.took) > 0:
		delete(n.ledger.took, b.took[0])
	case n.mutated(ForgetOutcomes):
		clear(n.ledger.took)
	case n.mutated(ForgetNames):
		clear(n.ledger.owner)
	}
}

// mutateChain changes the ledger before its answer is heard.
func (n *node) mutateChain() {
	if h := n.ledger.height(); n.mutated(UndoBlock) && h > 2 {
		n.ledger.final = n.ledger.final[:h]
	}
}
