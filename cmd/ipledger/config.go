// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node"
)

// configFlags are the flags of commands that read a node's configuration: the
// data directory, and those settings that have one.
type configFlags struct {
	dir   string
	given map[string]*string // by the settings' names
}

func (f *configFlags) add(cmd *cobra.Command) {
	f.given = make(map[string]*string)
	cmd.Flags().StringVar(&f.dir, "dir", "", "data directory")
	for _, s := range node.Settings() {
		if s.Flag {
			f.given[s.Name] = cmd.Flags().String(s.FlagName(), "", s.Doc+" (environment: "+s.Variable()+")")
		}
	}
	require(cmd, "dir")
}

// read gives the effective configuration and where each value comes from.
func (f *configFlags) read(e *env, cmd *cobra.Command) (node.Config, map[string]node.Source, error) {
	flags := make(map[string]string)
	for _, s := range node.Settings() {
		if s.Flag && cmd.Flags().Changed(s.FlagName()) {
			flags[s.Name] = *f.given[s.Name]
		}
	}
	return node.ReadConfig(f.dir, func(name string) string {
		if name == "IPLEDGER_PASSPHRASE_FILE" {
			return e.passphrasePath("")
		}
		return e.Getenv(name)
	}, flags)
}

// load is read for a node that is to start.
func (f *configFlags) load(e *env, cmd *cobra.Command) (node.Config, error) {
	c, _, err := f.read(e, cmd)
	if err != nil {
		return c, err
	}
	return c, c.Check()
}
