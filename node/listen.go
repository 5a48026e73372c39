// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/edge"
	"github.com/ipledger/ipledger/p2p"
)

// listen binds the HTTP listener and the p2p host.
func (n *Node) listen() error {
	var err error
	if n.edge, err = edge.Open(edgeConfig(n.config), n.logger); err != nil {
		return err
	}
	if n.profiler, err = edge.OpenProfiler(n.config.ProfileListen); err != nil {
		return err
	}
	n.host, err = p2p.New(p2p.Config{
		Seed:    n.identity.Network,
		Self:    p2p.MemberID(n.config.Name),
		Members: n.identity.Members(n.config),
		Listen:  n.config.P2PListen,
		Network: n.identity.Trust.Chain.String(),
		Logger:  n.logger,
	})
	if errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EACCES) {
		err = fmt.Errorf("%w: p2p: %w", edge.ErrListen, err)
	}
	return err
}

// edgeConfig gives what the HTTP server listens on and bears. The configuration
// must be complete.
func edgeConfig(c config.Config) edge.Config {
	out := edge.Config{
		Listen:                   c.APIListen,
		MaxConnections:           c.MaxConnections,
		MaxConnectionsPerAddress: c.MaxConnectionsPerAddress,
		MaxHeader:                api.ServerHeader,
		HeaderTimeout:            time.Duration(c.HeaderTimeout),
		RequestTimeout:           time.Duration(c.RequestTimeout),
		AnswerTimeout:            api.MaxWait,
		IdleTimeout:              time.Duration(c.IdleTimeout),
		DrainTimeout:             time.Duration(*c.DrainTimeout),
		DrainDelay:               time.Duration(c.DrainDelay),
	}
	if c.TLSCertificate != "" {
		out.CertificateFile, out.KeyFile = c.Path(c.TLSCertificate), c.Path(c.TLSKey)
	}
	return out
}
