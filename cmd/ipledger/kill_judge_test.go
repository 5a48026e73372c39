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

	"github.com/ipledger/ipledger/ledger"
)

// judge holds what the nodes have against what clients were told.
func (k *killing) judge() error {
	ctx := k.t.Context()
	if err := k.settled(ctx); err != nil {
		return err
	}
	var all []acknowledgement
	for _, a := range k.load.since(0) {
		all = append(all, a.acknowledgement)
	}
	k.audit = newAudit(k.trust)
	if err := k.audit.verify(ctx, killNodes, all, k.fetch); err != nil {
		return err
	}
	if err := k.stop(); err != nil {
		return err
	}
	var stopped []ledgerOfOne
	for _, n := range k.Nodes {
		s, err := openStopped(n, k.trust.Network)
		if err != nil {
			return err
		}
		defer func() { check(k.t, s.close()) }()
		stopped = append(stopped, s)
	}
	if err := k.audit.walk(stopped); err != nil {
		return err
	}
	k.audit.compare(all)
	if err := k.audit.err(); err != nil {
		return err
	}
	if want := len(all) * killNodes; k.audit.receipts != want {
		return fmt.Errorf("%d receipts verified, want %d", k.audit.receipts, want)
	}
	return nil
}

// fetch gives a receipt file of a node.
func (k *killing) fetch(ctx context.Context, i int, id ledger.Hash) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, killPatience)
	defer cancel()
	return k.client(i, k.load.people["REG.maker"]).ReceiptFile(ctx, id)
}

// silent is an error if a node's log holds what must not be there.
func (k *killing) silent() error {
	found := make(map[string][]string)
	for _, n := range k.Nodes {
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
