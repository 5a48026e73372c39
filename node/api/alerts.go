// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
)

const pathAlerts = "/v1/alerts"

func (s *server) describeAlerts(a huma.API) {
	register(s, a, operation(http.MethodGet, pathAlerts, "listAlerts", "What a party has to know of its rights and of those pledged to it", true), s.listAlerts)
}

// An AlertPage is the alerts of one page of rights, by right and then by time.
type AlertPage struct {
	Place
	Items      []rights.Alert `json:"items"`
	NextCursor string         `json:"next_cursor,omitempty"`
}

type alertsInput struct {
	Party string `query:"party" maxLength:"64" doc:"Party id. Absent: the caller's. Others' are for those who supervise them, and for who stands in their place."`
	Since Moment `query:"since" doc:"Only what was raised at this time or later."`
	PastInput
	PageInput
}

// listAlerts walks over the rights of a party and those on which it holds a pledge, and
// over those of the parties in whose place it stands. A page is of so many rights,
// whatever there is to know of each.
func (s *server) listAlerts(ctx context.Context, in *alertsInput) (*answer[AlertPage], error) {
	c, err := needCaller(ctx)
	if err != nil {
		return nil, err
	}
	party := c.party.PartyID
	if in.Party != "" {
		if party, err = identifier.USCCOrgCheckWaived(in.Party); err != nil {
			return nil, refused(http.StatusBadRequest, contracts.IdentifierFailure(err, "party"))
		}
	}
	l := list{prefix: rightsPrefix, past: in.PastInput, filter: party + "\n" + in.Since.String()}
	// A caller looks for a predecessor as who it is itself.
	var names []string
	who := party
	if !maySee(c, party) {
		who = c.party.PartyID
	}
	l.spans = func(v *view) (spans []span, err error) {
		if names, err = v.predecessors(who); err != nil {
			return nil, err
		}
		switch {
		case who == party:
			names = append(names, party)
			slices.Sort(names)
		case slices.Contains(names, party):
			names = []string{party}
		default:
			return nil, notFound(party) // as if it were not there
		}
		for _, term := range []func(string) string{rights.OwnerTerm, rights.PledgeeTerm} {
			for _, name := range names {
				spans = append(spans, exactly(term(name))...)
			}
		}
		return spans, nil
	}
	seen := make(map[string]bool) // a right may be found under two names
	page := AlertPage{Items: []rights.Alert{}}
	var params *contracts.Parameters
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var record rights.Record
		if err := decode(key, value, &record); err != nil {
			return false, err
		}
		if params == nil {
			p, err := v.parameters()
			if err != nil {
				return false, err
			}
			params = &p
		}
		if seen[key] {
			return false, nil
		}
		seen[key] = true
		places, err := v.placesIn(record, names, who)
		if err != nil {
			return false, err
		}
		to := func(name string) bool { return slices.Contains(places, name) }
		for _, a := range rights.AlertsOf(record, v.header.Time, *params) {
			if slices.ContainsFunc(a.To, to) && (in.Since.IsZero() || a.RaisedAt >= in.Since.UnixMilli()) {
				page.Items = append(page.Items, a)
			}
		}
		return true, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}
