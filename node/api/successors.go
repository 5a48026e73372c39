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

// placesIn gives those of some names under which an organisation stands in the record
// of a right or in the pledges on it: its own, and those of whom it has succeeded there.
func (v *view) placesIn(r rights.Record, names []string, party string) ([]string, error) {
	var places []string
	look := func(name, record string) error {
		if !slices.Contains(names, name) || slices.Contains(places, name) {
			return nil
		}
		now := name
		if name != party {
			var err error
			if now, err = v.current(name, record); err != nil {
				return err
			}
		}
		if now == party {
			places = append(places, name)
		}
		return nil
	}
	for _, name := range append(slices.Clone(r.Owners), r.ConfirmedBy) {
		if err := look(name, r.RightID); err != nil {
			return nil, err
		}
	}
	for _, p := range r.Pledges {
		for _, pledgee := range p.Pledgees {
			if err := look(pledgee, p.PledgeNo); err != nil {
				return nil, err
			}
		}
	}
	return places, nil
}
