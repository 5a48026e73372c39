// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/p2p"
)

// The methods here are what the API asks of the node: api.Node.

// Submit hands a client's transaction to the intake, unless the node is about to
// end.
func (n *Node) Submit(ctx context.Context, tx *ledger.Transaction) error {
	if n.edge.Draining() {
		return api.Draining()
	}
	err := n.intake.Submit(ctx, tx)
	if errors.Is(err, ledger.ErrBusy) && n.edge.Draining() {
		return api.Draining() // it waited to be taken when the node was told to end
	}
	return err
}

// Progress tells how far a transaction has come that is not FINAL.
func (n *Node) Progress(id ledger.Hash) api.Progress {
	tx, seen := n.intake.received.get(id)
	out := api.Progress{State: api.Unknown, ValidUntil: tx.validUntil, Reference: tx.reference}
	if seen {
		out.State = api.Received
	}
	if height, ok := n.executor.orderedAt(id); ok {
		out.State, out.Height = api.Ordered, height
	}
	return out
}

// Head is the newest FINAL block that may be reported.
func (n *Node) Head() store.Head {
	newest, _ := n.head.get()
	return newest
}

// Changed gives a channel that is closed at the next FINAL block.
func (n *Node) Changed() <-chan struct{} {
	_, changed := n.head.get()
	return changed
}

// roleIn is what a node of the validator set does in a phase.
func roleIn(p consensus.Phase) string {
	if p == consensus.Observer {
		return api.RoleObserver
	}
	return api.RoleValidator
}

// Status tells where this node stands.
func (n *Node) Status() api.Status {
	s := n.orderer.status.Load()
	set := n.identity.Trust.Sets[0]
	out := api.Status{
		Name:         n.config.Name,
		Organisation: set.Members[n.identity.Place].Organisation,
		Role:         roleIn(s.Phase),
		Phase:        string(s.Phase),
		Set:          s.Set,
		Round:        s.Round,
		Term:         s.Term,
		Leading:      s.Leading,
		Executed:     s.Executed,
		Mempool:      s.Mempool,
		Draining:     n.edge.Draining(),
		Held:         n.brake.why(),
	}
	if s.HasLeader {
		out.Leader = &set.Members[s.Leader].Name
	}
	connected := n.host.Connected()
	for i, v := range set.Members {
		one := api.ValidatorStatus{
			Name: v.Name, Organisation: v.Organisation, Key: v.Key, PeerFinal: s.PeerFinal[i],
			Connected: slices.Contains(connected, p2p.MemberID(v.Name)),
		}
		if uint64(i) == n.identity.Place {
			one.PeerFinal, one.Connected = s.Final, true
		}
		out.Validators = append(out.Validators, one)
	}
	return out
}

// answered counts every request, and logs it at the level debug: nothing of what
// its sender wrote but the method.
func (n *Node) answered(m *metrics) func(api.Answered) {
	return func(a api.Answered) {
		m.request(a)
		ctx := context.Background()
		if !n.logger.Enabled(ctx, slog.LevelDebug) {
			return
		}
		n.logger.LogAttrs(ctx, slog.LevelDebug, "request answered", slog.String("method", a.Method), slog.String("route", a.Route),
			slog.Int("code", a.Status), slog.Duration("took", a.Took), slog.String("organisation", a.Organisation))
	}
}
