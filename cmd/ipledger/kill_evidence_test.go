// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// A stoppedNode is the two databases of a node that does not run.
type stoppedNode struct {
	node  devnetNode
	store *store.Store
	log   *log.Log
}

func openStopped(n devnetNode, network ledger.Network) (*stoppedNode, error) {
	s, err := store.Open(filepath.Join(n.DataDir, "ledger"), store.Options{Network: network})
	if err != nil {
		return nil, err
	}
	l, _, err := log.Open(filepath.Join(n.DataDir, "consensus"), log.Options{Chain: network.Chain})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &stoppedNode{node: n, store: s, log: l}, nil
}

func (n *stoppedNode) close() error { return errors.Join(n.store.Close(), n.log.Close()) }

func (n *stoppedNode) name() string { return n.node.Name }

func (n *stoppedNode) top() uint64 {
	head, _ := n.store.Head()
	return head.Header.Height
}

func (n *stoppedNode) block(height uint64) (storedBlock, error) {
	b, err := n.store.Block(height)
	if err != nil {
		return storedBlock{}, err
	}
	out := storedBlock{certified: ledger.Certified{Header: b.Header}, transactions: b.Transactions}
	if out.outcomes, err = n.store.Outcomes(height); err != nil || height == 0 {
		return out, err
	}
	if out.certified, err = n.store.Proof(height); err != nil {
		return storedBlock{}, err
	}
	prepared, ok, err := n.log.Prepared(height)
	if ok {
		out.prepared = &prepared
	}
	return out, err
}

// complaints gives the lines of a node's log that no fault of other nodes
// explains: alarms of consensus and other errors, and whatever is no entry of
// the log, such as a panic. That a leader is muted is explained: a quorum did not
// hear of its blocks.
func complaints(log io.Reader) ([]string, error) {
	var found []string
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			var entry struct {
				Level slog.Level
				Msg   string
				Kind  consensus.AlarmKind
			}
			err := json.Unmarshal(text, &entry)
			if err != nil || entry.Msg == "" || entry.Level >= slog.LevelError && entry.Kind != consensus.AlarmMuted {
				found = append(found, string(text))
			}
		}
		if err == io.EOF {
			return found, nil
		}
		if err != nil {
			return found, fmt.Errorf("read log: %w", err)
		}
	}
}

// logTail is the last lines of a node's log.
func logTail(n devnetNode, lines int) string {
	raw, err := os.ReadFile(logFile(n))
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
