// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/node/api"
)

func disposalCommand(e *env) *cobra.Command {
	return noun("disposal", "Sell what is pledged in an enforcement, and look at sales",
		front{verb: "offer", method: "disposals.list", subject: "pledge_no"}.command(e), // list is for looking
		front{verb: "bid", method: "disposals.bid", subject: "disposal_no"}.command(e),
		front{verb: "close", method: "disposals.close", subject: "disposal_no"}.command(e),
		front{verb: "fail", method: "disposals.fail", subject: "disposal_no"}.command(e),
		front{verb: "relist", method: "disposals.relist", subject: "disposal_no"}.command(e),
		front{verb: "set-off", method: "disposals.set_off", subject: "disposal_no"}.command(e),
		front{verb: "stop", method: "disposals.stop", subject: "disposal_no"}.command(e),
		front{verb: "settle", method: "disposals.settle", subject: "disposal_no"}.command(e),
		disposalShowCommand(e),
		disposalListCommand(e),
	)
}

func disposalShowCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	cmd := &cobra.Command{
		Use:   "show DISPOSAL_NO",
		Short: "Print a disposal, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			d, err := c.DisposalAt(ctx, args[0], past)
			if err != nil {
				return err
			}
			return e.showRecord(d)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	pastFlags(cmd, &past)
	return cmd
}

func disposalListCommand(e *env) *cobra.Command {
	var f clientFlags
	var filter api.DisposalFilter
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List disposals, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]disposals.Record, string, error) {
				filter.Cursor = cursor
				page, err := c.Disposals(ctx, filter)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("DISPOSAL NO", "STATE", "ROUND", "KIND", "CURRENCY", "RESERVE", "PRICE", "OPENS", "CLOSES", "RIGHTS")
			for _, d := range items {
				round := d.Round()
				opens, closes, price := "", "", ""
				if round.OpensAt != 0 {
					opens, closes = clockTime(round.OpensAt), clockTime(round.ClosesAt)
				}
				if d.Price != 0 {
					price = d.Price.String()
				}
				var numbers []string
				for _, r := range d.Rights {
					numbers = append(numbers, r.Number)
				}
				t.add(d.DisposalNo, string(d.State), strconv.Itoa(len(d.Rounds)), round.Kind, d.Currency, round.ReservePrice.String(), price, opens, closes, strings.Join(numbers, ","))
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&filter.Right, "right", "", "only disposals of this right, TYPE:NUMBER or RIGHT_ID")
	cmd.Flags().StringVar(&filter.PledgeNo, "pledge-no", "", "only disposals of this pledge")
	cmd.Flags().StringVar(&filter.State, "state", "", "only disposals of this state")
	cmd.Flags().StringVar(&filter.Area, "area", "", "only disposals of this area, 6 digits")
	pastFlags(cmd, &filter.Past)
	limitFlag(cmd, &limit)
	return cmd
}
