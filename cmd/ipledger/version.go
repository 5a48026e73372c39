// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/internal/buildinfo"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/api"
)

// A build says what a program was built from and what it speaks.
type build struct {
	Version          string      `json:"version"`
	Revision         string      `json:"revision,omitempty"`
	Modified         bool        `json:"modified,omitempty"` // built from files that differ from the revision
	Go               string      `json:"go"`
	Platform         string      `json:"platform"`
	ExecutionVersion uint64      `json:"execution_version"`
	API              []int       `json:"api_versions"`
	Formats          api.Formats `json:"formats"`
}

// thisBuild gives the build of this program.
func thisBuild() build {
	b := buildinfo.Read()
	return build{
		Version:          b.Version,
		Revision:         b.Revision,
		Modified:         b.Modified,
		Go:               b.Go,
		Platform:         runtime.GOOS + "/" + runtime.GOARCH,
		ExecutionVersion: registry.Versions().Newest(),
		API:              api.Versions,
		Formats:          node.Formats(),
	}
}

func versionCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := thisBuild()
			t := newTable()
			t.fact("version", b.Version)
			t.fact("revision", b.Revision)
			t.fact("go", b.Go)
			t.fact("platform", b.Platform)
			t.fact("execution version", strconv.FormatUint(b.ExecutionVersion, 10))
			t.fact("api versions", strings.Trim(fmt.Sprint(b.API), "[]"))
			t.fact("genesis format", b.Formats.Genesis)
			t.fact("receipt format", b.Formats.Receipt)
			t.fact("proof format", b.Formats.Proof)
			t.fact("evidence format", b.Formats.Evidence)
			t.fact("header version", strconv.FormatUint(b.Formats.Header, 10))
			t.fact("ledger database", strconv.Itoa(b.Formats.LedgerDatabase))
			t.fact("consensus database", strconv.Itoa(b.Formats.ConsensusDatabase))
			return e.show(b, t)
		},
	}
}
