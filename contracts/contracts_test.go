// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func TestDueDatesCountWorkingDaysOfTheChineseCalendar(t *testing.T) {
	for _, c := range []struct {
		from        string
		days        int64
		due         string
		provisional bool
	}{
		{"2026-03-10", 2, "2026-03-12", false},
		{"2026-03-13", 2, "2026-03-17", false},
		{"2026-02-13", 2, "2026-02-24", false}, // Saturday the 14th is worked, then Spring Festival
		{"2026-09-30", 5, "2026-10-13", false}, // Saturday the 10th is worked
		{"2026-12-31", 1, "", false},           // nobody knows the holidays of 2027 yet
		{"2027-12-30", 1, "2027-12-31", true},  // 2027 in a devnet
	} {
		from, err := identifier.ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		years := contracts.FirstCalendars()
		if c.provisional {
			years = append(years, contracts.WeekdayCalendar(2027))
		}
		due, refusal := contracts.ViewOfCalendars(years...).AddWorkingDays(from, c.days)
		if c.due == "" {
			if refusal.Code() != contracts.EParam || refusal.Failures[0].Subject != "2027" {
				t.Errorf("%s + %d: %v %v, want a refusal", c.from, c.days, due, refusal)
			}
		} else if refusal.Refuses() || due.Date.String() != c.due || due.Provisional != c.provisional {
			t.Errorf("%s + %d: %v %v, want %s %v", c.from, c.days, due, refusal, c.due, c.provisional)
		}
	}
}

func TestAGenesisThatCannotWorkIsRefused(t *testing.T) {
	suite, err := keys.SuiteByName("sm2")
	if err != nil {
		t.Fatal(err)
	}
	private, err := suite.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := ledger.Network{Suite: suite}
	key := private.Public().String()
	const party = `{"party_id":"91510100MA6L1D0E2L","name_zh":"蜀锦银行","role":"BANK"}`
	person := `{"organisation":"91510100MA6L1D0E2L","roles":["maker"],"key":"` + key + `"}`
	state := func(parties, persons, parameters string) json.RawMessage {
		return json.RawMessage(`{"area":"510100","parties":[` + parties + `],"persons":[` + persons + `],"parameters":{` + parameters + `}}`)
	}
	changes, err := contracts.Genesis(n, ledger.ValidatorSet{}, state(party, person, `"pledge.reservation":7,"claim":{"expiry":60}`), 1)
	if err != nil || len(changes) != 11 || changes[5].Key != contracts.ParametersKey {
		t.Fatalf("%+v %v", changes, err)
	}
	edit := func(old, new string) json.RawMessage {
		return json.RawMessage(strings.ReplaceAll(string(state(party, person, "")), old, new))
	}
	for name, raw := range map[string]json.RawMessage{
		"mistyped code":     edit("MA6L1D0E2L", "MA6L1D0E20"),
		"unknown role":      edit("BANK", "BANKER"),
		"party twice":       state(party+","+party, person, ""),
		"key twice":         state(party, person+","+person, ""),
		"no maker":          edit("maker", "viewer"),
		"unknown party":     state(party, strings.ReplaceAll(person, "MA6L1D0E2L", "MA6M3H2J9Q"), ""),
		"unknown role name": edit("maker", "boss"),
		"area":              edit(`"510100"`, `"Chengdu"`),
		"unknown field":     edit(`"area"`, `"region"`),
		"unknown parameter": state(party, person, `"speed":1`),
		"bad parameter":     state(party, person, `"admin_threshold":0`),
		"another suite":     edit(key, "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
		"personal data":     edit("蜀锦银行", "110101199001010015"),
		"empty":             json.RawMessage(`{}`),
		"nothing":           nil,
		"bytes after it":    append(state(party, person, ""), '1'),
	} {
		if _, err := contracts.Genesis(n, ledger.ValidatorSet{}, raw, 1); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAContractWithoutNumbersOnItsFieldsDoesNotStart(t *testing.T) {
	type args struct{ Name string }
	defer func() {
		if recover() == nil {
			t.Error("a method without field numbers was made")
		}
	}()
	contracts.NewMethod(contracts.Spec{Contract: "a", Name: "b", Version: 1, Doc: "c", DocZH: "d"},
		func(*contracts.View, args) (args, *contracts.Refusal) { return args{}, nil })
}
