// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// checkHead refuses what no operation takes, by the head of a request alone: it
// costs less than anything that comes after it.
func checkHead(r *http.Request) error {
	wrong := func(status int, field, reason string) error {
		return refused(status, ledger.Failure{Code: contracts.EFormat, Field: field, Reason: reason})
	}
	switch {
	case headerSize(r.Header) > MaxHeader:
		return wrong(http.StatusRequestHeaderFieldsTooLarge, "header", ReasonHeaders)
	case !utf8.ValidString(r.URL.Path):
		return wrong(http.StatusBadRequest, "path", ReasonUnicode)
	case r.ContentLength > MaxRequest:
		return wrong(http.StatusRequestEntityTooLarge, "body", ReasonTooLarge)
	case r.ContentLength == 0:
		return nil
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return wrong(http.StatusBadRequest, "body", ReasonNoBody)
	}
	for _, coding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(coding), "identity") {
			return wrong(http.StatusUnsupportedMediaType, "header.Content-Encoding", ReasonCoding)
		}
	}
	if r.Method == http.MethodPost && !isJSON(r.Header.Values("Content-Type")) {
		return wrong(http.StatusUnsupportedMediaType, "header.Content-Type", ReasonMedia)
	}
	return nil
}

func headerSize(h http.Header) (n int) {
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}

// isJSON tells whether a Content-Type says JSON in UTF-8.
func isJSON(values []string) bool {
	if len(values) != 1 {
		return false
	}
	if values[0] == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(values[0])
	if err != nil || media != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8")
}

// isClean tells whether the multiplexer takes the path as it stands. Another, as
// //v1/status, it would answer with a redirection, which a signed request cannot
// follow.
func isClean(r *http.Request) bool {
	p := r.URL.EscapedPath()
	if p == "" || p[0] != '/' {
		return false
	}
	clean := path.Clean(p)
	return p == clean || p == clean+"/"
}

// noRoute answers for a path that no operation has, or not with this method.
func (s *server) noRoute(w http.ResponseWriter, r *http.Request) {
	subject := printable(r.Method + " " + r.URL.Path)
	if allow := s.allowed(r); isClean(r) && len(allow) > 0 {
		p := refused(http.StatusMethodNotAllowed, ledger.Failure{Code: contracts.EFormat, Subject: subject, Reason: ReasonVerb})
		p.allow = strings.Join(allow, ", ")
		writeProblem(w, p)
		return
	}
	writeProblem(w, refused(http.StatusNotFound, ledger.Failure{Code: contracts.ENotFound, Subject: subject, Reason: ReasonRoute}))
}

// allowed are the methods that the path of r takes.
func (s *server) allowed(r *http.Request) (methods []string) {
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		other := *r
		other.Method = method
		for _, mux := range s.routes {
			if _, pattern := mux.Handler(&other); pattern != "" && pattern != "/" {
				methods = append(methods, method)
			}
		}
	}
	return methods
}

// printable cuts what came from outside to what a message can show.
func printable(s string) string {
	if len(s) > 100 {
		s = s[:100]
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return '?'
		}
		return c
	}, s)
}

// checkQuery refuses parameters that an operation does not have, that come
// twice, that are empty, or that are not well encoded: to pass over one that was
// mistyped would answer another question than was asked.
func checkQuery(raw string, known ...string) error {
	var failures []ledger.Failure
	fail := func(field, reason string) {
		if len(failures) < maxJSONFailures {
			failures = append(failures, ledger.Failure{Code: contracts.EFormat, Field: field, Reason: reason})
		}
	}
	var seen []string
	unknown := false
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		text, fault := url.QueryUnescape(value)
		switch {
		case err != nil || strings.Contains(part, ";"):
			fail("query", ReasonPercent)
		case !slices.Contains(known, plain):
			unknown = true
			fail(told(plain), contracts.ReasonUnknown)
		case slices.Contains(seen, plain):
			fail(plain, contracts.ReasonRepeated)
		case fault != nil:
			fail(plain, ReasonPercent)
		case !utf8.ValidString(text):
			fail(plain, ReasonUnicode)
		case text == "":
			fail(plain, contracts.ReasonEmpty)
		default:
			seen = append(seen, plain)
		}
	}
	switch {
	case len(failures) == 0:
		return nil
	case unknown && len(known) > 0:
		list := strings.Join(slices.Sorted(slices.Values(known)), ", ")
		return refused(http.StatusBadRequest, failures...).expect(text{"parameters among " + list, "下列参数：" + list})
	}
	return refused(http.StatusBadRequest, failures...)
}

// parameter gives a parameter of a query that checkQuery let pass.
func parameter(raw, name string) string {
	for part := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(key); err == nil && plain == name {
			text, _ := url.QueryUnescape(value)
			return text
		}
	}
	return ""
}

// queryOfOperation is checkQuery before the framework reads the parameters.
func (s *server) queryOfOperation(ctx huma.Context, next func(huma.Context)) {
	if u := ctx.URL(); u.RawQuery != "" {
		var known []string
		for _, p := range ctx.Operation().Parameters {
			if p.In == "query" {
				known = append(known, p.Name)
			}
		}
		if err := checkQuery(u.RawQuery, known...); err != nil {
			r, w := humago.Unwrap(ctx)
			writeProblem(w, s.problem(r.Context(), r.URL.Path, err))
			return
		}
	}
	next(ctx)
}
