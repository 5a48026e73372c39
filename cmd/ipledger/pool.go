// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/api"
)

func poolCommand(e *env) *cobra.Command {
	return noun("pool", "Group rights that are financed together, and pledge them",
		front{verb: "create", method: "pools.create", subject: ""}.command(e),
		front{verb: "add", method: "pools.add", subject: "pool_no"}.command(e),
		front{verb: "pledge", method: "pools.pledge", subject: "pool_no", acting: []string{"pledgees"}}.command(e),
		poolShowCommand(e),
	)
}

func poolShowCommand(e *env) *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{
		Use:   "show POOL_NO --key FILE",
		Short: "Print a pool, as the node says",
		Args:  cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			pool, err := c.Pool(ctx, args[0])
			if err != nil {
				return err
			}
			return e.showRecord(pool)
		}),
	}
	f.add(e, cmd)
	f.addKey(cmd)
	require(cmd, "key")
	return cmd
}
