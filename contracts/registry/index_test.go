// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// terms are those of the record under a key.
func (w *world) terms(key string) []string {
	w.t.Helper()
	folder, _, _ := strings.Cut(key, "/")
	terms, err := registry.Terms()[folder](w.state[key])
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(terms)
	return terms
}

// TestTheTermsOfThisIndexVersion pins the terms. If they are to change,
// registry.IndexVersion must, or nodes go on with an index of the old ones.
func TestTheTermsOfThisIndexVersion(t *testing.T) {
	if registry.IndexVersion != 3 {
		t.Fatalf("pin the terms of version %d here", registry.IndexVersion)
	}
	w := newWorld(t)
	want := func(key string, terms ...string) {
		t.Helper()
		if got := w.terms(key); !slices.Equal(got, terms) {
			t.Fatalf("%s:\n got %q\nwant %q", key, got, terms)
		}
	}
	const right = "rights/PATENT/" + canonical
	id := w.claim(invention, RX)
	want(right, "rights/area/510100/CLAIMED")
	w.must("rights.reject", args{"right_id": id, "reason": "not theirs"}, w.two(IPO))
	want(right, "rights/area//REJECTED")

	id = w.claim(invention, RX)
	at := w.time
	w.must("rights.confirm", w.facts(id, args{"owners": []string{RX}, "fee_status": "PAID"}), w.two(IPO))
	confirmed := fmt.Sprintf("rights/confirmed/%015d", at)
	want(right, "rights/area/510100/CONFIRMED", confirmed, "rights/owner/"+RX)

	at = w.time
	no := w.submitted(BA, id)
	pledge := pledges.RecordKey(no)
	submitted := fmt.Sprintf("pledges/submitted/%015d", at)
	application := pledges.ApplicationKey(no)
	want(pledge, "pledges/area/510100/SUBMITTED", "pledges/right/"+right, submitted)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	want(pledge, "pledges/area/510100/ACCEPTED", "pledges/right/"+right, submitted)
	want(application, "applications/party/"+IPO, "applications/party/"+RX, "applications/party/"+BA)
	registered := w.time
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": "Y2026510000123", "statutory_time": w.time}, w.two(IPO))
	effective := []string{
		"pledges/area/510100/EFFECTIVE", "pledges/pledgee/" + BA, "pledges/pledgor/" + RX, fmt.Sprintf("pledges/registered/%015d", registered),
		"pledges/right/" + right, "pledges/statutory/Y2026510000123", fmt.Sprintf("pledges/statutory_time/%015d", registered), submitted,
	}
	want(pledge, effective...)
	want(application)

	loan := w.must("loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.two(BA), RX))["loan_no"].(string)
	want(loans.RecordKey(loan), "loans/pledge/"+no)
	w.must("pledges.consent_release", args{"pledge_no": no, "ground": "WAIVED"}, w.two(BA))
	want(application, "applications/party/"+IPO)

	consent := rights.ConsentKey(w.asked(id, "LICENCE", nil))
	want(consent, "consents/party/"+RX, "consents/party/"+BA, "consents/right/"+right)
	consent = rights.ConsentKey(w.must("consents.report_breach", breach(w, id, "TRANSFER", args{"counterparty": MD}), w.two(IPO))["consent_no"].(string))
	want(consent, "consents/party/"+RX, "consents/party/"+BA, "consents/right/"+right)

	suit := w.told(id, "OWNERSHIP_SUIT", nil)
	w.corrected(id, suit, args{"annulled": true}, RX, BA)
	want("corrections/"+suit+"/000001", "corrections/subject/"+id)

	w.must("rights.refresh", w.facts(id, args{"legal_status": "LAPSED"}), w.two(IPO))
	want(right, "rights/area/510100/LAPSED", confirmed, "rights/owner/"+RX, "rights/pledgee/"+BA)
}

// TestTheIndexNamesNoPartyOfAnApplication looks for the names of the parties in
// all terms while an application waits, and after it was refused.
func TestTheIndexNamesNoPartyOfAnApplication(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	check := func() {
		t.Helper()
		for key := range w.state {
			if !strings.HasPrefix(key, "pledges/") {
				continue
			}
			for _, term := range w.terms(key) {
				if strings.Contains(term, BA) || strings.Contains(term, RX) || strings.Contains(term, IPO) {
					t.Errorf("%s has the term %s", key, term)
				}
			}
		}
	}
	no := w.submitted(BA, id)
	check()
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	check()
	w.must("pledges.refuse", args{"pledge_no": no, "codes": []string{contracts.R12}}, w.two(IPO))
	check()
}

func TestTermsOfTimesOrderAsTheTimesDo(t *testing.T) {
	times := []int64{-5, 0, 1, 999, 1_771_894_800_000, 1_771_894_800_001, 253_402_300_799_999}
	for i, at := range times[1:] {
		before, after := rights.ConfirmedTerm(times[i]), rights.ConfirmedTerm(at)
		if before > after || before == after && times[i] >= 0 {
			t.Errorf("%s comes before %s", before, after)
		}
	}
}

func TestWhatIsNoRecordHasNoTerms(t *testing.T) {
	for folder, terms := range registry.Terms() {
		if _, err := terms([]byte{0xff}); !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("%s: %v", folder, err)
		}
	}
}

// BenchmarkTermsOfAClaim is what the index costs for the record of a claim.
func BenchmarkTermsOfAClaim(b *testing.B) {
	w := newWorld(b)
	w.claim(invention, RX)
	value := w.state["rights/PATENT/"+canonical]
	b.ReportAllocs()
	for b.Loop() {
		if terms, err := rights.Terms(value); err != nil || len(terms) != 1 {
			b.Fatal(terms, err)
		}
	}
}
