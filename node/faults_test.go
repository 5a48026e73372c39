// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"fmt"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A trade is the part of a scene that one of the three registers has: applications for a
// right whose last day is known, and the office that reports for the register.
type trade struct {
	office, application, number string
}

// trades are a patent, a mark and a software, each in review.
func (o *outlaw) trades(s scene) (patent, mark, software trade) {
	o.t.Helper()
	last := args{"expiry_date": fmt.Sprintf("%d-12-31", s.year+3)}
	hub := o.recorded("COPY_SOFT", "2023SR1234564", o.hub, last)
	patent = trade{o.office, o.accepted(o.office, o.applied(o.right(last), nil)), fmt.Sprintf("Y%d510000124", s.year)}
	mark = trade{o.office, o.accepted(o.office, o.applied(o.recorded("TM", "12345674", o.office, last), nil)), "358000124"}
	software = trade{o.hub, o.accepted(o.hub, o.applied(hub, nil)), "2026SRZ000124"}
	return patent, mark, software
}

// faults are crimes on every ground that a method can find by itself.
func (o *outlaw) faults(s scene) []crime {
	frozen, ended, unknown := o.right(nil), o.right(nil), o.patent()
	frozenMark := o.recorded("TM", "12345670", o.office, nil)
	for _, right := range []string{frozen, frozenMark} {
		o.must(o.office, "freezes.record", args{"right_id": right, "doc_no": "1", "court": "示例中级人民法院", "received_at": time.Now().Add(-time.Second).UnixMilli()}, nil, nil)
	}
	o.must(o.office, "rights.refresh", args{"right_id": ended, "evidence": o.evidence(0), "legal_status": "LAPSED"}, nil, nil)
	claimedMark, claimedSoftware := o.claimOf("TM", "12345678", o.firm), o.claimOf("COPY_SOFT", "2023SR1234567", o.firm)
	mark, software := o.recorded("TM", "12345671", o.office, nil), o.recorded("COPY_SOFT", "2023SR1234561", o.hub, nil)
	disputed := args{"flags": []string{"DISPUTED"}}
	burdened := args{"registrar_encumbrances": []args{{"kind": "OTHER", "statutory_no": "1"}}}

	// A mark with two pledges, to two banks, has no third rank.
	ranked := o.recorded("TM", "12345675", o.office, nil)
	first, second := o.registered(o.bank, ranked, "358000001"), o.registered(o.rival, ranked, "358000002")

	apply := func(code, ground string, rights ...string) crime {
		return crime{code: code, ground: ground, actor: o.bank, method: "pledges.submit", a: o.application(rights...), with: []string{o.firm}}
	}
	changed := func(c crime, change func(*crime)) crime { change(&c); return c }
	deny := func(code, ground, office, claim, owner, status string) crime {
		return crime{code: code, ground: ground, actor: office, method: "rights.confirm", a: args{
			"right_id": claim, "owners": []string{owner}, "evidence": o.evidence(time.Hour), "legal_status": status,
		}}
	}
	outlive := func(ground string, of trade) crime {
		a := o.registration(of.application, of.number)
		a["registration_end"] = fmt.Sprintf("%d-01-01", s.year+4)
		return crime{code: contracts.ETerm, ground: ground, actor: of.office, method: "pledges.register", a: a}
	}
	return []crime{
		deny(contracts.EState, contracts.R03, o.office, s.waiting, o.firm, "NOT_GRANTED"),
		deny(contracts.EOwner, contracts.T01, o.office, claimedMark, o.partner, "GRANTED"),
		deny(contracts.EExpired, contracts.T03, o.office, claimedMark, o.firm, "EXPIRED"),
		deny(contracts.EOwner, contracts.C01, o.hub, claimedSoftware, o.partner, "GRANTED"),
		deny(contracts.EExpired, contracts.C03, o.hub, claimedSoftware, o.firm, "EXPIRED"),
		changed(apply(contracts.EOwner, contracts.R01, s.free), func(c *crime) { c.a["pledgors"], c.with = []string{o.partner}, []string{o.partner} }),
		apply(contracts.EExpired, contracts.R02, ended),
		apply(contracts.EState, contracts.R03, s.waiting),
		apply(contracts.ENotFound, contracts.R03, "PATENT:"+unknown),
		apply(contracts.EFee, contracts.R04, o.right(args{"fee_status": "IN_GRACE"})),
		apply(contracts.EFrozen, contracts.R05, frozen),
		apply(contracts.EDispute, contracts.R05, o.right(disputed)),
		changed(apply(contracts.EContract, contracts.R07, s.free), func(c *crime) { c.change = func(b *ledger.Body) { b.Commitments = nil } }),
		apply(contracts.ECoowner, contracts.R08, o.right(nil, o.partner)),
		apply(contracts.EPledged, contracts.R09, s.pledged),
		apply(contracts.EConsent, contracts.R10, o.right(args{"flags": []string{"TWIN_APPLICATION"}})),
		apply(contracts.EConsent, contracts.R11, o.right(args{"flags": []string{"INVALIDATION_PENDING"}})),

		apply(contracts.EContract, contracts.T02, software, mark), // of two registrars
		apply(contracts.EFrozen, contracts.T04, frozenMark),
		apply(contracts.EDispute, contracts.T05, o.recorded("TM", "12345672", o.office, disputed)),
		apply(contracts.EPledged, contracts.T05, o.recorded("TM", "12345673", o.office, burdened)),
		outlive(contracts.T05, s.mark),
		apply(contracts.ERank, contracts.T05, ranked),
		{code: contracts.ERank, actor: o.office, method: "pledges.change_rank", with: []string{o.firm, o.rival}, a: args{
			"right_id": ranked, "order": []string{second, first}, // and the first pledgee has not signed
		}},

		apply(contracts.EContract, contracts.C02, mark, software),
		apply(contracts.EDispute, contracts.C05, o.recorded("COPY_SOFT", "2023SR1234562", o.hub, disputed)),
		apply(contracts.EPledged, contracts.C06, o.recorded("COPY_SOFT", "2023SR1234563", o.hub, burdened)),
	}
}

// verdicts are what an office says that has read the papers: what is sealed, and what no
// record shows.
func (o *outlaw) verdicts(s scene) []verdict {
	find := func(office, method, pledge string, codes ...string) verdict {
		return verdict{office, method, args{"pledge_no": pledge, "codes": codes}, codes}
	}
	return []verdict{
		find(o.office, "pledges.correct", s.paper, contracts.R07),
		find(o.office, "pledges.refuse", s.patent.application, contracts.R06, contracts.R07, contracts.R12),
		find(o.office, "pledges.refuse", s.mark.application, contracts.T02, contracts.T05),
		find(o.hub, "pledges.refuse", s.software.application, contracts.C02, contracts.C04, contracts.C06),
		find(o.office, "pledges.revoke", s.first, contracts.R01),
	}
}
