// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
)

// showRecord prints an answer of a node, as a table with one line for each
// field that holds something.
func (e *env) showRecord(v any) error {
	if e.output == "json" {
		return e.show(v, nil)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	t := newTable()
	if err := flatten(t, d, ""); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return e.show(nil, t)
}

// flatten adds the next value of d to t under its path. The tokens keep the
// order in which the fields were declared, which a map would lose.
func flatten(t *table, d *json.Decoder, path string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case json.Delim:
		for i := 0; d.More(); i++ {
			inner := path + "[" + strconv.Itoa(i) + "]"
			if token == '{' {
				name, err := d.Token()
				if err != nil {
					return err
				}
				inner = strings.TrimPrefix(path+"."+fmt.Sprint(name), ".")
			}
			if err := flatten(t, d, inner); err != nil {
				return err
			}
		}
		_, err := d.Token() // the closing one
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		return err
	case json.Number:
		t.fact(path, number(path, token))
	case nil:
	default:
		t.fact(path, fmt.Sprint(token))
	}
	return nil
}

// number shows a number; one that is a time is shown as such.
func number(path string, n json.Number) string {
	ms, err := n.Int64()
	if err != nil || ms == 0 {
		return n.String()
	}
	for _, end := range []string{"_at", "_time", "_until", ".until", ".time"} {
		if strings.HasSuffix(path, end) {
			return clockTime(ms)
		}
	}
	return n.String()
}

func joined(texts []string) string { return strings.Join(texts, ",") }

func limitFlag(cmd *cobra.Command, limit *int) {
	cmd.Flags().IntVar(limit, "limit", 100, fmt.Sprintf("most entries to print, 1 to %d; 0: all", maxLimit))
	cmd.PreRunE = func(*cobra.Command, []string) error {
		if *limit < 0 || *limit > maxLimit {
			return fmt.Errorf("--limit %d: want 1 to %d, or 0 for all", *limit, maxLimit)
		}
		return nil
	}
}

// maxLimit is the greatest limit that is no slip of the hand; 0 is for all.
const maxLimit = 1_000_000

// collect walks the pages of a list until it has limit entries; 0: all. It tells
// the person if there are more.
func collect[T any](e *env, limit int, page func(cursor string) (items []T, next string, err error)) ([]T, error) {
	all := []T{}
	for cursor := ""; ; {
		items, next, err := page(cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if more := len(all) > limit || next != ""; limit > 0 && len(all) >= limit {
			if more {
				e.say(e.text("only the first %d are shown; --limit 0 shows all", "仅显示前 %d 条；使用 --limit 0 可显示全部"), limit)
			}
			return all[:limit], nil
		}
		if next == "" {
			return all, nil
		}
		if next == cursor {
			return nil, fmt.Errorf("%w: the node gives the same page again and again; ask another one", ledger.ErrUnavailable)
		}
		cursor = next
	}
}
