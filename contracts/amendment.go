// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
)

// An Amendment is one version of the parameters: what changed with it, and why. All
// are kept, so that each value in force names its source.
type Amendment struct {
	Version  uint64            `cbor:"1,keyasint" json:"version"`
	Height   uint64            `cbor:"2,keyasint" json:"height"`
	Time     int64             `cbor:"3,keyasint" json:"time"`                         // ms since 1970 UTC
	Proposal *ledger.Hash      `cbor:"4,keyasint,omitempty" json:"proposal,omitempty"` // absent: of the genesis
	Changes  []ParameterChange `cbor:"5,keyasint" json:"changes"`
	Source   string            `cbor:"6,keyasint" json:"source"`
}

// A ParameterChange is one value that changed.
type ParameterChange struct {
	Key    string `cbor:"1,keyasint" json:"key"`
	Before int64  `cbor:"2,keyasint" json:"before"` // in the figure's unit
	Value  int64  `cbor:"3,keyasint" json:"value"`
}

// AmendmentPrefix begins the state keys of all amendments, which follow each other by
// version.
const AmendmentPrefix = "consortium/parameter_versions/"

// AmendmentKey is the state key of a version.
func AmendmentKey(version uint64) string { return fmt.Sprintf("%s%010d", AmendmentPrefix, version) }

// firstAmendment says in what the parameters of a genesis differ from the defaults.
func firstAmendment(p Parameters, timeMs int64) Amendment {
	a := Amendment{Version: p.Version, Time: timeMs, Changes: []ParameterChange{}, Source: "genesis"}
	for _, f := range Figures(FirstVersion) {
		if d := f.Definition(); p.Of(f) != d.Default {
			a.Changes = append(a.Changes, ParameterChange{Key: d.Key, Before: d.Default, Value: p.Of(f)})
		}
	}
	return a
}
