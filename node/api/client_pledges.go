// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/url"
	"time"
)

// A PledgeFilter selects pledges; empty fields select all.
type PledgeFilter struct {
	PledgeNo       string
	Right          string
	State          string // at the block's time
	Pledgee        string
	Pledgor        string
	Area           string
	StatutoryNo    string
	Registrar      string
	PoolNo         string
	SubmittedFrom  time.Time
	SubmittedTo    time.Time // not with it
	RegisteredFrom time.Time // block times
	RegisteredTo   time.Time
	StatutoryFrom  time.Time // of the statutory registration
	StatutoryTo    time.Time
	Past
	Limit  int
	Cursor string
}

// Pledges gives one page of pledges.
func (c *Client) Pledges(ctx context.Context, f PledgeFilter) (PledgePage, error) {
	return get[PledgePage](ctx, c, "/v1/pledges", f.into(query(
		"pledge_no", f.PledgeNo, "right", f.Right, "state", f.State, "pledgee", f.Pledgee, "pledgor", f.Pledgor, "area", f.Area,
		"statutory_no", f.StatutoryNo, "registrar", f.Registrar, "pool_no", f.PoolNo,
		"submitted_from", millis(f.SubmittedFrom), "submitted_to", millis(f.SubmittedTo),
		"registered_from", millis(f.RegisteredFrom), "registered_to", millis(f.RegisteredTo),
		"statutory_from", millis(f.StatutoryFrom), "statutory_to", millis(f.StatutoryTo),
		"limit", number(f.Limit), "cursor", f.Cursor)))
}

// Pledge gives one pledge.
func (c *Client) Pledge(ctx context.Context, pledgeNo string) (Pledge, error) {
	return c.PledgeAt(ctx, pledgeNo, Past{})
}

// PledgeAt gives one pledge as it was.
func (c *Client) PledgeAt(ctx context.Context, pledgeNo string, at Past) (Pledge, error) {
	return get[Pledge](ctx, c, "/v1/pledges/"+url.PathEscape(pledgeNo), at.into(url.Values{}))
}

// PledgeHistory gives one page of the versions of a pledge's record, the newest
// first.
func (c *Client) PledgeHistory(ctx context.Context, pledgeNo string, limit int, cursor string) (PledgeHistory, error) {
	return get[PledgeHistory](ctx, c, "/v1/pledges/"+url.PathEscape(pledgeNo)+"/history", query("limit", number(limit), "cursor", cursor))
}

// Certificate gives one certificate of a pledge, and whether it held at a time.
func (c *Client) Certificate(ctx context.Context, certificateNo string, at Past) (PledgeCertificate, error) {
	return get[PledgeCertificate](ctx, c, "/v1/certificates/"+url.PathEscape(certificateNo), at.into(url.Values{}))
}

// Portfolio gives one page of the live pledges to an organisation.
func (c *Client) Portfolio(ctx context.Context, partyID string, at Past, limit int, cursor string) (Portfolio, error) {
	return get[Portfolio](ctx, c, "/v1/parties/"+url.PathEscape(partyID)+"/portfolio", at.into(query("limit", number(limit), "cursor", cursor)))
}
