// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A program is a node of a development network as a process of its own.
type program struct {
	t      *testing.T
	record *devnetRecord
	cmd    *exec.Cmd
	log    bytes.Buffer // read it after end
	ended  chan error
}

// startProgram starts the first node of a new network of some nodes.
func startProgram(t *testing.T, nodes int, variables ...string) *program {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	check(t, err)
	record, err := makeDevnet(&env{Stderr: os.Stderr, Now: time.Now}, filepath.Join(t.TempDir(), "network"), devnetPlan{nodes: nodes, suite: suite, configure: unlimited})
	check(t, err)
	p := &program{t: t, record: record}
	p.start(variables...)
	return p
}

func (p *program) start(variables ...string) {
	p.t.Helper()
	p.log.Reset()
	p.ended = make(chan error, 1)
	p.cmd = exec.Command("ipledger", "node", "start", "--dir", p.record.Nodes[0].DataDir)
	p.cmd.Env = append(os.Environ(), variables...)
	p.cmd.Stderr = &p.log
	check(p.t, p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	cmd, ended := p.cmd, p.ended
	p.t.Cleanup(func() { // before the directory goes
		_ = cmd.Process.Kill()
		<-ended
	})
	for begun := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if a, err := http.Get(p.record.Nodes[0].APIURL + "/livez"); err == nil {
			a.Body.Close()
			return
		}
		if time.Since(begun) > 20*time.Second {
			p.t.Fatal("the node does not answer")
		}
	}
}

func (p *program) signal(s os.Signal) {
	p.t.Helper()
	check(p.t, p.cmd.Process.Signal(s))
}

// end waits until the process is gone and gives its log.
func (p *program) end() (string, error) {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err
		return p.log.String(), err
	case <-time.After(30 * time.Second):
		p.t.Fatal("the node does not end")
		return "", nil
	}
}

// client asks as a maker of the first bank, over connections of its own.
func (p *program) client() *api.Client {
	p.t.Helper()
	n, err := readGenesis(p.record.Genesis)
	check(p.t, err)
	passphrase, err := os.ReadFile(p.record.PassphraseFile)
	check(p.t, err)
	key, err := keys.ReadFile(p.record.People[0].KeyFile, bytes.TrimSpace(passphrase))
	check(p.t, err)
	return &api.Client{
		BaseURL: p.record.Nodes[0].APIURL, Key: key, HTTP: &http.Client{Transport: new(http.Transport)},
		Registry: registry.New(), Network: n.trust.Network,
	}
}

// claim makes and signs the claim of the i-th patent.
func (p *program) claim(c *api.Client, i int) (*ledger.Transaction, error) {
	party := p.record.People[0].Organisation
	args, err := json.Marshal(map[string]any{"type": "PAT_INV", "number": patentNumber(i), "owners": []string{party}})
	if err != nil {
		return nil, err
	}
	d, err := c.Draft(context.Background(), api.DraftRequest{Contract: "rights", Method: "claim", Args: args, Actor: party, ClientRef: fmt.Sprint("claim-", i)})
	if err != nil {
		return nil, err
	}
	signature, err := c.Key.Sign(c.Network.SignBytes(d.Body))
	if err != nil {
		return nil, err
	}
	return ledger.NewTransaction(c.Network, d.Body, []keys.Signature{signature})
}

// patentNumber is the i-th application for an invention in 2018, with its check
// digit.
func patentNumber(i int) string {
	digits := fmt.Sprintf("20181%07d", i)
	return digits + "." + identifier.PatentCheck(digits)
}

// Twelve clients submit without a pause when the node is told to end. Whatever
// was sent before is answered: with its outcome if the node took it, else with
// the advice to go elsewhere.
func TestANodeThatIsToldToEndAnswersWhatItTook(t *testing.T) {
	p := startProgram(t, 1, "IPLEDGER_DRAIN_DELAY=1s")
	type sent struct {
		at  time.Time
		id  ledger.Hash
		err error
		now api.Transaction
	}
	const workers = 12
	results := make([][]sent, workers)
	var load sync.WaitGroup
	stop := make(chan struct{})
	var warm sync.WaitGroup
	warm.Add(workers)
	for w := range workers {
		c := p.client()
		load.Go(func() {
			defer c.HTTP.CloseIdleConnections()
			// Drafts are made ahead, so that the load is submissions.
			var txs []*ledger.Transaction
			for i := range 40 {
				tx, err := p.claim(c, w*1000+i)
				if err != nil {
					t.Error(err)
					break
				}
				txs = append(txs, tx)
			}
			begun := sync.OnceFunc(warm.Done)
			defer begun()
			for i := 0; ; i = (i + 1) % len(txs) {
				s := sent{at: time.Now(), id: txs[i].ID()}
				s.now, s.err = c.Submit(context.Background(), txs[i], 20*time.Second)
				results[w] = append(results[w], s)
				begun()
				if errors.Is(s.err, api.ErrUnreachable) {
					return
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	warm.Wait()
	told := time.Now()
	p.signal(syscall.SIGTERM)
	unready := false
	for time.Since(told) < 20*time.Second {
		ready, text, err := p.client().Ready(context.Background())
		if err != nil {
			break // the address is free again
		}
		unready = unready || !ready && strings.Contains(text, "draining")
	}
	log, err := p.end()
	close(stop)
	load.Wait()
	if err != nil {
		t.Errorf("the node ended with %v\n%s", err, log)
	}
	if !unready {
		t.Error("/readyz did not say that the node drains")
	}
	for line := range strings.Lines(log) {
		if !json.Valid([]byte(line)) {
			t.Errorf("a line of the log is not JSON: %s", line)
		}
	}
	for _, says := range []string{"draining", "drained", "its databases are closed"} {
		if !strings.Contains(log, says) {
			t.Errorf("the log does not say %q:\n%s", says, log)
		}
	}
	final, refused := map[ledger.Hash]bool{}, 0
	for _, list := range results {
		for _, s := range list {
			var problem *api.Problem
			switch {
			case s.err == nil && s.now.Status == api.Final:
				final[s.id] = true
			case errors.As(s.err, &problem) && problem.Status == http.StatusServiceUnavailable && problem.Code == "E_UNAVAILABLE" && problem.Details[0].Reason == api.ReasonDraining:
				refused++
			case errors.Is(s.err, api.ErrUnreachable) && s.at.After(told):
			default:
				t.Errorf("a transaction sent %v after the signal was answered %s, %v", s.at.Sub(told), s.now.Status, s.err)
			}
		}
	}
	if len(final) == 0 || refused == 0 {
		t.Errorf("%d transactions were FINAL and %d were refused while the node drained; the test shows nothing", len(final), refused)
	}

	p.start()
	c := p.client()
	for id := range final {
		if got, err := c.Transaction(context.Background(), id, 0); err != nil || got.Status != api.Final {
			t.Errorf("%v was FINAL and is %s after a restart, %v", id, got.Status, err)
		}
	}
	p.signal(syscall.SIGTERM)
	if log, err := p.end(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
}

// One node of four can make nothing FINAL, so a submission waits.
func TestAWaitThatOutlastsTheDrainIsToldHowFarItCame(t *testing.T) {
	p := startProgram(t, 4, "IPLEDGER_DRAIN_TIMEOUT=300ms")
	waiting := p.submitting()
	p.signal(syscall.SIGTERM)
	if got := <-waiting; got.err != nil || got.Status != api.Received {
		t.Errorf("the submission that waited: %s, %v", got.Status, got.err)
	}
	if log, err := p.end(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
}

func TestASecondSignalEndsTheNodeAtOnce(t *testing.T) {
	p := startProgram(t, 4, "IPLEDGER_DRAIN_TIMEOUT=10m")
	waiting := p.submitting()
	p.signal(syscall.SIGTERM)
	c := p.client()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, text, err := c.Ready(context.Background()); err == nil && strings.Contains(text, "draining") {
			break
		}
		if time.Since(begun) > 10*time.Second {
			t.Fatal("the node does not say that it is draining")
		}
	}
	p.signal(syscall.SIGTERM)
	_, err := p.end()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.Sys().(syscall.WaitStatus).Signal() != syscall.SIGTERM {
		t.Errorf("the node ended with %v", err)
	}
	if got := <-waiting; !errors.Is(got.err, api.ErrUnreachable) {
		t.Errorf("the submission that waited: %s, %v", got.Status, got.err)
	}
}

type submitted struct {
	api.Transaction
	err error
}

// submitting submits a transaction and returns when the node has taken it.
func (p *program) submitting() chan submitted {
	p.t.Helper()
	c := p.client()
	tx, err := p.claim(c, 1)
	check(p.t, err)
	out := make(chan submitted, 1)
	go func() {
		got, err := c.Submit(context.Background(), tx, time.Minute)
		out <- submitted{got, err}
	}()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
		if got, err := p.client().Transaction(context.Background(), tx.ID(), 0); err == nil && got.Status == api.Received {
			return out
		}
	}
	p.t.Fatal("the node did not take the transaction")
	return nil
}
