// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"testing"
)

func TestAnOrganisationIsRegisteredUnderTheIDThatIsGiven(t *testing.T) {
	f := front{verb: "register", method: "parties.register", subject: "uscc"}
	for given, want := range map[string]string{
		"91510100MA6CA1R24N": "uscc", "549300SGBANK00000183": "lei", "549300sgbank00000183": "lei",
		"549300SGBANK00000184": "uscc", "RX": "uscc", // for the ledger to refuse
	} {
		object := make(map[string]any)
		if err := f.addSubject(object, schema{}, []string{given}); err != nil || !maps.Equal(object, map[string]any{want: given}) {
			t.Errorf("%s: %v %v, want %s", given, object, err, want)
		}
	}
}
