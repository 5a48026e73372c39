// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func loanCommand(e *env) *cobra.Command {
	return noun("loan", "Certify what happens to loans, and look at them",
		front{verb: "sign", method: "loans.sign", subject: "borrower"}.command(e),
		front{verb: "disburse", method: "loans.disburse", subject: "loan_no"}.command(e),
		front{verb: "settle", method: "loans.settle", subject: "loan_no"}.command(e),
		loanShowCommand(e),
	)
}

func loanShowCommand(e *env) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "show LOAN_NO --key FILE",
		Short: "Print a loan to one of its parties, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			l, err := c.Loan(ctx, args[0])
			if err != nil {
				return err
			}
			return e.showRecord(l)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	require(cmd, "key")
	return cmd
}
