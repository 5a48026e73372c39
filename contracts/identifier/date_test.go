// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts/identifier"
)

func date(t *testing.T, text string) identifier.Date {
	t.Helper()
	d, err := identifier.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestLegalDateIsTheDayInShanghai(t *testing.T) {
	for instant, want := range map[string]string{
		"2026-03-12T16:30:00Z":     "2026-03-13",
		"2026-03-12T15:59:59.999Z": "2026-03-12",
		"2026-03-12T16:00:00Z":     "2026-03-13",
		"1969-12-31T15:59:59Z":     "1969-12-31",
		"2024-02-29T16:00:00Z":     "2024-03-01",
	} {
		at, err := time.Parse(time.RFC3339Nano, instant)
		if err != nil {
			t.Fatal(err)
		}
		if got := identifier.DateOf(at.UnixMilli()).String(); got != want {
			t.Errorf("%s: got %s, want %s", instant, got, want)
		}
	}
}

func TestPeriodsEndAsTheCivilCodeSays(t *testing.T) {
	for _, c := range []struct {
		start        string
		months, days int
		end          string
	}{
		{"2026-07-01", 6, 0, "2027-01-01"},
		{"2026-08-31", 6, 0, "2027-02-28"},
		{"2028-02-29", 12, 0, "2029-02-28"},
		{"2026-03-12", 0, 10, "2026-03-22"},
		{"2026-01-31", 1, 0, "2026-02-28"},
		{"2026-03-31", -1, 0, "2026-02-28"},
		{"2026-01-15", -13, 0, "2024-12-15"},
		{"2026-11-22", 0, -326, "2025-12-31"},
		{"9999-12-31", 1, 0, "9999-12-31"},
		{"0001-01-31", -1, 0, "0001-01-01"},
		{"2026-01-01", math.MaxInt, 0, "9999-12-31"},
		{"2026-01-01", math.MinInt, 0, "0001-01-01"},
		{"2026-01-01", 0, math.MaxInt, "9999-12-31"},
		{"2026-01-01", 0, math.MinInt, "0001-01-01"},
	} {
		if got := date(t, c.start).AddMonths(c.months).AddDays(c.days).String(); got != c.end {
			t.Errorf("%s + %d months + %d days: got %s, want %s", c.start, c.months, c.days, got, c.end)
		}
	}
	if got := date(t, "2018-03-19").AddYears(20).AddDays(-1).String(); got != "2038-03-18" {
		t.Errorf("life of a patent ends %s", got)
	}
	if got := date(t, "2027-02-28").Weekday(); got != 0 {
		t.Errorf("2027-02-28 is weekday %d, want Sunday", got)
	}
}

func TestDatesAreReadStrictly(t *testing.T) {
	for text, want := range map[string]identifier.Class{
		"2026-3-12": identifier.Format, "20260312": identifier.Format, "2026/03/12": identifier.Format, "": identifier.Format,
		"2026-03-12 ": identifier.Format, "２０２６-03-12": identifier.Format, "+026-03-12": identifier.Format,
		"2026-02-29": identifier.NoDate, "2026-13-01": identifier.NoDate, "2026-00-01": identifier.NoDate,
		"2026-04-31": identifier.NoDate, "0000-01-01": identifier.NoDate, "1900-02-29": identifier.NoDate, "2026-01-00": identifier.NoDate,
	} {
		if d, err := identifier.ParseDate(text); class(err) != want || !d.IsZero() {
			t.Errorf("%q: got %v, %v, want class %s", text, d, err, want)
		}
	}
	var d identifier.Date
	if err := json.Unmarshal([]byte(`"2024-02-29"`), &d); err != nil || d != (identifier.Date{Year: 2024, Month: 2, Day: 29}) {
		t.Errorf("from JSON: %v, %v", d, err)
	}
	if text, err := json.Marshal(d); err != nil || string(text) != `"2024-02-29"` {
		t.Errorf("to JSON: %s, %v", text, err)
	}
}

// The calendar is compared with the one of the standard library, which contracts
// may not import.
func TestCalendarAgreesWithTheStandardLibrary(t *testing.T) {
	shanghai := time.FixedZone("", 8*60*60)
	first := time.Date(1, 1, 2, 0, 0, 0, 0, shanghai).UnixMilli()
	last := time.Date(9999, 12, 30, 0, 0, 0, 0, shanghai).UnixMilli()
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(first, last).Draw(t, "ms")
		at := time.UnixMilli(ms).In(shanghai)
		d := identifier.DateOf(ms)
		if got, want := d.String(), at.Format(time.DateOnly); got != want || !d.Valid() {
			t.Fatalf("%d: got %s, want %s", ms, got, want)
		}
		if got, want := identifier.TimeText(ms), at.Format("2006-01-02T15:04:05.000-07:00"); got != want {
			t.Fatalf("%d: got %s, want %s", ms, got, want)
		}
		if d.Weekday() != int(at.Weekday()) {
			t.Fatalf("%s: weekday %d, want %v", d, d.Weekday(), at.Weekday())
		}
		n := rapid.IntRange(-100_000, 100_000).Draw(t, "n")
		moved := at.AddDate(0, 0, n)
		if moved.Year() < 1 || moved.Year() > 9999 {
			return
		}
		e := d.AddDays(n)
		if e.String() != moved.Format(time.DateOnly) || d.DaysUntil(e) != n || e.Before(d) != (n < 0) {
			t.Fatalf("%s + %d days: got %s, want %s", d, n, e, moved.Format(time.DateOnly))
		}
	})
}

func TestAnyInstantHasALegalDate(t *testing.T) {
	for ms, want := range map[int64]string{math.MaxInt64: "9999-12-31", math.MinInt64: "0001-01-01", 0: "1970-01-01"} {
		if got := identifier.DateOf(ms).String(); got != want {
			t.Errorf("%d: got %s, want %s", ms, got, want)
		}
	}
}

func TestATimeIsWrittenAsOfShanghai(t *testing.T) {
	for ms, want := range map[int64]string{0: "1970-01-01T08:00:00.000+08:00", 1772676000123: "2026-03-05T10:00:00.123+08:00", 1772639999999: "2026-03-04T23:59:59.999+08:00"} {
		if got := identifier.TimeText(ms); got != want {
			t.Errorf("%d: %s, want %s", ms, got, want)
		}
	}
}
