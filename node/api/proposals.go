// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

const pathProposals = "/v1/proposals"

func (s *server) describeProposals(a huma.API) {
	register(s, a, operation(http.MethodGet, pathProposals, "listProposals", "Proposals to the members, in the order in which they were opened, for members", levelMember), s.listProposals)
	register(s, a, operation(http.MethodGet, pathProposals+"/{id}", "getProposal", "One proposal with its ballots, for members", levelMember), s.getProposal)
}

type proposalsInput struct {
	State string `query:"state" enum:"OPEN,PASSED,FAILED,REJECTED,VETOED,WITHDRAWN,EXPIRED"`
	PageInput
}

func (s *server) listProposals(_ context.Context, in *proposalsInput) (*answer[ProposalPage], error) {
	page := ProposalPage{Items: []ProposalItem{}}
	var count func(consortium.Proposal) consortium.Tally
	l := list{prefix: consortium.ProposalPrefix, filter: in.State}
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var p consortium.Proposal
		if err := decode(key, value, &p); err != nil {
			return false, err
		}
		if in.State != "" && in.State != string(p.StateAt(v.header.Time)) {
			return false, nil
		}
		if count == nil {
			var err error
			if count, err = v.counting(); err != nil {
				return false, err
			}
		}
		page.Items = append(page.Items, v.proposalItem(p, count))
		return true, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// counting gives how ballots are counted at this block.
func (v *view) counting() (func(consortium.Proposal) consortium.Tally, error) {
	params, err := v.parameters()
	if err != nil {
		return nil, err
	}
	voters, err := contracts.Electorate(v, v.header.Time)
	if err != nil {
		return nil, err
	}
	return func(p consortium.Proposal) consortium.Tally { return p.Count(voters, params) }, nil
}

func (v *view) proposalItem(p consortium.Proposal, count func(consortium.Proposal) consortium.Tally) ProposalItem {
	item := ProposalItem{
		ID: p.ID, Contract: p.Contract, Method: p.Method, Version: p.Version, Title: p.Title, Proposer: p.Proposer,
		State: p.StateAt(v.header.Time), OpenedHeight: p.OpenedHeight, OpenedAt: p.OpenedAt, Until: p.Until,
		EndedHeight: p.EndedHeight, EndedAt: p.EndedAt, Code: p.Code,
	}
	if item.Tally = p.Tally; item.State == consortium.Open {
		now := count(p)
		item.Tally = &now
	}
	return item
}

type proposalInput struct {
	ID string `path:"id" maxLength:"64" doc:"64 hexadecimal digits."`
	PastInput
}

func (s *server) getProposal(_ context.Context, in *proposalInput) (*answer[Proposal], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	p, err := v.proposal(id)
	if err != nil {
		return nil, err
	}
	count, err := v.counting()
	if err != nil {
		return nil, err
	}
	out := Proposal{
		Place: v.place(), ProposalItem: v.proposalItem(p, count),
		RawArgs: p.Args, Document: p.Document, Ballots: whole(p.Ballots), Details: details(p.Failures),
	}
	if m, ok := s.Versions.Latest().Lookup(p.Contract, p.Version, p.Method); ok {
		if out.Args, err = m.ArgsJSON(p.Args); err == nil && len(p.Result) > 0 {
			out.Result, err = m.ResultJSON(p.Result)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: proposal %v: %w", ledger.ErrCorrupt, id, err)
		}
	}
	return answerOf(v, out), nil
}

func (v *view) proposal(id ledger.Hash) (p consortium.Proposal, err error) {
	var key string
	switch ok, err := v.load(consortium.ProposalIDKey(id), &key); {
	case err != nil:
		return p, err
	case !ok:
		return p, notFound(id.String())
	}
	ok, err := v.load(key, &p)
	if err == nil && !ok {
		err = fmt.Errorf("%w: proposal %v has no record %s", ledger.ErrCorrupt, id, key)
	}
	return p, err
}
