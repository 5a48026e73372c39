// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A Calendar says which days of one year people work on in mainland China: Saturdays
// and Sundays are off, and the days Off, but not the days Work, which the State
// Council swaps for them each year. Days are written month*100 + day, ascending.
type Calendar struct {
	Year        uint64   `cbor:"1,keyasint" json:"year"`
	Off         []uint64 `cbor:"2,keyasint,omitempty" json:"off,omitempty" schema:"items=128"`
	Work        []uint64 `cbor:"3,keyasint,omitempty" json:"work,omitempty" schema:"items=64"`
	Provisional bool     `cbor:"4,keyasint,omitempty" json:"provisional,omitempty"` // not announced yet; what is counted with it may move
	Source      string   `cbor:"5,keyasint" json:"source" schema:"max=128"`
}

// CalendarKey is the state key of a year's calendar.
func CalendarKey(year int) string { return CalendarPrefix + strconv.Itoa(year) }

// CalendarPrefix begins the state keys of all calendars.
const CalendarPrefix = "consortium/calendars/"

// FirstCalendars are those every network starts with, as the State Council has
// announced them. They are in block 0, so that a year is never added here or mended:
// later years come by vote, or with a genesis file of their own.
func FirstCalendars() []Calendar {
	return []Calendar{
		{
			Year: 2025, Source: "State Council, holidays of 2025",
			Off: []uint64{101, 128, 129, 130, 131, 201, 202, 203, 204, 404, 405, 406, 501, 502, 503, 504, 505,
				531, 601, 602, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008},
			Work: []uint64{126, 208, 427, 928, 1011},
		},
		{
			Year: 2026, Source: "State Council, holidays of 2026",
			Off: []uint64{101, 102, 103, 215, 216, 217, 218, 219, 220, 221, 222, 223, 404, 405, 406,
				501, 502, 503, 504, 505, 619, 620, 621, 925, 926, 927, 1001, 1002, 1003, 1004, 1005, 1006, 1007},
			Work: []uint64{104, 214, 228, 509, 920, 1010},
		},
	}
}

// WeekdayCalendar is the provisional calendar of a year whose holidays are not
// announced yet: only its weekends are off.
func WeekdayCalendar(year uint64) Calendar {
	return Calendar{Year: year, Provisional: true, Source: "weekends only"}
}

// Check refuses a calendar that could not be used.
func (c Calendar) Check() error {
	if c.Year < 2000 || c.Year > 9999 {
		return fmt.Errorf("year %d is not 2000 to 9999", c.Year)
	}
	if c.Source == "" {
		return errors.New("the source is missing")
	}
	for _, list := range [][]uint64{c.Off, c.Work} {
		for i, n := range list {
			day := identifier.Date{Year: int(c.Year), Month: int(min(n/100, 99)), Day: int(n % 100)}
			if !day.Valid() || i > 0 && n <= list[i-1] {
				return fmt.Errorf("%d is no day of %d, or out of order", n, c.Year)
			}
		}
	}
	for _, n := range c.Work {
		if slices.Contains(c.Off, n) {
			return fmt.Errorf("%d is both off and a day of work", n)
		}
	}
	return nil
}

// AgreesUntil tells whether another calendar of the year has the same days of work up
// to and with a day.
func (c Calendar) AgreesUntil(other Calendar, last identifier.Date) bool {
	day := identifier.Date{Year: int(c.Year), Month: 1, Day: 1}
	for ; day.Year == int(c.Year) && !last.Before(day); day = day.AddDays(1) {
		if c.works(day) != other.works(day) {
			return false
		}
	}
	return true
}

// works tells whether people work on a day of the calendar's year.
func (c Calendar) works(d identifier.Date) bool {
	number := uint64(d.Month*100 + d.Day)
	if _, off := slices.BinarySearch(c.Off, number); off {
		return false
	}
	if _, work := slices.BinarySearch(c.Work, number); work {
		return true
	}
	weekday := d.Weekday()
	return weekday != 0 && weekday != 6
}

// A Due is a day that was counted with calendars.
type Due struct {
	Date        identifier.Date
	Provisional bool // a calendar it was counted with is not announced yet
}

// AddWorkingDays gives the n-th working day after d; d itself is not counted. It is
// refused if a year is touched whose calendar the ledger does not hold: a wrong due
// date would be worse than none.
func (v *View) AddWorkingDays(d identifier.Date, n int64) (Due, *Refusal) {
	due, c := Due{Date: d}, Calendar{}
	for n > 0 {
		due.Date = due.Date.AddDays(1)
		works, refusal := v.worksOn(&due, &c)
		if refusal.Refuses() {
			return Due{}, refusal
		}
		if works {
			n--
		}
	}
	return due, nil
}

// CountWorkingDays is AddWorkingDays for those who read the calendars from outside and
// want a day in any case: a year of which no calendar is known has its weekends off.
func CountWorkingDays(d identifier.Date, n int64, calendar func(year int) (Calendar, bool)) Due {
	due, c := Due{Date: d}, Calendar{}
	for n > 0 {
		due.Date = due.Date.AddDays(1)
		if c.Year != uint64(due.Date.Year) {
			var known bool
			if c, known = calendar(due.Date.Year); !known {
				c = WeekdayCalendar(uint64(due.Date.Year))
			}
		}
		due.Provisional = due.Provisional || c.Provisional
		if c.works(due.Date) {
			n--
		}
	}
	return due
}

// WorkingDay gives the first working day not before d: where a period ends on a day
// off it ends on that day (Civil Code, article 203). See AddWorkingDays.
func (v *View) WorkingDay(d identifier.Date) (Due, *Refusal) {
	due, c := Due{Date: d}, Calendar{}
	for {
		works, refusal := v.worksOn(&due, &c)
		if refusal.Refuses() {
			return Due{}, refusal
		}
		if works {
			return due, nil
		}
		due.Date = due.Date.AddDays(1)
	}
}

// worksOn tells whether due is a working day, and notes a provisional calendar. It
// keeps the calendar of the year in c.
func (v *View) worksOn(due *Due, c *Calendar) (bool, *Refusal) {
	if c.Year != uint64(due.Date.Year) {
		var ok bool
		if *c, ok = Load[Calendar](v, CalendarKey(due.Date.Year)); !ok {
			return false, Refuse(ledger.Failure{Code: EParam, Subject: strconv.Itoa(due.Date.Year), Reason: ReasonCalendar})
		}
	}
	due.Provisional = due.Provisional || c.Provisional
	return c.works(due.Date), nil
}
