// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
)

// limitsOf gives the limits of the HTTP API, as a complete configuration sets them.
func limitsOf(c config.Config) api.Limits {
	return api.Limits{
		ReadRate:            *c.RateAddress,
		ReadBurst:           *c.RateAddressBurst,
		OrganisationRate:    *c.RateOrganisation,
		OrganisationBurst:   *c.RateOrganisationBurst,
		OrganisationWaiting: *c.WaitingOrganisation,
		Waiting:             *c.Waiting,
	}
}
