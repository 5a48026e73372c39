// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// NewLogger makes the log of a node: one JSON object a line, times in UTC. It is
// the one place where lines leave the program, so it is here that nothing secret
// or private leaves with them: of values only those pass whose kind can hold
// neither, and none under a name that says it does. What passes as text, errors
// included, its writer answers for.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: redact}))
}

// Names of what is never logged. A name that contains one of hiddenParts, or is
// one of hidden, hides its value.
var (
	hiddenParts = []string{"passphrase", "password", "secret", "seed", "private", "token", "authorization", "cookie", "amount", "principal"}
	hidden      = []string{"body", "args", "request", "response", "name_zh", "name_en", "person_name", "contact", "phone", "email", "title"}
)

const redacted = "[redacted]"

func redact(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 {
		switch a.Key {
		case slog.TimeKey:
			return slog.Time(a.Key, a.Value.Time().UTC())
		case slog.LevelKey, slog.MessageKey:
			return a
		}
	}
	if slices.ContainsFunc(groups, hides) || hides(a.Key) {
		return slog.String(a.Key, redacted)
	}
	if a.Value.Kind() == slog.KindAny {
		a.Value = plain(a.Value.Any())
	}
	return a
}

func hides(name string) bool {
	name = strings.ToLower(name)
	return slices.Contains(hidden, name) || slices.ContainsFunc(hiddenParts, func(part string) bool { return strings.Contains(name, part) })
}

// plain gives what may be logged of a value: errors by their text, hashes and
// public keys, and what is a number or a text by itself. A struct may hold a
// loan, and bytes may hold a key.
func plain(v any) slog.Value {
	switch v := v.(type) {
	case nil:
		return slog.AnyValue(nil)
	case error:
		return slog.StringValue(v.Error())
	case ledger.Hash:
		return slog.StringValue(v.String())
	case keys.PublicKey:
		return slog.StringValue(v.String())
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Bool:
		return slog.BoolValue(r.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return slog.Int64Value(r.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return slog.Uint64Value(r.Uint())
	case reflect.Float32, reflect.Float64:
		return slog.Float64Value(r.Float())
	case reflect.String:
		return slog.StringValue(r.String())
	case reflect.Slice:
		if r.Type().Elem().Kind() == reflect.String {
			texts := make([]string, r.Len())
			for i := range texts {
				texts[i] = r.Index(i).String()
			}
			return slog.AnyValue(texts)
		}
	}
	return slog.StringValue(fmt.Sprintf("[redacted %T]", v))
}
