// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// problemSchema adds the schema that operation refers to.
func problemSchema(a huma.API) {
	a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
}

// problemOfFramework turns the framework's own errors, which come from parsing
// parameters, into problems. The recorder changes their status.
func problemOfFramework(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	status := plainStatus(e.Status)
	if status >= http.StatusInternalServerError {
		return refused(status, ledger.Failure{Code: codeInternal}), nil
	}
	var failures []ledger.Failure
	for _, d := range e.Errors {
		if d == nil {
			continue
		}
		_, field, found := strings.Cut(d.Location, ".")
		if !found {
			field = d.Location
		}
		reason, expected := ofFramework(d.Message)
		f := ledger.Failure{Code: contracts.EFormat, Field: field, Reason: reason}
		f.Message, f.ZH = textOf(f)
		if expected != "" {
			f.Message, f.ZH = f.Message+" Expected: "+expected+".", f.ZH+"应为："+expected+"。"
		}
		failures = append(failures, f)
	}
	if len(failures) == 0 {
		failures = []ledger.Failure{{Code: contracts.EFormat, Field: "request", Reason: contracts.ReasonValue}}
	}
	return refused(status, failures...), nil
}

// plainStatus tells 400 instead of 422: a client acts on code, and gateways
// know 400.
func plainStatus(status int) int {
	if status == http.StatusUnprocessableEntity {
		return http.StatusBadRequest
	}
	return status
}

// ofFramework reads one of the framework's sentences: the reason, and what would
// be right, if that can be said in any language.
func ofFramework(message string) (reason, expected string) {
	for _, known := range []struct{ begin, reason, expected string }{
		{"required ", contracts.ReasonMissing, ""},
		{"expected length <= ", contracts.ReasonLength, "<= "},
		{"expected length >= ", contracts.ReasonLength, ">= "},
		{"expected number <= ", contracts.ReasonValue, "<= "},
		{"expected number >= ", contracts.ReasonValue, ">= "},
		{"expected value to be one of ", contracts.ReasonValue, ""},
		{"expected string to match pattern ", contracts.ReasonValue, ""},
		{"invalid integer", contracts.ReasonValue, "0, 1, 2, …"},
		{"invalid boolean", contracts.ReasonValue, "true / false"},
	} {
		if rest, ok := strings.CutPrefix(message, known.begin); ok {
			if known.reason != contracts.ReasonMissing && !strings.HasPrefix(known.begin, "invalid") {
				known.expected += strings.Trim(rest, `"`)
			}
			return known.reason, known.expected
		}
	}
	if strings.Contains(message, wantTime) {
		return contracts.ReasonValue, "2026-02-24T09:00:00+08:00 / 2026-02-24 / 1771894800000 (ms)"
	}
	return contracts.ReasonValue, ""
}
