// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/internal/bench"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// benchFlags are the flags of the command.
type benchFlags struct {
	workload string
	closed   []string
	open     []string
	pledges  []string
	seconds  float64
	warmUp   float64
	idle     float64
	bad      string
	seed     uint64

	nodes int
	suite string
	dir   string
	keep  bool

	json    string
	compare string
	profile string
}

func benchCommand(e *env) *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [REPORT]",
		Short: "Measure what a network on this machine takes and what it costs",
		Long: `Makes a new development network, one process per node with fsync on and every
signature checked by every node, loads it through its HTTP API, and tells what it
took: transactions a second, latency, CPU time, memory, disk, synced writes.

  claim   one transaction with one signature: a claim of a patent that nobody
          claimed before. In closed loops (--closed: so many under way) and open
          loops (--open: so many a second, whatever the nodes do). Signed ahead.
  pledge  five transactions with ten signatures: claim, confirm, submit, accept,
          register. In closed loops (--pledges: so many under way).

Only what a node calls FINAL counts. Latency runs in a closed loop from sending,
in an open loop from when the transaction was due: what a stalled node holds up
counts in full. CPU time is that of the window, nodes and loader apart, by FINAL
transaction: on a machine that others use too it is the figure to trust. Disk is
what the file system gave to the databases' files.

After each phase receipts and proofs are read from other nodes than took the
transactions and verified with the genesis file alone. With --bad, claims with a
wrong signature are sent in addition, to the leader and to followers alike; each
must be refused, and unknown to every node afterwards. If any of this fails there
are no figures, and the exit code is not 0.

With --compare the report of an earlier run is held against the new one, figure by
figure; given a REPORT too, the two are compared and nothing is measured. Reports
of another workload, suite, number of nodes or share of wrong signatures, or of
which one alone was profiled, are refused; other windows and machines are noted.

The file of --json must not exist. If a node did not take part, or counts do not
add up, there are no figures; of a rate that the network does not hold, tx/s and
CPU time of a transaction are "-".`,
		Example: `  ipledger bench
  ipledger bench --workload claim --closed 256 --open "" --json before.json
  ipledger bench --workload claim --closed 256 --open "" --compare before.json
  ipledger bench --compare before.json after.json
  ipledger bench --bad 1% --suite sm2
  ipledger bench --closed 256 --open "" --profile profiles`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				if err := onlyCompare(cmd); err != nil {
					return err
				}
				return compareReports(e, f.compare, args[0])
			}
			return runBench(cmd.Context(), e, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.workload, "workload", bench.All, "claim, pledge or all")
	flags.StringSliceVar(&f.closed, "closed", []string{"1", "64", "256", "2000"}, "closed loops: claims under way; empty for none")
	flags.StringSliceVar(&f.open, "open", []string{"500", "2000"}, "open loops: claims a second; empty for none")
	flags.StringSliceVar(&f.pledges, "pledges", []string{"64"}, "closed loops: pledges under way; empty for none")
	flags.Float64Var(&f.seconds, "seconds", 10, "length of each measured window")
	flags.Float64Var(&f.warmUp, "warm-up", 3, "seconds of load before each window")
	flags.Float64Var(&f.idle, "idle", 10, "seconds without load that are measured first; 0 for none")
	flags.StringVar(&f.bad, "bad", "0%", "claims with a wrong signature to send in addition, as a share of the good ones")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of what is chosen by chance: numbers, samples")
	flags.IntVar(&f.nodes, "nodes", 4, "how many nodes, 1 to 16")
	flags.StringVar(&f.suite, "suite", string(keys.Ed25519), "signatures and hashes: ed25519 or sm2")
	flags.StringVar(&f.dir, "dir", "", "new directory for the network, which is kept; default: a temporary one")
	flags.BoolVar(&f.keep, "keep", false, "keep the temporary directory")
	flags.StringVar(&f.json, "json", "", "new file to write the report to, as JSON")
	flags.StringVar(&f.compare, "compare", "", "report of an earlier run (--json) to hold the new one against")
	flags.StringVar(&f.profile, "profile", "", "directory for CPU profiles of the nodes and the loader, one each a phase")
	return cmd
}

// settings checks the flags.
func (f benchFlags) settings() (s bench.Settings, err error) {
	s = bench.Settings{
		Workload: f.workload, Nodes: f.nodes, Suite: f.suite,
		Seconds: f.seconds, WarmUp: f.warmUp, Idle: f.idle, Seed: f.seed, Profiled: f.profile != "",
	}
	if s.Closed, err = wholeNumbers("--closed", f.closed); err != nil {
		return s, err
	}
	if s.Open, err = wholeNumbers("--open", f.open); err != nil {
		return s, err
	}
	if s.Pledges, err = wholeNumbers("--pledges", f.pledges); err != nil {
		return s, err
	}
	if s.Bad, err = parseShare(f.bad); err != nil {
		return s, err
	}
	switch f.workload {
	case bench.All:
	case bench.Claim:
		s.Pledges = []int{}
	case bench.Pledge:
		s.Closed, s.Open = []int{}, []int{}
	default:
		return s, wrongCall("--workload %q: want claim, pledge or all", f.workload)
	}
	switch {
	case len(s.Closed)+len(s.Open)+len(s.Pledges) == 0:
		return s, wrongCall("no load is left to measure; see --closed, --open and --pledges")
	case !(f.seconds >= 1 && f.seconds <= 3600):
		return s, wrongCall("--seconds %v: want 1 to 3600", f.seconds)
	case !(f.warmUp >= 0 && f.warmUp <= 600) || !(f.idle >= 0 && f.idle <= 600):
		return s, wrongCall("--warm-up and --idle: want 0 to 600 seconds")
	}
	return s, nil
}

// runBench makes a network, measures it and ends it.
func runBench(ctx context.Context, e *env, f benchFlags) error {
	settings, err := f.settings()
	if err != nil {
		return err
	}
	if f.json != "" {
		if err := checkOutput(f.json); err != nil {
			return err
		}
	}
	old, err := f.oldReport(settings)
	if err != nil {
		return err
	}
	report, err := f.measure(ctx, e, settings)
	if err != nil {
		var refused *ledger.VerifyError
		if errors.As(err, &refused) {
			e.say("ipledger: %v", err) // the refusal alone would not tell of which file
		}
		return err
	}
	// What was measured is shown and written, whichever of the two fails.
	return errors.Join(showMeasured(e, old, report), writeReport(f.json, report))
}

// parseShare reads a share of 0 to 1, also as 0% to 100%.
func parseShare(text string) (float64, error) {
	digits, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return 0, wrongCall("--bad %q: want a share, such as 1%% or 0.01", text)
	}
	return v, nil
}

// wholeNumbers reads the numbers of a flag, each at least 1.
func wholeNumbers(flag string, texts []string) ([]int, error) {
	numbers := []int{}
	for _, text := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return nil, wrongCall("%s %q: want whole numbers above 0, with commas", flag, text)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}
