// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/base64"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A cursor continues a walk over keys of the state, over entries of the index or
// over the versions of one record: at the same height, after the last one, with
// the same filter. It holds nothing secret and is checked as any input.
type cursor struct {
	Height uint64 `cbor:"1,keyasint"`
	After  string `cbor:"2,keyasint"`
	Filter string `cbor:"3,keyasint,omitempty"`
	Term   string `cbor:"4,keyasint,omitempty"` // of the entry of the index; After is its key
	Below  uint64 `cbor:"5,keyasint,omitempty"` // versions of After below this height come next
}

// Limits of a page.
const (
	defaultPage = 50
	maxPage     = 200
	maxLooked   = 5000   // records that one page looks at
	maxPassed   = 20_000 // entries of the index that are of other heights, and cost little
)

// A PageInput has the parameters of every list. The cursor of a page continues
// it at the same height.
type PageInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"Most items of a page."`
	Cursor string `query:"cursor" maxLength:"1024" doc:"The next_cursor of the page before; the other parameters stay the same."`
}

// items is how many items the page may have.
func (in PageInput) items() int {
	if in.Limit <= 0 {
		return defaultPage
	}
	return min(in.Limit, maxPage)
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

// isPlace refuses a cursor that does not stand at a key that the state of its
// height holds, as every cursor does that a page gave.
func (c cursor) isPlace(v *view) error {
	switch {
	case c.Term != "": // of a list that walks the index
		return invalid("cursor", ReasonCursor)
	case c.After == "":
		return nil
	}
	if _, ok, err := v.Get(c.After); err != nil || ok {
		return pruned(err)
	}
	return invalid("cursor", ReasonCursor)
}
