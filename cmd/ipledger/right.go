// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func rightCommand(e *env) *cobra.Command {
	return noun("right", "Claim, confirm and look at rights",
		front{verb: "claim", method: "rights.claim", subject: claimedRight}.command(e),
		front{verb: "confirm", method: "rights.confirm", subject: "right_id"}.command(e),
		front{verb: "reject", method: "rights.reject", subject: "right_id"}.command(e),
		front{verb: "refresh", method: "rights.refresh", subject: "right_id"}.command(e),
		front{verb: "event", method: "rights.status_event", subject: "right_id"}.command(e),
		rightShowCommand(e),
		rightDossierCommand(e),
		rightListCommand(e),
		rightEventsCommand(e),
		rightHistoryCommand(e),
	)
}

func rightShowCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	cmd := &cobra.Command{
		Use:     "show TYPE:NUMBER|RIGHT_ID",
		Short:   "Print the public record and the status of a right, as the node says",
		Example: "  ipledger right show PATENT:201810234567.3",
		Args:    cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			r, err := c.RightAt(ctx, args[0], past)
			if err != nil {
				return err
			}
			return e.showRecord(r)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	pastFlags(cmd, &past)
	return cmd
}

func rightDossierCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	cmd := &cobra.Command{
		Use:     "dossier TYPE:NUMBER|RIGHT_ID",
		Short:   "Print everything that is known of a right at a time, as the node says",
		Example: "  ipledger right dossier PATENT:201810234567.3 --at-time 2026-06-30T23:59:59+08:00",
		Args:    cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			d, err := c.RightDossier(ctx, args[0], past)
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

func rightEventsCommand(e *env) *cobra.Command {
	var f clientFlags
	var limit int
	cmd := &cobra.Command{
		Use:   "events TYPE:NUMBER|RIGHT_ID",
		Short: "List what happened to a right at its register, for members",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			items, err := collect(e, limit, func(cursor string) ([]api.RightEvent, string, error) {
				page, err := c.RightEvents(ctx, args[0], limit, cursor)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("EVENT", "FACT", "KNOWN", "ON THE LEDGER", "REPORTED BY")
			for _, h := range items {
				t.add(h.Event.Event, clockTime(h.FactTime), clockTime(h.KnownTime), clockTime(h.LedgerTime), h.ReportedBy)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	limitFlag(cmd, &limit)
	return cmd
}

func rightListCommand(e *env) *cobra.Command {
	var f clientFlags
	var filter api.RightFilter
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List rights with their status, as the node says",
		Example: "  ipledger right list --owner 91510100MA6CA1R24N --at-time 2026-03-01T00:00:00+08:00",
		Args:    cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]api.RightItem, string, error) {
				filter.Cursor = cursor
				page, err := c.Rights(ctx, filter)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("NUMBER", "TYPE", "STATUS", "RIGHT ID", "OWNERS", "TITLE")
			for _, r := range items {
				t.add(r.Record.Number, string(r.Record.Type), string(r.Status), r.Record.RightID, strings.Join(r.Record.Owners, ","), r.Record.Title)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&filter.Number, "number", "", "only this number")
	cmd.Flags().StringVar(&filter.Owner, "owner", "", "only rights of this party id, or of those in whose place it stands")
	cmd.Flags().StringVar(&filter.State, "state", "", "only rights of this status, such as FREE")
	cmd.Flags().StringVar(&filter.BaseState, "base-state", "", "only rights of this state in the record, such as CONFIRMED")
	cmd.Flags().StringVar(&filter.Area, "area", "", "only rights of this area, 6 digits")
	periodFlags(cmd, "confirmed", "confirmed", &filter.ConfirmedFrom, &filter.ConfirmedTo)
	pastFlags(cmd, &filter.Past)
	limitFlag(cmd, &limit)
	return cmd
}
