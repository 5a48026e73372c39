// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

func (s *server) describeHistory(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/rights/{ref}/history", "getRightHistory", "All versions of a right's public record, the newest first", levelPublic), s.getRightHistory)
	register(s, a, operation(http.MethodGet, "/v1/pledges/{pledge_no}/history", "getPledgeHistory", "All versions of a pledge's public record, the newest first", levelPublic), s.getPledgeHistory)
}

type rightHistoryInput struct {
	Ref string `path:"ref" maxLength:"160" doc:"A right id, or TYPE:number with TYPE a right code or PATENT."`
	PageInput
}

func (s *server) getRightHistory(ctx context.Context, in *rightHistoryInput) (*answer[RightHistory], error) {
	page := RightHistory{Items: []RightVersion{}}
	h := history{member: isMember(ctx, in)}
	h.find = func(v *view) (string, error) { return v.rightKey(in.Ref, "ref") }
	h.take = func(v *view, by made) error {
		record, status, err := v.right(h.key)
		if err != nil {
			return err
		}
		version := RightVersion{Place: v.place(), Record: record, Status: rights.Unknown, Transactions: by.transactions, Events: by.events, UnderReview: by.doubted}
		if status != nil {
			version.Status = status.Value
		}
		page.Items = append(page.Items, version)
		return nil
	}
	// A right's record names its claims and pledges. Of an application it tells the
	// time alone, but the application names the right.
	h.names = func(v *view, before, after []byte, subject string) (bool, error) {
		if bytes.Contains(before, []byte(subject)) || bytes.Contains(after, []byte(subject)) {
			return true, nil
		}
		if !strings.HasPrefix(subject, string(identifier.PledgeRecord)+"-") {
			return false, nil
		}
		var application pledges.Record
		_, err := v.load(pledges.RecordKey(subject), &application)
		return slices.ContainsFunc(application.Rights, func(r pledges.Right) bool { return keyOfPledged(r) == h.key }), err
	}
	v, next, err := s.versions(in.PageInput, &h)
	if err != nil {
		return nil, err
	}
	page.Place, page.Key, page.NextCursor = v.place(), strings.TrimPrefix(h.key, rightsPrefix), next
	return answerOf(v, page), nil
}

type pledgeHistoryInput struct {
	PledgeNo string `path:"pledge_no" maxLength:"64" example:"PLG-510100-20260312-0000001-1"`
	PageInput
}

func (s *server) getPledgeHistory(ctx context.Context, in *pledgeHistoryInput) (*answer[PledgeHistory], error) {
	number, err := platformNumber(in.PledgeNo, "pledge_no", identifier.PledgeRecord)
	if err != nil {
		return nil, err
	}
	page := PledgeHistory{Items: []PledgeVersion{}}
	h := history{member: isMember(ctx, in)}
	h.find = func(*view) (string, error) { return pledges.RecordKey(number), nil }
	h.take = func(v *view, by made) error {
		version := PledgeVersion{Place: v.place(), Transactions: by.transactions, Events: by.events, UnderReview: by.doubted}
		var record pledges.Record
		ok, err := v.load(h.key, &record)
		if err == nil && ok {
			version.Record = &record
			version.State, err = v.pledgeState(record)
		}
		page.Items = append(page.Items, version)
		return err
	}
	h.names = func(_ *view, _, _ []byte, subject string) (bool, error) { return subject == number, nil }
	v, next, err := s.versions(in.PageInput, &h)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// A history says what pages of the versions of one record show.
type history struct {
	member bool // who asks may see transactions
	key    string

	find func(v *view) (key string, err error)

	// take makes an item of the version that the view's block wrote.
	take func(v *view, by made) error

	// names tells whether a record is about the subject of an event of the view's
	// block; before and after are its values below the block and at it.
	names func(v *view, before, after []byte, subject string) (bool, error)
}

// made is what wrote a version: transactions, and what their events about the record are
// called.
type made struct {
	transactions []ledger.Hash
	events       []string
	doubted      bool // one of the transactions is under review now
}

// versions makes one page of the versions of a record, the newest first. It gives
// the newest view, closed, and the cursor of the next page, "" on the last. None
// is ever missing: the values of all heights are kept.
func (s *server) versions(in PageInput, h *history) (*view, string, error) {
	v, c, err := s.beginVersions(in, h)
	if err != nil {
		return nil, "", err
	}
	defer v.close()
	from := v.header.Height
	if in.Cursor != "" {
		from = c.Below - 1
	}
	var heights []uint64
	limit := in.items()
	if err := v.Written(h.key, from, func(height uint64) bool {
		heights = append(heights, height)
		return len(heights) <= limit
	}); err != nil {
		return nil, "", pruned(err)
	}
	if len(heights) == 0 {
		_, subject, _ := strings.Cut(h.key, "/")
		return nil, "", notFound(subject)
	}
	looked := 0
	for i, height := range heights {
		if i == limit || looked > maxLooked {
			c.Below = heights[i-1]
			return v, c.String(), nil
		}
		n, err := s.takeVersion(h, height, v)
		if err != nil {
			return nil, "", err
		}
		looked += n
	}
	return v, "", nil
}

func (s *server) beginVersions(in PageInput, h *history) (v *view, c cursor, err error) {
	if in.Cursor == "" {
		v, err = s.newest()
	} else if c, err = parseCursor(in.Cursor, "", versionsFilter); err == nil {
		v, err = s.viewOf(c.Height)
	}
	if err != nil {
		return nil, c, err
	}
	if h.key, err = h.find(v); err == nil && in.Cursor != "" && (c.After != h.key || c.Below == 0 || c.Below > c.Height) {
		err = invalid("cursor", ReasonCursor)
	}
	if err != nil {
		v.close()
		return nil, c, err
	}
	return v, cursor{Height: v.header.Height, After: h.key, Filter: versionsFilter, Below: c.Below}, nil
}

// versionsFilter keeps the cursor of a list from being taken for one of versions.
const versionsFilter = "versions"

// takeVersion shows the version that the block of height wrote, with what is doubted of
// it in the answer's view, and says how many outcomes of it were looked at for that.
func (s *server) takeVersion(h *history, height uint64, now *view) (looked int, err error) {
	v, err := s.viewOf(height)
	if err != nil {
		return 0, err
	}
	defer v.close()
	var by made
	if h.member && height > 0 {
		if by, looked, err = s.transactionsAbout(v, h); err != nil {
			return looked, err
		}
	}
	if by.doubted, err = now.underReview(by.transactions...); err != nil {
		return looked, err
	}
	return looked, h.take(v, by)
}

// transactionsAbout lists the transactions of a block whose events are about a
// record. Who has the id of a transaction may read it, so that they are told to
// members alone, who may read the block.
func (s *server) transactionsAbout(v *view, h *history) (by made, looked int, err error) {
	after, _, err := v.Get(h.key)
	if err != nil {
		return made{}, 0, err
	}
	below, err := s.viewOf(v.header.Height - 1)
	if err != nil {
		return made{}, 0, err
	}
	defer below.close()
	before, _, err := below.Get(h.key)
	if err != nil {
		return made{}, 0, err
	}
	outcomes, err := s.Store.Outcomes(v.header.Height)
	if err != nil {
		return made{}, 0, err
	}
	for _, raw := range outcomes {
		o, err := decodeOutcome(raw)
		if err != nil {
			return made{}, 0, err
		}
		found := false
		for _, e := range o.Events {
			if e.Subject == "" {
				continue
			}
			about, err := h.names(v, before, after, e.Subject)
			if err != nil {
				return made{}, 0, err
			}
			if about {
				found = true
				by.events = append(by.events, e.Kind)
			}
		}
		if found {
			by.transactions = append(by.transactions, o.Transaction)
		}
	}
	return by, len(outcomes), nil
}
