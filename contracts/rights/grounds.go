// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// grounds are the registrar's own words for what is wrong with a right, by which a
// refusal names it: for patents CNIPA Announcement 461, article 11; for marks CNIPA
// Announcement 358; for copyright Order 8 of the National Copyright Administration. A
// registrar that has no such ground has "".
type grounds struct {
	notOwner, ended, notGranted string
}

func groundsOf(s identifier.Space) grounds {
	switch s {
	case identifier.PatentSpace:
		return grounds{notOwner: contracts.R01, ended: contracts.R02, notGranted: contracts.R03}
	case identifier.MarkSpace:
		return grounds{notOwner: contracts.T01, ended: contracts.T03}
	case identifier.WorkSpace, identifier.SoftwareSpace:
		return grounds{notOwner: contracts.C01, ended: contracts.C03}
	}
	return grounds{}
}
