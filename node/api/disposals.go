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
	"github.com/ipledger/ipledger/contracts/disposals"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
)

const disposalsPrefix = "disposals/"

func (s *server) describeDisposals(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/disposals", "listDisposals", "Disposals, by number or as the index of the first filter of pledge, right, area and state has them", levelPublic), s.listDisposals)
	register(s, a, operation(http.MethodGet, "/v1/disposals/{disposal_no}", "getDisposal", "One disposal; its parties also see who bought", levelPublic), s.getDisposal)
}

// A Disposal is the public record of a disposal, and the rest for its parties.
type Disposal struct {
	Place
	State  disposals.State  `json:"state" enum:"LISTED,FAILED,SOLD,SETTLED,STOPPED" doc:"At the block's time: an open disposal is STOPPED once the enforcement that it belongs to has ended."`
	Record disposals.Record `json:"record"`
	File   *disposals.File  `json:"file,omitempty" doc:"For the pledgors, the pledgees, the buyers and who keeps it, and those who supervise them."`
}

// A DisposalPage is one page of disposals.
type DisposalPage struct {
	Place
	Items      []disposals.Record `json:"items" doc:"May be empty while there is a next_cursor."`
	NextCursor string             `json:"next_cursor,omitempty"`
}

type disposalsInput struct {
	Right    string `query:"right" maxLength:"160" doc:"A right id, or TYPE:number."`
	PledgeNo string `query:"pledge_no" maxLength:"64" doc:"Number of the pledge that is enforced."`
	State    string `query:"state" enum:"LISTED,FAILED,SOLD,SETTLED,STOPPED" doc:"State at the block's time."`
	Area     string `query:"area" maxLength:"6" pattern:"^[0-9]{6}$" doc:"Area of the disposal number, GB/T 2260." example:"510100"`
	PastInput
	PageInput
}

// spans are the parts of the index that the filters leave, see pledgesInput.spans.
func (in *disposalsInput) spans(right string) func(v *view) ([]span, error) {
	switch {
	case in.PledgeNo != "":
		return always(exactly(disposals.PledgeTerm(in.PledgeNo)))
	case right != "":
		return always(exactly(disposals.RightTerm(right)))
	case in.Area != "" || in.State != "":
		var stored []string
		for _, state := range disposals.StoredAs(disposals.State(in.State)) {
			stored = append(stored, string(state))
		}
		return inArea("disposals", in.Area, stored...)
	}
	return nil
}

// wants tells whether a record passes the filters, but for what time changes.
func (in *disposalsInput) wants(r disposals.Record, right string) bool {
	return (in.PledgeNo == "" || in.PledgeNo == r.PledgeNo) &&
		(right == "" || slices.ContainsFunc(r.Rights, func(of disposals.Right) bool { return of.Key() == right })) &&
		(in.State == "" || slices.Contains(disposals.StoredAs(disposals.State(in.State)), r.State)) &&
		(in.Area == "" || in.Area == contracts.AreaOf(r.DisposalNo))
}

func (s *server) listDisposals(_ context.Context, in *disposalsInput) (*answer[DisposalPage], error) {
	if in.PledgeNo != "" {
		number, err := platformNumber(in.PledgeNo, "pledge_no", identifier.PledgeRecord)
		if err != nil {
			return nil, err
		}
		in.PledgeNo = number
	}
	right, err := s.rightNamed(in.Right, "right")
	if err != nil {
		return nil, err
	}
	page := DisposalPage{Items: []disposals.Record{}}
	l := list{prefix: disposalsPrefix, past: in.PastInput, spans: in.spans(right)}
	l.filter = strings.Join([]string{right, in.PledgeNo, in.State, in.Area}, "\n")
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var record disposals.Record
		if err := decode(key, value, &record); err != nil || !in.wants(record, right) {
			return false, err
		}
		state, err := v.disposalState(record)
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

type disposalInput struct {
	DisposalNo string `path:"disposal_no" maxLength:"64" example:"DSP-510100-20270104-0000001-S"`
	PastInput
}

func (s *server) getDisposal(ctx context.Context, in *disposalInput) (*answer[Disposal], error) {
	var out Disposal
	v, number, err := s.numbered(in.DisposalNo, "disposal_no", identifier.DisposalRecord, in.PastInput, disposals.RecordKey, &out.Record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out.Place = v.place()
	if out.State, err = v.disposalState(out.Record); err != nil {
		return nil, err
	}
	if !isMember(ctx, in) {
		return answerOf(v, out), nil
	}
	var file disposals.File
	if _, err := v.load(disposals.FileKey(number), &file); err != nil {
		return nil, err
	}
	parties := []string{}
	for _, named := range []struct {
		record  string
		parties []string
	}{
		{number, append([]string{out.Record.Venue}, file.Buyers...)},
		{out.Record.PledgeNo, slices.Concat(file.Pledgors, file.Pledgees)},
	} {
		for _, party := range named.parties {
			now, err := v.current(party, named.record)
			if err != nil {
				return nil, err
			}
			parties = append(parties, now)
		}
	}
	if maySee(callerOf(ctx), parties...) {
		out.File = &file
	}
	return answerOf(v, out), nil
}

// disposalState is the disposal's state at the view's time.
func (v *view) disposalState(record disposals.Record) (disposals.State, error) {
	if !record.State.Open() {
		return record.State, nil
	}
	var pledge pledges.Record
	var application pledges.Application
	if _, err := v.load(pledges.RecordKey(record.PledgeNo), &pledge); err != nil {
		return "", err
	}
	if _, err := v.load(pledges.ApplicationKey(record.PledgeNo), &application); err != nil {
		return "", err
	}
	state, err := v.pledgeState(pledge)
	return record.StateIn(state, application.Enforcement), err
}
