// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/node/api"
)

// release ends the pledge: by its pledgee's consent and the registrar's cancellation,
// and not by either alone.
func (d *demo) release(ctx context.Context) error {
	var loan loans.Result
	if _, err := d.play(ctx, move{
		says: "RX has paid; BA settles " + d.loanNo, actor: "BA", method: "loans.settle",
		args: loans.LoanArgs{LoanNo: d.loanNo}, want: accepted(),
	}, &loan); err != nil {
		return err
	}
	if err := d.expect(loan.State == loans.Settled, "%s is %s", loan.LoanNo, loan.State); err != nil {
		return err
	}
	if _, err := d.cancel(ctx, "IPO cancels the pledge, to which BA has not agreed", refusedWith(contracts.EState, "", string(pledges.Effective))); err != nil {
		return err
	}
	var pledge pledges.PledgeResult
	if _, err := d.play(ctx, move{
		says: "BA agrees to the release, the debt being paid", actor: "BA", method: "pledges.consent_release",
		args: pledges.ConsentArgs{PledgeNo: d.pledgeNo, Ground: pledges.GroundDebtPaid}, want: accepted(),
	}, &pledge); err != nil {
		return err
	}
	if err := d.expect(pledge.State == pledges.ReleasePending, "%s is %s, a burden until it is cancelled", d.pledgeNo, pledge.State); err != nil {
		return err
	}
	early := d.application("BB", mainPatent().number)
	early.says, early.want = "BB applies before that", refusedWith(contracts.EPledged, contracts.R09, "")
	if _, err := d.play(ctx, early, nil); err != nil {
		return err
	}
	cancelled, err := d.cancel(ctx, "IPO relays the statutory cancellation", accepted())
	if err != nil {
		return err
	}
	d.freeAt = cancelled.height
	answer, proven, via, err := d.ask(ctx, d.freeAt, api.EncumbranceOptions{Proof: true})
	if err != nil {
		return err
	}
	return d.expect(answer.Status == rights.Free && proven.Status.Value == rights.Free,
		"BB asks at %s: %s is %s at height %d, and the proof, certified by %d nodes, says the same",
		via, mainPatent().number, answer.Status, answer.Height, len(proven.Block.Certified))
}

// cancel lets the IP office relay that the registrar has cancelled the first pledge now.
func (d *demo) cancel(ctx context.Context, says string, want decision) (played, error) {
	at, err := d.blockTime(ctx)
	if err != nil {
		return played{}, err
	}
	return d.play(ctx, move{
		says: says, actor: "IPO", method: "pledges.cancel",
		args: pledges.CancelArgs{PledgeNo: d.pledgeNo, CancellationRef: "ZX" + at.Format("2006") + "510000045", CancellationTime: at.UnixMilli()},
		want: want,
	}, nil)
}

// pledgeAgain pledges the patent to the second bank, which was refused before. What the
// IP office confirmed of it is fresh still.
func (d *demo) pledgeAgain(ctx context.Context) error {
	m := d.application("BB", mainPatent().number)
	m.says = "BB 嘉陵银行(重庆) applies again, and nothing stands in its way"
	var err error
	if d.again, err = d.applyAndAccept(ctx, m); err != nil {
		return err
	}
	got, err := d.register(ctx, d.again, "510000124")
	d.againAt = got.height
	return err
}

// ask asks the second bank's node about the main patent, once the node has a block, and
// verifies the proof that came with the answer.
func (d *demo) ask(ctx context.Context, height uint64, o api.EncumbranceOptions) (answer api.Encumbrance, proven proofAnswer, via string, err error) {
	if err := d.caughtUp(ctx, height); err != nil {
		return answer, proven, "", err
	}
	if via, err = d.atSomeNode(ctx, "BB", func(ctx context.Context, c *api.Client) error {
		var err error
		answer, err = c.Encumbrance(ctx, "PATENT", mainPatent().number, o)
		return err
	}); err != nil {
		return answer, proven, via, err
	}
	proven, err = verifyProof(d.network, answer.Proof, d.now(), 0)
	if err == nil && (!proven.Known || proven.Status == nil || proven.Block.Height != answer.Height) {
		err = fmt.Errorf("the answer is of height %d, and the proof is of %d: %+v", answer.Height, proven.Block.Height, proven.Status)
	}
	return answer, proven, via, err
}

// caughtUp waits until the second bank's node has a block: others may have it first.
func (d *demo) caughtUp(ctx context.Context, height uint64) error {
	return until(ctx, 30*time.Second, func(ctx context.Context) (bool, error) {
		n := d.Nodes[d.nodeOf("BB")]
		status, err := statusOf(ctx, n)
		if err == nil && status.Height < height {
			err = fmt.Errorf("%s is at height %d, want %d", n.Name, status.Height, height)
		}
		return err == nil, err
	})
}
