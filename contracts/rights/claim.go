// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// ClaimArgs are the arguments of rights.claim.
type ClaimArgs struct {
	Type   string   `cbor:"1,keyasint" json:"type" schema:"enum=PATENT|PAT_INV|PAT_UM|PAT_DES|TM|TM_CERT|TM_COLL|COPY_WORK|COPY_SOFT|IC_LAYOUT|PLANT_VAR"` // PATENT: whatever the number says
	Number string   `cbor:"2,keyasint" json:"number" schema:"format=right_number,max=64"`                                                                  // as on the certificate, in any spelling
	Owners []string `cbor:"3,keyasint" json:"owners" schema:"format=party,items=16"`                                                                       // party ids
	Title  string   `cbor:"4,keyasint,omitempty" json:"title,omitempty"`
	Office string   `cbor:"5,keyasint,omitempty" json:"office,omitempty" schema:"format=party"` // office that shall answer

	Outsiders []string `cbor:"6,keyasint,omitempty" json:"outside_owners,omitempty" schema:"max=128,items=16"` // co-owners that are not on this ledger, by their names in the register
}

// ClaimResult names what rights.claim made.
type ClaimResult struct {
	RightID string `cbor:"1,keyasint" json:"right_id"`
	Number  string `cbor:"2,keyasint" json:"number"` // canonical
	Type    string `cbor:"3,keyasint" json:"type"`
}

// maxClaimsOfOne bounds the claims of one number that one organisation may have
// waiting, so that nobody fills the record against the others.
const maxClaimsOfOne = 8

func claim(v *contracts.View, args ClaimArgs) (ClaimResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	space, number, rightType, err := identify(args.Type, args.Number, v.Today())
	if err != nil {
		field := "number"
		if rightType != "" {
			field = "type" // the number is well formed and of another type
		}
		r.Add(contracts.IdentifierFailure(err, field))
	}
	owners := CheckParties(v, args.Owners, "owners", r)
	if v.ActingParty().Role != contracts.Bank && !slices.Contains(owners, v.Actor()) {
		r.Add(ledger.Failure{Code: contracts.EOwner, Field: "owners", Subject: v.Actor()})
	}
	office := contracts.Party{AreaCode: v.Parameters().Area}
	if args.Office != "" {
		office = FindOffice(v, args.Office, RegistrarOf(space, number), r)
	}
	if r.Refuses() {
		return ClaimResult{}, r
	}

	key := RecordKey(space, number)
	record, known := contracts.Load[Record](v, key)
	if known && record.BaseState != Claimed && record.BaseState != Rejected {
		return ClaimResult{}, contracts.Refuse(ledger.Failure{
			Code: contracts.EState, Field: "number", Subject: record.RightID, Reason: string(record.BaseState),
		})
	}
	record.ClaimsPending = slices.DeleteFunc(slices.Clone(record.ClaimsPending), func(c PendingClaim) bool {
		return OlderThan(c.ClaimedAt, v.Time(), v.Figure(contracts.ClaimExpiryDays))
	})
	if len(record.ClaimsPending) >= MaxClaims {
		return ClaimResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EState, Field: "number", Reason: contracts.ReasonLength})
	}
	if waiting := waitingClaim(v, record); waiting != "" {
		return ClaimResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EDuplicate, Field: "number", Subject: waiting})
	}
	id, refusal := v.NextNumber(identifier.RightRecord, office.AreaCode)
	if refusal.Refuses() {
		return ClaimResult{}, refusal
	}
	record.Space, record.Number, record.Type, record.BaseState = space, number, rightType, Claimed
	record.ClaimsPending = append(record.ClaimsPending, PendingClaim{RightID: id, ClaimedAt: v.Time()})
	contracts.Store(v, key, record)
	contracts.Store(v, ClaimKey(id), Claim{
		RightID: id, Space: record.Space, Number: record.Number, Type: record.Type, NumberAsTyped: args.Number,
		Owners: owners, Outsiders: inOrder(args.Outsiders), Title: args.Title, Office: office.PartyID, ClaimedBy: v.Actor(), ClaimedAt: v.Time(), State: ClaimWaiting,
	})
	v.Emit("right.claimed", id)
	return ClaimResult{RightID: id, Number: record.Number, Type: string(record.Type)}, nil
}

// identify gives number space, canonical number and type of a right as claimed. The
// type is given beside an error if the number itself is well formed.
func identify(claimed, number string, today identifier.Date) (identifier.Space, string, identifier.RightType, error) {
	if claimed == string(identifier.PatentSpace) {
		p, err := identifier.PatentNumber(number, today)
		return identifier.PatentSpace, p.Canonical, p.Right, err
	}
	t := identifier.RightType(claimed)
	space, canonical, err := identifier.RightNumber(t, number, today)
	if err == nil {
		return space, canonical, t, nil
	}
	if p, notPatent := identifier.PatentNumber(number, today); space == "" && notPatent == nil {
		if of, _ := t.Space(); of == identifier.PatentSpace {
			return "", "", p.Right, err
		}
	}
	return "", "", "", err
}

// waitingClaim names the actor's last waiting claim when it has too many.
func waitingClaim(v *contracts.View, record Record) string {
	last, n := "", 0
	for _, pending := range record.ClaimsPending {
		if c, ok := contracts.Load[Claim](v, ClaimKey(pending.RightID)); ok && c.ClaimedBy == v.Actor() {
			last, n = c.RightID, n+1
		}
	}
	if n < maxClaimsOfOne {
		return ""
	}
	return last
}

// CheckParties checks that a list names at least one organisation, each once and
// each known to the ledger, and gives their party ids, sorted.
func CheckParties(v *contracts.View, list []string, field string, r *contracts.Refusal) []string {
	if len(list) == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Reason: contracts.ReasonEmpty})
	}
	ids := make([]string, 0, len(list))
	for _, typed := range list {
		party := contracts.FindParty(v, typed, field, r)
		if party.PartyID == "" {
			continue
		}
		if slices.Contains(ids, party.PartyID) {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: party.PartyID, Reason: contracts.ReasonRepeated})
		}
		ids = append(ids, party.PartyID)
	}
	slices.Sort(ids)
	return ids
}

// inOrder gives the names of owners that are not on this ledger in one order: they are a
// set, and a register lists them as it likes.
func inOrder(names []string) []string { return slices.Sorted(slices.Values(names)) }

// FindOffice finds an active organisation named in the arguments that reports for a
// registrar; what is wrong with it is added to r under the field office.
func FindOffice(v *contracts.View, typed string, of Registrar, r *contracts.Refusal) contracts.Party {
	party := contracts.FindParty(v, typed, "office", r)
	switch {
	case party.PartyID == "":
	case !party.ActiveAt(v.Time()):
		r.Add(ledger.Failure{Code: contracts.ENotFound, Field: "office", Subject: party.PartyID, Reason: contracts.ReasonParty})
	case !Reports(party.Role, of):
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "office", Subject: party.PartyID, Reason: contracts.ReasonPartyRole})
	}
	return party
}
