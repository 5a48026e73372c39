// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// shanghai is the zone of times that name none.
var shanghai = time.FixedZone("Asia/Shanghai", identifier.ZoneSeconds)

// The forms of a time in a text. What names no zone is in Shanghai.
var momentForms = []string{
	"2006-01-02", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00",
}

// Bounds of a story's times: the genesis must be above 0, and dates have four
// digits of a year.
const firstYear, lastYear = 1971, 9999

// momentOf reads a time: one of TOML's own, or a text.
func momentOf(v any) (time.Time, bool) {
	var t time.Time
	switch v := v.(type) {
	case time.Time:
		t = v
	case toml.LocalDateTime:
		t = v.AsTime(shanghai)
	case toml.LocalDate:
		t = v.AsTime(shanghai)
	case string:
		var ok bool
		if t, ok = parseMoment(v); !ok {
			return time.Time{}, false
		}
	default:
		return time.Time{}, false
	}
	t = t.In(shanghai).Truncate(time.Millisecond)
	return t, t.Year() >= firstYear && t.Year() <= lastYear
}

func parseMoment(text string) (time.Time, bool) {
	for _, form := range momentForms { // seconds may have a fraction
		if t, err := time.ParseInLocation(form, text, shanghai); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// clockText shows a time as people write it in a story.
func clockText(t time.Time) string {
	t = t.In(shanghai)
	if t.Nanosecond() != 0 {
		return t.Format("2006-01-02 15:04:05.000")
	}
	return t.Format("2006-01-02 15:04:05")
}

// isTime tells whether v is one of TOML's own times.
func isTime(v any) bool {
	switch v.(type) {
	case time.Time, toml.LocalDateTime, toml.LocalDate:
		return true
	}
	return false
}

// timeText is how arguments and answers write one of TOML's own times in a text.
func timeText(v any) string {
	if day, ok := v.(toml.LocalDate); ok {
		return day.String()
	}
	t, _ := momentOf(v)
	return t.Format(time.RFC3339Nano)
}

// plain turns what TOML gives into what JSON takes.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, value := range v {
			out[name] = plain(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case toml.LocalTime:
		return v.String()
	}
	if isTime(v) {
		return timeText(v)
	}
	return v
}

func atFault(v any) error {
	if v == nil {
		return fmt.Errorf("at is missing")
	}
	return fmt.Errorf("at: %v is no time of the years %d to %d such as 2026-02-24T09:00", v, firstYear, lastYear)
}
