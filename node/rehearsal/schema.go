// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
)

// A schema is what a story needs to know of the JSON schema of arguments.
type schema struct {
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Encoding   string            `json:"contentEncoding"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Aliases    []string          `json:"x-aliases"`  // of a property: further names
	Place      int               `json:"x-cbor-key"` // of a property: the order that readers know
}

func schemaOf(m contracts.Method) (s schema, err error) {
	if err = json.Unmarshal(m.ArgsSchema(), &s); err != nil {
		err = fmt.Errorf("schema of %s: %w", m.FullName(), err)
	}
	return s, err
}

// property finds a property by its name or another name of it.
func (s schema) property(name string) (p schema, known bool) {
	if p, known = s.Properties[name]; known {
		return p, true
	}
	for _, p := range s.Properties {
		if slices.Contains(p.Aliases, name) {
			return p, true
		}
	}
	return schema{}, false
}

// names lists the properties of a record with their other names.
func (s schema) names() string {
	var all []string
	for _, name := range slices.SortedFunc(maps.Keys(s.Properties), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Properties[a].Place, s.Properties[b].Place), cmp.Compare(a, b))
	}) {
		if aliases := s.Properties[name].Aliases; len(aliases) > 0 {
			name += " (" + strings.Join(aliases, ", ") + ")"
		}
		all = append(all, name)
	}
	return strings.Join(all, ", ")
}

// around is the record that a path in arguments ends in, such as that of evidence for
// evidence.registrar.
func (s schema) around(path string) schema {
	steps := strings.Split(path, ".")
	for _, step := range steps[:len(steps)-1] {
		name, _, _ := strings.Cut(step, "[")
		p, _ := s.property(name)
		for p.Items != nil {
			p = *p.Items
		}
		s = p
	}
	return s
}

// The two fields that make a record one of evidence.
const (
	evidenceHash = "evidence_hash"
	capturedAt   = "captured_at"
)

// otherwise finds a field of a result by another name that the methods of the contract
// know it by among their arguments: freeze_id is freeze_no.
func otherwise(contract string, result any, name string) (value any, found bool) {
	for _, m := range registry.New().Methods() {
		s, err := schemaOf(m)
		if err != nil || m.Contract != contract {
			continue
		}
		for _, own := range sorted(s.Properties) {
			if !slices.Contains(s.Properties[own].Aliases, name) {
				continue
			}
			if value, found = walk(result, []string{own}); found {
				return value, true
			}
		}
	}
	return nil, false
}

// isEvidence tells that a field is the evidence of what is reported: a document and
// when it was taken from the register.
func (s schema) isEvidence() bool {
	_, hash := s.Properties[evidenceHash]
	_, at := s.Properties[capturedAt]
	return hash && at
}

// cut gives the one allowed value that a text begins, up to one of its underscores:
// R10 is R10_TWIN_APPLICATION.
func (s schema) cut(text string) (value string, ok bool) {
	for _, one := range s.Enum {
		if text == "" || !strings.HasPrefix(one, text+"_") {
			continue
		}
		if ok {
			return "", false
		}
		value, ok = one, true
	}
	return value, ok
}
