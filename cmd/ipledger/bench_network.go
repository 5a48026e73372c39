// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/internal/bench"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
)

// measure makes the network of the flags, measures it and ends it.
func (f benchFlags) measure(ctx context.Context, e *env, s bench.Settings) (*bench.Report, error) {
	if f.profile != "" {
		if err := os.MkdirAll(f.profile, 0o755); err != nil {
			return nil, fmt.Errorf("make directory of profiles: %w", err)
		}
	}
	d, profilers, err := benchNetwork(e, f, s.Connections())
	if err != nil {
		return nil, err
	}
	defer func() {
		d.stop()
		if f.dir != "" || f.keep {
			e.say(e.text("the network is kept in %s", "网络保留在 %s"), d.dir)
		} else if err := os.RemoveAll(d.dir); err != nil {
			e.say("%v", err)
		}
	}()
	if err := d.start(ctx); err != nil {
		return nil, err
	}
	c := bench.Config{Settings: s, Profile: f.profile, Say: e.say, Stop: d.stopAll}
	genesis, err := readGenesis(d.Genesis)
	if err != nil {
		return nil, err
	}
	c.Trust = genesis.trust
	for i, n := range d.Nodes {
		c.Network = append(c.Network, bench.Node{Name: n.Name, URL: n.APIURL, PID: n.PID, DataDir: n.DataDir, ProfileURL: profilers[i]})
	}
	if c.Bank, err = d.benchOrganisation("BA"); err != nil {
		return nil, err
	}
	if c.Office, err = d.benchOrganisation("IPO"); err != nil {
		return nil, err
	}
	return bench.Run(ctx, c)
}

// benchNetwork makes the network to be measured, for a loader with so many
// connections to all nodes together. This is the one place that says how its nodes
// differ from those of any other development network, and it says so in their
// node.toml.
func benchNetwork(e *env, f benchFlags, connections int) (d *devnet, profilers []string, err error) {
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
	} else if err := noDevnet(dir); err != nil {
		return nil, nil, err
	}
	plan.configure = func(c *config.Config) error {
		if err := unlimited(c); err != nil {
			return err
		}
		// The loader is all clients at once: it needs more connections than one may have.
		c.MaxConnections = max(4096, connections/f.nodes+256)
		c.MaxConnectionsPerAddress = c.MaxConnections
		if f.profile == "" {
			profilers = append(profilers, "")
			return nil
		}
		l, err := listenLocal(0)
		if err != nil {
			return fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		c.ProfileListen = l.Addr().String()
		profilers = append(profilers, "http://"+c.ProfileListen)
		return nil
	}
	r, err := makeDevnet(e, dir, plan)
	if err != nil {
		if f.dir == "" {
			err = errors.Join(err, os.RemoveAll(dir))
		}
		return nil, nil, err
	}
	return &devnet{devnetRecord: r, env: e, dir: dir, processes: make([]*nodeProcess, len(r.Nodes))}, profilers, nil
}

// noDevnet refuses a directory that holds a development network, running or not:
// what is measured is a new one.
func noDevnet(dir string) error {
	r, err := openDevnet(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	for _, n := range r.Nodes {
		if n.PID == 0 {
			continue
		}
		if p, err := os.FindProcess(n.PID); err == nil && p.Signal(syscall.Signal(0)) == nil {
			return fmt.Errorf("%w: a development network is running in %s (%s is process %d); it is not measured: choose a new directory with --dir, and stop it so that it takes no time from what is measured", ledger.ErrConflict, dir, n.Name, n.PID)
		}
	}
	return fmt.Errorf("%w: %s holds a development network, and bench makes a new one; choose a new directory with --dir", ledger.ErrConflict, dir)
}

// unlimited lifts the rates of a node: a load comes from one address and of few
// organisations.
func unlimited(c *config.Config) error {
	c.RateAddress, c.RateOrganisation = new(float64), new(float64)
	return nil
}

// benchOrganisation opens the keys of an organisation of the cast.
func (d *devnet) benchOrganisation(code string) (bench.Organisation, error) {
	passphrase, err := keys.ReadPassphrase(d.PassphraseFile)
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
