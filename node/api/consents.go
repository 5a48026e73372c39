// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/consents"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
)

const consentsPrefix = "consents/"

func (s *server) describeConsents(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/consents", "listConsents", "Consents to deals about pledged rights, and breaches, that the caller may see", levelMember), s.listConsents)
	register(s, a, operation(http.MethodGet, "/v1/consents/{consent_no}", "getConsent", "One consent, for the owner who asked, the pledgees, the offices of the right's register and the regulator", levelParty), s.getConsent)
}

// A Consent is the record of a consent or of a breach, for its parties.
type Consent struct {
	Place
	ConsentItem
}

// A ConsentItem is one consent with its state at the block's time.
type ConsentItem struct {
	State  rights.ConsentState `json:"state" enum:"REQUESTED,GRANTED,REFUSED,LAPSED,BREACH" doc:"At the block's time: GRANTED means that every pledge that lives then covers a deal made then."`
	Record rights.Consent      `json:"record"`
	Use    *rights.ConsentUse  `json:"use,omitempty" doc:"The register's event that it has served for."`
}

// A ConsentPage is one page of consents.
type ConsentPage struct {
	Place
	Items      []ConsentItem `json:"items" doc:"May be empty while there is a next_cursor."`
	NextCursor string        `json:"next_cursor,omitempty"`
}

type consentInput struct {
	ConsentNo string `path:"consent_no" maxLength:"64" example:"CON-510100-20260701-0000001-Q"`
	PastInput
}

// getConsent answers everybody else as if the consent did not exist, the unsigned caller
// too: see docs/decisions/0008.
func (s *server) getConsent(ctx context.Context, in *consentInput) (*answer[Consent], error) {
	var record rights.Consent
	v, number, err := s.numbered(in.ConsentNo, "consent_no", identifier.ConsentRecord, in.PastInput, rights.ConsentKey, &record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	item, seen, err := v.consent(record, callerOf(ctx))
	switch {
	case err != nil:
		return nil, err
	case !seen:
		return nil, notFound(number)
	}
	return answerOf(v, Consent{v.place(), item}), nil
}

type consentsInput struct {
	Right string `query:"right" maxLength:"160" doc:"A right id, or TYPE:number."`
	State string `query:"state" enum:"REQUESTED,GRANTED,REFUSED,LAPSED,BREACH" doc:"At the block's time."`
	PastInput
	PageInput
}

// listConsents finds what a party may see by its own names, and what an office or a
// supervisor may see by looking at all, unless a right narrows it.
func (s *server) listConsents(ctx context.Context, in *consentsInput) (*answer[ConsentPage], error) {
	c := callerOf(ctx)
	right, err := s.rightNamed(in.Right, "right")
	if err != nil {
		return nil, err
	}
	l := list{prefix: consentsPrefix, past: in.PastInput, filter: strings.Join([]string{c.party.PartyID, right, in.State}, "\n")}
	switch {
	case right != "":
		l.spans = always(exactly(consents.RightTerm(right)))
	case maySee(c) || rights.ReportsAny(c.party.Role):
	default:
		l.spans = func(v *view) ([]span, error) {
			k, err := v.seek(c.party.PartyID)
			return k.spans(consents.PartyTerm), err
		}
	}
	seen := make(map[string]bool) // a consent may be found under two names
	page := ConsentPage{Items: []ConsentItem{}}
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var record rights.Consent
		if err := decode(key, value, &record); err != nil || seen[key] {
			return false, err
		}
		seen[key] = true
		item, ok, err := v.consent(record, c)
		if ok = ok && (in.State == "" || in.State == string(item.State)); ok {
			page.Items = append(page.Items, item)
		}
		return ok, err
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// consent gives a consent as it is at the view's time, and whether a caller may see it.
func (v *view) consent(record rights.Consent, c *caller) (item ConsentItem, seen bool, err error) {
	var right rights.Record
	if _, err := v.load(rights.RecordKey(record.Space, record.Number), &right); err != nil {
		return item, false, err
	}
	if seen, err = v.mayReadConsent(record, right, c); err != nil || !seen {
		return item, false, err
	}
	item = ConsentItem{State: record.StateAt(right, v.header.Time), Record: record}
	var use rights.ConsentUse
	_, err = v.load(rights.ConsentUseKey(record.ConsentNo), &use)
	if use.Event != 0 {
		item.Use = &use
	}
	return item, err == nil, err
}

// mayReadConsent tells whether a caller is of a party of the consent, supervises them, or
// may enter the deal in the right's register. A pledge that came after the request makes
// its pledgees parties: they have to agree, too.
func (v *view) mayReadConsent(record rights.Consent, right rights.Record, c *caller) (bool, error) {
	if c == nil {
		return false, nil
	}
	if maySee(c) || rights.Reports(c.party.Role, rights.RegistrarOf(record.Space, record.Number)) {
		return true, nil
	}
	owners := []string{record.RequestedBy}
	if record.Breach != nil {
		owners = record.Breach.Owners
	}
	of := map[string][]string{record.RightID: owners} // parties by the record that names them
	for _, asked := range record.Asked {
		of[asked.PledgeNo] = append(of[asked.PledgeNo], asked.Pledgees...)
	}
	for _, e := range rights.LivePledges(right, v.header.Time) {
		of[e.PledgeNo] = append(of[e.PledgeNo], e.Pledgees...)
	}
	for in, parties := range of {
		for _, party := range parties {
			now, err := v.current(party, in)
			if err != nil || now == c.party.PartyID {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// consentAlerts lists what there is to know of the consents of a right.
func (v *view) consentAlerts(right rights.Record) (alerts []rights.Alert, err error) {
	var numbers []string
	err = v.Iterate(rights.ConsentsPrefix(right.Space, right.Number), func(key string, _ []byte) bool {
		numbers = append(numbers, key[strings.LastIndexByte(key, '/')+1:])
		return true
	})
	if err != nil {
		return nil, pruned(err)
	}
	for _, no := range numbers {
		var record rights.Consent
		if _, err := v.load(rights.ConsentKey(no), &record); err != nil {
			return nil, err
		}
		alerts = append(alerts, rights.ConsentAlerts(record, right, v.header.Time)...)
	}
	return alerts, nil
}
