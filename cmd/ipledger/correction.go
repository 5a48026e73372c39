// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/corrections"
	"github.com/ipledger/ipledger/node/api"
)

func correctionCommand(e *env) *cobra.Command {
	return noun("correction", "Annotate and correct entries, and look at what was said of them",
		front{verb: "annotate", method: "corrections.annotate", subject: "subject"}.command(e),
		front{verb: "correct", method: "corrections.correct_error", subject: "subject"}.command(e),
		correctionListCommand(e),
	)
}

func correctionListCommand(e *env) *cobra.Command {
	var f clientFlags
	var filter api.CorrectionFilter
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List annotations and corrections, as the node says",
		Example: "  ipledger correction list --key wang.json --subject IPR-510100-20260301-0000001-M",
		Args:    cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]corrections.Record, string, error) {
				filter.Cursor = cursor
				page, err := c.Corrections(ctx, filter)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("TIME", "KIND", "SUBJECT", "ENTRY", "NO", "SIGNED FOR", "TEXT")
			for _, r := range items {
				t.add(clockTime(r.Time), r.Kind, r.Subject, r.Corrects.String(), fmt.Sprint(r.Seq), strings.Join(r.SignedFor, ","), r.Text)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	cmd.Flags().StringVar(&filter.Subject, "subject", "", "only those about this pledge, right id or freeze")
	cmd.Flags().StringVar(&filter.Transaction, "transaction", "", "only those about the entry of this transaction")
	pastFlags(cmd, &filter.Past)
	limitFlag(cmd, &limit)
	return cmd
}
