// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

const pathAlerts = "/v1/alerts"

func (s *server) describeAlerts(a huma.API) {
	register(s, a, operation(http.MethodGet, pathAlerts, "listAlerts", "What a party has to know of its rights, its pledges and its applications", levelMember), s.listAlerts)
}

// An AlertPage is the alerts of one page of applications, pledges and rights, by each of
// them and then by time.
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

// listAlerts walks over what concerns a party: applications, pledges, rights, and those
// of the parties in whose place it stands. A page is of so many of them, whatever there is
// to know of each.
func (s *server) listAlerts(ctx context.Context, in *alertsInput) (*answer[AlertPage], error) {
	c := callerOf(ctx)
	party, err := partyNamed(cmp.Or(in.Party, c.party.PartyID), "party")
	if err != nil {
		return nil, err
	}
	l := list{past: in.PastInput, filter: "alerts\n" + party + "\n" + in.Since.String(), terms: termsOf}
	// A caller looks for a predecessor as who it is itself.
	who := party
	if !maySee(c, party) {
		who = c.party.PartyID
	}
	var k seeker
	l.spans = func(v *view) (spans []span, err error) {
		if k, err = v.seek(who); err != nil {
			return nil, err
		}
		switch {
		case who == party:
		case slices.Contains(k.names, party):
			k.names = []string{party}
		default:
			return nil, notFound(party) // as if it were not there
		}
		return k.spans(pledges.ConcernedTerm, pledges.PledgeeTerm, pledges.PledgorTerm, rights.OwnerTerm, rights.PledgeeTerm), nil
	}
	page := AlertPage{Items: []rights.Alert{}}
	var params *contracts.Parameters
	l.take = func(v *view, key string, value []byte) (bool, error) {
		if params == nil {
			p, err := v.parameters()
			if err != nil {
				return false, err
			}
			params = &p
		}
		found, places, err := v.alertsOf(key, value, k, *params, c.party.Foreign())
		if err != nil {
			return false, err
		}
		to := func(name string) bool { return slices.Contains(places, name) }
		for _, a := range found {
			if slices.ContainsFunc(a.To, to) && (in.Since.IsZero() || a.RaisedAt >= in.Since.UnixMilli()) {
				page.Items = append(page.Items, a)
			}
		}
		return len(found) > 0, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// alertsOf gives the alerts of a right, of a pledge or of a pledge's application, and the
// names under which a party stands there.
func (v *view) alertsOf(key string, value []byte, k seeker, p contracts.Parameters, foreign bool) (found []rights.Alert, places []string, err error) {
	if strings.HasPrefix(key, rightsPrefix) {
		var record rights.Record
		if err := decode(key, value, &record); err != nil {
			return nil, nil, err
		}
		if places, err = k.places(v, record); err != nil {
			return nil, nil, err
		}
		found = rights.AlertsOf(record, v.header.Time, p)
		if foreign { // consents are no public records
			return found, places, nil
		}
		of, err := v.consentAlerts(record)
		return append(found, of...), places, err
	}
	_, number, _ := strings.Cut(key, "/")
	var c pledges.Case
	if err := v.loadAll(map[string]any{pledges.RecordKey(number): &c.Record, pledges.ApplicationKey(number): &c.Application}); err != nil {
		return nil, nil, err
	}
	public := slices.Concat(c.Record.Pledgees, c.Record.Pledgors)
	if !strings.HasPrefix(key, pledgesPrefix) && slices.ContainsFunc(public, func(name string) bool { return slices.Contains(k.names, name) }) {
		return nil, nil, nil // it is found by its public record
	}
	if c.Rights, err = v.rightsOf(c.Record); err != nil {
		return nil, nil, err
	}
	if c.SettledAt, err = v.settledAt(number); err != nil {
		return nil, nil, err
	}
	var fault error
	c.Calendar = func(year int) (contracts.Calendar, bool) {
		var calendar contracts.Calendar
		ok, err := v.load(contracts.CalendarKey(year), &calendar)
		fault = cmp.Or(fault, err)
		return calendar, ok
	}
	found = pledges.AlertsOf(c, v.header.Time, p)
	if fault != nil {
		return nil, nil, fault
	}
	var names []string
	for _, a := range found {
		names = append(names, a.To...)
	}
	places, err = k.among(v, names, number)
	return found, places, err
}

// loadAll reads records that are all there.
func (v *view) loadAll(records map[string]any) error {
	for key, record := range records {
		if ok, err := v.load(key, record); err != nil || !ok {
			return cmp.Or(err, fmt.Errorf("%w: the state holds no %s", ledger.ErrCorrupt, key))
		}
	}
	return nil
}
