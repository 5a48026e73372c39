// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// Grounds of the registrars of marks (CNIPA Announcement 358) and of copyright
// (National Copyright Administration, Order 8), by the ground that the registrar of
// patents has for the same (CNIPA Announcement 461, article 11).
var (
	markGrounds = map[string]string{
		contracts.R01: contracts.T01, contracts.R02: contracts.T03, contracts.R05: contracts.T04, contracts.R07: contracts.T02,
	}
	copyrightGrounds = map[string]string{
		contracts.R01: contracts.C01, contracts.R02: contracts.C03, contracts.R05: contracts.C05, contracts.R06: contracts.C04,
		contracts.R07: contracts.C02,
	}
)

// GroundOf gives the registrar's own ground for what the registrar of patents calls by
// a ground of his; "" stays "", and a registrar without a published list has none. What
// a registrar does not name apart is among his others.
func GroundOf(s identifier.Space, ofPatents string) string {
	var own map[string]string
	other := ""
	switch s {
	case identifier.PatentSpace:
		return ofPatents
	case identifier.MarkSpace:
		own, other = markGrounds, contracts.T05
	case identifier.WorkSpace, identifier.SoftwareSpace:
		own, other = copyrightGrounds, contracts.C06
	}
	switch ground, ok := own[ofPatents]; {
	case ofPatents == "":
		return ""
	case ok:
		return ground
	}
	return other
}
