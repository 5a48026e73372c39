// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// Grounds of the registrars of patents (CNIPA Announcement 461, article 11), of marks
// (Announcement 358) and of copyright (National Copyright Administration, Order 8): by the
// ground that the registrar of patents has for the same, or by the flag of the right that
// stands in the way, where he has one ground for several.
var (
	patentGrounds = map[string]string{
		FlagFrozen: contracts.R05, FlagSuspended: contracts.R05, FlagDisputed: contracts.R05, FlagInGrace: contracts.R04,
	}
	markGrounds = map[string]string{
		contracts.R01: contracts.T01, contracts.R02: contracts.T03, contracts.R07: contracts.T02,
		FlagFrozen: contracts.T04, FlagInGrace: contracts.T03, // its term is over and it was not renewed
	}
	copyrightGrounds = map[string]string{
		contracts.R01: contracts.C01, contracts.R02: contracts.C03, contracts.R06: contracts.C04, contracts.R07: contracts.C02,
		FlagSuspended: contracts.C05, FlagDisputed: contracts.C05,
	}
)

// GroundOf gives the registrar's own ground for what the registrar of patents calls by
// a ground of his, or for a flag; "" stays "", and a registrar without a published list
// has none. What a registrar does not name apart is among his others.
func GroundOf(s identifier.Space, what string) string {
	var own map[string]string
	other := ""
	switch s {
	case identifier.PatentSpace:
		own, other = patentGrounds, what
	case identifier.MarkSpace:
		own, other = markGrounds, contracts.T05
	case identifier.WorkSpace, identifier.SoftwareSpace:
		own, other = copyrightGrounds, contracts.C06
	}
	switch ground, ok := own[what]; {
	case what == "":
		return ""
	case ok:
		return ground
	}
	return other
}
