// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"strconv"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// LoadCalendarArgs are the arguments of consortium.load_calendar.
type LoadCalendarArgs struct {
	Calendar contracts.Calendar `cbor:"1,keyasint" json:"calendar"`
}

// LoadCalendarResult names the year.
type LoadCalendarResult struct {
	Year uint64 `cbor:"1,keyasint" json:"year"`
}

// loadCalendar takes the calendar of a year. Periods were counted with the days that
// have begun, so an announced calendar keeps them: the State Council moves holidays
// to come, never those that are over. What was counted with a provisional calendar is
// said to be so, and may move.
func loadCalendar(v *contracts.View, args LoadCalendarArgs) (LoadCalendarResult, *contracts.Refusal) {
	c := args.Calendar
	year := strconv.FormatUint(c.Year, 10)
	refuse := func(reason string) (LoadCalendarResult, *contracts.Refusal) {
		return LoadCalendarResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EParam, Field: "calendar", Subject: year, Reason: reason})
	}
	if c.Check() != nil {
		return refuse(contracts.ReasonValue)
	}
	key := contracts.CalendarKey(int(c.Year))
	if held, ok := contracts.Load[contracts.Calendar](v, key); ok && !held.Provisional {
		switch {
		case c.Provisional:
			return refuse(contracts.ReasonAnnounced)
		case !held.AgreesUntil(c, v.Today()):
			return refuse(contracts.ReasonPastDay)
		}
	}
	contracts.Store(v, key, c)
	v.Emit("calendar.loaded", year)
	return LoadCalendarResult{Year: c.Year}, nil
}
