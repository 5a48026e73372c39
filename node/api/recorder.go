// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// A recorder keeps an answer until it is whole: its ETag needs all of it, and a
// fault half-way must not look like an answer. Answers are bounded by the size
// of a block or a page.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// recorders that are not in use.
var recorders = sync.Pool{New: func() any { return newRecorder() }}

func newRecorder() *recorder { return &recorder{header: make(http.Header)} }

// maxRecorded is the largest answer whose room is kept for later ones.
const maxRecorded = 16 << 10

// release gives back a recorder whose answer was sent.
func (a *recorder) release() {
	if a.body.Cap() > maxRecorded {
		return
	}
	clear(a.header)
	a.status = 0
	a.body.Reset()
	recorders.Put(a)
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = plainStatus(status)
	}
}

func (a *recorder) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.body.Write(b)
}

// send gives the answer to the client. A read that the client has already, by
// its ETag, is not sent again. A signed one may show more than others see, so
// shared caches do not keep it.
func (a *recorder) send(w http.ResponseWriter, r *http.Request, signed bool) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	height := h.Get("Ledger-Height")
	if !read || a.status != http.StatusOK || height == "" {
		if h.Get("Cache-Control") == "" {
			h.Set("Cache-Control", "no-store")
		}
	} else {
		switch {
		case h.Get("Cache-Control") != "":
		case signed:
			h.Set("Cache-Control", "private, no-cache")
		default:
			h.Set("Cache-Control", "no-cache")
		}
		h.Set("Vary", "Accept, "+HeaderKeyID)
		tag := etag(height, a.body.Bytes())
		h.Set("ETag", tag)
		if matches(r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			h.Del("Content-Length")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	w.Write(a.body.Bytes())
}

// etag is a strong validator: height and hash of the body.
func etag(height string, body []byte) string {
	sum := sha256.Sum256(body)
	return fmt.Sprintf(`"h%s-%x"`, height, sum[:8])
}

// matches tells whether If-None-Match names the tag. The weak comparison of
// RFC 9110, section 13.1.2, applies.
func matches(header, tag string) bool {
	for _, candidate := range strings.Split(header, ",") {
		candidate = strings.TrimSpace(candidate)
		if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}
