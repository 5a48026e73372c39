// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

func TestTheVeryNextTransactionOfTheBlockIsJudgedByTheNewFigures(t *testing.T) {
	w := newWorld(t)
	w.enrolled(BA, "second", contracts.Admin)
	id := w.proposed(BA, "consortium.set_parameters", change("admin.threshold", 2))
	w.ballot(BB, id, consortium.Yes)
	w.ballot(IPO, id, consortium.Yes)
	rename := func() *ledger.Transaction {
		return w.tx("consortium.propose", w.call("consortium.set_parameters", change("claim.expiry", 60)), w.admin(BA))
	}
	outcomes := w.block(rename(), w.tx("consortium.vote", args{"proposal_id": id, "ballot": "YES"}, w.admin(IP2)), rename())
	if outcomes[0].Status != ledger.Final || outcomes[1].Status != ledger.Final {
		t.Fatalf("%+v", outcomes)
	}
	want(t, outcomes[2], contracts.EQuorum, "") // one administrator was enough before the ballot
}

func TestEachVersionOfTheParametersKeepsWhatChangedAndWhy(t *testing.T) {
	w := newWorld(t, `{"claim":{"expiry":30}}`)
	first := read[contracts.Amendment](w, contracts.AmendmentKey(1))
	if len(first.Changes) != 1 || first.Changes[0] != (contracts.ParameterChange{Key: "claim.expiry", Before: 90, Value: 30}) || first.Proposal != nil || first.Source == "" {
		t.Fatalf("%+v", first)
	}
	p := w.passed("consortium.set_parameters", args{
		"changes": []args{{"key": "claim.expiry", "value": 60}, {"key": "pledge.max_rights", "value": 50}}, "source": "联盟大会第3号决议",
	})
	second := read[contracts.Amendment](w, contracts.AmendmentKey(2))
	if second.Source != "联盟大会第3号决议" || *second.Proposal != p.ID || second.Height != p.EndedHeight || len(second.Changes) != 2 ||
		second.Changes[0] != (contracts.ParameterChange{Key: "claim.expiry", Before: 30, Value: 60}) {
		t.Fatalf("%+v", second)
	}
	if now := read[contracts.Parameters](w, contracts.ParametersKey); now.Version != 2 || now.Area != "510100" {
		t.Fatalf("%+v", now)
	}
	w.wantFigure(contracts.ClaimExpiryDays, 60)
	w.wantFigure(contracts.MaxPledgeRights, 50)
	w.wantFigure(contracts.StaleDays, 90)
}

func TestAFigureStaysWithinItsBounds(t *testing.T) {
	w := newWorld(t)
	for _, f := range contracts.Figures(contracts.FirstVersion) {
		d := f.Definition()
		for _, value := range []int64{d.Min - 1, d.Max + 1} {
			p := w.carried("consortium.set_parameters", change(d.Key, value))
			if got := p.Failures[0]; p.Code != contracts.EParam || got.Field != "changes[0].value" || got.Subject != d.Key {
				t.Fatalf("%s = %d: %s %+v", d.Key, value, p.Code, p.Failures)
			}
		}
	}
	for name, c := range map[string]struct {
		a     args
		code  string
		field string
	}{
		"an unknown figure": {change("claim.expiration", 60), contracts.EParam, "changes[0].key"},
		"no change":         {args{"changes": []args{}, "source": "x"}, contracts.EFormat, "changes"},
		"no source":         {args{"changes": []args{{"key": "claim.expiry", "value": 60}}, "source": ""}, contracts.EFormat, "source"},
		"one figure twice": {
			args{"changes": []args{{"key": "claim.expiry", "value": 60}, {"key": "claim.expiry", "value": 61}}, "source": "x"}, contracts.EFormat, "changes[1].key",
		},
	} {
		if p := w.carried("consortium.set_parameters", c.a); p.Code != c.code || p.Failures[0].Field != c.field {
			t.Errorf("%s: %s %+v", name, p.Code, p.Failures)
		}
	}
	if now := read[contracts.Parameters](w, contracts.ParametersKey); now.Version != 1 {
		t.Fatalf("%+v", now)
	}
}

// holidays is a calendar as the State Council would announce it.
func holidays(year int, off ...int) args {
	if off == nil {
		off = []int{101}
	}
	return args{"year": year, "off": off, "source": "国务院办公厅关于节假日安排的通知"}
}

func TestNothingIsCountedBeyondTheCalendarsUntilOneIsLoaded(t *testing.T) {
	w := newWorld(t)
	w.at("2026-12-25 10:00")
	id := w.confirmed(invention, nil, RX)
	w.at("2026-12-30 10:00")
	no := w.submitted(BA, id)
	w.at("2026-12-31 10:00")
	o := w.refused(contracts.EParam, "", "pledges.accept", args{"pledge_no": no}, w.two(IPO))
	if o.Details[0].Subject != "2027" || o.Details[0].Reason != contracts.ReasonCalendar {
		t.Fatalf("%+v", o.Details)
	}
	w.passed("consortium.load_calendar", args{"calendar": holidays(2027, 101, 102, 103)})
	r := w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	if r["due_date"] != "2027-01-05" { // after the holiday, Friday to Sunday
		t.Fatalf("%v", r)
	}
}

func TestAnAnnouncedCalendarTakesThePlaceOfAProvisionalOne(t *testing.T) {
	w := newWorld(t)
	provisional := args{"year": 2027, "provisional": true, "source": "weekends only"}
	w.passed("consortium.load_calendar", args{"calendar": provisional})
	w.passed("consortium.load_calendar", args{"calendar": holidays(2027, 101, 102)})
	p := w.carried("consortium.load_calendar", args{"calendar": provisional})
	if p.Code != contracts.EParam || p.Failures[0].Reason != contracts.ReasonAnnounced || p.Failures[0].Subject != "2027" {
		t.Fatalf("%s %+v", p.Code, p.Failures)
	}
	if c := read[contracts.Calendar](w, contracts.CalendarKey(2027)); c.Provisional || len(c.Off) != 2 {
		t.Fatalf("%+v", c)
	}
}

func TestADayThatHasBegunStaysWhatItWas(t *testing.T) {
	w := newWorld(t)
	w.passed("consortium.load_calendar", args{"calendar": holidays(2027, 101, 208)})
	w.at("2027-02-08 10:00")
	for day, code := range map[int]string{205: contracts.EParam, 208: contracts.EParam, 209: ""} {
		off := []int{101, 208, day}
		if day == 208 {
			off = []int{101} // today was off, and shall be a day of work
		} else if day < 208 {
			off = []int{101, day, 208}
		}
		p := w.carried("consortium.load_calendar", args{"calendar": holidays(2027, off...)})
		if p.Code != code || code != "" && p.Failures[0].Reason != contracts.ReasonPastDay {
			t.Errorf("%d: %s %+v", day, p.Code, p.Failures)
		}
	}
}

func TestACalendarThatCannotBeUsedIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, a := range map[string]args{
		"a day that does not exist": holidays(2027, 230),
		"days out of order":         holidays(2027, 102, 101),
		"a year out of reach":       holidays(1999, 101),
		"no source":                 {"year": 2027, "off": []int{101}, "source": ""},
	} {
		if p := w.carried("consortium.load_calendar", args{"calendar": a}); p.Code != contracts.EParam || p.Failures[0].Field != "calendar" {
			t.Errorf("%s: %s %+v", name, p.Code, p.Failures)
		}
	}
}

func TestVersionsOfExecutionFollowEachOther(t *testing.T) {
	w := newWorld(t)
	decided := func() contracts.Execution { return read[contracts.Execution](w, contracts.ExecutionKey) }
	failed := func(version, height uint64, field, reason string) {
		t.Helper()
		p := w.carried("consortium.upgrade", args{"version": version, "height": height})
		if p.Code != contracts.EParam || len(p.Failures) != 1 || p.Failures[0].Field != field || p.Failures[0].Reason != reason {
			t.Fatalf("version %d at %d: %s %+v", version, height, p.Code, p.Failures)
		}
	}
	for _, version := range []uint64{0, 1, 3} {
		failed(version, 1000, "version", contracts.ReasonNotNext)
	}
	// It is decided in the fourth block from now: the proposal and three ballots.
	soonest := func() uint64 { return w.height + 4 + contracts.UpgradeLead }
	failed(2, soonest()-1, "height", contracts.ReasonLead)
	w.passed("consortium.upgrade", args{"version": 2, "height": soonest() + 1})
	failed(2, 1000, "version", contracts.ReasonNotNext) // too late to put version 2 off
	first := decided().Upgrades[1]
	failed(3, first.Height, "height", contracts.ReasonLead)
	w.passed("consortium.upgrade", args{"version": 3, "height": 1000})
	w.passed("consortium.upgrade", args{"version": 3, "height": 2000}) // put off
	e := decided()
	if len(e.Upgrades) != 3 || e.Upgrades[1] != first || e.Upgrades[2] != (contracts.Upgrade{Version: 3, Height: 2000}) {
		t.Fatalf("%+v", e)
	}
	for height, version := range map[uint64]uint64{0: 1, first.Height - 1: 1, first.Height: 2, 1000: 2, 1999: 2, 2000: 3, 1 << 60: 3} {
		if got := e.At(height); got != version {
			t.Errorf("version %d at %d, want %d", got, height, version)
		}
	}
	if next, ok := e.Next(first.Height); !ok || next.Version != 3 {
		t.Errorf("%+v", next)
	}
	if next, ok := e.Next(2000); ok {
		t.Errorf("%+v", next)
	}
}
