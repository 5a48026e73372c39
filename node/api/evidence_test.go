// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

func (w *world) vote(place int, kind ledger.VoteKind, round, height uint64, block byte) ledger.SignedVote {
	w.t.Helper()
	v := ledger.Vote{Kind: kind, Chain: w.trust.Chain, Round: round, Height: height, Block: ledger.Hash{block}}
	signed, err := v.Sign(uint64(place), w.validators[place])
	must(w.t, err)
	return signed
}

// doubleVote is evidence against the validator in a place.
func (w *world) doubleVote(place int, height uint64) ledger.Evidence {
	w.t.Helper()
	return ledger.Evidence{Kind: ledger.DoubleVote, Votes: []ledger.SignedVote{
		w.vote(place, ledger.Commit, 0, height, 1), w.vote(place, ledger.Commit, 0, height, 2),
	}}.Canonical()
}

// hidden is evidence that it stated no prepare certificate for its COMMIT.
func (w *world) hidden(place int, height uint64) ledger.Evidence {
	w.t.Helper()
	s := ledger.Statement{Intent: ledger.Intent{Chain: w.trust.Chain, Round: 1, Voters: 15}, Validator: uint64(place)}
	commit := w.vote(place, ledger.Commit, 0, height, 1)
	s.Newest = []ledger.Vote{commit.Vote}
	signed, err := s.Sign(w.validators[place])
	must(w.t, err)
	return ledger.Evidence{Kind: ledger.HiddenCertificate, Votes: []ledger.SignedVote{commit}, Statement: ledger.Encode(signed)}
}

func (w *world) report(by string, e ledger.Evidence) ledger.Hash {
	w.t.Helper()
	w.must(by, "consortium.report_evidence", args{"evidence": base64.StdEncoding.EncodeToString(ledger.Encode(e))})
	return w.trust.EvidenceID(e)
}

func TestEvidenceIsShownToAnybodyAndProvesItself(t *testing.T) {
	for _, suite := range []string{"ed25519", "sm2"} {
		w := newWorldOf(t, suite)
		e := w.hidden(2, 7)
		id := w.report(BA, e)
		w.block()
		one, err := w.client().Evidence(t.Context(), id, true)
		must(t, err)
		want := api.EvidenceItem{
			ID: id, Offence: e.Offence(), Validator: "v3", Organisation: IPO, ReportedBy: BA, RecordedHeight: 1, RecordedAt: w.clock().UnixMilli() + 1,
		}
		if one.Record != want || one.Height != 2 {
			t.Errorf("at height %d: %+v", one.Height, one.Record)
		}
		if s := one.Statement; s == nil || s.Round != 1 || s.Highest != nil || len(s.Prepared) != 0 || *s.Newest != e.Votes[0].Vote {
			t.Errorf("statement: %+v", one.Statement)
		}
		v, err := ledger.VerifyEvidence(w.trust, one.File)
		must(t, err)
		if v.ID != id || v.Offender.Name != "v3" {
			t.Errorf("%+v", v)
		}
		proof, err := state.VerifyStatement(w.trust, one.Proof)
		must(t, err)
		var record consortium.Record
		must(t, ledger.Decode(proof.Value, ledger.MaxValue, &record))
		if proof.Key != one.Key || record.ID != id || !slices.Equal(record.Evidence, ledger.Encode(e)) {
			t.Errorf("the proof is of %s: %+v", proof.Key, record)
		}
		bare, err := w.client().Evidence(t.Context(), id, false)
		must(t, err)
		if bare.Proof != nil || bare.Statement == nil {
			t.Errorf("%+v", bare)
		}
	}
}

func TestEvidenceIsListedByOffender(t *testing.T) {
	w := newWorld(t)
	var want []ledger.Hash
	for _, height := range []uint64{11, 12, 13} {
		want = append(want, w.report(BA, w.doubleVote(1, height)))
	}
	other := w.report(BB, w.doubleVote(3, 11))
	for _, limit := range []int{1, 2, 50} {
		var got []ledger.Hash
		var height uint64
		f := api.EvidenceFilter{Limit: limit}
		for {
			page, err := w.client().EvidenceList(t.Context(), f)
			must(t, err)
			if height == 0 {
				height = page.Height
				w.block()
			}
			if page.Height != height || len(page.Items) > limit {
				t.Fatalf("%d of height %d, the first of %d", len(page.Items), page.Height, height)
			}
			for _, item := range page.Items {
				got = append(got, item.ID)
			}
			if f.Cursor = page.NextCursor; f.Cursor == "" {
				break
			}
		}
		if !slices.Equal(got, append(slices.Clone(want), other)) {
			t.Errorf("by %d: %v", limit, got)
		}
	}
	page, err := w.client().EvidenceList(t.Context(), api.EvidenceFilter{Organisation: REG})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].ID != other || page.Items[0].Validator != "v4" {
		t.Errorf("%+v", page.Items)
	}
}

func TestEvidenceThatIsNotThereIsNotFound(t *testing.T) {
	w := newWorld(t)
	id := w.report(BA, w.doubleVote(1, 11))
	unknown := w.trust.EvidenceID(w.doubleVote(2, 11))
	for path, status := range map[string]int{
		"/v1/evidence/" + id.String():                   http.StatusOK,
		"/v1/evidence/" + id.String() + "?at_height=1":  http.StatusOK,
		"/v1/evidence/" + id.String() + "?at_height=0":  http.StatusNotFound, // it was recorded later
		"/v1/evidence/" + id.String() + "?at_height=99": http.StatusNotFound,
		"/v1/evidence/" + unknown.String():              http.StatusNotFound,
		"/v1/evidence/" + id.String()[:63]:              http.StatusBadRequest,
		"/v1/evidence/" + id.String() + "?kind=x":       http.StatusBadRequest,
		"/v1/evidence?cursor=x":                         http.StatusBadRequest,
		"/v1/evidence":                                  http.StatusOK,
	} {
		if a := w.send(t, http.MethodGet, path, nil, nil); a.status != status {
			t.Errorf("%s: %d %.200s", path, a.status, a.body)
		}
	}
}

func TestAMethodSaysThatNodesMaySignIt(t *testing.T) {
	methods, err := newWorld(t).client().Methods(t.Context())
	must(t, err)
	for _, m := range methods.Items {
		reports := m.Method == "report_evidence"
		if m.Signers.ByNode != reports || reports && !slices.Equal(m.Signers.Roles, []string{contracts.Maker}) {
			t.Errorf("%s.%s: %+v", m.Contract, m.Method, m.Signers)
		}
	}
	if !slices.ContainsFunc(methods.Items, func(m api.Method) bool { return m.Signers.ByNode }) {
		t.Error("no method says so")
	}
}
