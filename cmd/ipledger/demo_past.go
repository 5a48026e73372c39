// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/node/api"
)

// askOfThePast asks whether the main patent is burdened as of three times. Each answer
// comes with a proof, which is kept in a file.
func (d *demo) askOfThePast(ctx context.Context) error {
	for _, q := range []struct {
		when, file string
		past       api.EncumbranceOptions
		want       rights.StatusValue
		by         string // the pledge
	}{
		{"now", repledgedFile, api.EncumbranceOptions{}, rights.Pledged, d.again},
		{"as of the time at which BA's pledge was registered", pledgedFile, api.EncumbranceOptions{AtTime: time.UnixMilli(d.pledgedAt)}, rights.Pledged, d.pledgeNo},
		{"as of the height of its cancellation", releasedFile, api.EncumbranceOptions{AtHeight: d.freeAt}, rights.Free, ""},
	} {
		q.past.Proof = true
		answer, proven, _, err := d.ask(ctx, d.againAt, q.past)
		if err != nil {
			return err
		}
		path, err := d.file("out", q.file)
		if err != nil {
			return err
		}
		if err := writeNew(path, answer.Proof); err != nil {
			return err
		}
		by, says := "", string(answer.Status)
		if live := proven.Status.Pledges; len(live) == 1 {
			by = live[0].PledgeNo
			says += " by " + by
		}
		if err := d.expect(answer.Status == q.want && proven.Status.Value == q.want && by == q.by, "%s: %s", q.when, says); err != nil {
			return err
		}
		d.note("true of height %d, %s; the proof verifies: out/%s, %d bytes", answer.Height, answer.BlockTime, q.file, len(answer.Proof))
	}
	return nil
}

// tellHistory lists the versions of the patent's record and of both pledges', the oldest
// first.
func (d *demo) tellHistory(ctx context.Context) error {
	var right api.RightHistory
	if _, err := d.atSomeNode(ctx, "BB", func(ctx context.Context, c *api.Client) (err error) {
		right, err = c.RightHistory(ctx, "PATENT:"+mainPatent().number, 0, "")
		return err
	}); err != nil {
		return err
	}
	t := newTable(mainPatent().number, "BLOCK TIME", "STATUS", "PLEDGE", "ITS STATE", "APPLICATIONS")
	var statuses []rights.StatusValue
	for _, v := range slices.Backward(right.Items) {
		statuses = append(statuses, v.Status)
		pledge, state := "", ""
		for _, e := range v.Record.Pledges {
			pledge, state = e.PledgeNo, e.State
		}
		t.add("height "+strconv.FormatUint(v.Height, 10), clockTime(v.BlockTimeMS), string(v.Status), pledge, state, strconv.Itoa(len(v.Record.Pending)))
	}
	if err := d.show(t); err != nil {
		return err
	}
	want := []rights.StatusValue{rights.Unconfirmed, rights.Free, rights.Free, rights.Pledged, rights.Pledged, rights.Free, rights.Free, rights.Pledged}
	if err := d.expect(slices.Equal(statuses, want), "%d versions of the patent's record: pledged, free, pledged again", len(statuses)); err != nil {
		return err
	}
	begun := []pledges.State{pledges.Submitted, pledges.Accepted, pledges.Effective}
	if err := d.tellPledge(ctx, d.pledgeNo, append(begun, pledges.ReleasePending, pledges.Released)); err != nil {
		return err
	}
	return d.tellPledge(ctx, d.again, begun)
}

// tellPledge lists the versions of a pledge's record, the oldest first.
func (d *demo) tellPledge(ctx context.Context, pledgeNo string, want []pledges.State) error {
	var history api.PledgeHistory
	if _, err := d.atSomeNode(ctx, "BB", func(ctx context.Context, c *api.Client) (err error) {
		history, err = c.PledgeHistory(ctx, pledgeNo, 0, "")
		return err
	}); err != nil {
		return err
	}
	t := newTable(pledgeNo, "BLOCK TIME", "STATE", "STATUTORY NO", "CANCELLATION")
	var states []pledges.State
	for _, v := range slices.Backward(history.Items) {
		states = append(states, v.State)
		t.add("height "+strconv.FormatUint(v.Height, 10), clockTime(v.BlockTimeMS), string(v.State), v.Record.StatutoryNo, v.Record.CancellationRef)
	}
	if err := d.show(t); err != nil {
		return err
	}
	return d.expect(slices.Equal(states, want), "%d versions of the pledge's record, up to %s", len(states), want[len(want)-1])
}
