// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Types of arguments that hold one of each kind.
type (
	everything struct {
		Party   string         `cbor:"1,keyasint,omitempty" json:"party,omitempty" schema:"format=party"`
		Parties []string       `cbor:"2,keyasint,omitempty" json:"parties,omitempty" schema:"format=party"`
		Role    string         `cbor:"3,keyasint,omitempty" json:"role,omitempty" schema:"enum=BANK|IPO"`
		Grounds []string       `cbor:"12,keyasint,omitempty" json:"grounds,omitempty" schema:"enum=R10_TWIN|R11_SUIT|R1_A|R1_B"`
		Extract extract        `cbor:"13,keyasint,omitempty" json:"extract,omitempty"`
		Person  string         `cbor:"4,keyasint,omitempty" json:"person_id,omitempty"`
		Key     keys.PublicKey `cbor:"5,keyasint,omitempty" json:"key,omitempty"`
		Paper   keys.Hash      `cbor:"6,keyasint,omitempty" json:"paper,omitempty"`
		Time    int64          `cbor:"7,keyasint,omitempty" json:"fact_time,omitempty"`
		Date    string         `cbor:"8,keyasint,omitempty" json:"date,omitempty" schema:"format=date"`
		Text    string         `cbor:"9,keyasint,omitempty" json:"text,omitempty"`
		Yes     bool           `cbor:"10,keyasint,omitempty" json:"yes,omitempty"`
		Calls   []planned      `cbor:"11,keyasint,omitempty" json:"calls,omitempty"`
	}
	extract struct {
		Hash keys.Hash `cbor:"1,keyasint" json:"evidence_hash"`
		At   int64     `cbor:"2,keyasint" json:"captured_at"`
	}
	planned struct {
		Contract string `cbor:"1,keyasint" json:"contract"`
		Method   string `cbor:"2,keyasint" json:"method"`
		Args     []byte `cbor:"3,keyasint" json:"args"`
	}
)

func TestArgumentsBecomeWhatTheMethodTakes(t *testing.T) {
	// Any line of the permission matrix does: the method is never called.
	m := contracts.NewMethod(contracts.Spec{Contract: "rights", Name: "claim", Version: 1, Doc: "x", DocZH: "x"},
		func(*contracts.View, everything) (everything, *contracts.Refusal) { return everything{}, nil })
	cast := testCast(t)
	key := cast.key(Person{"RX", "new"}).Public()
	proposal := func(args string) string {
		revoke, _ := newest("persons.revoke")
		raw, refusal := revoke.EncodeArgs([]byte(args))
		if refusal.Refuses() {
			t.Fatal(refusal)
		}
		text, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	checker := cast.personID(Person{"BC", "checker"})
	for story, want := range map[string]string{
		`party = "RX"`:                               `{"party":"91510100MA6CA1R24N"}`,
		`party = "rx"`:                               `{"party":"rx"}`,
		`parties = ["RX", "BC"]`:                     `{"parties":["91510100MA6CA1R24N","91510100MA6L1D0E2L"]}`,
		`role = "IPO"`:                               `{"role":"IPO"}`, // not the office of this name
		`person_id = "BC.checker"`:                   `{"person_id":"` + checker + `"}`,
		`key = "RX.new"`:                             `{"key":"` + key.String() + `"}`,
		`key = "` + key.String() + `"`:               `{"key":"` + key.String() + `"}`,
		`paper = "the order of the court"`:           `{"paper":"` + cast.suite.Sum([]byte("the order of the court")).String() + `"}`,
		`paper = "` + strings.Repeat("AB", 32) + `"`: `{"paper":"` + strings.Repeat("ab", 32) + `"}`,
		`fact_time = 2026-02-24T09:00:00`:            `{"fact_time":1771894800000}`,
		`fact_time = "2026-02-24T09:00"`:             `{"fact_time":1771894800000}`,
		`fact_time = "2026-02-24T01:00:00Z"`:         `{"fact_time":1771894800000}`,
		`fact_time = 2026-02-24`:                     `{"fact_time":1771862400000}`,
		`fact_time = 5`:                              `{"fact_time":5}`,
		`fact_time = "soon"`:                         `{"fact_time":"soon"}`, // for the ledger to refuse
		`fact_time = "$when"`:                        `{"fact_time":1771894800000}`,
		`date = 2026-02-24`:                          `{"date":"2026-02-24"}`,
		`date = 2026-02-23T20:00:00Z`:                `{"date":"2026-02-24"}`, // in Shanghai
		`text = "$no"`:                               `{"text":"PLG-1"}`,
		`text = "no. ${no} of $RX costs $$5"`:        `{"text":"no. PLG-1 of 91510100MA6CA1R24N costs $5"}`,
		`text = "${BC.checker}"`:                     `{"text":"` + checker + `"}`,
		`yes = true`:                                 `{"yes":true}`,
		`yes = "true"`:                               `{"yes":"true"}`,
		`unknown = { party = "RX" }`:                 `{"unknown":{"party":"91510100MA6CA1R24N"}}`,
		`calls = [{ contract = "persons", method = "revoke", args = { person_id = "BC.checker", fact_time = 2026-02-24 } }]`: `{"calls":[{"args":` +
			proposal(`{"person_id":"`+checker+`","fact_time":1771862400000}`) + `,"contract":"persons","method":"revoke"}]}`,
		`calls = [{ contract = "persons", method = "revoke", args = "AQID" }]`: `{"calls":[{"args":"AQID","contract":"persons","method":"revoke"}]}`,

		// What is cut, single, or more exact than the field.
		`grounds = "R10"`:                    `{"grounds":["R10_TWIN"]}`,
		`grounds = ["R11", "R10_TWIN"]`:      `{"grounds":["R11_SUIT","R10_TWIN"]}`,
		`grounds = ["R1", "R"]`:              `{"grounds":["R1","R"]}`, // of several, or of none
		`parties = "RX"`:                     `{"parties":["91510100MA6CA1R24N"]}`,
		`parties = "$list"`:                  `{"parties":["x"]}`,
		`parties = [{ party_id = "RX" }]`:    `{"parties":["91510100MA6CA1R24N"]}`,
		`parties = { party_id = "RX" }`:      `{"parties":["91510100MA6CA1R24N"]}`,
		`party = { party_id = "$no" }`:       `{"party":"PLG-1"}`,
		`party = { party_id = "RX", n = 1 }`: `{"party":{"n":1,"party_id":"91510100MA6CA1R24N"}}`, // for the ledger to refuse
		`calls = { contract = "a" }`:         `{"calls":[{"contract":"a"}]}`,
		`date = "2026-02-24T09:00"`:          `{"date":"2026-02-24"}`,
		`date = "2026-02-23T20:00:00Z"`:      `{"date":"2026-02-24"}`,
		`date = "24.2.2026"`:                 `{"date":"24.2.2026"}`,

		// A text is the document, captured at the time of the step.
		`extract = "of the register"`:                  `{"extract":{"captured_at":1772000000000,"evidence_hash":"` + cast.suite.Sum([]byte("of the register")).String() + `"}}`,
		`extract = "` + strings.Repeat("AB", 32) + `"`: `{"extract":{"captured_at":1772000000000,"evidence_hash":"` + strings.Repeat("ab", 32) + `"}}`,
		`extract = { captured_at = 5 }`:                `{"extract":{"captured_at":5}}`,

		`fact_time = 1.5`:                          "error: fact_time: 1.5: the ledger counts in whole numbers",
		`fact_time = 10:00:00`:                     "error: fact_time: 10:00:00 is no time of a day",
		`text = "$nobody"`:                         "error: text: no step before this one saves $nobody",
		`text = "x $list"`:                         "error: text: $list is a table or a list",
		`calls = [{ args = { person_id = "x" } }]`: "error: calls[0].args: a table stands for the arguments of a method",
		`calls = [{ contract = "a", method = "b", args = {} }]`:            "error: calls[0].args: there is no method a.b",
		`calls = [{ contract = "persons", method = "revoke", args = {} }]`: "error: calls[0].args: refused: E_FORMAT MISSING person_id",
	} {
		var table map[string]any
		if err := toml.Unmarshal([]byte(story), &table); err != nil {
			t.Fatalf("%s: %v", story, err)
		}
		a := &arguments{at: time.UnixMilli(1772000000000), keys: make(map[keys.PublicKey]bool), names: names{cast: cast, saved: map[string]any{
			"no": "PLG-1", "when": json.Number("1771894800000"), "list": []any{"x"},
		}}}
		text, err := a.of(m, table)
		got := string(text)
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want && !(err != nil && strings.HasPrefix(got, want)) {
			t.Errorf("%s\n got %s\nwant %s", story, got, want)
		}
		if strings.HasPrefix(story, "key") != a.keys[key] {
			t.Errorf("%s: the key is noted: %v", story, a.keys[key])
		}
	}
}

func TestKeysFollowFromNames(t *testing.T) {
	c := testCast(t)
	one, two := Person{"BC", "maker"}, Person{"BC", "maker2"}
	if c.key(one).Public() != testCast(t).key(one).Public() || c.key(one).Public() == c.key(two).Public() {
		t.Error("a person has no key of the own for ever")
	}
	if one.role() != "maker" || two.role() != "maker" {
		t.Error("a second maker is no maker")
	}
}

func TestAnAgentSignsForItsPrincipal(t *testing.T) {
	c := testCast(t)
	for text, want := range map[string]Signatory{
		"BC":                {Person{"BC", "maker"}, "BC"},
		"BC.checker":        {Person{"BC", "checker"}, "BC"},
		"BC for RX":         {Person{"BC", "maker"}, "RX"},
		"BC.checker for RX": {Person{"BC", "checker"}, "RX"},
	} {
		got, err := c.signatory(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		roles := signatures(contracts.Rule{Roles: []string{"maker", "checker"}}, got.For, []Signatory{got, {Person{"RX", "maker"}, "RX"}}, func(Person) bool { return false })
		if agree := roles[1].role == contracts.Countersigner; agree == (got.For == "RX") {
			t.Errorf("%s: RX signs as %s", text, roles[1].role)
		}
	}
}

func TestACommitmentHidesWhichTermsItStandsFor(t *testing.T) {
	a := &arguments{names: names{cast: testCast(t)}}
	commit := func(terms map[string]any, reference string) string {
		sum, err := a.sealed(terms, reference)
		if err != nil {
			t.Fatal(err)
		}
		return string(sum)
	}
	terms := map[string]any{"principal_fen": "500000000", "lender": "BC"}
	if first, again := commit(terms, "step-1"), commit(terms, "step-1"); first != again {
		t.Error("the same step has another commitment")
	}
	if commit(terms, "step-1") == commit(terms, "step-2") || commit(nil, "step-1") == commit(nil, "step-2") {
		t.Error("equal terms have equal commitments: they can be guessed")
	}
}
