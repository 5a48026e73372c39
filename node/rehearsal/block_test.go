// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"strings"
	"testing"

	"github.com/ipledger/ipledger/node/rehearsal"
)

const joined = "same_block = true\n"

// claimBy is a claim by one of two banks, so that the ledger has an order to make.
func claimBy(bank, number string) string {
	return "[[step]]\nat = \"2026-01-05T09:00\"\nas = \"" + bank + "\"\ncall = \"rights.claim\"\nargs = { type = \"PATENT\", number = \"" + number + "\", owners = [\"" + bank + "\"] }\n"
}

const twoBanks = "[cast]\nBC = { role = \"BANK\", uscc = \"91510100MA6L1D0E2L\", name = \"蜀锦银行\" }\nBB = { role = \"BANK\", uscc = \"91500000MA5W2F1G4X\", name = \"嘉陵银行(重庆)\" }\n"

func TestStepsOfOneBlockShareItAndAreToldInItsOrder(t *testing.T) {
	report, transcript := play(t, parse(t, twoBanks+
		claimBy("BC", "201810234567.3")+"save = { first = \"right_id\" }\n"+
		claimBy("BB", "201810234567.3")+joined+"save = { second = \"right_id\" }\n"))
	if report.Difference() != nil {
		t.Fatal(transcript)
	}
	played := report.Played
	if len(played) != 2 || played[0].Height != played[1].Height || played[0].Time != played[1].Time {
		t.Fatalf("they are not of one block:\n%s", transcript)
	}
	first, second := played[0].Saved["first"].(string), played[1].Saved["second"].(string)
	if first >= second { // numbers count up within a block
		t.Errorf("the first has %s, the second %s:\n%s", first, second, transcript)
	}
	if got := played[0].Time.UTC().Format("15:04:05"); got != "01:00:00" {
		t.Errorf("the block is of %s", got)
	}
}

func TestASharedBlockNeedsAStepBeforeIt(t *testing.T) {
	for name, story := range map[string]string{
		"it is the first":           claimBy("BC", "201810234567.3") + joined,
		"it has another time":       strings.Replace(claimBy("BB", "201810234567.3"), "09:00", "08:00", 1) + claimBy("BC", "201810234567.3") + joined,
		"a check is between":        claimBy("BC", "201810234567.3") + statusAt("2026-01-05T09:00") + claimBy("BB", "201810234567.3") + joined,
		"a name of its own block":   claimBy("BC", "201810234567.3") + "save = { right = \"right_id\" }\n" + claimBy("BB", "$right") + joined,
		"a step that is not sealed": strings.Replace(claimBy("BC", "201810234567.3"), "args", "sealed = { debtor = \"BC\" }\nargs", 1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := rehearsal.Read("story.toml", []byte(twoBanks+story)); err == nil {
				t.Error("it was read")
			} else if !strings.Contains(err.Error(), "story.toml:") {
				t.Errorf("it says %v", err)
			}
		})
	}
}
