// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/internal/ports"
)

// These tests run the ipledger of TestMain, which is this test binary under the
// program's name: a development network starts itself once more for every node.

func TestDemoHoldsWhatItPromises(t *testing.T) {
	t.Parallel() // it waits, more than it computes
	for _, suite := range []string{"ed25519", "sm2"} {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			if suite != "ed25519" && testing.Short() {
				t.Skip("the other suite plays it")
			}
			dir := filepath.Join(t.TempDir(), "network")
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			out, err := exec.CommandContext(ctx, "ipledger", "devnet", "--demo", "--suite", suite, "--dir", dir, "--port", portOf(t, 4)).CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			transcript := string(out)
			passed := fmt.Sprintf("demo: all %d checks passed in ", strings.Count(transcript, "✓"))
			if !strings.Contains(transcript, passed) {
				t.Errorf("the transcript does not end with %q:\n%s", passed, transcript)
			}
			readme := readmeTranscript(t)
			for line := range strings.Lines(readme) {
				if told := sameRun(line); told != "" && !strings.Contains(sameRun(transcript), told) {
					t.Errorf("README shows a line that this run does not have: %s", line)
				}
			}
			if !strings.Contains(readme, passed) {
				t.Errorf("README does not end with %q", passed)
			}
			for _, name := range []string{"receipt", "refusal", "free", "absence", "pledged", "released", "repledged"} {
				if _, err := os.Stat(filepath.Join(dir, "out", name)); err != nil {
					t.Error(err)
				}
			}
			if amount := regexp.MustCompile(`500000000|5,000,000`).FindString(transcript); amount != "" {
				t.Errorf("the transcript shows the sealed amount %s", amount)
			}
		})
	}
}

// readmeTranscript is what README shows of a run.
func readmeTranscript(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "From a run of the demo")
	_, after, begun := strings.Cut(after, "```\n")
	transcript, _, ended := strings.Cut(after, "```")
	if !found || !begun || !ended {
		t.Fatal("README shows no run of the demo")
	}
	return transcript
}

// differs is what differs from run to run: numbers, keys, times, which node led.
var differs = regexp.MustCompile(`[A-Z]{3}-\d{6}-\d{8}-\d{7}-\w|(ed25519|sm2):[0-9a-f]+…|(node\d, )*node\d|\d+(\.\d+)?|(?m:^ *SIGKILL .*$)|[ \t]+`)

// sameRun takes out of a transcript what differs from run to run.
func sameRun(transcript string) string {
	return strings.TrimSpace(differs.ReplaceAllStringFunc(transcript, func(part string) string {
		if strings.TrimSpace(part) == "" {
			return " "
		}
		return "#"
	}))
}

// portOf gives the first port of so many nodes, of which no other test's connection takes
// one while its node is down.
func portOf(t *testing.T, nodes int) string { return strconv.Itoa(ports.Row(t, nodes, 100)) }

func TestDevnetKeepsItsLedgerOverARestart(t *testing.T) {
	t.Parallel() // it waits, more than it computes
	dir := filepath.Join(t.TempDir(), "network")

	first := runDevnetOnce(t, dir, "--nodes", "1", "--port", portOf(t, 1))
	again := runDevnetOnce(t, dir)
	if first["chain"] != again["chain"] {
		t.Errorf("it was network %v and is network %v after a restart", first["chain"], again["chain"])
	}

	out, err := exec.Command("ipledger", "devnet", "--dir", dir, "--nodes", "2").CombinedOutput()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 5 {
		t.Errorf("asking for another number of nodes ends with %v, want exit code 5: %s", err, out)
	}
}

// runDevnetOnce starts a network, stops it with Ctrl-C when it says that it
// runs, and gives what it said.
func runDevnetOnce(t *testing.T, dir string, flags ...string) map[string]any {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ipledger", append([]string{"devnet", "--dir", dir, "-o", "json"}, flags...)...)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var record map[string]any
	if err := json.NewDecoder(stdout).Decode(&record); err != nil {
		t.Fatalf("read its answer: %v", err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ends after Ctrl-C with %v, want exit code 0", err)
	}
	return record
}
