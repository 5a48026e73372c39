// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

const problemType = "application/problem+json"

// Codes of refusals that no contract gives.
const (
	codeUnavailable = "E_UNAVAILABLE" // no quorum, or the node is catching up
	codeInternal    = "E_INTERNAL"    // a fault of this node
)

// Reasons that only the API gives.
const (
	ReasonUnsigned  = "UNSIGNED"   // the request needs a signature and has none
	ReasonHeader    = "HEADER"     // a header of the signature is missing or malformed
	ReasonClock     = "CLOCK_SKEW" // the request's time is outside of the window
	ReasonReplay    = "REPLAY"     // the nonce was used before
	ReasonDigest    = "DIGEST"     // the body is not what was signed
	ReasonSignature = "SIGNATURE"  // the signature does not verify
	ReasonPruned    = "PRUNED"     // this node no longer holds that height
	ReasonHeight    = "HEIGHT"     // no FINAL block has that height or time yet
	ReasonBefore    = "BEFORE"     // the time lies before the genesis of the network
	ReasonGenesis   = "GENESIS"    // the genesis block has no certificate
	ReasonRoute     = "ROUTE"      // no such path or method
	ReasonTooLarge  = "TOO_LARGE"  // more bytes than a request may have
	ReasonBusy      = "BUSY"       // the node takes no more work now
)

// A Problem is a refusal, RFC 9457 with the fields that programs read: Code is
// stable, Details lists every broken rule. Detail and MessageZH tell a person
// what happened, what is still safe and what to do.
type Problem struct {
	Type      string   `json:"type" doc:"Always about:blank; programs read code."`
	Title     string   `json:"title" doc:"Text of the HTTP status."`
	Status    int      `json:"status"`
	Detail    string   `json:"detail" doc:"English: what happened, what is still safe, what to do."`
	MessageZH string   `json:"message_zh" doc:"Chinese, the same."`
	Code      string   `json:"code" doc:"Stable code, E_…"`
	Ground    string   `json:"ground,omitempty" doc:"The registrar's ground, R…, T…, C…"`
	Details   []Detail `json:"details" doc:"Every broken rule; code and ground are those of the first."`

	cause error
}

// A Detail is one broken rule with its texts.
type Detail struct {
	Code      string `json:"code"`
	Ground    string `json:"ground,omitempty"`
	Field     string `json:"field,omitempty" doc:"Path into the request."`
	Subject   string `json:"subject,omitempty" doc:"The right, pledge, party or transaction it is about."`
	Reason    string `json:"reason,omitempty" doc:"Finer than the code."`
	Message   string `json:"message"`
	MessageZH string `json:"message_zh"`
}

func (p *Problem) Error() string {
	text := fmt.Sprintf("%s: %s", p.Code, p.Detail)
	for _, d := range p.Details {
		text += fmt.Sprintf(" [%s]", strings.Join(nonEmpty(d.Code, d.Ground, d.Reason, d.Field, d.Subject), " "))
	}
	return text
}

// Unwrap gives the class of the failure, on both sides of the wire.
func (p *Problem) Unwrap() error {
	if p.cause != nil {
		return p.cause
	}
	return classOf(p.Status)
}

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType gives the media type of problems.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders gives the headers that go with the status.
func (p *Problem) GetHeaders() http.Header {
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		return http.Header{"Retry-After": {"1"}}
	}
	return nil
}

// statuses is the table of failures, one line a class.
var statuses = [...]struct {
	class  error
	status int
	code   string
	reason string
}{
	{ledger.ErrInvalid, http.StatusBadRequest, contracts.EFormat, ""},
	{ledger.ErrDenied, http.StatusForbidden, contracts.EForbidden, ""},
	{ledger.ErrNotFound, http.StatusNotFound, contracts.ENotFound, ""},
	{ledger.ErrConflict, http.StatusConflict, contracts.EDuplicate, ""},
	{ledger.ErrBusy, http.StatusTooManyRequests, contracts.ERateLimit, ReasonBusy},
	{ledger.ErrUnavailable, http.StatusServiceUnavailable, codeUnavailable, ""},
}

func classOf(status int) error {
	for _, s := range statuses {
		if s.status == status {
			return s.class
		}
	}
	if status >= 400 && status < 500 {
		return ledger.ErrInvalid
	}
	return nil
}

// problemOf is the one switch from an error to an HTTP answer.
func problemOf(err error) *Problem {
	var p *Problem
	var refusal *contracts.Refusal
	var number *identifier.Error
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &refusal) && refusal.Refuses():
		return refused(statusOf(err), refusal.Failures...)
	case errors.As(err, &number):
		return refused(http.StatusBadRequest, contracts.IdentifierFailure(err, ""))
	}
	for _, s := range statuses {
		if errors.Is(err, s.class) {
			p := refused(s.status, ledger.Failure{Code: s.code, Reason: s.reason})
			p.cause = err
			if s.class == ledger.ErrInvalid {
				p.Detail = fmt.Sprintf("%s The fault: %v.", p.Detail, err)
			}
			return p
		}
	}
	p = refused(http.StatusInternalServerError, ledger.Failure{Code: codeInternal})
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		p = refused(http.StatusServiceUnavailable, ledger.Failure{Code: codeUnavailable})
	}
	p.cause = err
	return p
}

func statusOf(err error) int {
	for _, s := range statuses {
		if errors.Is(err, s.class) {
			return s.status
		}
	}
	return http.StatusBadRequest
}

// refused makes a problem of failures, the weightiest first.
func refused(status int, failures ...ledger.Failure) *Problem {
	p := &Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Details: details(failures)}
	if len(p.Details) > 0 {
		first := p.Details[0]
		p.Code, p.Ground, p.Detail, p.MessageZH = first.Code, first.Ground, first.Message, first.MessageZH
	}
	return p
}

// invalid refuses one field of a request.
func invalid(field, reason string) *Problem {
	return refused(http.StatusBadRequest, ledger.Failure{Code: contracts.EFormat, Field: field, Reason: reason})
}

// notFound says that there is no such record, or none for the caller.
func notFound(subject string) *Problem {
	return refused(http.StatusNotFound, ledger.Failure{Code: contracts.ENotFound, Subject: subject})
}

// details adds the texts to failures.
func details(failures []ledger.Failure) []Detail {
	out := make([]Detail, 0, len(failures))
	for _, f := range failures {
		d := Detail{Code: f.Code, Ground: f.Ground, Field: f.Field, Subject: f.Subject, Reason: f.Reason, Message: f.Message, MessageZH: f.ZH}
		if d.Message == "" || d.MessageZH == "" {
			d.Message, d.MessageZH = textOf(f)
		}
		out = append(out, d)
	}
	return out
}

// problemOfFramework turns the framework's own errors, which come from parsing
// a request, into problems. guard changes their status.
func problemOfFramework(ctx huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	status := plainStatus(e.Status)
	var failures []ledger.Failure
	for _, d := range e.Errors {
		if d == nil {
			continue
		}
		_, field, found := strings.Cut(d.Location, ".")
		if !found {
			field = d.Location
		}
		// An absent property is named in the message alone.
		if name, ok := strings.CutPrefix(d.Message, "expected required property "); ok {
			name, _, _ = strings.Cut(name, " ")
			field = strings.TrimPrefix(strings.TrimPrefix(field, "body")+"."+name, ".")
		}
		failures = append(failures, ledger.Failure{Code: contracts.EFormat, Field: field, Reason: reasonOfFramework(d.Message)})
	}
	switch {
	case status >= http.StatusInternalServerError:
		failures = []ledger.Failure{{Code: codeInternal}}
	case status == http.StatusRequestEntityTooLarge:
		failures = []ledger.Failure{{Code: contracts.EFormat, Field: "body", Reason: ReasonTooLarge}}
	case len(failures) == 0:
		failures = []ledger.Failure{{Code: contracts.EFormat, Field: "body", Reason: contracts.ReasonEncoding}}
	}
	p := refused(status, failures...)
	for i, d := range e.Errors {
		if status < http.StatusInternalServerError && d != nil && i < len(p.Details) && len(d.Message) < 200 {
			p.Details[i].Message = d.Message
		}
	}
	return p, nil
}

// plainStatus tells 400 instead of 422: a client acts on code, and gateways
// know 400.
func plainStatus(status int) int {
	switch status {
	case http.StatusUnprocessableEntity, http.StatusUnsupportedMediaType:
		return http.StatusBadRequest
	}
	return status
}

func reasonOfFramework(message string) string {
	switch {
	case strings.Contains(message, "content type"):
		return contracts.ReasonEncoding
	case strings.Contains(message, "required"):
		return contracts.ReasonMissing
	case strings.Contains(message, "unexpected property"), strings.Contains(message, "unknown"):
		return contracts.ReasonUnknown
	case strings.Contains(message, "length"):
		return contracts.ReasonLength
	}
	return contracts.ReasonValue
}

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// problemSchema adds the schema that operation refers to.
func problemSchema(a huma.API) {
	a.OpenAPI().Components.Schemas.Schema(typeOf[Problem](), true, "Problem")
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }
