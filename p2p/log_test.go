// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/ipledger/ipledger/p2p"
	"github.com/libp2p/go-libp2p/gologshim"
)

// journal is a log that many may write to.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines int
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines++
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) count() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines
}

func TestLibrarySpeaksThroughTheHostsLogger(t *testing.T) {
	w := newWorld(t, "bank")
	var said journal
	w.start("bank", func(c *p2p.Config) { c.Logger = slog.New(slog.NewTextHandler(&said, nil)) })
	p2p.ForgetLines()
	log := gologshim.Logger("swarm2").With("peer", "p").WithGroup("dial")
	log.Info("not of interest")
	for range 100 {
		log.Warn("something is wrong", "with", "it")
	}
	want := `level=WARN msg="something is wrong" library=libp2p logger=swarm2 peer=p dial.with=it`
	if n := strings.Count(said.String(), want); n != 3 {
		t.Errorf("written %d times, want 3:\n%s", n, said.String())
	}
	if strings.Contains(said.String(), "not of interest") {
		t.Error("written below warning")
	}
}
