// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A cursor continues a walk over keys of the state: at the same height, after
// the last key, with the same filter. It holds nothing secret and is checked as
// any input.
type cursor struct {
	Height uint64 `cbor:"1,keyasint"`
	After  string `cbor:"2,keyasint"`
	Filter string `cbor:"3,keyasint,omitempty"`
}

// Limits of a page.
const (
	defaultPage = 50
	maxPage     = 200
	maxLooked   = 5000 // records that one page looks at
)

// A PageInput has the parameters of every list. The cursor of a page continues
// it at the same height.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most items of a page."`
	Cursor string `query:"cursor" maxLength:"1024" doc:"The next_cursor of the page before; the other parameters stay the same."`
}

func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString(ledger.Encode(c))
}

func parseCursor(text, prefix, filter string) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || ledger.Decode(raw, 1024, &c) != nil || !strings.HasPrefix(c.After, prefix) || len(c.After) > contracts.MaxKey || c.Filter != filter {
		return cursor{}, invalid("cursor", ReasonCursor)
	}
	return c, nil
}

// isPlace tells whether a cursor stands at a key that the state of its height
// holds, as every cursor does that a page gave: a walk that begins at a made-up
// key could be made to cost much more.
func (c cursor) isPlace(v *view) error {
	if c.After == "" {
		return nil
	}
	if _, ok, err := v.Get(c.After); err != nil || ok {
		return pruned(err)
	}
	return invalid("cursor", ReasonCursor)
}

// page walks over the keys with a prefix and gives each to take, which tells
// whether it is an item. It gives the view it walked over, closed, and the cursor
// of the next page, "" on the last.
func (s *server) page(in PageInput, prefix, filter string, take func(v *view, key string, value []byte) (bool, error)) (*view, string, error) {
	limit := in.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	c := cursor{Filter: filter}
	var v *view
	var err error
	if in.Cursor == "" {
		v, err = s.newest()
	} else if c, err = parseCursor(in.Cursor, prefix, filter); err == nil {
		v, err = s.viewOf(c.Height)
	}
	if err != nil {
		return nil, "", err
	}
	defer v.close()
	if err := c.isPlace(v); err != nil {
		return nil, "", err
	}
	c.Height = v.header.Height
	items, looked, more := 0, 0, false
	var fault error
	err = v.walk(prefix, c.After, func(key string, value []byte) bool {
		if items == limit || looked == maxLooked {
			more = true
			return false
		}
		looked++
		c.After = key
		var ok bool
		if ok, fault = take(v, key, value); fault != nil {
			return false
		}
		if ok {
			items++
		}
		return true
	})
	if err == nil {
		err = fault
	}
	switch {
	case err != nil:
		return nil, "", pruned(err)
	case !more:
		return v, "", nil
	}
	return v, c.String(), nil
}
