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
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// devnetFlags are the flags of the command; those that were not given follow an
// existing network.
type devnetFlags struct {
	nodes int
	suite string
	dir   string
	port  int
	demo  bool

	given func(name string) bool
}

// maxDevnetNodes is how many organisations the cast has.
const maxDevnetNodes = 16

func devnetCommand(e *env) *cobra.Command {
	var f devnetFlags
	cmd := &cobra.Command{
		Use:   "devnet",
		Short: "Run a development network on this machine, one process per node",
		Long: `Makes a network of made-up banks and offices in a directory, or takes up the
one that lies there, and runs every node as a process of its own until Ctrl-C.
devnet.json in the directory tells programs all about it. Its keys are worth
nothing: never use them elsewhere.

With --demo it makes a new network, plays a loan secured by a patent on it up to
the release and the next pledge, kills the leader in between, checks every
answer, verifies receipts and proofs offline and ends.`,
		Example: `  ipledger devnet
  ipledger devnet --nodes 7 --suite sm2 --dir /tmp/seven
  ipledger devnet --demo`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.given = cmd.Flags().Changed
			if f.demo {
				return runDemo(cmd.Context(), e, f)
			}
			return runDevnet(cmd.Context(), e, f)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&f.nodes, "nodes", 4, "how many nodes, 1 to 16")
	flags.StringVar(&f.suite, "suite", string(keys.Ed25519), "signatures and hashes: ed25519 or sm2")
	flags.StringVar(&f.dir, "dir", "ipledger-devnet", "directory of the network; with --demo a new temporary one")
	flags.IntVar(&f.port, "port", 8081, "HTTP port of the first node, the others follow; p2p 100 above; 0: any free ports")
	flags.BoolVar(&f.demo, "demo", false, "play the demonstration and end")
	return cmd
}

// plan checks the flags.
func (f devnetFlags) plan() (devnetPlan, error) {
	if f.nodes < 1 || f.nodes > maxDevnetNodes {
		return devnetPlan{}, wrongCall("--nodes %d: want 1 to %d", f.nodes, maxDevnetNodes)
	}
	if f.port < 0 || f.port > 1<<16-p2pOffset-f.nodes {
		return devnetPlan{}, wrongCall("--port %d: want 0 to %d for %d nodes", f.port, 1<<16-p2pOffset-f.nodes, f.nodes)
	}
	suite, err := keys.SuiteByName(f.suite)
	if err != nil {
		return devnetPlan{}, usageError{fmt.Errorf("--suite: %w", err)}
	}
	return devnetPlan{nodes: f.nodes, suite: suite, port: f.port}, nil
}

// A devnet is a development network with its processes.
type devnet struct {
	*devnetRecord
	env       *env
	dir       string
	processes []*nodeProcess // as Nodes; nil before the start
}

// openOrMake takes up the network in the directory of the flags, or makes one.
func openOrMake(e *env, f devnetFlags) (*devnet, error) {
	plan, err := f.plan()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return nil, fmt.Errorf("find directory: %w", err)
	}
	r, err := openDevnet(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		e.say(e.text("making a network of %d nodes in %s", "正在创建网络：%d 个节点，目录 %s"), plan.nodes, dir)
		r, err = makeDevnet(e, dir, plan)
	case err == nil:
		if err = f.compare(r, dir); err == nil {
			e.say(e.text("taking up the network in %s", "正在启动已有网络：%s"), dir)
		}
	}
	if err != nil {
		return nil, err
	}
	return &devnet{devnetRecord: r, env: e, dir: dir, processes: make([]*nodeProcess, len(r.Nodes))}, nil
}

// compare refuses flags that ask for another network than there is, and a
// network that runs already.
func (f devnetFlags) compare(r *devnetRecord, dir string) error {
	if f.given("nodes") && f.nodes != len(r.Nodes) || f.given("suite") && f.suite != r.Suite {
		return fmt.Errorf("%w: %s holds a network of %d nodes with suite %s; leave out --nodes and --suite, or choose another --dir", ledger.ErrConflict, dir, len(r.Nodes), r.Suite)
	}
	if url := "http://127.0.0.1:" + strconv.Itoa(f.port); f.given("port") && f.port != 0 && url != r.Nodes[0].APIURL {
		return fmt.Errorf("%w: the network in %s has its first API at %s; leave out --port, or choose another --dir", ledger.ErrConflict, dir, r.Nodes[0].APIURL)
	}
	for _, n := range r.Nodes {
		for _, port := range []string{n.APIURL[strings.LastIndex(n.APIURL, ":")+1:], n.P2PAddress[strings.LastIndex(n.P2PAddress, "/")+1:]} {
			number, err := strconv.Atoi(port)
			if err != nil {
				return fmt.Errorf("%w: %s: %s has no port", ledger.ErrInvalid, devnetFile(dir), n.Name)
			}
			l, err := listenLocal(number)
			if err != nil {
				return fmt.Errorf("%w: port %s of %s is taken; does this network run already?", ledger.ErrConflict, port, n.Name)
			}
			_ = l.Close()
		}
	}
	return nil
}

// runDevnet runs the network until ctx ends.
func runDevnet(ctx context.Context, e *env, f devnetFlags) error {
	d, err := openOrMake(e, f)
	if err != nil {
		return err
	}
	defer d.stop()
	if err := d.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // Ctrl-C while it started is no failure
		}
		return err
	}
	if err := e.show(d.devnetRecord, d.table()); err != nil {
		return err
	}
	e.say("%s", e.text("the network runs; Ctrl-C stops it", "网络已运行，按 Ctrl-C 停止"))
	d.watch(ctx)
	return nil
}

// start starts every node and waits until all are ready.
func (d *devnet) start(ctx context.Context) error {
	for i := range d.Nodes {
		if err := d.startNode(i); err != nil {
			return err
		}
	}
	if err := d.write(d.dir); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, 30*time.Second+time.Duration(len(d.Nodes))*3*time.Second)
	defer cancel()
	for _, p := range d.processes {
		if err := p.waitReady(limited); ctx.Err() != nil {
			return fmt.Errorf("start the network: %w", ctx.Err())
		} else if err != nil {
			d.env.sayLogTail(p.node)
			return err
		}
	}
	return nil
}

func (d *devnet) startNode(i int) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("start %s: %w", d.Nodes[i].Name, err)
	}
	p, err := startNode(program, d.Nodes[i], d.PassphraseFile)
	if err != nil {
		return err
	}
	d.processes[i] = p
	d.Nodes[i].PID = p.cmd.Process.Pid
	return nil
}

// watch reports nodes that end by themselves, until ctx ends.
func (d *devnet) watch(ctx context.Context) {
	died := make(chan int, len(d.processes))
	for i, p := range d.processes {
		go func() {
			select {
			case <-p.ended:
				died <- i
			case <-ctx.Done():
			}
		}()
	}
	for {
		select {
		case <-ctx.Done():
			return
		case i := <-died:
			n := &d.Nodes[i]
			d.env.say(d.env.text("%s (process %d) ended: %v", "节点 %s（进程 %d）已终止：%v"), n.Name, n.PID, d.processes[i].err)
			d.env.sayLogTail(*n)
			d.env.say(d.env.text("start it again with: %s", "重新启动：%s"), "ipledger node start --dir "+n.DataDir)
			n.PID = 0
			if err := d.write(d.dir); err != nil {
				d.env.say("%v", err)
			}
		}
	}
}

// stop ends all nodes, and tells the person of those that had to be killed.
func (d *devnet) stop() {
	if err := d.stopAll(); err != nil {
		d.env.say("%v", err)
	}
}

// stopAll ends all nodes, together, and waits until they are gone.
func (d *devnet) stopAll() error {
	var stopped []chan error
	for i, p := range d.processes {
		if p == nil || !p.running() {
			continue
		}
		done := make(chan error, 1)
		go func() { done <- p.stop() }()
		stopped = append(stopped, done)
		d.Nodes[i].PID = 0
	}
	var errs []error
	for _, done := range stopped {
		errs = append(errs, <-done)
	}
	return errors.Join(append(errs, d.write(d.dir))...)
}

// table shows who runs where.
func (d *devnet) table() *table {
	t := newTable("NODE", "ORGANISATION", "ROLE", "PID", "API", "VALIDATOR KEY", "DATA DIRECTORY")
	for _, n := range d.Nodes {
		t.add(n.Name, n.OrganisationCode+" "+n.OrganisationName, string(n.Role), strconv.Itoa(n.PID), n.APIURL, shortKey(n.ValidatorKey), n.DataDir)
	}
	return t
}

// shortKey shows the beginning of a key, enough to tell keys apart.
func shortKey(k keys.PublicKey) string {
	text := k.String()
	return text[:min(len(text), len(k.Algorithm)+13)] + "…"
}

// statusOf asks a node where it stands.
func statusOf(ctx context.Context, n devnetNode) (api.Status, error) {
	return (&api.Client{BaseURL: n.APIURL}).Status(ctx)
}
