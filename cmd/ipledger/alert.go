// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/node/api"
)

func alertCommand(e *env) *cobra.Command {
	return noun("alert", "See what a party has to know of its rights and pledges", alertListCommand(e))
}

func alertListCommand(e *env) *cobra.Command {
	var f clientFlags
	var party, since string
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List alerts of the key's organisation: what becomes of its rights, pledges and applications",
		Example: "  ipledger alert list --key wang.json --since 2026-07-01T00:00:00+08:00",
		Args:    cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			var from time.Time
			if since != "" {
				var err error
				if from, err = time.Parse(time.RFC3339, since); err != nil {
					return wrongCall("--since %q is no time such as 2026-07-01T00:00:00+08:00", since)
				}
			}
			items, err := collect(e, limit, func(cursor string) ([]rights.Alert, string, error) {
				page, err := c.Alerts(ctx, party, from, limit, cursor)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("RAISED", "SEVERITY", "ALERT", "OF", "SUBJECT", "DUE", "TO")
			for _, a := range items {
				t.add(clockTime(a.RaisedAt), string(a.Severity), string(a.Kind), cmp.Or(a.PledgeNo, a.RightID), a.Subject, a.Due, strings.Join(a.To, ","))
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	cmd.Flags().StringVar(&party, "party", "", "party id (default: that of the key)")
	cmd.Flags().StringVar(&since, "since", "", "only what was raised at this time or later")
	limitFlag(cmd, &limit)
	return cmd
}
