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
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

const pledgesPrefix = "pledges/"

func (s *server) describePledges(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/pledges", "listPledges", "Pledges, by number or as the index of the first filter of statutory number, right, pool, party, time, area and state has them", levelPublic), s.listPledges)
	register(s, a, operation(http.MethodGet, "/v1/pledges/{pledge_no}", "getPledge", "One pledge; members also see its application", levelPublic), s.getPledge)
}

type pledgesInput struct {
	PledgeNo       string `query:"pledge_no" maxLength:"64" doc:"The platform number, in any spelling."`
	Right          string `query:"right" maxLength:"160" doc:"A right id, or TYPE:number."`
	State          string `query:"state" enum:"SUBMITTED,ACCEPTED,CORRECTION,REFUSED,WITHDRAWN,EFFECTIVE,ENFORCING,RELEASE_PENDING,RELEASED,REALISED,REVOKED,ENDED_BY_TIME,EXTINGUISHED" doc:"State at the block's time."`
	Pledgee        string `query:"pledgee" maxLength:"64" doc:"Party id of a pledgee, or of who stands in the place of one; of registered pledges."`
	Pledgor        string `query:"pledgor" maxLength:"64" doc:"Party id of a pledgor, or of who stands in the place of one; of registered pledges."`
	Area           string `query:"area" maxLength:"6" pattern:"^[0-9]{6}$" doc:"Area of the pledge number, GB/T 2260." example:"510100"`
	StatutoryNo    string `query:"statutory_no" maxLength:"64" doc:"Number of the statutory registration of any registrar, also one that was corrected since."`
	Registrar      string `query:"registrar" enum:"CNIPA,NCA,MARA,NFGA" doc:"Statutory registrar."`
	PoolNo         string `query:"pool_no" maxLength:"64" doc:"Number of the pool that the pledge belongs to."`
	SubmittedFrom  Moment `query:"submitted_from" doc:"Applied for in a block of this time or later."`
	SubmittedTo    Moment `query:"submitted_to" doc:"Applied for in a block before this time."`
	RegisteredFrom Moment `query:"registered_from" doc:"Registered in a block of this time or later."`
	RegisteredTo   Moment `query:"registered_to" doc:"Registered in a block before this time."`
	StatutoryFrom  Moment `query:"statutory_from" doc:"Registered by the statutory registrar at this time or later."`
	StatutoryTo    Moment `query:"statutory_to" doc:"Registered by the statutory registrar before this time."`
	PastInput
	PageInput
}

func (in *pledgesInput) submitted() period  { return period{in.SubmittedFrom, in.SubmittedTo} }
func (in *pledgesInput) registered() period { return period{in.RegisteredFrom, in.RegisteredTo} }
func (in *pledgesInput) statutory() period  { return period{in.StatutoryFrom, in.StatutoryTo} }

// canonical brings the numbers to the form in which the records have them.
func (in *pledgesInput) canonical(today identifier.Date) error {
	err := in.submitted().check("submitted")
	if err == nil {
		err = in.registered().check("registered")
	}
	if err == nil {
		err = in.statutory().check("statutory")
	}
	if err != nil {
		return err
	}
	if in.PledgeNo != "" {
		if in.PledgeNo, err = platformNumber(in.PledgeNo, "pledge_no", identifier.PledgeRecord); err != nil {
			return err
		}
	}
	if in.PoolNo != "" {
		if in.PoolNo, err = platformNumber(in.PoolNo, "pool_no", identifier.PoolRecord); err != nil {
			return err
		}
	}
	if in.StatutoryNo == "" {
		return nil
	}
	// The patent office checks its numbers; those of the others have one spelling.
	number, err := identifier.CNIPAPledgeNumber(in.StatutoryNo, today)
	if err != nil {
		number, err = identifier.RegistrationNumber(in.StatutoryNo)
	}
	if err != nil {
		return refused(http.StatusBadRequest, contracts.IdentifierFailure(err, "statutory_no"))
	}
	in.StatutoryNo = number
	return nil
}

// spans are the parts of the index that the filters leave: those of the filter that
// leaves least, by its nature. The others are applied to the records found. The
// index names parties of registered pledges only, as the public records do.
func (in *pledgesInput) spans(right string, parties search) func(v *view) ([]span, error) {
	switch {
	case in.PledgeNo != "":
		return nil
	case in.StatutoryNo != "":
		return always(exactly(pledges.StatutoryTerm(in.StatutoryNo)))
	case right != "":
		return always(exactly(pledges.RightTerm(right)))
	case in.PoolNo != "":
		return always(exactly(pledges.PoolTerm(in.PoolNo)))
	case in.Pledgee != "":
		return parties.spans(in.Pledgee, pledges.PledgeeTerm)
	case in.Pledgor != "":
		return parties.spans(in.Pledgor, pledges.PledgorTerm)
	case in.submitted().given():
		return always([]span{in.submitted().span(pledges.SubmittedTerm)})
	case in.registered().given():
		return always([]span{in.registered().span(pledges.RegisteredTerm)})
	case in.statutory().given():
		return always([]span{in.statutory().span(pledges.StatutoryTimeTerm)})
	case in.Area != "" || in.State != "":
		var stored []string
		for _, state := range pledges.StoredAs(pledges.State(in.State)) {
			stored = append(stored, string(state))
		}
		return inArea("pledges", in.Area, stored...)
	}
	return nil
}

// wants tells whether a record passes the filters, but for the parties and what time
// changes.
func (in *pledgesInput) wants(p pledges.Record, right string) bool {
	return (in.PledgeNo == "" || in.PledgeNo == p.PledgeNo) &&
		(in.StatutoryNo == "" || in.StatutoryNo == p.StatutoryNo || slices.Contains(p.FormerNumbers(), in.StatutoryNo)) &&
		(right == "" || slices.ContainsFunc(p.Rights, func(r pledges.Right) bool { return keyOfPledged(r) == right })) &&
		(in.State == "" || slices.Contains(pledges.StoredAs(pledges.State(in.State)), p.State)) &&
		(in.Area == "" || in.Area == contracts.AreaOf(p.PledgeNo)) &&
		(in.Registrar == "" || in.Registrar == p.Registrar) &&
		(in.PoolNo == "" || in.PoolNo == p.PoolNo) &&
		in.submitted().holds(p.SubmittedAt) &&
		(!in.registered().given() || p.RegisteredAt > 0 && in.registered().holds(p.RegisteredAt)) &&
		(!in.statutory().given() || p.StatutoryTime > 0 && in.statutory().holds(p.StatutoryTime))
}

// text tells one from another in a cursor's filter.
func (in *pledgesInput) text(right string) string {
	return strings.Join([]string{
		in.PledgeNo, right, in.State, in.Pledgee, in.Pledgor, in.Area, in.StatutoryNo, in.Registrar, in.PoolNo,
		in.submitted().text(), in.registered().text(), in.statutory().text(),
	}, "\n")
}

func (s *server) listPledges(_ context.Context, in *pledgesInput) (*answer[PledgePage], error) {
	if err := in.canonical(identifier.DateOf(s.Node.Head().Header.Time)); err != nil {
		return nil, err
	}
	var err error
	if in.Pledgee, err = partyNamed(in.Pledgee, "pledgee"); err != nil {
		return nil, err
	}
	if in.Pledgor, err = partyNamed(in.Pledgor, "pledgor"); err != nil {
		return nil, err
	}
	right, err := s.rightNamed(in.Right, "right")
	if err != nil {
		return nil, err
	}
	page := PledgePage{Items: []pledges.Record{}}
	parties := search{}
	l := list{prefix: pledgesPrefix + in.PledgeNo, past: in.PastInput, spans: in.spans(right, parties), terms: termsOf, filter: in.text(right)}
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var record pledges.Record
		if err := decode(key, value, &record); err != nil || !in.wants(record, right) {
			return false, err
		}
		if found, err := parties.finds(v, in.Pledgee, record.Pledgees, record.PledgeNo); err != nil || !found {
			return false, err
		}
		if found, err := parties.finds(v, in.Pledgor, record.Pledgors, record.PledgeNo); err != nil || !found {
			return false, err
		}
		state, err := v.pledgeState(record)
		if err != nil || in.State != "" && in.State != string(state) {
			return false, err
		}
		record.State = state
		page.Items = append(page.Items, record)
		return true, nil
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

// numbered finds the record of a kind that a platform number names, at the height that is
// asked for, and reads it. Whoever gets the view closes it.
func (s *server) numbered(text, field string, kind identifier.RecordKind, past PastInput, key func(number string) string, record any) (v *view, number string, err error) {
	if number, err = platformNumber(text, field, kind); err != nil {
		return nil, "", err
	}
	if v, err = s.viewAt(past); err != nil {
		return nil, "", err
	}
	ok, err := v.load(key(number), record)
	if err == nil && !ok {
		err = notFound(number)
	}
	if err != nil {
		v.close()
		return nil, "", err
	}
	return v, number, nil
}

type pledgeInput struct {
	PledgeNo string `path:"pledge_no" maxLength:"64" example:"PLG-510100-20260312-0000001-1"`
	PastInput
}

func (s *server) getPledge(ctx context.Context, in *pledgeInput) (*answer[Pledge], error) {
	var out Pledge
	v, number, err := s.numbered(in.PledgeNo, "pledge_no", identifier.PledgeRecord, in.PastInput, pledges.RecordKey, &out.Record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out.Place = v.place()
	if out.Rights, out.State, err = v.pledged(out.Record); err != nil {
		return nil, err
	}
	var application pledges.Application
	known, err := v.load(pledges.ApplicationKey(number), &application)
	if err != nil {
		return nil, err
	}
	steps, err := v.stepsOf(application)
	if err != nil {
		return nil, err
	}
	entries := make([]ledger.Hash, len(steps))
	for i, step := range steps {
		entries[i] = step.Transaction
	}
	if out.UnderReview, err = v.underReview(entries...); err != nil {
		return nil, err
	}
	if known && isMember(ctx, in) {
		out.Application = &Application{Application: application, Steps: steps}
	}
	return answerOf(v, out), nil
}

// stepsOf reads what happened to a pledge.
func (v *view) stepsOf(application pledges.Application) ([]pledges.Step, error) {
	return pledges.StepsOf(application, func(key string, step *pledges.Step) error {
		_, err := v.load(key, step)
		return err
	})
}
