// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func consentCommand(e *env) *cobra.Command {
	return noun("consent", "Ask pledgees to agree to a deal about a right, answer, report, and look at consents",
		front{verb: "request", method: "consents.request", subject: "right_id"}.command(e),
		front{verb: "grant", method: "consents.grant", subject: "consent_no"}.command(e),
		front{verb: "refuse", method: "consents.refuse", subject: "consent_no"}.command(e),
		front{verb: "report-proceeds", method: "consents.report_proceeds", subject: "consent_no"}.command(e),
		front{verb: "report-breach", method: "consents.report_breach", subject: "right_id"}.command(e),
		consentShowCommand(e),
		consentListCommand(e),
	)
}

func consentShowCommand(e *env) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "show CONSENT_NO --key FILE",
		Short: "Print a consent to one of its parties, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			consent, err := c.Consent(ctx, args[0])
			if err != nil {
				return err
			}
			return e.showRecord(consent)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	require(cmd, "key")
	return cmd
}

func consentListCommand(e *env) *cobra.Command {
	var f clientFlags
	var filter api.ConsentFilter
	var limit int
	cmd := &cobra.Command{
		Use:   "list --key FILE",
		Short: "List the consents and breaches that the key's organisation may see, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]api.ConsentItem, string, error) {
				filter.Cursor = cursor
				page, err := c.Consents(ctx, filter)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("CONSENT NO", "STATE", "KIND", "RIGHT ID", "REQUESTED BY", "UNTIL", "GRANTED")
			for _, i := range items {
				var granted []string
				for _, g := range i.Record.Grants {
					granted = append(granted, g.PledgeNo)
				}
				t.add(i.Record.ConsentNo, string(i.State), i.Record.Kind, i.Record.RightID, i.Record.RequestedBy, i.Record.Until, strings.Join(granted, ","))
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	require(cmd, "key")
	cmd.Flags().StringVar(&filter.Right, "right", "", "only consents about this right, TYPE:NUMBER or RIGHT_ID")
	cmd.Flags().StringVar(&filter.State, "state", "", "only consents of this state")
	pastFlags(cmd, &filter.Past)
	limitFlag(cmd, &limit)
	return cmd
}
