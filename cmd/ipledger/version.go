// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
)

// build says what this program was built from.
type build struct {
	Version          string `json:"version"`
	Revision         string `json:"revision,omitempty"`
	Modified         bool   `json:"modified,omitempty"` // built from files that differ from the revision
	Go               string `json:"go"`
	Platform         string `json:"platform"`
	ExecutionVersion uint64 `json:"execution_version"`
}

// thisBuild reads what the toolchain wrote into the binary.
func thisBuild() build {
	b := build{
		Version:          "unknown",
		Go:               runtime.Version(),
		Platform:         runtime.GOOS + "/" + runtime.GOARCH,
		ExecutionVersion: contracts.ExecutionVersion,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
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
			return e.show(b, t)
		},
	}
}
