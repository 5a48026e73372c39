// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// ParametersKey is the state key of the rules in force.
const ParametersKey = "consortium/parameters"

const day = 24 * 60 * 60 * 1000 // ms

// MaxAmount is the greatest amount of money the ledger counts, in minor units.
const MaxAmount = 9_000_000_000_000_000

// Parameters are the figures in force: one record, a new version with every change.
// The values are in the order of the table. A record that an earlier execution version
// wrote holds fewer; the rest have their defaults.
type Parameters struct {
	Version uint64  `cbor:"1,keyasint" json:"version"`
	Area    string  `cbor:"2,keyasint" json:"area"` // GB/T 2260 code for numbers without an office
	Values  []int64 `cbor:"3,keyasint" json:"-"`
}

// Of gives the value of a figure, in its unit.
func (p Parameters) Of(f Figure) int64 {
	if int(f) < len(p.Values) {
		return p.Values[f]
	}
	return definitions[f].Default
}

// Days gives a figure that counts calendar days in ms.
func (p Parameters) Days(f Figure) int64 { return Days(p.Of(f)) }

// Days gives the length of n days in ms.
func Days(n int64) int64 { return n * day }

// With gives the parameters with another value of a figure. A value out of the
// figure's bounds is an error.
func (p Parameters) With(f Figure, value int64) (Parameters, error) {
	d := definitions[f]
	if value < d.Min || value > d.Max {
		return p, fmt.Errorf("parameter %s is %d %s, must be %d to %d", d.Key, value, d.Unit, d.Min, d.Max)
	}
	values := slices.Clone(p.Values)
	for g := Figure(len(values)); g <= f; g++ {
		values = append(values, definitions[g].Default)
	}
	values[f] = value
	p.Values = values
	return p, nil
}

// DefaultParameters are the rules a network starts with unless its genesis says
// otherwise: the figures of FirstVersion, whatever program makes the block.
func DefaultParameters(area string) Parameters {
	p := Parameters{Version: 1, Area: area}
	for _, f := range Figures(FirstVersion) {
		p.Values = append(p.Values, definitions[f].Default)
	}
	return p
}

// ascending are figures that would contradict each other in another order: each is at
// most the next.
var ascending = [][]Figure{
	{PenaltyMin, PenaltyMax},
	{DiversionMin, DiversionMax},
	{SubstandardDays, DoubtfulDays, LossDays},
	{UpgradeMonths, UpgradeRestructuredMonths},
	{LimitationAlertMonths, LimitationMonths},
	{ReviewOnline, ReviewPaper},
	{AlertFeeLast, AlertFeeSecond, AlertFeeFirst},
	{AlertExpiryLast, AlertExpirySecond, AlertExpiryFirst},
}

// Contradictions lists the pairs of figures of which the first is greater than the
// second, and must not be.
func (p Parameters) Contradictions() [][2]Figure {
	var list [][2]Figure
	for _, row := range ascending {
		for i, f := range row[1:] {
			if p.Of(row[i]) > p.Of(f) {
				list = append(list, [2]Figure{row[i], f})
			}
		}
	}
	return list
}

// override applies the object of a genesis file: keys of the table with their values,
// or objects of them, as {"claim": {"expiry": 60}} for claim.expiry.
func (p Parameters) override(raw json.RawMessage, prefix string) (Parameters, error) {
	var given map[string]json.RawMessage
	if err := strictJSON(raw, &given); err != nil {
		return p, err
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		key, text := prefix+name, given[name]
		var err error
		if text[0] == '{' {
			if p, err = p.override(text, key+"."); err != nil {
				return p, err
			}
			continue
		}
		f, ok := FigureOf(key, FirstVersion)
		if !ok {
			return p, fmt.Errorf("there is no parameter %q", key)
		}
		var value int64
		if err := strictJSON(text, &value); err != nil {
			return p, fmt.Errorf("parameter %s: %w", key, err)
		}
		if p, err = p.With(f, value); err != nil {
			return p, err
		}
	}
	return p, nil
}
