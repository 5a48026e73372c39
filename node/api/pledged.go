// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"slices"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// A PledgedRight is one of the rights of a pledge, at the block's time.
type PledgedRight struct {
	RightID    string               `json:"right_id"`
	Type       identifier.RightType `json:"type"`
	Number     string               `json:"number"`
	State      string               `json:"state,omitempty" enum:"LIVE,REMOVED" doc:"Whether the pledge has it; absent of an application and of a pledge that has ended."`
	Ground     string               `json:"ground,omitempty" doc:"Of a REMOVED one: the base state in which the right ended."`
	Rank       int                  `json:"rank,omitempty" doc:"Of the pledge on the right, from 1; equal times share a rank."`
	Status     rights.StatusValue   `json:"status"`
	BaseState  rights.BaseState     `json:"base_state"`
	Flags      []string             `json:"flags" doc:"Of the right: FROZEN, IN_GRACE and CONFLICT_REVIEW among them."`
	Owners     []string             `json:"owners,omitempty"`
	ExpiryDate string               `json:"expiry_date,omitempty"`
	FeeStatus  string               `json:"fee_status,omitempty"`
	FeeDue     string               `json:"fee_due,omitempty"`
}

// The states of a right in a live pledge.
const (
	rightLive    = "LIVE"
	rightRemoved = "REMOVED"
)

// rightsOf reads the records of a pledge's rights.
func (v *view) rightsOf(record pledges.Record) ([]rights.Record, error) {
	of := make([]rights.Record, len(record.Rights))
	for i, r := range record.Rights {
		if _, err := v.load(keyOfPledged(r), &of[i]); err != nil {
			return nil, err
		}
	}
	return of, nil
}

// pledgeState is the state of a pledge at the block's time, from its record and those of
// its rights.
func (v *view) pledgeState(record pledges.Record) (pledges.State, error) {
	params, err := v.parameters()
	if err != nil || !record.State.Live() {
		return record.StateAt(nil, v.header.Time, params), err
	}
	of, err := v.rightsOf(record)
	return record.StateAt(of, v.header.Time, params), err
}

// pledged shows the rights of a pledge, and its state that follows from them.
func (v *view) pledged(record pledges.Record) ([]PledgedRight, pledges.State, error) {
	of, err := v.rightsOf(record)
	if err != nil {
		return nil, "", err
	}
	params, err := v.parameters()
	if err != nil {
		return nil, "", err
	}
	at := v.header.Time
	state := record.StateAt(of, at, params)
	list := make([]PledgedRight, len(of))
	for i, r := range of {
		status := rights.StatusOf(r, at, params)
		p := PledgedRight{
			RightID: record.Rights[i].RightID, Type: record.Rights[i].Type, Number: record.Rights[i].Number,
			Status: status.Value, BaseState: status.BaseState, Flags: whole(status.Flags), Owners: r.Owners,
			ExpiryDate: r.ExpiryDate, FeeStatus: r.FeeStatus, FeeDue: r.FeeDue,
		}
		if state.Live() || state == pledges.Extinguished {
			p.State, p.Ground = rightLive, record.RemovedGround(r, at, params)
		}
		entry := slices.IndexFunc(status.Pledges, func(e rights.PledgeEntry) bool { return e.PledgeNo == record.PledgeNo })
		switch {
		case p.Ground != "":
			p.State = rightRemoved
		case p.State == rightLive && entry >= 0:
			p.Rank = status.Ranks[entry]
		}
		list[i] = p
	}
	return list, state, nil
}
