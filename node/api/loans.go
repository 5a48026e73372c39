// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/ledger"
)

func (s *server) describeLoans(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/loans/{loan_no}", "getLoan", "One loan, for its lender, its borrower and the regulator", levelParty), s.getLoan)
}

type loanInput struct {
	LoanNo string `path:"loan_no" maxLength:"64" example:"LON-510100-20260306-0000001-U"`
}

// getLoan answers everybody else as if the loan did not exist, the unsigned
// caller too.
func (s *server) getLoan(ctx context.Context, in *loanInput) (*answer[Loan], error) {
	var out Loan
	v, number, err := s.numbered(in.LoanNo, "loan_no", identifier.LoanRecord, PastInput{}, loans.RecordKey, &out.Record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out.Place = v.place()
	lender, err := v.current(out.Record.Lender, number)
	if err != nil {
		return nil, err
	}
	borrower, err := v.current(out.Record.Borrower, number)
	if err != nil {
		return nil, err
	}
	if !maySee(callerOf(ctx), lender, borrower) {
		return nil, notFound(number)
	}
	states := make([]pledges.State, len(out.Record.Pledges))
	for i, pledgeNo := range out.Record.Pledges {
		var pledge pledges.Record
		if _, err := v.load(pledges.RecordKey(pledgeNo), &pledge); err != nil {
			return nil, err
		}
		if states[i], err = v.pledgeState(pledge); err != nil {
			return nil, err
		}
	}
	out.Flags = loans.FlagsOf(out.Record, states)
	return answerOf(v, out), nil
}

// settledAt is when the last of the loans that name a pledge was settled; 0 if none names
// it, or one is not settled.
func (v *view) settledAt(pledgeNo string) (int64, error) {
	keys, err := v.keysOf(loans.PledgeTerm(pledgeNo), maxLooked)
	if err != nil {
		return 0, err
	}
	list := make([]loans.Record, len(keys))
	for i, key := range keys {
		if ok, err := v.load(key, &list[i]); err != nil {
			return 0, err
		} else if !ok {
			return 0, fmt.Errorf("%w: the index names %s, and there is no such loan", ledger.ErrCorrupt, key)
		}
	}
	return loans.SettledAt(list), nil
}

// current is who stands in a record in the place of a party.
func (v *view) current(party, record string) (string, error) {
	return contracts.CurrentIn(v.load, party, record)
}

// maySee tells whether a caller may see what belongs to the parties: people of
// theirs, and those who supervise them.
func maySee(c *caller, parties ...string) bool {
	switch {
	case c == nil:
		return false
	case c.party.Role == contracts.Regulator || c.party.Role == contracts.Auditor:
		return true
	}
	return slices.Contains(parties, c.party.PartyID)
}
