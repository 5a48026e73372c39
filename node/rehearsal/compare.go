// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A comparison holds what a story wants against an answer, of which it tells a part.
type comparison struct{ names names }

// differences lists where an answer is not as wanted.
func (c comparison) differences(want map[string]any, answer any) ([]Difference, error) {
	return c.fields("", want, answer)
}

// fields compares those that are wanted of a table at a path. A key that the table does
// not have itself is looked for one level deeper, and so on; where several have it on
// one level, one of them must be as wanted.
func (c comparison) fields(path string, want map[string]any, answer any) (all []Difference, err error) {
	for _, key := range sorted(want) {
		var first []Difference
		hits := shallowest(answer, strings.Split(key, "."))
		for i, hit := range hits {
			found, err := c.value(path+key, want[key], hit)
			if err != nil {
				return nil, err
			}
			if i == 0 || len(found) == 0 {
				first = found
			}
			if len(found) == 0 {
				break
			}
		}
		if len(hits) == 0 && !isEmpty(want[key]) {
			first = []Difference{{What: path + key, Wanted: brief(want[key]), Got: noSuchField}}
		}
		all = append(all, first...)
	}
	return all, nil
}

// shallowest gives the values at a path on the first level of an answer that has
// any.
func shallowest(answer any, path []string) (hits []any) {
	for level := []any{answer}; len(level) > 0; {
		var deeper []any
		for _, v := range level {
			if value, ok := walk(v, path); ok {
				hits = append(hits, value)
			}
			switch v := v.(type) {
			case map[string]any:
				for _, name := range sorted(v) {
					deeper = append(deeper, v[name])
				}
			case []any:
				deeper = append(deeper, v...)
			}
		}
		if len(hits) > 0 {
			return hits
		}
		level = deeper
	}
	return nil
}

// walk goes down a path of names, and of numbers in lists.
func walk(v any, path []string) (any, bool) {
	for _, name := range path {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[name]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(at) {
				return nil, false
			}
			v = at[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// value compares one value: a table in those keys that are wanted, a list of plain
// values in any order, another list element by element.
func (c comparison) value(path string, want, got any) ([]Difference, error) {
	differs := []Difference{{What: path, Wanted: brief(want), Got: brief(got)}}
	switch want := want.(type) {
	case map[string]any:
		fields, ok := got.(map[string]any)
		if id, sole := soleID(want); sole && !ok && !isRecord(got) {
			return c.value(path, id, got)
		}
		if !ok {
			return differs, nil
		}
		return c.fields(path+".", want, fields)
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return differs, nil
		}
		return c.list(path, want, list, differs)
	}
	same, wanted, err := c.same(lastName(path), want, got)
	if err != nil || same {
		return nil, err
	}
	differs[0].Wanted = brief(wanted)
	return differs, nil
}

func (c comparison) list(path string, want, got []any, differs []Difference) (all []Difference, err error) {
	if slices.ContainsFunc(want, isRecord) {
		for i := range want {
			found, err := c.value(fmt.Sprintf("%s[%d]", path, i), want[i], got[i])
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		return all, nil
	}
	rest := slices.Clone(got)
	for _, w := range want {
		at := -1
		for i, g := range rest {
			same, _, err := c.same(lastName(path), w, g)
			if err != nil {
				return nil, err
			}
			if same {
				at = i
				break
			}
		}
		if at < 0 {
			return differs, nil
		}
		rest = slices.Delete(rest, at, at+1)
	}
	return nil, nil
}

// lastName is the field that a path ends in.
func lastName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func isRecord(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// isEmpty tells whether a wanted value says that there is nothing: answers leave out
// what is empty.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case bool:
		return !v
	case int64:
		return v == 0
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// brief shows a value in one line.
func brief(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	if isTime(v) {
		return fmt.Sprint(v)
	}
	raw, ok := v.(json.RawMessage)
	if !ok {
		var err error
		if raw, err = json.Marshal(plain(v)); err != nil {
			return fmt.Sprint(v)
		}
	}
	const most = 1000
	if len(raw) > most {
		return strings.ToValidUTF8(string(raw[:most]), "") + "…"
	}
	return string(raw)
}

// decodeJSON reads a value with its numbers as they are written.
func decodeJSON(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
