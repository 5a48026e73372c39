// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/persons"
	"github.com/ipledger/ipledger/ledger"
)

// reset are the arguments of persons.reset_admin for someone of BA, signed by the new key.
func (w *world) reset(name, next string) args {
	w.t.Helper()
	a := args{"person_id": w.pseudonym(BA, name), "key": w.key(BA, next), "document": paper}
	text, err := json.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	var reset persons.ResetArgs
	if err := json.Unmarshal(text, &reset); err != nil {
		w.t.Fatal(err)
	}
	message := append([]byte("ipledger/reset-admin/v1\x00"+string(w.network.Chain[:])), ledger.Encode(reset)...)
	signature, err := w.private(BA, next).Sign(message)
	if err != nil {
		w.t.Fatal(err)
	}
	a["possession"] = base64.StdEncoding.EncodeToString(signature)
	return a
}

// resetByVote has the members carry a reset. BA's own administrators sign nothing.
func (w *world) resetByVote(a args) {
	w.t.Helper()
	id := w.proposed(OP, "persons.reset_admin", a)
	for _, member := range []string{BB, IPO, IP2, CPC} {
		w.ballot(member, id, "YES")
	}
	if p := w.proposal(id); p.Stored != "PASSED" {
		w.t.Fatalf("%s %s %+v", p.Stored, p.Code, p.Failures)
	}
}

func (w *world) enrolBy(admin, name string) ledger.Outcome {
	w.t.Helper()
	return w.do("persons.enrol", args{"key": w.key(BA, name), "roles": []string{contracts.Maker}}, []ledger.Signer{w.by(admin), w.as(BA, contracts.NewPerson, name)})
}

func TestTheMembersGiveALostOrganisationAnotherAdministratorsKey(t *testing.T) {
	w := newWorld(t)
	w.resetByVote(w.reset(contracts.Admin, "found"))
	holds := w.person(BA, contracts.Admin).Rotation.HoldsFrom
	wantReason(t, w.enrolBy("found", "x"), contracts.ERole, contracts.ReasonKeyWaiting)
	w.time = holds
	if o := w.enrolBy("found", "x"); o.Status != ledger.Final {
		t.Fatalf("%+v", o)
	}
	wantReason(t, w.enrolBy(contracts.Admin, "y"), contracts.ERole, contracts.ReasonKeyReplaced)
}

func TestAnAdministratorThatHasItsKeyStopsAReset(t *testing.T) {
	w := newWorld(t)
	w.enrolled(BA, "second", contracts.Admin)
	w.resetByVote(w.reset(contracts.Admin, "stranger"))
	w.must("persons.veto_rotation", args{"person_id": w.pseudonym(BA, contracts.Admin)}, w.admin(BA))
	w.resetByVote(w.reset(contracts.Admin, "another stranger"))
	w.must("persons.revoke", args{"person_id": w.pseudonym(BA, contracts.Admin)}, []ledger.Signer{w.by("second")})
	w.time += contracts.Days(30)
	for _, name := range []string{"stranger", "another stranger"} {
		if o := w.enrolBy(name, "x"); o.Status == ledger.Final {
			t.Fatalf("%s administers", name)
		}
	}
}

func TestAResetIsOfAnAdministratorAndProvesItsKey(t *testing.T) {
	w := newWorld(t)
	a := w.reset(contracts.Admin, "found")
	a["document"] = w.network.Suite.Sum([]byte("another")).String()
	o := w.do("consortium.propose", w.call("persons.reset_admin", a), w.admin(BB))
	wantReason(t, o, contracts.ESignature, contracts.ReasonPossession)
	w.wantFailed(w.carried("persons.reset_admin", w.reset(contracts.Maker, "found")), contracts.EState, "person_id", contracts.ReasonPersonRole)
	w.wantFailed(w.carried("persons.reset_admin", w.reset("nobody", "found")), contracts.ENotFound, "person_id", "")
	w.resetByVote(w.reset(contracts.Admin, "found"))
	w.wantFailed(w.carried("persons.reset_admin", w.reset(contracts.Admin, "other")), contracts.EState, "person_id", contracts.ReasonRotating)
}
