// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// What has happened to a right at its register, and which freezes of a court stand.

func (s *server) describeFreezes(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/freezes/{freeze_no}", "getFreeze", "One freeze; members also see the court's papers", false), s.getFreeze)
	register(s, a, operation(http.MethodGet, "/v1/rights/{ref}/events", "listRightEvents", "What happened to a right at its register, for members", true), s.listRightEvents)
}

// A Freeze is what is public of a freeze, and the papers for members.
type Freeze struct {
	Place
	FreezeNo string          `json:"freeze_no"`
	RightID  string          `json:"right_id"`
	State    string          `json:"state" enum:"FROZEN,FREEZE_QUEUED,OVER" doc:"At the block's time."`
	Freeze   *rights.Freeze  `json:"freeze,omitempty" doc:"Absent where it was over so long ago that the right's record does not list it any more."`
	Record   *freezes.Record `json:"record,omitempty" doc:"For members only."`
}

// freezeOver is the state of a freeze that neither is in force nor waits.
const freezeOver = "OVER"

type freezeInput struct {
	FreezeNo string `path:"freeze_no" maxLength:"64" example:"FRZ-510100-20260701-0000001-5"`
	PastInput
}

func (s *server) getFreeze(ctx context.Context, in *freezeInput) (*answer[Freeze], error) {
	number, err := platformNumber(in.FreezeNo, "freeze_no", identifier.FreezeRecord)
	if err != nil {
		return nil, err
	}
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	var record freezes.Record
	switch ok, err := v.load(freezes.RecordKey(number), &record); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, notFound(number)
	}
	out := Freeze{Place: v.place(), FreezeNo: number, RightID: record.RightID, State: freezeOver}
	right, status, err := v.right(rights.RecordKey(record.Space, record.Number))
	if err != nil {
		return nil, err
	}
	if right == nil {
		return nil, fmt.Errorf("%w: freeze %s is of a right that is not there", ledger.ErrCorrupt, number)
	}
	isIt := func(f rights.Freeze) bool { return f.FreezeNo == number }
	if i := slices.IndexFunc(right.Freezes, isIt); i >= 0 {
		out.Freeze = &right.Freezes[i]
	}
	switch {
	case slices.ContainsFunc(status.Freezes, isIt):
		out.State = rights.FlagFrozen
	case slices.ContainsFunc(status.Queued, isIt):
		out.State = rights.FlagFreezeQueued
	}
	if callerOf(ctx) != nil {
		out.Record = &record
	}
	return answerOf(v, out), nil
}

// A RightEvent is what happened, with the source of its rule.
type RightEvent struct {
	rights.Event
	Law string `json:"law"`
}

// A RightEventPage is one page of what happened to a right, oldest first.
type RightEventPage struct {
	Place
	Items      []RightEvent `json:"items"`
	NextCursor string       `json:"next_cursor,omitempty"`
}

type rightEventsInput struct {
	Ref string `path:"ref" maxLength:"160" doc:"A right id, or TYPE:number with TYPE a right code or PATENT."`
	PageInput
}

func (s *server) listRightEvents(ctx context.Context, in *rightEventsInput) (*answer[RightEventPage], error) {
	if _, err := needCaller(ctx); err != nil {
		return nil, err
	}
	now, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer now.close()
	key, err := now.rightKey(in.Ref, "ref")
	if err != nil {
		return nil, err
	}
	record, _, err := now.right(key)
	switch {
	case err != nil:
		return nil, err
	case record == nil:
		return nil, notFound(in.Ref)
	}
	page := RightEventPage{Items: []RightEvent{}}
	l := list{prefix: rights.EventPrefix(record.Space, record.Number)}
	l.take = func(_ *view, key string, value []byte) (bool, error) {
		var event rights.Event
		if err := decode(key, value, &event); err != nil {
			return false, err
		}
		page.Items = append(page.Items, RightEvent{event, rights.LawOf(event.Event)})
		return true, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}
