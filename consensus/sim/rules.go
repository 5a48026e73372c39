// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import "slices"

// A Rule is something that always holds. The judge looks after every step.
type Rule string

// The rules, by what they are about.
const (
	// What must never differ between two nodes.
	OneCertifiedBlock Rule = "one certified block" // for each height
	OneChain          Rule = "one chain"           // every node's FINAL blocks are the first ones of it
	EqualRoots        Rule = "equal roots"         // of the state, at equal height

	// What a validator signs.
	OneVote             Rule = "one vote"              // for each epoch, height and kind, of all ever sent, byte for byte
	ExecuteBeforeVoting Rule = "execute before voting" //
	ParentBeforeChild   Rule = "parent"                // which is FINAL, prepared, or has its prepare certificate
	QuorumBeforeCommit  Rule = "quorum"                // of PREPAREs
	Window              Rule = "window"                // no more than eight heights above FINAL
	LostVotes           Rule = "lost votes"            // who has lost its record of them never signs again
	Promise             Rule = "promise"               // to vote in no earlier round
	Carried             Rule = "carried"               // what a quorum committed, and what the statements say

	// What may be said, and when.
	DurableBeforeSent      Rule = "durable before sent"
	DurableBeforeAnnounced Rule = "durable before announced"
	BeliefIsDurable        Rule = "FINAL"       // what a core takes for FINAL is
	FinalStays             Rule = "FINAL stays" // what was announced is there after a restart
	Proof                  Rule = "proof"       // every FINAL block has one that anyone can check
	OneLeader              Rule = "one leader"  // in each term
	NoAlarm                Rule = "no alarm"    // that nobody has earned
	NoFalseEvidence        Rule = "evidence"    // accuses an honest member

	// What clients rely on.
	ExactlyOnce  Rule = "exactly once" // a transaction takes effect
	Acknowledged Rule = "acknowledged" // what a node reported as FINAL is in everybody's chain
	OneWinner    Rule = "one winner"   // of the claims of one name

	// What must come once all faults are healed.
	Liveness  Rule = "liveness"
	Agreement Rule = "agreement" // all nodes announce one height
	Silence   Rule = "silence"   // at rest there are heartbeats and statuses

	// What the core owes to its surroundings, and these to the judge.
	Start    Rule = "start"    // a node comes up from whatever its disk holds
	Disk     Rule = "disk"     // what is written fits what is there
	Contract Rule = "contract" // of effects
	RaftRuns Rule = "raft"     // nothing that arrives makes it panic
	Seen     Rule = "judge"    // no vote in a certificate escaped the judge
)

var rules = []Rule{
	OneCertifiedBlock, OneChain, EqualRoots,
	OneVote, ExecuteBeforeVoting, ParentBeforeChild, QuorumBeforeCommit, Window, LostVotes, Promise, Carried,
	DurableBeforeSent, DurableBeforeAnnounced, BeliefIsDurable, FinalStays, Proof, OneLeader, NoAlarm, NoFalseEvidence,
	ExactlyOnce, Acknowledged, OneWinner,
	Liveness, Agreement, Silence,
	Start, Disk, Contract, RaftRuns, Seen,
}

// Rules gives all of them.
func Rules() []Rule { return slices.Clone(rules) }
