// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"cmp"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// checkChanges holds INV-24 for the writes of a block: nothing is deleted, what is
// written once for ever is not written again, and what grows keeps what it held.
func (h *history) checkChanges(changes []contracts.Change) {
	for _, c := range changes {
		old, existed := h.state[c.Key]
		if c.Delete {
			h.fail("%s is deleted", c.Key)
		}
		if !existed {
			continue
		}
		kept := true
		switch class, _, _ := strings.Cut(c.Key, "/"); class {
		case "refs", "keys", "pledge_steps":
			kept = bytes.Equal(old, c.Value)
		case "corrections", "correction_keys":
			kept = bytes.Equal(old, c.Value)
		case "statutory": // a number that was not the pledge's is free again
			kept = bytes.Equal(old, c.Value) || decoded[string](h, old) == "" || decoded[string](h, c.Value) == ""
		case "right_events": // what was told stays, and what holds in its place stands beside it
			a, b := decoded[rights.Event](h, old), decoded[rights.Event](h, c.Value)
			if a.Shown = b.Shown; reflect.DeepEqual(a, b) { // the look at the register before it was none
				break
			}
			kept = b.CorrectedBy != nil && (!a.Annulled || b.Annulled)
			a.CorrectedBy, a.HeldFrom, a.Annulled, a.Moves, a.Took = b.CorrectedBy, b.HeldFrom, b.Annulled, b.Moves, b.Took
			kept = kept && reflect.DeepEqual(a, b)
		case "claims":
			kept = claimKept(decoded[rights.Claim](h, old), decoded[rights.Claim](h, c.Value))
		case "rights":
			a, b := decoded[rights.Record](h, old), decoded[rights.Record](h, c.Value)
			kept = a.Space == b.Space && a.Number == b.Number && (a.RightID == "" || a.RightID == b.RightID && a.ConfirmedAt == b.ConfirmedAt) &&
				a.Events <= b.Events && b.Events <= a.Events+uint64(len(h.blocks[len(h.blocks)-1].txs))
		case "freezes":
			a, b := decoded[freezes.Record](h, old), decoded[freezes.Record](h, c.Value)
			kept = len(a.Orders) <= len(b.Orders)
			for i := range min(len(a.Orders), len(b.Orders)) {
				kept = kept && orderKept(a.Orders[i], b.Orders[i])
			}
			b.Orders = a.Orders
			kept = kept && reflect.DeepEqual(a, b)
		case "pledges":
			a, b := decoded[pledges.Record](h, old), decoded[pledges.Record](h, c.Value)
			kept = a.PledgeNo == b.PledgeNo && a.SubmittedAt == b.SubmittedAt && a.Version <= b.Version &&
				len(a.Changes) <= len(b.Changes) && (len(a.Changes) == 0 || reflect.DeepEqual(a.Changes, b.Changes[:len(a.Changes)])) &&
				(reflect.DeepEqual(a.Rights, b.Rights) || a.State.Pending() || b.Version > a.Version) &&
				(a.StatutoryNo == "" || a.StatutoryNo == former(b, a).StatutoryNo && a.StatutoryTime == former(b, a).StatutoryTime && a.RegisteredAt == b.RegisteredAt)
		case "pledge_applications":
			a, b := decoded[pledges.Application](h, old), decoded[pledges.Application](h, c.Value)
			kept = a.StepCount < b.StepCount
			sealed := slices.ContainsFunc(changes, func(c contracts.Change) bool {
				if !strings.HasPrefix(c.Key, "pledge_steps/"+a.PledgeNo) {
					return false
				}
				s := decoded[pledges.Step](h, c.Value)
				return s.Commitment != nil && *s.Commitment == b.Commitment
			})
			kept = kept && (sealed || a.Commitment == b.Commitment)
		}
		if !kept {
			h.fail("%s does not keep what it held", c.Key)
		}
	}
}

// former is a pledge's record with the number and time that it had before it was put
// right, at a version.
func former(r, at pledges.Record) pledges.Record {
	for _, c := range slices.Backward(r.Changes) {
		if c.Version > at.Version {
			r.StatutoryNo, r.StatutoryTime = cmp.Or(c.FormerNo, r.StatutoryNo), cmp.Or(c.FormerTime, r.StatutoryTime)
		}
	}
	return r
}

// orderKept tells whether a court's paper keeps what was recorded of it.
func orderKept(a, b freezes.Order) bool {
	a.CorrectedBy, a.HeldFrom, a.HeldUntil = b.CorrectedBy, b.HeldFrom, b.HeldUntil
	return reflect.DeepEqual(a, b)
}

// claimKept tells whether a claim keeps what was claimed, and its decision once it has
// one.
func claimKept(a, b rights.Claim) bool {
	if a.State != rights.ClaimWaiting && (a.State != b.State || a.DecidedBy != b.DecidedBy || a.DecidedAt != b.DecidedAt || a.Reason != b.Reason) {
		return false
	}
	return a.RightID == b.RightID && a.Number == b.Number && a.NumberAsTyped == b.NumberAsTyped && slices.Equal(a.Owners, b.Owners) &&
		a.ClaimedBy == b.ClaimedBy && a.ClaimedAt == b.ClaimedAt
}

func decoded[T any](h *history, raw []byte) T {
	var record T
	if err := ledger.Decode(raw, ledger.MaxValue, &record); err != nil {
		h.t.Fatal(err)
	}
	return record
}

// checkTexts holds INV-23: no text of any record, and no key of the state, holds a
// resident identity number.
func (h *history) checkTexts() {
	for key, value := range h.state {
		if first, ok := h.town.state[key]; ok && bytes.Equal(first, value) {
			continue
		}
		// What a dishonest leader puts into a block stands in it, and a refused
		// reference is consumed like any other: see TestNoResidentNumberReachesTheLedger.
		if holdsResident(key) && !strings.HasPrefix(key, "refs/") {
			h.fail("the key %s holds a resident number", key)
		}
		var content any
		if err := ledger.Decode(value, ledger.MaxValue, &content); err != nil {
			h.t.Fatal(err)
		}
		walkTexts(content, func(text string) {
			if holdsResident(text) {
				h.fail("%s holds a resident number: %q", key, text)
			}
		})
	}
}

func walkTexts(content any, visit func(string)) {
	switch v := content.(type) {
	case string:
		visit(v)
	case []any:
		for _, e := range v {
			walkTexts(e, visit)
		}
	case map[any]any:
		for k, e := range v {
			walkTexts(k, visit)
			walkTexts(e, visit)
		}
	}
}

var (
	gap      = regexp.MustCompile(`([0-9])[\s\p{Zs}\p{Pd}\x{2212}]+([0-9Xx])`)
	eighteen = regexp.MustCompile(`[0-9]{17}[0-9Xx]`)
)

// holdsResident is INV-23 word for word: after NFKC and without the spaces and hyphens
// between digits, 18 characters that are no part of a longer run of digits, a date that
// exists and a check character that fits.
func holdsResident(text string) bool {
	folded := text
	if !isPlain(text) {
		folded = norm.NFKC.String(text)
	}
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	digits := 0
	for _, r := range folded {
		if isDigit(r) {
			digits++
		}
	}
	if digits < 17 {
		return false
	}
	for closed := ""; closed != folded; {
		closed, folded = folded, gap.ReplaceAllString(folded, "$1$2")
	}
	for _, at := range eighteen.FindAllStringIndex(folded, -1) {
		before, after := folded[:at[0]], folded[at[1]:]
		if before != "" && isDigit(rune(before[len(before)-1])) || after != "" && isDigit(rune(after[0])) {
			continue
		}
		n := strings.ToUpper(folded[at[0]:at[1]])
		sum, weight := 0, 1
		for i := 16; i >= 0; i-- {
			weight = weight * 2 % 11
			sum += weight * int(n[i]-'0')
		}
		if _, err := time.Parse("20060102", n[6:14]); err == nil && n[0] != '0' && n[17] == "10X98765432"[sum%11] {
			return true
		}
	}
	return false
}

func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 })
}

// checkReplay holds INV-27: the same blocks over the first state give the same bytes,
// and so do the same transactions of each block one by one.
func (h *history) checkReplay() {
	for _, single := range []bool{false, true} {
		state := maps.Clone(h.town.state)
		for _, b := range h.blocks {
			parts := [][]*ledger.Transaction{b.txs}
			if single {
				parts = nil
				for _, tx := range b.txs {
					parts = append(parts, []*ledger.Transaction{tx})
				}
			}
			var outcomes []ledger.Outcome
			for _, txs := range parts {
				out, changes, err := contracts.Execute(h.methods, state, b.Block, txs)
				if err != nil {
					h.t.Fatal(err)
				}
				for _, c := range changes {
					state[c.Key] = c.Value
				}
				outcomes = append(outcomes, out...)
			}
			for i := range outcomes {
				outcomes[i].Index, outcomes[i].Count = uint64(i), uint64(len(outcomes))
			}
			if !bytes.Equal(ledger.Encode(outcomes), ledger.Encode(b.outcomes)) {
				h.fail("replay of height %d gives other outcomes (one by one: %v)", b.Height, single)
			}
		}
		if !maps.EqualFunc(state, h.state, bytes.Equal) {
			h.fail("replay gives another state (one by one: %v)", single)
		}
	}
}
