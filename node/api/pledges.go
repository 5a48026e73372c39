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
	register(s, a, operation(http.MethodGet, "/v1/pledges", "listPledges", "Pledges, by number or as the index of the first filter of statutory number, right, party, time, area and state has them", false), s.listPledges)
	register(s, a, operation(http.MethodGet, "/v1/pledges/{pledge_no}", "getPledge", "One pledge; members also see its application", false), s.getPledge)
}

type pledgesInput struct {
	Right         string `query:"right" maxLength:"160" doc:"A right id, or TYPE:number."`
	State         string `query:"state" enum:"SUBMITTED,ACCEPTED,REFUSED,WITHDRAWN,EFFECTIVE,RELEASE_PENDING,RELEASED"`
	Pledgee       string `query:"pledgee" maxLength:"64" doc:"Party id; of registered pledges."`
	Pledgor       string `query:"pledgor" maxLength:"64" doc:"Party id; of registered pledges."`
	Area          string `query:"area" maxLength:"6" pattern:"^[0-9]{6}$" doc:"Area of the pledge number, GB/T 2260." example:"510100"`
	StatutoryNo   string `query:"statutory_no" maxLength:"64" doc:"Number of the statutory registration."`
	SubmittedFrom Moment `query:"submitted_from" doc:"Applied for in a block of this time or later."`
	SubmittedTo   Moment `query:"submitted_to" doc:"Applied for in a block before this time."`
	PastInput
	PageInput
}

func (in *pledgesInput) submitted() period { return period{in.SubmittedFrom, in.SubmittedTo} }

// spans are the parts of the index that the filters leave: those of the filter that
// leaves least, by its nature. The others are applied to the records found. The
// index names parties of registered pledges only, as the public records do.
func (in *pledgesInput) spans(right string) func(v *view) ([]span, error) {
	switch {
	case in.StatutoryNo != "":
		return always(exactly(pledges.StatutoryTerm(in.StatutoryNo)))
	case right != "":
		return always(exactly(pledges.RightTerm(right)))
	case in.Pledgee != "":
		return always(exactly(pledges.PledgeeTerm(in.Pledgee)))
	case in.Pledgor != "":
		return always(exactly(pledges.PledgorTerm(in.Pledgor)))
	case in.submitted().given():
		return always([]span{in.submitted().span(pledges.SubmittedTerm)})
	case in.Area != "" || in.State != "":
		return inArea("pledges", in.Area, stated(in.State)...)
	}
	return nil
}

// wants tells whether a record passes the filters.
func (in *pledgesInput) wants(p pledges.Record, right string) bool {
	return (in.StatutoryNo == "" || in.StatutoryNo == p.StatutoryNo) &&
		(right == "" || slices.ContainsFunc(p.Rights, func(r pledges.Right) bool { return keyOfPledged(r) == right })) &&
		(in.State == "" || in.State == string(p.State)) &&
		(in.Pledgee == "" || slices.Contains(p.Pledgees, in.Pledgee)) &&
		(in.Pledgor == "" || slices.Contains(p.Pledgors, in.Pledgor)) &&
		(in.Area == "" || in.Area == contracts.AreaOf(p.PledgeNo)) &&
		in.submitted().holds(p.SubmittedAt)
}

func (s *server) listPledges(_ context.Context, in *pledgesInput) (*answer[PledgePage], error) {
	if err := in.submitted().check("submitted"); err != nil {
		return nil, err
	}
	right := ""
	if in.Right != "" {
		v, err := s.newest()
		if err != nil {
			return nil, err
		}
		defer v.close()
		if right, err = v.rightKey(in.Right, "right"); err != nil {
			return nil, err
		}
	}
	if number, err := identifier.CNIPAPledgeNumber(in.StatutoryNo, identifier.DateOf(s.Node.Head().Header.Time)); err == nil {
		in.StatutoryNo = number // of another registrar: as it stands in the record
	}
	page := PledgePage{Items: []pledges.Record{}}
	l := list{prefix: pledgesPrefix, past: in.PastInput, spans: in.spans(right)}
	l.filter = strings.Join([]string{right, in.State, in.Pledgee, in.Pledgor, in.Area, in.StatutoryNo, in.submitted().text()}, "\n")
	l.take = func(_ *view, key string, value []byte) (bool, error) {
		var record pledges.Record
		if err := decode(key, value, &record); err != nil {
			return false, err
		}
		wanted := in.wants(record, right)
		if wanted {
			page.Items = append(page.Items, record)
		}
		return wanted, nil
	}
	v, next, err := s.page(in.PageInput, l)
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
	PastInput
}

func (s *server) getPledge(ctx context.Context, in *pledgeInput) (*answer[Pledge], error) {
	number, err := platformNumber(in.PledgeNo, "pledge_no", identifier.PledgeRecord)
	if err != nil {
		return nil, err
	}
	v, err := s.viewAt(in.PastInput)
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
	case !ok:
		return nil, notFound(number)
	}
	lender, err := v.current(out.Record.Lender, number)
	if err != nil {
		return nil, err
	}
	borrower, err := v.current(out.Record.Borrower, number)
	if err != nil {
		return nil, err
	}
	if !maySee(callerOf(ctx), lender, borrower) {
		return nil, notFound(number)
	}
	return answerOf(v, out), nil
}

// current is who stands in a record in the place of a party.
func (v *view) current(party, record string) (string, error) {
	return contracts.CurrentIn(v.load, party, record)
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
