// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"time"

	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/edge"
)

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

// edge gives what the HTTP server listens on and bears. The configuration must be
// complete.
func (c Config) edge() edge.Config {
	out := edge.Config{
		Listen:                   c.APIListen,
		MaxConnections:           c.MaxConnections,
		MaxConnectionsPerAddress: c.MaxConnectionsPerAddress,
		MaxHeader:                api.ServerHeader,
		HeaderTimeout:            time.Duration(c.HeaderTimeout),
		RequestTimeout:           time.Duration(c.RequestTimeout),
		AnswerTimeout:            longestWait,
		IdleTimeout:              time.Duration(c.IdleTimeout),
		DrainTimeout:             time.Duration(*c.DrainTimeout),
		DrainDelay:               time.Duration(c.DrainDelay),
	}
	if c.TLSCertificate != "" {
		out.CertificateFile, out.KeyFile = c.path(c.TLSCertificate), c.path(c.TLSKey)
	}
	return out
}

// longestWait is how long a request may wait for its outcome by the API.
const longestWait = time.Minute
