// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
)

const (
	pathParameters = "/v1/parameters"
	pathCalendars  = "/v1/calendars"
)

func (s *server) describeRules(a huma.API) {
	register(s, a, operation(http.MethodGet, pathParameters, "listParameters", "Figures of the law and of the consortium's rules in force, with their sources", levelPublic), s.listParameters)
	register(s, a, operation(http.MethodGet, pathCalendars, "listCalendars", "Calendars of working days by year", levelPublic), s.listCalendars)
}

type heightInput struct {
	PastInput
}

func (s *server) listParameters(_ context.Context, in *heightInput) (*answer[Parameters], error) {
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	p, err := v.parameters()
	if err != nil {
		return nil, err
	}
	changes, err := v.changes()
	if err != nil {
		return nil, err
	}
	out := Parameters{Place: v.place(), Version: p.Version, Area: p.Area, Items: []Parameter{}}
	for _, f := range contracts.Figures(v.header.ExecutionVersion) {
		d := f.Definition()
		out.Items = append(out.Items, Parameter{
			Key: d.Key, Value: p.Of(f), Unit: d.Unit, Title: d.Title, TitleZH: d.TitleZH,
			Default: d.Default, Min: d.Min, Max: d.Max, Mark: d.Mark, Source: d.Source, Change: changes[d.Key],
		})
	}
	return answerOf(v, out), nil
}

// changes are those that set the values in force, by key.
func (v *view) changes() (map[string]*ValueChange, error) {
	newest := make(map[string]*ValueChange)
	err := v.each(contracts.AmendmentPrefix, func(key string, value []byte) error {
		var a contracts.Amendment
		if err := decode(key, value, &a); err != nil {
			return err
		}
		for _, c := range a.Changes {
			newest[c.Key] = &ValueChange{Version: a.Version, Height: a.Height, Time: a.Time, Before: c.Before, Source: a.Source, Proposal: a.Proposal}
		}
		return nil
	})
	return newest, err
}

func (s *server) listCalendars(_ context.Context, in *heightInput) (*answer[Calendars], error) {
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out := Calendars{Place: v.place(), Items: []contracts.Calendar{}}
	err = v.each(contracts.CalendarPrefix, func(key string, value []byte) error {
		var c contracts.Calendar
		if err := decode(key, value, &c); err != nil {
			return err
		}
		out.Items = append(out.Items, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return answerOf(v, out), nil
}
