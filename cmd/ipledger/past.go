// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

// A momentFlag is a flag that takes a time, in both forms that arguments do.
type momentFlag struct{ at *time.Time }

func (f momentFlag) String() string {
	if f.at == nil || f.at.IsZero() {
		return ""
	}
	return f.at.Format(time.RFC3339)
}

func (f momentFlag) Set(text string) error {
	ms, err := parseMoment(text)
	if err == nil {
		*f.at = time.UnixMilli(ms)
	}
	return err
}

func (momentFlag) Type() string { return "time" }

// pastFlags add the flags of a question that can be asked of the past.
func pastFlags(cmd *cobra.Command, past *api.Past) {
	cmd.Flags().Uint64Var(&past.AtHeight, "at-height", 0, "as of this block (default: the newest)")
	cmd.Flags().Var(momentFlag{&past.AtTime}, "at-time", "as of the last block not after this time, RFC 3339 or ms since 1970 UTC")
}

// periodFlags add the flags of a period.
func periodFlags(cmd *cobra.Command, name, what string, from, to *time.Time) {
	cmd.Flags().Var(momentFlag{from}, name+"-from", "only those "+what+" at this time or later")
	cmd.Flags().Var(momentFlag{to}, name+"-to", "only those "+what+" before this time")
}

func rightHistoryCommand(e *env) *cobra.Command {
	var f clientFlags
	var limit int
	cmd := &cobra.Command{
		Use:     "history TYPE:NUMBER|RIGHT_ID",
		Short:   "List all versions of a right's record, the newest first, as the node says",
		Long:    "List all versions of a right's record, the newest first, as the node says. With -o json it\nprints whole records and, with --key, the transactions of each version.",
		Example: "  ipledger right history PATENT:201810234567.3",
		Args:    cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			items, err := collect(e, limit, func(cursor string) ([]api.RightVersion, string, error) {
				page, err := c.RightHistory(ctx, args[0], 0, cursor)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("HEIGHT", "BLOCK TIME", "STATE", "STATUS", "OWNERS", "PLEDGES")
			for _, v := range items {
				state, owners, pledges := "", "", ""
				if v.Record != nil {
					state, owners, pledges = string(v.Record.BaseState), joined(v.Record.Owners), strconv.Itoa(len(v.Record.Pledges))
				}
				t.add(strconv.FormatUint(v.Height, 10), clockTime(v.BlockTimeMS), state, string(v.Status), owners, pledges)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	limitFlag(cmd, &limit)
	return cmd
}

func pledgeHistoryCommand(e *env) *cobra.Command {
	var f clientFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "history PLEDGE_NO",
		Short: "List all versions of a pledge's record, the newest first, as the node says",
		Long:  "List all versions of a pledge's record, the newest first, as the node says. With -o json it\nprints whole records and, with --key, the transactions of each version.",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			items, err := collect(e, limit, func(cursor string) ([]api.PledgeVersion, string, error) {
				page, err := c.PledgeHistory(ctx, args[0], 0, cursor)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("HEIGHT", "BLOCK TIME", "STATE", "STATUTORY NO", "PLEDGEES")
			for _, v := range items {
				statutory, pledgees := "", ""
				if v.Record != nil {
					statutory, pledgees = v.Record.StatutoryNo, joined(v.Record.Pledgees)
				}
				t.add(strconv.FormatUint(v.Height, 10), clockTime(v.BlockTimeMS), string(v.State), statutory, pledgees)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	limitFlag(cmd, &limit)
	return cmd
}
