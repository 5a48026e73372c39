// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// checkOwners checks that the owners of a time at the register are pledgors and that
// all of them signed. A co-owner who is not named as pledgor must have signed all the
// same (R08); one that is not on this ledger cannot. Whether two ids stand for one owner
// of a right, and whose signature is missing for an owner of it, "" if none is, the
// caller says.
func checkOwners(list []*pledged, pledgors []string, at int64, is func(p *pledged, one, other string) bool, unsigned func(p *pledged, owner string) string) (findings []finding) {
	found := func(p *pledged, code, ground, subject string) {
		findings = append(findings, finding{p.name(), p.key, ledger.Failure{Code: code, Ground: p.ground(ground), Field: "pledgors", Subject: subject}})
	}
	for _, p := range list {
		living := p.record.BaseState == rights.Confirmed || at < p.record.EndedFrom
		if living && !slices.ContainsFunc(pledgors, func(pledgor string) bool { return owns(p, pledgor, at, is) }) {
			found(p, contracts.EOwner, contracts.R01, p.subject())
		}
	}
	for _, p := range list {
		owners, outsiders := rights.OwnersThen(p.record, at), rights.OutsidersThen(p.record, at)
		for _, owner := range owners {
			if len(owners)+len(outsiders) == 1 {
				continue
			}
			if whose := unsigned(p, owner); whose != "" {
				found(p, contracts.ECoowner, contracts.R08, whose)
			}
		}
		if len(outsiders) > 0 {
			found(p, contracts.ECoowner, contracts.R08, p.subject())
		}
	}
	return findings
}

// owns tells whether a party was an owner of the right at a time.
func owns(p *pledged, party string, at int64, is func(p *pledged, one, other string) bool) bool {
	return slices.ContainsFunc(rights.OwnersThen(p.record, at), func(owner string) bool { return is(p, owner, party) })
}

// checkPledgors refuses pledgors who own none of the rights now: they cannot pledge them
// (R01).
func checkPledgors(v *contracts.View, list []*pledged, pledgors []string, r *contracts.Refusal) {
	checkPledgorsAt(list, pledgors, v.Time(), func(_ *pledged, one, other string) bool { return one == other }, r)
}

// checkPledgorsAt is checkPledgors for a time at the register.
func checkPledgorsAt(list []*pledged, pledgors []string, at int64, is func(p *pledged, one, other string) bool, r *contracts.Refusal) {
	if len(list) == 0 {
		return // refused as it is, and nobody knows whose the rights are
	}
	for _, pledgor := range pledgors {
		if !slices.ContainsFunc(list, func(p *pledged) bool { return owns(p, pledgor, at, is) }) {
			r.Add(ledger.Failure{Code: contracts.EOwner, Ground: groundOf(list, contracts.R01), Field: "pledgors", Subject: pledgor})
		}
	}
}

// unsigned names whose signature is missing for an owner of the right: its own, or
// that of the successor who stands in its place. It is "" if none is.
func (p *pledged) unsigned(v *contracts.View, owner string) string {
	if v.SignedFor(owner, p.record.RightID, contracts.Countersigner) {
		return ""
	}
	return contracts.Current(v, owner, p.record.RightID)
}

// checkSides checks the two sides of the contract and their signatures.
func checkSides(v *contracts.View, list []*pledged, pledgors, pledgees []string, r *contracts.Refusal) {
	for _, pledgor := range pledgors {
		for _, whose := range unsignedPledgor(v, list, pledgor) {
			r.Add(ledger.Failure{Code: contracts.ESignature, Field: "pledgors", Subject: whose})
		}
	}
	if !slices.Contains(pledgees, v.Actor()) {
		r.Add(ledger.Failure{Code: contracts.EContract, Ground: groundOf(list, contracts.R07), Field: "pledgees", Subject: v.Actor()})
	}
	checkPledgeeRoles(v, list, pledgors, pledgees, r)
	for _, pledgee := range pledgees {
		if pledgee != v.Actor() && !v.Signed(pledgee, contracts.Countersigner) {
			r.Add(ledger.Failure{Code: contracts.ESignature, Field: "pledgees", Subject: pledgee})
		}
	}
}

// checkPledgeeRoles checks that pledgees are lenders and none of the pledgors.
func checkPledgeeRoles(v *contracts.View, list []*pledged, pledgors, pledgees []string, r *contracts.Refusal) {
	for _, pledgee := range pledgees {
		if party, _ := contracts.Load[contracts.Party](v, contracts.PartyKey(pledgee)); party.Role != contracts.Bank {
			r.Add(ledger.Failure{Code: contracts.ERole, Field: "pledgees", Subject: pledgee, Reason: contracts.ReasonPartyRole})
		}
		if slices.Contains(pledgors, pledgee) || succeedsPledgor(v, list, pledgors, pledgee) {
			r.Add(ledger.Failure{Code: contracts.EContract, Ground: groundOf(list, contracts.R07), Field: "pledgees", Subject: pledgee, Reason: contracts.ReasonRepeated})
		}
	}
}

// unsignedPledgor names whose signatures are missing for a pledgor: of all who stand
// in its place for the rights it owns alone. Those of co-owners checkOwners asks for.
func unsignedPledgor(v *contracts.View, list []*pledged, pledgor string) (missing []string) {
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
func succeedsPledgor(v *contracts.View, list []*pledged, pledgors []string, party string) bool {
	return slices.ContainsFunc(list, func(p *pledged) bool {
		return slices.ContainsFunc(pledgors, func(pledgor string) bool { return contracts.Current(v, pledgor, p.record.RightID) == party })
	})
}

// IsPledgee tells whether the actor stands in a pledgee's place.
func IsPledgee(v *contracts.View, application Application) bool {
	return slices.ContainsFunc(application.Pledgees, func(pledgee string) bool { return contracts.ActsFor(v, pledgee, application.PledgeNo) })
}

func notPledgee(record Record) ledger.Failure {
	return ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.PledgeNo, Reason: contracts.ReasonNotPledgee}
}

// checkPledgees checks that the actor is a pledgee and that the others agree.
func checkPledgees(v *contracts.View, record Record, application Application, r *contracts.Refusal) {
	if !IsPledgee(v, application) {
		r.Add(notPledgee(record))
		return
	}
	checkSigned(v, application.Pledgees, record.PledgeNo, contracts.ESignature, r)
}

// checkSigned requires the signatures of whoever stands where a record names parties.
func checkSigned(v *contracts.View, parties []string, recordNo, code string, r *contracts.Refusal) {
	for _, party := range parties {
		if !v.SignedFor(party, recordNo, contracts.Countersigner) {
			r.Add(ledger.Failure{Code: code, Field: "signers", Subject: contracts.Current(v, party, recordNo)})
		}
	}
}

// checkPledgorsAgree requires the agreement of the pledgors of a registered pledge, and of
// co-owners as it did of the application (CNIPA Announcement 461, article 4). Where
// a right has gone to others since it was pledged, the pledge has followed it (Civil Code,
// article 406), and they agree in the place of who owned it. An owner who is not on this
// ledger cannot sign.
func checkPledgorsAgree(v *contracts.View, record Record, application Application, list []*pledged, code, reason string, r *contracts.Refusal) {
	need := func(party, recordNo string) {
		if !v.SignedFor(party, recordNo, contracts.Countersigner) {
			r.Add(ledger.Failure{Code: code, Field: "signers", Subject: contracts.Current(v, party, recordNo), Reason: reason})
		}
	}
	ownedBy := func(pledgors ...string) func(p *pledged) bool {
		return func(p *pledged) bool {
			return slices.ContainsFunc(pledgors, func(pledgor string) bool { return owns(p, pledgor, v.Time(), sameOwner(v)) })
		}
	}
	var stayed []*pledged
	for _, p := range list {
		if i := entryOf(p, record.PledgeNo); i >= 0 && p.record.OwnersSince > p.record.Pledges[i].StatutoryTime {
			for _, owner := range p.record.Owners {
				need(owner, p.record.RightID)
			}
			if len(p.record.Outsiders) > 0 {
				r.Add(ledger.Failure{Code: code, Field: "signers", Subject: p.record.RightID, Reason: reason})
			}
			continue
		}
		stayed = append(stayed, p)
		for _, owner := range p.record.Owners {
			pledges := func(pledgor string) bool { return sameOwner(v)(p, owner, pledgor) }
			if len(p.record.Owners) > 1 && !slices.ContainsFunc(application.Pledgors, pledges) {
				need(owner, p.record.RightID)
			}
		}
	}
	// Who owns nothing of it has parted with it, if all that has not moved is the others'.
	parted := len(stayed) < len(list) && !slices.ContainsFunc(stayed, func(p *pledged) bool { return !ownedBy(application.Pledgors...)(p) })
	for _, pledgor := range application.Pledgors {
		if !parted || slices.ContainsFunc(list, ownedBy(pledgor)) {
			need(pledgor, record.PledgeNo)
		}
	}
}

// ownersAgree requires the signatures of the owners of a right that is added. A pledgor
// whose pledged rights have gone to others need not agree to what becomes of these, but
// without it nothing else of its own is pledged.
func (m *amendment) ownersAgree(p *pledged) {
	for _, owner := range rights.OwnersThen(p.record, m.change.StatutoryTime) {
		if whose := p.unsigned(m.v, owner); whose != "" {
			m.Add(ledger.Failure{Code: contracts.EConsent, Field: "signers", Subject: whose})
		}
	}
}

// notBefore requires the signatures of the pledgees before whom the pledge comes to rank at
// a right that is added, when a change is told late: for it there was no application that
// they could see.
func (m *amendment) notBefore(p *pledged) {
	for _, other := range rights.LivePledges(p.record, m.v.Time()) {
		if m.change.StatutoryTime <= other.Ranked().Time {
			m.worseOff(other)
		}
	}
}

// entryOf is the place of a pledge in the record of one of its rights, -1 if it has none.
func entryOf(p *pledged, pledgeNo string) int {
	return slices.IndexFunc(p.record.Pledges, func(e rights.PledgeEntry) bool { return e.PledgeNo == pledgeNo })
}

// checkOffice checks that an office that reports for the pledge's register acts or signs:
// the register is one, and the office that received the application may be gone.
func checkOffice(v *contracts.View, record Record, r *contracts.Refusal) {
	registrar := rights.Registrar(record.Registrar)
	if rights.Reports(v.ActingParty().Role, registrar) {
		return
	}
	if v.ActingParty().Role != contracts.Bank && v.ActingParty().Role != contracts.Court {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.Registrar, Reason: contracts.ReasonOtherRegister})
		return
	}
	for _, s := range v.Signers() {
		party, _ := contracts.Load[contracts.Party](v, contracts.PartyKey(s.Organisation))
		if rights.Reports(party.Role, registrar) {
			return
		}
	}
	r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: record.Registrar, Reason: contracts.ReasonNoOffice})
}
