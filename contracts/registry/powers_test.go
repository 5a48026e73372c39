// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

func TestAnAgentDoesNotDealWithItselfForItsPrincipal(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.must("parties.delegate", args{"agent": BA, "methods": []string{"pledges"}, "until": "2026-12-31"}, w.admin(RX))
	w.enrolled(BA, "third", contracts.Maker)
	agent := ledger.Signer{Organisation: RX, Role: contracts.Countersigner, Key: w.key(BA, "third")}
	o := w.do("pledges.submit", submission(BA, RX, id), append(w.two(BA), agent))
	wantReason(t, o, contracts.ERole, contracts.ReasonSelfDealing)
	// To another bank it may pledge for its principal.
	w.must("pledges.submit", submission(BB, RX, id), append(w.two(BB), agent))
}

// by is a signature as an administrator of BA.
func (w *world) by(name string) ledger.Signer { return w.as(BA, contracts.Admin, name) }

// standIn lets someone of BA stand in for its first administrator.
func (w *world) standIn(name string, signers ...ledger.Signer) {
	w.t.Helper()
	w.must("persons.enrol", args{"key": w.key(BA, name), "roles": []string{contracts.Viewer}}, append(signers, w.as(BA, contracts.NewPerson, name)))
	w.must("persons.substitute", args{
		"person_id": w.pseudonym(BA, name), "absent": w.pseudonym(BA, contracts.Admin), "roles": []string{contracts.Admin}, "until": w.time + contracts.Days(90),
	}, signers)
}

func TestASubstituteHasNoMoreThanTheAbsentHasNow(t *testing.T) {
	w := newWorld(t)
	w.enrolled(BA, "second", contracts.Admin)
	w.standIn("stand-in", w.by(contracts.Admin))
	enrol := func(name string) ledger.Outcome {
		return w.do("persons.enrol", args{"key": w.key(BA, name), "roles": []string{contracts.Maker}}, []ledger.Signer{w.by("stand-in"), w.as(BA, contracts.NewPerson, name)})
	}
	if o := enrol("x"); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	first := w.pseudonym(BA, contracts.Admin)
	second := []ledger.Signer{w.by("second")}
	w.must("persons.roles", args{"person_id": first, "roles": []string{contracts.Viewer}}, second)
	wantReason(t, enrol("y"), contracts.ERole, contracts.ReasonPersonRole)
	w.must("persons.roles", args{"person_id": first, "roles": []string{contracts.Admin}}, second)
	if o := enrol("y"); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	w.must("persons.revoke", args{"person_id": first, "reason": "LEFT"}, second)
	wantReason(t, enrol("z"), contracts.ERole, contracts.ReasonPersonRole)
}

func TestTheAbsentAndItsSubstitutesAreOneAdministrator(t *testing.T) {
	w := newWorld(t, `{"admin.threshold":2}`)
	w.enrolled(BA, "second", contracts.Admin)
	w.standIn("stand-in", w.by(contracts.Admin), w.by("second"))
	w.standIn("another", w.by(contracts.Admin), w.by("second"))
	revoke := func(signers ...ledger.Signer) ledger.Outcome {
		return w.do("persons.revoke", args{"person_id": w.pseudonym(BA, contracts.Checker)}, signers)
	}
	want(t, revoke(w.by(contracts.Admin), w.by("stand-in")), contracts.EQuorum, "")
	want(t, revoke(w.by("another"), w.by("stand-in")), contracts.EQuorum, "")
	if o := revoke(w.by("second"), w.by("stand-in")); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
}

func TestASubstitutionBeginsWithinReach(t *testing.T) {
	w := newWorld(t)
	id := w.enrolled(BA, "stand-in", contracts.Viewer)
	begin := func(days int64) ledger.Outcome {
		from := w.time + contracts.Days(days)
		return w.do("persons.substitute", args{
			"person_id": id, "absent": w.pseudonym(BA, contracts.Checker), "roles": []string{contracts.Checker}, "from": from, "until": from + contracts.Days(92),
		}, w.admin(BA))
	}
	if o := begin(93); o.Code != contracts.ETerm || o.Details[0].Field != "from" {
		t.Fatalf("%+v", o)
	}
	if o := begin(92); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
}

func TestASuspendedOrganisationStillStopsWhatIsDoneWithItsKeys(t *testing.T) {
	w := newWorld(t)
	id := w.pseudonym(BA, contracts.Checker)
	w.must("persons.rotate_key", args{"person_id": id, "key": w.key(BA, "fresh")}, w.admin(BA, w.as(BA, contracts.NewPerson, "fresh")))
	w.setStatus(BA, contracts.PartySuspended)
	w.must("persons.veto_rotation", args{"person_id": id}, []ledger.Signer{w.signer(BA, contracts.Checker)})
	w.must("persons.revoke", args{"person_id": id}, w.admin(BA))
	o := w.do("persons.roles", args{"person_id": w.pseudonym(BA, contracts.Maker), "roles": []string{contracts.Viewer}}, w.admin(BA))
	wantReason(t, o, contracts.ERole, contracts.ReasonSuspended)
	w.setStatus(BA, contracts.PartyMerged)
	o = w.do("persons.revoke", args{"person_id": w.pseudonym(BA, contracts.Maker)}, w.admin(BA))
	wantReason(t, o, contracts.ERole, contracts.ReasonMerged)
}

func TestAValidatorsKeyIsNoPersons(t *testing.T) {
	w := newWorld(t)
	node := w.as(BA, contracts.NewPerson, contracts.Validator)
	o := w.do("persons.enrol", args{"key": node.Key, "roles": []string{contracts.Maker}}, w.admin(BA, node))
	wantReason(t, o, contracts.EDuplicate, contracts.ReasonKeyUsed)
	o = w.do("persons.rotate_key", w.rotation(contracts.Checker, contracts.Validator), []ledger.Signer{w.signer(BA, contracts.Checker), node})
	wantReason(t, o, contracts.EDuplicate, contracts.ReasonKeyUsed)
}

func TestAPseudonymIsGivenOnce(t *testing.T) {
	w := newWorld(t)
	taken := w.person(BA, contracts.Maker)
	taken.PersonID = w.pseudonym(BA, "new") // a genesis may choose the pseudonyms
	w.state[contracts.PersonKey(taken.PersonID)] = ledger.Encode(taken)
	o := w.do("persons.enrol", args{"key": w.key(BA, "new"), "roles": []string{contracts.Maker}}, w.admin(BA, w.as(BA, contracts.NewPerson, "new")))
	wantReason(t, o, contracts.EDuplicate, contracts.ReasonKeyUsed)
}
