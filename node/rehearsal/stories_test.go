// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/rehearsal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEveryStoryIsPlayedAsWritten(t *testing.T) {
	files, err := filepath.Glob("../../docs/stories/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			report, transcript := play(t, read(t, file))
			if report.Difference() != nil {
				t.Error(transcript)
			}
		})
	}
}

func TestATranscriptIsTheSameEachTime(t *testing.T) {
	story := read(t, "testdata/transcript.toml")
	report, transcript := play(t, story)
	if report.Difference() != nil {
		t.Error("the story is not as written")
	}
	golden := "testdata/transcript.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(transcript), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if transcript != string(want) {
		t.Errorf("got\n%s\nwant\n%s", transcript, want)
	}
}

func TestEveryOutcomeHasAReceiptThatTheGenesisVerifies(t *testing.T) {
	report, _ := play(t, read(t, "testdata/transcript.toml"))
	_, trust, err := ledger.ParseGenesis(report.Genesis)
	if err != nil {
		t.Fatal(err)
	}
	certified := 0
	for _, p := range report.Played {
		if !p.Certified() {
			continue
		}
		certified++
		r, err := ledger.VerifyReceipt(trust, p.Receipt)
		if err != nil {
			t.Fatalf("%s: %v", p.Part.Name(), err)
		}
		if r.Outcome.Code != p.Code || r.Header.Height != p.Height || r.Transaction.ID() != p.Transaction {
			t.Errorf("%s: the receipt is of another outcome: %+v", p.Part.Name(), r.Outcome)
		}
	}
	if steps, _ := report.Count(); certified != steps {
		t.Errorf("%d of %d steps have a receipt", certified, steps)
	}
}

func TestStepsAreInBlocksOfTheirTimeAndChecksReadNoOlderOne(t *testing.T) {
	report, transcript := play(t, parse(t, people+claimAt("2026-01-05T09:00")+claimAt("2026-01-05T09:00")+
		claimAt("2026-01-05T09:00:00.001")+claimAt("2026-01-05T09:00:00.500")+claimAt("2029-12-31T23:59:59")+
		statusAt("2026-01-05T09:00:00.250")+statusAt("2026-01-05T09:00:30")+statusAt("2031-01-01")))
	if report.Difference() != nil {
		t.Fatal(transcript)
	}
	var got []string
	for _, p := range report.Played {
		got = append(got, strings.TrimSuffix(p.Time.UTC().Add(8*time.Hour).Format("2006-01-02 15:04:05.000"), ".000"))
	}
	want := []string{
		"2026-01-05 09:00:00", "2026-01-05 09:00:00.001", "2026-01-05 09:00:00.002", // 1 ms apart where they meet
		"2026-01-05 09:00:00.250", "2026-01-05 09:00:00.500", "2026-01-05 09:00:30", "2029-12-31 23:59:59", "2031-01-01 00:00:00",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPartsOfOneTimeArePlayedInTheOrderOfTheFile(t *testing.T) {
	claimed := func(n int) string {
		return fmt.Sprintf("[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/rights?number=201810234567.3\"\nwant = { \"items.0.record.claims_pending.%d\" = {} }\n", n)
	}
	report, transcript := play(t, parse(t, people+statusAt("2026-01-06")+claimAt("2026-01-05")+claimed(0)+claimAt("2026-01-05")+claimed(1)))
	if report.Difference() != nil {
		t.Fatal(transcript)
	}
	var order []string
	for _, p := range report.Played {
		order = append(order, p.Part.Name())
	}
	if got := strings.Join(order, ", "); got != "step 1, check 2, step 2, check 3, check 1" {
		t.Errorf("played %s", got)
	}
}

func TestAStoryStopsAtTheFirstDifferenceAndShowsBoth(t *testing.T) {
	for name, one := range map[string]struct {
		story       string
		wanted, got string
	}{
		"a refusal that was not expected": {
			step("rights.confirm", `["IPO.maker", "IPO.maker"]`, `args = { right_id = "IPR-510100-20260105-0000001-X" }`), "ok", "code E_ROLE, reason PERSON_ROLE"},
		"a refusal that did not come": {
			claimAt("2026-01-05") + "expect = { code = \"E_OWNER\", ground = \"R01\" }\n", "code E_OWNER, ground R01", "ok"},
		"a refusal that did not come, of a step that saves": {
			claimAt("2026-01-05") + "save = { right = \"right_id\" }\nexpect = \"E_OWNER\"\n", "code E_OWNER", "ok"},
		"a refusal that was not expected, of a step that saves": {
			step("rights.claim", `"IPO"`, `args = { type = "PATENT", number = "201810234567.3", owners = ["BC"] }`) + "save = { right = \"right_id\" }\n", "ok", "code E_ROLE, reason PARTY_ROLE"},
		"another ground": {
			claimAt("2026-01-05") + claimAt("2026-01-06") + "expect = { ground = \"R01\" }\n", "ground R01", "ok"},
		"another code": {
			step("rights.confirm", `"IPO"`, `args = { right_id = "IPR-510100-20260105-0000001-X" }`) + "expect = \"E_STATE\"\n", "code E_STATE", "code E_ROLE, reason MISSING_SIGNER"},
		"another reason": {
			step("rights.confirm", `"IPO"`, `args = { right_id = "x" }`) + "expect = { code = \"E_ROLE\", reason = \"REVOKED\" }\n", "code E_ROLE, reason REVOKED", "code E_ROLE, reason MISSING_SIGNER"},
		"another value": {
			claimAt("2026-01-05") + "save = { right = \"right_id\" }\n[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/rights/$right\"\nwant = { base_state = \"CONFIRMED\" }\n",
			"CONFIRMED", "CLAIMED"},
		"no such field": {
			"[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/status\"\nwant = { colour = \"red\" }\n", "red", "nothing of this name"},
		"an error that was not expected": {
			"[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/rights/PATENT:201810234567.3\"\n", "ok", "E_NOTFOUND"},
		"another status": {
			"[[check]]\nat = \"2026-01-05\"\nquery = \"/v1/status\"\nstatus = 404\n", "404", "200"},
		"a result without the field to save": {
			claimAt("2026-01-05") + "save = { right = \"rihgt_id\" }\n", "rihgt_id", `"right_id"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report, transcript := play(t, parse(t, people+one.story+statusAt("2026-02-01")))
			p := report.Difference()
			if p == nil {
				t.Fatalf("no difference:\n%s", transcript)
			}
			d := p.Differences[0]
			if d.Wanted != one.wanted || !strings.Contains(d.Got, one.got) {
				t.Errorf("wanted %q, got %q; want %q, %q", d.Wanted, d.Got, one.wanted, one.got)
			}
			for _, text := range []string{"wanted  " + one.wanted, "got     " + d.Got, "story.toml:", p.Part.Name() + " is not as written"} {
				if !strings.Contains(transcript, text) {
					t.Errorf("the transcript does not say %q:\n%s", text, transcript)
				}
			}
			if strings.Contains(transcript, "2026-02-01") {
				t.Error("the story went on")
			}
		})
	}
}

func TestStoriesPlayedAtOnceDoNotMeet(t *testing.T) {
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			story, err := rehearsal.Read("story.toml", []byte(people+claimAt("2026-01-05")+statusAt("2026-02-01")))
			if err != nil {
				t.Error(err)
				return
			}
			if report, err := rehearsal.Play(t.Context(), story, rehearsal.Options{}); err != nil || report.Difference() != nil {
				t.Errorf("%v", err)
			}
		})
	}
	all.Wait()
}

func TestAnInterruptedRehearsalLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, stop := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	story := parse(t, people+claimAt("2026-01-05")+claimAt("2026-02-05")+claimAt("2026-03-05"))
	_, err := rehearsal.Play(ctx, story, rehearsal.Options{Tell: func(line string) error {
		if strings.Contains(line, "step 2") {
			stop(enough)
		}
		return nil
	}})
	if !errors.Is(err, enough) {
		t.Errorf("it ended with %v", err)
	}
	gone := errors.New("nobody reads")
	if _, err := rehearsal.Play(t.Context(), story, rehearsal.Options{Tell: func(string) error { return gone }}); !errors.Is(err, gone) {
		t.Errorf("it ended with %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v, %v", left, err)
	}
}

// people is the cast of short stories.
const people = `[cast]
BC  = { role = "BANK", uscc = "91510100MA6L1D0E2L", name = "蜀锦银行" }
IPO = { role = "IPO", uscc = "12510100MB0A1K3L09", name = "成都知识产权服务中心(示例)", area = "510100" }
`

func step(call, as, rest string) string {
	return fmt.Sprintf("[[step]]\nat = \"2026-01-05\"\nas = %s\ncall = %q\n%s\n", as, call, rest)
}

func claimAt(at string) string {
	return fmt.Sprintf("[[step]]\nat = %q\nas = \"BC\"\ncall = \"rights.claim\"\nargs = { type = \"PATENT\", number = \"201810234567.3\", owners = [\"BC\"] }\n", at)
}

func statusAt(at string) string {
	return fmt.Sprintf("[[check]]\nat = %q\nquery = \"/v1/status\"\nwant = { network = \"rehearsal\" }\n", at)
}

func parse(t *testing.T, text string) *rehearsal.Story {
	t.Helper()
	story, err := rehearsal.Read("story.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return story
}

func read(t *testing.T, file string) *rehearsal.Story {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	story, err := rehearsal.Read(filepath.Base(file), text)
	if err != nil {
		t.Fatal(err)
	}
	return story
}

func play(t *testing.T, story *rehearsal.Story) (*rehearsal.Report, string) {
	t.Helper()
	var transcript strings.Builder
	report, err := rehearsal.Play(t.Context(), story, rehearsal.Options{Tell: func(line string) error {
		transcript.WriteString(line + "\n")
		return nil
	}})
	if err != nil {
		t.Fatalf("%v\n%s", err, transcript.String())
	}
	return report, transcript.String()
}
