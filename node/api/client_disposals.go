// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/url"
)

// A DisposalFilter selects disposals; empty fields select all.
type DisposalFilter struct {
	Right    string
	PledgeNo string
	State    string
	Area     string
	Past
	Limit  int
	Cursor string
}

// Disposals gives one page of disposals.
func (c *Client) Disposals(ctx context.Context, f DisposalFilter) (DisposalPage, error) {
	return get[DisposalPage](ctx, c, "/v1/disposals", f.into(query("right", f.Right, "pledge_no", f.PledgeNo, "state", f.State,
		"area", f.Area, "limit", number(f.Limit), "cursor", f.Cursor)))
}

// DisposalAt gives one disposal as it was.
func (c *Client) DisposalAt(ctx context.Context, disposalNo string, at Past) (Disposal, error) {
	return get[Disposal](ctx, c, "/v1/disposals/"+url.PathEscape(disposalNo), at.into(url.Values{}))
}
