// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import "github.com/ipledger/ipledger/consensus/sim"

var honest = sim.Options{Traitors: sim.NoTraitors}

// only gives histories in which some faults or betrayals happen, and often.
func only(traitors int, names ...string) sim.Options {
	if traitors == 0 {
		traitors = sim.NoTraitors
	}
	return sim.Options{Traitors: traitors, Only: names}
}

var mutants = []mutant{
	// What a node signs, and when.
	{
		name: "vote before persist", file: "core.go", o: honest, rules: []sim.Rule{sim.DurableBeforeSent},
		line: "	out := c.early\n",
		now:  "	out := c.early\n	if broken(\"vote before persist\") {\n		out, c.late = append(out, c.late...), nil\n	}\n",
	},
	{
		name: "PREPARE before Raft's commit", file: "raft.go", o: honest,
		rules: []sim.Rule{sim.OneVote, sim.NoAlarm, sim.Liveness, sim.Agreement, sim.Start, sim.OneChain},
		line:  "			d.committed = append(d.committed, rd.CommittedEntries...)\n",
		now: "			if broken(\"PREPARE before Raft's commit\") {\n				d.committed = append(d.committed, rd.Entries...)\n			} else {\n" +
			"				d.committed = append(d.committed, rd.CommittedEntries...)\n			}\n",
	},
	{
		name: "one phase", file: "vote.go", o: honest, rules: []sim.Rule{sim.QuorumBeforeCommit},
		line: "		if b.prepared != nil {\n			certified = b.hash\n		}\n",
		now: "		if b.prepared == nil && broken(\"one phase\") {\n			b.prepared = &ledger.Certificate{Vote: prepare}\n		}\n" +
			"		if b.prepared != nil {\n			certified = b.hash\n		}\n",
	},
	{
		name: "COMMIT out of order", file: "rules/vote.go", o: honest, rules: []sim.Rule{sim.ParentBeforeChild},
		line: "!n.onFinal(v, parent) && !is(below.Committed, parent) {", now: "!n.onFinal(v, parent) && !is(below.Committed, parent) && !broken(\"COMMIT out of order\") {",
	},
	{
		// With votes in any order, which the rule alone forbids.
		name: "no parent check", file: "rules/vote.go", o: honest, rules: []sim.Rule{sim.ParentBeforeChild},
		line: "!n.onFinal(v, parent) && !is(below.Prepared, parent) {", now: "!n.onFinal(v, parent) && !is(below.Prepared, parent) && !broken(\"no parent check\") {",
		also: &edit{
			file: "vote.go",
			line: "		if !c.cast(verdict, prepare, &signed) {",
			now:  "		if broken(\"no parent check\") && h%2 == 0 && c.ownVote(h+1, ledger.Prepare) == nil && c.ticks-c.finalTick < 10 {\n			verdict = rules.Wait\n		}\n		if !c.cast(verdict, prepare, &signed) {",
		},
	},
	{
		// With a round that takes what its log says for what it carries.
		name: "what is carried does not bind", file: "rules/vote.go", o: honest, rules: []sim.Rule{sim.OneCertifiedBlock, sim.OneChain, sim.NoAlarm},
		line: "carried.Hash != v.Block {", now: "carried.Hash != v.Block && !broken(\"what is carried does not bind\") {",
		also: &edit{
			file: "order.go",
			line: "		if carried, ok := c.carries.At(c.next); ok {", now: "		if carried, ok := c.carries.At(c.next); ok && !broken(\"what is carried does not bind\") {",
		},
	},
	{
		name: "a vote is signed anew", file: "finality.go", o: honest, rules: []sim.Rule{sim.OneVote, sim.DurableBeforeSent},
		line: "			own = append(own, v.SignedVote)\n",
		now: "			again := v.SignedVote\n			if broken(\"a vote is signed anew\") {\n				again, _ = again.Vote.Sign(again.Validator, c.cfg.Signer)\n			}\n" +
			"			own = append(own, again)\n",
	},
	{
		name: "stored votes are forgotten", file: "core.go", o: honest, rules: []sim.Rule{sim.OneVote, sim.Disk, sim.NoFalseEvidence},
		line: "	for _, v := range saved.Votes {\n		if v.Validator",
		now:  "	for _, v := range saved.Votes {\n		if !broken(\"stored votes are forgotten\") && v.Validator",
	},
	{
		name: "window off", file: "order.go", o: honest, rules: []sim.Rule{sim.Window},
		line: "	for c.next <= min(c.final.Height, c.cursor.Height)+c.cfg.Window {", now: "	for broken(\"window off\") || c.next <= min(c.final.Height, c.cursor.Height)+c.cfg.Window {",
	},

	// Rounds.
	{
		name: "promise forgotten", file: "rules/vote.go", rules: []sim.Rule{sim.Promise},
		line: "e.Compare(n.Promise) >= 0 &&", now: "(e.Compare(n.Promise) >= 0 || broken(\"promise forgotten\")) &&",
	},
	{
		name: "promise not written", file: "recovery.go", rules: []sim.Rule{sim.DurableBeforeSent},
		line: "	c.write.Statement, c.write.Sync = &signed, true\n", now: "	if !broken(\"promise not written\") {\n		c.write.Statement, c.write.Sync = &signed, true\n	}\n",
	},
	{
		name: "lowest prepare certificate", file: "rules/recovery.go", rules: []sim.Rule{sim.Carried, sim.OneCertifiedBlock, sim.OneChain},
		line: "				(!found || p.Supersedes(best) ||", now: "				(!found || p.Supersedes(best) != broken(\"lowest prepare certificate\") && p.Epoch != best.Epoch ||",
	},
	{
		name: "any prepare certificate", file: "rules/recovery.go", rules: []sim.Rule{sim.Carried, sim.OneCertifiedBlock, sim.OneChain},
		line: "				best, found = p, true\n", now: "				if !found || !broken(\"any prepare certificate\") {\n					best = p\n				}\n				found = true\n",
	},
	{
		name: "the first certificate of a height stays", file: "rules/recovery.go", rules: []sim.Rule{sim.Carried, sim.OneCertifiedBlock, sim.OneChain, sim.NoFalseEvidence},
		line: "{ return p.Epoch.Compare(kept.Epoch) > 0 }", now: "{\n	return p.Epoch.Compare(kept.Epoch) > 0 && !broken(\"the first certificate of a height stays\")\n}",
	},
	{
		name: "a COMMIT keeps no certificate", file: "vote.go", rules: []sim.Rule{sim.Carried, sim.NoFalseEvidence, sim.OneCertifiedBlock},
		line: "	c.keepPrepared(b.header, *b.prepared) // as", now: "	if broken(\"a COMMIT keeps no certificate\") {\n		return\n	}\n	c.keepPrepared(b.header, *b.prepared) // as",
	},
	{
		name: "nothing is carried", file: "rules/recovery.go", rules: []sim.Rule{sim.Carried},
		line: "		if !found || best.Block.Parent != top.Hash {", now: "		if !found || best.Block.Parent != top.Hash || broken(\"nothing is carried\") {",
	},
	{
		name: "any START will do", file: "recovery.go", rules: []sim.Rule{sim.Carried}, o: only(1, "a START that forgets what it carries", "a statement that hides what it knows", "no COMMITs", "isolation of the leader", "crash"),
		line: "	return statements, carriedBy(s.Start).Check(", now: "	return statements, broken(\"any START will do\") || carriedBy(s.Start).Check(",
	},
	{
		name: "prepared blocks are not kept", file: "carried.go", rules: []sim.Rule{sim.Liveness, sim.Agreement},
		line: "		if (own != nil &&", now: "		if !broken(\"prepared blocks are not kept\") && (own != nil &&",
	},
	{
		name: "no rounds", file: "recovery.go", rules: []sim.Rule{sim.Liveness, sim.Agreement}, o: only(1, "two batches for one place"),
		line: "	if own := c.intents[c.cfg.Self]; own != nil && own.Intent == intent {", now: "	if own := c.intents[c.cfg.Self]; broken(\"no rounds\") || own != nil && own.Intent == intent {",
	},

	// Blocks and certificates.
	{
		name: "term in the block hash", file: "order.go", o: honest, rules: []sim.Rule{sim.ExecuteBeforeVoting, sim.Proof},
		line: "	b.executed, b.header, b.hash = true, e.Header, c.cfg.Network.HeaderHash(e.Header)\n",
		now: "	b.executed, b.header, b.hash = true, e.Header, c.cfg.Network.HeaderHash(e.Header)\n" +
			"	if broken(\"term in the block hash\") {\n		b.hash[0] ^= byte(b.at.Term)\n	}\n",
	},
	{
		name: "fetched blocks are believed", file: "sync.go", rules: []sim.Rule{sim.Proof, sim.OneChain, sim.Contract, sim.NoAlarm},
		o:    only(1, "forged proofs", "blocks of another chain", "blocks with another content", "a height that nobody has", "isolation of the leader", "crash"),
		line: "b.Proof.Check(trust) != nil ||", now: "!broken(\"fetched blocks are believed\") && b.Proof.Check(trust) != nil ||",
	},
	{
		name: "votes are not checked", file: "spare.go", rules: []sim.Rule{sim.Proof, sim.NoFalseEvidence, sim.QuorumBeforeCommit, sim.LostVotes, sim.Seen},
		o:    only(1, "own votes that do not verify", "votes of others for what they did not vote for"),
		line: "	return v.Check(c.cfg.Network.Suite, c.cfg.Set) == nil\n", now: "	return broken(\"votes are not checked\") || v.Check(c.cfg.Network.Suite, c.cfg.Set) == nil\n",
	},
	{
		name: "FINAL before it is stored", file: "finality.go", o: honest, rules: []sim.Rule{sim.DurableBeforeAnnounced},
		line: "	c.do(Finalize{Proofs: proofs})\n", now: "	c.do(Finalize{Proofs: proofs})\n	if broken(\"FINAL before it is stored\") {\n		c.do(Announce{Height: top})\n	}\n",
	},
	{
		name: "marker of another write", file: "order.go", o: honest, rules: []sim.Rule{sim.Liveness, sim.Agreement, sim.OneVote, sim.NoAlarm, sim.Start},
		line: "	for c.cursor.Height < c.final.Height {\n		b := c.blocks", now: "	for c.cursor.Height < c.final.Height || broken(\"marker of another write\") && c.blocks[c.cursor.Height+1] != nil {\n		b := c.blocks",
	},
	{
		name: "votes pruned too early", file: "finality.go", o: honest, rules: []sim.Rule{sim.OneVote, sim.NoFalseEvidence, sim.DurableBeforeSent},
		line: "		c.write.Highest, c.write.Final = c.kept, height\n",
		now:  "		c.write.Highest, c.write.Final = c.kept, height\n		if broken(\"votes pruned too early\") {\n			c.write.Final += 4\n		}\n",
	},
	{
		name: "nobody asks before signing", file: "join.go", rules: []sim.Rule{sim.LostVotes, sim.OneVote}, o: only(0, "wiped votes", "old votes"),
		line: "	if answers < c.cfg.Set.Quorum()-1 {", now: "	if answers < c.cfg.Set.Quorum()-1 && !broken(\"nobody asks before signing\") {",
	},

	// The guard.
	{
		name: "no proof of election", file: "guard.go", rules: []sim.Rule{sim.OneLeader, sim.RaftRuns, sim.NoAlarm, sim.Liveness},
		o:    only(1, "raft: a heartbeat of a far term", "raft: an append without end", "raft: other fields"),
		line: "		if !g.provenLeader(from, m.GetTerm(), attachment) {", now: "		if !broken(\"no proof of election\") && !g.provenLeader(from, m.GetTerm(), attachment) {",
	},
	{
		name: "leader of an equal term", file: "guard.go", o: only(1, "raft: an append by who does not lead"),
		rules: []sim.Rule{sim.OneLeader, sim.RaftRuns, sim.NoAlarm, sim.Liveness, sim.Agreement},
		line:  "		return g.leader == from\n", now: "		return g.leader == from || broken(\"leader of an equal term\")\n",
	},
	{
		name: "commit unbounded", file: "guard.go", rules: []sim.Rule{sim.RaftRuns}, o: only(1, "raft: a heartbeat with a commit index beyond the log"),
		line: "		if m.GetCommit() > g.lastIndex() {", now: "		if m.GetCommit() > g.lastIndex() && !broken(\"commit unbounded\") {",
	},
	{
		name: "time floor in the guard", file: "order.go", o: honest, rules: []sim.Rule{sim.Liveness, sim.Agreement},
		line: "	if b.Time > c.now+maxFutureBatch {", now: "	if broken(\"time floor in the guard\") && b.Time < c.now-300 {\n		return dropEntry\n	}\n	if b.Time > c.now+maxFutureBatch {",
	},
	{
		name: "state in the guard", file: "order.go", o: honest, rules: []sim.Rule{sim.Liveness, sim.Agreement},
		line: "	b := c.openEntry(e)\n	if b == nil {\n		return dropEntry\n	}\n",
		now: "	b := c.openEntry(e)\n	if b == nil {\n		return dropEntry\n	}\n	if broken(\"state in the guard\") {\n		for _, tx := range b.Transactions {\n" +
			"			if !c.pool.has(tx.ID()) {\n				return dropEntry\n			}\n		}\n	}\n",
	},
	{
		name: "gaps in an append", file: "guard.go", rules: []sim.Rule{sim.RaftRuns}, o: only(1, "raft: an append with a gap in it"),
		line: "e.GetIndex() != index+1 ||", now: "e.GetIndex() != index+1 && !broken(\"gaps in an append\") ||",
	},
	{
		name: "snapshots believed", file: "guard.go", rules: []sim.Rule{sim.RaftRuns, sim.NoAlarm, sim.Disk, sim.Liveness, sim.Start, sim.Agreement},
		o:    only(1, "raft: a snapshot of what is not FINAL", "raft: a snapshot of another membership"),
		line: "		g.parked = &raftpb.Message", now: "		if broken(\"snapshots believed\") {\n			return dropNone\n		}\n		g.parked = &raftpb.Message",
	},
	{
		name: "every type of message", file: "guard.go", rules: []sim.Rule{sim.RaftRuns, sim.OneLeader, sim.NoAlarm, sim.Liveness, sim.Agreement},
		o:    only(1, "raft: a message that only a node itself may send", "raft: an order to campaign", "raft: a transfer of leadership", "raft: a proposal to change the members"),
		line: "	return dropType\n", now: "	if broken(\"every type of message\") {\n		return dropNone\n	}\n	return dropType\n",
	},

	// Mutes.
	{
		name: "partial mute", file: "complaint.go", test: "TestOneComplaintMutesNobody",
		line: "	if count < (len(c.cfg.Set.Members)+1)/2 ||", now: "	if count < (len(c.cfg.Set.Members)+1)/2 && !broken(\"partial mute\") ||",
	},

	// What only a test shows.
	{
		name: "nobody is muted", file: "complaint.go", test: "TestALeaderThatPassesATransactionOverIsReplaced",
		line: "	m.until, m.about = c.ticks+", now: "	if broken(\"nobody is muted\") {\n		return\n	}\n	m.until, m.about = c.ticks+",
	},
	{
		name: "seals are not compared", file: "evidence.go", test: "TestAnEquivocatingLeaderIsComplainedOf",
		line: "	if !own.Rivals(s) ||", now: "	if !own.Rivals(s) || broken(\"seals are not compared\") ||",
	},
	{
		name: "transactions are not handed on", file: "core.go", test: "TestTheLeaderIsHandedWhatOthersHold",
		line: "c.ticks%handOnTicks == 0 {", now: "c.ticks%handOnTicks == 0 && !broken(\"transactions are not handed on\") {",
	},
	{
		name: "other results are passed over", file: "finality.go", test: "TestOtherResultOfTheSameInputsHalts",
		line: "	if e.Diverged {", now: "	if e.Diverged && !broken(\"other results are passed over\") {",
	},
	{
		name: "other blocks are passed over", file: "order.go", test: "TestLogThatContradictsTheLedgerMakesAnObserver",
		line: "	if e.Conflict {", now: "	if e.Conflict && !broken(\"other blocks are passed over\") {",
	},
	{
		name: "the future is believed", file: "order.go", test: "TestNoHonestMessageIsRefusedForEver",
		line: "		return dropFuture\n", now: "		if broken(\"the future is believed\") {\n			return dropNone\n		}\n		return dropFuture\n",
	},
	{
		name: "a panic of Raft is one of the node", file: "raft.go", test: "TestPanicOfRaftEndsRaftAndNothingElse",
		line: "		if p := recover(); p != nil {", now: "		if broken(\"a panic of Raft is one of the node\") {\n			return\n		}\n		if p := recover(); p != nil {",
	},
	{
		name: "statements are not asked for", file: "join.go", test: "TestAForgottenPromiseMakesAnObserver",
		line: "	return s.Statement.Intent.Round > c.promised(), true\n", now: "	return s.Statement.Intent.Round > c.promised() && !broken(\"statements are not asked for\"), true\n",
	},
	{
		name: "batches of whomever", file: "order.go", test: "TestBatchIsForOnePlaceInTheLog",
		line: "b.Start != c.id || b.Index != e.GetIndex() || b.Term != e.GetTerm()", now: "!broken(\"batches of whomever\") && (b.Start != c.id || b.Index != e.GetIndex() || b.Term != e.GetTerm())",
	},
	{
		name: "client signatures unchecked", file: "order.go", test: "TestABatchIsCheckedAsFarAsItIsUnknown",
		line: "		if !good {", now: "		if !good && !broken(\"client signatures unchecked\") {",
	},
	{
		name: "the newest vote is not told", file: "join.go", test: "TestRestoredOldDatabaseMakesAnObserver",
		line: "		if newer(v.Vote, c.newest[c.cfg.Self]) {", now: "		if newer(v.Vote, c.newest[c.cfg.Self]) && !broken(\"the newest vote is not told\") {",
	},
	{
		name: "a contradicted vote does not end signing", file: "vote.go", test: "TestStoredVoteForAnotherBlockEndsSigning",
		line: "			c.signing = false\n", now: "			c.signing = broken(\"a contradicted vote does not end signing\")\n",
	},
	{
		name: "COMMIT above a gap", file: "vote.go", test: "TestACommitLeavesNoGapBelow",
		line: "		if c.ownVote(h, ledger.Commit) != nil {\n			below", now: "		if c.ownVote(h, ledger.Commit) != nil || broken(\"COMMIT above a gap\") && b.prepared != nil {\n			below",
	},
}
