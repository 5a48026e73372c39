// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
)

// A written answer is that to a request with a body.
type written struct {
	status int
	LedgerHeaders
	location string
	body     any
}

// registerWrite adds an operation with a body of type I and an answer of type O.
// The framework describes it and does not run it: the body is read once, by
// read, and strictly.
func registerWrite[I, O any](s *server, mux *http.ServeMux, a huma.API, op endpoint, read func(*jsonReader) I, run func(*http.Request, I) (*written, error)) {
	schemas := a.OpenAPI().Components.Schemas
	schemaOf := func(t *huma.Schema) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: t}}
	}
	op.RequestBody = &huma.RequestBody{Required: true, Content: schemaOf(schemas.Schema(reflect.TypeFor[I](), true, ""))}
	text := &huma.Schema{Type: huma.TypeString}
	none := 0.0
	op.Responses["200"] = &huma.Response{
		Description: http.StatusText(http.StatusOK), Content: schemaOf(schemas.Schema(reflect.TypeFor[O](), true, "")),
		Headers: map[string]*huma.Param{
			"Ledger-Height":     {Schema: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &none}},
			"Ledger-Block-Hash": {Schema: text}, "Ledger-Block-Time": {Schema: text},
		},
	}
	a.OpenAPI().AddOperation(&op.Operation)
	var known []string
	for _, p := range op.Parameters {
		known = append(known, p.Name)
	}
	mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		out, err := s.write(r, known, func(body *jsonReader) (*written, error) {
			in := read(body)
			if err := body.end(); err != nil {
				return nil, err
			}
			body.release()
			if err := pass(r.Context(), op.level, in); err != nil {
				return nil, err
			}
			return run(r, in)
		})
		if err != nil {
			writeProblem(w, s.problem(r.Context(), op.Path, err))
			return
		}
		h := w.Header()
		values := []string{"application/json", strconv.FormatUint(out.LedgerHeight, 10), out.LedgerBlockHash, out.LedgerBlockTime, out.location}
		for i, name := range [...]string{"Content-Type", "Ledger-Height", "Ledger-Block-Hash", "Ledger-Block-Time", "Location"} {
			if values[i] != "" {
				h[name] = values[i : i+1 : i+1]
			}
		}
		w.WriteHeader(out.status)
		writeJSON(w, out.body)
	})
}

// write refuses what is no write of a caller with a body, before it is read.
func (s *server) write(r *http.Request, known []string, run func(*jsonReader) (*written, error)) (*written, error) {
	if err := pass(r.Context(), levelCaller, nil); err != nil {
		return nil, err
	}
	if err := checkQuery(r.URL.RawQuery, known...); err != nil {
		return nil, err
	}
	body := bodyOf(r.Context())
	if len(body) == 0 {
		return nil, invalid("body", contracts.ReasonMissing)
	}
	return run(newJSONReader(body))
}
