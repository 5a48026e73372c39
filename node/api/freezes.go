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
	register(s, a, operation(http.MethodGet, "/v1/freezes/{freeze_no}", "getFreeze", "One freeze; members also see the court's papers", levelPublic), s.getFreeze)
	register(s, a, operation(http.MethodGet, "/v1/freezes", "listFreezes", "The freezes of a right that stand or ended within a year, by receipt", levelPublic), s.listFreezes)
	register(s, a, operation(http.MethodGet, "/v1/rights/{ref}/events", "listRightEvents", "What happened to a right at its register, for members", levelMember), s.listRightEvents)
}

// A Freeze is what is public of a freeze, and the papers for members.
type Freeze struct {
	Place
	FreezeNo string          `json:"freeze_no"`
	RightID  string          `json:"right_id"`
	State    string          `json:"state" enum:"FROZEN,FREEZE_QUEUED,OVER" doc:"At the block's time."`
	Freeze   *rights.Freeze  `json:"freeze,omitempty" doc:"Absent where it was over so long ago that the right's record does not list it any more."`
	Record   *freezes.Record `json:"record,omitempty" doc:"For members only."`

	UnderReview bool `json:"under_review,omitempty" doc:"The members doubt an entry of it; nothing else about it has changed."`
}

// freezeOver is the state of a freeze that neither is in force nor waits.
const freezeOver = "OVER"

type freezeInput struct {
	FreezeNo string `path:"freeze_no" maxLength:"64" example:"FRZ-510100-20260701-0000001-5"`
	PastInput
}

func (s *server) getFreeze(ctx context.Context, in *freezeInput) (*answer[Freeze], error) {
	var record freezes.Record
	v, number, err := s.numbered(in.FreezeNo, "freeze_no", identifier.FreezeRecord, in.PastInput, freezes.RecordKey, &record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out := Freeze{Place: v.place(), FreezeNo: number, RightID: record.RightID}
	right, status, err := v.right(rights.RecordKey(record.Space, record.Number))
	if err != nil {
		return nil, err
	}
	if right == nil {
		return nil, fmt.Errorf("%w: freeze %s is of a right that is not there", ledger.ErrCorrupt, number)
	}
	out.State = freezeState(number, *status)
	if i := slices.IndexFunc(right.Freezes, func(f rights.Freeze) bool { return f.FreezeNo == number }); i >= 0 {
		out.Freeze = &right.Freezes[i]
	}
	entries := make([]ledger.Hash, len(record.Orders))
	for i, order := range record.Orders {
		entries[i] = order.Transaction
	}
	if out.UnderReview, err = v.underReview(entries...); err != nil {
		return nil, err
	}
	if isMember(ctx, in) {
		out.Record = &record
	}
	return answerOf(v, out), nil
}

// A FreezeItem is what is public of one freeze of a right.
type FreezeItem struct {
	State  string        `json:"state" enum:"FROZEN,FREEZE_QUEUED,OVER" doc:"At the block's time."`
	Freeze rights.Freeze `json:"freeze"`
}

// A FreezeList is the freezes of one right.
type FreezeList struct {
	Place
	RightID string       `json:"right_id"`
	Items   []FreezeItem `json:"items"`
}

type freezesInput struct {
	Right string `query:"right" required:"true" maxLength:"160" doc:"A right id, or TYPE:number."`
	PastInput
}

func (s *server) listFreezes(_ context.Context, in *freezesInput) (*answer[FreezeList], error) {
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	key, err := v.rightKey(in.Right, "right")
	if err != nil {
		return nil, err
	}
	right, status, err := v.right(key)
	switch {
	case err != nil:
		return nil, err
	case right == nil:
		return nil, notFound(in.Right)
	}
	out := FreezeList{Place: v.place(), RightID: right.RightID, Items: []FreezeItem{}}
	for _, f := range right.Freezes {
		out.Items = append(out.Items, FreezeItem{freezeState(f.FreezeNo, *status), f})
	}
	return answerOf(v, out), nil
}

// freezeState is the state of a freeze of a right, by the right's status.
func freezeState(number string, of rights.Status) string {
	is := func(f rights.Freeze) bool { return f.FreezeNo == number }
	switch {
	case slices.ContainsFunc(of.Freezes, is):
		return rights.FlagFrozen
	case slices.ContainsFunc(of.Queued, is):
		return rights.FlagFreezeQueued
	}
	return freezeOver
}

// A RightEvent is what happened, with the source of its rule.
type RightEvent struct {
	rights.Event
	Law         string `json:"law"`
	UnderReview bool   `json:"under_review,omitempty" doc:"The members doubt the entry; nothing else about it has changed."`
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

func (s *server) listRightEvents(_ context.Context, in *rightEventsInput) (*answer[RightEventPage], error) {
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
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var event rights.Event
		if err := decode(key, value, &event); err != nil {
			return false, err
		}
		doubted, err := v.underReview(event.Transaction)
		if err != nil {
			return false, err
		}
		page.Items = append(page.Items, RightEvent{event, rights.LawOf(event.Event), doubted})
		return true, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}
