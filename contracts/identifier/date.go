// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package identifier

import (
	"cmp"
	"fmt"
)

// Date is a legal date: a day of the Gregorian calendar, without time or zone.
// The zero Date is no day; it comes before all days.
type Date struct{ Year, Month, Day int }

const (
	dayMillis      = 24 * 60 * 60 * 1000
	shanghaiMillis = ZoneSeconds * 1000
)

// ZoneSeconds is how far the time of legal dates is ahead of UTC: that of
// Asia/Shanghai since 1991-09-15.
const ZoneSeconds = 8 * 60 * 60

// The first and last day a Date can name.
var (
	firstDate = Date{1, 1, 1}
	lastDate  = Date{9999, 12, 31}
)

// ParseDate reads "2006-01-02", years 0001 to 9999. Its *Error has class FORMAT
// for another form and DATE for a day that does not exist.
func ParseDate(text string) (Date, error) {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' || !digits(text[:4]) || !digits(text[5:7]) || !digits(text[8:]) {
		return Date{}, refuse("date", Format, text, "want YYYY-MM-DD", "日期格式应为 YYYY-MM-DD")
	}
	d := Date{number(text[:4]), number(text[5:7]), number(text[8:])}
	if !d.Valid() {
		return Date{}, refuse("date", NoDate, text, "no such day", "日期不存在")
	}
	return d, nil
}

// DateOf gives the legal date in China of a time in milliseconds since
// 1970-01-01T00:00Z. It counts UTC+8, which Asia/Shanghai has kept since
// 1991-09-15; the summer times of 1986-1991 are older than any block.
func DateOf(unixMilli int64) Date {
	days, rest := floorDiv(unixMilli, dayMillis)
	if rest >= dayMillis-shanghaiMillis {
		days++
	}
	return dateOfDay(days)
}

// Start is the first moment of the day in China, in milliseconds since
// 1970-01-01T00:00Z. A period that ends with the day is over at d.AddDays(1).Start().
func (d Date) Start() int64 { return (d.dayNumber()*24*60*60 - ZoneSeconds) * 1000 }

// TimeText gives a time in milliseconds since 1970-01-01T00:00Z as the clocks in China
// show it, "2006-01-02T15:04:05.000+08:00", as the API does.
func TimeText(unixMilli int64) string {
	_, rest := floorDiv(unixMilli, dayMillis)
	rest = (rest + shanghaiMillis) % dayMillis
	return fmt.Sprintf("%sT%02d:%02d:%02d.%03d+08:00", DateOf(unixMilli), rest/3_600_000, rest/60_000%60, rest/1000%60, rest%1000)
}

// Valid tells whether d is a day that exists, in years 1 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 1 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 && d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// IsZero tells whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// String gives "2006-01-02".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Compact gives "20060102".
func (d Date) Compact() string {
	var room [8]byte
	return string(d.appendCompact(room[:0]))
}

func (d Date) appendCompact(b []byte) []byte {
	return appendNumber(appendNumber(appendNumber(b, d.Year, 4), d.Month, 2), d.Day, 2)
}

// appendNumber appends n, not negative, with zeros before it up to a width.
func appendNumber(b []byte, n, width int) []byte {
	var digits [20]byte
	at := len(digits)
	for ; n > 0 || width > 0; n, width = n/10, width-1 {
		at--
		digits[at] = byte('0' + n%10)
	}
	return append(b, digits[at:]...)
}

// MarshalText gives String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDate reads.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Compare is negative if d is before e, zero if they are one day, else positive.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before tells whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// AddDays gives the day n days after d: a period of n days that starts on d,
// itself not counted, ends at 24:00 of that day. The result stays within the
// years 1 to 9999.
func (d Date) AddDays(n int) Date {
	const all = 9999 * 366
	return dateOfDay(d.dayNumber() + int64(min(max(n, -all), all)))
}

// AddMonths gives the corresponding day n months after d, or the last day of
// that month if it has no such day: a period of n months that starts on d,
// itself not counted, ends at 24:00 of that day (Civil Code, articles 201, 202).
// Holidays are not looked at. The result stays within the years 1 to 9999.
func (d Date) AddMonths(n int) Date {
	const all = 9999 * 12
	year, month := floorDiv(int64(d.Year)*12+int64(d.Month-1)+int64(min(max(n, -all), all)), 12)
	switch {
	case year < 1:
		return firstDate
	case year > 9999:
		return lastDate
	}
	y, m := int(year), int(month)+1
	return Date{y, m, min(d.Day, daysIn(y, m))}
}

// AddYears is AddMonths of n times twelve.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * min(max(n, -9999), 9999)) }

// DaysUntil counts the days from d to e; it is negative if e is earlier.
func (d Date) DaysUntil(e Date) int { return int(e.dayNumber() - d.dayNumber()) }

// Weekday is the day of the week: 0 Sunday to 6 Saturday.
func (d Date) Weekday() int {
	_, weekday := floorDiv(d.dayNumber()+4, 7) // 1970-01-01 was a Thursday
	return int(weekday)
}

// dayNumber counts days from 1970-01-01. Years are taken to begin in March, so
// that the leap day comes last and the lengths of months follow one line.
func (d Date) dayNumber() int64 {
	y, m := int64(d.Year), int64(d.Month)
	if m <= 2 {
		y, m = y-1, m+12
	}
	era, yearOfEra := floorDiv(y, 400)
	dayOfYear := (153*(m-3)+2)/5 + int64(d.Day) - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468
}

// dateOfDay undoes dayNumber, within the years 1 to 9999.
func dateOfDay(n int64) Date {
	switch {
	case n <= firstDate.dayNumber():
		return firstDate
	case n >= lastDate.dayNumber():
		return lastDate
	}
	era, dayOfEra := floorDiv(n+719468, 146097)
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day := dayOfYear - (153*m+2)/5 + 1
	year, month := era*400+yearOfEra, m+3
	if month > 12 {
		year, month = year+1, month-12
	}
	return Date{int(year), int(month), int(day)}
}

func daysIn(year, month int) int {
	switch {
	case month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0):
		return 29
	case month == 2:
		return 28
	case month == 4 || month == 6 || month == 9 || month == 11:
		return 30
	}
	return 31
}

// compactDate reads YYYYMMDD, all digits; the day need not exist.
func compactDate(text string) Date {
	return Date{number(text[:4]), number(text[4:6]), number(text[6:8])}
}

// number reads a short text of digits.
func number(text string) int {
	n := 0
	for i := range len(text) {
		n = n*10 + int(text[i]-'0')
	}
	return n
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// floorDiv divides by b > 0, rounding down, so that the rest is never negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient, rest = quotient-1, rest+b
	}
	return quotient, rest
}
