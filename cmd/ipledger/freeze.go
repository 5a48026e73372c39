// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func freezeCommand(e *env) *cobra.Command {
	return noun("freeze", "Record, renew, lift and look at courts' freezes",
		front{verb: "record", method: "freezes.record", subject: "right_id"}.command(e),
		front{verb: "renew", method: "freezes.renew", subject: "freeze_no"}.command(e),
		front{verb: "lift", method: "freezes.lift", subject: "freeze_no"}.command(e),
		freezeShowCommand(e),
		freezeListCommand(e),
	)
}

func freezeShowCommand(e *env) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "show FREEZE_NO",
		Short: "Print a freeze, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			freeze, err := c.Freeze(ctx, args[0])
			if err != nil {
				return err
			}
			return e.showRecord(freeze)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	return cmd
}

func freezeListCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	cmd := &cobra.Command{
		Use:   "list TYPE:NUMBER|RIGHT_ID",
		Short: "List the freezes of a right that stand or ended within a year, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			list, err := c.Freezes(ctx, args[0], past)
			if err != nil {
				return err
			}
			t := newTable("FREEZE NO", "STATE", "RECEIVED", "UNTIL")
			for _, item := range list.Items {
				t.add(item.Freeze.FreezeNo, item.State, clockTime(item.Freeze.ReceivedAt), item.Freeze.Until)
			}
			return e.show(list.Items, t)
		}),
	}
	f.add(e, cmd)
	pastFlags(cmd, &past)
	return cmd
}
