// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import "github.com/ipledger/ipledger/ledger"

// Accuse has the node perform what its core asks for when it finds evidence.
func (n *Node) Accuse(e ledger.Evidence) { n.orderer.accuse(e) }
