// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/node/api"
)

func TestCallersAreReadAgainWhenPeopleChangeAndNotBefore(t *testing.T) {
	w := newWorld(t)
	m := api.NewCallers(api.Config{Node: w, Store: w.store, Trust: w.trust})
	maker, checker := w.key(BA, contracts.Maker).Public(), w.key(BA, contracts.Checker).Public()
	find := func(want, reads int) {
		t.Helper()
		m.Reads = 0
		found := 0
		for _, key := range []string{maker.String(), checker.String(), w.key(BB, contracts.Maker).Public().String()} {
			person, err := m.Find(key)
			must(t, err)
			if person != "" {
				found++
			}
		}
		if found != want || m.Reads != reads {
			t.Errorf("%d are found after %d reads, want %d after %d", found, m.Reads, want, reads)
		}
	}
	find(3, 3)
	find(3, 0)
	for i := range 5 {
		w.must(RX, "rights.claim", args{"type": "PATENT", "number": patentNumber(i), "owners": []string{RX}})
		find(3, 0)
	}
	w.block()
	find(3, 0)
	w.must(BA, "persons.revoke", args{"person_id": contracts.PersonID(w.trust.Suite, checker), "reason": "LEFT"})
	find(2, 3) // at once, and all are read again
	find(2, 1) // who is nobody is not remembered
	w.must(RX, "rights.claim", args{"type": "PATENT", "number": patentNumber(9), "owners": []string{RX}})
	find(2, 1)
}
