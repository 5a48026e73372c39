// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// A specified value is one line of testdata/domain.txt.
type specified struct {
	line                           int
	story, kind, value, where, has string
}

// A passage is one plain value of a story and the part of a step or check that has it.
type passage struct{ part, text string }

// asserting are the parts that hold a story to something: what is put in, and what must
// come of it.
var asserting = []string{"at", "args", "sealed", "expect", "query", "want"}

func TestTheStoriesAssertWhatTheSpecificationTells(t *testing.T) {
	told := make(map[string]int)
	for _, s := range readSpecified(t) {
		told[s.story]++
		files, pending := strings.CutPrefix(s.where, "pending ")
		reason, left := strings.CutPrefix(s.where, "- ")
		switch {
		case s.kind == "cast":
			for _, wrong := range wrongCast(t, s.value, s.where) {
				t.Errorf("line %d: %s", s.line, wrong)
			}
			continue
		case left:
			t.Logf("%-4s %-6s %-32s not in public: %s", s.story, s.kind, s.value, reason)
			continue
		}
		paths, err := filepath.Glob("../../docs/stories/" + files)
		if err != nil {
			t.Fatal(err)
		}
		if len(paths) == 0 && pending {
			t.Logf("%-4s %-6s %-32s pending %s", s.story, s.kind, s.value, files)
			continue
		}
		found := ""
		for _, path := range paths {
			if parts := s.partsOf(passagesOf(t, path)); len(parts) > 0 && found == "" {
				found = filepath.Base(path) + ": " + strings.Join(parts, ", ")
			}
		}
		if found == "" {
			t.Errorf("line %d: %s does not assert %s of %s, the %s %s", s.line, files, s.has, s.story, s.kind, s.value)
			continue
		}
		t.Logf("%-4s %-6s %-32s %s", s.story, s.kind, s.value, found)
	}
	for _, story := range []string{"S2", "S3", "S4", "S7", "S9", "S12", "S17", "S18", "S20"} {
		if told[story] == 0 {
			t.Errorf("nothing is listed of %s", story)
		}
	}
}

func readSpecified(t *testing.T) (all []specified) {
	t.Helper()
	text, err := os.ReadFile("testdata/domain.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, " | ")
		if len(fields) < 4 || len(fields) > 5 || seen[line] || !slices.Contains([]string{"cast", "number", "date", "amount", "code"}, fields[1]) {
			t.Fatalf("line %d: %q", i+1, line)
		}
		seen[line] = true
		s := specified{i + 1, fields[0], fields[1], fields[2], fields[3], fields[2]}
		if len(fields) == 5 {
			s.has = fields[4]
		}
		all = append(all, s)
	}
	return all
}

// partsOf names the parts of a story that have the value. Codes are what comes of a step
// or an answer, and not what is put in.
func (s specified) partsOf(story []passage) (parts []string) {
	is := func(text string) bool { return text == s.has }
	switch {
	case s.kind == "amount":
		is = func(text string) bool { return text == strings.ReplaceAll(s.has, ",", "") }
	case s.kind == "code":
		code := regexp.MustCompile(`(^|[^A-Z0-9_])` + regexp.QuoteMeta(s.has) + `($|[^A-Z0-9_])`)
		if len(s.has) == len("R09") {
			code = regexp.MustCompile(`\b` + s.has)
		}
		is = func(text string) bool { return code.MatchString(strings.ToUpper(text)) }
	case s.kind == "date", len(s.has) > len("0000000"):
		is = func(text string) bool { return strings.Contains(strings.ToUpper(text), s.has) }
	}
	for _, p := range story {
		if is(p.text) && !slices.Contains(parts, p.part) && (s.kind != "code" || s.has == "SGD" || p.part == "expect" || p.part == "want") {
			parts = append(parts, p.part)
		}
	}
	return parts
}

// passagesOf reads the values of a story. A wanted field that is true counts by its name.
func passagesOf(t *testing.T, path string) (all []passage) {
	t.Helper()
	story := readTable(t, path)
	var walk func(part, name string, v any)
	walk = func(part, name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(part, key, v[key])
			}
		case []any:
			for _, item := range v {
				walk(part, name, item)
			}
		case bool:
			if v {
				all = append(all, passage{part, name})
			}
		default:
			all = append(all, passage{part, fmt.Sprint(v)})
		}
	}
	for _, kind := range []string{"step", "check"} {
		list, _ := story[kind].([]any)
		for _, one := range list {
			for _, part := range asserting {
				walk(part, part, one.(map[string]any)[part])
			}
		}
	}
	return all
}

func readTable(t *testing.T, path string) (table map[string]any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = toml.Unmarshal(text, &table)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return table
}

// wrongCast finds the stories in which a name of the cast has another credit code.
func wrongCast(t *testing.T, name, uscc string) (wrong []string) {
	t.Helper()
	paths, err := filepath.Glob("../../docs/stories/s[0-9]*.toml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, path := range paths {
		cast, _ := readTable(t, path)["cast"].(map[string]any)
		if one, there := cast[name].(map[string]any); there && one["uscc"] != uscc {
			wrong = append(wrong, fmt.Sprintf("%s: %s is %v", filepath.Base(path), name, one["uscc"]))
		}
	}
	return wrong
}
