// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// State is where a pledge is between application and end.
type State string

// The states. EXTINGUISHED and ENDED_BY_TIME are computed and never stored; so is
// WITHDRAWN of an application that was not corrected in time. See StateAt.
const (
	Submitted      State = "SUBMITTED"
	Accepted       State = "ACCEPTED"
	Correction     State = "CORRECTION"
	Refused        State = "REFUSED"
	Withdrawn      State = "WITHDRAWN"
	Effective      State = "EFFECTIVE"
	Enforcing      State = "ENFORCING"
	ReleasePending State = "RELEASE_PENDING"
	Released       State = "RELEASED"
	Realised       State = "REALISED"
	Revoked        State = "REVOKED" // void from the start
	EndedByTime    State = "ENDED_BY_TIME"
	Extinguished   State = "EXTINGUISHED" // all of its rights have ended
)

// Pending tells whether a pledge of this state is an application still.
func (s State) Pending() bool { return s == Submitted || s == Accepted || s == Correction }

// Live tells whether a pledge of this state burdens its rights.
func (s State) Live() bool { return s == Effective || s == ReleasePending || s == Enforcing }

// StateAt is the pledge's state at a time in ms since 1970 UTC, given the records of its
// rights: an application that was not corrected in time is withdrawn, a registration
// ends with its last day, and a live pledge is extinguished once all of its rights have
// ended. That is computed and never stored, since nobody needs to act for it.
func (r Record) StateAt(of []rights.Record, at int64, p contracts.Parameters) State {
	next := 0
	return r.stateAt(at, p, func() (rights.Record, bool) {
		if next == len(of) {
			return rights.Record{}, false
		}
		next++
		return of[next-1], true
	})
}

// stateAt is StateAt over the records that next gives one after another: mostly the
// first one lives and is all that is read.
func (r Record) stateAt(at int64, p contracts.Parameters, next func() (rights.Record, bool)) State {
	switch {
	case r.State == Correction && r.LapsesAt <= at:
		return Withdrawn
	case !r.State.Live():
		return r.State
	}
	ended, end := false, int64(0)
	if r.RegistrationEnd != "" {
		if last, err := identifier.ParseDate(r.RegistrationEnd); err == nil {
			end = last.AddDays(1).Start()
			ended = end <= at
		}
	}
	if ended {
		at = end - 1 // it was extinguished before, or it was not
	}
	found := false
	for {
		record, ok := next()
		if !ok {
			break
		}
		if found = true; !rights.EndsPledge(record, r.PledgeNo, at, p) {
			found = false
			break
		}
	}
	switch {
	case found:
		return Extinguished
	case ended:
		return EndedByTime
	}
	return r.State
}

// StoredAs lists, in order, the states that a record may hold of a pledge whose state at
// some time is the one given; none for the empty one.
func StoredAs(s State) []State {
	switch s {
	case "":
		return nil
	case Withdrawn:
		return []State{Correction, Withdrawn}
	case Extinguished, EndedByTime:
		return []State{Effective, Enforcing, ReleasePending}
	}
	return []State{s}
}

// StateNow is StateAt for the block that runs.
func StateNow(v *contracts.View, r Record) State {
	next := 0
	return r.stateAt(v.Time(), v.Parameters(), func() (rights.Record, bool) {
		if next == len(r.Rights) {
			return rights.Record{}, false
		}
		next++
		record, _ := contracts.Load[rights.Record](v, r.Rights[next-1].key())
		return record, true
	})
}

// RemovedGround says why a live pledge no longer has a right at a time, given the
// right's record: the base state in which the right ended. It is "" of a right that it
// has.
func (r Record) RemovedGround(of rights.Record, at int64, p contracts.Parameters) string {
	if !rights.EndsPledge(of, r.PledgeNo, at, p) {
		return ""
	}
	return string(rights.StateThen(of, at, p))
}

// stateOf is StateNow where the rights have been read already.
func stateOf(v *contracts.View, record Record, list []*pledged) State {
	next := 0
	return record.stateAt(v.Time(), v.Parameters(), func() (rights.Record, bool) {
		if next == len(list) {
			return rights.Record{}, false
		}
		next++
		return list[next-1].record, true
	})
}

// checkState refuses a pledge in another state than those that a step is taken from.
func checkState(v *contracts.View, record Record, list []*pledged, r *contracts.Refusal, from ...State) {
	if state := stateOf(v, record, list); !slices.Contains(from, state) {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: record.PledgeNo, Reason: string(state)})
	}
}
