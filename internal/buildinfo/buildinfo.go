// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package buildinfo reads what the toolchain wrote into this program: its version,
// the revision that it was built from, and the versions of its libraries.
package buildinfo

import (
	"runtime"
	"runtime/debug"
)

// Info says what a program was built from.
type Info struct {
	Version  string // of a release, or devel-<revision>; "unknown" without either
	Revision string // of version control; empty if it was not at hand
	Modified bool   // built from files that differ from the revision
	Go       string

	libraries []*debug.Module
}

// Read gives the Info of this program.
func Read() Info {
	b := Info{Version: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.libraries = info.Deps
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
	// A build that is no release is known by what it was built from.
	if (b.Version == "(devel)" || b.Version == "unknown") && b.Revision != "" {
		b.Version = "devel-" + b.Revision[:min(len(b.Revision), 12)]
		if b.Modified {
			b.Version += "-modified"
		}
	}
	return b
}

// Library gives the version of a library by the path of its module; it is empty
// if the program holds none.
func (b Info) Library(path string) string {
	for _, m := range b.libraries {
		if m.Path == path {
			return m.Version
		}
	}
	return ""
}
