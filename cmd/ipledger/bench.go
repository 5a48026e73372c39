// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/internal/bench"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node"
)

// benchFlags are the flags of the command.
type benchFlags struct {
	nodes   int
	suite   string
	dir     string
	keep    bool
	closed  []string
	open    []string
	seconds float64
	warmUp  float64
	bad     string
	seed    uint64
	profile string
}

func benchCommand(e *env) *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure what a network on this machine takes and what it costs",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return runBench(cmd.Context(), e, f) },
	}
	flags := cmd.Flags()
	flags.IntVar(&f.nodes, "nodes", 4, "how many nodes, 1 to 16")
	flags.StringVar(&f.suite, "suite", string(keys.Ed25519), "signatures and hashes: ed25519 or sm2")
	flags.StringVar(&f.dir, "dir", "", "new directory of the network, which is kept; default: a temporary one")
	flags.BoolVar(&f.keep, "keep", false, "keep the temporary directory")
	flags.StringSliceVar(&f.closed, "closed", []string{"1", "64", "256", "2000"}, "closed loops: transactions under way; empty for none")
	flags.StringSliceVar(&f.open, "open", []string{"500", "2000"}, "open loops: transactions a second; empty for none")
	flags.Float64Var(&f.seconds, "seconds", 10, "length of each measured window")
	flags.Float64Var(&f.warmUp, "warm-up", 3, "seconds of load before each window")
	flags.StringVar(&f.bad, "bad", "0%", "share of claims sent in addition with a wrong signature")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of everything that is chosen by chance")
	flags.StringVar(&f.profile, "profile", "", "directory for CPU profiles of the nodes and the loader, one each a phase")
	return cmd
}

// runBench makes a network, measures it and ends it.
func runBench(ctx context.Context, e *env, f benchFlags) error {
	closed, err := wholeNumbers("--closed", f.closed)
	if err != nil {
		return err
	}
	open, err := wholeNumbers("--open", f.open)
	if err != nil {
		return err
	}
	if f.profile != "" {
		if err := os.MkdirAll(f.profile, 0o755); err != nil {
			return fmt.Errorf("make directory of profiles: %w", err)
		}
	}
	d, profileURLs, err := benchNetwork(e, f)
	if err != nil {
		return err
	}
	defer func() {
		d.stop()
		if f.dir == "" && !f.keep {
			if err := os.RemoveAll(d.dir); err != nil {
				e.say("%v", err)
			}
		}
	}()
	if err := d.start(ctx); err != nil {
		return err
	}
	c := bench.Config{
		Closed: closed, Open: open,
		Window: time.Duration(f.seconds * float64(time.Second)), WarmUp: time.Duration(f.warmUp * float64(time.Second)),
		Seed: f.seed, Profile: f.profile, Say: e.say,
	}
	n, err := readGenesis(d.Genesis)
	if err != nil {
		return err
	}
	c.Trust = n.trust
	for i, n := range d.Nodes {
		c.Nodes = append(c.Nodes, bench.Node{Name: n.Name, URL: n.APIURL, PID: n.PID, DataDir: n.DataDir, ProfileURL: profileURLs[i]})
	}
	if c.Bank, err = d.benchOrganisation("BA"); err != nil {
		return err
	}
	if c.Office, err = d.benchOrganisation("IPO"); err != nil {
		return err
	}
	report, err := bench.Run(ctx, c)
	if err != nil {
		return err
	}
	head, rows := report.Rows()
	t := newTable(head...)
	t.rows = rows
	return e.show(report, t)
}

// wholeNumbers reads the numbers of a flag, each at least 1.
func wholeNumbers(flag string, texts []string) ([]int, error) {
	var numbers []int
	for _, text := range texts {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 {
			return nil, wrongCall("%s %q: want whole numbers above 0, with commas", flag, text)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// benchNetwork makes the network to be measured. This is the one place that says
// how its nodes differ from those of any other development network, and it says
// so in their node.toml.
func benchNetwork(e *env, f benchFlags) (*devnet, []string, error) {
	plan, err := devnetFlags{nodes: f.nodes, suite: f.suite}.plan()
	if err != nil {
		return nil, nil, err
	}
	dir := f.dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "ipledger-bench-"); err != nil {
			return nil, nil, fmt.Errorf("make directory of the benchmark: %w", err)
		}
	} else if dir, err = filepath.Abs(dir); err != nil {
		return nil, nil, fmt.Errorf("find directory: %w", err)
	}
	var profileURLs []string
	plan.configure = func(c *node.Config) error {
		c.LogLevel = "warn"
		if f.profile == "" {
			profileURLs = append(profileURLs, "")
			return nil
		}
		l, err := listenLocal(0)
		if err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		c.ProfileListen = l.Addr().String()
		profileURLs = append(profileURLs, "http://"+c.ProfileListen)
		return nil
	}
	r, err := makeDevnet(e, dir, plan)
	if err != nil {
		return nil, nil, err
	}
	return &devnet{devnetRecord: r, env: e, dir: dir, processes: make([]*nodeProcess, len(r.Nodes))}, profileURLs, nil
}

// benchOrganisation opens the keys of an organisation of the cast.
func (d *devnet) benchOrganisation(code string) (bench.Organisation, error) {
	passphrase, err := node.Passphrase(d.PassphraseFile)
	if err != nil {
		return bench.Organisation{}, err
	}
	var o bench.Organisation
	for _, p := range d.People {
		var to *keys.PrivateKey
		switch p.Name {
		case code + "." + contracts.Maker:
			to = &o.Maker
		case code + "." + contracts.Checker:
			to = &o.Checker
		default:
			continue
		}
		o.PartyID = p.Organisation
		if *to, err = keys.ReadFile(p.KeyFile, passphrase); err != nil {
			return bench.Organisation{}, err
		}
	}
	return o, nil
}
