// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// crimes are one of each kind, with all that has to come before them.
func (o *outlaw) crimes() []crime {
	year := identifier.DateOf(time.Now().UnixMilli()).Year
	number := fmt.Sprintf("Y%d510000123", year)
	accept := func(pledge string) { o.must(o.office, "pledges.accept", args{"pledge_no": pledge}, nil, nil) }
	free, waiting := o.right(nil), o.claim(o.firm)
	pledged := o.right(nil)
	first := o.applied(pledged, nil)
	accept(first)
	o.must(o.office, "pledges.register", o.registration(first, number), nil, nil)
	second := o.applied(o.right(nil), nil)
	accept(second)
	paper := o.applied(o.right(nil), args{"method": "PAPER"})
	frozen, ended := o.right(nil), o.right(nil)
	o.must(o.office, "freezes.record", args{"right_id": frozen, "doc_no": "1", "court": "示例中级人民法院", "received_at": time.Now().Add(-time.Second).UnixMilli()}, nil, nil)
	o.must(o.office, "rights.refresh", args{"right_id": ended, "evidence": o.evidence(0), "legal_status": "LAPSED"}, nil, nil)
	forged := o.doubleVote(3, 7)
	forged.Votes[1].Signature = forged.Votes[0].Signature
	wrong := o.patent()
	wrong = wrong[:len(wrong)-1] + string("01"[(wrong[len(wrong)-1]-'0'+1)%2]) // another check character
	unknown := o.patent()
	now := func() int64 { return time.Now().UnixMilli() }
	apply := func(code, ground string, rights ...string) crime {
		return crime{code: code, ground: ground, actor: o.bank, method: "pledges.submit", a: o.application(rights...), with: []string{o.firm}}
	}
	changed := func(c crime, change func(*crime)) crime { change(&c); return c }
	resident := "110101199001010015"
	mark, software := o.claimOf("TM", "12345678", o.firm), o.claimOf("COPY_SOFT", "2023SR1234567", o.firm)
	disputed, burdened := args{"flags": []string{"DISPUTED"}}, args{"registrar_encumbrances": []args{{"kind": "PLEDGE", "statutory_no": "1"}}}
	goodMark, goodSoftware := o.recorded("TM", "12345671", o.office, nil), o.recorded("COPY_SOFT", "2023SR1234561", o.hub, nil)
	deny := func(code, ground, office, claim, owner, status string) crime {
		return crime{code: code, ground: ground, actor: office, method: "rights.confirm", a: args{
			"right_id": claim, "owners": []string{owner}, "evidence": o.evidence(time.Hour), "legal_status": status,
		}}
	}
	return []crime{
		{code: contracts.EFormat, actor: o.office, method: "rights.reject", a: args{"right_id": waiting}},
		{code: contracts.EFormat, actor: o.office, method: "rights.reject", a: args{"right_id": waiting}, door: true, change: func(b *ledger.Body) { b.Args = []byte{0xa0} }},
		{code: contracts.EFormat, actor: o.office, method: "rights.reject", a: args{"right_id": waiting}, door: true, change: func(b *ledger.Body) { b.Method = "steal" }},
		{code: contracts.EPrivacy, actor: o.office, method: "rights.reject", a: args{"right_id": waiting, "reason": resident}, door: true},
		{code: contracts.ERole, actor: o.firm, method: "rights.claim", a: args{"type": "PATENT", "number": unknown, "owners": []string{o.firm}}, door: true, change: func(b *ledger.Body) {
			b.Signers[0].Key = o.keys[o.bank+contracts.Maker].Public() // another's maker
		}},
		{code: contracts.ERole, actor: o.office, method: "rights.reject", a: args{"right_id": waiting, "reason": "no"}, change: func(b *ledger.Body) {
			b.Signers = b.Signers[:1] // nobody has checked it
		}},
		{code: contracts.ECheckDigit, actor: o.firm, method: "rights.claim", a: args{"type": "PATENT", "number": wrong, "owners": []string{o.firm}}},
		{code: contracts.EOwner, actor: o.firm, method: "rights.claim", a: args{"type": "PATENT", "number": unknown, "owners": []string{o.partner}}},
		{code: contracts.EStale, actor: o.office, method: "rights.confirm", a: args{"right_id": waiting, "owners": []string{o.firm}, "evidence": o.evidence(8 * 24 * time.Hour)}},
		deny(contracts.EState, contracts.R03, o.office, waiting, o.firm, "NOT_GRANTED"),
		deny(contracts.EOwner, contracts.T01, o.office, mark, o.partner, "GRANTED"),
		deny(contracts.EExpired, contracts.T03, o.office, mark, o.firm, "EXPIRED"),
		deny(contracts.EOwner, contracts.C01, o.hub, software, o.partner, "GRANTED"),
		deny(contracts.EExpired, contracts.C03, o.hub, software, o.firm, "EXPIRED"),
		{code: contracts.EState, actor: o.office, method: "rights.status_event", a: args{"right_id": free, "event": "UPHELD", "fact_time": now() - 1000}},
		{code: contracts.EClock, actor: o.office, method: "rights.status_event", a: args{"right_id": free, "event": "UPHELD", "fact_time": now() + 86_400_000}},
		{code: contracts.EConsent, actor: o.office, method: "rights.status_event", a: args{"right_id": pledged, "event": "ABANDONED", "fact_time": now()}},
		{code: contracts.ETerm, actor: o.office, method: "freezes.record", a: args{
			"right_id": free, "doc_no": "1", "court": "示例中级人民法院", "received_at": now() - 1000, "until": fmt.Sprintf("%d-01-01", year+2),
		}},
		apply(contracts.EState, contracts.R03, waiting),
		apply(contracts.ENotFound, contracts.R03, "PATENT:"+unknown),
		apply(contracts.EExpired, contracts.R02, ended),
		apply(contracts.EFee, contracts.R04, o.right(args{"fee_status": "IN_GRACE"})),
		apply(contracts.EFrozen, contracts.R05, frozen),
		apply(contracts.EDispute, contracts.R05, o.right(args{"flags": []string{"DISPUTED"}})),
		apply(contracts.EPledged, contracts.R09, pledged),
		apply(contracts.EConsent, contracts.R10, o.right(args{"flags": []string{"TWIN_APPLICATION"}})),
		apply(contracts.EConsent, contracts.R11, o.right(args{"flags": []string{"INVALIDATION_PENDING"}})),
		apply(contracts.EDispute, contracts.T04, o.recorded("TM", "12345672", o.office, disputed)),
		apply(contracts.EPledged, contracts.T05, o.recorded("TM", "12345673", o.office, burdened)),
		apply(contracts.EContract, contracts.T02, goodSoftware, goodMark), // of two registrars
		apply(contracts.EDispute, contracts.C05, o.recorded("COPY_SOFT", "2023SR1234562", o.hub, disputed)),
		apply(contracts.EPledged, contracts.C06, o.recorded("COPY_SOFT", "2023SR1234563", o.hub, burdened)),
		apply(contracts.EContract, contracts.C02, goodMark, goodSoftware),
		apply(contracts.ECoowner, contracts.R08, o.right(nil, o.partner)),
		changed(apply(contracts.EOwner, contracts.R01, free), func(c *crime) { c.a["pledgors"], c.with = []string{o.partner}, []string{o.partner} }),
		changed(apply(contracts.ESignature, "", free), func(c *crime) { c.with = nil }),
		changed(apply(contracts.EContract, contracts.R07, free), func(c *crime) { c.change = func(b *ledger.Body) { b.Commitments = nil } }),
		{code: contracts.EDuplicate, actor: o.office, method: "pledges.register", a: o.registration(second, number)},
		{code: contracts.EParam, actor: o.office, method: "pledges.accept", a: args{"pledge_no": paper}},
		{code: contracts.EQuorum, actor: o.bank, method: "parties.reinstate", a: args{"party_id": o.firm, "document": strings.Repeat("ab", 32)}, change: func(b *ledger.Body) {
			b.Signers = []ledger.Signer{{Organisation: o.bank, Role: contracts.Admin, Key: o.keys[o.bank+contracts.Admin].Public()}} // without a vote
		}},
		{code: contracts.EForbidden, actor: o.bank, method: "parties.register", a: args{
			"uscc": "91510107MA6FD7W801", "name_zh": "示例银行", "role": "BANK", "area_code": "510100", "admin_key": o.keys[o.firm+contracts.Admin].Public(),
		}},
		{code: contracts.EEvidence, actor: o.bank, method: "consortium.report_evidence", a: args{"evidence": base64.StdEncoding.EncodeToString(ledger.Encode(forged))}},
	}
}
