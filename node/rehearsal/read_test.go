// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/node/rehearsal"
)

func TestAFaultOfAStoryNamesFileLineAndPart(t *testing.T) {
	claim := claimAt("2026-01-05")
	for name, one := range map[string]struct{ story, want string }{
		"no TOML":              {"title = ", "story.toml:1: toml: "},
		"not UTF-8":            {"title = \"\xff\"", "story.toml: its text is not UTF-8"},
		"an unknown key":       {people + claim + "expcet = \"ok\"\n", `story.toml:9: a story has no key "step.expcet"; a step has at, as, call, args, sealed, expect, save, same_block`},
		"an unknown table":     {people + "[[stpe]]\n", `story.toml:4: a story has no key "stpe"`},
		"nothing to play":      {people, "story.toml: a story has at least one"},
		"no cast":              {statusAt("2026-01-05"), "story.toml: the cast is empty"},
		"an unknown role":      {strings.Replace(people, "BANK", "BANQUE", 1) + claim, `story.toml:2: cast BC: unknown role "BANQUE"`},
		"a wrong credit code":  {strings.Replace(people, "E2L", "E2M", 1) + claim, "story.toml:2: cast BC: uscc: "},
		"a name that is taken": {people + "BB = { role = \"BANK\", uscc = \"91510100MA6L1D0E2L\", name = \"x\" }\n" + claim, "story.toml:4: cast BB: 91510100MA6L1D0E2L is the party id of BC"},
		"a wrong LEI":          {people + "SG = { role = \"BANK\", lei = \"549300SGBANK00000184\", name_en = \"x\" }\n" + claim, "story.toml:4: cast SG: lei: "},
		"two identities":       {people + "SG = { role = \"BANK\", lei = \"549300SGBANK00000183\", uscc = \"91500000MA5W2F1G4X\", name_en = \"x\" }\n" + claim, "story.toml:4: cast SG: uscc and lei: "},
		"no English name":      {people + "SG = { role = \"BANK\", lei = \"549300SGBANK00000183\", name = \"x\" }\n" + claim, "story.toml:4: cast SG: name_en is missing"},
		"a name with a dot":    {people + "\"B.B\" = { role = \"BANK\", uscc = \"91500000MA5W2F1G4X\", name = \"x\" }\n" + claim, "story.toml:4: cast B.B: a name has"},
		"an unknown member":    {people + strings.Replace(claim, `as = "BC"`, `as = ["BD"]`, 1), `story.toml:4: step 1: as: "BD" is not in the cast`},
		"an unknown person":    {people + strings.Replace(claim, `as = "BC"`, `as = ["BC.Boss"]`, 1), `story.toml:4: step 1: as: "BC.Boss": want NAME.role`},
		"an unknown principal": {people + strings.Replace(claim, `as = "BC"`, `as = "BC.maker for BD"`, 1), `step 1: as: "BD" is not in the cast`},
		"nobody signs":         {people + strings.Replace(claim, `as = "BC"`, `as = []`, 1), "step 1: as is missing"},
		"a strange signer":     {people + strings.Replace(claim, `as = "BC"`, `as = [5]`, 1), "step 1: as: 5 is no name"},
		"an unknown method":    {people + strings.Replace(claim, "rights.claim", "rights.clam", 1), `step 1: call: there is no method "rights.clam"; there are rights.claim, `},
		"no time":              {people + strings.Replace(claim, `at = "2026-01-05"`, "", 1), "step 1: at is missing"},
		"a strange time":       {people + strings.Replace(claim, "2026-01-05", "tomorrow", 1), "step 1: at: tomorrow is no time"},
		"a time of day":        {people + strings.Replace(claim, `"2026-01-05"`, "09:00:00", 1), "step 1: at: 09:00:00 is no time"},
		"a time too early":     {people + strings.Replace(claim, "2026", "1970", 1), "step 1: at: 1970-01-05 is no time of the years"},
		"a fraction":           {people + strings.Replace(claim, `"PATENT"`, "1.5", 1), "story.toml:4: step 1: args: type: 1.5: the ledger counts in whole numbers"},
		"a name not saved yet": {people + strings.Replace(claim, `"201810234567.3"`, `"$no"`, 1), "step 1: args: number: no step before this one saves $no"},
		"a name in a text":     {people + strings.Replace(claim, `"201810234567.3"`, `"${no}.3"`, 1), "step 1: args: number: no step before this one saves $no"},
		"a name saved later": {people + strings.Replace(claim, `"201810234567.3"`, `"$no"`, 1) + claimAt("2026-01-06") + "save = { no = \"number\" }\n",
			"step 1: args: number: no step before this one saves $no"},
		"a name in a query":                 {people + "[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/rights/$no\"\n", "story.toml:4: check 1: query: no step before this one saves $no"},
		"a name in a want":                  {people + strings.Replace(statusAt("2026-01-05"), `"rehearsal"`, `"$no"`, 1), "check 1: want: network: no step before this one saves $no"},
		"a query elsewhere":                 {people + strings.Replace(statusAt("2026-01-05"), "/v1", "http://example.com/v1", 1), "check 1: query: "},
		"two who ask":                       {people + statusAt("2026-01-05") + "as = [\"BC\", \"IPO\"]\n", "story.toml:4: check 1: as: one person asks"},
		"a strange status":                  {people + "[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/status\"\nstatus = 7\n", "check 1: status: 7 is no status"},
		"a sealed part of a method without": {people + claim + "sealed = { a = 1 }\n", "step 1: sealed: rights.claim has no sealed part"},
		"a strange expectation":             {people + claim + "expect = 5\n", "step 1: expect: 5 is neither"},
		"an expectation that is no code":    {people + claim + "expect = \"fail\"\n", `step 1: expect: "fail" is neither`},
		"an empty expectation":              {people + claim + "expect = {}\n", `step 1: expect: an empty table`},
		"a code that there is not":          {people + claim + "expect = \"E_PLEGED\"\n", `step 1: expect: no refusal has the code E_PLEGED; do you mean E_PLEDGED, `},
		"a code that there is not, finer":   {people + claim + "expect = { code = \"E_ROL\", ground = \"R01\" }\n", `step 1: expect: no refusal has the code E_ROL; do you mean E_ROLE, `},
		"more than a refusal has":           {people + claim + "expect = \"E_ROLE R01 REVOKED R02\"\n", `step 1: expect: "E_ROLE R01 REVOKED R02" has more`},
		"terms told twice":                  {people + step("pledges.submit", `"BC"`, "args = { rights = [], debtor = \"BC\" }\nsealed = { debtor = \"BC\" }"), "step 1: sealed: debtor stands in args, too"},
		"an unknown key of the cast":        {people + "SG = { swift = \"x\" }\n" + claim, `story.toml:4: a story has no key "cast.swift"; one of the cast has role, kind, uscc, lei, name, organisation, name_en, area, joins`},
		"two names of one key":              {people + "SG = { role = \"BANK\", kind = \"BANK\" }\n" + claim, "story.toml:4: cast SG: role and kind are one"},
		"a list for a table":                {people + statusAt("2026-01-05") + "\n[[check]]\nwant = [1]\n", "toml: check.want is a table, and not what stands here (array)"},
		"a number for a text":               {people + "SG = { name_en = 5 }\n" + claim, "story.toml:4: toml: cast.SG.name_en is a text, and not what stands here (integer)"},
		"a text for the cast":               {"cast = \"x\"\n" + claim, "story.toml:1: toml: cast is a table, and not what stands here (string)"},
		"an unknown part of an expectation": {people + claim + "expect = { code = \"E_ROLE\", grund = \"R01\" }\n", `step 1: expect: there is no key "grund"`},
		"a saved name of the cast":          {people + claim + "save = { BC = \"right_id\" }\n", `step 1: save: "BC" is one of the cast`},
		"a saved name that is none":         {people + claim + "save = { \"a b\" = \"right_id\" }\n", `step 1: save: "a b" is no name`},
		"an unknown rule":                   {"[parameters]\nno_such = 1\n" + people + claim, `there is no parameter "no_such"`},
		"a rule out of bounds":              {"[parameters]\n\"right.stale\" = 0\n" + people + claim, "right.stale is 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rehearsal.Read("story.toml", []byte(one.story))
			var fault *rehearsal.Fault
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), one.want) {
				t.Errorf("got %v\nwant %s", err, one.want)
			}
		})
	}
}

func TestALargeFileIsNoStory(t *testing.T) {
	if _, err := rehearsal.Read("story.toml", make([]byte, rehearsal.MaxStory+1)); err == nil {
		t.Error("it was read")
	}
}

func TestPartsHaveTheirLines(t *testing.T) {
	story := parse(t, "title = 'x'\n\n[cast.BC]\nrole = 'BANK'\nuscc = '91510100ma6l1d0e2l'\nname = 'x'\n"+
		"  [[ step ]] # one\nat=2026-01-05\nas='BC'\ncall='rights.claim'\n[step.args]\ntype='PATENT'\n[[check]]\nat=2026-01-05\nquery='/v1/status'\n[[\"step\"]]\nat=2026-01-05\nas='BC'\ncall='rights.claim'\n")
	var lines []int
	for _, p := range story.Parts {
		lines = append(lines, p.Line)
	}
	if len(lines) != 3 || lines[0] != 7 || lines[1] != 13 || lines[2] != 16 {
		t.Errorf("lines %v, want 7, 13 and 16", lines)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(people + claimAt("2026-01-05") + statusAt("2026-01-06")))
	f.Fuzz(func(t *testing.T, text []byte) {
		var fault *rehearsal.Fault
		if _, err := rehearsal.Read("story.toml", text); err != nil && !errors.As(err, &fault) {
			t.Errorf("%T: %v", err, err)
		}
	})
}
