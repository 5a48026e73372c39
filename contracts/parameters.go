// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
)

// ParametersKey is the state key of the rules in force.
const ParametersKey = "consortium/parameters"

const day = 24 * 60 * 60 * 1000 // ms

// Parameters are the legal and consortium-wide numbers, one versioned record.
// Times are in the unit their name says.
type Parameters struct {
	Version          uint64 `cbor:"1,keyasint" json:"version"`
	Area             string `cbor:"2,keyasint" json:"area"`                        // GB/T 2260 code for numbers without an office
	MaxValidity      int64  `cbor:"3,keyasint" json:"tx_max_validity"`             // ms
	ReservationDays  int64  `cbor:"4,keyasint" json:"pledge_reservation_days"`     // calendar days of 24 h
	EvidenceMaxDays  int64  `cbor:"5,keyasint" json:"right_evidence_max_age_days"` // at confirmation and application
	StaleDays        int64  `cbor:"6,keyasint" json:"right_stale_days"`            // age at which a snapshot is stale
	ClaimExpiryDays  int64  `cbor:"7,keyasint" json:"claim_expiry_days"`           // an unanswered claim lapses
	AdminThreshold   int64  `cbor:"8,keyasint" json:"admin_threshold"`             // admins that sign administration
	ReviewOnline     int64  `cbor:"9,keyasint" json:"pat_review_online"`           // working days
	ReviewPaper      int64  `cbor:"10,keyasint" json:"pat_review_paper"`           // working days
	CorrectionDays   int64  `cbor:"11,keyasint" json:"correction_window"`          // calendar days of 24 h
	MaxPledgeRights  int64  `cbor:"12,keyasint" json:"pledge_max_rights"`          // rights in one application
	PatentMaxPledges int64  `cbor:"13,keyasint" json:"patent_max_pledges"`         // live pledges of one patent
	FeeGraceMonths   int64  `cbor:"14,keyasint" json:"pat_fee_grace_months"`       // after the annual fee's due date
}

// DefaultParameters are the rules a network starts with unless its genesis says
// otherwise.
func DefaultParameters(area string) Parameters {
	return Parameters{
		Version:          1,
		Area:             area,
		MaxValidity:      7 * day,
		ReservationDays:  14,
		EvidenceMaxDays:  7,
		StaleDays:        90,
		ClaimExpiryDays:  90,
		AdminThreshold:   1,
		ReviewOnline:     2,
		ReviewPaper:      5,
		CorrectionDays:   30,
		MaxPledgeRights:  200,
		PatentMaxPledges: 1,
		FeeGraceMonths:   6,
	}
}

// Days gives the length of n days in ms.
func Days(n int64) int64 { return n * day }

// check refuses rules under which the contracts could not work.
func (p Parameters) check() error {
	switch {
	case !IsArea(p.Area):
		return fmt.Errorf("parameter area %q is not an area code of GB/T 2260", p.Area)
	case p.MaxValidity <= 0 || p.MaxValidity > Days(366):
		return fmt.Errorf("parameter tx_max_validity is %d ms, must be above 0 and at most a year", p.MaxValidity)
	case p.AdminThreshold < 1 || p.AdminThreshold > ledger.MaxSigners-1:
		return fmt.Errorf("parameter admin_threshold is %d, must be 1 to %d", p.AdminThreshold, ledger.MaxSigners-1)
	case p.MaxPledgeRights < 1 || p.MaxPledgeRights > 200:
		return fmt.Errorf("parameter pledge_max_rights is %d, must be 1 to 200", p.MaxPledgeRights)
	case p.PatentMaxPledges < 1 || p.PatentMaxPledges > 16:
		return fmt.Errorf("parameter patent_max_pledges is %d, must be 1 to 16", p.PatentMaxPledges)
	}
	for _, n := range []int64{p.ReservationDays, p.EvidenceMaxDays, p.StaleDays, p.ClaimExpiryDays, p.ReviewOnline, p.ReviewPaper, p.CorrectionDays, p.FeeGraceMonths} {
		if n < 1 || n > 3660 {
			return fmt.Errorf("a parameter counted in days or months is %d, must be 1 to 3660", n)
		}
	}
	return nil
}
