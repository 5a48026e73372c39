// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// badSubject refuses a proof that holds, but of something else than was asked. The
// verifiers below know keys only; which right is meant, this command asks.
const badSubject ledger.Reason = "SUBJECT"

// A wantedRight is the right that a proof shall be about: by its number, or by a right
// id, which only a record of the right can tell.
type wantedRight struct{ key, id string }

// parseRight reads TYPE:NUMBER or RIGHT_ID in any spelling, judged as of today.
func parseRight(text string, today identifier.Date) (wantedRight, error) {
	if id, err := identifier.PlatformNumber(text); err == nil && id.Kind == identifier.RightRecord {
		return wantedRight{id: id.Canonical}, nil
	}
	key, failure := rights.Resolve(func(string) ([]byte, bool) { return nil, false }, text, today)
	if failure != nil {
		failure.Field = "right"
		return wantedRight{}, contracts.Refuse(*failure)
	}
	return wantedRight{key: key}, nil
}

// check refuses what a proof proves if it is not about the right.
func (w wantedRight) check(a proofAnswer) error {
	switch {
	case w.key != "" && w.key == a.Key:
		return nil
	case w.id != "" && a.Record != nil:
		var record rights.Record
		if err := json.Unmarshal(a.Record, &record); err != nil {
			return fmt.Errorf("read record %s: %w", a.Key, err)
		}
		if record.RightID == w.id || slices.ContainsFunc(record.ClaimsPending, func(c rights.PendingClaim) bool { return c.RightID == w.id }) {
			return nil
		}
	case w.id != "" && a.Right != "":
		return &ledger.VerifyError{Reason: badSubject, Detail: fmt.Sprintf(
			"asked was right %s, and this proves that %s is unknown to the ledger, which tells no right id; ask by TYPE:NUMBER", w.id, a.subject())}
	}
	asked := "right " + w.id
	if w.key != "" {
		asked = nameOfKey(w.key)
	}
	return &ledger.VerifyError{Reason: badSubject, Detail: fmt.Sprintf("asked was %s, and this proves something of %s", asked, a.subject())}
}

// subject names what a proof is about, for people.
func (a proofAnswer) subject() string {
	var record rights.Record
	if a.Record != nil && json.Unmarshal(a.Record, &record) == nil && record.RightID != "" {
		return nameOfKey(a.Key) + " (right " + record.RightID + ")"
	}
	return nameOfKey(a.Key)
}

// nameOfKey gives the number space and number of a right, and the key of another record.
func nameOfKey(key string) string {
	number, isRight := strings.CutPrefix(key, "rights/")
	if !isRight {
		return "record " + key
	}
	return strings.Replace(number, "/", " ", 1)
}
