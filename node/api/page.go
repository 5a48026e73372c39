// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// A list says what pages show: of the records whose keys begin with a prefix,
// those that take makes items of.
type list struct {
	prefix string
	filter string // the parameters, so that a cursor serves its own list only
	past   PastInput

	// spans are the parts of the index that name all items, ascending and apart from
	// each other. Without any, all records are looked at.
	spans func(v *view) ([]span, error)

	// terms gives those of a record, where the spans may name one more than once: it is
	// shown where the first of them names it. Without it none is named twice.
	terms func(key string, value []byte) ([]string, error)

	take func(v *view, key string, value []byte) (bool, error)
}

// A span is the terms of the index between two, both with them.
type span struct{ from, to string }

// A pager makes one page.
type pager struct {
	list
	view   *view
	cursor cursor // at the last record that was looked at
	limit  int
	within []span // that are walked

	items, looked, passed int
	more                  bool
	fault                 error
}

// page makes one page of a list. It gives the view that it is of, closed, and the
// cursor of the next page, "" on the last.
func (s *server) page(in PageInput, l list) (*view, string, error) {
	p := &pager{list: l, limit: in.items()}
	filter := l.filter + l.past.text()
	var err error
	if in.Cursor == "" {
		p.view, err = s.viewAt(l.past)
	} else if p.cursor, err = parseCursor(in.Cursor, l.prefix, filter); err == nil {
		p.view, err = s.viewOf(p.cursor.Height)
	}
	if err != nil {
		return nil, "", err
	}
	defer p.view.close()
	p.cursor.Height, p.cursor.Filter = p.view.header.Height, filter
	if l.spans != nil {
		err = p.walkIndex()
	} else if err = p.cursor.isPlace(p.view); err == nil {
		err = p.view.IterateAfter(p.prefix, p.cursor.After, p.look)
	}
	if err == nil {
		err = p.fault
	}
	switch {
	case err != nil:
		return nil, "", pruned(err)
	case !p.more:
		return p.view, "", nil
	}
	return p.view, p.cursor.String(), nil
}

// look looks at a record and tells whether to go on.
func (p *pager) look(key string, value []byte) bool {
	if p.full() {
		return false
	}
	p.cursor.After = key
	return p.judge(key, value)
}

// full tells whether the page ends before what comes next.
func (p *pager) full() bool {
	p.more = p.items == p.limit || p.looked == maxLooked || p.passed == maxPassed
	return p.more
}

func (p *pager) judge(key string, value []byte) bool {
	p.looked++
	ok, err := p.take(p.view, key, value)
	if ok && err == nil {
		p.items++
	}
	p.fault = err
	return err == nil
}

// walkIndex looks at the records that the spans name.
func (p *pager) walkIndex() error {
	spans, err := p.spans(p.view)
	if err != nil {
		return err
	}
	p.within = spans
	at := store.Entry{Term: p.cursor.Term, Key: p.cursor.After}
	if at != (store.Entry{}) && !p.names(at.Term) {
		return invalid("cursor", ReasonCursor)
	}
	for _, s := range spans {
		if err := p.view.Find(s.from, s.to, at, p.follow); err != nil || p.fault != nil || p.more {
			return err
		}
	}
	return nil
}

// follow looks at the record that an entry of the index names.
func (p *pager) follow(e store.Entry, there bool) bool {
	if p.full() {
		return false
	}
	p.cursor.Term, p.cursor.After = e.Term, e.Key
	if !there {
		p.passed++
		return true
	}
	value, ok, err := p.view.Get(e.Key)
	if err == nil && !ok {
		err = fmt.Errorf("%w: the index names %s under %s, and there is no such record at height %d", ledger.ErrCorrupt, e.Key, e.Term, p.view.header.Height)
	}
	if err != nil {
		p.fault = err
		return false
	}
	if p.terms != nil && len(p.within) > 1 {
		named, err := p.terms(e.Key, value)
		if err != nil {
			p.fault = err
			return false
		}
		if slices.ContainsFunc(named, func(term string) bool { return term < e.Term && p.names(term) }) {
			p.looked++
			return true // it was shown
		}
	}
	return p.judge(e.Key, value)
}

// names tells whether a term is one of those that are walked.
func (p *pager) names(term string) bool {
	return slices.ContainsFunc(p.within, func(s span) bool { return s.from <= term && term <= s.to })
}

// termsOf gives the terms by which the index has a record.
func termsOf(key string, value []byte) ([]string, error) {
	folder, _, _ := strings.Cut(key, "/")
	return registry.Terms()[folder](value)
}
