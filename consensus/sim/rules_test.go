// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"errors"
	"testing"

	"github.com/ipledger/ipledger/consensus/sim"
)

// What the simulator breaks of its own parts, a rule with each: a disk that lies, a
// ledger that forgets, more traitors than a certificate bears.
var disorders = map[sim.Rule]sim.Options{
	sim.OneCertifiedBlock:      {Traitors: 3, Only: []string{"two batches for one place", "votes for two blocks, to two halves", "votes for two blocks, to everyone"}}, // of four: more than a certificate bears
	sim.OneChain:               {Mutation: sim.RotHash},
	sim.EqualRoots:             {Mutation: sim.RotState},
	sim.OneVote:                {Mutation: sim.LoseVoteSync},
	sim.ExecuteBeforeVoting:    {Mutation: sim.VoteUnexecuted},
	sim.ParentBeforeChild:      {Mutation: sim.VoteOrphan},
	sim.QuorumBeforeCommit:     {Mutation: sim.VoteHastily},
	sim.Window:                 {Mutation: sim.VoteFarAhead},
	sim.LostVotes:              {Mutation: sim.ForgetfulPeers, Only: []string{"wiped votes"}},
	sim.DurableBeforeSent:      {Mutation: sim.SendBeforePersist},
	sim.DurableBeforeAnnounced: {Mutation: sim.AnnounceAhead},
	sim.BeliefIsDurable:        {Mutation: sim.UndoBlock},
	sim.FinalStays:             {Mutation: sim.ForgetBlock},
	sim.Proof:                  {Mutation: sim.RotProof},
	sim.OneLeader:              {Mutation: sim.SeizeTerm},
	sim.NoAlarm:                {Mutation: sim.CryWolf},
	sim.NoFalseEvidence:        {Mutation: sim.Frame},
	sim.ExactlyOnce:            {Mutation: sim.ForgetOutcomes},
	sim.Acknowledged:           {Mutation: sim.ForgetOne},
	sim.OneWinner:              {Mutation: sim.ForgetNames},
	sim.Liveness:               {Mutation: sim.GoDeaf},
	sim.Agreement:              {Mutation: sim.GoDeafLate},
	sim.Silence:                {Mutation: sim.Chatter},
	sim.Start:                  {Mutation: sim.LoseEntry},
	sim.Disk:                   {Mutation: sim.LoseWrite},
	sim.Contract:               {Mutation: sim.Misaddress},
	sim.RaftRuns:               {Mutation: sim.StopRaft},
	sim.Seen:                   {Mutation: sim.LookAway},
}

// firstViolation looks for a seed under which the judge finds a rule broken.
func firstViolation(t *testing.T, o sim.Options, rule sim.Rule, seeds uint64) *sim.Violation {
	t.Helper()
	others := make(map[sim.Rule]int)
	o.Nodes = 4
	for o.Seed = range seeds {
		_, err := run(t, o)
		var v *sim.Violation
		if errors.As(err, &v) {
			if v.Rule == rule {
				return v
			}
			others[v.Rule]++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	t.Errorf("%s: %d seeds, and rule %q held; broken were %v", o.Mutation, seeds, rule, others)
	return nil
}
