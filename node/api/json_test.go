// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/node/api"
)

// faults gives the fields that a reader refuses for a reason.
func faults(t *testing.T, err error, reason string) (fields []string) {
	t.Helper()
	var p *api.Problem
	if err != nil && !errors.As(err, &p) {
		t.Fatal(err)
	}
	if p != nil {
		for _, d := range p.Details {
			if d.Reason == reason {
				fields = append(fields, d.Field)
			}
		}
	}
	return fields
}

// TestBodiesAreReadAsDocumented compares the readers of bodies with the schemas
// that clients are given.
func TestBodiesAreReadAsDocumented(t *testing.T) {
	schemas := api.Document().Components.Schemas.Map()
	for name, read := range api.Readers {
		schema := schemas[name]
		if schema == nil {
			t.Fatalf("no schema %s", name)
		}
		missing, required := faults(t, read([]byte("{}")), contracts.ReasonMissing), slices.Clone(schema.Required)
		slices.Sort(missing)
		slices.Sort(required)
		if !slices.Equal(missing, required) {
			t.Errorf("%s: must have %v, documented is %v", name, missing, required)
		}
		for property, p := range schema.Properties {
			if unknown := faults(t, read([]byte(`{"`+property+`":true}`)), contracts.ReasonUnknown); len(unknown) > 0 {
				t.Errorf("%s: %s is documented and not read", name, property)
			}
			if p.MaxLength != nil {
				for length, want := range map[int]bool{*p.MaxLength: false, *p.MaxLength + 1: true} {
					text := `{"` + property + `":"` + strings.Repeat("a", length) + `"}`
					if got := slices.Contains(faults(t, read([]byte(text)), contracts.ReasonLength), property); got != want {
						t.Errorf("%s: %s of %d characters: refused %v", name, property, length, got)
					}
				}
			}
			if p.MaxItems != nil {
				text := `{"` + property + `":[` + strings.Repeat("1,", *p.MaxItems) + `1]}`
				if !slices.Contains(faults(t, read([]byte(text)), contracts.ReasonLength), property) {
					t.Errorf("%s: %s takes more than %d", name, property, *p.MaxItems)
				}
			}
		}
		if unknown := faults(t, read([]byte(`{"colour":1}`)), contracts.ReasonUnknown); !slices.Equal(unknown, []string{"colour"}) {
			t.Errorf("%s: an unknown field: %v", name, unknown)
		}
	}
}

// FuzzJSON reads any text: what is taken is JSON, whatever other readers make of
// it, and what they hold for one value of a text is the same.
func FuzzJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e+3,true,null,"\ud83d\ude00\n",{"b":{}}]}`, `{"a":1,"a":2}`, `"\ud800"`, "\"\xff\"", `[1,]`, `01`, `-`, `1.`, `{"a"}`, "\ufeff1", " 1 2", `"\u00`,
		strings.Repeat("[", 20), `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":0,"k":1,"l":2,"m":3,"n":4,"m":5}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := api.ReadAny([]byte(text))
		if err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("%q is taken", text)
		}
		var p *api.Problem
		if err != nil && (!errors.As(err, &p) || len(p.Details) == 0) {
			t.Fatalf("%q: %v", text, err)
		}
		// Well-formed texts are refused only for what this reader adds.
		if err != nil && json.Valid([]byte(text)) {
			for _, d := range p.Details {
				if d.Reason != contracts.ReasonRepeated && d.Reason != api.ReasonUnicode && d.Reason != api.ReasonDepth {
					t.Fatalf("%q: %+v", text, d)
				}
			}
		}
	})
}
