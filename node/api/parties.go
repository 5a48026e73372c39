// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/ledger"
)

const (
	partiesPrefix = "parties/"
	personsPrefix = "persons/"
)

func (s *server) describeParties(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/parties", "listParties", "Organisations by party id", levelPublic), s.listParties)
	register(s, a, operation(http.MethodGet, "/v1/parties/{party_id}", "getParty", "One organisation", levelPublic), s.getParty)
	register(s, a, operation(http.MethodGet, "/v1/persons", "listPersons", "People of an organisation, for members", levelMember), s.listPersons)
}

type partiesInput struct {
	Role string `query:"role" enum:"BORROWER,PLEDGOR,COOWNER,VALUER,BANK,IPO,REGISTRAR,CPC,GUARANTOR,INSURER,FUND,EXCHANGE,COURT,REGULATOR,AUDITOR,OPERATOR,CREDIT" doc:"Kind of organisation."`
	Name string `query:"name" maxLength:"128" doc:"Exact name, present or former, or party id. Width of characters, blanks and case make no difference."`
	PageInput
}

func (s *server) listParties(_ context.Context, in *partiesInput) (*answer[PartyPage], error) {
	page := PartyPage{Items: []contracts.Party{}}
	prefix := partiesPrefix
	if id, err := identifier.PartyID(in.Name); err == nil {
		prefix = contracts.PartyKey(id)
	} else if in.Name != "" {
		prefix = contracts.PartyNamePrefix(s.Trust.Suite, in.Name)
	}
	v, next, err := s.page(in.PageInput, list{prefix: prefix, filter: in.Role + "\n" + in.Name, take: func(v *view, key string, value []byte) (bool, error) {
		party, err := v.partyAt(key, value)
		if err != nil {
			return false, err
		}
		if in.Role != "" && in.Role != string(party.Role) {
			return false, nil
		}
		party.Status = party.StatusAt(v.header.Time)
		page.Items = append(page.Items, party)
		return true, nil
	}})
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// partyAt reads an organisation from its record, or from an entry of one of its names.
func (v *view) partyAt(key string, value []byte) (party contracts.Party, err error) {
	if strings.HasPrefix(key, partiesPrefix) {
		return party, decode(key, value, &party)
	}
	var id string
	if err := decode(key, value, &id); err != nil {
		return party, err
	}
	if ok, err := v.load(contracts.PartyKey(id), &party); err != nil || !ok {
		return party, cmp.Or(err, fmt.Errorf("%w: %s names no party", ledger.ErrCorrupt, key))
	}
	return party, nil
}

type partyInput struct {
	PartyID string `path:"party_id" maxLength:"64" doc:"Unified social credit code; of an organisation that has none, LEI."`
}

func (s *server) getParty(ctx context.Context, in *partyInput) (*answer[Party], error) {
	id, err := partyNamed(in.PartyID, "party_id")
	if err != nil {
		return nil, err
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
	out.Kind, out.Status = out.Record.Role, out.Record.StatusAt(v.header.Time)
	if !isMember(ctx, in) {
		return answerOf(v, out), nil
	}
	var details parties.Details
	if ok, err := v.load(parties.DetailsKey(id), &details); err != nil {
		return nil, err
	} else if ok {
		out.Details = &details
	}
	if out.Delegations, err = v.delegations(id); err != nil {
		return nil, err
	}
	return answerOf(v, out), nil
}

// maxDelegations bounds those of an organisation that are shown.
const maxDelegations = 200

// delegations are what an organisation has delegated, also what has ended.
func (v *view) delegations(principal string) (list []contracts.Delegation, err error) {
	var fault error
	err = v.Iterate(contracts.DelegationPrefix(principal), func(key string, value []byte) bool {
		var d contracts.Delegation
		fault = decode(key, value, &d)
		list = append(list, d)
		return fault == nil && len(list) < maxDelegations
	})
	if err == nil {
		err = fault
	}
	return list, pruned(err)
}

type personsInput struct {
	Organisation string `query:"organisation" maxLength:"64" doc:"Party id. Absent: the caller's."`
	PageInput
}

func (s *server) listPersons(ctx context.Context, in *personsInput) (*answer[PersonPage], error) {
	organisation, err := partyNamed(cmp.Or(in.Organisation, callerOf(ctx).party.PartyID), "organisation")
	if err != nil {
		return nil, err
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
