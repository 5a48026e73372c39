// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// grounds are the registrar's own words for what is wrong with a right, by which a
// refusal names it: for patents CNIPA Announcement 461, article 11. A registrar that
// has no such ground has "".
type grounds struct {
	notOwner, ended, notGranted string
}

func groundsOf(s identifier.Space) grounds {
	if s == identifier.PatentSpace {
		return grounds{notOwner: contracts.R01, ended: contracts.R02, notGranted: contracts.R03}
	}
	return grounds{}
}
