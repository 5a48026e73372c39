// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// minimal are the least arguments that decode, for each method.
var minimal = map[string]args{
	"rights.claim":            {"type": "PATENT", "number": invention, "owners": []string{RX}},
	"rights.confirm":          {"right_id": "IPR-510100-20260105-0123456-J"},
	"rights.reject":           {"right_id": "IPR-510100-20260105-0123456-J"},
	"rights.refresh":          {"right_id": "IPR-510100-20260105-0123456-J"},
	"pledges.submit":          {"rights": []string{invention}, "pledgors": []string{RX}, "pledgees": []string{BA}},
	"pledges.accept":          {"pledge_no": "PLG-510100-20260312-0000042-K"},
	"pledges.refuse":          {"pledge_no": "PLG-510100-20260312-0000042-K"},
	"pledges.withdraw":        {"pledge_no": "PLG-510100-20260312-0000042-K"},
	"pledges.register":        {"pledge_no": "PLG-510100-20260312-0000042-K"},
	"pledges.consent_release": {"pledge_no": "PLG-510100-20260312-0000042-K"},
	"pledges.cancel":          {"pledge_no": "PLG-510100-20260312-0000042-K"},
	"loans.sign":              {"borrower": RX},
	"loans.disburse":          {"loan_no": "LON-510100-20260312-0000042-K"},
	"loans.settle":            {"loan_no": "LON-510100-20260312-0000042-K"},
}

func TestNobodyActsOutsideTheOwnRole(t *testing.T) {
	w, matrix := newWorld(t), readMatrix(t)
	for _, method := range slices.Sorted(maps.Keys(minimal)) {
		for _, actor := range slices.Sorted(maps.Keys(roles)) {
			signers := w.two(actor)
			if method == "rights.claim" {
				signers = signers[:1]
			}
			o := w.do(method, minimal[method], signers)
			wrongRole := o.Code == contracts.ERole && o.Details[0].Reason == contracts.ReasonPartyRole
			if wrongRole == slices.Contains(matrix[method].Actors, roles[actor]) {
				t.Errorf("%s by %s: %v %s %+v", method, roles[actor], o.Status, o.Code, o.Details)
			}
		}
	}
}

// readMatrix reads the permission matrix that was written by hand.
func readMatrix(t *testing.T) map[string]contracts.Rule {
	t.Helper()
	text, err := os.ReadFile("testdata/permissions.txt")
	if err != nil {
		t.Fatal(err)
	}
	matrix := make(map[string]contracts.Rule)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "|")
		list := func(i int) []string {
			words := strings.Fields(columns[i])
			if words[0] == "-" || words[0] == "any" {
				return nil
			}
			return words
		}
		rule := contracts.Rule{Vote: strings.TrimSpace(columns[1]) == "vote"}
		if !rule.Vote {
			for _, role := range list(1) {
				rule.Actors = append(rule.Actors, contracts.PartyRole(role))
			}
			rule.Roles, rule.May, rule.Others = list(2), list(3), list(4)
			if key := list(5); key != nil {
				rule.NewKey = key[0]
			}
			rule.Suspended = len(columns) > 6 && strings.TrimSpace(columns[6]) == "suspended"
		}
		method := strings.TrimSpace(columns[0])
		if _, twice := matrix[method]; twice {
			t.Fatalf("%s is written twice", method)
		}
		matrix[method] = rule
	}
	return matrix
}

func TestThePermissionMatrixIsTheOneWrittenByHand(t *testing.T) {
	byHand := readMatrix(t)
	if n := len(contracts.Permissions()); n != len(byHand) {
		t.Errorf("%d lines in the program, %d by hand", n, len(byHand))
	}
	for _, p := range contracts.Permissions() {
		got := p.Rule
		got.ByNode = false // a node that reports evidence is no person
		if want, ok := byHand[p.Method]; !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, by hand %+v", p.Method, got, want)
		}
	}
}

func TestMakerAndCheckerAreTwoPeopleWithTwoKeys(t *testing.T) {
	w := newWorld(t)
	both := ledger.Signer{Organisation: IPO, Role: contracts.NewPerson, Key: w.key(IPO, "both")}
	w.must("persons.enrol", args{"key": both.Key, "roles": []string{contracts.Maker, contracts.Checker}},
		[]ledger.Signer{w.signer(IPO, contracts.Admin), both})
	id := w.claim(invention, RX)
	maker, checker := both, both
	maker.Role, checker.Role = contracts.Maker, contracts.Checker
	makerAsChecker := w.signer(IPO, contracts.Maker)
	makerAsChecker.Role = contracts.Checker
	for reason, signers := range map[string][]ledger.Signer{
		contracts.ReasonSamePerson:  {maker, checker},
		contracts.ReasonPersonRole:  {w.signer(IPO, contracts.Maker), makerAsChecker},
		contracts.ReasonMissingRole: {w.signer(IPO, contracts.Maker)},
		contracts.ReasonKey:         {w.signer(IPO, contracts.Maker), {Organisation: IPO, Role: contracts.Checker, Key: w.key(IPO, "stranger")}},
		contracts.ReasonOther:       {w.signer(IPO, contracts.Maker), {Organisation: IPO, Role: contracts.Checker, Key: w.key(IP2, contracts.Checker)}},
		contracts.ReasonUnexpected:  append(w.two(IPO), w.signer(RX, contracts.Countersigner)),
	} {
		o := w.refused(contracts.ERole, "", "rights.reject", args{"right_id": id, "reason": "no"}, signers)
		if !slices.ContainsFunc(o.Details, func(f ledger.Failure) bool { return f.Reason == reason }) {
			t.Errorf("%+v, want reason %s", o.Details, reason)
		}
	}
	w.must("rights.reject", args{"right_id": id, "reason": "no"}, []ledger.Signer{maker, w.signer(IPO, contracts.Checker)})
}

func TestARevokedKeySignsNothingFromItsBlockOn(t *testing.T) {
	w := newWorld(t)
	id := contracts.PersonID(w.network.Suite, w.key(BA, contracts.Checker))
	admin := []ledger.Signer{w.signer(BA, contracts.Admin)}
	w.refused(contracts.EClock, "", "persons.revoke", args{"person_id": id, "fact_time": w.time + 1000}, admin)
	w.refused(contracts.ENotFound, "", "persons.revoke", args{"person_id": id}, []ledger.Signer{w.signer(BB, contracts.Admin)})
	outcomes := w.block(
		w.tx("persons.revoke", args{"person_id": id, "fact_time": w.time - 1000, "reason": "KEY_STOLEN"}, admin),
		w.tx("loans.sign", args{"borrower": RX}, w.with(w.two(BA), RX)),
	)
	if outcomes[0].Status != ledger.Final {
		t.Fatalf("%+v", outcomes[0])
	}
	want(t, outcomes[1], contracts.ERole, "")
	w.refused(contracts.EState, "", "persons.revoke", args{"person_id": id}, admin)
	// A key is never enrolled again, not even elsewhere.
	again := ledger.Signer{Organisation: BB, Role: contracts.NewPerson, Key: w.key(BA, contracts.Checker)}
	w.refused(contracts.EDuplicate, "", "persons.enrol", args{"key": again.Key, "roles": []string{contracts.Maker}},
		[]ledger.Signer{w.signer(BB, contracts.Admin), again})
}

func TestEnrolmentNeedsTheNewKeyAndEnoughAdmins(t *testing.T) {
	w := newWorld(t, `{"admin.threshold":2}`)
	admin := []ledger.Signer{w.signer(BA, contracts.Admin)}
	fresh := ledger.Signer{Organisation: BA, Role: contracts.NewPerson, Key: w.key(BA, "fresh")}
	a := args{"key": fresh.Key, "roles": []string{contracts.Maker}}
	second := ledger.Signer{Organisation: BA, Role: contracts.NewPerson, Key: w.key(BA, "second")}
	// While there is one administrator, that one is enough to enrol another.
	w.must("persons.enrol", args{"key": second.Key, "roles": []string{contracts.Admin}}, append(admin, second))
	w.refused(contracts.EQuorum, "", "persons.enrol", a, append(admin, fresh))
	second.Role = contracts.Admin
	w.must("persons.enrol", a, append(admin, second, fresh))

	w = newWorld(t)
	w.refused(contracts.ESignature, "", "persons.enrol", a, []ledger.Signer{w.signer(BA, contracts.Admin)})
	w.refused(contracts.EFormat, "", "persons.enrol", args{"key": fresh.Key, "roles": []string{contracts.Maker, contracts.Maker}},
		[]ledger.Signer{w.signer(BA, contracts.Admin), fresh})
	w.must("persons.enrol", a, []ledger.Signer{w.signer(BA, contracts.Admin), fresh})
	person := read[contracts.Person](w, contracts.PersonKey(contracts.PersonID(w.network.Suite, fresh.Key)))
	if person.Organisation != BA || !strings.HasPrefix(person.PersonID, "P-") || len(person.PersonID) != 22 {
		t.Fatalf("%+v", person)
	}
}

func TestABankBringsInABorrowerThatThenActs(t *testing.T) {
	w := newWorld(t)
	admin := ledger.Signer{Organisation: JG, Role: contracts.Admin, Key: w.key(JG, contracts.Maker)}
	with := func(change args) args {
		a := args{"uscc": JG, "name_zh": "成都锦官软件有限公司", "role": "BORROWER", "area_code": "510107", "admin_key": admin.Key}
		maps.Copy(a, change)
		return a
	}
	signers := append(w.two(BA), admin)
	const method = "parties.register"
	w.refused(contracts.ERole, "", method, with(nil), append(w.two(RX), admin))
	w.refused(contracts.ESignature, "", method, with(nil), w.two(BA))
	w.refused(contracts.ECheckDigit, "", method, with(args{"uscc": "91510107MA6FD7W802"}), signers)
	w.refused(contracts.EFormat, "", method, with(args{"uscc": "91510107MA6FD7W8O1"}), signers)
	w.refused(contracts.EForbidden, "", method, with(args{"role": "BANK"}), signers)
	w.refused(contracts.EDuplicate, "", method, with(args{"uscc": RX}), append(w.two(BA), ledger.Signer{Organisation: RX, Role: contracts.Admin, Key: admin.Key}))
	w.refused(contracts.EDuplicate, "", method, with(args{"admin_key": w.key(RX, contracts.Maker)}),
		append(w.two(BA), ledger.Signer{Organisation: JG, Role: contracts.Admin, Key: w.key(RX, contracts.Maker)}))

	// A code whose 17th character does not fit needs an IP office's word.
	odd := "91510100MA6CA1R20A"
	waived := with(args{"uscc": odd})
	oddAdmin := append(w.two(IPO), ledger.Signer{Organisation: odd, Role: contracts.Admin, Key: w.key(odd, "a")})
	waived["admin_key"] = w.key(odd, "a")
	w.refused(contracts.ECheckDigit, "", method, waived, oddAdmin)
	waived["org_check_waived"] = true
	w.refused(contracts.ERole, "", method, waived, append(w.two(BA), oddAdmin[2]))
	w.must(method, waived, oddAdmin)

	w.must(method, with(nil), signers)
	w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{JG}}, []ledger.Signer{w.signer(JG, contracts.Maker)})
}

func TestAKeyWithoutASoundPointIsNotEnrolled(t *testing.T) {
	w := newWorld(t)
	weak := keys.PublicKey{Algorithm: keys.Ed25519, Bytes: "\x01" + strings.Repeat("\x00", 31)}
	raw := ledger.Encode(struct {
		Key   keys.PublicKey `cbor:"1,keyasint"`
		Roles []string       `cbor:"2,keyasint"`
	}{weak, []string{contracts.Maker}})
	signers := []ledger.Signer{w.signer(BA, contracts.Admin), {Organisation: BA, Role: contracts.NewPerson, Key: weak}}
	fresh := args{"key": w.key(BA, "fresh"), "roles": []string{contracts.Maker}}
	w.refused(contracts.EFormat, "", "persons.enrol", fresh, signers, func(b *ledger.Body) { b.Args = raw })
}

func TestAnAreaCodeIsOneOfThePeoplesRepublic(t *testing.T) {
	w := newWorld(t)
	admin := ledger.Signer{Organisation: JG, Role: contracts.Admin, Key: w.key(JG, "a")}
	with := func(change args) args {
		a := args{"uscc": JG, "name_zh": "成都锦官软件有限公司", "role": "BORROWER", "area_code": "510107", "admin_key": admin.Key}
		maps.Copy(a, change)
		return a
	}
	signers := append(w.two(BA), admin)
	for _, area := range []string{"", "000000", "999999", "51010", "5101070", "51O107", "160000", "-10107"} {
		w.refused(contracts.EFormat, "", "parties.register", with(args{"area_code": area}), signers)
	}
	w.must("parties.register", with(args{"area_code": "810000"}), signers)
}

func TestANameShowsWhatItIs(t *testing.T) {
	w := newWorld(t)
	m, _ := w.methods.Lookup("parties", 1, "register")
	for name, reason := range map[string]string{
		" ": contracts.ReasonEmpty, "\u3000": contracts.ReasonEmpty, "蜀锦\u200b银行": contracts.ReasonValue, "蜀锦\u2028银行": contracts.ReasonValue,
		"蜀锦\ufeff银行": contracts.ReasonValue, strings.Repeat("银", 129): contracts.ReasonLength,
	} {
		text := `{"uscc":"` + JG + `","name_zh":"` + name + `","role":"BORROWER","area_code":"510107","admin_key":"` + w.key(JG, "a").String() + `"}`
		if _, r := m.EncodeArgs([]byte(text)); !r.Refuses() || r.Failures[0].Field != "name_zh" || r.Failures[0].Reason != reason {
			t.Errorf("%q: %v", name, r)
		}
	}
}
