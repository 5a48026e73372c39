// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// PledgeArgs name the pledge that a method is about and nothing else.
type PledgeArgs struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
}

// RefuseArgs are the arguments of pledges.refuse. The codes are those of the register
// of the rights.
type RefuseArgs struct {
	PledgeNo string   `cbor:"1,keyasint" json:"pledge_no" schema:"format=platform_number"`
	Codes    []string `cbor:"2,keyasint,omitempty" json:"codes,omitempty" schema:"enum=R01_NOT_OWNER|R02_ENDED|R03_NOT_GRANTED|R04_FEE_UNPAID|R05_SUSPENDED_OR_FROZEN|R06_DEBT_OUTLIVES_RIGHT|R07_CONTRACT_DEFECT|R08_COOWNER_CONSENT|R09_ALREADY_PLEDGED|R10_TWIN_APPLICATION|R11_INVALIDATION_PENDING|R12_OTHER|T01_NAME_DIFFERS|T02_CONTRACT_UNLAWFUL|T03_ENDED|T04_FROZEN|T05_OTHER|C01_NOT_OWNER|C02_CONTRACT_UNLAWFUL|C03_EXPIRED|C04_DEBT_OUTLIVES_RIGHT|C05_DISPUTED|C06_OTHER,items=12,alias=grounds"`
	Reason   string   `cbor:"3,keyasint,omitempty" json:"reason,omitempty" schema:"max=256"`
}

// PledgeResult names the pledge a method was about, and its state after it.
type PledgeResult struct {
	PledgeNo      string   `cbor:"1,keyasint" json:"pledge_no"`
	State         State    `cbor:"2,keyasint" json:"state"`
	DueDate       string   `cbor:"3,keyasint,omitempty" json:"due_date,omitempty"` // of the review, or of the correction
	Codes         []string `cbor:"4,keyasint,omitempty" json:"codes,omitempty"`    // of a refusal, a correction or a revocation
	Version       uint64   `cbor:"5,keyasint,omitempty" json:"version,omitempty"`
	CertificateNo string   `cbor:"6,keyasint,omitempty" json:"certificate_no,omitempty"`
}

// accept takes an application into review. When it has to be decided depends on the
// registrar: in working days for patents, by whether the application came online (CNIPA
// Announcement 461), and for marks (Announcement 358), in days for copyright (Order 8).
func accept(v *contracts.View, args PledgeArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Submitted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	due, refusal := reviewDue(v, record, application.Method)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	application.DueDate, application.DueProvisional = due.Date.String(), due.Provisional
	application.AcceptedAt = v.Time()
	step(v, record, application, Accepted, "accept", "pledge.accepted")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Accepted, DueDate: application.DueDate}, nil
}

func reviewDue(v *contracts.View, record Record, method string) (contracts.Due, *contracts.Refusal) {
	switch space, _ := record.Rights[0].Type.Space(); {
	case record.Registrar == string(rights.NCA):
		return v.WorkingDay(v.Today().AddDays(int(v.Figure(contracts.CopyrightReviewDays))))
	case space == identifier.MarkSpace:
		return v.AddWorkingDays(v.Today(), v.Figure(contracts.MarkCertificateDays))
	case method == "PAPER":
		return v.AddWorkingDays(v.Today(), v.Figure(contracts.ReviewPaper))
	}
	return v.AddWorkingDays(v.Today(), v.Figure(contracts.ReviewOnline))
}

// correct asks the parties to mend an application. If they do not within the figure's
// days it is withdrawn by itself.
func correct(v *contracts.View, args RefuseArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Submitted, Accepted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	if len(args.Codes) == 0 && args.Reason == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "codes", Reason: contracts.ReasonMissing})
	}
	checkCodes(record, args.Codes, r)
	checkSteps(application, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}
	due := v.Today().AddDays(int(v.Figure(contracts.CorrectionDays)))
	record.LapsesAt = due.AddDays(1).Start()
	application.Codes, application.Reason = args.Codes, args.Reason
	application.DueDate, application.DueProvisional = due.String(), false
	for _, right := range record.Rights {
		of, _ := contracts.Load[rights.Record](v, right.key())
		of.Pending = slices.Clone(of.Pending)
		for i := range of.Pending {
			if of.Pending[i].SubmittedAt == appliedAt(right, record) {
				of.Pending[i].LapsesAt = record.LapsesAt
			}
		}
		contracts.Store(v, right.key(), of)
	}
	step(v, record, application, Correction, "correct", "pledge.correction")
	return PledgeResult{PledgeNo: record.PledgeNo, State: Correction, DueDate: application.DueDate, Codes: args.Codes}, nil
}

func refuse(v *contracts.View, args RefuseArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := forOffice(v, args.PledgeNo, Accepted)
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	if len(args.Codes) == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "codes", Reason: contracts.ReasonMissing})
	}
	checkCodes(record, args.Codes, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}
	application.Codes, application.Reason = args.Codes, args.Reason
	record.Ground = args.Codes[0]
	return closeApplication(v, record, application, Refused, "refuse", "pledge.refused"), nil
}

// checkCodes refuses codes that are repeated or on the list of none of the rights'
// registers.
func checkCodes(record Record, codes []string, r *contracts.Refusal) {
	for i, code := range codes {
		if slices.Contains(codes[:i], code) {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "codes", Reason: contracts.ReasonRepeated})
		}
		if !slices.ContainsFunc(record.Rights, func(right Right) bool { return right.lists(code) }) {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: "codes", Subject: code, Reason: contracts.ReasonOtherRegister})
		}
	}
}

// lists tells whether a code is on the list of grounds of the right's register. Layouts
// and varieties have no published list: theirs are decided by that of patents.
func (r Right) lists(code string) bool {
	list := "R"
	switch space, _ := r.Type.Space(); space {
	case identifier.MarkSpace:
		list = "T"
	case identifier.WorkSpace, identifier.SoftwareSpace:
		list = "C"
	}
	return strings.HasPrefix(code, list)
}

func withdraw(v *contracts.View, args PledgeArgs) (PledgeResult, *contracts.Refusal) {
	record, application, refusal := Load(v, args.PledgeNo, "pledge_no")
	if refusal.Refuses() {
		return PledgeResult{}, refusal
	}
	r := new(contracts.Refusal)
	checkState(v, record, nil, r, Submitted, Accepted)
	checkPledgees(v, record, application, r)
	checkSigned(v, application.Pledgors, record.PledgeNo, contracts.ESignature, r)
	if r.Refuses() {
		return PledgeResult{}, r
	}
	return closeApplication(v, record, application, Withdrawn, "withdraw", "pledge.withdrawn"), nil
}

// forOffice finds a pledge in one of the states from which the receiving office takes a
// step.
func forOffice(v *contracts.View, pledgeNo string, from ...State) (Record, Application, *contracts.Refusal) {
	record, application, refusal := Load(v, pledgeNo, "pledge_no")
	if refusal.Refuses() {
		return record, application, refusal
	}
	r := new(contracts.Refusal)
	if !contracts.ActsFor(v, application.Office, record.PledgeNo) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: record.PledgeNo, Reason: contracts.ReasonOtherOffice})
	}
	checkState(v, record, nil, r, from...)
	return record, application, r
}

// closeApplication ends an application and frees its reservation.
func closeApplication(v *contracts.View, record Record, application Application, state State, method, event string) PledgeResult {
	for _, right := range record.Rights {
		free(v, record, right)
	}
	record.EndedAt = v.Time()
	step(v, record, application, state, method, event)
	return PledgeResult{PledgeNo: record.PledgeNo, State: state, Codes: application.Codes}
}
