// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// A view is the state of one FINAL block: all of one answer is read from it. It
// is a contracts.Reader with one user, who closes it.
type view struct {
	*store.View
	header ledger.Header
	hash   ledger.Hash
}

// newest is the state of the newest FINAL block.
func (s *server) newest() (*view, error) { return s.viewOf(s.Node.Head().Header.Height) }

// viewOf is the state of a FINAL block by its height.
func (s *server) viewOf(height uint64) (*view, error) {
	head := s.Node.Head()
	if height > head.Header.Height {
		return nil, notYet("at_height")
	}
	header, hash := head.Header, head.Hash
	if height < header.Height {
		var err error
		if header, err = s.Store.Header(height); err != nil {
			return nil, pruned(fmt.Errorf("read header %d: %w", height, err))
		}
		hash = s.Trust.HeaderHash(header)
	}
	state, err := s.Store.State(height)
	if err != nil {
		return nil, pruned(fmt.Errorf("read state of height %d: %w", height, err))
	}
	return &view{View: state, header: header, hash: hash}, nil
}

// viewAt is the state at a height, or at the last FINAL block not after a time,
// or the newest if neither is given. A time after that block but not after this
// node's clock means the newest: no later block is known.
func (s *server) viewAt(past PastInput) (*view, error) {
	height := past.AtHeight
	at, name := past.time()
	switch {
	case !past.AtTime.IsZero() && !past.AsOf.IsZero():
		return nil, invalid(name, contracts.ReasonValue).expect(text{"at_time or as_of, not both", "at_time 与 as_of 二者只取其一"})
	case height.Given && !at.IsZero():
		return nil, invalid(name, contracts.ReasonValue).expect(text{name + " or at_height, not both", name + " 与 at_height 二者只取其一"})
	case height.Given:
		return s.viewOf(height.Value)
	case at.IsZero():
		return s.newest()
	}
	if at.After(s.Clock()) {
		return nil, refused(http.StatusBadRequest, ledger.Failure{Code: contracts.EClock, Field: name, Reason: ReasonHeight})
	}
	last, ok, err := s.Store.HeightAt(at.UnixMilli())
	switch {
	case err != nil:
		return nil, fmt.Errorf("find height at %v: %w", at, err)
	case !ok:
		return nil, refused(http.StatusNotFound, ledger.Failure{Code: contracts.ENotFound, Field: name, Reason: ReasonBefore})
	}
	return s.viewOf(min(last, s.Node.Head().Header.Height))
}

func notYet(field string) error {
	return refused(http.StatusNotFound, ledger.Failure{Code: contracts.ENotFound, Field: field, Reason: ReasonHeight})
}

// pruned tells that a height is gone, if that is what err says.
func pruned(err error) error {
	if errors.Is(err, ledger.ErrNotFound) {
		return refused(http.StatusNotFound, ledger.Failure{Code: contracts.ENotFound, Field: "at_height", Reason: ReasonPruned})
	}
	return err
}

// close ends the view. What was read from it is whole, so a failure to close
// changes no answer.
func (v *view) close() { _ = v.Close() }

// each calls fn for the keys with a prefix, in ascending order, until it fails.
func (v *view) each(prefix string, fn func(key string, value []byte) error) error {
	var fault error
	err := v.Iterate(prefix, func(key string, value []byte) bool {
		fault = fn(key, value)
		return fault == nil
	})
	if fault != nil {
		return fault
	}
	return pruned(err)
}

// load reads a record; it is false if there is none.
func (v *view) load(key string, record any) (bool, error) {
	if len(key) > contracts.MaxKey {
		return false, nil
	}
	raw, ok, err := v.Get(key)
	if err != nil || !ok {
		return false, pruned(err)
	}
	return true, decode(key, raw, record)
}

func decode(key string, raw []byte, record any) error {
	if err := ledger.Decode(raw, ledger.MaxValue, record); err != nil {
		return fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err)
	}
	return nil
}

// parameters are the rules in force at this block.
func (v *view) parameters() (contracts.Parameters, error) {
	var p contracts.Parameters
	ok, err := v.load(contracts.ParametersKey, &p)
	if err == nil && !ok {
		err = fmt.Errorf("%w: the state holds no parameters", ledger.ErrCorrupt)
	}
	return p, err
}

// today is the legal date of the block.
func (v *view) today() identifier.Date { return identifier.DateOf(v.header.Time) }

// place names the block in an answer's body.
func (v *view) place() Place {
	return Place{Height: v.header.Height, BlockHash: v.hash, BlockTime: clockText(v.header.Time), BlockTimeMS: v.header.Time}
}

// headers name the block in an answer's headers.
func (v *view) headers() LedgerHeaders { return headersAt(v.header, v.hash) }

func headersAt(h ledger.Header, hash ledger.Hash) LedgerHeaders {
	return LedgerHeaders{LedgerHeight: h.Height, LedgerBlockHash: hash.String(), LedgerBlockTime: clockText(h.Time)}
}

// headersOfHead are those of the newest block, made once for all that are
// answered meanwhile.
func (s *server) headersOfHead() LedgerHeaders {
	head := s.Node.Head()
	made := s.headers.Load()
	if made == nil || made.of != head.Hash {
		made = &madeHeaders{head.Hash, headersAt(head.Header, head.Hash)}
		s.headers.Store(made)
	}
	return made.LedgerHeaders
}

type madeHeaders struct {
	of ledger.Hash
	LedgerHeaders
}

// LedgerHeaders are on every read: the FINAL block it is true for.
type LedgerHeaders struct {
	LedgerHeight    uint64 `header:"Ledger-Height"`
	LedgerBlockHash string `header:"Ledger-Block-Hash"`
	LedgerBlockTime string `header:"Ledger-Block-Time"`
}

// An answer is a body with the block it is true for.
type answer[T any] struct {
	LedgerHeaders
	CacheControl string `header:"Cache-Control"`
	Body         T
}

func answerOf[T any](v *view, body T) *answer[T] {
	return &answer[T]{LedgerHeaders: v.headers(), Body: body}
}

// What caches are told of an answer that never changes: everybody's, and one
// for members or for who holds the transaction's id.
const (
	forever    = "public, max-age=31536000, immutable"
	forMembers = "private, max-age=31536000, immutable"
)
