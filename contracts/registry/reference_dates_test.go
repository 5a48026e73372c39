// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"time"
)

// The reference counts days by the library's clock, not by package identifier. Its
// dates are texts YYYY-MM-DD, which are in the order of days.

var china = time.FixedZone("", 8*60*60)

const aDay = 24 * 60 * 60 * 1000 // ms

// dayOf is the legal date of a time.
func dayOf(ms int64) string { return time.UnixMilli(ms).In(china).Format(time.DateOnly) }

func dateOf(date string) time.Time {
	d, err := time.ParseInLocation(time.DateOnly, date, china)
	if err != nil {
		panic(err)
	}
	return d
}

// midnight is the first moment of a day.
func midnight(date string) int64 { return dateOf(date).UnixMilli() }

// dayOver is the moment after the last of a day.
func dayOver(date string) int64 { return midnight(date) + aDay }

func plusDays(date string, n int) string { return dateOf(date).AddDate(0, 0, n).Format(time.DateOnly) }

// plusMonths is the corresponding day, or the last of a month that has none.
func plusMonths(date string, n int) string {
	d := dateOf(date)
	first := time.Date(d.Year(), d.Month()+time.Month(n), 1, 0, 0, 0, 0, china)
	last := first.AddDate(0, 1, -1).Day()
	return fmt.Sprintf("%s-%02d", first.Format("2006-01"), min(d.Day(), last))
}

func plusYears(date string, n int) string { return plusMonths(date, 12*n) }

// past tells whether a day, "" for none, is over at a time.
func past(date string, at int64) bool { return date != "" && at >= dayOver(date) }

// older tells whether something of a time is more than so many days ago: its own day is
// not counted, and the last one counts to its end (Civil Code, articles 201 to 203).
func older(t, now int64, days int) bool { return plusDays(dayOf(t), days) < dayOf(now) }
