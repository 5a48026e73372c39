// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func partyPortfolioCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	var limit int
	var counted bool
	cmd := &cobra.Command{
		Use:     "portfolio PARTY",
		Short:   "List the live pledges that an organisation holds, with the state of what is pledged, as the node says",
		Example: "  ipledger party portfolio 91510100MA6L1D0E2L --at-time 2026-06-30T23:59:59+08:00",
		Args:    cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			var counts api.PortfolioCounts
			if counted {
				limit = 0
			}
			items, err := collect(e, limit, func(cursor string) ([]api.PortfolioItem, string, error) {
				page, err := c.Portfolio(ctx, args[0], past, 0, cursor)
				counts.Add(page.Counts)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			if counted {
				return e.showRecord(counts)
			}
			t := newTable("PLEDGE NO", "STATE", "REGISTRAR", "RIGHT", "IN THE PLEDGE", "RANK", "STATUS", "EXPIRY", "FEE", "FLAGS")
			for _, item := range items {
				for _, r := range item.Rights {
					rank := ""
					if r.Rank > 0 {
						rank = strconv.Itoa(r.Rank)
					}
					t.add(item.Record.PledgeNo, string(item.Record.State), item.Record.Registrar, string(r.Type)+":"+r.Number,
						strings.TrimSpace(r.State+" "+r.Ground), rank, string(r.Status), r.ExpiryDate, r.FeeStatus, strings.Join(r.Flags, ","))
				}
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().BoolVar(&counted, "counts", false, "print how many there are by state, registrar, area and flag, and not the list")
	pastFlags(cmd, &past)
	limitFlag(cmd, &limit)
	return cmd
}
