// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// A Past says of which block an answer shall be true: of that height, or of the
// last one not after a time. The zero value is the newest.
type Past struct {
	AtHeight uint64
	AtTime   time.Time
}

func (p Past) into(q url.Values) url.Values {
	if p.AtHeight != 0 {
		q.Set("at_height", strconv.FormatUint(p.AtHeight, 10))
	}
	if !p.AtTime.IsZero() {
		q.Set("at_time", millis(p.AtTime))
	}
	return q
}

func millis(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// A RightFilter selects rights; empty fields select all.
type RightFilter struct {
	Number        string
	Owner         string
	State         string // status at the block's time
	BaseState     string
	Area          string
	ConfirmedFrom time.Time
	ConfirmedTo   time.Time // not with it
	Past
	Limit  int    // of one page, 0: the node's default
	Cursor string // NextCursor of the page before
}

// Rights gives one page of rights.
func (c *Client) Rights(ctx context.Context, f RightFilter) (RightPage, error) {
	return get[RightPage](ctx, c, "/v1/rights", f.into(query("number", f.Number, "owner", f.Owner, "state", f.State,
		"base_state", f.BaseState, "area", f.Area, "confirmed_from", millis(f.ConfirmedFrom), "confirmed_to", millis(f.ConfirmedTo),
		"limit", number(f.Limit), "cursor", f.Cursor)))
}

// Right gives one right by its id or TYPE:number.
func (c *Client) Right(ctx context.Context, ref string) (Right, error) {
	return c.RightAt(ctx, ref, Past{})
}

// RightAt gives one right as it was.
func (c *Client) RightAt(ctx context.Context, ref string, at Past) (Right, error) {
	return get[Right](ctx, c, "/v1/rights/"+url.PathEscape(ref), at.into(url.Values{}))
}

// RightHistory gives one page of the versions of a right's record, the newest
// first.
func (c *Client) RightHistory(ctx context.Context, ref string, limit int, cursor string) (RightHistory, error) {
	return get[RightHistory](ctx, c, "/v1/rights/"+url.PathEscape(ref)+"/history", query("limit", number(limit), "cursor", cursor))
}

// An EncumbranceOptions says for which block, and whether with a proof. The zero
// value asks for the newest block without a proof.
type EncumbranceOptions struct {
	AtHeight uint64
	AtTime   time.Time
	Proof    bool
}

// Encumbrance asks whether a right is burdened. rightType is a right code or
// PATENT, the number may have any spelling.
func (c *Client) Encumbrance(ctx context.Context, rightType, num string, o EncumbranceOptions) (Encumbrance, error) {
	q := Past{o.AtHeight, o.AtTime}.into(query("type", rightType, "number", num))
	if o.Proof {
		q.Set("proof", "true")
	}
	return get[Encumbrance](ctx, c, "/v1/encumbrance", q)
}

// RightDossier gives all that is known of a right as it was.
func (c *Client) RightDossier(ctx context.Context, ref string, at Past) (Dossier, error) {
	return get[Dossier](ctx, c, "/v1/rights/"+url.PathEscape(ref)+"/dossier", at.into(url.Values{}))
}
