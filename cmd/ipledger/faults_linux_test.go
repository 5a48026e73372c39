// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A trial is a network of four nodes as processes, on which disks are made to
// fail, while transactions come in.
type trial struct {
	t       *testing.T
	record  *devnetRecord
	trust   ledger.Trust
	key     keys.PrivateKey // of a maker of the first bank
	running []*trialNode
	serial  atomic.Int64
}

type trialNode struct {
	cmd   *exec.Cmd
	said  *bytes.Buffer // read it after ended
	ended chan error
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	check(t, err)
	dir := filepath.Join(t.TempDir(), "network")
	r, err := makeDevnet(&env{Stderr: os.Stderr, Now: time.Now}, dir, devnetPlan{nodes: 4, suite: suite})
	check(t, err)
	n, err := readGenesis(r.Genesis)
	check(t, err)
	passphrase, err := os.ReadFile(r.PassphraseFile)
	check(t, err)
	key, err := keys.ReadFile(r.People[0].KeyFile, bytes.TrimSpace(passphrase))
	check(t, err)
	trial := &trial{t: t, record: r, trust: n.trust, key: key, running: make([]*trialNode, len(r.Nodes))}
	t.Cleanup(func() {
		for i := range trial.running {
			trial.kill(i)
		}
	})
	return trial
}

// start starts a node by the command that people are told.
func (n *trial) start(i int, settings ...string) *trialNode {
	n.t.Helper()
	return n.startAs(i, exec.Command("ipledger", "node", "start", "--dir", n.record.Nodes[i].DataDir), settings...)
}

func (n *trial) startAs(i int, cmd *exec.Cmd, settings ...string) *trialNode {
	n.t.Helper()
	p := &trialNode{cmd: cmd, said: new(bytes.Buffer), ended: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), append([]string{"LANG=C"}, settings...)...)
	p.cmd.Stderr = p.said
	check(n.t, p.cmd.Start())
	go func() { p.ended <- p.cmd.Wait() }()
	n.running[i] = p
	return p
}

func (n *trial) startAll() {
	for i := range n.record.Nodes {
		n.start(i)
	}
	for i := range n.record.Nodes {
		n.eventually("node is ready", 20*time.Second, func() bool { return strings.Contains(n.ready(i), "\nready") })
	}
}

func (n *trial) kill(i int) {
	if p := n.running[i]; p != nil {
		_ = p.cmd.Process.Kill()
		<-p.ended
		n.running[i] = nil
	}
}

func (n *trial) stop(i int) {
	n.t.Helper()
	p := n.running[i]
	n.running[i] = nil
	check(n.t, p.cmd.Process.Signal(syscall.SIGTERM))
	if err := <-p.ended; err != nil {
		n.t.Errorf("node %d: %v\n%s", i+1, err, p.said)
	}
}

// dies waits until a node has ended by itself, and gives what the end of its log
// says to people.
func (n *trial) dies(i int) string {
	n.t.Helper()
	p := n.running[i]
	select {
	case err := <-p.ended:
		n.running[i] = nil
		var code *exec.ExitError
		if !errors.As(err, &code) || code.ExitCode() != exitFailure {
			n.t.Errorf("it ended with %v, want exit code %d", err, exitFailure)
		}
	case <-time.After(30 * time.Second):
		n.t.Fatalf("node %d did not end\n%s", i+1, n.ready(i))
	}
	said := p.said.String()
	if strings.Contains(said, "goroutine ") || strings.Contains(said, "panic:") {
		n.t.Errorf("it ended with a trace:\n%s", said)
	}
	last := lastError(n.t, said)
	return strings.Join([]string{last.Message, last.Advice, last.MessageZH, last.AdviceZH}, "\n")
}

func (n *trial) client(i int) *api.Client {
	return &api.Client{BaseURL: n.record.Nodes[i].APIURL, Key: n.key, Network: n.trust.Network}
}

func (n *trial) ready(i int) string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, text, err := n.client(i).Ready(ctx)
	if err != nil {
		return err.Error()
	}
	return "\n" + text
}

func (n *trial) status(i int) api.Status {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	s, _ := n.client(i).Status(ctx)
	return s
}

func (n *trial) eventually(what string, within time.Duration, holds func() bool) {
	n.t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > within {
			n.t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// claim submits a claim through a node and waits until it is FINAL.
func (n *trial) claim(i int, wait time.Duration) (api.Transaction, error) {
	digits := fmt.Sprintf("20181%07d", n.serial.Add(1))
	number := digits + "." + identifier.PatentCheck(digits)
	bank := n.record.People[0].Organisation
	args, err := json.Marshal(map[string]any{"type": "PAT_INV", "number": number, "owners": []string{bank}, "title": strings.Repeat("长", 60)})
	if err != nil {
		return api.Transaction{}, err
	}
	m, err := lookupMethod("rights.claim")
	if err != nil {
		return api.Transaction{}, err
	}
	raw, refusal := m.EncodeArgs(args)
	if refusal.Refuses() {
		return api.Transaction{}, refusal
	}
	body := ledger.Encode(ledger.Body{
		Contract: m.Contract, Version: m.Version, Method: m.Name, Args: raw, Actor: bank,
		ClientRef: number, ValidUntil: time.Now().Add(time.Hour).UnixMilli(),
		Signers: []ledger.Signer{{Organisation: bank, Role: "maker", Key: n.key.Public()}},
	})
	signature, err := n.key.Sign(n.trust.SignBytes(body))
	if err != nil {
		return api.Transaction{}, err
	}
	tx, err := ledger.NewTransaction(n.trust.Network, body, []keys.Signature{signature})
	if err != nil {
		return api.Transaction{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait+5*time.Second)
	defer cancel()
	return n.client(i).Submit(ctx, tx, wait)
}

// load submits claims through the first node until the function it gives is
// called, which tells how many became FINAL. A writer pauses after each.
func (n *trial) load(writers int, pause time.Duration) (stop func() int64) {
	done := make(chan struct{})
	var all sync.WaitGroup
	var final atomic.Int64
	for range writers {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(pause):
				}
				if tx, err := n.claim(0, 5*time.Second); err == nil && tx.Status == api.Final {
					final.Add(1)
				}
			}
		})
	}
	return func() int64 {
		close(done)
		all.Wait()
		return final.Load()
	}
}

// comesBack waits until a node is in a phase and has come to where the first one
// is now, with the same state.
func (n *trial) comesBack(i int, phase string) {
	n.t.Helper()
	first := n.status(0)
	n.eventually(fmt.Sprintf("node %d is %s at height %d", i+1, phase, first.Height), 30*time.Second, func() bool {
		mine := n.status(i)
		if mine.Phase != phase || mine.Held != nil || mine.Height < first.Height {
			return false
		}
		same, err := n.client(0).Block(context.Background(), mine.Height)
		return err == nil && same.Proof.Header.StateRoot == mine.StateRoot
	})
}

// smallDisk puts a folder of a node on a file system of its own.
func smallDisk(t *testing.T, folder string, size int64) error {
	t.Helper()
	check(t, os.MkdirAll(folder, 0o755))
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		return fmt.Errorf("needs a real small disk, and the rights to mount one: %w", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", folder, err)
		}
	})
	return nil
}

// fill leaves so many bytes free, as another program would.
func fill(t *testing.T, folder string, leave uint64) (free func()) {
	t.Helper()
	name := filepath.Join(folder, "ballast")
	f, err := os.Create(name)
	check(t, err)
	defer f.Close()
	var s syscall.Statfs_t
	check(t, syscall.Statfs(folder, &s))
	if room := s.Bavail * uint64(s.Bsize); room > leave {
		check(t, syscall.Fallocate(int(f.Fd()), 0, 0, int64(room-leave)))
	}
	return func() { check(t, os.Remove(name)) }
}

const mib = 1 << 20

// TestANodeSurvivesItsDisks makes the disks of two nodes fail in turn, in a network
// that takes transactions all the while. Whatever fails, the node tells what, ends
// or holds, and is back by the command that it told.
func TestANodeSurvivesItsDisks(t *testing.T) {
	if testing.Short() {
		t.Skip("four processes for a quarter of a minute")
	}
	n := newTrial(t)
	var noDisk error
	for _, database := range []string{"consensus", "ledger"} {
		if err := smallDisk(t, filepath.Join(n.record.Nodes[3].DataDir, database), 192*mib); err != nil {
			noDisk = err
		}
	}
	n.startAll()
	pause := 20 * time.Millisecond // enough comes in while disks fail, and there are other tests to run
	if os.Getenv("IPLEDGER_FAULTS") != "" {
		pause = 0 // a disk must be filled
	}
	stop := n.load(2, pause)
	for _, database := range []string{"consensus", "ledger"} {
		folder := filepath.Join(n.record.Nodes[3].DataDir, database)
		n.run(t, "a full disk under "+database, func(t *testing.T) {
			if noDisk != nil {
				t.Skip(noDisk)
			}
			n.stopsInTime(t, 3, folder)
			n.endsInOrder(t, 3, folder)
		})
	}
	n.run(t, "a write beyond the limit on files", func(t *testing.T) { n.outgrowsItsLimit(t, 3) })
	n.run(t, "damage in the ledger of a running node", func(t *testing.T) { n.findsDamageWhileItRuns(t, 2) })
	n.run(t, "damage in the record of votes", func(t *testing.T) { n.losesItsVotes(t, 2) })
	final := stop()
	if _, err := n.claim(0, 10*time.Second); err != nil || final < 50 {
		t.Errorf("%d transactions became FINAL meanwhile, and then: %v", final, err)
	}
	n.eventually("all nodes hold the same", 10*time.Second, func() bool {
		for i := range n.running {
			if a, b := n.status(0), n.status(i); a.Height != b.Height || a.StateRoot != b.StateRoot {
				return false
			}
		}
		return true
	})
}

func (n *trial) run(t *testing.T, name string, what func(*testing.T)) {
	t.Run(name, func(t *testing.T) {
		n.t = t
		what(t)
	})
	n.t = t
}

// stopsInTime fills a disk to below the reserve, and makes room again.
func (n *trial) stopsInTime(t *testing.T, ill int, folder string) {
	free := fill(t, folder, 40*mib)
	n.eventually("the node says that its disk is full", 10*time.Second, func() bool { return strings.Contains(n.ready(ill), "[-] disk: "+filepath.Base(folder)+" has ") })
	time.Sleep(500 * time.Millisecond) // what was under way is done
	held, others := n.status(ill), n.status(0)
	n.eventually("the others go on", 10*time.Second, func() bool { return n.status(0).Height > others.Height+3 })
	if now := n.status(ill); now.Height != held.Height || now.Held == nil {
		t.Errorf("a held node went from height %d to %d: %v", held.Height, now.Height, now.Held)
	}
	_, err := n.claim(ill, time.Second)
	var problem *api.Problem
	if !errors.As(err, &problem) || problem.Status != 503 || problem.Code != "E_UNAVAILABLE" || problem.Details[0].Reason != api.ReasonDisk || problem.MessageZH == "" {
		t.Errorf("a held node answers a submission with %v", err)
	}
	if _, err := n.client(ill).Rights(t.Context(), api.RightFilter{}); err != nil {
		t.Errorf("a held node does not serve what is FINAL: %v", err)
	}
	n.stop(ill)
	n.start(ill)
	n.eventually("a node that starts on such a disk is held", 10*time.Second, func() bool { return strings.Contains(n.ready(ill), "[-] disk: "+filepath.Base(folder)+" has ") })
	free()
	n.comesBack(ill, "active")
}

// endsInOrder takes the last byte from a node without a reserve, makes room, and
// does what the node told.
func (n *trial) endsInOrder(t *testing.T, ill int, folder string) {
	dir := n.record.Nodes[ill].DataDir
	explained := []string{"no space left on device", "What is FINAL is not lost", "no vote can be cast twice", folder, "ipledger node start --dir " + dir}
	n.stop(ill)
	var free func()
	if os.Getenv("IPLEDGER_FAULTS") != "" { // it takes a while until what Pebble has set apart is full too
		n.start(ill, "IPLEDGER_DISK_RESERVE=off")
		n.comesBack(ill, "active")
		free = fill(t, folder, 0)
		tells(t, n.dies(ill), explained...)
	} else {
		free = fill(t, folder, 0)
	}
	n.start(ill, "IPLEDGER_DISK_RESERVE=off") // on the full disk
	tells(t, n.dies(ill), explained...)
	free()
	n.start(ill)
	n.comesBack(ill, "active")
}

// outgrowsItsLimit lets no file of a node grow beyond some KiB.
func (n *trial) outgrowsItsLimit(t *testing.T, ill int) {
	dir := n.record.Nodes[ill].DataDir
	n.stop(ill)
	n.startAs(ill, exec.Command("sh", "-c", `ulimit -f 64; exec ipledger node start --dir "$0"`, dir))
	tells(t, n.dies(ill), "file too large", "What is FINAL is not lost", "ulimit -f", "ipledger node start --dir "+dir)
	n.start(ill)
	n.comesBack(ill, "active")
}

// spoil changes bytes all over the files of a database.
func spoil(t *testing.T, folder, ending string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"+ending))
	check(t, err)
	if len(files) == 0 {
		t.Fatalf("no file %s in %s", ending, folder)
	}
	for _, name := range files {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		check(t, err)
		info, err := f.Stat()
		check(t, err)
		for at := int64(100); at < info.Size()/2; at += 700 {
			b := make([]byte, 1)
			_, err := f.ReadAt(b, at)
			check(t, err)
			_, err = f.WriteAt([]byte{b[0] ^ 0x20}, at)
			check(t, err)
		}
		check(t, f.Close())
	}
}

// findsDamageWhileItRuns spoils the tables of a running node.
func (n *trial) findsDamageWhileItRuns(t *testing.T, ill int) {
	old, err := n.claim(0, 10*time.Second)
	check(t, err)
	dir := n.record.Nodes[ill].DataDir
	n.stop(ill)
	n.start(ill) // what was in the journal is in tables now
	n.comesBack(ill, "active")
	spoil(t, filepath.Join(dir, "ledger"), ".sst")

	// Blocks all over the ledger are asked for; those that cannot be read right are refused.
	refused := 0
	for height := uint64(1); height <= old.Height; height += 1 + old.Height/50 {
		block, err := n.client(ill).Block(t.Context(), height)
		var problem *api.Problem
		switch {
		case err == nil:
			good, err := n.client(0).Block(t.Context(), height)
			check(t, err)
			if block.Hash != good.Hash {
				t.Fatalf("a damaged ledger gives another block %d", height)
			}
		case errors.As(err, &problem) && problem.Status == 500 && problem.Code == "E_INTERNAL" && problem.Details[0].Reason == api.ReasonDamaged && problem.MessageZH != "":
			refused++
		default:
			t.Fatalf("block %d of a damaged ledger: %v", height, err)
		}
	}
	if refused == 0 {
		t.Fatal("no read met the damage")
	}
	if s := n.status(ill); s.Held == nil || s.Held.Reason != api.ReasonDamaged || !strings.Contains(n.ready(ill), "[-] data: ledger database") {
		t.Errorf("it goes on: %+v\n%s", s.Held, n.ready(ill))
	}
	code, out := runQuietly("node", "rebuild", "--dir", dir, "--ledger")
	if tells(t, out, "already running"); code != exitFailure {
		t.Errorf("a running node is rebuilt: %d", code)
	}
	check(t, n.running[ill].cmd.Process.Signal(syscall.SIGTERM))
	<-n.running[ill].ended
	tells(t, n.running[ill].said.String(), "ipledger node rebuild --dir "+dir+" --ledger")
	n.running[ill] = nil
	code, out = runQuietly("node", "rebuild", "--dir", dir, "--ledger")
	if tells(t, out, "ledger.damaged-", "ipledger node start --dir "+dir); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	n.start(ill)
	n.comesBack(ill, "active")
	file, err := n.client(ill).ReceiptFile(t.Context(), old.ID)
	check(t, err)
	if _, err := ledger.VerifyReceipt(n.trust, file); err != nil {
		t.Errorf("a receipt of the rebuilt ledger: %v", err)
	}
}

// losesItsVotes spoils the consensus database of a node that does not run.
func (n *trial) losesItsVotes(t *testing.T, ill int) {
	dir := n.record.Nodes[ill].DataDir
	n.stop(ill)
	spoil(t, filepath.Join(dir, "consensus"), ".log")
	n.start(ill)
	tells(t, n.dies(ill), "stored data corrupt", "The ledger is not affected", "ipledger node rebuild --dir "+dir+" --consensus --yes")
	if code, out := runQuietly("node", "rebuild", "--dir", dir, "--consensus"); code != exitUsage || !strings.Contains(out, "nothing was changed") {
		t.Errorf("without --yes: %d %s", code, out)
	}
	code, out := runQuietly("node", "rebuild", "--dir", dir, "--consensus", "--yes")
	if tells(t, out, "consensus.damaged-", "never votes again", "observer"); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	n.start(ill)
	n.comesBack(ill, "observer")
	n.stop(ill)
	n.start(ill)
	n.comesBack(ill, "observer")
}
