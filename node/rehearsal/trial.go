// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger/keys"
)

// tryAll goes through a story without a ledger, for the faults that arguments and
// names have by themselves.
func (s *Story) tryAll() error {
	n := names{cast: s.cast, saved: make(map[string]any)}
	var kept []map[string]string // by the steps of a block, for those after it
	for _, part := range s.Parts {
		if part.Step == nil || !part.Step.Joins {
			for _, save := range kept {
				for name := range save {
					n.saved[name] = later{}
				}
			}
			kept = nil
		}
		var err error
		if part.Step != nil {
			err = tryStep(part, n)
			kept = append(kept, part.Step.Save)
		} else {
			err = tryCheck(*part.Check, n)
		}
		if err != nil {
			return s.fault(part, err)
		}
	}
	return nil
}

func tryStep(part Part, n names) error {
	step := part.Step
	a := &arguments{names: n, at: part.At, keys: make(map[keys.PublicKey]bool)}
	if _, err := a.of(step.Method, step.Args); err != nil && !refusalOf(err).Refuses() {
		return fmt.Errorf("args: %w", err)
	}
	if step.Sealed != nil {
		if _, err := a.sealed(step.Sealed, ""); err != nil {
			return err
		}
	}
	return nil
}

func tryCheck(check Check, n names) error {
	if _, err := address(check.Query, n); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	if _, err := n.fill(plain(check.Want)); err != nil {
		return fmt.Errorf("want: %w", err)
	}
	return nil
}
