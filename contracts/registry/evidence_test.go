// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

// doubleVote is evidence that the validator in a place has prepared two blocks of a
// height.
func (w *world) doubleVote(place int, round, height uint64) ledger.Evidence {
	w.t.Helper()
	e := ledger.Evidence{Kind: ledger.DoubleVote}
	for _, name := range []string{"one", "other"} {
		v := ledger.Vote{
			Kind: ledger.Prepare, Chain: w.network.Chain, Round: round, Height: height,
			Block: w.network.Suite.Sum([]byte(name)), Index: height + 1, Term: 1,
		}
		signed, err := v.Sign(uint64(place), w.private(nodes[place], contracts.Validator))
		if err != nil {
			w.t.Fatal(err)
		}
		e.Votes = append(e.Votes, signed)
	}
	return e.Canonical()
}

// doubleBatch is evidence that it has sent two batches for one place in the log.
func (w *world) doubleBatch(place int, index uint64) ledger.Evidence {
	w.t.Helper()
	e := ledger.Evidence{Kind: ledger.DoubleBatch, Start: &ledger.Start{Chain: w.network.Chain}}
	for _, time := range []int64{1, 2} {
		raw, err := ledger.SignBatch(w.network, ledger.Batch{
			Start: w.network.StartHash(*e.Start), Index: index, Term: 3, Time: time,
		}, uint64(place), w.private(nodes[place], contracts.Validator))
		if err != nil {
			w.t.Fatal(err)
		}
		b, err := ledger.OpenBatch(w.network, w.validators(), raw)
		if err != nil {
			w.t.Fatal(err)
		}
		e.Batches = append(e.Batches, b.Sealed)
	}
	return e.Canonical()
}

func reported(e ledger.Evidence) args {
	return args{"evidence": base64.StdEncoding.EncodeToString(ledger.Encode(e))}
}

// node signs as a validator of an organisation.
func (w *world) node(organisation string) []ledger.Signer {
	return []ledger.Signer{{Organisation: organisation, Role: contracts.Validator, Key: w.key(organisation, contracts.Validator)}}
}

const report = "consortium.report_evidence"

func TestEvidenceIsRecordedWithWhoDidItAndWhoSaidSo(t *testing.T) {
	w := newWorld(t)
	e := w.doubleVote(2, 0, 7)
	at, height := w.time, w.height+1
	o := w.do(report, reported(e), w.node(BA))
	if o.Status != ledger.Final || !slices.Equal(o.Events, []ledger.Event{{Kind: "evidence.recorded", Subject: w.network.EvidenceID(e).String()}}) {
		t.Fatalf("%+v", o)
	}
	const key = "consortium/evidence/0/2/double_vote/0/7"
	record := read[consortium.Record](w, key)
	raw := record.Evidence
	record.Evidence = nil
	if !bytes.Equal(raw, ledger.Encode(e)) {
		t.Error("the record holds other evidence")
	}
	want := consortium.Record{
		ID: w.network.EvidenceID(e), Kind: ledger.DoubleVote, Set: 0, Place: 2, Validator: "node3", Organisation: IPO,
		ReportedBy: BA, Height: height, RecordedAt: at,
	}
	if record.ID != want.ID || record.Kind != want.Kind || record.Place != want.Place || record.Validator != want.Validator ||
		record.Organisation != want.Organisation || record.ReportedBy != want.ReportedBy || record.Height != want.Height || record.RecordedAt != want.RecordedAt {
		t.Errorf("%+v\nwant %+v", record, want)
	}
	if got := read[string](w, consortium.IDKey(record.ID)); got != key {
		t.Errorf("its id names %s", got)
	}
	result := w.result(report, o)
	if result["validator"] != "node3" || result["id"] != record.ID.String() {
		t.Errorf("%v", result)
	}
	w.must(report, reported(w.doubleBatch(2, 9)), w.node(BB))
	if got := read[consortium.Record](w, "consortium/evidence/0/2/double_batch/0/3.9"); got.ReportedBy != BB {
		t.Errorf("%+v", got)
	}
}

// A conviction is for people: whoever is accused acts as before.
func TestEvidenceTakesNoRightFromAnybody(t *testing.T) {
	w := newWorld(t)
	before := len(w.state)
	w.must(report, reported(w.doubleVote(0, 0, 7)), w.node(BB))
	if after := len(w.state); after != before+3 { // the record, its id, the reference
		t.Errorf("%d keys were written", after-before)
	}
	w.claim(invention, RX) // BA, the offender, as ever
	w.must(report, reported(w.doubleVote(1, 0, 7)), w.node(BA))
}

func TestOneOffenceHasOneRecordWhoeverReportsIt(t *testing.T) {
	w := newWorld(t)
	first := w.doubleVote(2, 0, 7)
	w.must(report, reported(first), w.node(BA))
	again := w.doubleVote(2, 0, 7)
	third := again.Votes[0].Vote
	third.Block = ledger.Hash{1}
	signed, err := third.Sign(2, w.private(IPO, contracts.Validator))
	if err != nil {
		t.Fatal(err)
	}
	again.Votes[0] = signed
	again = again.Canonical()
	for name, e := range map[string]ledger.Evidence{"the same evidence": first, "another pair of votes of the same place": again} {
		o := w.refused(contracts.EDuplicate, "", report, reported(e), w.node(BB))
		if o.Details[0].Reason != contracts.ReasonRecorded || o.Details[0].Subject != w.network.EvidenceID(first).String() {
			t.Errorf("%s: %+v", name, o.Details)
		}
	}
	// Reports of one block: the first takes effect.
	e := w.doubleVote(2, 0, 8)
	outcomes := w.block(w.tx(report, reported(e), w.node(BA)), w.tx(report, reported(e), w.node(BB)), w.tx(report, reported(e), w.node(REG)))
	if outcomes[0].Status != ledger.Final || outcomes[1].Code != contracts.EDuplicate || outcomes[2].Code != contracts.EDuplicate {
		t.Errorf("%+v", outcomes)
	}
	w.must(report, reported(w.doubleVote(2, 1, 7)), w.node(BB)) // another round is another place
}

// Whoever signs for ever fills no ledger.
func TestAnOffenderCausesABoundedNumberOfRecords(t *testing.T) {
	w := newWorld(t)
	for height := range uint64(consortium.MaxOffences) {
		w.must(report, reported(w.doubleVote(2, 0, 1+height)), w.node(BA))
	}
	for _, e := range []ledger.Evidence{w.doubleVote(2, 0, 100), w.doubleVote(2, 5, 1)} {
		o := w.refused(contracts.EDuplicate, "", report, reported(e), w.node(BA))
		if o.Details[0].Reason != contracts.ReasonEnough || o.Details[0].Subject != "node3" {
			t.Errorf("%+v", o.Details)
		}
	}
	w.must(report, reported(w.doubleVote(3, 0, 1)), w.node(BA)) // another offender
	w.must(report, reported(w.doubleBatch(2, 100)), w.node(BA)) // another kind
}

func TestWhatProvesNothingAccusesNobody(t *testing.T) {
	w := newWorld(t)
	forge := func(change func(*ledger.Evidence)) args {
		e := w.doubleVote(2, 0, 7)
		change(&e)
		return reported(e)
	}
	for name, c := range map[string]struct {
		a            args
		code, reason string
	}{
		"a signature of another": {forge(func(e *ledger.Evidence) { e.Votes[1].Signature = e.Votes[0].Signature }), contracts.EEvidence, contracts.ReasonNoProof},
		"another offender":       {forge(func(e *ledger.Evidence) { e.Votes[0].Validator, e.Votes[1].Validator = 1, 1 }), contracts.EEvidence, contracts.ReasonNoProof},
		"one vote twice":         {forge(func(e *ledger.Evidence) { e.Votes[1] = e.Votes[0] }), contracts.EEvidence, contracts.ReasonNoProof},
		"votes turned round":     {forge(func(e *ledger.Evidence) { slices.Reverse(e.Votes) }), contracts.EEvidence, contracts.ReasonNoProof},
		"another network":        {forge(func(e *ledger.Evidence) { e.Votes[0].Vote.Chain[0] ^= 1 }), contracts.EEvidence, contracts.ReasonNoProof},
		"nothing in it":          {forge(func(e *ledger.Evidence) { *e = ledger.Evidence{} }), contracts.EEvidence, contracts.ReasonNoProof},
		"a set that is not":      {forge(func(e *ledger.Evidence) { e.Votes[0].Vote.Set, e.Votes[1].Vote.Set = 1, 1 }), contracts.ENotFound, contracts.ReasonSet},
		"bytes of something":     {args{"evidence": "oAA="}, contracts.EFormat, contracts.ReasonEncoding},
		"no bytes":               {args{"evidence": ""}, contracts.EFormat, contracts.ReasonEncoding},
	} {
		before := len(w.state)
		o := w.refused(c.code, "", report, c.a, w.node(BA))
		if o.Details[0].Reason != c.reason || o.Details[0].Field != "evidence" || len(w.state) != before+1 {
			t.Errorf("%s: %+v", name, o.Details)
		}
	}
}

func TestEvidenceArgumentsAreBase64AndBounded(t *testing.T) {
	m, _ := newWorld(t).methods.Lookup("consortium", 1, "report_evidence")
	encoded := func(n int) string { return `"` + base64.StdEncoding.EncodeToString(make([]byte, n)) + `"` }
	for text, reason := range map[string]string{
		encoded(ledger.MaxEvidence): "", encoded(ledger.MaxEvidence + 1): contracts.ReasonLength,
		`"oA"`: contracts.ReasonType, `"oB=="`: contracts.ReasonValue, `"oA==\n"`: contracts.ReasonValue, `[160]`: contracts.ReasonValue, `null`: contracts.ReasonType,
	} {
		_, refusal := m.EncodeArgs([]byte(`{"evidence":` + text + `}`))
		if (reason == "") == refusal.Refuses() || refusal.Refuses() && refusal.Failures[0].Reason != reason {
			t.Errorf("%.20s: %v, want %q", text, refusal, reason)
		}
	}
	if !strings.Contains(string(m.ArgsSchema()), `"contentEncoding":"base64"`) {
		t.Errorf("%s", m.ArgsSchema())
	}
}

func TestWhoMayReportEvidence(t *testing.T) {
	w := newWorld(t)
	as := func(organisation, role string, holder ...string) ledger.Signer {
		return ledger.Signer{Organisation: organisation, Role: role, Key: w.key(holder[0], holder[1])}
	}
	height := uint64(0)
	next := func() args { height++; return reported(w.doubleVote(2, 0, height)) }
	for name, signers := range map[string][]ledger.Signer{
		"a node":                 w.node(BA),
		"the offender's node":    w.node(IPO),
		"a maker":                {w.signer(BB, contracts.Maker)},
		"a borrower's maker":     {w.signer(RX, contracts.Maker)},
		"a maker of a non-voter": {w.signer(VAL, contracts.Maker)},
	} {
		if o := w.do(report, next(), signers); o.Status != ledger.Final {
			t.Errorf("%s: %+v", name, o)
		}
	}
	for name, c := range map[string]struct {
		signers []ledger.Signer
		reason  string
	}{
		"a node for another organisation":       {[]ledger.Signer{as(BA, contracts.Validator, BB, contracts.Validator)}, contracts.ReasonNode},
		"a person as a node":                    {[]ledger.Signer{as(BA, contracts.Validator, BA, contracts.Maker)}, contracts.ReasonNode},
		"a node of who has none":                {[]ledger.Signer{as(RX, contracts.Validator, RX, contracts.Validator)}, contracts.ReasonNode},
		"a node as a maker":                     {[]ledger.Signer{as(BA, contracts.Maker, BA, contracts.Validator)}, contracts.ReasonKey},
		"a node beside a maker":                 {append(w.node(BA), w.signer(BA, contracts.Maker)), contracts.ReasonUnexpected},
		"two nodes":                             {append(w.node(BA), w.node(BB)...), contracts.ReasonUnexpected},
		"a checker alone":                       {[]ledger.Signer{w.signer(BA, contracts.Checker)}, contracts.ReasonUnexpected},
		"somebody whom nobody knows":            {[]ledger.Signer{as(BA, contracts.Maker, BA, "nobody")}, contracts.ReasonKey},
		"a node of an organisation that is not": {[]ledger.Signer{as(JG, contracts.Validator, BA, contracts.Validator)}, contracts.ReasonParty},
	} {
		o := w.refused(contracts.ERole, "", report, next(), c.signers)
		if o.Details[0].Reason != c.reason {
			t.Errorf("%s: %+v, want %s", name, o.Details, c.reason)
		}
	}
	o := w.do("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}}, w.node(BA))
	if o.Code != contracts.ERole || o.Details[0].Reason != contracts.ReasonUnexpected {
		t.Errorf("a node claims a right: %+v", o)
	}
}

// A key that has left the set reports no more; the newest set has the highest
// number and not the last key.
func TestOnlyTheNewestSetMayReport(t *testing.T) {
	w := newWorld(t)
	for number := uint64(1); number <= 10; number++ {
		set := w.validators()
		set.Number = number
		if number == 10 {
			set.Members[0].Key = w.key(BA, "another validator")
		}
		w.state[ledger.SetKey(number)] = ledger.Encode(set)
	}
	e := w.doubleVote(2, 0, 7)
	if o := w.refused(contracts.ERole, "", report, reported(e), w.node(BA)); o.Details[0].Reason != contracts.ReasonNode {
		t.Errorf("%+v", o.Details)
	}
	w.must(report, reported(e), w.node(BB)) // against a validator of set 0, by its own set
}

func TestAReportOfANodePassesTheIntake(t *testing.T) {
	w := newWorld(t)
	e := reported(w.doubleVote(2, 0, 7))
	check := func(tx *ledger.Transaction) string {
		t.Helper()
		refusal, err := contracts.CheckIntake(w.methods, w.state, w.here(), tx)
		if err != nil {
			t.Fatal(err)
		}
		if !refusal.Refuses() {
			return ""
		}
		return refusal.Failures[0].Reason
	}
	stranger := []ledger.Signer{{Organisation: BA, Role: contracts.Validator, Key: w.key(BA, "nobody")}}
	if got := check(w.tx(report, e, w.node(BA))); got != "" {
		t.Errorf("a node: %s", got)
	}
	if got := check(w.tx(report, e, stranger)); got != contracts.ReasonKey {
		t.Errorf("a stranger: %q", got)
	}
	claim := args{"type": "PATENT", "number": invention, "owners": []string{RX}}
	if got := check(w.tx("rights.claim", claim, w.node(BA))); got != contracts.ReasonKey {
		t.Errorf("a node that claims a right: %q", got)
	}
}
