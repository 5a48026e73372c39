// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// SetParametersArgs are the arguments of consortium.set_parameters.
type SetParametersArgs struct {
	Changes []NewValue `cbor:"1,keyasint" json:"changes"`
	Source  string     `cbor:"2,keyasint" json:"source"` // the law or the decision that it follows from
}

// A NewValue is what a figure shall be.
type NewValue struct {
	Key   string `cbor:"1,keyasint" json:"key" schema:"max=64"`
	Value int64  `cbor:"2,keyasint" json:"value"` // in the figure's unit
}

// SetParametersResult names the new version of the parameters.
type SetParametersResult struct {
	Version uint64 `cbor:"1,keyasint" json:"version"`
}

func setParameters(v *contracts.View, args SetParametersArgs) (SetParametersResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	if len(args.Changes) == 0 {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "changes", Reason: contracts.ReasonEmpty})
	}
	if args.Source == "" {
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "source", Reason: contracts.ReasonEmpty})
	}
	before := v.Parameters()
	after := before
	by := v.Mandate()
	a := contracts.Amendment{Version: before.Version + 1, Height: v.Height(), Time: v.Time(), Proposal: &by, Source: args.Source}
	for i, c := range args.Changes {
		field := fmt.Sprintf("changes[%d]", i)
		if slices.ContainsFunc(args.Changes[:i], func(other NewValue) bool { return other.Key == c.Key }) {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field + ".key", Subject: c.Key, Reason: contracts.ReasonRepeated})
			continue
		}
		figure, ok := contracts.FigureOf(c.Key, v.ExecutionVersion())
		if !ok {
			r.Add(ledger.Failure{Code: contracts.EParam, Field: field + ".key", Subject: c.Key, Reason: contracts.ReasonUnknown})
			continue
		}
		next, err := after.With(figure, c.Value)
		if err != nil {
			r.Add(ledger.Failure{Code: contracts.EParam, Field: field + ".value", Subject: c.Key, Reason: contracts.ReasonValue})
			continue
		}
		after = next
		a.Changes = append(a.Changes, contracts.ParameterChange{Key: c.Key, Before: before.Of(figure), Value: c.Value})
	}
	for _, pair := range after.Contradictions() {
		subject := pair[0].Definition().Key
		if after.Of(pair[0]) == before.Of(pair[0]) {
			subject = pair[1].Definition().Key
		}
		r.Add(ledger.Failure{Code: contracts.EParam, Field: "changes", Subject: subject, Reason: contracts.ReasonContradiction})
	}
	if r.Refuses() {
		return SetParametersResult{}, r
	}
	after.Version = a.Version
	contracts.Store(v, contracts.ParametersKey, after)
	contracts.Store(v, contracts.AmendmentKey(a.Version), a)
	v.Emit("parameters.changed", fmt.Sprint(a.Version))
	return SetParametersResult{Version: a.Version}, nil
}
