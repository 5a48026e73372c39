// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"maps"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// NewOverlay is a layer of writes above a reader.
func NewOverlay(below Reader, writes map[string][]byte) Reader {
	o := newOverlay(below, 0)
	for _, key := range slices.Sorted(maps.Keys(writes)) {
		o.put(key, writes[key])
	}
	return o
}

// ViewOfCalendars is a view of a state that holds nothing but calendars.
func ViewOfCalendars(years ...Calendar) *View {
	o := newOverlay(nothing{}, 0)
	for _, c := range years {
		o.put(CalendarKey(int(c.Year)), ledger.Encode(c))
	}
	return &View{state: o}
}

type nothing struct{}

func (nothing) Get(string) ([]byte, bool, error)                { return nil, false, nil }
func (nothing) Iterate(string, func(string, []byte) bool) error { return nil }
