// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

func (d *demo) killLeader(ctx context.Context) error {
	leader, term, naming, err := d.agreedLeader(ctx, -1, 0)
	if err != nil {
		return err
	}
	if err := d.expect(len(naming) >= d.quorum(), "%s name %s as leader of term %d", strings.Join(naming, ", "), d.Nodes[leader].Name, term); err != nil {
		return err
	}
	n := &d.Nodes[leader]
	d.victim, d.killedAt = leader, time.Now()
	d.processes[leader].kill()
	d.note("SIGKILL to process %d, %s of %s %s", n.PID, n.Name, n.OrganisationCode, n.OrganisationName)
	n.PID = 0
	if err := d.write(d.dir); err != nil {
		return err
	}
	next, newTerm, naming, err := d.agreedLeader(ctx, leader, term)
	if err != nil {
		return err
	}
	return d.expect(newTerm > term && next != leader, "after %.1f s %s name %s as leader of term %d, which is above %d",
		time.Since(d.killedAt).Seconds(), strings.Join(naming, ", "), d.Nodes[next].Name, newTerm, term)
}

// agreedLeader waits until a quorum of nodes names one running leader other than
// not, in one term above the given one, and gives its place, its term and who
// names it.
func (d *demo) agreedLeader(ctx context.Context, not int, above uint64) (leader int, term uint64, naming []string, err error) {
	err = until(ctx, 30*time.Second, func(ctx context.Context) (bool, error) {
		type view struct {
			leader string
			term   uint64
		}
		views := make(map[view][]string)
		for i, n := range d.Nodes {
			if !d.processes[i].running() {
				continue
			}
			status, err := statusOf(ctx, n)
			if err == nil && status.Leader != nil {
				v := view{*status.Leader, status.Term}
				views[v] = append(views[v], n.Name)
			}
		}
		for v, names := range views {
			leader = slices.IndexFunc(d.Nodes, func(n devnetNode) bool { return n.Name == v.leader })
			term, naming = v.term, names
			if len(names) >= d.quorum() && leader >= 0 && leader != not && term > above {
				return true, nil
			}
		}
		return false, fmt.Errorf("no %d nodes agree on a leader: %v", d.quorum(), views)
	})
	return leader, term, naming, err
}

func (d *demo) quorum() int { return d.network.trust.Sets[0].Quorum() }

func (d *demo) restartVictim(ctx context.Context) error {
	begun := time.Now()
	if err := d.startNode(d.victim); err != nil {
		return err
	}
	n := d.Nodes[d.victim]
	if err := d.write(d.dir); err != nil {
		return err
	}
	d.note("%s runs again as process %d, on the data it had", n.Name, n.PID)
	type place struct {
		height uint64
		root   ledger.Hash
	}
	var places []place
	if err := until(ctx, 60*time.Second, func(ctx context.Context) (bool, error) {
		places = nil
		for _, n := range d.Nodes {
			status, err := statusOf(ctx, n)
			if err != nil {
				return false, err
			}
			places = append(places, place{status.Height, status.StateRoot})
		}
		if slices.ContainsFunc(places, func(p place) bool { return p.height != places[0].height }) {
			return false, fmt.Errorf("heights differ: %v", places)
		}
		return true, nil
	}); err != nil {
		return err
	}
	t := newTable("NODE", "HEIGHT", "STATE ROOT")
	for i, p := range places {
		t.add(d.Nodes[i].Name, strconv.FormatUint(p.height, 10), p.root.String())
	}
	if err := d.show(t); err != nil {
		return err
	}
	return d.expect(len(slices.Compact(places)) == 1, "it caught up in %.1f s: equal height, equal state root on all %d nodes", time.Since(begun).Seconds(), len(d.Nodes))
}
