// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A scene is what crimes are committed at.
type scene struct {
	year            int
	number          string // of the registration
	free, waiting   string // rights: confirmed, claimed
	pledged, first  string // a right and its pledge
	accepted, paper string // applications: in review, by paper
	enforced        string // a pledge, by agreement on a price

	patent, mark, software trade
}

func (o *outlaw) scene() scene {
	o.t.Helper()
	s := scene{year: identifier.DateOf(time.Now().UnixMilli()).Year, free: o.right(nil), waiting: o.claim(o.firm), pledged: o.right(nil)}
	s.number = fmt.Sprintf("Y%d510000123", s.year)
	s.first = o.registered(o.bank, s.pledged, s.number)
	s.accepted = o.accepted(o.office, o.applied(o.right(nil), nil))
	s.paper = o.applied(o.right(nil), args{"method": "PAPER"})
	s.enforced = o.registered(o.bank, o.right(nil), fmt.Sprintf("Y%d510000125", s.year))
	o.must(o.bank, "pledges.start_enforcement", args{"pledge_no": s.enforced, "ground": "DEFAULT", "route": "AGREEMENT", "document": strings.Repeat("ab", 32)}, nil, nil)
	s.patent, s.mark, s.software = o.trades(s)
	return s
}

// crimes are one for each code.
func (o *outlaw) crimes(s scene) []crime {
	forged := o.doubleVote(3, 7)
	forged.Votes[1].Signature = forged.Votes[0].Signature
	wrong := o.patent()
	wrong = wrong[:len(wrong)-1] + string("01"[(wrong[len(wrong)-1]-'0'+1)%2]) // another check character
	unknown := o.patent()
	now := func() int64 { return time.Now().UnixMilli() }
	resident := "110101199001010015"
	sale := func(currency string, more args) args {
		a := args{"pledge_no": s.enforced, "kind": "AGREEMENT", "currency": currency, "reference_price": "100", "reserve_price": "100"}
		maps.Copy(a, more)
		return a
	}
	return []crime{
		{code: contracts.EFormat, actor: o.office, method: "rights.reject", a: args{"right_id": s.waiting}},
		{code: contracts.EFormat, actor: o.office, method: "rights.reject", a: args{"right_id": s.waiting}, door: true, change: func(b *ledger.Body) { b.Args = []byte{0xa0} }},
		{code: contracts.EFormat, actor: o.office, method: "rights.reject", a: args{"right_id": s.waiting}, door: true, change: func(b *ledger.Body) { b.Method = "steal" }},
		{code: contracts.EPrivacy, actor: o.office, method: "rights.reject", a: args{"right_id": s.waiting, "reason": resident}, door: true},
		{code: contracts.ERole, actor: o.firm, method: "rights.claim", a: args{"type": "PATENT", "number": unknown, "owners": []string{o.firm}}, door: true, change: func(b *ledger.Body) {
			b.Signers[0].Key = o.keys[o.bank+contracts.Maker].Public() // another's maker
		}},
		{code: contracts.ERole, actor: o.office, method: "rights.reject", a: args{"right_id": s.waiting, "reason": "no"}, change: func(b *ledger.Body) {
			b.Signers = b.Signers[:1] // nobody has checked it
		}},
		{code: contracts.ECheckDigit, actor: o.firm, method: "rights.claim", a: args{"type": "PATENT", "number": wrong, "owners": []string{o.firm}}},
		{code: contracts.EOwner, actor: o.firm, method: "rights.claim", a: args{"type": "PATENT", "number": unknown, "owners": []string{o.partner}}},
		{code: contracts.EStale, actor: o.office, method: "rights.confirm", a: args{"right_id": s.waiting, "owners": []string{o.firm}, "evidence": o.evidence(8 * 24 * time.Hour)}},
		{code: contracts.EState, actor: o.office, method: "rights.status_event", a: args{"right_id": s.free, "event": "UPHELD", "fact_time": now() - 1000}},
		{code: contracts.EClock, actor: o.office, method: "rights.status_event", a: args{"right_id": s.free, "event": "UPHELD", "fact_time": now() + 86_400_000}},
		{code: contracts.EConsent, actor: o.office, method: "rights.status_event", a: args{"right_id": s.pledged, "event": "ABANDONED", "fact_time": now()}},
		{code: contracts.ETerm, actor: o.office, method: "freezes.record", a: args{
			"right_id": s.free, "doc_no": "1", "court": "示例中级人民法院", "received_at": now() - 1000, "until": fmt.Sprintf("%d-01-01", s.year+2),
		}},
		{code: contracts.ESignature, actor: o.bank, method: "pledges.submit", a: o.application(s.free)}, // the pledgor has not signed
		{code: contracts.EDuplicate, actor: o.office, method: "pledges.register", a: o.registration(s.accepted, s.number)},
		{code: contracts.EParam, actor: o.office, method: "pledges.accept", a: args{"pledge_no": s.paper}},
		{code: contracts.EQuorum, actor: o.bank, method: "parties.reinstate", a: args{"party_id": o.firm, "document": strings.Repeat("ab", 32)}, change: func(b *ledger.Body) {
			b.Signers = []ledger.Signer{{Organisation: o.bank, Role: contracts.Admin, Key: o.keys[o.bank+contracts.Admin].Public()}} // without a vote
		}},
		{code: contracts.EForbidden, actor: o.bank, method: "parties.register", a: args{
			"uscc": "91510107MA6FD7W801", "name_zh": "示例银行", "role": "BANK", "area_code": "510100", "admin_key": o.keys[o.firm+contracts.Admin].Public(),
		}},
		{code: contracts.EValuation, actor: o.exchange, method: "disposals.list", with: []string{o.bank, o.firm}, a: sale("CNY", nil)},
		{code: contracts.EAmount, actor: o.exchange, method: "disposals.list", with: []string{o.bank, o.firm}, a: sale("XTS", args{"valuation": strings.Repeat("ab", 32)})},
		{code: contracts.EEvidence, actor: o.bank, method: "consortium.report_evidence", a: args{"evidence": base64.StdEncoding.EncodeToString(ledger.Encode(forged))}},
	}
}
