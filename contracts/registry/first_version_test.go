// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
)

var update = flag.Bool("update", false, "write the golden files anew; a changed one breaks every ledger there is")

// A ledger begins with the figures and the calendars of the first version, and its
// blocks were judged by their bounds.
func TestTheFiguresAndCalendarsOfTheFirstVersionNeverChange(t *testing.T) {
	w := newWorld(t)
	var b strings.Builder
	for _, f := range contracts.Figures(contracts.FirstVersion) {
		d := f.Definition()
		fmt.Fprintf(&b, "%s | %s | %d | %d to %d\n", d.Key, d.Unit, d.Default, d.Min, d.Max)
	}
	records := []string{contracts.ParametersKey, contracts.AmendmentKey(1), contracts.ExecutionKey}
	for _, c := range contracts.FirstCalendars() {
		records = append(records, contracts.CalendarKey(int(c.Year)))
	}
	for _, key := range records {
		fmt.Fprintf(&b, "%s | %v\n", key, w.network.Suite.Sum(w.state[key]))
	}
	const file = "testdata/first_version.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(golden) {
		t.Fatalf("have\n%s\nwant\n%s", b.String(), golden)
	}
}

func TestAVersionKnowsTheFiguresItBeganWith(t *testing.T) {
	all := contracts.Figures(contracts.FirstVersion)
	if last := all[len(all)-1]; last != contracts.ConsentDays || len(all) != 82 {
		t.Fatalf("%d figures, the last is %s", len(all), last.Definition().Key)
	}
	if n := len(contracts.DefaultParameters("510100").Values); n != len(all) {
		t.Fatalf("a genesis has %d figures", n)
	}
}

func TestFiguresThatWouldContradictEachOtherAreRefused(t *testing.T) {
	w := newWorld(t)
	two := func(key string, value int64, other string, another int64) args {
		return args{"changes": []args{{"key": key, "value": value}, {"key": other, "value": another}}, "source": "x"}
	}
	for _, c := range []struct {
		a       args
		subject string
	}{
		{two("penalty.overdue.min", 9000, "penalty.overdue.max", 8000), "penalty.overdue.min"},
		{change("penalty.overdue.max", 10), "penalty.overdue.max"},
		{change("class.loss", 269), "class.loss"},
		{change("class.substandard", 271), "class.substandard"},
		{change("alert.fee.first", 29), "alert.fee.first"},
		{change("penalty.diverted.min", 10_001), "penalty.diverted.min"},
	} {
		p := w.carried("consortium.set_parameters", c.a)
		if p.Stored != consortium.Failed || p.Code != contracts.EParam || p.Failures[0].Subject != c.subject || p.Failures[0].Reason != contracts.ReasonContradiction {
			t.Errorf("%v: %s %+v", c.a, p.Code, p.Failures)
		}
	}
	w.passed("consortium.set_parameters", two("penalty.overdue.min", 6000, "penalty.overdue.max", 6000))
}
