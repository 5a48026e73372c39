// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/pledges"
)

func (s *server) describePortfolio(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/parties/{party_id}/portfolio", "getPortfolio", "The live pledges that an organisation holds, with the state of what is pledged", levelPublic), s.getPortfolio)
}

// A Portfolio is one page of the live pledges to an organisation, and to those in whose
// place it stands. It is of public facts alone.
type Portfolio struct {
	Place
	PartyID    string          `json:"party_id"`
	Items      []PortfolioItem `json:"items" doc:"May be empty while there is a next_cursor."`
	Counts     PortfolioCounts `json:"counts" doc:"Of the items of this page; those of all pages add up to those of the portfolio."`
	NextCursor string          `json:"next_cursor,omitempty"`
}

// A PortfolioItem is one live pledge.
type PortfolioItem struct {
	Record pledges.Record `json:"record" doc:"With its state at the block's time."`
	Rights []PledgedRight `json:"rights"`
}

// PortfolioCounts count pledges, and the rights that they have.
type PortfolioCounts struct {
	Pledges     int            `json:"pledges"`
	Rights      int            `json:"rights" doc:"LIVE ones."`
	ByState     map[string]int `json:"by_state"`
	ByRegistrar map[string]int `json:"by_registrar"`
	ByArea      map[string]int `json:"by_area"`
	ByFlag      map[string]int `json:"by_flag" doc:"Pledges with a right that has the flag; REMOVED where one has ended."`
}

func newCounts() PortfolioCounts {
	return PortfolioCounts{ByState: map[string]int{}, ByRegistrar: map[string]int{}, ByArea: map[string]int{}, ByFlag: map[string]int{}}
}

// Add adds those of a further page.
func (c *PortfolioCounts) Add(more PortfolioCounts) {
	if c.ByState == nil {
		*c = newCounts()
	}
	c.Pledges += more.Pledges
	c.Rights += more.Rights
	for _, sum := range []struct{ to, from map[string]int }{
		{c.ByState, more.ByState}, {c.ByRegistrar, more.ByRegistrar}, {c.ByArea, more.ByArea}, {c.ByFlag, more.ByFlag},
	} {
		for name, n := range sum.from {
			sum.to[name] += n
		}
	}
}

// count counts one pledge.
func (c *PortfolioCounts) count(item PortfolioItem) {
	c.Pledges++
	c.ByState[string(item.Record.State)]++
	c.ByRegistrar[item.Record.Registrar]++
	c.ByArea[contracts.AreaOf(item.Record.PledgeNo)]++
	flags := map[string]bool{}
	for _, r := range item.Rights {
		if r.State == rightRemoved {
			flags[rightRemoved] = true
			continue
		}
		c.Rights++
		for _, flag := range r.Flags {
			flags[flag] = true
		}
	}
	for flag := range flags {
		c.ByFlag[flag]++
	}
}

type portfolioInput struct {
	PartyID string `path:"party_id" maxLength:"64" doc:"Unified social credit code, or LEI."`
	PastInput
	PageInput
}

func (s *server) getPortfolio(_ context.Context, in *portfolioInput) (*answer[Portfolio], error) {
	id, err := partyNamed(in.PartyID, "party_id")
	if err != nil {
		return nil, err
	}
	page := Portfolio{PartyID: id, Items: []PortfolioItem{}, Counts: newCounts()}
	l := list{prefix: pledgesPrefix, past: in.PastInput, filter: "portfolio\n" + id, terms: termsOf}
	var k seeker
	l.spans = func(v *view) ([]span, error) {
		if ok, err := v.load(contracts.PartyKey(id), &contracts.Party{}); err != nil {
			return nil, err
		} else if !ok {
			return nil, notFound(id)
		}
		var err error
		k, err = v.seek(id)
		return k.spans(pledges.PledgeeTerm), err
	}
	l.take = func(v *view, key string, value []byte) (bool, error) {
		item := PortfolioItem{}
		if err := decode(key, value, &item.Record); err != nil || !item.Record.State.Live() {
			return false, err
		}
		if found, err := k.among(v, item.Record.Pledgees, item.Record.PledgeNo); err != nil || len(found) == 0 {
			return false, err
		}
		var err error
		if item.Rights, item.Record.State, err = v.pledged(item.Record); err != nil || !item.Record.State.Live() {
			return false, err
		}
		page.Items = append(page.Items, item)
		page.Counts.count(item)
		return true, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}
