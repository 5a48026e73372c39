// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// same compares two plain values of a field, and gives what was wanted with its names
// filled in. A wanted id is also that of a table which has it, itself or in its record.
func (c comparison) same(field string, want, got any) (bool, any, error) {
	if table, ok := got.(map[string]any); ok {
		if record, ok := table["record"].(map[string]any); ok {
			if same, wanted, err := c.same(field, want, record); same || err != nil {
				return same, wanted, err
			}
		}
		for _, id := range idFields {
			value, has := table[id]
			if !has {
				continue
			}
			if same, wanted, err := c.same(id, want, value); same || err != nil {
				return same, wanted, err
			}
		}
	}
	text, isText := want.(string)
	if !isText {
		return sameValue(want, got), want, nil
	}
	value, err := c.names.value(text)
	if err != nil {
		return false, nil, err
	}
	if filled, ok := value.(string); ok {
		return c.sameText(filled, got) || field == "number" && sameRight(filled, got), filled, nil
	}
	return reflect.DeepEqual(value, got), value, nil
}

func sameValue(want, got any) bool {
	if isTime(want) {
		return sameTime(want, got)
	}
	text, ok := scalarText(got)
	if !ok {
		return false
	}
	switch want := want.(type) {
	case bool:
		return got == want
	case int64:
		return text == strconv.FormatInt(want, 10) // also of a number in a text, as money is
	case float64:
		n, ok := new(big.Rat).SetString(text)
		return ok && n.Cmp(new(big.Rat).SetFloat64(want)) == 0
	case toml.LocalTime:
		return text == want.String()
	}
	return false
}

// sameText compares a text with a value that it may stand for: a name of the cast
// for a party id, a person or a key, and a time in a text for one in ms.
func (c comparison) sameText(want string, got any) bool {
	if n, ok := got.(json.Number); ok {
		return n.String() == want || sameTime(want, got)
	}
	text, ok := got.(string)
	if !ok {
		return false
	}
	if text == want || sameTime(want, got) {
		return true
	}
	if id, ok := c.names.cast.partyID(want); ok && id == text {
		return true
	}
	p, ok := c.names.cast.named(want)
	return ok && (text == c.names.cast.personID(p) || text == c.names.cast.key(p).Public().String())
}

// sameRight compares two spellings of the number of a right: ZL201810234567.3 is
// 2018102345673.
func sameRight(want string, got any) bool {
	text, ok := got.(string)
	if !ok {
		return false
	}
	for _, space := range []identifier.Space{
		identifier.PatentSpace, identifier.MarkSpace, identifier.WorkSpace, identifier.SoftwareSpace, identifier.LayoutSpace, identifier.VarietySpace,
	} {
		one, err1 := space.Check(want, endOfTime)
		other, err2 := space.Check(text, endOfTime)
		if err1 == nil && err2 == nil && one == other {
			return true
		}
	}
	return false
}

// endOfTime is a day by which every number may have been given.
var endOfTime = identifier.DateOf(time.Date(lastYear, time.December, 31, 0, 0, 0, 0, time.UTC).UnixMilli())

// sameTime compares a time with one in ms or in a text. A wanted time without a
// fraction means that second: several steps of one time are some ms apart. A wanted
// day means any time of it.
func sameTime(want, got any) bool {
	wanted, ok := momentOf(want)
	if !ok {
		return false
	}
	var found time.Time
	switch got := got.(type) {
	case json.Number:
		ms, err := got.Int64()
		if err != nil {
			return false
		}
		found = time.UnixMilli(ms)
	case string:
		if isDay(want) && got == wanted.Format(time.DateOnly) {
			return true
		}
		if len(got) <= len(time.DateOnly) {
			return false // a date is not its midnight
		}
		if found, ok = parseMoment(got); !ok {
			return false
		}
	default:
		return false
	}
	if isDay(want) {
		return found.In(shanghai).Format(time.DateOnly) == wanted.Format(time.DateOnly)
	}
	if wanted.Nanosecond() == 0 {
		found = found.Truncate(time.Second)
	}
	return found.Equal(wanted)
}

// isDay tells whether a time that a story has is a day alone.
func isDay(v any) bool {
	switch v := v.(type) {
	case toml.LocalDate:
		return true
	case string:
		return len(v) == len(time.DateOnly)
	}
	return false
}
