// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

const (
	partiesPrefix = "parties/"
	personsPrefix = "persons/"
)

func (s *server) describeParties(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/parties", "listParties", "Organisations by party id", false), s.listParties)
	register(s, a, operation(http.MethodGet, "/v1/parties/{party_id}", "getParty", "One organisation", false), s.getParty)
	register(s, a, operation(http.MethodGet, "/v1/persons", "listPersons", "People of an organisation, for members", true), s.listPersons)
}

type partiesInput struct {
	Role string `query:"role" maxLength:"16" doc:"Kind of organisation, BANK for one."`
	PageInput
}

func (s *server) listParties(_ context.Context, in *partiesInput) (*answer[PartyPage], error) {
	page := PartyPage{Items: []contracts.Party{}}
	v, next, err := s.page(in.PageInput, list{prefix: partiesPrefix, filter: in.Role, take: func(_ *view, key string, value []byte) (bool, error) {
		var party contracts.Party
		if err := decode(key, value, &party); err != nil {
			return false, err
		}
		if in.Role != "" && in.Role != string(party.Role) {
			return false, nil
		}
		page.Items = append(page.Items, party)
		return true, nil
	}})
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

type partyInput struct {
	PartyID string `path:"party_id" maxLength:"64" doc:"Unified social credit code."`
}

func (s *server) getParty(_ context.Context, in *partyInput) (*answer[Party], error) {
	id, err := identifier.USCCOrgCheckWaived(in.PartyID)
	if err != nil {
		return nil, refused(http.StatusBadRequest, contracts.IdentifierFailure(err, "party_id"))
	}
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	out := Party{Place: v.place()}
	switch ok, err := v.load(contracts.PartyKey(id), &out.Record); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, notFound(id)
	}
	return answerOf(v, out), nil
}

type personsInput struct {
	Organisation string `query:"organisation" maxLength:"64" doc:"Party id. Absent: the caller's."`
	PageInput
}

func (s *server) listPersons(ctx context.Context, in *personsInput) (*answer[PersonPage], error) {
	c, err := needCaller(ctx)
	if err != nil {
		return nil, err
	}
	organisation := in.Organisation
	if organisation == "" {
		organisation = c.party.PartyID
	}
	page := PersonPage{Items: []contracts.Person{}}
	v, next, err := s.page(in.PageInput, list{prefix: personsPrefix, filter: organisation, take: func(_ *view, key string, value []byte) (bool, error) {
		var person contracts.Person
		if err := decode(key, value, &person); err != nil {
			return false, err
		}
		if person.Organisation != organisation {
			return false, nil
		}
		page.Items = append(page.Items, person)
		return true, nil
	}})
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}
