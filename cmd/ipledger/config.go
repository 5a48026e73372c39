// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/preflight"
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
	for _, s := range config.Settings() {
		if s.Flag {
			f.given[s.Name] = cmd.Flags().String(s.FlagName(), "", s.Doc+" (environment: "+s.Variable()+")")
		}
	}
	require(cmd, "dir")
}

// read gives the effective configuration and where each value comes from.
func (f *configFlags) read(e *env, cmd *cobra.Command) (config.Config, map[string]config.Source, error) {
	flags := make(map[string]string)
	for _, s := range config.Settings() {
		if s.Flag && cmd.Flags().Changed(s.FlagName()) {
			flags[s.Name] = *f.given[s.Name]
		}
	}
	return config.Read(f.dir, func(name string) string {
		if name == "IPLEDGER_PASSPHRASE_FILE" {
			return e.passphrasePath("")
		}
		return e.Getenv(name)
	}, flags)
}

// load is read for a node that is to start.
func (f *configFlags) load(e *env, cmd *cobra.Command) (config.Config, error) {
	c, _, err := f.read(e, cmd)
	if err != nil {
		return c, err
	}
	return c, c.Check()
}

func configCommand(e *env) *cobra.Command {
	return noun("config", "Show and check the configuration of a node", configPrintCommand(e), configCheckCommand(e))
}

// A settingAnswer is one setting as config print shows it.
type settingAnswer struct {
	Name     string        `json:"name"`
	Value    string        `json:"value"`
	Source   config.Source `json:"source"`
	Variable string        `json:"variable"`
	Flag     string        `json:"flag,omitempty"` // of node start
	Doc      string        `json:"doc"`
	DocZH    string        `json:"doc_zh"`
}

func configPrintCommand(e *env) *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:   "print --dir DIR",
		Short: "Print the effective configuration and where each value comes from",
		Long: `Print every setting of a node as node start would take it: flags go before
IPLEDGER_* variables, these before node.toml, and that before defaults.
Passphrases and keys are in files of their own, whose content is never shown.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, sources, err := f.read(e, cmd)
			if err != nil {
				return err
			}
			answer := struct {
				Dir      string          `json:"dir"`
				Settings []settingAnswer `json:"settings"`
			}{Dir: c.Dir}
			t := newTable("SETTING", "VALUE", "SOURCE", "VARIABLE")
			for _, s := range config.Settings() {
				one := settingAnswer{Name: s.Name, Value: s.Text(c), Source: sources[s.Name], Variable: s.Variable(), Doc: s.Doc, DocZH: s.DocZH}
				if s.Flag {
					one.Flag = "--" + s.FlagName()
				}
				answer.Settings = append(answer.Settings, one)
				t.add(one.Name, one.Value, string(one.Source), one.Variable)
			}
			return e.show(answer, t)
		},
	}
	f.add(cmd)
	return cmd
}

// variables looks for IPLEDGER_* variables that nobody reads: a slip of the name
// leaves the setting at its default without a word.
func (e *env) variables() preflight.Finding {
	read := map[string]bool{"IPLEDGER_URL": true, "IPLEDGER_CA": true, "IPLEDGER_GENESIS": true}
	for _, s := range config.Settings() {
		read[s.Variable()] = true
	}
	var unknown []string
	if e.Environ != nil {
		for _, pair := range e.Environ() {
			if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "IPLEDGER_") && !read[name] {
				unknown = append(unknown, name)
			}
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return preflight.Finding{
			Check: "variables", Grade: preflight.Warning,
			Text:   "no setting is read from " + strings.Join(unknown, ", "),
			TextZH: "以下环境变量不对应任何配置项：" + strings.Join(unknown, "、"),
		}
	}
	return preflight.Finding{Check: "variables", Grade: preflight.Good, Text: "each IPLEDGER_* variable has its setting", TextZH: "各 IPLEDGER_* 环境变量均有对应的配置项"}
}

func configCheckCommand(e *env) *cobra.Command {
	var f configFlags
	var genesis string
	cmd := &cobra.Command{
		Use:   "check --dir DIR",
		Short: "Check offline whether a node can start",
		Long: `Check everything that a node needs before it starts: its settings, who may read
its secrets, whether the passphrase opens its keys and these are the validator's
of the genesis file, addresses, the TLS certificate, the network of the ledger
database, variables that no setting has, and the machine. The genesis file of the data
directory is compared with the one that you trust, if it is given. Nothing is changed. A
failure ends with exit code 1, a warning does not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, _, err := f.read(e, cmd)
			if err != nil {
				return err
			}
			var trusted []byte
			if genesis != "" {
				if trusted, err = readFile(genesis); err != nil {
					return fmt.Errorf("read genesis file: %w", err)
				}
			}
			findings := append(preflight.Examine(c, e.Now(), trusted), e.variables())
			t := newTable()
			for _, found := range findings {
				t.add(string(found.Grade), found.Check, e.text(found.Text, found.TextZH))
			}
			if err := e.show(findings, t); err != nil {
				return err
			}
			if preflight.Fails(findings) {
				return errAnswered
			}
			return nil
		},
	}
	f.add(cmd)
	genesisFlag(e, cmd, &genesis)
	return cmd
}
