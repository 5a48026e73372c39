// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// steps submits transactions so that their block has the time of the steps, or comes
// next after one that has it.
func (p *player) steps(ctx context.Context, all []Played) error {
	if err := p.stage.advance(ctx, all[0].Part.At.Add(-time.Millisecond)); err != nil {
		return err
	}
	txs := make([]*ledger.Transaction, len(all)) // nil: refused before it came into a block
	submit := func() (taken int, err error) {
		for i := range all {
			if txs[i], err = p.submit(ctx, &all[i]); err != nil {
				return taken, err
			}
			if txs[i] != nil {
				taken++
			}
		}
		return taken, nil
	}
	var err error
	if len(all) == 1 {
		_, err = submit()
	} else {
		err = p.stage.gather(ctx, submit)
	}
	if err != nil {
		return err
	}
	height := uint64(0)
	for i := range all {
		if txs[i] == nil {
			continue
		}
		if err := p.outcome(ctx, txs[i], all[i].Part.Step.Method, &all[i]); err != nil {
			return err
		}
		if height != 0 && all[i].Height != height {
			return fmt.Errorf("%s is in block %d, and those it shares a block with in %d", all[i].Part.Name(), all[i].Height, height)
		}
		height = all[i].Height
	}
	asOrdered(all)
	for i := range all {
		played, step := &all[i], *all[i].Part.Step
		played.told = tell(p.names, step.Args)
		played.compare(step.Expect)
		if err := p.save(step, played); err != nil {
			return err
		}
	}
	return nil
}

// asOrdered puts the steps of a block in the order in which it has them, which is the
// ledger's to make and known to nobody before: what the first in the file expects and
// saves is of whoever came first. Those that came into no block stand last.
func asOrdered(all []Played) {
	told := make([]Step, len(all))
	for i := range all {
		told[i] = *all[i].Part.Step
	}
	slices.SortStableFunc(all, func(a, b Played) int {
		switch {
		case a.Certified() && b.Certified():
			return cmp.Compare(a.index, b.index)
		case a.Certified():
			return -1
		case b.Certified():
			return 1
		}
		return 0
	})
	for i := range all {
		step := *all[i].Part.Step
		step.Expect, step.Save = told[i].Expect, told[i].Save
		all[i].Part.Step = &step
	}
}

// submit submits the transaction of a step; it is nil if that was refused at once.
func (p *player) submit(ctx context.Context, played *Played) (*ledger.Transaction, error) {
	tx, err := p.transaction(*played.Part.Step, played.Part)
	if err == nil {
		err = p.stage.submit(ctx, tx)
	}
	failures, refused := failuresOf(err)
	switch {
	case refused:
		played.refuse(failures)
		return nil, nil
	case err != nil:
		return nil, err
	}
	return tx, nil
}

// outcome reads what became of a transaction from its receipt.
func (p *player) outcome(ctx context.Context, tx *ledger.Transaction, m contracts.Method, played *Played) error {
	file, receipt, err := p.stage.receipt(ctx, tx.ID())
	if err != nil {
		return err
	}
	played.Transaction, played.Receipt = tx.ID(), file
	played.Height, played.index, played.Time = receipt.Header.Height, receipt.Outcome.Index, time.UnixMilli(receipt.Header.Time)
	if receipt.Outcome.Status == ledger.Rejected {
		played.refuse(receipt.Outcome.Details)
		played.Code, played.Ground = receipt.Outcome.Code, receipt.Outcome.Ground
		return nil
	}
	if played.Result, err = m.ResultJSON(receipt.Outcome.Result); err != nil {
		return fmt.Errorf("the result of %v: %w", tx.ID(), err)
	}
	return nil
}
