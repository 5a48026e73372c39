// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// SubmitArgs are the arguments of pledges.submit. The body's one commitment is
// the salted hash of the sealed part.
type SubmitArgs struct {
	Rights           []string `cbor:"1,keyasint" json:"rights" schema:"format=right,items=200"` // right ids or TYPE:number
	Pledgors         []string `cbor:"2,keyasint" json:"pledgors" schema:"format=party,items=16"`
	Pledgees         []string `cbor:"3,keyasint" json:"pledgees" schema:"format=party,items=16"` // the acting bank among them
	Kind             string   `cbor:"4,keyasint,omitempty" json:"kind,omitempty" schema:"enum=ORDINARY|MAX_AMOUNT"`
	Office           string   `cbor:"5,keyasint,omitempty" json:"office,omitempty" schema:"format=party"` // absent: the office that confirmed the first right
	Method           string   `cbor:"6,keyasint,omitempty" json:"method,omitempty" schema:"enum=ONLINE|PAPER"`
	Acknowledgements []string `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty" schema:"enum=R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING,items=2"`
	Registrar        string   `cbor:"8,keyasint,omitempty" json:"registrar,omitempty" schema:"enum=CNIPA|NCA|MARA|NFGA"` // absent: that of the rights
}

// SubmitResult names the application that pledges.submit made.
type SubmitResult struct {
	PledgeNo         string `cbor:"1,keyasint" json:"pledge_no"`
	ReservationUntil int64  `cbor:"2,keyasint" json:"reservation_until"` // ms since 1970 UTC, exclusive
}

// pledged is one right of an application with its state key, record and status.
type pledged struct {
	ref    string // as the transaction names it
	key    string
	record rights.Record
	status rights.Status
}

// subject names the right in a refusal, so that its public record can be found.
func (p pledged) subject() string { return string(p.record.Space) + ":" + p.record.Number }

// registrar keeps the register of the right.
func (p pledged) registrar() rights.Registrar {
	return rights.RegistrarOf(p.record.Space, p.record.Number)
}

// encumbered tells whether the statutory register shows a burden from elsewhere,
// other than a freeze.
func (p pledged) encumbered() bool {
	return slices.ContainsFunc(p.status.Encumbrances, func(e rights.RegistrarEncumbrance) bool { return e.Kind != "LICENCE" && !e.Freezes() })
}

func submit(v *contracts.View, args SubmitArgs) (SubmitResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	list := resolve(v, args.Rights, r)
	pledgors := rights.CheckParties(v, args.Pledgors, "pledgors", r)
	pledgees := rights.CheckParties(v, args.Pledgees, "pledgees", r)
	checkRights(v, list, args.Acknowledgements, pledgors, r)
	checkSides(v, list, pledgors, pledgees, r)
	if args.Registrar != "" && len(list) > 0 && args.Registrar != string(list[0].registrar()) {
		r.Add(ledger.Failure{Code: contracts.EContract, Field: "registrar", Subject: string(list[0].registrar()), Reason: contracts.ReasonOtherRegister})
	}
	sealed := v.Commitment(r)
	registrar := rights.CNIPA
	if len(list) > 0 {
		registrar = list[0].registrar()
	}
	var office contracts.Party
	if args.Office != "" {
		office = rights.FindOffice(v, args.Office, registrar, r)
	} else if len(list) > 0 && list[0].record.ConfirmedBy != "" {
		office = rights.FindOffice(v, contracts.Current(v, list[0].record.ConfirmedBy, list[0].record.RightID), registrar, r)
	}
	if r.Refuses() {
		return SubmitResult{}, r
	}

	number, refusal := v.NextNumber(identifier.PledgeRecord, office.AreaCode)
	if refusal.Refuses() {
		return SubmitResult{}, refusal
	}
	until := v.Time() + v.Parameters().Days(contracts.ReservationDays)
	record := Record{
		PledgeNo: number, Registrar: string(registrar), SubmittedAt: v.Time(),
	}
	for _, p := range list {
		record.Rights = append(record.Rights, Right{RightID: p.record.RightID, Type: p.record.Type, Number: p.record.Number})
		p.record.Pending = append(slices.Clone(p.record.Pending), rights.PendingPledge{SubmittedAt: v.Time(), ReservationUntil: until})
		contracts.Store(v, p.key, p.record)
	}
	application := Application{
		PledgeNo: number, Kind: or(args.Kind, "ORDINARY"), Pledgors: pledgors, Pledgees: pledgees,
		Office: office.PartyID, Method: or(args.Method, "ONLINE"), Acknowledgements: args.Acknowledgements,
		Commitment: sealed, ReservationUntil: until,
	}
	step(v, record, application, Submitted, "pledge.submitted")
	return SubmitResult{PledgeNo: number, ReservationUntil: until}, nil
}

func or(given, absent string) string {
	if given == "" {
		return absent
	}
	return given
}

// resolve finds the records of the rights that a transaction names.
func resolve(v *contracts.View, refs []string, r *contracts.Refusal) []pledged {
	switch {
	case len(refs) == 0:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonEmpty})
	case int64(len(refs)) > v.Figure(contracts.MaxPledgeRights):
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonLength})
		return nil
	}
	var list []pledged
	for i, ref := range refs {
		field := fmt.Sprintf("rights[%d]", i)
		key, failure := rights.Resolve(v.Get, ref, v.Today())
		if failure != nil {
			failure.Field = field
			r.Add(*failure)
			continue
		}
		record, ok := contracts.Load[rights.Record](v, key)
		switch {
		case !ok:
			r.Add(ledger.Failure{Code: contracts.ENotFound, Ground: contracts.R03, Field: field})
		case slices.ContainsFunc(list, func(p pledged) bool { return p.key == key }):
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: record.RightID, Reason: contracts.ReasonRepeated})
		default:
			list = append(list, pledged{ref: ref, key: key, record: record, status: rights.StatusOf(record, v.Time(), v.Parameters())})
		}
	}
	return list
}

// checkRights applies the registrar's grounds to every right, in the order in
// which they are to be reported: one rule for all rights, then the next.
func checkRights(v *contracts.View, list []pledged, acknowledged, pledgors []string, r *contracts.Refusal) {
	rule := func(code, ground, reason string, broken func(pledged) bool) {
		for _, p := range list {
			if broken(p) {
				r.Add(ledger.Failure{Code: code, Ground: rights.GroundOf(p.record.Space, ground), Field: "rights", Subject: p.subject(), Reason: reason})
			}
		}
	}
	confirmed := func(p pledged) bool { return p.status.BaseState == rights.Confirmed }
	has := func(flag string) func(pledged) bool {
		return func(p pledged) bool { return p.status.Has(flag) }
	}

	rule(contracts.EState, contracts.R03, string(rights.Unconfirmed), func(p pledged) bool {
		return !confirmed(p) && !p.status.BaseState.Ended()
	})
	rule(contracts.EStale, "", "", func(p pledged) bool {
		return confirmed(p) && rights.OlderThan(p.record.SnapshotTime, v.Time(), v.Figure(contracts.EvidenceMaxDays))
	})
	rule(contracts.EFrozen, contracts.R05, "", func(p pledged) bool { return len(p.status.Freezes) > 0 })
	rule(contracts.EFrozen, contracts.R05, contracts.ReasonEncumbered, func(p pledged) bool {
		return slices.ContainsFunc(p.status.Encumbrances, rights.RegistrarEncumbrance.Freezes)
	})
	rule(contracts.EFrozen, contracts.R05, rights.FlagSuspended, has(rights.FlagSuspended))
	rule(contracts.EDispute, contracts.R05, "", has(rights.FlagDisputed))
	rule(contracts.EExpired, contracts.R02, "", func(p pledged) bool { return p.status.Value == rights.Ended })
	rule(contracts.EFee, contracts.R04, "", has(rights.FlagInGrace))
	rule(contracts.EPledged, contracts.R09, "", func(p pledged) bool { return full(v, p.record.Pledges) })
	rule(contracts.EPledged, contracts.R09, contracts.ReasonEncumbered, pledged.encumbered)
	rule(contracts.EPledged, contracts.R09, contracts.ReasonReservation, func(p pledged) bool { return len(p.status.Reservations) > 0 })
	rule(contracts.EState, "", contracts.ReasonLength, func(p pledged) bool { return len(p.record.Pending) >= rights.MaxPending })
	// The pledgors are those whom the register names; their successors sign for them.
	named := func(_ pledged, one, other string) bool { return one == other }
	checkOwners(list, pledgors, v.Time(), named, func(p pledged, owner string) string { return p.unsigned(v, owner) }, r)
	rule(contracts.EConsent, contracts.R10, "", func(p pledged) bool {
		return p.status.Has(rights.FlagTwinApplication) && !slices.Contains(acknowledged, contracts.R10)
	})
	rule(contracts.EConsent, contracts.R11, "", func(p pledged) bool {
		return p.status.Has(rights.FlagInvalidationPending) && !slices.Contains(acknowledged, contracts.R11)
	})
	rule(contracts.EContract, contracts.R07, contracts.ReasonRegistrars, func(p pledged) bool {
		return p.registrar() != list[0].registrar()
	})
	rule(contracts.EContract, "", contracts.ReasonPatentsOnly, func(p pledged) bool { return p.record.Space != identifier.PatentSpace })
}

// full tells whether a patent carries as many live pledges as it may.
func full(v *contracts.View, live []rights.PledgeEntry) bool {
	return int64(len(live)) >= v.Figure(contracts.MaxLivePat)
}

// checkOwners checks that the pledgors are the owners of a time at the register and
// that all owners signed. Who owns none of the rights cannot pledge them (R01). A
// co-owner who is not named as pledgor must have signed all the same (R08); one that
// is not on this ledger cannot. Whether two ids stand for one owner of a right, and
// whose signature is missing for an owner of it, "" if none is, the caller says.
func checkOwners(list []pledged, pledgors []string, at int64, is func(p pledged, one, other string) bool, unsigned func(p pledged, owner string) string, r *contracts.Refusal) {
	owns := func(p pledged, party string) bool {
		return slices.ContainsFunc(rights.OwnersThen(p.record, at), func(owner string) bool { return is(p, owner, party) })
	}
	for _, pledgor := range pledgors {
		if !slices.ContainsFunc(list, func(p pledged) bool { return owns(p, pledgor) }) {
			r.Add(ledger.Failure{Code: contracts.EOwner, Ground: contracts.R01, Field: "pledgors", Subject: pledgor})
		}
	}
	for _, p := range list {
		living := p.record.BaseState == rights.Confirmed || at < p.record.EndedFrom
		if living && !slices.ContainsFunc(pledgors, func(pledgor string) bool { return owns(p, pledgor) }) {
			r.Add(ledger.Failure{Code: contracts.EOwner, Ground: rights.GroundOf(p.record.Space, contracts.R01), Field: "pledgors", Subject: p.subject()})
		}
	}
	for _, p := range list {
		owners := rights.OwnersThen(p.record, at)
		for _, owner := range owners {
			if len(owners)+len(p.record.Outsiders) == 1 {
				continue
			}
			if whose := unsigned(p, owner); whose != "" {
				r.Add(ledger.Failure{Code: contracts.ECoowner, Ground: rights.GroundOf(p.record.Space, contracts.R08), Field: "pledgors", Subject: whose})
			}
		}
		if len(p.record.Outsiders) > 0 && at >= p.record.OwnersSince {
			r.Add(ledger.Failure{Code: contracts.ECoowner, Ground: rights.GroundOf(p.record.Space, contracts.R08), Field: "pledgors", Subject: p.subject()})
		}
	}
}

// unsigned names whose signature is missing for an owner of the right: its own, or
// that of the successor who stands in its place. It is "" if none is.
func (p pledged) unsigned(v *contracts.View, owner string) string {
	if v.SignedFor(owner, p.record.RightID, contracts.Countersigner) {
		return ""
	}
	return contracts.Current(v, owner, p.record.RightID)
}

// checkSides checks the two sides of the contract and their signatures.
func checkSides(v *contracts.View, list []pledged, pledgors, pledgees []string, r *contracts.Refusal) {
	for _, pledgor := range pledgors {
		for _, whose := range unsignedPledgor(v, list, pledgor) {
			r.Add(ledger.Failure{Code: contracts.ESignature, Field: "pledgors", Subject: whose})
		}
	}
	if !slices.Contains(pledgees, v.Actor()) {
		r.Add(ledger.Failure{Code: contracts.EContract, Ground: contracts.R07, Field: "pledgees", Subject: v.Actor()})
	}
	for _, pledgee := range pledgees {
		if party, _ := contracts.Load[contracts.Party](v, contracts.PartyKey(pledgee)); party.Role != contracts.Bank {
			r.Add(ledger.Failure{Code: contracts.ERole, Field: "pledgees", Subject: pledgee, Reason: contracts.ReasonPartyRole})
		}
		if slices.Contains(pledgors, pledgee) || succeedsPledgor(v, list, pledgors, pledgee) {
			r.Add(ledger.Failure{Code: contracts.EContract, Ground: contracts.R07, Field: "pledgees", Subject: pledgee, Reason: contracts.ReasonRepeated})
		}
		if pledgee != v.Actor() && !v.Signed(pledgee, contracts.Countersigner) {
			r.Add(ledger.Failure{Code: contracts.ESignature, Field: "pledgees", Subject: pledgee})
		}
	}
}

// unsignedPledgor names whose signatures are missing for a pledgor: of all who stand
// in its place for the rights it owns alone. Those of co-owners checkOwners asks for.
func unsignedPledgor(v *contracts.View, list []pledged, pledgor string) (missing []string) {
	owner := false
	for _, p := range list {
		switch {
		case !slices.Contains(p.record.Owners, pledgor):
		case len(p.record.Owners) > 1:
			owner = true
		default:
			owner = true
			if whose := p.unsigned(v, pledgor); whose != "" {
				missing = append(missing, whose)
			}
		}
	}
	if !owner && !v.Signed(pledgor, contracts.Countersigner) {
		missing = append(missing, pledgor)
	}
	return missing
}

// succeedsPledgor tells whether an organisation stands in a pledgor's place for any of
// the rights: nobody pledges to itself.
func succeedsPledgor(v *contracts.View, list []pledged, pledgors []string, party string) bool {
	return slices.ContainsFunc(list, func(p pledged) bool {
		return slices.ContainsFunc(pledgors, func(pledgor string) bool { return contracts.Current(v, pledgor, p.record.RightID) == party })
	})
}
