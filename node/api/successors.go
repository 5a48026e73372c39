// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
)

// predecessors lists the organisations in whose place another stands in all of their
// records or some, those before them too, sorted.
func (v *view) predecessors(party string) ([]string, error) {
	var list []string
	for next := []string{party}; len(next) > 0; next = next[1:] {
		var p contracts.Party
		if _, err := v.load(contracts.PartyKey(next[0]), &p); err != nil {
			return nil, err
		}
		for _, id := range p.Predecessors {
			if id != party && !slices.Contains(list, id) {
				list, next = append(list, id), append(next, id)
			}
		}
	}
	slices.Sort(list)
	return list, nil
}

// A seeker looks for an organisation in records: under its own name, and under those of
// the organisations in whose place it stands there.
type seeker struct {
	party string
	names []string // sorted
}

// seek makes a seeker of an organisation.
func (v *view) seek(party string) (seeker, error) {
	names, err := v.predecessors(party)
	names = append(names, party)
	slices.Sort(names)
	return seeker{party, names}, err
}

// spans are the parts of the index that have records under any of the names, by terms in
// order.
func (k seeker) spans(terms ...func(partyID string) string) (spans []span) {
	for _, term := range terms {
		for _, name := range k.names {
			spans = append(spans, exactly(term(name))...)
		}
	}
	return spans
}

// stands tells whether a name in a record is a name of the organisation there. Its own
// always is.
func (k seeker) stands(v *view, name, record string) (bool, error) {
	switch {
	case name == k.party:
		return true, nil
	case !slices.Contains(k.names, name):
		return false, nil
	}
	now, err := v.current(name, record)
	return now == k.party, err
}

// among gives those of some names in a record under which the organisation stands there.
func (k seeker) among(v *view, names []string, record string) (found []string, err error) {
	for _, name := range names {
		is, err := k.stands(v, name, record)
		if err != nil {
			return nil, err
		}
		if is && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found, nil
}

// places gives the names under which the organisation stands in the record of a right or
// in the pledges on it.
func (k seeker) places(v *view, r rights.Record) ([]string, error) {
	places, err := k.among(v, append(slices.Clone(r.Owners), r.ConfirmedBy), r.RightID)
	if err != nil {
		return nil, err
	}
	for _, p := range r.Pledges {
		more, err := k.among(v, p.Pledgees, p.PledgeNo)
		if err != nil {
			return nil, err
		}
		places = append(places, more...)
	}
	return places, nil
}

// A search is the organisations that a list is filtered by. It follows successions by the
// view of the page, and reads those of each organisation once.
type search map[string]seeker

func (m search) of(v *view, party string) (seeker, error) {
	if k, ok := m[party]; ok {
		return k, nil
	}
	k, err := v.seek(party)
	m[party] = k
	return k, err
}

// spans are those of one organisation in a list.
func (m search) spans(party string, term func(string) string) func(*view) ([]span, error) {
	return func(v *view) ([]span, error) {
		k, err := m.of(v, party)
		return k.spans(term), err
	}
}

// finds tells whether an organisation, if one is given, stands in a record among others.
func (m search) finds(v *view, party string, names []string, record string) (bool, error) {
	if party == "" {
		return true, nil
	}
	k, err := m.of(v, party)
	if err != nil {
		return false, err
	}
	found, err := k.among(v, names, record)
	return len(found) > 0, err
}
