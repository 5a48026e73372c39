// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"
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

// daysOff are the holidays and the working weekends of 2026, as the State Council has
// announced them; of later years the histories know weekends only.
var daysOff, daysOn = strings.Fields(`2026-01-01 2026-01-02 2026-01-03 2026-02-15 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-02-20 2026-02-21
	2026-02-22 2026-02-23 2026-04-04 2026-04-05 2026-04-06 2026-05-01 2026-05-02 2026-05-03 2026-05-04 2026-05-05 2026-06-19 2026-06-20 2026-06-21
	2026-09-25 2026-09-26 2026-09-27 2026-10-01 2026-10-02 2026-10-03 2026-10-04 2026-10-05 2026-10-06 2026-10-07`),
	strings.Fields(`2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10`)

func worksOn(day string) bool {
	weekday := dateOf(day).Weekday()
	return slices.Contains(daysOn, day) || weekday != time.Saturday && weekday != time.Sunday && !slices.Contains(daysOff, day)
}

// reviewedBy is the day by which a registrar decides (DOMAIN 1.3 to 1.5): of copyright in
// ten days, and on the next working day if the last one is none, of marks in two working
// days, of the rest in two if the application came online, and in five if on paper.
func reviewedBy(p *applied, at int64) string {
	day := dayOf(at)
	if registrarOf(p.rights[0]) == "NCA" {
		for day = plusDays(day, 10); !worksOn(day); {
			day = plusDays(day, 1)
		}
		return day
	}
	n := 2
	if p.method == "PAPER" && !strings.HasPrefix(p.rights[0], "MARK/") {
		n = 5
	}
	for n > 0 {
		if day = plusDays(day, 1); worksOn(day) {
			n--
		}
	}
	return day
}

// older tells whether something of a time is more than so many days ago: its own day is
// not counted, and the last one counts to its end (Civil Code, articles 201 to 203).
func older(t, now int64, days int) bool { return plusDays(dayOf(t), days) < dayOf(now) }
