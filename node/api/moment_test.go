// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"testing"

	"github.com/ipledger/ipledger/node/api"
)

func TestATimeInAQueryWithoutAZoneIsLegalTime(t *testing.T) {
	const nine, midnight = 1771894800000, 1771862400000 // of 24 February 2026 in Shanghai
	for text, want := range map[string]int64{
		"2026-02-24T09:00:00+08:00": nine,
		"2026-02-24T01:00:00Z":      nine,
		"1771894800000":             nine,
		"2026-02-24T09:00:00":       nine,
		"2026-02-24T09:00":          nine,
		"2026-02-24 09:00":          nine,
		"2026-02-24T09:00:00.001":   nine + 1,
		"2026-02-24":                midnight,
		"2026-02-30":                0,
		"1969-01-01":                0,
		"24.2.2026":                 0,
		"2026-02-24T09":             0,
		"":                          0,
	} {
		var m api.Moment
		err := m.UnmarshalText([]byte(text))
		if want == 0 && err == nil || want != 0 && (err != nil || m.UnixMilli() != want) {
			t.Errorf("%q: %v, %v, want %d", text, m.Time, err, want)
		}
	}
}

func TestATimeInABodyNamesItsZone(t *testing.T) {
	for text, ok := range map[string]bool{`"2026-02-24T09:00:00+08:00"`: true, `1771894800000`: true, `"2026-02-24T09:00"`: false, `"2026-02-24"`: false} {
		var m api.Moment
		if err := json.Unmarshal([]byte(text), &m); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}
