// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
)

// A PastInput has the parameters of every query that can be asked of the past.
type PastInput struct {
	AtHeight Height `query:"at_height" doc:"As of this block. Absent: the newest FINAL block."`
	AtTime   Moment `query:"at_time" doc:"As of the last FINAL block not after this time."`
	AsOf     Moment `query:"as_of" doc:"Another name of at_time."`
}

// time is the time that is asked for and the name it was given by; zero if none is.
func (p PastInput) time() (at Moment, name string) {
	if !p.AsOf.IsZero() {
		return p.AsOf, "as_of"
	}
	return p.AtTime, "at_time"
}

// text tells one from another in a cursor's filter.
func (p PastInput) text() string {
	switch at, _ := p.time(); {
	case p.AtHeight.Given:
		return fmt.Sprintf("\nheight %d", p.AtHeight.Value)
	case !at.IsZero():
		return fmt.Sprintf("\ntime %d", at.UnixMilli())
	}
	return ""
}

// A period is from one time, which belongs to it, to another, which does not.
// Either may be left out.
type period struct{ from, to Moment }

func (p period) given() bool { return !p.from.IsZero() || !p.to.IsZero() }

// check refuses a period that ends before it begins. The name is that of its
// parameters, less _from and _to.
func (p period) check(name string) error {
	if !p.from.IsZero() && !p.to.IsZero() && !p.to.After(p.from.Time) {
		return invalid(name+"_to", contracts.ReasonValue).expect(text{"a time after " + name + "_from", "晚于 " + name + "_from 的时间"})
	}
	return nil
}

// holds tells whether a time in ms since 1970 UTC lies within.
func (p period) holds(ms int64) bool {
	return (p.from.IsZero() || ms >= p.from.UnixMilli()) && (p.to.IsZero() || ms < p.to.UnixMilli())
}

// span is the part of the index that has the times within.
func (p period) span(term func(ms int64) string) span {
	s := span{term(0), term(maxTime)}
	if !p.from.IsZero() {
		s.from = term(p.from.UnixMilli())
	}
	if !p.to.IsZero() {
		s.to = term(p.to.UnixMilli() - 1)
	}
	return s
}

// text tells one from another in a cursor's filter.
func (p period) text() string {
	if !p.given() {
		return ""
	}
	return fmt.Sprint(p.from.UnixMilli(), " ", p.to.UnixMilli())
}

// exactly is the span of one term.
func exactly(term string) []span { return []span{{term, term}} }

// beginning is the span of the terms with a prefix; no text has the byte 0xff.
func beginning(prefix string) []span { return []span{{prefix, prefix + "\xff"}} }

// always gives the same spans, whatever the view.
func always(spans []span) func(*view) ([]span, error) {
	return func(*view) ([]span, error) { return spans, nil }
}

// inArea gives the spans of the records of a folder by area and by the states, in
// order, that the records may be stored in. One of both may be left out.
func inArea(folder, area string, states ...string) func(*view) ([]span, error) {
	switch {
	case area == "":
		return func(v *view) ([]span, error) { // the areas are few
			terms, err := v.Terms(folder + "/area/")
			var spans []span
			for _, term := range terms {
				if slices.ContainsFunc(states, func(state string) bool { return contracts.OfState(term, state) }) {
					spans = append(spans, exactly(term)...)
				}
			}
			return spans, err
		}
	case len(states) == 0:
		return always(beginning(contracts.AreaTerms(folder, area)))
	}
	var spans []span
	for _, state := range states {
		spans = append(spans, exactly(contracts.AreaTerm(folder, area, state))...)
	}
	return always(spans)
}
