// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

func TestAPledgeFromClaimToReleaseOverHTTP(t *testing.T) {
	for _, suite := range []string{"ed25519", "sm2"} {
		t.Run(suite, func(t *testing.T) {
			w := newWorldOf(t, suite)
			ctx := context.Background()
			rightID := w.confirmed(invention)
			loan := w.must(BA, "loans.sign", args{"borrower": RX})["loan_no"].(string)
			submitted := w.run(BA, "pledges.submit", args{"rights": []string{rightID}, "pledgors": []string{RX}, "pledgees": []string{BA}})
			var result struct {
				PledgeNo string `json:"pledge_no"`
			}
			must(t, json.Unmarshal(submitted.Outcome.Result, &result))

			// While it is pending the public sees a date and no names.
			pending, err := w.client().Pledge(ctx, result.PledgeNo)
			must(t, err)
			if pending.Record.State != "SUBMITTED" || len(pending.Record.Pledgees) != 0 || pending.Application != nil {
				t.Fatalf("%+v", pending)
			}
			member, err := w.client(BB, contracts.Checker).Pledge(ctx, result.PledgeNo)
			must(t, err)
			if member.Application == nil || member.Application.Pledgees[0] != BA {
				t.Fatalf("%+v", member)
			}

			w.must(IPO, "pledges.accept", args{"pledge_no": result.PledgeNo})
			w.must(IPO, "pledges.register", args{"pledge_no": result.PledgeNo, "statutory_no": "Y2026510000123", "statutory_time": w.clock().UnixMilli()})
			w.must(BA, "loans.disburse", args{"loan_no": loan, "pledges": []string{result.PledgeNo}})
			wantStatus(t, w, rights.Pledged)

			// The second bank is told why, and by which record.
			second := w.run(BB, "pledges.submit", args{"rights": []string{"PATENT:ZL" + invention}, "pledgors": []string{RX}, "pledgees": []string{BB}})
			if second.Status != api.Rejected || second.Code != contracts.EPledged || second.Outcome.Ground != contracts.R09 ||
				!strings.Contains(second.Outcome.Details[0].MessageZH, "质押") || second.Outcome.Details[0].Subject != "PATENT:"+canonical {
				t.Fatalf("%+v %+v", second, second.Outcome)
			}

			w.must(BA, "loans.settle", args{"loan_no": loan})
			w.must(BA, "pledges.consent_release", args{"pledge_no": result.PledgeNo, "ground": "DEBT_PAID"})
			w.must(IPO, "pledges.cancel", args{"pledge_no": result.PledgeNo, "cancellation_ref": "Y2026510000999", "cancellation_time": w.clock().UnixMilli()})
			wantStatus(t, w, rights.Free)

			file, err := w.client().ReceiptFile(ctx, submitted.ID)
			must(t, err)
			proven, err := ledger.VerifyReceipt(w.trust, file)
			must(t, err)
			if proven.Outcome.Transaction != submitted.ID || proven.Header.Height != submitted.Height {
				t.Fatalf("%+v", proven)
			}
		})
	}
}

// wantStatus asks for the invention in three spellings and verifies the proof.
func wantStatus(t *testing.T, w *world, want rights.StatusValue) {
	t.Helper()
	for _, number := range []string{canonical, "ZL" + invention, "ＣＮ２０１８１０２３４５６７．３"} {
		e, err := w.client().Encumbrance(context.Background(), "PATENT", number, api.EncumbranceOptions{Proof: true})
		must(t, err)
		if !e.Known || e.Status != want || e.Query.Number != canonical {
			t.Fatalf("%s: %+v", number, e)
		}
		proven, err := state.VerifyStatement(w.trust, e.Proof)
		must(t, err)
		var record rights.Record
		must(t, ledger.Decode(proven.Value, ledger.MaxValue, &record))
		if got := rights.StatusOf(record, proven.Header.Time, contracts.DefaultParameters("510100")).Value; got != want || proven.Key != e.Query.Key || proven.Header.Height != e.Height {
			t.Fatalf("proof says %s of %s at %d", got, proven.Key, proven.Header.Height)
		}
	}
}

func TestARightNeverSeenIsProvablyUnknown(t *testing.T) {
	w := newWorld(t)
	w.block()
	e, err := w.client().Encumbrance(context.Background(), "PAT_UM", "202220765432.1", api.EncumbranceOptions{Proof: true})
	must(t, err)
	if e.Known || e.Status != rights.Unknown || e.Record != nil {
		t.Fatalf("%+v", e)
	}
	proven, err := state.VerifyStatement(w.trust, e.Proof)
	must(t, err)
	if proven.Value != nil || proven.Key != "rights/PATENT/2022207654321" {
		t.Fatalf("%+v", proven)
	}
}

func TestStatusOfAPastBlockAndTime(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	w.block()
	before := w.Head().Header
	w.at("2026-02-25 09:00")
	w.confirmed(invention)
	c := w.client()
	for _, o := range []api.EncumbranceOptions{
		{AtHeight: before.Height, Proof: true},
		{AtTime: time.UnixMilli(before.Time), Proof: true},
		{AtTime: time.UnixMilli(before.Time + 60_000), Proof: true},
	} {
		e, err := c.Encumbrance(ctx, "PATENT", invention, o)
		must(t, err)
		if e.Known || e.Height != before.Height {
			t.Fatalf("%+v: %+v", o, e)
		}
		if proven, err := state.VerifyStatement(w.trust, e.Proof); err != nil || proven.Header.Height != before.Height {
			t.Fatal(proven, err)
		}
	}
	for _, o := range []api.EncumbranceOptions{
		{AtHeight: 1000}, {AtTime: time.UnixMilli(w.genesis.Time.UnixMilli() - 1)},
	} {
		if _, err := c.Encumbrance(ctx, "PATENT", invention, o); !errors.Is(err, ledger.ErrNotFound) {
			t.Fatalf("%+v: %v", o, err)
		}
	}
	if _, err := c.Encumbrance(ctx, "PATENT", invention, api.EncumbranceOptions{AtTime: w.clock().Add(time.Hour)}); !errors.Is(err, ledger.ErrInvalid) {
		t.Fatalf("a status of the future: %v", err)
	}
}

func TestLoansAreSeenByTheirPartiesAlone(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	no := w.must(BA, "loans.sign", args{"borrower": RX})["loan_no"].(string)
	for _, who := range []string{BA, RX, REG} {
		if l, err := w.client(who, contracts.Checker).Loan(ctx, no); err != nil || l.Record.Lender != BA {
			t.Fatalf("%s: %+v %v", who, l, err)
		}
	}
	absent := strings.Replace(no, "0000001", "0000002", 1)
	absent = absent[:len(absent)-1] + checkOf(t, absent)
	_, nobody := w.client().Loan(ctx, absent)
	for name, c := range map[string]*api.Client{"another bank": w.client(BB, contracts.Maker), "the public": w.client()} {
		_, err := c.Loan(ctx, no)
		if !errors.Is(err, ledger.ErrNotFound) || strings.ReplaceAll(err.Error(), no, absent) != nobody.Error() {
			t.Fatalf("%s is told %v, of a loan that does not exist %v", name, err, nobody)
		}
	}
}

func TestANewFirmIsRegisteredWithItsOwnKey(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	admin := keyOf(t, w.trust.Suite, JG+"/admin")
	w.must(BA, "parties.register", args{"uscc": JG, "name_zh": "成都锦官软件有限公司", "role": "BORROWER", "area_code": "510107", "admin_key": admin.Public()}, admin)
	p, err := w.client().Party(ctx, JG)
	must(t, err)
	if p.Record.NameZH != "成都锦官软件有限公司" {
		t.Fatalf("%+v", p)
	}
	c := w.client()
	c.Key = admin
	people, err := c.Persons(ctx, "", 0, "")
	must(t, err)
	if len(people.Items) != 1 || people.Items[0].Key != admin.Public() {
		t.Fatalf("%+v", people)
	}
	if _, err := w.client().Persons(ctx, BA, 0, ""); !errors.Is(err, ledger.ErrDenied) {
		t.Fatalf("people are shown to the public: %v", err)
	}
}

// checkOf computes the check character of a platform number.
func checkOf(t *testing.T, number string) string {
	t.Helper()
	for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		if _, err := identifier.PlatformNumber(number[:len(number)-1] + string(c)); err == nil {
			return string(c)
		}
	}
	t.Fatalf("%s has no check character", number)
	return ""
}
