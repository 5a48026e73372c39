// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"strconv"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// UpgradeArgs are the arguments of consortium.upgrade.
type UpgradeArgs struct {
	Version uint64 `cbor:"1,keyasint" json:"version"` // of execution
	Height  uint64 `cbor:"2,keyasint" json:"height"`  // of the first block that it judges
}

// UpgradeResult repeats what was decided.
type UpgradeResult struct {
	Version uint64 `cbor:"1,keyasint" json:"version"`
	Height  uint64 `cbor:"2,keyasint" json:"height"`
}

// maxLead is how many blocks ahead a height may lie: two years of a block a second. A
// height mistyped by more would leave no room for the versions after it.
const maxLead = 1 << 26

// upgrade decides the height of the next version: of the one after the newest that was
// decided, or another height of that one while it is as far away as a new one must be.
// So an upgrade that people are not ready for is put off by another vote.
func upgrade(v *contracts.View, args UpgradeArgs) (UpgradeResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	e, err := contracts.ReadExecution(v.Reader())
	if err != nil {
		v.Fail(err)
		return UpgradeResult{}, nil
	}
	soonest := v.Height() + contracts.UpgradeLead
	last := e.Upgrades[len(e.Upgrades)-1]
	decided := e.Upgrades
	if last.Height >= soonest && args.Version == last.Version {
		decided, last = decided[:len(decided)-1], decided[len(decided)-2]
	}
	if args.Version != last.Version+1 {
		r.Add(ledger.Failure{Code: contracts.EParam, Field: "version", Subject: strconv.FormatUint(last.Version+1, 10), Reason: contracts.ReasonNotNext})
	}
	if first := max(soonest, last.Height+1); args.Height < first {
		r.Add(ledger.Failure{Code: contracts.EParam, Field: "height", Subject: strconv.FormatUint(first, 10), Reason: contracts.ReasonLead})
	} else if farthest := v.Height() + maxLead; args.Height > farthest {
		r.Add(ledger.Failure{Code: contracts.EParam, Field: "height", Subject: strconv.FormatUint(farthest, 10), Reason: contracts.ReasonFar})
	}
	if r.Refuses() {
		return UpgradeResult{}, r
	}
	decided = append(decided[:len(decided):len(decided)], contracts.Upgrade{Version: args.Version, Height: args.Height})
	contracts.Store(v, contracts.ExecutionKey, contracts.Execution{Upgrades: decided})
	v.Emit("upgrade.decided", strconv.FormatUint(args.Version, 10))
	return UpgradeResult(args), nil
}
