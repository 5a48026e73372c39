// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// Terms are what the law of records keeps at the parties, by contract. The ledger
// holds a commitment to them, so that they belong into the sealed part of a step; an
// outsider who knows the record and not the method writes them beside the rest.
var terms = map[string][]string{
	"pledges": {
		"debtor", "secured_amount", "max_amount", "debt_start", "debt_end", "determination_period", "scope", "contract_hash",
		"main_contract_hash", "fee_duty", "licence_rule", "invalidity_rule", "private_sale", "commitment",
		"amount", "currency", "rate_ppm", "rate", "due",
	},
	"disposals": {"bidder", "bid", "amount", "currency", "commitment"},
	"loans": {
		"lender", "product", "amount", "currency", "rate_ref", "spread_ppm", "rate_ppm", "rate", "sign_date", "start", "due", "method",
		"use", "green_flag", "guarantees", "policy", "fund_product", "e_signature_refs", "contract_hash", "commitment",
		"debtor", "secured_amount", "max_amount", "debt_start", "debt_end", "scope",
	},
	"consents": {
		"licensee", "buyer", "licence", "term", "start", "end", "price", "royalty", "first_year_royalty", "min_royalty", "currency",
		"money_rule", "prepay_bp", "deposit_bp", "proceeds", "prepay", "deposit", "released", "contract_hash", "commitment",
	},
}

// sealing are the methods whose sealed part may stay as it was: they have one only if
// the story tells it.
var sealing = []string{
	"pledges.resubmit", "pledges.change", "pledges.partial_release", "pledges.extend", "pledges.transfer", "pledges.fix_claim", "corrections.correct_error",
}

// mayseal tells whether a method takes a commitment to sealed terms.
func mayseal(m contracts.Method) bool { return m.Sealed || slices.Contains(sealing, m.FullName()) }

// settle completes what the file says of a step's arguments by what its method is:
// terms go to the sealed part, and a report of what the register says has evidence.
func (s *Step) settle(p Part) error {
	schema, err := schemaOf(s.Method)
	if err != nil {
		return err
	}
	args, sealed := maps.Clone(s.Args), maps.Clone(s.Sealed)
	if args == nil {
		args = make(map[string]any)
	}
	for _, name := range sorted(s.Args) {
		if _, taken := schema.property(name); taken || !mayseal(s.Method) || !slices.Contains(terms[s.Method.Contract], name) {
			continue
		}
		if _, twice := sealed[name]; twice {
			return fmt.Errorf("sealed: %s stands in args, too", name)
		}
		if sealed == nil {
			sealed = make(map[string]any)
		}
		sealed[name] = args[name]
		delete(args, name)
	}
	if name, ok := missingEvidence(s.Method.FullName(), schema, args); ok {
		args[name] = "evidence of " + p.Name()
	}
	s.Args, s.Sealed = args, sealed
	return nil
}

// missingEvidence names the field of evidence of a method that reports a whole entry
// of the register, if the step leaves it out: the office has looked at the register
// then, and the story does not dwell on it.
func missingEvidence(method string, s schema, args map[string]any) (name string, missing bool) {
	if method != "rights.confirm" && method != "rights.refresh" {
		return "", false
	}
	for given := range args {
		if p, _ := s.property(given); p.isEvidence() {
			return "", false
		}
	}
	for _, name := range sorted(s.Properties) {
		if s.Properties[name].isEvidence() {
			return name, true
		}
	}
	return "", false
}

// sealed gives the commitment to the sealed part of a step. Terms that the story
// does not tell are different ones in each step.
func (a *arguments) sealed(table map[string]any, reference string) ([]byte, error) {
	told := any(reference)
	if table != nil {
		var err error
		if told, err = a.names.fill(plain(table)); err != nil {
			return nil, fmt.Errorf("sealed: %w", err)
		}
	}
	text, err := json.Marshal(struct {
		Salt  string `json:"salt"`
		Terms any    `json:"terms"`
	}{a.names.cast.suite.Sum([]byte(reference)).String(), told})
	if err != nil {
		return nil, fmt.Errorf("sealed: %w", err)
	}
	sum := ledger.CommitmentOf(a.names.cast.suite, text)
	return sum[:], nil
}
