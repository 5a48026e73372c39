// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/node/api"
)

func pledgeCommand(e *env) *cobra.Command {
	step := func(verb string) *cobra.Command {
		return front{verb: verb, method: "pledges." + strings.ReplaceAll(verb, "-", "_"), subject: "pledge_no"}.command(e)
	}
	return noun("pledge", "Apply for, register, change, enforce, release and look at pledges",
		pledgeSubmitCommand(e),
		step("resubmit"), step("accept"), step("correct"), step("refuse"), step("withdraw"), step("register"),
		step("change"), step("partial-release"), step("extend"), step("transfer"), step("fix-claim"),
		front{verb: "change-rank", method: "pledges.change_rank", subject: "right_id"}.command(e),
		step("demand"), step("start-enforcement"), step("end-enforcement"),
		step("consent-release"), step("withdraw-release"), step("cancel"), step("revoke"),
		pledgeShowCommand(e),
		pledgeListCommand(e),
		pledgeHistoryCommand(e),
	)
}

func pledgeSubmitCommand(e *env) *cobra.Command {
	cmd := front{verb: "submit", method: "pledges.submit", subject: "rights", acting: []string{"pledgees"}}.command(e)
	cmd.Use = "submit RIGHT..."
	cmd.Args = cobra.MinimumNArgs(1)
	cmd.Example = `  ipledger pledge submit PATENT:201810234567.3 --pledgors 91510100MA6CA1R24N --sealed terms.json \
    --actor 91510100MA6L1D0E2L --signer maker=li.json --signer checker=wang.json \
    --signer 91510100MA6CA1R24N:countersigner=rx.json --genesis genesis.json --receipt receipt`
	return cmd
}

func pledgeShowCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	cmd := &cobra.Command{
		Use:   "show PLEDGE_NO",
		Short: "Print a pledge, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			p, err := c.PledgeAt(ctx, args[0], past)
			if err != nil {
				return err
			}
			return e.showRecord(p)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	pastFlags(cmd, &past)
	return cmd
}

func pledgeListCommand(e *env) *cobra.Command {
	var f clientFlags
	var filter api.PledgeFilter
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List pledges, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]pledges.Record, string, error) {
				filter.Cursor = cursor
				page, err := c.Pledges(ctx, filter)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("PLEDGE NO", "STATE", "STATUTORY NO", "REGISTERED", "RIGHTS", "PLEDGEES")
			for _, p := range items {
				var numbers []string
				for _, r := range p.Rights {
					numbers = append(numbers, r.Number)
				}
				registered := ""
				if p.StatutoryTime != 0 {
					registered = clockTime(p.StatutoryTime)
				}
				t.add(p.PledgeNo, string(p.State), p.StatutoryNo, registered, strings.Join(numbers, ","), strings.Join(p.Pledgees, ","))
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&filter.Right, "right", "", "only pledges of this right, TYPE:NUMBER or RIGHT_ID")
	cmd.Flags().StringVar(&filter.State, "state", "", "only pledges of this state at the block's time")
	cmd.Flags().StringVar(&filter.PledgeNo, "pledge-no", "", "only the pledge of this platform number")
	cmd.Flags().StringVar(&filter.Pledgee, "pledgee", "", "only pledges to this party id, or to those in whose place it stands")
	cmd.Flags().StringVar(&filter.Pledgor, "pledgor", "", "only pledges by this party id, or by those in whose place it stands")
	cmd.Flags().StringVar(&filter.Area, "area", "", "only pledges of this area, 6 digits")
	cmd.Flags().StringVar(&filter.StatutoryNo, "statutory-no", "", "only the pledge of this statutory number")
	cmd.Flags().StringVar(&filter.Registrar, "registrar", "", "only pledges of this statutory registrar, such as CNIPA")
	cmd.Flags().StringVar(&filter.PoolNo, "pool-no", "", "only pledges of this pool")
	periodFlags(cmd, "registered", "registered in blocks", &filter.RegisteredFrom, &filter.RegisteredTo)
	periodFlags(cmd, "statutory", "registered by the statutory registrar", &filter.StatutoryFrom, &filter.StatutoryTo)
	periodFlags(cmd, "submitted", "applied for", &filter.SubmittedFrom, &filter.SubmittedTo)
	pastFlags(cmd, &filter.Past)
	limitFlag(cmd, &limit)
	return cmd
}
