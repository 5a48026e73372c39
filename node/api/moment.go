// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// A Moment is a time in a request: RFC 3339, or ms since 1970 UTC as a number
// or as text; in a parameter of a query also a time or a day without a zone. In
// answers of this package times are plain fields.
type Moment struct{ time.Time }

// legalZone is where days begin that the law counts, and the zone of times in
// answers. It is fixed, so that no zone file is needed; China has kept it since 1991.
var legalZone = time.FixedZone("Asia/Shanghai", identifier.ZoneSeconds)

// What people type into a query names no zone: they mean the legal time. A body, which
// is signed and may come from anywhere, says its zone.
var zonelessForms = []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02 15:04:05"}

// UnmarshalText reads what query parameters give.
func (m *Moment) UnmarshalText(text []byte) error {
	for _, form := range zonelessForms {
		if t, err := time.ParseInLocation(form, string(text), legalZone); err == nil && t.UnixMilli() > 0 {
			m.Time = t
			return nil
		}
	}
	return m.read(string(text))
}

// read reads what names its zone.
func (m *Moment) read(text string) error {
	t, err := parseTime(text)
	if err != nil {
		return err
	}
	m.Time = t
	return nil
}

// MarshalText gives ms since 1970 UTC.
func (m Moment) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%d", m.UnixMilli()), nil }

// UnmarshalJSON reads a number, or a text that names its zone.
func (m *Moment) UnmarshalJSON(raw []byte) error {
	var text string
	if len(raw) > 0 && raw[0] == '"' {
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		return m.read(text)
	}
	return m.read(string(raw))
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
