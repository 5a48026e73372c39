// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// Anyone may ask for a right to be declared invalid, and several may at once; until
// that is decided it stands, under a flag (Patent Law, articles 45 to 47; Trademark
// Law, articles 44 to 47).

// invalidationFiled: proceedings have begun.
func invalidationFiled(h *happening) { h.raise(FlagInvalidationPending, "") }

// upheld: the right stands as it was, as far as these proceedings go.
func upheld(h *happening) { h.lower(FlagInvalidationPending) }

// maxStruck bounds the list of struck claims, in bytes.
const maxStruck = 512

// partlyInvalid: some claims are struck, as if they had never been; the right lives on
// with the others, and is worth something else.
func partlyInvalid(h *happening) {
	if h.args.Claims == "" {
		h.Add(missing("struck_claims"))
	}
	h.lower(FlagInvalidationPending)
	if h.record.StruckClaims != "" {
		h.record.StruckClaims += "; "
	}
	h.record.StruckClaims = strings.TrimSpace(h.record.StruckClaims + h.args.Claims)
	if len(h.record.StruckClaims) > maxStruck {
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "struck_claims", Reason: contracts.ReasonLength})
	}
	// Another part may have been struck before this one, or later and be told already.
	if !slices.ContainsFunc(h.record.Facts, func(f Fact) bool { return f.Flag == FlagRevalue }) {
		h.raise(FlagRevalue, "")
	}
}

// invalidFinal: the right is deemed never to have existed (Patent Law, article 47). No
// other end goes before that.
func invalidFinal(h *happening) {
	h.lower(FlagInvalidationPending)
	end(h.v, &h.record, Invalidated, 0)
}

// A utility model and an invention may be applied for on one day for the same thing;
// when the invention is granted, the model has to be given up (Patent Law, article 9).

// twinFound: such an application exists.
func twinFound(h *happening) {
	h.record.Twin = h.twin()
	h.raise(FlagTwinApplication, "")
}

// twinCleared: it was withdrawn or refused.
func twinCleared(h *happening) {
	h.lower(FlagTwinApplication)
	h.record.Twin = ""
}

// twin checks the number of the invention; it may be left out.
func (h *happening) twin() string {
	if h.args.Twin == "" {
		return ""
	}
	p, err := identifier.PatentNumber(h.args.Twin, h.v.Today())
	switch {
	case err != nil:
		h.Add(contracts.IdentifierFailure(err, "twin"))
	case p.Right != identifier.PatInv:
		h.Add(ledger.Failure{Code: contracts.EFormat, Field: "twin", Reason: string(identifier.Kind)})
	}
	return p.Canonical
}
