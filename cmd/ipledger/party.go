// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/node/api"
)

func partyCommand(e *env) *cobra.Command {
	return noun("party", "Register organisations, look at them, and let agents sign for them",
		front{verb: "register", method: "parties.register", subject: "uscc"}.command(e),
		front{verb: "update", method: "parties.update"}.command(e),
		front{verb: "delegate", method: "parties.delegate", subject: "agent"}.command(e),
		front{verb: "end-delegation", method: "parties.end_delegation", subject: "agent"}.command(e),
		partyShowCommand(e),
		partyListCommand(e),
		partyPortfolioCommand(e),
	)
}

func personCommand(e *env) *cobra.Command {
	return noun("person", "Enrol and revoke an organisation's people, their roles and keys",
		front{verb: "enrol", method: "persons.enrol", subject: "key"}.command(e),
		front{verb: "roles", method: "persons.roles", subject: "person_id"}.command(e),
		front{verb: "substitute", method: "persons.substitute", subject: "person_id"}.command(e),
		front{verb: "revoke", method: "persons.revoke", subject: "person_id"}.command(e),
		front{verb: "rotate-key", method: "persons.rotate_key", subject: "person_id"}.command(e),
		front{verb: "veto-rotation", method: "persons.veto_rotation", subject: "person_id"}.command(e),
		personListCommand(e),
	)
}

func partyShowCommand(e *env) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "show PARTY",
		Short: "Print the public record of an organisation, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			p, err := c.Party(ctx, args[0])
			if err != nil {
				return err
			}
			return e.showRecord(p)
		}),
	}
	f.add(e, cmd)
	return cmd
}

func partyListCommand(e *env) *cobra.Command {
	var f clientFlags
	var role, name string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List organisations, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]contracts.Party, string, error) {
				page, err := c.Parties(ctx, api.PartyFilter{Role: role, Name: name, Cursor: cursor})
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("PARTY", "ROLE", "STATUS", "NAME", "")
			for _, p := range items {
				t.add(p.PartyID, string(p.Role), p.Status, p.NameZH, p.NameEN)
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&role, "role", "", "only organisations of this kind, such as BANK")
	cmd.Flags().StringVar(&name, "name", "", "only those that have or had exactly this name, or have this party id")
	limitFlag(cmd, &limit)
	return cmd
}

func personListCommand(e *env) *cobra.Command {
	var f clientFlags
	var organisation string
	var limit int
	cmd := &cobra.Command{
		Use:   "list --key FILE",
		Short: "List the people of an organisation to a member, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			var at int64 // the block's time
			items, err := collect(e, limit, func(cursor string) ([]contracts.Person, string, error) {
				page, err := c.Persons(ctx, organisation, 0, cursor)
				at = page.BlockTimeMS
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("PERSON", "ORGANISATION", "ROLES", "ENROLLED", "REVOKED", "KEY")
			for _, p := range items {
				revoked := ""
				if p.RevokedAt != 0 {
					revoked = clockTime(p.RevokedAt)
				}
				t.add(p.PersonID, p.Organisation, joined(p.RolesAt(at)), clockTime(p.EnrolledAt), revoked, p.KeyAt(at).String())
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	cmd.Flags().StringVar(&organisation, "organisation", "", "party id (default: that of the key)")
	limitFlag(cmd, &limit)
	require(cmd, "key")
	return cmd
}
