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

// arguments turns what a story says into the arguments of a method. What the method
// would refuse is left as it is: the story may be about that.
type arguments struct {
	names names
	at    time.Time               // of the step
	keys  map[keys.PublicKey]bool // that the arguments named
	dry   bool                    // a name had no value yet: this is no JSON
}

// of gives the arguments in JSON.
func (a *arguments) of(m contracts.Method, table map[string]any) (json.RawMessage, error) {
	s, err := schemaOf(m)
	if err != nil {
		return nil, err
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
	var item schema
	if s.Items != nil {
		item = *s.Items
	}
	if _, isList := v.([]any); s.Type == "array" && !isList {
		return a.one(path, item, v)
	}
	switch v := v.(type) {
	case map[string]any:
		if id, ok := soleID(v); ok && s.Type == "string" {
			return a.value(path, s, id)
		}
		return a.record(path, s, v)
	case []any:
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

// one makes a list of one where the method takes a list: of whatever stands for it,
// but not of a list that a step has saved.
func (a *arguments) one(path string, item schema, v any) (any, error) {
	value, err := a.value(path, item, v)
	switch value.(type) {
	case []any, later:
		return value, err
	}
	return []any{value}, err
}

// The fields that say by themselves which record is meant.
var idFields = []string{"right_id", "party_id", "pledge_no", "loan_no", "freeze_no", "consent_no", "disposal_no", "pool_no", "person_id", "number"}

// soleID gives the id that a table of nothing else holds: { party_id = "RX" } is RX.
func soleID(table map[string]any) (id any, ok bool) {
	for name, value := range table {
		if len(table) == 1 && slices.Contains(idFields, name) {
			return value, true
		}
	}
	return nil, false
}

func (a *arguments) record(path string, s schema, table map[string]any) (any, error) {
	out := make(map[string]any, len(table))
	for _, name := range slices.Sorted(maps.Keys(table)) {
		property, _ := s.property(name) // what the method does not have it refuses
		at := strings.TrimPrefix(path+"."+name, ".")
		var err error
		inner, isTable := table[name].(map[string]any)
		text, isText := table[name].(string)
		switch {
		case isTable && property.Encoding == "base64":
			out[name], err = a.call(at, table, inner)
		case isText && property.isEvidence():
			out[name], err = a.evidence(at, property, text)
		default:
			out[name], err = a.value(at, property, table[name])
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// evidence makes the record of a document that was captured at the time of the step.
func (a *arguments) evidence(path string, s schema, text string) (any, error) {
	hash, err := a.text(path, s.Properties[evidenceHash], text)
	return map[string]any{evidenceHash: hash, capturedAt: a.at.UnixMilli()}, err
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
	if value, ok := s.cut(text); ok {
		return value, nil
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
	case s.Format == "date":
		if t, ok := momentOf(text); ok {
			return t.Format(time.DateOnly), nil
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
