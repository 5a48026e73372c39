// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// A draft is what an application or a change wants to be pledged.
type draft struct {
	rights       []string // as typed
	pledgors     []string // as typed
	pledgees     []string // as typed
	acknowledged []string // grounds that the parties were told of and agree to
	registrar    string   // "": that of the rights
	partial      bool     // rights that cannot be pledged are left out
	own          *Record  // the application that is brought anew: it does not stand in its own way
}

// assessed is a draft after the registrar's grounds were applied to it.
type assessed struct {
	draft
	list     []*pledged // that can be pledged
	pledgors []string   // party ids, sorted
	pledgees []string   // party ids, sorted
	manifest *Manifest  // what a partial draft leaves out
}

// registrar keeps the register of the rights.
func (a assessed) registrar() rights.Registrar {
	if len(a.list) == 0 {
		return rights.CNIPA
	}
	return a.list[0].registrar()
}

// pledged is one right of an application with its state key, record and status.
type pledged struct {
	ref       string // as a draft names it, "" of a right that a pledge has
	key       string
	record    rights.Record
	status    rights.Status
	own       rights.PendingPledge // what a resubmitted application has in the record
	occupancy                      // as occupied found it
}

// subject names the right in a refusal, so that its public record can be found.
func (p *pledged) subject() string { return string(p.record.Space) + ":" + p.record.Number }

// name is how a manifest names the right: a right that is only claimed has no id in its
// record yet.
func (p *pledged) name() string { return cmp.Or(p.record.RightID, p.ref) }

// registrar keeps the register of the right.
func (p *pledged) registrar() rights.Registrar {
	return rights.RegistrarOf(p.record.Space, p.record.Number)
}

// ground is the right's registrar's own ground for one of the registrar of patents, or for
// a flag.
func (p *pledged) ground(what string) string { return rights.GroundOf(p.record.Space, what) }

// groundOf is that ground of the registrar who keeps the register of some rights, "" where
// none of them is known.
func groundOf(list []*pledged, what string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0].ground(what)
}

// A finding is a failure of one right of a draft.
type finding struct {
	right string // its id, or as the draft names it
	key   string // of its record, "" if there is none
	ledger.Failure
}

// assess applies the registrar's grounds to a draft. What one right fails refuses all;
// in a partial draft it leaves that right out, as long as any is left.
func assess(v *contracts.View, d draft, r *contracts.Refusal) assessed {
	a := assessed{draft: d}
	list, findings := resolve(v, d, r)
	a.pledgors = rights.CheckParties(v, d.pledgors, "pledgors", r)
	a.pledgees = rights.CheckParties(v, d.pledgees, "pledgees", r)
	findings = append(findings, judge(v, list, d, a.pledgors)...)
	a.list = list
	failed := func(p *pledged) bool {
		return slices.ContainsFunc(findings, func(f finding) bool { return f.key == p.key })
	}
	if good := slices.DeleteFunc(slices.Clone(list), failed); d.partial && len(good) > 0 {
		a.list = good
		if len(findings) > 0 {
			a.manifest = manifestOf(len(d.rights), findings)
		}
		// Who owns none of what is left pledges nothing.
		a.pledgors = slices.DeleteFunc(a.pledgors, func(pledgor string) bool {
			owns := func(p *pledged) bool { return slices.Contains(p.record.Owners, pledgor) }
			return slices.ContainsFunc(list, owns) && !slices.ContainsFunc(good, owns)
		})
	} else {
		for _, f := range findings {
			r.Add(f.Failure)
		}
	}
	checkPledgors(v, a.list, a.pledgors, r)
	checkSides(v, a.list, a.pledgors, a.pledgees, r)
	if d.registrar != "" && len(a.list) > 0 && d.registrar != string(a.registrar()) {
		r.Add(ledger.Failure{Code: contracts.EContract, Field: "registrar", Subject: string(a.registrar()), Reason: contracts.ReasonOtherRegister})
	}
	return a
}

// manifestOf writes down the first failure of every right that is left out.
func manifestOf(listed int, findings []finding) *Manifest {
	m := &Manifest{Listed: uint64(listed)}
	for _, f := range findings {
		if !slices.ContainsFunc(m.Refused, func(line RefusedLine) bool { return line.Right == f.right }) {
			m.Refused = append(m.Refused, RefusedLine{Right: f.right, Code: f.Code, Ground: f.Ground, Reason: f.Reason})
		}
	}
	return m
}

// resolve finds the records of the rights of a draft.
func resolve(v *contracts.View, d draft, r *contracts.Refusal) (list []*pledged, findings []finding) {
	switch {
	case len(d.rights) == 0:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonEmpty})
	case int64(len(d.rights)) > v.Figure(contracts.MaxPledgeRights):
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "rights", Reason: contracts.ReasonLength})
		return nil, nil
	}
	seen := make(map[string]bool, len(d.rights))
	for i, ref := range d.rights {
		field := func() string { return fmt.Sprintf("rights[%d]", i) }
		key, failure := rights.Resolve(v.Get, ref, v.Today())
		if failure != nil {
			failure.Field = field()
			findings = append(findings, finding{right: ref, Failure: *failure})
			continue
		}
		record, ok := contracts.Load[rights.Record](v, key)
		switch {
		case !ok:
			findings = append(findings, finding{right: ref, Failure: ledger.Failure{Code: contracts.ENotFound, Ground: rights.GroundOf(rights.SpaceOf(key), contracts.R03), Field: field()}})
		case seen[key]:
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field(), Subject: record.RightID, Reason: contracts.ReasonRepeated})
		default:
			seen[key] = true
			p := &pledged{ref: ref, key: key, record: record}
			if d.own != nil {
				if i := slices.IndexFunc(d.own.Rights, func(own Right) bool { return own.key() == key }); i >= 0 {
					at := appliedAt(d.own.Rights[i], *d.own)
					for _, pending := range record.Pending {
						if pending.SubmittedAt == at {
							p.own = pending
						}
					}
					dropPending(&p.record, at)
				}
			}
			p.status = rights.StatusOf(p.record, v.Time(), v.Parameters())
			list = append(list, p)
		}
	}
	return list, findings
}

// judge applies the registrar's grounds to every right, in the order in which they are
// to be reported: one rule for all rights, then the next.
func judge(v *contracts.View, list []*pledged, d draft, pledgors []string) (findings []finding) {
	rule := func(code, ground, reason string, broken func(*pledged) bool) {
		for _, p := range list {
			if broken(p) {
				findings = append(findings, finding{p.name(), p.key, ledger.Failure{
					Code: code, Ground: p.ground(ground), Field: "rights", Subject: p.subject(), Reason: reason,
				}})
			}
		}
	}
	confirmed := func(p *pledged) bool { return p.status.BaseState == rights.Confirmed }
	has := func(flag string) func(*pledged) bool {
		return func(p *pledged) bool { return p.status.Has(flag) }
	}

	rule(contracts.EState, contracts.R03, string(rights.Unconfirmed), func(p *pledged) bool {
		return !confirmed(p) && !p.status.BaseState.Ended()
	})
	rule(contracts.EStale, "", "", func(p *pledged) bool {
		return confirmed(p) && rights.OlderThan(p.record.SnapshotTime, v.Time(), v.Figure(contracts.EvidenceMaxDays))
	})
	rule(contracts.EFrozen, rights.FlagFrozen, "", func(p *pledged) bool { return len(p.status.Freezes) > 0 })
	rule(contracts.EFrozen, rights.FlagFrozen, contracts.ReasonEncumbered, func(p *pledged) bool {
		return slices.ContainsFunc(p.status.Encumbrances, rights.RegistrarEncumbrance.Freezes)
	})
	rule(contracts.EFrozen, rights.FlagSuspended, rights.FlagSuspended, has(rights.FlagSuspended))
	rule(contracts.EDispute, rights.FlagDisputed, "", has(rights.FlagDisputed))
	rule(contracts.EExpired, contracts.R02, "", func(p *pledged) bool { return p.status.Value == rights.Ended })
	rule(contracts.EFee, rights.FlagInGrace, "", has(rights.FlagInGrace))
	occupied(v, list, rule, v.Time())
	rule(contracts.EPledged, contracts.R09, contracts.ReasonReservation, func(p *pledged) bool { return len(p.status.Reservations) > 0 })
	rule(contracts.EState, "", contracts.ReasonLength, func(p *pledged) bool {
		return len(p.record.Pending) >= rights.MaxPending && p.status.Pending >= rights.MaxPending
	})
	// The pledgors are those whom the register names; their successors sign for them.
	named := func(_ *pledged, one, other string) bool { return one == other }
	findings = append(findings, checkOwners(list, pledgors, v.Time(), named, func(p *pledged, owner string) string { return p.unsigned(v, owner) })...)
	rule(contracts.EConsent, contracts.R10, "", func(p *pledged) bool {
		return p.status.Has(rights.FlagTwinApplication) && !slices.Contains(d.acknowledged, contracts.R10)
	})
	rule(contracts.EConsent, contracts.R11, "", func(p *pledged) bool {
		return p.status.Has(rights.FlagInvalidationPending) && !slices.Contains(d.acknowledged, contracts.R11)
	})
	var of rights.Registrar // all rights have one: in a batch, that of the first that is not refused
	for _, p := range list {
		refused := d.partial && slices.ContainsFunc(findings, func(f finding) bool { return f.key == p.key })
		if !refused && of == "" {
			of = p.registrar()
		}
	}
	rule(contracts.EContract, contracts.R07, contracts.ReasonRegistrars, func(p *pledged) bool {
		return of != "" && p.registrar() != of
	})
	return findings
}

// A ruling notes for every right whether it breaks a rule.
type ruling func(code, ground, reason string, broken func(*pledged) bool)

// occupied refuses a right that carries as many pledges as it may, at a time: one, of a
// patent (CNIPA Announcement 461, ground 9), and of other rights as many as have ranks
// (Civil Code, article 414). What the register shows from elsewhere counts like a pledge
// of this ledger.
func occupied(v *contracts.View, list []*pledged, rule ruling, at int64) {
	for _, p := range list {
		p.occupancy = occupancyOf(p.record, v.Figure(contracts.MaxLive(p.record.Space)), at)
	}
	rule(contracts.EPledged, contracts.R09, "", func(p *pledged) bool { return p.room == 1 && p.full() && p.live > 0 })
	rule(contracts.EPledged, contracts.R09, contracts.ReasonEncumbered, func(p *pledged) bool {
		return p.other || p.room == 1 && p.elsewhere > 0 && p.live == 0
	})
	rule(contracts.ERank, contracts.R09, contracts.ReasonRanks, func(p *pledged) bool { return p.room > 1 && p.full() })
}

// An occupancy is what burdens a right at a time.
type occupancy struct {
	room      int64 // for so many pledges
	live      int64 // pledges of this ledger
	elsewhere int64 // pledges that only the register has
	other     bool  // whether the register has a burden of another kind that bars a pledge
}

func (o occupancy) full() bool { return o.live+o.elsewhere >= o.room }

func occupancyOf(r rights.Record, room, at int64) occupancy {
	o := occupancy{room: room}
	for _, e := range r.Pledges {
		if e.Live(at) {
			o.live++
		}
	}
	for _, e := range r.Encumbrances {
		switch {
		case e.Pledges() && e.InForce(at):
			o.elsewhere++
		case e.Burdens(at) && !e.Freezes() && !e.Pledges():
			o.other = true
		}
	}
	return o
}
