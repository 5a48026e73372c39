// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A schema is what a story needs to know of the JSON schema of arguments.
type schema struct {
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Encoding   string            `json:"contentEncoding"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
}

// arguments turns what a story says into the arguments of a method. What the method
// would refuse is left as it is: the story may be about that.
type arguments struct {
	names names
	keys  map[keys.PublicKey]bool // that the arguments named
	dry   bool                    // a name had no value yet: this is no JSON
}

// of gives the arguments in JSON.
func (a *arguments) of(m contracts.Method, table map[string]any) (json.RawMessage, error) {
	var s schema
	if err := json.Unmarshal(m.ArgsSchema(), &s); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", m.FullName(), err)
	}
	if table == nil {
		table = map[string]any{}
	}
	out, err := a.value("", s, table)
	if err != nil {
		return nil, err
	}
	return json.Marshal(out)
}

func (a *arguments) value(path string, s schema, v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		return a.record(path, s, v)
	case []any:
		var item schema
		if s.Items != nil {
			item = *s.Items
		}
		out := make([]any, len(v))
		for i := range v {
			var err error
			if out[i], err = a.value(fmt.Sprintf("%s[%d]", path, i), item, v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string:
		return a.text(path, s, v)
	case float64:
		return nil, fmt.Errorf("%s: %v: the ledger counts in whole numbers", path, v)
	case time.Time, toml.LocalDateTime, toml.LocalDate:
		return timeValue(path, s, v)
	case toml.LocalTime:
		return nil, fmt.Errorf("%s: %v is no time of a day", path, v)
	}
	return v, nil
}

func (a *arguments) record(path string, s schema, table map[string]any) (any, error) {
	out := make(map[string]any, len(table))
	for _, name := range slices.Sorted(maps.Keys(table)) {
		property := s.Properties[name]
		at := strings.TrimPrefix(path+"."+name, ".")
		var err error
		if inner, ok := table[name].(map[string]any); ok && property.Encoding == "base64" {
			out[name], err = a.call(at, table, inner)
		} else {
			out[name], err = a.value(at, property, table[name])
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// call encodes the arguments of a method that is named beside them, by contract and
// method: a proposal holds a call as bytes.
func (a *arguments) call(path string, beside, args map[string]any) (any, error) {
	contract, ok1 := beside["contract"].(string)
	name, ok2 := beside["method"].(string)
	if !ok1 || !ok2 {
		return nil, fmt.Errorf("%s: a table stands for the arguments of a method, and no contract and method are named beside it", path)
	}
	m, ok := newest(contract + "." + name)
	if !ok {
		return nil, fmt.Errorf("%s: there is no method %s.%s", path, contract, name)
	}
	text, err := a.of(m, args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if a.dry {
		return later{}, nil
	}
	raw, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		return nil, fmt.Errorf("%s: %w", path, refusal)
	}
	return raw, nil
}

func (a *arguments) text(path string, s schema, text string) (any, error) {
	value, err := a.names.value(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if value == (later{}) {
		a.dry = true
	}
	text, ok := value.(string)
	if !ok {
		return value, nil
	}
	if slices.Contains(s.Enum, text) {
		return text, nil // not a member of the cast who has the name
	}
	if p, ok := a.names.cast.named(text); ok {
		if s.Format == "public-key" {
			key := a.names.cast.key(p).Public()
			a.keys[key] = true
			return key.String(), nil
		}
		return a.names.cast.personID(p), nil
	}
	if id, ok := a.names.cast.partyID(text); ok {
		return id, nil
	}
	switch {
	case s.Format == "public-key":
		if key, err := keys.ParsePublicKey(text); err == nil {
			a.keys[key] = true
		}
	case s.Format == "hash" && text != "" && !isHash(text):
		return a.names.cast.suite.Sum([]byte(text)).String(), nil // the document is the text
	case s.Format == "hash":
		return strings.ToLower(text), nil
	case s.Type == "integer":
		if t, ok := momentOf(text); ok {
			return t.UnixMilli(), nil
		}
	}
	return text, nil
}

// timeValue writes one of TOML's own times as its field has it.
func timeValue(path string, s schema, v any) (any, error) {
	t, ok := momentOf(v)
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: %v is beyond the years %d to %d", path, v, firstYear, lastYear)
	case s.Type == "integer":
		return t.UnixMilli(), nil
	case s.Format == "date":
		return t.Format(time.DateOnly), nil
	}
	return timeText(v), nil
}

func isHash(text string) bool {
	raw, err := hex.DecodeString(text)
	return err == nil && len(raw) == keys.HashSize
}

// newest finds a method by its full name in its newest version.
func newest(name string) (found contracts.Method, ok bool) {
	for _, m := range registry.New().Methods() { // the newest version stands last
		if m.FullName() == name {
			found, ok = m, true
		}
	}
	return found, ok
}

// refusalOf finds the ledger's word on arguments in an error of arguments.of.
func refusalOf(err error) *contracts.Refusal {
	var r *contracts.Refusal
	errors.As(err, &r)
	return r
}

// sealed gives the commitment to the sealed part of a step. Terms that the story
// does not tell are different ones in each step.
func (a *arguments) sealed(table map[string]any, reference string) ([]byte, error) {
	terms := any(reference)
	if table != nil {
		var err error
		if terms, err = a.names.fill(plain(table)); err != nil {
			return nil, fmt.Errorf("sealed: %w", err)
		}
	}
	text, err := json.Marshal(struct {
		Salt  string `json:"salt"`
		Terms any    `json:"terms"`
	}{a.names.cast.suite.Sum([]byte(reference)).String(), terms})
	if err != nil {
		return nil, fmt.Errorf("sealed: %w", err)
	}
	sum := a.names.cast.suite.Sum([]byte("ipledger/sealed/v1\x00"), text)
	return sum[:], nil
}
