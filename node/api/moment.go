// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A Moment is a time in a request: RFC 3339, or ms since 1970 UTC as a number
// or as text. In answers of this package times are plain fields.
type Moment struct{ time.Time }

// UnmarshalText reads both forms, as query parameters give them.
func (m *Moment) UnmarshalText(text []byte) error {
	t, err := parseTime(string(text))
	if err != nil {
		return err
	}
	m.Time = t
	return nil
}

// MarshalText gives ms since 1970 UTC.
func (m Moment) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d", m.UnixMilli()), nil }

// UnmarshalJSON reads a number or a text.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	var text string
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		return m.UnmarshalText([]byte(text))
	}
	return m.UnmarshalText(raw)
}

// MarshalJSON gives ms since 1970 UTC as a number.
func (m Moment) MarshalJSON() ([]byte, error) { return m.MarshalText() }

// Schema describes both forms.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Description: "RFC 3339, or ms since 1970 UTC"},
		{Type: huma.TypeInteger, Description: "ms since 1970 UTC"},
	}}
}
