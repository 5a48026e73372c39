// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/node/edge"
)

// failedAnswer is what a failed command prints on standard output in JSON, unless
// it has printed its answer. Its fields are interface.
type failedAnswer struct {
	Valid  *bool         `json:"valid,omitempty"`  // of a verifier: false
	Reason ledger.Reason `json:"reason,omitempty"` // of a verifier
	Error  errorAnswer   `json:"error"`
}

type errorAnswer struct {
	ExitCode  int              `json:"exit_code"`
	Code      string           `json:"code"`
	Message   string           `json:"message"`
	MessageZH string           `json:"message_zh"`
	Advice    string           `json:"advice"`
	AdviceZH  string           `json:"advice_zh"`
	Details   []ledger.Failure `json:"details"`
}

func (e *env) failedAnswerOf(verb string, v verdict, err error) failedAnswer {
	a := failedAnswer{Error: errorAnswer{
		ExitCode: v.code, Code: codeName(err, v), Message: titledIn("en", v, err), MessageZH: titledIn("zh", v, err),
		Advice: v.en, AdviceZH: v.zh, Details: []ledger.Failure{},
	}}
	var problem *api.Problem
	var refusal *contracts.Refusal
	var refused *ledger.VerifyError
	if errors.As(err, &problem) {
		for _, d := range problem.Details {
			a.Error.Details = append(a.Error.Details, ledger.Failure{
				Code: d.Code, Ground: d.Ground, Field: d.Field, Subject: d.Subject, Reason: d.Reason, Message: d.Message, ZH: d.MessageZH,
			})
		}
	} else if errors.As(err, &refusal) {
		for _, f := range refusal.Failures {
			f.Message, f.ZH = contracts.Text(f.Code, f.Ground, f.Reason)
			a.Error.Details = append(a.Error.Details, f)
		}
	}
	if verb == "verify" && errors.As(err, &refused) {
		a.Valid, a.Reason = new(bool), refused.Reason
	}
	return a
}

// codeName is the stable name of an error: that of the ledger or of the verifier
// where they have one, else that of its kind.
func codeName(err error, v verdict) string {
	var refused *ledger.VerifyError
	var rejected *rejectedError
	var problem *api.Problem
	var refusal *contracts.Refusal
	switch {
	case v.code == exitUsage:
		return "USAGE"
	case v.name != "":
		return v.name
	case errors.As(err, &refused):
		return string(refused.Reason)
	case errors.As(err, &rejected):
		return rejected.code
	case errors.As(err, &problem):
		return problem.Code
	case errors.As(err, &refusal) && refusal.Refuses():
		return refusal.Failures[0].Code
	case errors.As(err, new(*identifier.Error)):
		return contracts.EFormat
	case errors.As(err, new(*receiptLost)):
		return "RECEIPT_NOT_WRITTEN"
	case v.code == exitConflict:
		return "CONFLICT"
	case v.code == exitUnreachable:
		return "UNREACHABLE"
	case errors.As(err, new(*api.VersionError)):
		return "VERSION"
	case errors.As(err, new(*datadir.Fault)):
		return "DATABASE"
	}
	for _, kind := range []struct {
		err  error
		name string
	}{
		{ledger.ErrCorrupt, "CORRUPT"}, {edge.ErrListen, "LISTEN"}, {errExpired, "EXPIRED"}, {ledger.ErrNotFound, "NOT_FOUND"},
		{ledger.ErrDenied, "DENIED"}, {ledger.ErrInvalid, "INVALID"}, {context.Canceled, "INTERRUPTED"},
	} {
		if errors.Is(err, kind.err) {
			return kind.name
		}
	}
	return "FAILURE"
}

// flagIn gives the last value of a flag on a command line. Flags that cannot be
// read leave the rest of them unread.
func flagIn(args []string, names ...string) (value string) {
	for i, arg := range args {
		for _, name := range names {
			rest, found := strings.CutPrefix(arg, name)
			switch {
			case !found:
			case rest == "" && i+1 < len(args):
				value = args[i+1]
			case strings.HasPrefix(rest, "="), !strings.HasPrefix(name, "--"):
				value = strings.TrimPrefix(rest, "=")
			}
		}
	}
	return value
}
