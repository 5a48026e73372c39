// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

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
	ReasonUnsigned  = "UNSIGNED"          // the request needs a signature and has none
	ReasonHeader    = "HEADER"            // a header of the signature is missing or malformed
	ReasonClock     = "CLOCK_SKEW"        // the request's time is outside of the window
	ReasonReplay    = "REPLAY"            // the nonce was used before
	ReasonRestarted = "RESTARTED"         // the request is older than this node's memory of nonces
	ReasonNonces    = "NONCES"            // no more nonces of this key can be remembered now
	ReasonDigest    = "DIGEST"            // the body is not what was signed
	ReasonSignature = "SIGNATURE"         // the signature does not verify, or its key may not sign
	ReasonPruned    = "PRUNED"            // this node no longer holds that height
	ReasonHeight    = "HEIGHT"            // no FINAL block has that height or time yet
	ReasonBefore    = "BEFORE"            // the time lies before the genesis of the network
	ReasonGenesis   = "GENESIS"           // the genesis block has no certificate
	ReasonCursor    = "CURSOR"            // the cursor is not one of this list
	ReasonRoute     = "ROUTE"             // no such path
	ReasonVerb      = "HTTP_METHOD"       // the path does not take this HTTP method
	ReasonMedia     = "MEDIA_TYPE"        // the body is not said to be JSON
	ReasonCoding    = "CONTENT_ENCODING"  // the body is compressed
	ReasonHeaders   = "HEADERS"           // more bytes of headers than a request may have
	ReasonTooLarge  = "TOO_LARGE"         // more bytes of body than a request may have
	ReasonNoBody    = "NO_BODY"           // a body where there must be none
	ReasonCut       = "INCOMPLETE"        // the body ended before the length it was announced with
	ReasonJSON      = "JSON"              // not one well-formed JSON value
	ReasonDepth     = "DEPTH"             // nested too deep
	ReasonUnicode   = "UNICODE"           // broken UTF-8, or half of a surrogate pair
	ReasonBase64    = "BASE64"            // not standard base64 with padding
	ReasonPercent   = "PERCENT_ENCODING"  // a parameter is not well encoded
	ReasonRate      = "RATE"              // more requests than one may send
	ReasonFailures  = "FAILURES"          // too many badly signed requests of this address
	ReasonWaiting   = "WAITING"           // too many submissions wait for their outcome
	ReasonBusy      = "BUSY"              // the node takes no more work now
	ReasonDisk      = "DISK_SPACE"        // the node's disk is almost full
	ReasonDamaged   = "DAMAGED"           // data stored at this node are damaged
	ReasonRules     = "EXECUTION_VERSION" // the node's program does not know the rules of the next block
	ReasonDraining  = "DRAINING"          // the node is about to end

	ReasonCrossBorder = "CROSS_BORDER" // what is asked for is not public, and who asks is of a foreign organisation
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

	ServerTime  string `json:"server_time,omitempty" doc:"With CLOCK_SKEW and RESTARTED: this node's time, RFC 3339."`
	ClockSkewMS int64  `json:"clock_skew_ms,omitempty" doc:"With them: the request's time less this node's."`

	cause      error
	allow      string // of the Allow header
	retryAfter int64  // seconds; 0: the status says
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
	h := make(http.Header)
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.FormatInt(max(p.retryAfter, 1), 10))
	}
	return h
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
	var field *ledger.FieldError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, ledger.ErrCorrupt): // what is wrong with a stored record is no fault of the client
		p = refused(http.StatusInternalServerError, ledger.Failure{Code: codeInternal, Reason: ReasonDamaged})
		p.cause = err
		return p
	case errors.As(err, &refusal) && refusal.Refuses():
		return refused(statusOf(err), refusal.Failures...)
	case errors.As(err, &number):
		return refused(http.StatusBadRequest, contracts.IdentifierFailure(err, ""))
	case errors.As(err, &field):
		return ofField(field)
	case errors.Is(err, ledger.ErrEncoding):
		return ofEncoding(err)
	}
	for _, s := range statuses {
		if errors.Is(err, s.class) {
			p := refused(s.status, ledger.Failure{Code: s.code, Reason: s.reason})
			p.cause = err
			if s.class == ledger.ErrInvalid {
				p.say(fmt.Sprintf("The fault: %v.", err), fmt.Sprintf("具体问题：%v。", err))
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

// ofField refuses a field of a transaction's body.
func ofField(e *ledger.FieldError) *Problem {
	name := e.Field[strings.LastIndexByte(e.Field, '.')+1:]
	name, _, _ = strings.Cut(name, "[")
	return invalid(e.Field, e.Reason).expect(fieldTexts[name])
}

// expect adds what would be right.
func (p *Problem) expect(t text) *Problem {
	if t.en != "" {
		p.say("Expected: "+t.en+".", "应为："+t.zh+"。")
	}
	return p
}

// ofEncoding refuses the bytes of a transaction's body, with what is wrong.
func ofEncoding(err error) *Problem {
	p := invalid("body", contracts.ReasonEncoding)
	var fault ledger.Fault
	if errors.As(err, &fault) {
		p.say("The fault: "+fault.Error()+".", "具体问题："+faultTexts[fault]+"。")
	} else {
		p.say("The fault: they do not hold what a body holds, field by field.", "具体问题：内容与交易正文的字段不符。")
	}
	return p
}

// say adds a sentence in both languages.
func (p *Problem) say(en, zh string) {
	p.Detail, p.MessageZH = p.Detail+" "+en, p.MessageZH+zh
	if len(p.Details) == 1 {
		p.Details[0].Message, p.Details[0].MessageZH = p.Detail, p.MessageZH
	}
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

// drainRetry is after how many seconds to try a node again that was about to end.
const drainRetry = 10

// Draining refuses a submission to a node that is about to end.
func Draining() *Problem {
	p := refused(http.StatusServiceUnavailable, ledger.Failure{Code: codeUnavailable, Reason: ReasonDraining})
	p.retryAfter = drainRetry
	return p
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

func nonEmpty(parts ...string) []string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}
