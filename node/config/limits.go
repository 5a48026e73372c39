// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import "github.com/ipledger/ipledger/node/api"

// Limits gives the limits of the HTTP API. The configuration must be complete.
func (c Config) Limits() api.Limits {
	return api.Limits{
		ReadRate:            *c.RateAddress,
		ReadBurst:           *c.RateAddressBurst,
		OrganisationRate:    *c.RateOrganisation,
		OrganisationBurst:   *c.RateOrganisationBurst,
		OrganisationWaiting: *c.WaitingOrganisation,
		Waiting:             *c.Waiting,
	}
}
