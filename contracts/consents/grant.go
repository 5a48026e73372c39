// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consents

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// GrantArgs are the arguments of consents.grant.
type GrantArgs struct {
	ConsentNo  string `cbor:"1,keyasint" json:"consent_no" schema:"format=platform_number"`
	PledgeNo   string `cbor:"2,keyasint,omitempty" json:"pledge_no,omitempty" schema:"format=platform_number"`           // absent: all of which the actor is a pledgee
	ValidUntil string `cbor:"3,keyasint,omitempty" json:"valid_until,omitempty" schema:"format=date,alias=expiry|until"` // last day on which the deal may be made
}

// RefuseArgs are the arguments of consents.refuse.
type RefuseArgs struct {
	ConsentNo string `cbor:"1,keyasint" json:"consent_no" schema:"format=platform_number"`
	Reason    string `cbor:"2,keyasint,omitempty" json:"reason,omitempty" schema:"max=256"`
}

// grant is the word of all pledgees of one pledge or of several. It is given once: the
// owner may rely on it, and it ends with its last day.
func grant(v *contracts.View, args GrantArgs) (Result, *contracts.Refusal) {
	c, right, refusal := open(v, args.ConsentNo)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	checkAlive(v, right, r)
	last, err := identifier.ParseDate(args.ValidUntil)
	switch {
	case args.ValidUntil == "":
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "valid_until", Reason: contracts.ReasonMissing})
	case err != nil || last.Before(v.Today()):
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "valid_until"})
	}
	of := pledgesOfActor(v, c, right, args.PledgeNo, r)
	sealed := v.Commitment(r)
	for _, e := range of {
		for _, pledgee := range e.Pledgees {
			if !v.SignedFor(pledgee, e.PledgeNo, contracts.Countersigner) {
				r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: contracts.Current(v, pledgee, e.PledgeNo)})
			}
		}
	}
	if r.Refuses() {
		return Result{}, r
	}
	result := Result{ConsentNo: c.ConsentNo, Until: c.Until}
	c.Grants = slices.Clone(c.Grants)
	for _, e := range of {
		c.Grants = append(c.Grants, rights.ConsentGrant{
			PledgeNo: e.PledgeNo, Pledgees: e.Pledgees, GrantedBy: v.Actor(), GrantedAt: v.Time(), ValidUntil: args.ValidUntil, Commitment: sealed,
		})
		result.Granted = append(result.Granted, e.PledgeNo)
	}
	result.State = store(v, c, right, "consent.granted")
	for _, e := range c.Waits(right, v.Time()) {
		result.Wanting = append(result.Wanting, e.PledgeNo)
	}
	return result, nil
}

// refuse is the word of one pledgee, for all: without it there is no consent.
func refuse(v *contracts.View, args RefuseArgs) (Result, *contracts.Refusal) {
	c, right, refusal := open(v, args.ConsentNo)
	if refusal.Refuses() {
		return Result{}, refusal
	}
	r := new(contracts.Refusal)
	pledgesOfActor(v, c, right, "", r)
	if args.Reason == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "reason", Reason: contracts.ReasonMissing})
	}
	if r.Refuses() {
		return Result{}, r
	}
	c.Refusal = &rights.ConsentRefusal{RefusedBy: v.Actor(), RefusedAt: v.Time(), Reason: args.Reason}
	return Result{ConsentNo: c.ConsentNo, State: store(v, c, right, "consent.refused")}, nil
}

// find gives a consent and the record of its right.
func find(v *contracts.View, typed string) (rights.Consent, rights.Record, *contracts.Refusal) {
	c, refusal := rights.FindConsent(v, typed, "consent_no")
	if refusal.Refuses() {
		return rights.Consent{}, rights.Record{}, refusal
	}
	right, _ := contracts.Load[rights.Record](v, rights.RecordKey(c.Space, c.Number))
	return c, right, nil
}

// open is find of a consent that can still be granted or refused, by a pledgee. To all
// others it is as if it were not there.
func open(v *contracts.View, typed string) (rights.Consent, rights.Record, *contracts.Refusal) {
	c, right, refusal := find(v, typed)
	if refusal.Refuses() {
		return c, right, refusal
	}
	live := slices.ContainsFunc(rights.LivePledges(right, v.Time()), func(e rights.PledgeEntry) bool { return isPledgee(v, e.PledgeNo, e.Pledgees) })
	if !live && !slices.ContainsFunc(c.Asked, func(a rights.AskedPledge) bool { return isPledgee(v, a.PledgeNo, a.Pledgees) }) {
		return c, right, contracts.Refuse(notFound(c))
	}
	if state := c.StateAt(right, v.Time()); state != rights.ConsentRequested {
		return c, right, contracts.Refuse(notIn(c, state))
	}
	return c, right, nil
}

func notFound(c rights.Consent) ledger.Failure {
	return ledger.Failure{Code: contracts.ENotFound, Field: "consent_no", Subject: c.ConsentNo}
}

func notIn(c rights.Consent, state rights.ConsentState) ledger.Failure {
	return ledger.Failure{Code: contracts.EState, Field: "consent_no", Subject: c.ConsentNo, Reason: state.Reason()}
}

// pledgesOfActor lists the live pledges of the right that have not granted the consent and
// of which the actor is a pledgee: the one named, or all. There must be one.
func pledgesOfActor(v *contracts.View, c rights.Consent, right rights.Record, named string, r *contracts.Refusal) (of []rights.PledgeEntry) {
	mine := slices.DeleteFunc(rights.LivePledges(right, v.Time()), func(e rights.PledgeEntry) bool { return !isPledgee(v, e.PledgeNo, e.Pledgees) })
	if named != "" {
		number, err := identifier.PlatformNumber(named)
		if err != nil {
			r.Add(contracts.IdentifierFailure(err, "pledge_no"))
			return nil
		}
		mine = slices.DeleteFunc(mine, func(e rights.PledgeEntry) bool { return e.PledgeNo != number.Canonical })
	}
	if len(mine) == 0 {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: c.ConsentNo, Reason: contracts.ReasonNotPledgee})
		return nil
	}
	for _, e := range mine {
		if _, granted := c.GrantOf(e.PledgeNo); !granted {
			of = append(of, e)
		}
	}
	if len(of) == 0 {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: mine[0].PledgeNo, Reason: rights.ConsentGranted.Reason()})
	}
	return of
}

// isPledgee tells whether the actor stands in the place of a pledge's pledgee.
func isPledgee(v *contracts.View, pledgeNo string, pledgees []string) bool {
	return slices.ContainsFunc(pledgees, func(pledgee string) bool { return contracts.ActsFor(v, pledgee, pledgeNo) })
}
