// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import "github.com/ipledger/ipledger/contracts/identifier"

// The working-day calendar of mainland China: Saturdays and Sundays are off,
// plus the days off, minus the swapped days of work that the State Council
// announces each year. The numbers are month*100 + day.
type calendarYear struct{ off, work []int }

var calendar = map[int]calendarYear{
	2025: {
		off: []int{101, 128, 129, 130, 131, 201, 202, 203, 204, 404, 405, 406, 501, 502, 503, 504, 505,
			531, 601, 602, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008},
		work: []int{126, 208, 427, 928, 1011},
	},
	2026: {
		off: []int{101, 102, 103, 215, 216, 217, 218, 219, 220, 221, 222, 223, 404, 405, 406,
			501, 502, 503, 504, 505, 619, 620, 621, 925, 926, 927, 1001, 1002, 1003, 1004, 1005, 1006, 1007},
		work: []int{104, 214, 228, 509, 920, 1010},
	},
}

// AddWorkingDays gives the n-th working day after d; d itself is not counted.
// It is provisional if a year was touched whose calendar is not announced yet:
// only weekends are off there.
func AddWorkingDays(d identifier.Date, n int64) (due identifier.Date, provisional bool) {
	for n > 0 {
		d = d.AddDays(1)
		works, known := isWorkingDay(d)
		provisional = provisional || !known
		if works {
			n--
		}
	}
	return d, provisional
}

func isWorkingDay(d identifier.Date) (works, known bool) {
	year, known := calendar[d.Year]
	number := d.Month*100 + d.Day
	for _, off := range year.off {
		if off == number {
			return false, known
		}
	}
	for _, work := range year.work {
		if work == number {
			return true, known
		}
	}
	weekday := d.Weekday()
	return weekday != 0 && weekday != 6, known
}
