// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
)

// alertsOfPledge gives the alerts of a pledge now.
func (w *world) alertsOfPledge(no string) []rights.Alert {
	w.t.Helper()
	c := pledges.Case{Record: read[pledges.Record](w, pledges.RecordKey(no)), Application: read[pledges.Application](w, pledges.ApplicationKey(no))}
	for _, r := range c.Record.Rights {
		space, _ := r.Type.Space()
		c.Rights = append(c.Rights, read[rights.Record](w, rights.RecordKey(space, r.Number)))
	}
	var list []loans.Record
	for key := range w.state {
		if strings.HasPrefix(key, "loans/") {
			if l := read[loans.Record](w, key); slices.Contains(l.Pledges, no) {
				list = append(list, l)
			}
		}
	}
	c.SettledAt = loans.SettledAt(list)
	c.Calendar = func(year int) (contracts.Calendar, bool) {
		if w.state[contracts.CalendarKey(year)] == nil {
			return contracts.Calendar{}, false
		}
		return read[contracts.Calendar](w, contracts.CalendarKey(year)), true
	}
	return pledges.AlertsOf(c, w.time, read[contracts.Parameters](w, contracts.ParametersKey))
}

// wantTold compares the alerts of a pledge at a time, each written KIND SEVERITY DUE.
func (w *world) wantTold(at, no string, want ...string) []rights.Alert {
	w.t.Helper()
	if at != "" {
		w.at(at)
	}
	alerts := w.alertsOfPledge(no)
	var got []string
	for _, a := range alerts {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Kind, a.Severity, a.Due)))
		if a.PledgeNo != no || a.RaisedAt == 0 || a.RaisedAt > w.time || len(a.To) == 0 || !slices.IsSorted(a.To) {
			w.t.Fatalf("%+v", a)
		}
	}
	if !slices.Equal(got, want) {
		w.t.Fatalf("alerts at %s %q, want %q", at, got, want)
	}
	return alerts
}

func wantTo(t *testing.T, a rights.Alert, want ...string) {
	t.Helper()
	if slices.Sort(want); !slices.Equal(a.To, want) {
		t.Fatalf("%s is told to %v, want %v", a.Kind, a.To, want)
	}
}

func (w *world) mayDo(no, method string, more args, organisation string) {
	w.t.Helper()
	a := args{"pledge_no": no}
	for name, value := range more {
		a[name] = value
	}
	w.must("pledges."+method, a, w.two(organisation))
}

func TestTheOfficeIsToldUntilWhenToDecide(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.confirmed(invention, nil, RX))
	w.wantTold("", no)
	w.mayDo(no, "accept", nil, IPO) // a Tuesday, online: two working days
	wantTo(t, w.wantTold("", no, "REVIEW_DUE INFO 2026-02-26")[0], IPO)
	w.wantTold("2026-02-25 23:59", no, "REVIEW_DUE INFO 2026-02-26")
	w.wantTold("2026-02-26 00:00", no, "REVIEW_DUE URGENT 2026-02-26")
	w.mayDo(no, "refuse", args{"codes": []string{contracts.R12}}, IPO)
	w.wantTold("", no)
}

func TestApplicantsAreToldUntilWhenToCorrect(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.confirmed(invention, nil, RX))
	w.mayDo(no, "correct", args{"reason": "合同缺页"}, IPO)
	wantTo(t, w.wantTold("", no, "CORRECTION_DUE WARNING 2026-03-26")[0], BA, RX)
	w.wantTold("2026-03-26 00:00", no, "CORRECTION_DUE URGENT 2026-03-26")
	w.wantTold("2026-03-26 23:59", no, "CORRECTION_DUE URGENT 2026-03-26")
	w.wantTold("2026-03-27 00:00", no) // it is withdrawn
}

func TestApplicantsAreToldThatTheirReservationEnds(t *testing.T) {
	w := newWorld(t)
	no := w.submitted(BA, w.confirmed(invention, nil, RX)) // at 09:02, for fourteen days
	w.wantTold("2026-03-07 09:01", no)
	wantTo(t, w.wantTold("2026-03-07 09:02", no, "RESERVATION_ENDING WARNING 2026-03-10")[0], BA, RX)
	w.wantTold("2026-03-10 09:01", no, "RESERVATION_ENDING WARNING 2026-03-10")
	w.wantTold("2026-03-10 09:02", no)
}

// withEnd registers a pledge whose registration ends by itself.
func (w *world) withEnd(last string, refs ...string) string {
	w.t.Helper()
	no := w.submitted(BA, refs...)
	w.mayDo(no, "accept", nil, IPO)
	w.mayDo(no, "register", args{"statutory_no": "Y2026510000123", "statutory_time": w.time, "registration_end": last}, IPO)
	return no
}

func TestBothSidesAreToldThriceThatARegistrationEndsAndOnceThatItHas(t *testing.T) {
	w := newWorld(t)
	no := w.withEnd("2027-02-28", w.mark("12345678"))
	for _, c := range []struct{ at, want string }{
		{"2026-11-29 23:59", ""}, {"2026-11-30 00:00", "PERIOD_ENDING INFO 2027-02-28"}, {"2027-01-28 23:59", "PERIOD_ENDING INFO 2027-02-28"},
		{"2027-01-29 00:00", "PERIOD_ENDING WARNING 2027-02-28"}, {"2027-02-21 00:00", "PERIOD_ENDING URGENT 2027-02-28"},
		{"2027-02-28 23:59", "PERIOD_ENDING URGENT 2027-02-28"},
	} {
		if c.want == "" {
			w.wantTold(c.at, no)
			continue
		}
		wantTo(t, w.wantTold(c.at, no, c.want)[0], BA, RX)
	}
	ended := w.wantTold("2027-03-01 00:00", no, "ENDED_BY_TIME URGENT")[0]
	wantTo(t, ended, BA)
	if ended.RaisedAt != w.time {
		t.Errorf("raised at %d, it ended at %d", ended.RaisedAt, w.time)
	}
	w.wantTold("2028-02-29 23:59", no, "ENDED_BY_TIME URGENT")
	w.wantTold("2028-03-01 00:00", no)
}

func TestARegistrationThatOutlivesARightIsToldOf(t *testing.T) {
	w := newWorld(t)
	id := w.mark("12345678")
	no := w.withEnd("2029-12-31", id)
	w.wantTold("", no)
	w.must("rights.refresh", w.facts(id, args{"expiry_date": "2029-06-30"}), w.two(IPO))
	a := w.wantTold("", no, "TERM_BEYOND_RIGHT WARNING 2029-06-30")[0]
	if wantTo(t, a, BA, RX); a.RightID != id {
		t.Errorf("%+v", a)
	}
}

func TestAReleaseIsOverdueTenWorkingDaysAfterTheLastLoanIsSettled(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	lend := func() any {
		loan := w.must("loans.sign", args{"borrower": RX, "pledges": []string{no}}, w.with(w.two(BA), RX))["loan_no"]
		w.must("loans.disburse", args{"loan_no": loan}, w.two(BA))
		return loan
	}
	first, second := lend(), lend()
	w.must("loans.settle", args{"loan_no": first}, w.two(BA))
	w.wantTold("2026-03-31 09:00", no) // the other is not
	w.must("loans.settle", args{"loan_no": second}, w.two(BA))
	w.wantTold("2026-04-15 23:59", no) // 4 to 6 April are a holiday
	a := w.wantTold("2026-04-16 00:00", no, "RELEASE_OVERDUE URGENT 2026-04-15")[0]
	if wantTo(t, a, BA, RX); a.RaisedAt != w.time {
		t.Errorf("raised at %d, not %d", a.RaisedAt, w.time)
	}
	w.mayDo(no, "consent_release", args{"ground": "DEBT_PAID"}, BA)
	w.wantTold("", no)
	w.wantTold("2026-04-30 23:59", no)
	wantTo(t, w.wantTold("2026-05-01 00:00", no, "CANCELLATION_WAITING WARNING 2026-04-30")[0], IPO)
	w.mayDo(no, "cancel", args{"cancellation_ref": "C1", "cancellation_time": w.time}, IPO)
	w.wantTold("", no)
}

func TestAPledgeThatNoLoanNamesIsNeverOverdue(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.wantTold("2036-01-01 00:00", no)
}

func TestLimitationRunsAnewFromEachDemandForPayment(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.at("2026-03-10 09:00")
	w.mayDo(no, "demand", args{"kind": "PAYMENT"}, BA)
	w.wantTold("2028-09-09 23:59", no)
	wantTo(t, w.wantTold("2028-09-10 00:00", no, "LIMITATION URGENT 2029-03-10")[0], BA)
	w.wantTold("2029-03-10 23:59", no, "LIMITATION URGENT 2029-03-10")
	w.wantTold("2029-03-11 00:00", no, "LIMITATION_OVER URGENT 2029-03-10")
	w.at("2029-03-01 09:00")
	w.mayDo(no, "demand", args{"kind": "PAYMENT"}, BA)
	w.wantTold("2029-03-11 00:00", no)
	w.wantTold("2031-09-01 00:00", no, "LIMITATION URGENT 2032-03-01")
}

func TestADemandForEnforcementIsToldOfUntilItIsAnswered(t *testing.T) {
	w := newWorld(t)
	no := w.effective(BA, "Y2026510000123", w.confirmed(invention, nil, RX))
	w.at("2026-03-10 09:00")
	w.mayDo(no, "demand", args{"kind": "ENFORCEMENT"}, RX)
	wantTo(t, w.wantTold("", no, "ENFORCEMENT_DEMANDED WARNING 2026-06-08")[0], BA)
	w.at("2026-06-01 09:00")
	w.mayDo(no, "demand", args{"kind": "ENFORCEMENT"}, RX) // asking again gives no more time
	w.wantTold("2026-06-08 23:59", no, "ENFORCEMENT_DEMANDED WARNING 2026-06-08")
	wantTo(t, w.wantTold("2026-06-09 00:00", no, "ENFORCEMENT_OVERDUE URGENT 2026-06-08")[0], BA, RX)
	w.mayDo(no, "start_enforcement", args{"ground": "DEFAULT", "route": "COURT", "notify": []string{LQ}}, BA)
	a := w.wantTold("", no, "ENFORCING URGENT")[0]
	if wantTo(t, a, BA, LQ, RX); a.Subject != "COURT" {
		t.Errorf("%+v", a)
	}
	w.mayDo(no, "end_enforcement", args{"outcome": "STOPPED"}, BA)
	w.wantTold("", no) // it was answered
	w.mayDo(no, "demand", args{"kind": "ENFORCEMENT"}, RX)
	w.wantTold("", no, "ENFORCEMENT_DEMANDED WARNING 2026-09-07")
}

func TestBothSidesAreToldThatTheClaimIsFixed(t *testing.T) {
	w := newWorld(t)
	a := submission(BA, RX, w.confirmed(invention, nil, RX))
	a["kind"] = pledges.MaxAmount
	no := w.must("pledges.submit", a, w.with(w.two(BA), RX))["pledge_no"].(string)
	w.mayDo(no, "accept", nil, IPO)
	w.mayDo(no, "register", args{"statutory_no": "Y2026510000123", "statutory_time": w.time}, IPO)
	w.must("pledges.fix_claim", args{"pledge_no": no, "ground": "NO_NEW_DEBT", "fact_time": w.time}, w.two(BA), sealing)
	told := w.wantTold("", no, "CLAIM_FIXED INFO")[0]
	if wantTo(t, told, BA, RX); told.Subject != pledges.FixNoNewDebt {
		t.Errorf("%+v", told)
	}
}

func TestPledgeesAreToldOfARevocationAndOfTheEndOfAllRights(t *testing.T) {
	w := newWorld(t)
	first, second := w.confirmed(invention, nil, RX), w.confirmed("201710601862.3", nil, RX)
	no := w.effective(BA, "Y2026510000123", first)
	w.mayDo(no, "revoke", args{"ground": "FORGED_PAPERS"}, IPO)
	a := w.wantTold("", no, "REVOKED URGENT")[0]
	if wantTo(t, a, BA); a.Subject != "FORGED_PAPERS" {
		t.Errorf("%+v", a)
	}
	no = w.effective(BA, "Y2026510000124", second)
	known := w.time
	w.must("rights.refresh", w.facts(second, args{"legal_status": "INVALIDATED"}), w.two(IPO))
	a = w.wantTold("", no, "EXTINGUISHED URGENT")[0]
	if wantTo(t, a, BA); a.RaisedAt != known {
		t.Errorf("raised at %d, known at %d", a.RaisedAt, known)
	}
}

func TestALoanIsFlaggedByWhatBecameOfItsPledges(t *testing.T) {
	for _, c := range []struct {
		state loans.State
		of    []pledges.State
		want  string
	}{
		{loans.Active, []pledges.State{pledges.Effective, pledges.Enforcing}, ""},
		{loans.Active, []pledges.State{pledges.Effective, pledges.Revoked}, loans.FlagUnsecured},
		{loans.Active, []pledges.State{pledges.Extinguished}, loans.FlagCollateralLost},
		{loans.Active, []pledges.State{pledges.EndedByTime}, loans.FlagCollateralLost},
		{loans.Signed, []pledges.State{pledges.Revoked, pledges.Extinguished}, loans.FlagCollateralLost + " " + loans.FlagUnsecured},
		{loans.Settled, []pledges.State{pledges.Revoked, pledges.Extinguished}, ""},
		{loans.Active, []pledges.State{pledges.Released}, ""},
	} {
		if got := strings.Join(loans.FlagsOf(loans.Record{State: c.state}, c.of), " "); got != c.want {
			t.Errorf("a loan that is %s, of pledges that are %v: %q, want %q", c.state, c.of, got, c.want)
		}
	}
}

// TestEveryStateIsFoundUnderAStateThatIsStored holds StoredAs against StateAt.
func TestEveryStateIsFoundUnderAStateThatIsStored(t *testing.T) {
	w := newWorld(t)
	p := read[contracts.Parameters](w, contracts.ParametersKey)
	for _, stored := range []pledges.State{
		pledges.Submitted, pledges.Accepted, pledges.Correction, pledges.Refused, pledges.Withdrawn, pledges.Effective, pledges.Enforcing,
		pledges.ReleasePending, pledges.Released, pledges.Realised, pledges.Revoked,
	} {
		for _, r := range []pledges.Record{
			{State: stored}, {State: stored, LapsesAt: 1}, {State: stored, RegistrationEnd: "2020-01-01"}, {State: stored, LapsesAt: w.time + 1, RegistrationEnd: "2030-01-01"},
		} {
			for _, of := range [][]rights.Record{{{BaseState: rights.Confirmed}}, {{BaseState: rights.Lapsed, EndedAt: 1}}} {
				state := r.StateAt(of, w.time, p)
				if list := pledges.StoredAs(state); !slices.Contains(list, stored) || !slices.IsSorted(list) {
					t.Errorf("%s is stored as %s, not among %v", state, stored, list)
				}
			}
		}
	}
}
