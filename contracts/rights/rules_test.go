// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The table of events for people is that of the program.
func TestTheEventsAreWrittenDownForPeople(t *testing.T) {
	text, err := os.ReadFile("../../docs/rights.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		var takes []string
		for _, field := range r.takes {
			takes = append(takes, "`"+field+"`")
		}
		row := fmt.Sprintf("| `%s` |", r.event)
		i := strings.Index(string(text), row)
		if i < 0 {
			t.Errorf("docs/rights.md has no row %s", row)
			continue
		}
		line, _, _ := strings.Cut(string(text[i:]), "\n")
		if want := fmt.Sprintf("| %s | %s |", strings.Join(takes, ", "), r.law); !strings.HasSuffix(line, want) {
			t.Errorf("row %s ends\n %s\nwant\n %s", row, line, want)
		}
	}
}

func TestTheArgumentTakesTheEventsThatHaveRules(t *testing.T) {
	field, _ := reflect.TypeFor[EventArgs]().FieldByName("Event")
	_, enum, _ := strings.Cut(field.Tag.Get("schema"), "enum=")
	var events []string
	for _, r := range rules {
		events = append(events, r.event)
	}
	if !slices.Equal(strings.Split(enum, "|"), events) {
		t.Errorf("the argument takes %s, there are rules for %v", enum, events)
	}
}
