// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"log/slog"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/config"
)

// OpenOf is Open for a program that knows other execution versions.
func OpenOf(c config.Config, logger *slog.Logger, versions *contracts.Versions) (*Node, error) {
	return open(c, "test", logger, versions)
}

// Accuse has the node perform what its core asks for when it finds evidence.
func (n *Node) Accuse(e ledger.Evidence) { n.orderer.accuse(e) }

// Slip puts a transaction into the node's mempool as a dishonest member can: nobody has
// asked whether it may come in, and no other member is told of it. If the node leads it
// comes into a block.
func (n *Node) Slip(tx *ledger.Transaction) {
	n.intake.submitted <- submission{Submit: consensus.Submit{Transaction: tx}}
}
