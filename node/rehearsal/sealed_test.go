// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

func stepOf(t *testing.T, call string, args, sealed map[string]any) Step {
	t.Helper()
	m, ok := newest(call)
	if !ok {
		t.Fatal(call)
	}
	s := Step{Method: m, Args: args, Sealed: sealed}
	if err := s.settle(Part{Number: 7, Step: &s}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTermsStayWithTheParties(t *testing.T) {
	for _, one := range []struct{ call, args, sealed string }{ // names that are given as arguments, and where they end
		{"pledges.submit", "rights pledgors kind", "debtor secured_amount max_amount debt_start debt_end determination_period scope contract_hash main_contract_hash fee_duty licence_rule invalidity_rule private_sale commitment amount rate rate_ppm due"},
		{"pledges.submit", "method colour registrar", ""}, // it has a method, and the others are for the ledger to refuse
		{"loans.sign", "borrower pledges", "lender amount currency rate due sign_date method"},
		{"pledges.change", "pledge_no changes", "debtor secured_amount debt_end"}, // a new part, if any is told
		{"pledges.fix_claim", "pledge_no ground", "amount"},
		{"pledges.register", "scope debtor", ""}, // has no sealed part
		{"rights.claim", "amount", ""},
	} {
		args := make(map[string]any)
		for name := range strings.FieldsSeq(one.args + " " + one.sealed) {
			args[name] = "x"
		}
		s := stepOf(t, one.call, args, nil)
		got, sealed := strings.Join(sorted(s.Args), " "), strings.Join(sorted(s.Sealed), " ")
		if got != inOrder(one.args) || sealed != inOrder(one.sealed) {
			t.Errorf("%s: %s; sealed %s", one.call, got, sealed)
		}
		if len(args) != len(strings.Fields(one.args+" "+one.sealed)) {
			t.Error("the story was changed")
		}
	}
	both := stepOf(t, "pledges.submit", map[string]any{"debtor": "RX"}, map[string]any{"amount": "5"})
	if !maps.Equal(both.Sealed, map[string]any{"debtor": "RX", "amount": "5"}) {
		t.Errorf("sealed is %v", both.Sealed)
	}
}

func inOrder(names string) string { return strings.Join(slices.Sorted(strings.FieldsSeq(names)), " ") }

func TestAReportOfTheRegisterHasEvidence(t *testing.T) {
	for call, want := range map[string]bool{"rights.confirm": true, "rights.refresh": true, "rights.status_event": false, "rights.claim": false} {
		if _, has := stepOf(t, call, nil, nil).Args["evidence"]; has != want {
			t.Errorf("%s: evidence is added: %v", call, has)
		}
	}
	given := map[string]any{"captured_at": 5}
	s := stepOf(t, "rights.confirm", map[string]any{"evidence": given}, nil)
	if got, ok := s.Args["evidence"].(map[string]any); !ok || !maps.Equal(got, given) {
		t.Errorf("evidence is %v", s.Args["evidence"])
	}
	one, _ := newest("rights.confirm")
	a := &arguments{names: names{cast: testCast(t)}, at: time.UnixMilli(5)}
	text, err := a.of(one, stepOf(t, "rights.confirm", nil, nil).Args)
	if err != nil || !strings.Contains(string(text), `"captured_at":5`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestAFieldIsFoundByItsOtherNames(t *testing.T) {
	var s schema
	if err := json.Unmarshal([]byte(`{"properties": {
		"proof": {"x-cbor-key": 2, "x-aliases": ["source", "paper"], "properties": {"evidence_hash": {"format": "hash", "x-aliases": ["sum"]}, "captured_at": {"type": "integer"}}},
		"event": {"x-cbor-key": 1, "x-aliases": ["kind"], "enum": ["FEE_PAID"]},
		"owners": {"x-cbor-key": 3, "type": "array", "items": {"type": "string", "format": "party"}}}}`), &s); err != nil {
		t.Fatal(err)
	}
	a := &arguments{names: names{cast: testCast(t)}, at: time.UnixMilli(5)}
	got, err := a.record("", s, map[string]any{"kind": "FEE", "source": "x", "owner": "RX"})
	sum := a.names.cast.suite.Sum([]byte("x")).String()
	want := map[string]any{"kind": "FEE_PAID", "source": map[string]any{"evidence_hash": sum, "captured_at": int64(5)}, "owner": "91510100MA6CA1R24N"}
	if fields := got.(map[string]any); err != nil || brief(fields) != brief(want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	if name, missing := missingEvidence("rights.confirm", s, map[string]any{"paper": "x"}); missing {
		t.Errorf("%s is missing", name)
	}
	if name, missing := missingEvidence("rights.confirm", s, map[string]any{"kind": "x"}); !missing || name != "proof" {
		t.Errorf("%q is missing: %v", name, missing)
	}
	if got := s.names(); got != "event (kind), proof (source, paper), owners" {
		t.Errorf("it has %s", got)
	}
	if got := s.around("source.captured_by").names(); got != "captured_at, evidence_hash (sum)" {
		t.Errorf("around: %s", got)
	}
}

func TestAResultHasTheOtherNamesOfItsFields(t *testing.T) {
	result := map[string]any{"freeze_no": "FRZ-1"}
	if value, ok := otherwise("freezes", result, "freeze_id"); !ok || value != "FRZ-1" {
		t.Errorf("freeze_id is %v, %v", value, ok)
	}
	for contract, name := range map[string]string{"freezes": "colour", "pledges": "freeze_id"} {
		if value, ok := otherwise(contract, result, name); ok {
			t.Errorf("%s of %s is %v", name, contract, value)
		}
	}
}
