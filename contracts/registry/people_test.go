// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// pseudonym is the id of a person of the genesis, by the name its key was made of.
func (w *world) pseudonym(organisation, name string) string {
	return contracts.PersonID(w.network.Suite, w.key(organisation, name))
}

func (w *world) person(organisation, name string) contracts.Person {
	w.t.Helper()
	return read[contracts.Person](w, contracts.PersonKey(w.pseudonym(organisation, name)))
}

// as is a signer in a role with the key of a name.
func (w *world) as(organisation, role, name string) ledger.Signer {
	return ledger.Signer{Organisation: organisation, Role: role, Key: w.key(organisation, name)}
}

// admin are the signers of an organisation's administration, and further ones.
func (w *world) admin(organisation string, more ...ledger.Signer) []ledger.Signer {
	return append([]ledger.Signer{w.signer(organisation, contracts.Admin)}, more...)
}

// enrolled enrols somebody.
func (w *world) enrolled(organisation, name string, roles ...string) string {
	w.t.Helper()
	r := w.must("persons.enrol", args{"key": w.key(organisation, name), "roles": roles}, w.admin(organisation, w.as(organisation, contracts.NewPerson, name)))
	return r["person_id"].(string)
}

// reason checks that an outcome names a reason.
func wantReason(t testing.TB, o ledger.Outcome, code, reason string) {
	t.Helper()
	want(t, o, code, "")
	if !slices.ContainsFunc(o.Details, func(f ledger.Failure) bool { return f.Reason == reason }) {
		t.Fatalf("%+v, want reason %s", o.Details, reason)
	}
}

// works tells whether a maker's key and a checker's key of BA can sign a loan now.
func (w *world) loan(maker, checker ledger.Signer) *ledger.Transaction {
	w.t.Helper()
	return w.tx("loans.sign", args{"borrower": RX}, w.with([]ledger.Signer{maker, checker}, RX))
}

func (w *world) wantLoan(maker, checker ledger.Signer) {
	w.t.Helper()
	if o := w.block(w.loan(maker, checker))[0]; o.Status != ledger.Final {
		w.t.Fatalf("%v %s %+v", o.Status, o.Code, o.Details)
	}
}

func (w *world) wantNoLoan(reason string, maker, checker ledger.Signer) {
	w.t.Helper()
	wantReason(w.t, w.block(w.loan(maker, checker))[0], contracts.ERole, reason)
}

func TestRolesAreGivenAndTakenByTheOwnAdministrators(t *testing.T) {
	w := newWorld(t)
	maker, checker := w.as(BA, contracts.Maker, contracts.Maker), w.as(BA, contracts.Checker, contracts.Checker)
	id := w.pseudonym(BA, contracts.Checker)
	a := args{"person_id": id, "roles": []string{contracts.Viewer}}
	w.refused(contracts.ENotFound, "", "persons.roles", a, w.admin(BB))
	w.refused(contracts.ERole, "", "persons.roles", a, []ledger.Signer{maker})
	w.refused(contracts.EFormat, "", "persons.roles", args{"person_id": id, "roles": []string{"viewer", "viewer"}}, w.admin(BA))
	outcomes := w.block(w.tx("persons.roles", a, w.admin(BA)), w.loan(maker, checker))
	if outcomes[0].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[0])
	}
	wantReason(t, outcomes[1], contracts.ERole, contracts.ReasonPersonRole)
	w.must("persons.roles", args{"person_id": id, "roles": []string{contracts.Maker, contracts.Checker}}, w.admin(BA))
	w.wantLoan(maker, checker)
}

func TestAnOrganisationKeepsAnAdministrator(t *testing.T) {
	w := newWorld(t)
	first := w.pseudonym(BA, contracts.Admin)
	for method, a := range map[string]args{
		"persons.revoke": {"person_id": first}, "persons.roles": {"person_id": first, "roles": []string{contracts.Maker}},
	} {
		wantReason(t, w.do(method, a, w.admin(BA)), contracts.EState, contracts.ReasonLastAdmin)
	}
	second := w.enrolled(BA, "second", contracts.Admin, contracts.Maker)
	w.must("persons.roles", args{"person_id": first, "roles": []string{contracts.Checker}}, w.admin(BA))
	w.refused(contracts.ERole, "", "persons.revoke", args{"person_id": second}, w.admin(BA))
	by := []ledger.Signer{w.as(BA, contracts.Admin, "second")}
	wantReason(t, w.do("persons.revoke", args{"person_id": second}, by), contracts.EState, contracts.ReasonLastAdmin)
	w.must("persons.roles", args{"person_id": first, "roles": []string{contracts.Admin}}, by)
	w.must("persons.revoke", args{"person_id": second}, by)
	if list := read[[]string](w, contracts.AdminsKey(BA)); !slices.Equal(list, []string{first}) {
		t.Fatal(list)
	}
}

func TestAnOrganisationHasSoManyAdministrators(t *testing.T) {
	w := newWorld(t)
	var txs []*ledger.Transaction
	for i := range contracts.MaxAdmins {
		name := fmt.Sprint("admin ", i)
		txs = append(txs, w.tx("persons.enrol", args{"key": w.key(BA, name), "roles": []string{contracts.Admin}}, w.admin(BA, w.as(BA, contracts.NewPerson, name))))
	}
	outcomes := w.block(txs...)
	last := len(outcomes) - 1
	if outcomes[last-1].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[last-1])
	}
	wantReason(t, outcomes[last], contracts.EState, contracts.ReasonLength)
	w.refused(contracts.EState, "", "persons.roles", args{"person_id": w.pseudonym(BA, contracts.Maker), "roles": []string{contracts.Admin}}, w.admin(BA))
	w.must("persons.roles", args{"person_id": w.pseudonym(BA, contracts.Admin), "roles": []string{contracts.Admin, contracts.Maker}}, w.admin(BA))
}

func TestARevocationKeepsTheTimeOfTheFact(t *testing.T) {
	w := newWorld(t)
	fact := w.time - 3600_000
	o := w.do("persons.revoke", args{"person_id": w.pseudonym(BA, contracts.Checker), "fact_time": fact, "reason": "KEY_STOLEN"}, w.admin(BA))
	p := w.person(BA, contracts.Checker)
	if p.RevokedFactTime != fact || p.RevokedAt <= fact || p.RevokedReason != "KEY_STOLEN" {
		t.Fatalf("%+v", p)
	}
	if !slices.Equal(o.Events, []ledger.Event{{Kind: "person.revoked", Subject: p.PersonID}}) {
		t.Fatalf("%+v", o.Events)
	}
}

func TestASubstituteHoldsTheRolesForATimeAndChecksNothingOfItsOwn(t *testing.T) {
	w := newWorld(t)
	start := w.time
	maker, checker := w.as(BA, contracts.Maker, contracts.Maker), w.as(BA, contracts.Checker, contracts.Checker)
	w.enrolled(BA, "third", contracts.Maker)
	stand := w.pseudonym(BA, contracts.Maker)
	with := func(change args) args {
		a := args{"person_id": stand, "absent": w.pseudonym(BA, contracts.Checker), "roles": []string{contracts.Checker}, "from": start + 3600_000, "until": start + 7200_000}
		for k, v := range change {
			a[k] = v
		}
		return a
	}
	for name, c := range map[string]struct {
		code   string
		change args
	}{
		"too long":                      {contracts.ETerm, args{"until": start + 3600_000 + contracts.Days(93)}},
		"over before it begins":         {contracts.ETerm, args{"until": start + 3600_000}},
		"in the past":                   {contracts.EClock, args{"from": start - 1}},
		"of itself":                     {contracts.EFormat, args{"absent": stand}},
		"of another's":                  {contracts.ENotFound, args{"absent": w.pseudonym(BB, contracts.Checker)}},
		"more than the absent holds":    {contracts.ERole, args{"roles": []string{contracts.Checker, contracts.Admin}}},
		"somebody of another":           {contracts.ENotFound, args{"person_id": w.pseudonym(BB, contracts.Maker)}},
		"the end of what did not begin": {contracts.ENotFound, args{"roles": []string{}}},
	} {
		if o := w.do("persons.substitute", with(c.change), w.admin(BA)); o.Code != c.code {
			t.Errorf("%s: %s %+v, want %s", name, o.Code, o.Details, c.code)
		}
	}
	w.must("persons.substitute", with(nil), w.admin(BA))
	asChecker := w.as(BA, contracts.Checker, contracts.Maker)
	third := w.as(BA, contracts.Maker, "third")
	w.time = start + 3600_000 - 60_000
	w.wantNoLoan(contracts.ReasonPersonRole, third, asChecker)
	w.time = start + 3600_000
	w.wantLoan(third, asChecker)
	w.wantNoLoan(contracts.ReasonSamePerson, maker, asChecker)
	w.wantLoan(third, checker) // who is back early
	w.time = start + 7200_000 - 1
	w.wantLoan(third, asChecker)
	w.time = start + 7200_000
	w.wantNoLoan(contracts.ReasonPersonRole, third, asChecker)

	// Another substitution for the same colleague takes the place of the first, and
	// can be ended before its time.
	w.must("persons.substitute", with(args{"from": w.time, "until": w.time + contracts.Days(9)}), w.admin(BA))
	w.must("persons.substitute", with(args{"from": w.time, "until": w.time + contracts.Days(2)}), w.admin(BA))
	if p := w.person(BA, contracts.Maker); len(p.Substitutions) != 1 || p.Substitutions[0].Until-w.time > contracts.Days(3) {
		t.Fatalf("%+v", p.Substitutions)
	}
	w.wantLoan(third, asChecker)
	w.must("persons.substitute", with(args{"roles": []string{}}), w.admin(BA))
	w.wantNoLoan(contracts.ReasonPersonRole, third, asChecker)
}

// rotation are the arguments of persons.rotate_key for a person of BA.
func (w *world) rotation(name, next string) args {
	return args{"person_id": w.pseudonym(BA, name), "key": w.key(BA, next)}
}

func TestAHolderRotatesTheOwnKeyAtOnce(t *testing.T) {
	w := newWorld(t)
	maker, old, fresh := w.as(BA, contracts.Maker, contracts.Maker), w.as(BA, contracts.Checker, contracts.Checker), w.as(BA, contracts.Checker, "fresh")
	proof := w.as(BA, contracts.NewPerson, "fresh")
	const method = "persons.rotate_key"
	a := w.rotation(contracts.Checker, "fresh")
	w.refused(contracts.ESignature, "", method, a, []ledger.Signer{old})
	wantReason(t, w.do(method, a, []ledger.Signer{maker, proof}), contracts.EQuorum, contracts.ReasonHolder)
	wantReason(t, w.do(method, a, []ledger.Signer{w.as(BA, contracts.Viewer, contracts.Checker), proof}), contracts.ERole, contracts.ReasonPersonRole)
	// In one block: the old key signs, is replaced, and signs nothing; the new one signs.
	outcomes := w.block(
		w.loan(maker, old),
		w.tx(method, a, []ledger.Signer{old, proof}),
		w.loan(maker, old),
		w.loan(maker, fresh),
	)
	for _, i := range []int{0, 1, 3} {
		if outcomes[i].Status != ledger.Final {
			t.Fatalf("%d: %+v", i, outcomes[i])
		}
	}
	wantReason(t, outcomes[2], contracts.ERole, contracts.ReasonKeyReplaced)
	p := w.person(BA, contracts.Checker)
	if p.Key != fresh.Key || len(p.FormerKeys) != 1 || p.FormerKeys[0].Key != old.Key || p.FormerKeys[0].Vetoed {
		t.Fatalf("%+v", p)
	}
	// A key belongs to one person for ever.
	for _, name := range []string{contracts.Checker, "fresh"} {
		again := w.as(BB, contracts.NewPerson, "")
		again.Key = w.key(BA, name)
		w.refused(contracts.EDuplicate, "", "persons.enrol", args{"key": again.Key, "roles": []string{contracts.Maker}}, w.admin(BB, again))
	}
	back := w.as(BA, contracts.NewPerson, contracts.Checker)
	w.refused(contracts.EDuplicate, "", method, args{"person_id": p.PersonID, "key": back.Key}, []ledger.Signer{fresh, back})
}

func TestALostKeyIsReplacedAfterTheLockWindow(t *testing.T) {
	w := newWorld(t)
	maker, old, fresh := w.as(BA, contracts.Maker, contracts.Maker), w.as(BA, contracts.Checker, contracts.Checker), w.as(BA, contracts.Checker, "fresh")
	by := w.admin(BA, w.as(BA, contracts.NewPerson, "fresh"))
	started := w.time
	result := w.must("persons.rotate_key", w.rotation(contracts.Checker, "fresh"), by)
	holds := started + 72*3600_000
	if int64(result["holds_from"].(float64)) != holds {
		t.Fatal(result)
	}
	if p := w.person(BA, contracts.Checker); p.Key != old.Key || p.Rotation == nil || p.Rotation.Key != fresh.Key {
		t.Fatalf("%+v", p)
	}
	other := w.admin(BA, w.as(BA, contracts.NewPerson, "other"))
	wantReason(t, w.do("persons.rotate_key", w.rotation(contracts.Checker, "other"), other), contracts.EState, contracts.ReasonRotating)
	w.wantNoLoan(contracts.ReasonKeyWaiting, maker, fresh)
	w.wantLoan(maker, old)
	w.time = holds - 1
	w.wantNoLoan(contracts.ReasonKeyWaiting, maker, fresh)
	w.time = holds // no transaction has come between
	outcomes := w.block(w.loan(maker, fresh), w.loan(maker, old), w.tx("persons.veto_rotation", args{"person_id": w.pseudonym(BA, contracts.Checker)}, []ledger.Signer{old}))
	if outcomes[0].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[0])
	}
	for _, o := range outcomes[1:] {
		wantReason(t, o, contracts.ERole, contracts.ReasonKeyReplaced)
	}
	// The next rotation settles this one.
	w.must("persons.rotate_key", w.rotation(contracts.Checker, "third"), []ledger.Signer{fresh, w.as(BA, contracts.NewPerson, "third")})
	p := w.person(BA, contracts.Checker)
	if len(p.FormerKeys) != 2 || p.FormerKeys[0].Key != old.Key || p.FormerKeys[0].Until != holds || p.FormerKeys[1].Key != fresh.Key || p.Key != w.key(BA, "third") {
		t.Fatalf("%+v", p)
	}
}

func TestTheOldKeyStopsARotationThatItsHolderDidNotAskFor(t *testing.T) {
	w := newWorld(t)
	maker, old, fresh := w.as(BA, contracts.Maker, contracts.Maker), w.as(BA, contracts.Checker, contracts.Checker), w.as(BA, contracts.Checker, "fresh")
	veto := args{"person_id": w.pseudonym(BA, contracts.Checker)}
	wantReason(t, w.do("persons.veto_rotation", veto, []ledger.Signer{old}), contracts.EState, contracts.ReasonNoRotation)
	by := w.admin(BA, w.as(BA, contracts.NewPerson, "fresh"))
	w.must("persons.rotate_key", w.rotation(contracts.Checker, "fresh"), by)
	w.refused(contracts.ESignature, "", "persons.veto_rotation", veto, []ledger.Signer{maker})
	wantReason(t, w.do("persons.veto_rotation", veto, []ledger.Signer{fresh}), contracts.ERole, contracts.ReasonKeyWaiting)
	w.must("persons.veto_rotation", veto, []ledger.Signer{old})
	w.time += contracts.Days(30)
	w.wantNoLoan(contracts.ReasonKeyReplaced, maker, fresh)
	w.wantLoan(maker, old)
	if p := w.person(BA, contracts.Checker); p.Rotation != nil || len(p.FormerKeys) != 1 || !p.FormerKeys[0].Vetoed {
		t.Fatalf("%+v", p)
	}
	w.refused(contracts.EDuplicate, "", "persons.rotate_key", w.rotation(contracts.Checker, "fresh"), by)
	// The holder's own rotation stops one that waits, too.
	w.must("persons.rotate_key", w.rotation(contracts.Checker, "b"), w.admin(BA, w.as(BA, contracts.NewPerson, "b")))
	w.must("persons.rotate_key", w.rotation(contracts.Checker, "c"), []ledger.Signer{old, w.as(BA, contracts.NewPerson, "c")})
	w.time += contracts.Days(30)
	w.wantNoLoan(contracts.ReasonKeyReplaced, maker, w.as(BA, contracts.Checker, "b"))
	w.wantLoan(maker, w.as(BA, contracts.Checker, "c"))
}

func TestARevokedPersonSignsWithNoneOfItsKeys(t *testing.T) {
	w := newWorld(t)
	maker := w.as(BA, contracts.Maker, contracts.Maker)
	w.must("persons.rotate_key", w.rotation(contracts.Checker, "fresh"), w.admin(BA, w.as(BA, contracts.NewPerson, "fresh")))
	w.must("persons.revoke", args{"person_id": w.pseudonym(BA, contracts.Checker)}, w.admin(BA))
	w.wantNoLoan(contracts.ReasonRevoked, maker, w.as(BA, contracts.Checker, contracts.Checker))
	w.time += contracts.Days(4)
	w.wantNoLoan(contracts.ReasonRevoked, maker, w.as(BA, contracts.Checker, "fresh"))
	for _, method := range []string{"persons.rotate_key", "persons.roles", "persons.substitute"} {
		a := args{"person_id": w.pseudonym(BA, contracts.Checker)}
		signers := w.admin(BA)
		switch method {
		case "persons.rotate_key":
			a, signers = w.rotation(contracts.Checker, "later"), w.admin(BA, w.as(BA, contracts.NewPerson, "later"))
		case "persons.roles":
			a["roles"] = []string{contracts.Maker}
		default:
			a["absent"] = w.pseudonym(BA, contracts.Maker)
		}
		wantReason(t, w.do(method, a, signers), contracts.EState, contracts.ReasonRevoked)
	}
}

func TestWhoIsEnrolledInABlockSignsLaterInIt(t *testing.T) {
	w := newWorld(t)
	enrol := w.tx("persons.enrol", args{"key": w.key(BA, "new"), "roles": []string{contracts.Checker}}, w.admin(BA, w.as(BA, contracts.NewPerson, "new")))
	maker, checker := w.as(BA, contracts.Maker, contracts.Maker), w.as(BA, contracts.Checker, "new")
	early, late := w.loan(maker, checker), w.loan(maker, checker)
	outcomes := w.block(early, enrol, late)
	wantReason(t, outcomes[0], contracts.ERole, contracts.ReasonKey)
	if outcomes[1].Status != ledger.Final || outcomes[2].Status != ledger.Final {
		t.Fatalf("%+v", outcomes)
	}
}

func TestIntakeLetsTheKeysOfTheActorIn(t *testing.T) {
	w := newWorld(t)
	w.must("persons.rotate_key", w.rotation(contracts.Checker, "fresh"), w.admin(BA, w.as(BA, contracts.NewPerson, "fresh")))
	w.must("parties.delegate", args{"agent": MD, "methods": []string{"rights"}, "until": "2026-12-31"}, w.admin(RX))
	check := func(method string, a args, signers []ledger.Signer, reason string) {
		t.Helper()
		r, err := contracts.CheckIntake(w.methods, w.state, w.here(), w.tx(method, a, signers))
		if err != nil || r.Refuses() != (reason != "") || r.Refuses() && r.Failures[0].Reason != reason {
			t.Errorf("%s by %+v: %v %v, want %q", method, signers, r, err, reason)
		}
	}
	agent := ledger.Signer{Organisation: RX, Role: contracts.Maker, Key: w.key(MD, contracts.Maker)}
	claim := args{"type": "PATENT", "number": invention, "owners": []string{RX}}
	check("loans.sign", args{"borrower": RX}, []ledger.Signer{w.as(BA, contracts.Checker, "fresh")}, "")
	check("rights.claim", claim, []ledger.Signer{agent}, "")
	stranger := agent
	stranger.Key = w.key(BB, contracts.Maker)
	check("rights.claim", claim, []ledger.Signer{stranger}, contracts.ReasonKey)
	check("parties.update", args{"name_en": "RX"}, []ledger.Signer{agent}, contracts.ReasonKey)
	w.time += contracts.Days(400)
	check("rights.claim", claim, []ledger.Signer{agent}, contracts.ReasonKey)
}
