// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// lastDay is the last day of a right's life as the law counts it, "" if it cannot be
// told from what is known. The register's own date always goes before it.
//
//	invention          20 years from filing            Patent Law (2020), article 42
//	utility model      10 years from filing            Patent Law (2020), article 42
//	design             15 years from filing, 10 if filed before 2021-06-01
//	mark               10 years from registration      Trademark Law (2019), article 39
//	layout design      10 years from filing, or from the first commercial use if that
//	                   is earlier                      Regulation on Layout Designs (2001), article 12
//	works, software    50 years from first publication, to 31 December, for an
//	                   organisation's                  Copyright Law (2020), article 23
//	plant variety      15 years from grant; 20 for vines and trees, which only the
//	                   register tells apart            Regulation on Plant Varieties (2014), article 34
func lastDay(r Record) string {
	filing, filed := parse(r.FilingDate)
	grant, granted := parse(r.GrantDate)
	public, published := parse(r.FirstPublic)
	years := func(d identifier.Date, known bool, n int) string {
		if !known {
			return ""
		}
		return d.AddYears(n).AddDays(-1).String()
	}
	switch r.Type {
	case identifier.PatInv:
		return years(filing, filed, 20)
	case identifier.PatUM:
		return years(filing, filed, 10)
	case identifier.PatDes:
		if filing.Before(identifier.Date{Year: 2021, Month: 6, Day: 1}) {
			return years(filing, filed, 10)
		}
		return years(filing, filed, 15)
	case identifier.TM, identifier.TMCert, identifier.TMColl:
		return years(grant, granted, 10)
	case identifier.ICLayout:
		if published && (!filed || public.Before(filing)) {
			filing, filed = public, true
		}
		return years(filing, filed, 10)
	case identifier.CopyWork, identifier.CopySoft:
		if published {
			return identifier.Date{Year: public.AddYears(50).Year, Month: 12, Day: 31}.String()
		}
	case identifier.PlantVar:
		return years(grant, granted, 15)
	}
	return ""
}

// renewalEnds is the last day on which a mark may still be renewed, after its own
// last day (Trademark Law, article 40); "" for other rights.
func renewalEnds(r Record, p contracts.Parameters) string {
	expiry, known := parse(r.ExpiryDate)
	if !known || r.Space != identifier.MarkSpace {
		return ""
	}
	return expiry.AddMonths(int(p.Of(contracts.RenewalGrace))).String()
}

// feeDeadline is the last day on which an annual fee may still be paid, with a
// surcharge (Implementing Rules of the Patent Law, article 115); "" if no due date
// is known.
func feeDeadline(r Record, p contracts.Parameters) string {
	due, known := parse(r.FeeDue)
	if !known {
		return ""
	}
	return due.AddMonths(int(p.Of(contracts.FeeGraceMonths))).String()
}

func parse(date string) (identifier.Date, bool) {
	if date == "" {
		return identifier.Date{}, false
	}
	d, err := identifier.ParseDate(date)
	return d, err == nil
}

// isPast tells whether a date, the last day of something, is over.
func isPast(date string, today identifier.Date) bool {
	d, known := parse(date)
	return known && d.Before(today)
}

// OlderThan tells whether something of a time is older than so many days: the day it
// happened on is not counted, and the last one counts to its end (Civil Code, articles
// 201 to 203).
func OlderThan(t, now int64, days int64) bool {
	return identifier.DateOf(t).AddDays(int(days)).Before(identifier.DateOf(now))
}

// endOf is the moment after the end of a legal date, which is 24:00 of it. A date
// that does not parse ends at 0.
func endOf(date string) int64 {
	d, known := parse(date)
	if !known {
		return 0
	}
	return d.AddDays(1).Start()
}
