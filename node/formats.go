// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/node/api"
)

// Formats are the versions of everything that a node keeps or exchanges.
func Formats() api.Formats {
	f := api.CurrentFormats()
	f.ConsensusDatabase = log.Format
	return f
}
