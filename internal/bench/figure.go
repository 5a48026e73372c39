// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"math"
)

// A Figure is a measured value that a window may be unable to tell: then it is
// not a number, null in JSON and "-" in tables.
type Figure float64

// untold is the figure that the window cannot tell.
func untold() Figure { return Figure(math.NaN()) }

// Told says whether the figure has a value.
func (f Figure) Told() bool { return !math.IsNaN(float64(f)) }

// MarshalJSON writes a number or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Told() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// UnmarshalJSON reads a number or null.
func (f *Figure) UnmarshalJSON(raw []byte) error {
	if string(raw) == "null" {
		*f = untold()
		return nil
	}
	return json.Unmarshal(raw, (*float64)(f))
}

// String shows the figure as tables do.
func (f Figure) String() string {
	if !f.Told() {
		return "-"
	}
	return figure(float64(f))
}
