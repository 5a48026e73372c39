// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

const pledgesPrefix = "pledges/"

func (s *server) describePledges(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/pledges", "listPledges", "Pledges by number", false), s.listPledges)
	register(s, a, operation(http.MethodGet, "/v1/pledges/{pledge_no}", "getPledge", "One pledge; members also see its application", false), s.getPledge)
}

type pledgesInput struct {
	Right   string `query:"right" maxLength:"160" doc:"A right id, or TYPE:number."`
	State   string `query:"state" enum:"SUBMITTED,ACCEPTED,REFUSED,WITHDRAWN,EFFECTIVE,RELEASE_PENDING,RELEASED"`
	Pledgee string `query:"pledgee" maxLength:"64" doc:"Party id; of registered pledges."`
	Pledgor string `query:"pledgor" maxLength:"64" doc:"Party id; of registered pledges."`
	PageInput
}

func (s *server) listPledges(_ context.Context, in *pledgesInput) (*answer[PledgePage], error) {
	key := ""
	if in.Right != "" {
		v, err := s.newest()
		if err != nil {
			return nil, err
		}
		defer v.close()
		if key, err = v.rightKey(in.Right, "right"); err != nil {
			return nil, err
		}
	}
	page := PledgePage{Items: []pledges.Record{}}
	filter := strings.Join([]string{key, in.State, in.Pledgee, in.Pledgor}, "\n")
	v, next, err := s.page(in.PageInput, pledgesPrefix, filter, func(_ *view, at string, value []byte) (bool, error) {
		var record pledges.Record
		if err := decode(at, value, &record); err != nil {
			return false, err
		}
		switch {
		case key != "" && !slices.ContainsFunc(record.Rights, func(r pledges.Right) bool { return keyOfPledged(r) == key }),
			in.State != "" && in.State != string(record.State),
			in.Pledgee != "" && !slices.Contains(record.Pledgees, in.Pledgee),
			in.Pledgor != "" && !slices.Contains(record.Pledgors, in.Pledgor):
			return false, nil
		}
		page.Items = append(page.Items, record)
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

func keyOfPledged(r pledges.Right) string {
	space, _ := r.Type.Space()
	return rights.RecordKey(space, r.Number)
}

// platformNumber gives the canonical form of a platform number of a kind.
func platformNumber(text, field string, kind identifier.RecordKind) (string, error) {
	number, err := identifier.PlatformNumber(text)
	if err != nil {
		return "", refused(http.StatusBadRequest, contracts.IdentifierFailure(err, field))
	}
	if number.Kind != kind {
		return "", invalid(field, contracts.ReasonValue)
	}
	return number.Canonical, nil
}

type pledgeInput struct {
	PledgeNo string `path:"pledge_no" maxLength:"64" example:"PLG-510100-20260312-0000001-1"`
	AtHeight Height `query:"at_height" doc:"Absent: the newest FINAL block."`
}

func (s *server) getPledge(ctx context.Context, in *pledgeInput) (*answer[Pledge], error) {
	number, err := platformNumber(in.PledgeNo, "pledge_no", identifier.PledgeRecord)
	if err != nil {
		return nil, err
	}
	v, err := s.viewAt(in.AtHeight, Moment{})
	if err != nil {
		return nil, err
	}
	defer v.close()
	out := Pledge{Place: v.place()}
	switch ok, err := v.load(pledges.RecordKey(number), &out.Record); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, notFound(number)
	}
	if out.State, err = v.pledgeState(out.Record); err != nil {
		return nil, err
	}
	if callerOf(ctx) != nil {
		var application pledges.Application
		ok, err := v.load(pledges.ApplicationKey(number), &application)
		if err != nil {
			return nil, err
		}
		if ok {
			out.Application = &application
		}
	}
	return answerOf(v, out), nil
}

// pledgeState is the state of a pledge at the block's time.
func (v *view) pledgeState(record pledges.Record) (pledges.State, error) {
	if !record.State.Live() {
		return record.State, nil
	}
	params, err := v.parameters()
	if err != nil {
		return "", err
	}
	of := make([]rights.Record, len(record.Rights))
	for i, right := range record.Rights {
		if _, err := v.load(keyOfPledged(right), &of[i]); err != nil {
			return "", err
		}
	}
	return record.StateAt(of, v.header.Time, params), nil
}

func (s *server) describeLoans(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/loans/{loan_no}", "getLoan", "One loan, for its lender, its borrower and the regulator", true), s.getLoan)
}

type loanInput struct {
	LoanNo string `path:"loan_no" maxLength:"64" example:"LON-510100-20260306-0000001-U"`
}

// getLoan answers everybody else as if the loan did not exist, the unsigned
// caller too.
func (s *server) getLoan(ctx context.Context, in *loanInput) (*answer[Loan], error) {
	number, err := platformNumber(in.LoanNo, "loan_no", identifier.LoanRecord)
	if err != nil {
		return nil, err
	}
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	out := Loan{Place: v.place()}
	ok, err := v.load(loans.RecordKey(number), &out.Record)
	switch {
	case err != nil:
		return nil, err
	case !ok || !maySee(callerOf(ctx), out.Record.Lender, out.Record.Borrower):
		return nil, notFound(number)
	}
	return answerOf(v, out), nil
}

// maySee tells whether a caller may see what belongs to the parties: people of
// theirs, and those who supervise them.
func maySee(c *caller, parties ...string) bool {
	switch {
	case c == nil:
		return false
	case c.party.Role == contracts.Regulator || c.party.Role == contracts.Auditor:
		return true
	}
	return slices.Contains(parties, c.party.PartyID)
}
