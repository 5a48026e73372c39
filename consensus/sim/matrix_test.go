// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/consensus/sim"
)

// A fateRow is one row of the failure matrix in docs/consensus.md: what goes wrong,
// what then happens, the tests that show it, and the mutant that takes the defence
// away, by which TestMutations shows what happens then.
type fateRow struct {
	fault, then string
	tests       []string // "seeds: name" is a fault or betrayal that seeds choose
	mutant      string   // "" where the defence is not the core's
}

var matrix = []fateRow{
	{"the leader crashes", "another is elected within 3 s; what Raft committed stays, what waits is in every mempool",
		[]string{"TestLeaderKilledUnderLoad", "TestKillCycles", "seeds: crash of the leader"}, "PREPARE before Raft's commit"},
	{"the leader withholds or censors", "half of the set complains, everybody turns a deaf ear, another is elected and has the transactions",
		[]string{"TestALeaderThatDoesNothingIsReplaced", "TestALeaderThatPassesATransactionOverIsReplaced", "seeds: censorship", "seeds: no blocks"}, "nobody is muted"},
	{"the leader reorders", "nothing: the order in a block is reckoned from the parent and the actors", []string{"TestALeaderCannotFavourAnActor"}, ""},
	{"the leader sends two batches for one place", "no quorum for either; the seals are evidence, the leader is muted, the next round begins by itself",
		[]string{"TestALeaderThatEquivocatesIsLeftWithoutPeople", "TestAnEquivocatingLeaderIsComplainedOf", "seeds: two batches for one place"}, "no rounds"},
	{"its batch is for another place, of a stranger or of no form", "the guard drops it; in the log it is a no-op for everybody",
		[]string{"TestBatchIsForOnePlaceInTheLog", "seeds: batches that nobody can open", "seeds: batches for another place"}, "batches of whomever"},
	{"its batch holds a forged client signature", "the same", []string{"TestABatchIsCheckedAsFarAsItIsUnknown"}, "client signatures unchecked"},
	{"its batch is of the future", "held back until its time comes", []string{"TestNoHonestMessageIsRefusedForEver", "seeds: batches from the future"}, "the future is believed"},
	{"a vote or certificate is forged", "it does not count, and holds up no other", []string{"TestFloodOfForgedVotesCostsOneCheck", "seeds: own votes that do not verify", "seeds: votes of others"}, "votes are not checked"},
	{"a validator votes twice", "one of its votes counts at each node; both are evidence",
		[]string{"TestDoubleVoteIsEvidence", "TestEvidenceOfANodeIsRecordedOnEveryNodeAndVerifiedWithout", "seeds: votes for two blocks, to two halves"}, "what is carried does not bind"},
	{"a validator hides what it committed on", "the certificate is in the statement of another of any quorum; its own is evidence",
		[]string{"TestStatementsAreHeldAgainstVotes", "TestASpoiledStartBeginsNothing", "seeds: a statement that hides what it knows"}, "any START will do"},
	{"a node computes another result", "its vote counts for nothing; when it sees the certificate it stops and keeps its evidence",
		[]string{"TestOtherResultOfTheSameInputsHalts", "TestAnotherResultOfTheSameInputsIsNotStored", "seeds: wrong results"}, "other results are passed over"},
	{"n−q+1 nodes or more compute other results", "no certificate; the order stays as prepared; software is mended and activated at a height", []string{"TestVotesForOtherBlocksDoNotCount"}, "votes are not checked"},
	{"a node lies to whom it serves", "certificates are checked: another is asked", []string{"TestSpoiledBlocksAreRefused", "TestLiarAboutItsHeightHoldsNobodyUp", "seeds: forged proofs", "seeds: blocks of another chain"}, "fetched blocks are believed"},
	{"a partition with a quorum on one side", "that side goes on; the other certifies nothing, says so, and catches up by itself", []string{"TestMinorityNeverCertifies", "seeds: partition"}, "one phase"},
	{"a partition without a quorum on any side", "nobody certifies anything; at most W blocks are ordered above FINAL", []string{"TestMinorityNeverCertifies", "TestBlocksBeyondTheWindowWait", "seeds: ring of majorities"}, "window off"},
	{"one-way, flapping and slow links", "votes go from all to all, terms do not run away, rounds are changed with doubling patience",
		[]string{"TestMinorityNeverCertifies", "seeds: one-way partition", "seeds: flapping links", "seeds: late messages"}, "partial mute"},
	{"messages are lost, repeated, late over terms and rounds", "each is repeated by who needs the answer; a round's messages are nothing to another",
		[]string{"TestVotesAreRepeatedByteForByteUntilFinal", "TestHonestMembersComeToOneEnd", "seeds: old messages again"}, "a vote is signed anew"},
	{"the disk is full or fails", "the node holds before it is full; after a failed sync the process ends and reads anew", []string{"TestANodeSurvivesItsDisks", "TestAFailingDiskStopsTheDatabase", "seeds: full disk"}, ""},
	{"unsynced writes are lost or torn", "nothing was said that was not synced", []string{"TestACrashLosesOnlyTheUnsyncedEnd", "TestVoteIsDurableBeforeItIsSent", "seeds: torn write"}, "vote before persist"},
	{"a byte on disk is wrong", "it is found; the ledger is fetched again, a damaged record of votes ends voting", []string{"TestAWrongByteNeverTakesAnythingAway", "TestADamagedRecordIsNotPassedOver"}, ""},
	{"the record of votes is wiped", "the others know of newer votes: observer from then on", []string{"TestWipedDatabaseMakesAnObserver", "TestWhoLosesItsVotesNeverVotesAgain", "seeds: wiped votes"}, "nobody asks before signing"},
	{"the record of votes is put back", "the same; by the newest vote or the newest statement", []string{"TestRestoredOldDatabaseMakesAnObserver", "TestAForgottenPromiseMakesAnObserver", "seeds: old votes"}, "the newest vote is not told"},
	{"the ledger is put back or wiped", "it catches up with what it had certified before it signs", []string{"TestLedgerBehindItsCertificateCatchesUpBeforeItSigns", "seeds: old ledger", "seeds: wiped ledger"}, "marker of another write"},
	{"clocks are wrong", "a leader that is ahead is held back, one behind only makes older blocks; time decides no validity", []string{"TestALeaderWhoseClockIsAheadIsHeldBack", "TestWhoseClockIsBehindFollows", "TestNothingIsRefusedForBeingOld", "seeds: clock forward"}, "time floor in the guard"},
	{"a validator's key is stolen", "what it signs twice is evidence; fewer than a third forge nothing", []string{"TestEachBetrayalHappensAndBreaksNothing"}, "any prepare certificate"},
	{"Raft's log differs from what is certified", "the node follows certified blocks and takes part in the next round", []string{"TestLogThatContradictsTheLedgerMakesAnObserver"}, "other blocks are passed over"},
	{"Raft panics", "Raft ends on this node until the next round; certified reads go on", []string{"TestPanicOfRaftEndsRaftAndNothingElse"}, "a panic of Raft is one of the node"},
	{"a stored own vote is not what the log gives now", "the node signs nothing more, and says so", []string{"TestStoredVoteForAnotherBlockEndsSigning"}, "a contradicted vote does not end signing"},
	{"one message with which a member kills or seizes a bare Raft group", "dropped; see consensus/attacks_test.go for each", []string{"TestATownSuffersNothingFromOneMessageOfOneMember", "TestABareGroupSuffersFromOneMessageOfOneMember", "FuzzGuardMessages"}, "commit unbounded"},
	{"the starter of a round is dead or lies", "the next round's starter has its turn; a START that does not follow from its statements is none", []string{"TestADeadStartersTurnPasses", "TestASpoiledStartBeginsNothing", "seeds: a START that forgets what it carries"}, "any START will do"},
	{"all crash in the midst of a change of rounds", "promises and rounds are synced before they are said; what is carried is kept by who prepared it", []string{"TestAPromiseOutlivesARestart", "TestARoundOutlivesARestart", "seeds: power cut"}, "promise not written"},
}

// TestFailureMatrix holds the table in docs/consensus.md against the one above, and
// that against the tests, faults and mutants that there are. With IPLEDGER_UPDATE=1
// it writes the table.
func TestFailureMatrix(t *testing.T) {
	tests := allTests(t)
	known := slices.Concat(sim.Faults(), sim.Behaviours())
	text := "| what goes wrong | what then happens | shown by | taken away by | found then |\n|---|---|---|---|---|\n"
	for _, row := range matrix {
		for i, name := range row.tests {
			if fault, ok := strings.CutPrefix(name, "seeds: "); ok {
				if !slices.Contains(known, fault) {
					t.Errorf("%s: seeds know no %q", row.fault, fault)
				}
				row.tests[i] = "seeds (" + fault + ")"
				continue
			}
			if !tests[name] {
				t.Errorf("%s: there is no test %s", row.fault, name)
			}
			row.tests[i] = "`" + name + "`"
		}
		by, found := "not the core's", ""
		if row.mutant != "" {
			i := slices.IndexFunc(mutants, func(m mutant) bool { return m.name == row.mutant })
			if i < 0 {
				t.Errorf("%s: there is no mutant %q", row.fault, row.mutant)
				continue
			}
			by, found = row.mutant, "`"+mutants[i].test+"` fails"
			if mutants[i].test == "" {
				var rules []string
				for _, rule := range mutants[i].rules {
					rules = append(rules, string(rule))
				}
				found = "broken: " + strings.Join(rules, " or ")
			}
		}
		text += fmt.Sprintf("| %s | %s | %s | %s | %s |\n", row.fault, row.then, strings.Join(row.tests, ", "), by, found)
	}
	const file, begin, end = "../../docs/consensus.md", "<!-- failure matrix -->\n", "<!-- end of the failure matrix -->\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	is, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the failure matrix", file)
	}
	if is == text {
		return
	}
	if os.Getenv("IPLEDGER_UPDATE") == "" {
		t.Fatalf("%s holds another failure matrix; IPLEDGER_UPDATE=1 writes this one:\n%s", file, text)
	}
	if err := os.WriteFile(file, []byte(before+begin+text+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

var testName = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9_]+)\(`)

// allTests are the names of all tests of the module.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(name)
		for _, found := range testName.FindAllStringSubmatch(string(raw), -1) {
			names[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
