// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/ipledger/ipledger/ledger"
)

// guard surrounds all operations: limits, the caller, the answer's ETag, and a
// last net for faults of this program.
func (s *server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := recorders.Get().(*recorder)
		signed := false
		defer func() {
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				s.Logger.Error("request failed", "method", r.Method, "path", r.URL.Path, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
				a = newRecorder() // the other may still be in the hands of what failed
				writeProblem(a, refused(http.StatusInternalServerError, ledger.Failure{Code: codeInternal}))
			}
			a.send(w, r, signed)
			a.release()
		}()
		in, err := s.admit(w, r, a.header)
		if err != nil {
			writeProblem(a, s.problem(r.Context(), r.URL.Path, err))
			return
		}
		signed = in.caller != nil
		copied := r.WithContext(context.WithValue(r.Context(), admittedKey{}, in))
		defer note(w, r, copied) // also if it fails
		next.ServeHTTP(a, copied)
	})
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	writeJSON(w, p)
}

// writeJSON writes one of our own types, which always encode, to a recorder,
// which takes every byte.
func writeJSON(w http.ResponseWriter, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("api: write %T: %v", v, err))
	}
}
