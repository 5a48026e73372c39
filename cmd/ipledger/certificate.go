// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func certificateCommand(e *env) *cobra.Command {
	return noun("certificate", "Look at certificates of pledges", certificateShowCommand(e))
}

func certificateShowCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	cmd := &cobra.Command{
		Use:     "show CERTIFICATE_NO",
		Short:   "Print a certificate, whether it holds, and what it certifies, as the node says",
		Example: "  ipledger certificate show CRT-510100-20260312-0000001-F",
		Args:    cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			certificate, err := c.Certificate(ctx, args[0], past)
			if err != nil {
				return err
			}
			return e.showRecord(certificate)
		}),
	}
	f.add(e, cmd)
	pastFlags(cmd, &past)
	return cmd
}
