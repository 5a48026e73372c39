// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger/store"
)

func (s *server) describeDossiers(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/rights/{ref}/dossier", "getRightDossier", "Everything that is known of a right at a time, in one answer", levelPublic), s.getRightDossier)
}

// A Dossier is all that the ledger knows of a right at a block: its record and status, the
// pledges that name it, and for members what happened to it at its register.
type Dossier struct {
	Right
	Pending int             `json:"pending" doc:"Applications that wait."`
	Pledges []DossierPledge `json:"pledges" doc:"Applications, live pledges and ended ones that name the right, by number."`
	Events  []RightEvent    `json:"events,omitempty" doc:"For members only; the oldest first."`
	Cut     bool            `json:"cut,omitempty" doc:"More than 200 pledges or events: only the first of them are here."`
}

// A DossierPledge is one pledge of a right.
type DossierPledge struct {
	State  pledges.State  `json:"state" doc:"At the block's time."`
	Record pledges.Record `json:"record"`
	Right  PledgedRight   `json:"right" doc:"The right's place in it."`
}

// maxDossier bounds the pledges, and the events, of a dossier.
const maxDossier = 200

func (s *server) getRightDossier(ctx context.Context, in *rightInput) (*answer[Dossier], error) {
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	member := isMember(ctx, in)
	right, err := v.rightOf(in.Ref, member)
	if err != nil {
		return nil, err
	}
	out := Dossier{Right: right, Pending: right.StatusDetail.Pending, Pledges: []DossierPledge{}}
	key := right.Record.Key()
	numbers, err := v.keysOf(pledges.RightTerm(key), maxDossier+1)
	if err != nil {
		return nil, err
	}
	for _, pledge := range numbers[:min(len(numbers), maxDossier)] {
		var p DossierPledge
		if _, err := v.load(pledge, &p.Record); err != nil {
			return nil, err
		}
		var of []PledgedRight
		if of, p.State, err = v.pledged(p.Record); err != nil {
			return nil, err
		}
		for i, r := range p.Record.Rights {
			if keyOfPledged(r) == key {
				p.Right = of[i]
			}
		}
		out.Pledges = append(out.Pledges, p)
	}
	if member {
		if out.Events, err = v.eventsOf(right.Record, maxDossier+1); err != nil {
			return nil, err
		}
	}
	out.Cut = len(numbers) > maxDossier || len(out.Events) > maxDossier
	out.Events = out.Events[:min(len(out.Events), maxDossier)]
	return answerOf(v, out), nil
}

// keysOf lists at most so many of the records that the index has under a term.
func (v *view) keysOf(term string, most int) (keys []string, err error) {
	err = v.Find(term, term, store.Entry{}, func(e store.Entry, there bool) bool {
		if there {
			keys = append(keys, e.Key)
		}
		return len(keys) < most
	})
	return keys, pruned(err)
}

// eventsOf lists at most so many of the events of a right, the oldest first.
func (v *view) eventsOf(record rights.Record, most int) (list []RightEvent, err error) {
	var fault error
	err = v.Iterate(rights.EventPrefix(record.Space, record.Number), func(key string, value []byte) bool {
		var event rights.Event
		fault = decode(key, value, &event)
		list = append(list, RightEvent{Event: event, Law: rights.LawOf(event.Event)})
		return fault == nil && len(list) < most
	})
	for i := range list {
		if err == nil && fault == nil {
			list[i].UnderReview, fault = v.underReview(list[i].Transaction)
		}
	}
	if err == nil {
		err = fault
	}
	return list, pruned(err)
}

// rightOf reads a right by any reference to it; what members see too, if one asks.
func (v *view) rightOf(ref string, member bool) (Right, error) {
	key, err := v.rightKey(ref, "ref")
	if err != nil {
		return Right{}, err
	}
	out := Right{Place: v.place(), Key: strings.TrimPrefix(key, rightsPrefix)}
	record, status, err := v.right(key)
	switch {
	case err != nil:
		return Right{}, err
	case record == nil:
		return Right{}, notFound(out.Key)
	}
	out.Record, out.Status, out.StatusDetail = *record, status.Value, *status
	out.BaseState, out.Flags = status.BaseState, status.Flags
	if id, err := identifier.PlatformNumber(ref); err == nil && id.Canonical != record.RightID {
		if out.BaseState, err = v.claimState(id.Canonical, *record); err != nil {
			return Right{}, err
		}
	}
	if member {
		out.Claim, err = v.claimOf(*record)
	}
	return out, err
}
