// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Raft keeps a leader that sends heartbeats, whatever else it does not do. Members
// that are served badly say so, signed; when half of the set complains of one
// leader in one term, everybody who hears it turns a deaf ear to what that member
// says as a leader or candidate, for a while. Raft sees a partition, and elects
// another. The member's answers and votes count as before.

// A complaint is about the leader of a term.
type complaint struct {
	Start  ledger.Hash `cbor:"1,keyasint"`
	Term   uint64      `cbor:"2,keyasint"`
	Leader uint64      `cbor:"3,keyasint"`
}

type signedComplaint struct {
	Complaint complaint      `cbor:"1,keyasint"`
	Validator uint64         `cbor:"2,keyasint"`
	Signature keys.Signature `cbor:"3,keyasint"`
}

func (c complaint) message() []byte {
	return append([]byte("ipledger/complaint/v1\x00"), ledger.Encode(c)...)
}

func (s signedComplaint) check(suite keys.Suite, set ledger.ValidatorSet) error {
	if s.Validator >= uint64(len(set.Members)) || !suite.Verify(set.Members[s.Validator].Key, s.Complaint.message(), s.Signature) {
		return fmt.Errorf("signature of validator %d under a complaint does not verify", s.Validator)
	}
	return nil
}

// displeasure is what this node holds against leaders.
type displeasure struct {
	complaints []*signedComplaint // by member: the newest
	passed     int                // blocks with room that became FINAL and left a long waiting transaction where it was
	adopted    int                // blocks in a row that came from others and not from the leader
	reign      complaint          // leader and term of late
	since      int                // tick at which it began
	muted      []mute             // by member
}

// A mute is a member that is not listened to as a leader or candidate.
type mute struct {
	until int // tick
	times int // it was muted: the time doubles
	about complaint
}

func newDispleasure(members int) displeasure {
	return displeasure{complaints: make([]*signedComplaint, members), muted: make([]mute, members)}
}

const (
	complainEvery  = 10 // ticks
	passedBlocks   = 8
	adoptedBlocks  = 16
	patientLeaders = 4 // election time-outs in which a leader must have done something
	muteElections  = 10
	maxMutes       = 6    // doublings
	goodReign      = 2000 // election time-outs after the end of a mute in which its doublings are forgotten
)

// tickComplaint complains if there is reason to, now and then while there is.
func (c *Core) tickComplaint() {
	leader, term, ok := c.group.leads()
	now := complaint{Start: c.id, Term: term, Leader: uint64(leader)}
	if now != c.reign {
		c.reign, c.since, c.passed, c.adopted = now, c.ticks, 0, 0
	}
	if !ok || leader == c.cfg.Self || c.phase != Active || c.ticks%complainEvery != 0 || !c.displeased() {
		return
	}
	sig, err := c.cfg.Signer.Sign(now.message())
	if err != nil {
		return // tried again
	}
	s := signedComplaint{Complaint: now, Validator: uint64(c.cfg.Self), Signature: sig}
	c.complaints[c.cfg.Self] = &s
	c.broadcast(complaintMessage, s)
	c.hearken(now)
}

// displeased tells whether the leader passes transactions over, withholds blocks,
// or does nothing although it could, or has sent two batches for one place.
func (c *Core) displeased() bool {
	if c.charged[charge{c.reign.Leader, ledger.DoubleBatch}] {
		return true
	}
	long := patientLeaders * c.cfg.ElectionTicks
	if c.connected() < c.cfg.Set.Quorum() || c.ticks-c.since < long {
		return false
	}
	idle := c.pool.len() > 0 && c.ticks-c.finalTick >= long
	return idle || c.passed >= passedBlocks || c.adopted >= adoptedBlocks
}

// served notes how a block came to be FINAL here.
func (c *Core) served(fromLeader bool, transactions int) {
	if fromLeader {
		c.adopted = 0
	} else {
		c.adopted++
	}
	long := patientLeaders * c.cfg.ElectionTicks
	waited, waiting := c.pool.oldest()
	switch {
	case !waiting || c.ticks-waited < long:
		c.passed = 0
	case 2*transactions < c.cfg.BatchTransactions:
		c.passed++ // there was room
	}
}

func (c *Core) acceptComplaint(from Member, payload []byte) drop {
	var s signedComplaint
	if ledger.Decode(payload, maxControl, &s) != nil || s.Validator != uint64(from) {
		return dropMalformed
	}
	known := c.complaints[from]
	if s.Complaint.Start != c.id || s.Complaint.Leader >= uint64(len(c.cfg.Set.Members)) ||
		known != nil && known.Complaint.Start == c.id && known.Complaint.Term >= s.Complaint.Term {
		return dropNone
	}
	if s.check(c.cfg.Network.Suite, c.cfg.Set) != nil {
		return dropSignature
	}
	c.complaints[from] = &s
	c.hearken(s.Complaint)
	return dropNone
}

// hearken mutes a leader of whom half of the set complains.
func (c *Core) hearken(about complaint) {
	count := 0
	for _, s := range c.complaints {
		if s != nil && s.Complaint == about {
			count++
		}
	}
	m := &c.muted[about.Leader]
	if count < (len(c.cfg.Set.Members)+1)/2 || about.Leader == uint64(c.cfg.Self) || about == m.about {
		return
	}
	if c.ticks-m.until > goodReign*c.cfg.ElectionTicks {
		m.times = 0
	}
	m.until, m.about = c.ticks+muteElections*c.cfg.ElectionTicks<<min(m.times, maxMutes), about
	m.times++
	c.do(Alarm{
		Kind:   AlarmMuted,
		Detail: fmt.Sprintf("half of the validators complain of member %d as the leader of term %d; it is not listened to as a leader for a while", about.Leader, about.Term),
	})
}

// forgive ends the mutes of earlier terms' leaders when a block of a later term is
// FINAL: they have had their use.
func (c *Core) forgive(term uint64) {
	for i := range c.muted {
		if m := &c.muted[i]; c.ticks < m.until && (term > m.about.Term || c.id != m.about.Start) {
			m.until = c.ticks
		}
	}
}

// deaf tells whether a member is not listened to as a leader or candidate.
func (c *Core) deaf(m Member) bool { return c.ticks < c.muted[m].until }
