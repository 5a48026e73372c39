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

// PledgeArgs name the pledge that a method is about and nothing else.
type PledgeArgs struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
}

// RefuseArgs are the arguments of pledges.refuse.
type RefuseArgs struct {
	PledgeNo string   `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Codes    []string `cbor:"2,keyasint,omitempty" json:"codes,omitempty" schema:"enum=R01_NOT_OWNER|R02_ENDED|R03_NOT_GRANTED|R04_FEE_UNPAID|R05_SUSPENDED_OR_FROZEN|R06_DEBT_OUTLIVES_RIGHT|R07_CONTRACT_DEFECT|R08_COOWNER_CONSENT|R09_ALREADY_PLEDGED|R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING|R12_OTHER,items=12"`
}

// RegisterArgs are the arguments of pledges.register.
type RegisterArgs struct {
	PledgeNo      string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	StatutoryNo   string `cbor:"2,keyasint,omitempty" json:"statutory_no,omitempty" schema:"format=cnipa_pledge_number"`
	StatutoryTime int64  `cbor:"3,keyasint,omitempty" json:"statutory_time,omitempty"` // ms since 1970 UTC
}

// PledgeResult names the pledge a method was about, and its state after it.
type PledgeResult struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no"`
	State    State  `cbor:"2,keyasint" json:"state"`
	DueDate  string `cbor:"3,keyasint,omitempty" json:"due_date,omitempty"` // of the review, after pledges.accept
}

func accept(v *contracts.View, args PledgeArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Submitted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	days := v.Figure(contracts.ReviewOnline)
	if application.Method == "PAPER" {
		days = v.Figure(contracts.ReviewPaper)
	}
	due, refusal := v.AddWorkingDays(v.Today(), days)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	application.DueDate, application.DueProvisional = due.Date.String(), due.Provisional
	step(v, record, application, Accepted, "pledge.accepted")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Accepted, DueDate: application.DueDate}, nil
}

func refuse(v *contracts.View, args RefuseArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Accepted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	if len(args.Codes) == 0 {
		return PledgeResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EFormat, Field: "codes", Reason: contracts.ReasonMissing})
	}
	if len(slices.Compact(slices.Sorted(slices.Values(args.Codes)))) < len(args.Codes) {
		return PledgeResult{}, contracts.Refuse(ledger.Failure{Code: contracts.EFormat, Field: "codes", Reason: contracts.ReasonRepeated})
	}
	application.Codes = args.Codes
	record.Ground = args.Codes[0]
	return closeApplication(v, record, application, Refused, "pledge.refused"), nil
}

func withdraw(v *contracts.View, args PledgeArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	if !record.State.Pending() {
		r.Add(wrongState(record))
	}
	checkPledgees(v, record, application, r)
	for _, pledgor := range application.Pledgors {
		checkSigned(v, pledgor, record.PledgeNo, r)
	}
	if r.Refuses() {
		return PledgeResult{}, r
	}
	return closeApplication(v, record, application, Withdrawn, "pledge.withdrawn"), nil
}

func register(v *contracts.View, args RegisterArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Accepted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	number, err := identifier.CNIPAPledgeNumber(args.StatutoryNo, v.Today())
	if args.StatutoryNo == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "statutory_no", Reason: contracts.ReasonMissing})
	} else if err != nil {
		r.Add(contracts.IdentifierFailure(err, "statutory_no"))
	} else if first, used := contracts.Load[string](v, rights.StatutoryKey(number)); used {
		r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: "statutory_no", Subject: first})
	}
	switch {
	case args.StatutoryTime == 0:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "statutory_time", Reason: contracts.ReasonMissing})
	case args.StatutoryTime > v.Time() || earlierDay(args.StatutoryTime, application.lastStep()):
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "statutory_time"})
	}
	list := rightsOf(v, record)
	for i := range list {
		p := &list[i]
		// The register may show this very pledge already: it is not another's. One of
		// another day under its number is.
		p.record.Encumbrances = slices.DeleteFunc(slices.Clone(p.record.Encumbrances), func(e rights.RegistrarEncumbrance) bool {
			return number != "" && e.StatutoryNo == number && e.Kind == "PLEDGE" &&
				(e.Time == 0 || identifier.DateOf(e.Time) == identifier.DateOf(args.StatutoryTime))
		})
		p.status = rights.StatusOf(p.record, v.Time(), v.Parameters())
	}
	checkRegistration(v, list, application, args.StatutoryTime, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}

	for _, p := range list {
		dropPending(&p.record, record.SubmittedAt)
		p.record.Pledges = append(slices.Clone(p.record.Pledges), rights.PledgeEntry{
			PledgeNo: record.PledgeNo, Pledgees: application.Pledgees, Pledgors: application.Pledgors,
			State: string(Effective), StatutoryNo: number, StatutoryTime: args.StatutoryTime, RegisteredAt: v.Time(),
		})
		rights.Rank(p.record.Pledges)
		contracts.Store(v, p.key, p.record)
	}
	contracts.Store(v, rights.StatutoryKey(number), record.PledgeNo)
	record.Version, record.Pledgors, record.Pledgees = 1, application.Pledgors, application.Pledgees
	record.StatutoryNo, record.StatutoryTime, record.RegisteredAt = number, args.StatutoryTime, v.Time()
	step(v, record, application, Effective, "pledge.effective")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Effective}, nil
}

// earlierDay tells whether a statutory time lies on an earlier legal day than
// what must have come before it: it would buy an earlier rank. Days are compared,
// since registers often give no more.
func earlierDay(statutory, before int64) bool {
	return statutory < 0 || identifier.DateOf(statutory).Before(identifier.DateOf(before))
}

// barredAt tells whether a flag stood at a right when the registrar registered.
func barredAt(record rights.Record, flag string, at int64) bool {
	return slices.ContainsFunc(record.Facts, func(f rights.Fact) bool { return f.Flag == flag && f.Stands(at) })
}

// checkRegistration checks what may have changed for the rights since the
// application, by what held at the register when it registered: what came later is no
// bar to what was registered before it, however late the ledger hears of either.
func checkRegistration(v *contracts.View, list []pledged, application Application, statutoryTime int64, r *contracts.Refusal) {
	rule := func(code, ground, reason string, broken func(pledged) bool) {
		for _, p := range list {
			if broken(p) {
				r.Add(ledger.Failure{Code: code, Ground: ground, Field: "pledge_no", Subject: p.subject(), Reason: reason})
			}
		}
	}
	stood := func(flag string) func(pledged) bool {
		return func(p pledged) bool { return barredAt(p.record, flag, statutoryTime) }
	}
	unknown := func(flag, ground string) func(pledged) bool {
		return func(p pledged) bool { return stood(flag)(p) && !slices.Contains(application.Acknowledgements, ground) }
	}
	rule(contracts.EFrozen, contracts.R05, "", func(p pledged) bool {
		return slices.ContainsFunc(p.record.Freezes, func(f rights.Freeze) bool { return f.Stands(statutoryTime) })
	})
	rule(contracts.EFrozen, contracts.R05, contracts.ReasonEncumbered, func(p pledged) bool {
		return slices.ContainsFunc(p.record.Encumbrances, func(e rights.RegistrarEncumbrance) bool { return e.Freezes() && e.InForce(statutoryTime) })
	})
	rule(contracts.EFrozen, contracts.R05, rights.FlagSuspended, stood(rights.FlagSuspended))
	rule(contracts.EDispute, contracts.R05, "", stood(rights.FlagDisputed))
	rule(contracts.EExpired, contracts.R02, "", func(p pledged) bool {
		return rights.StateThen(p.record, statutoryTime, v.Parameters()).Ended()
	})
	rule(contracts.EFee, contracts.R04, "", func(p pledged) bool { return rights.FeeOwed(p.record, statutoryTime) })
	rule(contracts.EPledged, contracts.R09, "", func(p pledged) bool { return full(v, p.record.Pledges) })
	rule(contracts.EPledged, contracts.R09, contracts.ReasonEncumbered, pledged.encumbered)
	// The register may name a successor by now, of a pledgor or of who signed.
	is := func(p pledged, one, other string) bool { return contracts.SameParty(v, one, other, p.record.RightID) }
	unsigned := func(p pledged, owner string) string {
		if slices.ContainsFunc(application.signedFor(), func(signer string) bool { return is(p, signer, owner) }) {
			return ""
		}
		return owner
	}
	checkOwners(list, application.Pledgors, statutoryTime, is, unsigned, r)
	rule(contracts.EConsent, contracts.R10, "", unknown(rights.FlagTwinApplication, contracts.R10))
	rule(contracts.EConsent, contracts.R11, "", unknown(rights.FlagInvalidationPending, contracts.R11))
}

// forOffice finds a pledge in the state that a step of the receiving office
// needs.
func forOffice(v *contracts.View, pledgeNo string, state State) (Record, Application, *contracts.Refusal) {
	record, application, refusal := Load(v, pledgeNo, "pledge_no")
	if refusal.Refuses() {
		return record, application, refusal
	}
	r := new(contracts.Refusal)
	if !contracts.ActsFor(v, application.Office, record.PledgeNo) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.PledgeNo, Reason: contracts.ReasonOtherOffice})
	}
	if record.State != state {
		r.Add(wrongState(record))
	}
	return record, application, r
}

func wrongState(record Record) ledger.Failure {
	return ledger.Failure{Code: contracts.EState, Field: "pledge_no", Subject: record.PledgeNo, Reason: string(record.State)}
}

// checkPledgees checks that the actor is a pledgee and that the others agree.
func checkPledgees(v *contracts.View, record Record, application Application, r *contracts.Refusal) {
	if !IsPledgee(v, application) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.PledgeNo, Reason: contracts.ReasonNotPledgee})
		return
	}
	for _, pledgee := range application.Pledgees {
		checkSigned(v, pledgee, record.PledgeNo, r)
	}
}

// IsPledgee tells whether the actor stands in a pledgee's place.
func IsPledgee(v *contracts.View, application Application) bool {
	return slices.ContainsFunc(application.Pledgees, func(pledgee string) bool { return contracts.ActsFor(v, pledgee, application.PledgeNo) })
}

// checkSigned requires the signature of whoever stands where a record names a party.
func checkSigned(v *contracts.View, party, recordNo string, r *contracts.Refusal) {
	if !v.SignedFor(party, recordNo, contracts.Countersigner) {
		r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: contracts.Current(v, party, recordNo)})
	}
}

// closeApplication ends an application and frees its reservation.
func closeApplication(v *contracts.View, record Record, application Application, state State, event string) PledgeResult {
	for _, p := range rightsOf(v, record) {
		dropPending(&p.record, record.SubmittedAt)
		contracts.Store(v, p.key, p.record)
	}
	record.EndedAt = v.Time()
	step(v, record, application, state, event)
	return PledgeResult{PledgeNo: record.PledgeNo, State: state}
}

// rightsOf reads the records of a pledge's rights.
func rightsOf(v *contracts.View, record Record) []pledged {
	list := make([]pledged, len(record.Rights))
	for i, right := range record.Rights {
		list[i].key = right.key()
		list[i].record, _ = contracts.Load[rights.Record](v, list[i].key)
	}
	return list
}

// dropPending takes an application off a right's record. Two applications of one
// right never share a block time, since the first one's reservation refuses the
// second.
func dropPending(record *rights.Record, submittedAt int64) {
	record.Pending = slices.DeleteFunc(slices.Clone(record.Pending), func(p rights.PendingPledge) bool {
		return p.SubmittedAt == submittedAt
	})
}
