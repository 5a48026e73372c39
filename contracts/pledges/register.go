// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// RegisterArgs are the arguments of pledges.register.
type RegisterArgs struct {
	PledgeNo        string         `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	StatutoryNo     string         `cbor:"2,keyasint,omitempty" json:"statutory_no,omitempty" schema:"max=64"`
	StatutoryTime   int64          `cbor:"3,keyasint,omitempty" json:"statutory_time,omitempty"`                                                            // ms since 1970 UTC
	RegistrationEnd string         `cbor:"4,keyasint,omitempty" json:"registration_end,omitempty" schema:"format=date,alias=period_end|registration_until"` // last day, where the registration ends by itself: a mark's
	Refused         []RefusedRight `cbor:"5,keyasint,omitempty" json:"refused,omitempty" schema:"items=200"`                                                // of a batch that is not atomic
}

// A RefusedRight is a right of a batch that the registrar did not register.
type RefusedRight struct {
	RightID string `cbor:"1,keyasint" json:"right_id" schema:"format=platform_number"`
	Code    string `cbor:"2,keyasint" json:"code" schema:"enum=R01_NOT_OWNER|R02_ENDED|R03_NOT_GRANTED|R04_FEE_UNPAID|R05_SUSPENDED_OR_FROZEN|R06_DEBT_OUTLIVES_RIGHT|R07_CONTRACT_DEFECT|R08_COOWNER_CONSENT|R09_ALREADY_PLEDGED|R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING|R12_OTHER|T01_NAME_DIFFERS|T02_CONTRACT_UNLAWFUL|T03_ENDED|T04_FROZEN|T05_OTHER|C01_NOT_OWNER|C02_CONTRACT_UNLAWFUL|C03_EXPIRED|C04_DEBT_OUTLIVES_RIGHT|C05_DISPUTED|C06_OTHER"`
}

// register relays the statutory registration, which makes the pledge: it is judged by
// what held at the register then.
func register(v *contracts.View, args RegisterArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Accepted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	number := checkStatutoryNo(v, record, args.StatutoryNo, r)
	known := len(r.Failures)
	if args.StatutoryTime == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "statutory_time", Reason: contracts.ReasonMissing})
	} else {
		v.CheckTime("statutory_time", args.StatutoryTime, dayOf(application.StepTime), r)
	}
	if len(r.Failures) > known { // what held at a time that cannot be says nothing
		return PledgeResult{}, r
	}
	list := leaveOut(v, &record, &application, args, r)
	for i := range list {
		list[i].record.Encumbrances = withoutOwn(list[i].record.Encumbrances, number, args.StatutoryTime)
	}
	for _, f := range checkRegistration(v, list, application.Pledgors, application.Signed, application.Acknowledgements, args.StatutoryTime) {
		f.Field = "pledge_no"
		r.Add(f.Failure)
	}
	checkPledgorsAt(list, application.Pledgors, args.StatutoryTime, sameOwner(v), r)
	checkEnd(list, args.RegistrationEnd, args.StatutoryTime, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}

	record.Version, record.Pledgors, record.Pledgees = 1, application.Pledgors, application.Pledgees
	record.StatutoryNo, record.StatutoryTime, record.RegisteredAt = number, args.StatutoryTime, v.Time()
	record.RegistrationEnd, record.PoolNo = args.RegistrationEnd, application.PoolNo
	for i, p := range list {
		dropPending(&p.record, appliedAt(record.Rights[i], record))
		enter(v, p, record, args.StatutoryTime)
	}
	contracts.Store(v, rights.StatutoryKey(number), record.PledgeNo)
	if refusal := certify(v, &record); refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	step(v, record, application, Effective, "register", "pledge.effective")
	record.State = Effective
	return registered(record, stateOf(v, record, list)), nil // told late, it may be over already
}

// registered is the result of what changes the registration.
func registered(record Record, state State) PledgeResult {
	return PledgeResult{PledgeNo: record.PledgeNo, State: state, Version: record.Version, CertificateNo: record.CertificateNo}
}

// checkStatutoryNo gives the canonical form of a statutory number that no pledge has.
func checkStatutoryNo(v *contracts.View, record Record, typed string, r *contracts.Refusal) string {
	space, _ := record.Rights[0].Type.Space()
	if typed == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "statutory_no", Reason: contracts.ReasonMissing})
		return ""
	}
	number, err := rights.StatutoryNumber(space, typed, v.Today())
	if err != nil {
		r.Add(contracts.IdentifierFailure(err, "statutory_no"))
		return ""
	}
	if first, used := contracts.Load[string](v, rights.StatutoryKey(number)); used && first != "" {
		r.Add(ledger.Failure{Code: contracts.EDuplicate, Field: "statutory_no", Subject: first})
	}
	return number
}

// enter writes a pledge into the record of one of its rights, in its rank. Of those that
// ended by time some stay, for papers that come late.
func enter(v *contracts.View, p *pledged, record Record, statutoryTime int64) {
	now := v.Time()
	over := 0
	for _, e := range p.record.Pledges {
		if !e.Live(now) {
			over++
		}
	}
	oldest := slices.Clone(p.record.Pledges)
	slices.SortStableFunc(oldest, func(a, b rights.PledgeEntry) int { return cmp.Compare(a.RegisteredAt, b.RegisteredAt) })
	p.record.Pledges = slices.DeleteFunc(oldest, func(e rights.PledgeEntry) bool {
		if e.Live(now) || e.Live(now-rights.Late) && over < rights.MaxOver {
			return false
		}
		over--
		return true
	})
	p.record.Pledges = append(p.record.Pledges, rights.PledgeEntry{
		PledgeNo: record.PledgeNo, Pledgees: record.Pledgees, Pledgors: record.Pledgors,
		State: string(Effective), StatutoryNo: record.StatutoryNo, StatutoryTime: statutoryTime, RegisteredAt: now,
		Until: record.RegistrationEnd,
	})
	rights.Rank(p.record.Pledges)
	contracts.Store(v, p.key, p.record)
}

// leaveOut takes the rights off a batch that the registrar did not register, and gives
// the others. Who owned none of these then is no pledgor.
func leaveOut(v *contracts.View, record *Record, application *Application, args RegisterArgs, r *contracts.Refusal) []*pledged {
	refused := args.Refused
	if len(refused) > 0 && !application.Partial {
		r.Add(ledger.Failure{Code: contracts.EContract, Field: "refused", Subject: record.PledgeNo, Reason: contracts.ReasonAtomic})
		return nil
	}
	m := Manifest{Listed: uint64(len(record.Rights))}
	if application.Manifest != nil {
		m = *application.Manifest
		m.Refused = slices.Clone(m.Refused)
	}
	for at, line := range refused {
		if number, err := identifier.PlatformNumber(line.RightID); err == nil {
			line.RightID = number.Canonical
		}
		i := slices.IndexFunc(record.Rights, func(right Right) bool { return right.RightID == line.RightID })
		if i < 0 {
			r.Add(ledger.Failure{Code: contracts.ENotFound, Field: "refused", Subject: line.RightID})
			continue
		}
		if !record.Rights[i].lists(line.Code) {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: fmt.Sprintf("refused[%d].code", at), Subject: line.Code, Reason: contracts.ReasonOtherRegister})
		}
		if len(record.Rights) == 1 {
			r.Add(ledger.Failure{Code: contracts.EState, Field: "refused", Subject: line.RightID, Reason: contracts.ReasonLastRight})
			return nil
		}
		free(v, *record, record.Rights[i])
		record.Rights = slices.Delete(slices.Clone(record.Rights), i, i+1)
		m.Refused = append(m.Refused, RefusedLine{Right: line.RightID, Code: codeOf(line.Code), Ground: line.Code})
	}
	if len(refused) > 0 {
		application.Manifest = &m
		of := rightsOf(v, *record)
		application.Pledgors = slices.DeleteFunc(slices.Clone(application.Pledgors), func(pledgor string) bool {
			return !slices.ContainsFunc(of, func(p *pledged) bool { return owns(p, pledgor, args.StatutoryTime, sameOwner(v)) })
		})
		return of
	}
	return rightsOf(v, *record)
}

// codeOf is the code of the ledger for a registrar's ground.
func codeOf(ground string) string {
	switch ground {
	case contracts.R01, contracts.C01, contracts.T01:
		return contracts.EOwner
	case contracts.R02, contracts.T03, contracts.C03:
		return contracts.EExpired
	case contracts.R03:
		return contracts.EState
	case contracts.R04:
		return contracts.EFee
	case contracts.R05, contracts.T04:
		return contracts.EFrozen
	case contracts.C05:
		return contracts.EDispute
	case contracts.R06, contracts.C04:
		return contracts.ETerm
	case contracts.R08:
		return contracts.ECoowner
	case contracts.R09:
		return contracts.EPledged
	case contracts.R10, contracts.R11:
		return contracts.EConsent
	}
	return contracts.EContract
}

// withoutOwn leaves out of the register's burdens the pledge itself: the register may
// show it already, and it is not another's. One of another day under its number is.
func withoutOwn(burdens []rights.RegistrarEncumbrance, number string, at int64) []rights.RegistrarEncumbrance {
	return slices.DeleteFunc(slices.Clone(burdens), func(e rights.RegistrarEncumbrance) bool {
		return number != "" && e.StatutoryNo == number && e.Pledges() &&
			(e.Time == 0 || identifier.DateOf(e.Time) == identifier.DateOf(at))
	})
}

// checkEnd checks the last day of a registration, which only those of marks have (CNIPA
// Announcement 358): not before it was made, and not after the last day of any of its
// rights.
func checkEnd(list []*pledged, end string, at int64, r *contracts.Refusal) {
	if end == "" {
		return
	}
	if end < identifier.DateOf(at).String() { // dates of one form are in the order of their texts
		r.Add(ledger.Failure{Code: contracts.ETerm, Field: "registration_end", Subject: identifier.DateOf(at).String(), Reason: contracts.ReasonEndsEarly})
	}
	for _, p := range list {
		if p.record.Space != identifier.MarkSpace {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "registration_end", Subject: p.subject(), Reason: contracts.ReasonNoPeriod})
			return
		}
		if p.record.ExpiryDate != "" && p.record.ExpiryDate < end {
			r.Add(ledger.Failure{Code: contracts.ETerm, Ground: p.ground(contracts.R06), Field: "registration_end", Subject: p.record.ExpiryDate, Reason: contracts.ReasonOutlives})
		}
	}
}

// earlierDay tells whether a statutory time lies on an earlier legal day than
// what must have come before it: it would buy an earlier rank. Days are compared,
// since registers often give no more.
func earlierDay(statutory, before int64) bool { return statutory < dayOf(before) }

// dayOf is the first moment of the legal day of a time.
func dayOf(at int64) int64 { return identifier.DateOf(at).Start() }

// barredAt tells whether a flag stood at a right when the registrar registered.
func barredAt(record rights.Record, flag string, at int64) bool {
	return slices.ContainsFunc(record.Facts, func(f rights.Fact) bool { return f.Flag == flag && f.Stands(at) })
}

// sameOwner tells whether two ids stand for one owner of a right: the register may name
// a successor by now, of a pledgor or of who signed.
func sameOwner(v *contracts.View) func(p *pledged, one, other string) bool {
	return func(p *pledged, one, other string) bool { return contracts.SameParty(v, one, other, p.record.RightID) }
}

// checkRegistration checks what may have changed for the rights since the
// application, by what held at the register when it registered: what came later is no
// bar to what was registered before it, however late the ledger hears of either.
func checkRegistration(v *contracts.View, list []*pledged, pledgors, signed, acknowledged []string, at int64) (findings []finding) {
	rule := func(code, ground, reason string, broken func(*pledged) bool) {
		for _, p := range list {
			if broken(p) {
				findings = append(findings, finding{p.name(), p.key, ledger.Failure{
					Code: code, Ground: p.ground(ground), Field: "rights", Subject: p.subject(), Reason: reason,
				}})
			}
		}
	}
	stood := func(flag string) func(*pledged) bool {
		return func(p *pledged) bool { return barredAt(p.record, flag, at) }
	}
	unknown := func(flag, ground string) func(*pledged) bool {
		return func(p *pledged) bool { return stood(flag)(p) && !slices.Contains(acknowledged, ground) }
	}
	rule(contracts.EFrozen, rights.FlagFrozen, "", func(p *pledged) bool {
		return slices.ContainsFunc(p.record.Freezes, func(f rights.Freeze) bool { return f.Stands(at) })
	})
	rule(contracts.EFrozen, rights.FlagFrozen, contracts.ReasonEncumbered, func(p *pledged) bool {
		return slices.ContainsFunc(p.record.Encumbrances, func(e rights.RegistrarEncumbrance) bool { return e.Freezes() && e.InForce(at) })
	})
	rule(contracts.EFrozen, rights.FlagSuspended, rights.FlagSuspended, stood(rights.FlagSuspended))
	rule(contracts.EDispute, rights.FlagDisputed, "", stood(rights.FlagDisputed))
	rule(contracts.EExpired, contracts.R02, "", func(p *pledged) bool {
		return rights.StateThen(p.record, at, v.Parameters()).Ended()
	})
	rule(contracts.EFee, rights.FlagInGrace, "", func(p *pledged) bool { return rights.FeeOwed(p.record, at) })
	occupied(v, list, rule, v.Time())
	is := sameOwner(v)
	unsigned := func(p *pledged, owner string) string {
		if slices.ContainsFunc(signed, func(signer string) bool { return is(p, signer, owner) }) {
			return ""
		}
		return owner
	}
	findings = append(findings, checkOwners(list, pledgors, at, is, unsigned)...)
	rule(contracts.EConsent, contracts.R10, "", unknown(rights.FlagTwinApplication, contracts.R10))
	rule(contracts.EConsent, contracts.R11, "", unknown(rights.FlagInvalidationPending, contracts.R11))
	return findings
}

// rightsOf reads the records of a pledge's rights.
func rightsOf(v *contracts.View, record Record) []*pledged {
	list := make([]*pledged, len(record.Rights))
	for i, right := range record.Rights {
		p := &pledged{key: right.key()}
		p.record, _ = contracts.Load[rights.Record](v, p.key)
		list[i] = p
	}
	return list
}

// eachEntry changes the entry of a pledge in the records of its rights, which it ranks
// anew. The entry is dropped where change is false.
func eachEntry(v *contracts.View, list []*pledged, pledgeNo string, change func(e *rights.PledgeEntry) bool) {
	for _, p := range list {
		p.record.Pledges = slices.Clone(p.record.Pledges)
		for i := range p.record.Pledges {
			if p.record.Pledges[i].PledgeNo == pledgeNo && !change(&p.record.Pledges[i]) {
				p.record.Pledges = slices.Delete(p.record.Pledges, i, i+1)
				break
			}
		}
		rights.Rank(p.record.Pledges)
		contracts.Store(v, p.key, p.record)
	}
}

// drop takes the pledge off the records of its rights, for it has ended at the register.
func drop(v *contracts.View, list []*pledged, pledgeNo string, endedAt int64) {
	for _, p := range list {
		if i := entryOf(p, pledgeNo); i >= 0 {
			rights.KeepEnded(v, p.record, p.record.Pledges[i], endedAt)
		}
	}
	eachEntry(v, list, pledgeNo, func(*rights.PledgeEntry) bool { return false })
}

// mark writes the state of a live pledge into the records of its rights.
func mark(v *contracts.View, list []*pledged, pledgeNo string, state State) {
	eachEntry(v, list, pledgeNo, func(e *rights.PledgeEntry) bool {
		e.State = string(state)
		return true
	})
}
