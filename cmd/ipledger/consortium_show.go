// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

func proposalsCommand(e *env) *cobra.Command {
	var f clientFlags
	var state string
	var limit int
	cmd := &cobra.Command{
		Use:   "proposals [ID] --key FILE",
		Short: "List the proposals to a member, or print one with its ballots, as the node says",
		Args:  cobra.MaximumNArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			if len(args) == 1 {
				id, err := keys.ParseHash(args[0])
				if err != nil {
					return usageError{err}
				}
				p, err := c.Proposal(ctx, id)
				if err != nil {
					return err
				}
				return e.showRecord(p)
			}
			items, err := collect(e, limit, func(cursor string) ([]api.ProposalItem, string, error) {
				page, err := c.Proposals(ctx, api.ProposalFilter{State: strings.ToUpper(state), Cursor: cursor})
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("STATE", "YES", "NO", "OF", "METHOD", "PROPOSER", "OPENED", "OPEN UNTIL", "PROPOSAL", "TITLE")
			for _, p := range items {
				yes, no, of := "-", "-", "-" // ended without a count
				if p.Tally != nil {
					yes, no, of = numeral(p.Tally.Yes), numeral(p.Tally.No), numeral(p.Tally.Electorate)
				}
				t.add(string(p.State), yes, no, of, p.Contract+"."+p.Method,
					p.Proposer, clockTime(p.OpenedAt), clockTime(p.Until), p.ID.String(), p.Title)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	var states []string
	for _, s := range consortium.States() {
		states = append(states, string(s))
	}
	cmd.Flags().StringVar(&state, "state", "", "only those that are: "+strings.Join(states, ", "))
	limitFlag(cmd, &limit)
	require(cmd, "key")
	return cmd
}

func numeral(n uint64) string { return strconv.FormatUint(n, 10) }

func parametersCommand(e *env) *cobra.Command {
	var f clientFlags
	var height uint64
	cmd := &cobra.Command{
		Use:   "parameters [PREFIX]",
		Short: "Print the figures in force, or those whose key begins so, as the node says",
		Args:  cobra.MaximumNArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			p, err := c.Parameters(ctx, height)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				all := p.Items
				p.Items = []api.Parameter{}
				for _, one := range all {
					if strings.HasPrefix(one.Key, args[0]) {
						p.Items = append(p.Items, one)
					}
				}
			}
			t := newTable("PARAMETER", "VALUE", "UNIT", "BOUNDS", "SINCE", "SOURCE", "")
			for _, one := range p.Items {
				since, source := "", one.Source
				if one.Change != nil {
					since, source = fmt.Sprintf("version %d", one.Change.Version), one.Change.Source
				}
				t.add(one.Key, strconv.FormatInt(one.Value, 10), string(one.Unit), fmt.Sprintf("%d to %d", one.Min, one.Max), since, source, e.text(one.Title, one.TitleZH))
			}
			return e.show(p, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().Uint64Var(&height, "at-height", 0, "as of this height (default: the newest FINAL block)")
	return cmd
}

func calendarsCommand(e *env) *cobra.Command {
	var f clientFlags
	var height uint64
	cmd := &cobra.Command{
		Use:   "calendars",
		Short: "Print the calendars of working days that the ledger holds, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			all, err := c.Calendars(ctx, height)
			if err != nil {
				return err
			}
			t := newTable("YEAR", "STATUS", "OFF", "WORK", "SOURCE")
			for _, one := range all.Items {
				status := e.text("announced", "已公布")
				if one.Provisional {
					status = e.text("provisional", "暂定")
				}
				t.add(numeral(one.Year), status, days(one.Off), days(one.Work), one.Source)
			}
			return e.show(all, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().Uint64Var(&height, "at-height", 0, "as of this height (default: the newest FINAL block)")
	return cmd
}

// days shows days of a year, MM-DD.
func days(numbers []uint64) string {
	var texts []string
	for _, n := range numbers {
		texts = append(texts, fmt.Sprintf("%02d-%02d", n/100, n%100))
	}
	return joined(texts)
}
