// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func statusCommand(e *env) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Print where a node stands",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			s, err := c.Status(ctx)
			if err != nil {
				return err
			}
			if e.output == "json" {
				return e.show(s, nil)
			}
			ready, checks, err := c.Ready(ctx)
			if err != nil {
				return err
			}
			return e.showStatus(s, readiness(ready, checks))
		}),
	}
	f.add(e, cmd)
	return cmd
}

// readiness says in a line whether a node is ready, and if not what is amiss.
func readiness(ready bool, checks string) string {
	if ready {
		return "yes"
	}
	var amiss []string
	for line := range strings.Lines(checks) {
		if found, ok := strings.CutPrefix(strings.TrimSpace(line), "[-] "); ok {
			amiss = append(amiss, found)
		}
	}
	return strings.TrimSuffix("no: "+strings.Join(amiss, "; "), ": ")
}

func (e *env) showStatus(s api.Status, ready string) error {
	leader := "none known"
	if s.Leader != nil {
		leader = *s.Leader
	}
	t := newTable()
	t.fact("node", fmt.Sprintf("%s, %s of %s", s.Name, s.Role, s.Organisation))
	t.fact("network", s.Network+" "+s.Chain.String())
	t.fact("phase", s.Phase)
	t.fact("ready", ready)
	if s.Draining {
		t.fact("draining", e.text("this node is about to end and takes no transactions", "本节点即将停止，不再受理交易"))
	}
	if s.Held != nil {
		t.fact("held", s.Held.Reason+": "+e.text(s.Held.Detail, s.Held.ZH))
	}
	t.fact("final height", strconv.FormatUint(s.Height, 10))
	t.fact("block", s.BlockHash.String())
	t.fact("block time", s.BlockTime)
	t.fact("state root", s.StateRoot.String())
	t.fact("leader", fmt.Sprintf("%s (set %d, round %d, term %d)", leader, s.Set, s.Round, s.Term))
	t.fact("executed", strconv.FormatUint(s.Executed, 10))
	t.fact("mempool", strconv.Itoa(s.Mempool))
	if up := s.Upgrade; up != nil {
		known := e.text("known to its program", "其程序支持")
		if !up.Known {
			known = e.text("NOT known to its program: the node stops before that height", "其程序不支持，节点将停在该高度之前")
		}
		t.fact("upgrade", fmt.Sprintf("version %d from height %d, %s", up.Version, up.Height, known))
	}
	t.fact("program", fmt.Sprintf("%s, rules of version %d", s.Version, s.ExecutionVersion))
	if err := e.show(nil, t); err != nil {
		return err
	}
	v := newTable("VALIDATOR", "ORGANISATION", "CONNECTED", "FINAL HERE", "KEY")
	for _, m := range s.Validators {
		v.add(m.Name, m.Organisation, map[bool]string{true: "yes", false: "no"}[m.Connected], strconv.FormatUint(m.PeerFinal, 10), m.Key.String())
	}
	return e.show(nil, v)
}
