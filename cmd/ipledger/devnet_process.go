// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
)

// A nodeProcess is one running node: the program itself, started once more.
type nodeProcess struct {
	node  devnetNode
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read it after ended
}

// startNode starts the node of a data directory as a process of its own, which
// runs program and appends its log to log.jsonl there.
func startNode(program string, n devnetNode, passphraseFile string) (*nodeProcess, error) {
	log, err := os.OpenFile(logFile(n), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", n.Name, err)
	}
	defer log.Close() // the process has its own
	cmd := exec.Command(program, "node", "start", "--dir", n.DataDir)
	cmd.Stdout, cmd.Stderr = log, log
	// Before node.toml goes what follows from where the directory lies today.
	cmd.Env = append(sharedVariables(os.Environ()), "IPLEDGER_PASSPHRASE_FILE="+passphraseFile, "IPLEDGER_API_LISTEN="+strings.TrimPrefix(n.APIURL, "http://"))
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", n.Name, err)
	}
	p := &nodeProcess{node: n, cmd: cmd, ended: make(chan struct{})}
	p.node.PID = cmd.Process.Pid
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// sharedVariables leaves out of an environment what says who one node is and
// where: it would be said to all. Settings that have a default may be set for all.
func sharedVariables(environment []string) []string {
	own := make(map[string]bool)
	for _, s := range config.Settings() {
		own[s.Variable()] = s.Preset == ""
	}
	return slices.DeleteFunc(environment, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return own[name]
	})
}

func logFile(n devnetNode) string { return filepath.Join(n.DataDir, "log.jsonl") }

// waitReady waits until the node holds a first FINAL block and says that it is
// ready.
func (p *nodeProcess) waitReady(ctx context.Context) error {
	for {
		height, err := p.ready(ctx)
		if err == nil && height > 0 {
			return nil
		}
		if err == nil {
			err = errors.New("it holds no FINAL block yet")
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended before it was ready: %v; its log is %s", p.node.Name, p.err, logFile(p.node))
		case <-ctx.Done():
			return fmt.Errorf("%s did not become ready: %w; its log is %s", p.node.Name, err, logFile(p.node))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (p *nodeProcess) ready(ctx context.Context) (height uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	ready, checks, err := (&api.Client{BaseURL: p.node.APIURL}).Ready(ctx)
	if err != nil {
		return 0, err
	}
	if !ready {
		return 0, errors.New(strings.TrimSpace(checks))
	}
	status, err := statusOf(ctx, p.node)
	return status.Height, err
}

// kill ends the process as a power failure would.
func (p *nodeProcess) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// stop asks the process to end, and kills it if it does not within 15 seconds.
func (p *nodeProcess) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		_ = p.cmd.Process.Kill()
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(15 * time.Second):
		p.kill()
		return fmt.Errorf("%s did not stop when asked and was killed", p.node.Name)
	}
}

func (p *nodeProcess) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// sayLogTail shows the last lines of a node's log.
func (e *env) sayLogTail(n devnetNode) {
	raw, err := os.ReadFile(logFile(n))
	if err != nil {
		e.say("%v", err)
		return
	}
	e.say(e.text("the end of %s:", "%s 末尾："), logFile(n))
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	for _, line := range lines[max(0, len(lines)-5):] {
		e.say("  %s", line)
	}
}
