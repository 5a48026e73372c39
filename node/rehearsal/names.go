// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// What a step may save besides fields of its result.
const (
	savedTransaction = "transaction" // its id
	savedHeight      = "height"      // of its block
)

// names are the values that parts of a story have saved, as JSON has them. A name
// whose value is not known yet, while a story is tried before it is played, has the
// value later.
type names struct {
	cast  *cast
	saved map[string]any
}

// later is the value of a name before the story is played.
type later struct{}

var saveName = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

func isSaveName(name string) bool { return saveName.MatchString(name) }

// use finds names in a text: $name, ${name}, ${NAME.role}, and $$ for a dollar.
var use = regexp.MustCompile(`\$\$|\$\{([^}]*)\}|\$([\p{L}_][\p{L}\p{N}_]*)`)

// value gives what a text stands for: the value of a name if that is the whole
// text, and else the text with its names filled in. It is later if that cannot be
// told yet.
func (n names) value(text string) (any, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	if m := use.FindStringSubmatch(text); m != nil && m[0] == text && text != "$$" {
		return n.find(m[1] + m[2])
	}
	var out strings.Builder
	rest := text
	for {
		at := use.FindStringSubmatchIndex(rest)
		if at == nil {
			out.WriteString(rest)
			return out.String(), nil
		}
		out.WriteString(rest[:at[0]])
		found := rest[at[0]:at[1]]
		rest = rest[at[1]:]
		if found == "$$" {
			out.WriteByte('$')
			continue
		}
		value, err := n.find(strings.Trim(found, "${}"))
		if err != nil {
			return nil, err
		}
		if value == (later{}) {
			return later{}, n.known(rest)
		}
		part, ok := scalarText(value)
		if !ok {
			return nil, fmt.Errorf("%s is a table or a list and cannot stand within a text", found)
		}
		out.WriteString(part)
	}
}

// known refuses a text with a name that nobody has saved.
func (n names) known(text string) error {
	_, err := n.value(text)
	return err
}

// find gives the value of a name: one that was saved, or one of the cast.
func (n names) find(name string) (any, error) {
	if value, ok := n.saved[name]; ok {
		return value, nil
	}
	if id, ok := n.cast.partyID(name); ok {
		return id, nil
	}
	if p, ok := n.cast.named(name); ok {
		return n.cast.personID(p), nil
	}
	return nil, fmt.Errorf("no step before this one saves $%s", name)
}

// text is value for what must be a text in the end.
func (n names) text(text string) (string, error) {
	value, err := n.value(text)
	if err != nil {
		return "", err
	}
	out, ok := scalarText(value)
	if !ok {
		return "", fmt.Errorf("%s is a table or a list and no text", text)
	}
	return out, nil
}

// fill fills names into every text of a value, and party ids and person ids for
// names of the cast.
func (n names) fill(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name := range v {
			if out[name], err = n.fill(v[name]); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i := range v {
			if out[i], err = n.fill(v[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case string:
		if id, ok := n.cast.partyID(v); ok {
			return id, nil
		}
		if p, ok := n.cast.named(v); ok {
			return n.cast.personID(p), nil
		}
		return n.value(v)
	}
	return v, nil
}

// scalarText writes a value that is no table and no list.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case later:
		return "later", true
	}
	return "", false
}
