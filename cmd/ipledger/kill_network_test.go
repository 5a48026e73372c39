// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/internal/ports"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
)

// A victims is a network of processes of which the test kills, freezes and
// starts again any. One goroutine does so.
type victims struct {
	*devnetRecord
	dir     string
	program string
	genesis []byte
	trust   ledger.Trust // from the genesis file, and nothing else
	http    *http.Client

	processes []*nodeProcess
	started   []time.Time
	stopped   []bool // by SIGSTOP

	sigkills, sigstops int // signals sent
}

// killNodes is how many nodes the network has: three of them are a quorum.
const killNodes = 4

// newVictims makes a network and starts it. Every process ends with the test,
// and if that failed its data stays. What node.toml of a node says is changed by
// each of configure.
func newVictims(t *testing.T, configure ...func(*config.Config) error) *victims {
	t.Helper()
	program, err := exec.LookPath("ipledger")
	check(t, err)
	dir, err := os.MkdirTemp("", "ipledger-kill-")
	check(t, err)
	v := &victims{
		dir: filepath.Join(dir, "network"), program: program,
		processes: make([]*nodeProcess, killNodes), started: make([]time.Time, killNodes), stopped: make([]bool, killNodes),
	}
	t.Cleanup(func() {
		v.end()
		if !t.Failed() {
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
			return
		}
		t.Logf("ledgers, logs and genesis file stay in %s", v.dir)
		for _, n := range v.nodes() {
			t.Logf("the end of %s:\n%s", logFile(n), logTail(n, 5))
		}
	})
	suite, err := keys.SuiteByName(string(keys.Ed25519))
	check(t, err)
	e := &env{Stderr: t.Output(), Now: time.Now, lang: "en"}
	v.devnetRecord, err = makeDevnet(e, v.dir, devnetPlan{
		nodes: killNodes, suite: suite, port: ports.Row(t, killNodes, p2pOffset),
		configure: func(c *config.Config) error {
			for _, change := range append(configure, unlimited) {
				if err := change(c); err != nil {
					return err
				}
			}
			return nil
		},
	})
	check(t, err)
	v.genesis, err = os.ReadFile(v.Genesis)
	check(t, err)
	_, v.trust, err = ledger.ParseGenesis(v.genesis)
	check(t, err)
	v.trust.Suite = keys.Cached(v.trust.Suite, keys.NewKeyCache(64)) // the same rule, faster
	v.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512}}
	for i := range v.processes {
		check(t, v.start(i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), killPatience)
	defer cancel()
	for _, p := range v.processes {
		check(t, p.waitReady(ctx))
	}
	return v
}

// nodes are the nodes, or none if the network could not be made.
func (v *victims) nodes() []devnetNode {
	if v.devnetRecord == nil {
		return nil
	}
	return v.Nodes
}

func (v *victims) start(i int) error {
	p, err := startNode(v.program, v.Nodes[i], v.PassphraseFile)
	if err != nil {
		return err
	}
	v.processes[i], v.started[i], v.stopped[i] = p, time.Now(), false
	return nil
}

// kill ends node i as a power failure would end its process. It tells whether
// that was soon after its start.
func (v *victims) kill(i int) (soon bool) {
	soon = time.Since(v.started[i]) < killSoon
	v.processes[i].kill()
	v.sigkills++
	return soon
}

// freeze stops node i and waits until none of its threads runs.
func (v *victims) freeze(i int) error {
	pid := v.processes[i].cmd.Process.Pid
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("freeze %s: %w", v.Nodes[i].Name, err)
	}
	v.stopped[i] = true
	v.sigstops++
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, syscall.WUNTRACED, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("freeze %s: %w", v.Nodes[i].Name, err)
		case !status.Stopped():
			return fmt.Errorf("freeze %s: it ended: %v", v.Nodes[i].Name, status)
		}
		return nil
	}
}

func (v *victims) thaw(i int) error {
	if err := syscall.Kill(v.processes[i].cmd.Process.Pid, syscall.SIGCONT); err != nil {
		return fmt.Errorf("thaw %s: %w", v.Nodes[i].Name, err)
	}
	v.stopped[i] = false
	return nil
}

// upright is an error if a node is down that should not be: nothing but the test
// may end one.
func (v *victims) upright(down ...int) error {
	for i, p := range v.processes {
		if !slices.Contains(down, i) && !p.running() {
			return fmt.Errorf("%s ended by itself: %v", v.Nodes[i].Name, p.err)
		}
	}
	return nil
}

// end kills whatever still runs.
func (v *victims) end() {
	for _, p := range v.processes {
		if p != nil && p.running() {
			p.kill() // also a frozen one
		}
	}
}

// stop asks all nodes to end and waits until they have.
func (v *victims) stop() error {
	var failed error
	for _, p := range v.processes {
		failed = errors.Join(failed, p.stop())
	}
	for i, p := range v.processes {
		if p.err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s ended with %w", v.Nodes[i].Name, p.err))
		}
	}
	return failed
}

// client asks node i, as the holder of key.
func (v *victims) client(i int, key keys.Signer) *api.Client {
	return &api.Client{BaseURL: v.Nodes[i].APIURL, Key: key, HTTP: v.http}
}

func (v *victims) status(ctx context.Context, i int) (api.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return v.client(i, nil).Status(ctx)
}

// leader waits until a quorum of the nodes names one of them as leader of one
// term, and gives its place.
func (v *victims) leader(ctx context.Context) (leader int, err error) {
	err = until(ctx, killPatience, func(ctx context.Context) (bool, error) {
		type view struct {
			leader string
			term   uint64
		}
		named := make(map[view]int)
		for i := range v.Nodes {
			s, err := v.status(ctx, i)
			if err != nil {
				return false, err
			}
			if s.Leader == nil {
				continue
			}
			one := view{*s.Leader, s.Term}
			if named[one]++; named[one] == v.trust.Sets[0].Quorum() {
				leader = slices.IndexFunc(v.Nodes, func(n devnetNode) bool { return n.Name == one.leader })
				return leader >= 0, nil
			}
		}
		return false, fmt.Errorf("no quorum names one leader: %v", named)
	})
	return leader, err
}

// recovered waits until each of the nodes takes part again and holds a block
// above height, and gives how long the slowest took.
func (v *victims) recovered(ctx context.Context, nodes []int, height uint64) (time.Duration, error) {
	begun := time.Now()
	for _, i := range nodes {
		if err := until(ctx, killPatience, func(ctx context.Context) (bool, error) {
			if err := v.upright(); err != nil {
				return true, err
			}
			s, err := v.status(ctx, i)
			if err != nil {
				return false, err
			}
			if s.Phase == api.PhaseObserver || s.Phase == api.PhaseHalted {
				return true, fmt.Errorf("%s came back as %s, at height %d", v.Nodes[i].Name, s.Phase, s.Height)
			}
			if s.Phase != api.PhaseActive || s.Height <= height {
				return false, fmt.Errorf("%s is %s at height %d, others were at %d when it came back", v.Nodes[i].Name, s.Phase, s.Height, height)
			}
			return true, nil
		}); err != nil {
			return 0, fmt.Errorf("recovery: %w", err)
		}
	}
	return time.Since(begun), nil
}

// settled waits until all nodes hold the same block and none has work left.
func (v *victims) settled(ctx context.Context) error {
	return until(ctx, killPatience, func(ctx context.Context) (bool, error) {
		var first api.Status
		for i, n := range v.Nodes {
			s, err := v.status(ctx, i)
			if err != nil {
				return false, err
			}
			if i == 0 {
				first = s
			}
			if s.Phase != api.PhaseActive || s.Mempool > 0 || s.Executed != s.Height ||
				s.Height != first.Height || s.BlockHash != first.BlockHash || s.StateRoot != first.StateRoot {
				return false, fmt.Errorf("%s: %s at height %d, executed %d, %d wait, block %v, state %v; %s: height %d, block %v, state %v",
					n.Name, s.Phase, s.Height, s.Executed, s.Mempool, s.BlockHash, s.StateRoot, v.Nodes[0].Name, first.Height, first.BlockHash, first.StateRoot)
			}
		}
		return true, nil
	})
}

// inStep waits until the logs of all nodes are committed as far, up to what is under
// way. A node that was away has the blocks first, from others, and its log later;
// until then its votes count and its place in Raft's majority does not.
func (v *victims) inStep(ctx context.Context) error {
	const underWay = 16
	return until(ctx, killPatience, func(ctx context.Context) (bool, error) {
		var least, most uint64
		for i, n := range v.Nodes {
			text, err := v.metrics(ctx, i)
			if err != nil {
				return false, err
			}
			_, rest, ok := strings.Cut(text, "\nipledger_raft_commit_index ")
			line, _, _ := strings.Cut(rest, "\n")
			index, err := strconv.ParseFloat(line, 64)
			if !ok || err != nil {
				return false, fmt.Errorf("%s shows no commit index", n.Name)
			}
			if most = max(most, uint64(index)); i == 0 || uint64(index) < least {
				least = uint64(index)
			}
		}
		if most > least+underWay {
			return false, fmt.Errorf("the log of one node is committed up to %d, of another up to %d", least, most)
		}
		return true, nil
	})
}

// metrics gives what node i shows at /metrics.
func (v *victims) metrics(ctx context.Context, i int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.Nodes[i].APIURL+"/metrics", nil)
	if err != nil {
		return "", err
	}
	a, err := v.http.Do(r)
	if err != nil {
		return "", err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	return string(text), err
}
