// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strings"
	"time"
)

// Answered is what may be counted and logged of a request: nothing that its
// sender chose but the method.
type Answered struct {
	Method       string
	Route        string // pattern that the path matched, such as /v1/rights/{ref}; "" if none did
	Status       int    // Aborted if the answer is not whole
	Took         time.Duration
	Organisation string // party id of who signed the request; "" if nobody did
}

// Aborted is the status of a request whose answer was given up: the client sees a
// connection that ends.
const Aborted = 0

// answers tells Config.Answered of every request.
func (s *server) answers(next http.Handler) http.Handler {
	if s.Answered == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		a := &answering{ResponseWriter: w}
		status := Aborted
		defer func() {
			s.Answered(Answered{
				Method: r.Method, Route: route(r.Pattern), Status: status,
				Took: time.Since(began), Organisation: a.organisation,
			})
		}()
		next.ServeHTTP(a, r)
		status = max(a.status, http.StatusOK)
	})
}

// route is a pattern without its method. "/" matches what nothing else does.
func route(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path
	}
	if pattern == "/" {
		return ""
	}
	return pattern
}

// answering notes what is told of an answer on its way out.
type answering struct {
	http.ResponseWriter
	status       int
	organisation string
}

// Unwrap is for http.ResponseController.
func (a *answering) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answering) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// note keeps who signed the request, and the pattern that its copy matched.
func note(w http.ResponseWriter, r, authentic *http.Request) {
	r.Pattern = authentic.Pattern
	if a, ok := w.(*answering); ok {
		if c := callerOf(authentic.Context()); c != nil {
			a.organisation = c.person.Organisation
		}
	}
}
