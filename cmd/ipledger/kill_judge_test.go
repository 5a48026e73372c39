// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
)

// A hearing is a network under load, of which in the end everything is looked for
// that was promised.
type hearing struct {
	t *testing.T
	*victims
	load  *load
	audit *audit
}

// newHearing starts a network whose nodes are configured so, and makes the load,
// which is not begun yet.
func newHearing(t *testing.T, configure ...func(*config.Config) error) *hearing {
	t.Helper()
	h := &hearing{t: t, victims: newVictims(t, configure...)}
	h.audit = newAudit(h.trust)
	h.load = newLoad(t.Context(), h.victims, h.keys())
	t.Cleanup(h.load.end) // before the processes go
	return h
}

// keys opens the key files of all people and makes the firm's key.
func (h *hearing) keys() map[string]keys.PrivateKey {
	passphrase, err := keys.ReadPassphrase(h.PassphraseFile)
	check(h.t, err)
	people := make(map[string]keys.PrivateKey)
	for _, p := range h.People {
		people[p.Name], err = keys.ReadFile(p.KeyFile, passphrase)
		check(h.t, err)
	}
	people["RX.admin"] = generate(h.t, h.trust.Suite)
	people["RX.maker"] = people["RX.admin"] // enrolled with both roles
	return people
}

// judge holds what the nodes have against what clients were told. The load has
// come to rest.
func (h *hearing) judge() error {
	if err := h.receipts(h.load.since(0)); err != nil {
		return err
	}
	return h.ledgers()
}

// receipts verifies the receipts of what clients were told, from every node, while
// the nodes run.
func (h *hearing) receipts(told []told) error {
	ctx := h.t.Context()
	if err := h.settled(ctx); err != nil {
		return err
	}
	before := h.audit.receipts
	if err := h.audit.verify(ctx, killNodes, acknowledgementsOf(told), h.fetch); err != nil {
		return err
	}
	if err := h.audit.err(); err != nil {
		return err
	}
	if got, want := h.audit.receipts-before, len(told)*killNodes; got != want {
		return fmt.Errorf("%d receipts verified, want %d", got, want)
	}
	return nil
}

// receiptsInTurn verifies the receipts of what clients were told, each from one node:
// that all have the same is seen when their ledgers are read.
func (h *hearing) receiptsInTurn(told []told) error {
	var n atomic.Int64
	before := h.audit.receipts
	if err := h.audit.verify(h.t.Context(), 1, acknowledgementsOf(told), func(ctx context.Context, _ int, id ledger.Hash) ([]byte, error) {
		return h.fetch(ctx, int(n.Add(1)%killNodes), id)
	}); err != nil {
		return err
	}
	if err := h.audit.err(); err != nil {
		return err
	}
	if got := h.audit.receipts - before; got != len(told) {
		return fmt.Errorf("%d receipts verified, want %d", got, len(told))
	}
	return nil
}

// ledgers stops the nodes and reads every block of each.
func (h *hearing) ledgers() error {
	if err := h.settled(h.t.Context()); err != nil {
		return err
	}
	if err := h.stop(); err != nil {
		return err
	}
	var stopped []ledgerOfOne
	for _, n := range h.Nodes {
		s, err := openStopped(n, h.trust.Network)
		if err != nil {
			return err
		}
		defer func() { check(h.t, s.close()) }()
		stopped = append(stopped, s)
	}
	if err := h.audit.walk(stopped); err != nil {
		return err
	}
	h.audit.compare(acknowledgementsOf(h.load.since(0)))
	return h.audit.err()
}

func acknowledgementsOf(told []told) []acknowledgement {
	all := make([]acknowledgement, len(told))
	for i, t := range told {
		all[i] = t.acknowledgement
	}
	return all
}

// fetch gives a receipt file of a node.
func (h *hearing) fetch(ctx context.Context, i int, id ledger.Hash) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, killPatience)
	defer cancel()
	return h.client(i, h.load.people["REG.maker"]).ReceiptFile(ctx, id)
}

// silent is an error if a node's log holds what must not be there.
func (h *hearing) silent() error {
	found := make(map[string][]string)
	for _, n := range h.Nodes {
		f, err := os.Open(logFile(n))
		if err != nil {
			return err
		}
		lines, err := complaints(f)
		_ = f.Close()
		if err != nil {
			return err
		}
		if len(lines) > 0 {
			found[n.Name] = lines
		}
	}
	if len(found) == 0 {
		return nil
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(found)) {
		lines := found[name]
		fmt.Fprintf(&text, "\n%s, %d lines:\n%s", name, len(lines), strings.Join(lines[:min(len(lines), 10)], "\n"))
	}
	return fmt.Errorf("the logs complain:%s", &text)
}
