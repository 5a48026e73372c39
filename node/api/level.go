// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A level says to whom a route answers. Each endpoint declares its own, and pass alone
// acts on it.
type level string

const (
	levelPublic level = "public" // anybody; members are shown more by some, see isMember
	levelCaller level = "caller" // whoever holds an enrolled key, about what it brings itself
	levelMember level = "member" // people of members
	levelParty  level = "party"  // people of the parties of a record, and who supervises them; for all others there is none
)

// pass is the gate: it lets a request to a route of a level through or says why not.
// What is not public does not leave the country, so that people of a foreign
// organisation get what anybody gets, and what is their own.
func pass(ctx context.Context, l level, in any) error {
	c := callerOf(ctx)
	switch c.stoppedAt(l, in) {
	case ReasonUnsigned:
		return notSigned()
	case ReasonCrossBorder:
		return refused(http.StatusForbidden, ledger.Failure{Code: contracts.EForbidden, Field: "request", Subject: c.party.PartyID, Reason: ReasonCrossBorder})
	}
	return nil
}

// stoppedAt is the reason why a request to a route of a level does not pass, "" if it
// does. Nobody has signed it if c is nil.
func (c *caller) stoppedAt(l level, in any) string {
	switch {
	case c == nil && (l == levelCaller || l == levelMember):
		return ReasonUnsigned
	case c == nil, !c.party.Foreign(), l == levelPublic, l == levelCaller:
		return ""
	}
	if own, ok := in.(ownRequest); ok && own.isOwn(c) {
		return ""
	}
	return ReasonCrossBorder
}

// An ownRequest may ask for what is the caller's organisation's own and no other's.
type ownRequest interface{ isOwn(c *caller) bool }

func (in *personsInput) isOwn(c *caller) bool { return in.Organisation == "" || c.is(in.Organisation) }

// isOwn: alerts follow from public records and from those that name the organisation;
// which of them concern whom is its own.
func (in *alertsInput) isOwn(c *caller) bool { return in.Party == "" || c.is(in.Party) }

func (in *partyInput) isOwn(c *caller) bool { return c.is(in.PartyID) }

// isOwn tells of the draft of a call by which an organisation administers itself. Any
// other is its agency's to draft, and names people of others.
func (in DraftRequest) isOwn(c *caller) bool {
	return (in.Actor == "" || c.is(in.Actor)) && contracts.Administers(in.Contract)
}

// is tells whether a party id as typed is that of the caller's organisation.
func (c *caller) is(typed string) bool {
	id, err := identifier.PartyID(typed)
	return err == nil && id == c.party.PartyID
}

// isMember tells whether a public route shows who asks what members see, too. It is
// what pass would say to a route for members.
func isMember(ctx context.Context, in any) bool {
	return callerOf(ctx).stoppedAt(levelMember, in) == ""
}

// partyNamed gives the party id that a parameter names; an absent one names none.
func partyNamed(typed, field string) (string, error) {
	if typed == "" {
		return "", nil
	}
	id, err := identifier.PartyID(typed)
	if err != nil {
		return "", refused(http.StatusBadRequest, contracts.IdentifierFailure(err, field))
	}
	return id, nil
}
