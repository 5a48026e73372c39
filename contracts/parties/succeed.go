// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package parties

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// The kinds of succession.
const (
	Merger   = "MERGER"   // From is no more; To stands wherever a record names it
	Split    = "SPLIT"    // To takes over the records listed; From keeps the others
	Renaming = "RENAMING" // From has another name
)

// SucceedArgs are the arguments of parties.succeed.
type SucceedArgs struct {
	Kind     string      `cbor:"1,keyasint" json:"kind" schema:"enum=MERGER|SPLIT|RENAMING"`
	From     string      `cbor:"2,keyasint" json:"from" schema:"format=party"`
	Document ledger.Hash `cbor:"3,keyasint" json:"document"`  // of the business register's paper
	FactTime int64       `cbor:"4,keyasint" json:"fact_time"` // ms since 1970 UTC, when the register changed

	To      string   `cbor:"5,keyasint,omitempty" json:"to,omitempty" schema:"format=party"`                          // of a merger or split
	Records []string `cbor:"6,keyasint,omitempty" json:"records,omitempty" schema:"format=platform_number,items=400"` // of a split: numbers of pledges and loans, ids of rights
	NameZH  string   `cbor:"7,keyasint,omitempty" json:"name_zh,omitempty" schema:"max=128"`                          // of a renaming; only a foreign one may have none
	NameEN  string   `cbor:"8,keyasint,omitempty" json:"name_en,omitempty" schema:"max=128"`                          // of a renaming; absent: none
}

// SucceedResult names what parties.succeed wrote.
type SucceedResult struct {
	Succession uint64 `cbor:"1,keyasint" json:"succession"` // its number
}

// A Succession is what the business register decided about an organisation. Numbers
// count from 1 and tell the order. Times are ms since 1970 UTC.
type Succession struct {
	Number      uint64      `cbor:"1,keyasint" json:"number"`
	Kind        string      `cbor:"2,keyasint" json:"kind"`
	From        string      `cbor:"3,keyasint" json:"from"`                   // party id
	To          string      `cbor:"4,keyasint,omitempty" json:"to,omitempty"` // party id
	Records     []string    `cbor:"5,keyasint,omitempty" json:"records,omitempty"`
	Document    ledger.Hash `cbor:"6,keyasint" json:"document"`
	FactTime    int64       `cbor:"7,keyasint" json:"fact_time"`
	RecordedAt  int64       `cbor:"8,keyasint" json:"recorded_at"` // block time
	Transaction ledger.Hash `cbor:"9,keyasint" json:"transaction"`
}

const lastSuccession = "successions/last"

// SuccessionKey is the state key of a succession.
func SuccessionKey(number uint64) string { return fmt.Sprintf("successions/%010d", number) }

// maxFormerNames bounds the names an organisation has had, so that its record always
// has room for a suspension and its end.
const maxFormerNames = 32

// succeed notes a fact of the business register. Records that name the organisation
// are not rewritten: see contracts.Current.
func succeed(v *contracts.View, args SucceedArgs) (SucceedResult, *contracts.Refusal) {
	r := new(contracts.Refusal)
	from := existing(v, args.From, "from", r)
	checkDocument(args.Document, r)
	if args.FactTime <= 0 || args.FactTime > v.Time() {
		r.Add(ledger.Failure{Code: contracts.EClock, Field: "fact_time"})
	}
	checkFields(args, from.PartyID != "" && from.Foreign(), r)
	last, _ := contracts.Load[uint64](v, lastSuccession)
	s := Succession{
		Number: last + 1, Kind: args.Kind, From: from.PartyID, Document: args.Document, FactTime: args.FactTime,
		RecordedAt: v.Time(), Transaction: v.Transaction(),
	}
	var to contracts.Party
	if args.Kind != Renaming {
		// What an account holds does not leave it while a regulator has frozen it.
		checkOrder(v, from, contracts.PartyMerged, "from", r)
	}
	if args.Kind != Renaming && args.To != "" {
		to = checkSuccessor(v, from, args.To, r)
		s.To = to.PartyID
	}
	if args.Kind == Merger && s.To != "" && to.Foreign() { // which does not vote in the other's place
		checkVoterLeft(v, from, "from", r)
	}
	if args.Kind == Split {
		s.Records = checkRecords(v, from.PartyID, args.Records, r)
	}
	switch {
	case args.Kind != Renaming || from.PartyID == "":
	case from.Foreign() && args.NameEN == from.NameEN:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_en", Reason: contracts.ReasonRepeated})
	case !from.Foreign() && args.NameZH == from.NameZH:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "name_zh", Reason: contracts.ReasonRepeated})
	}
	if args.Kind == Renaming && len(from.FormerNames) >= maxFormerNames {
		r.Add(ledger.Failure{Code: contracts.EState, Field: "from", Subject: from.PartyID, Reason: contracts.ReasonLength})
	}
	if r.Refuses() {
		return SucceedResult{}, r
	}

	event := ""
	switch args.Kind {
	case Renaming:
		event = "party.renamed"
		former := contracts.FormerName{NameZH: from.NameZH, NameEN: from.NameEN, Until: args.FactTime, Succession: s.Number}
		from.FormerNames = append(slices.Clone(from.FormerNames), former)
		from.NameZH, from.NameEN = args.NameZH, args.NameEN
	case Merger:
		event = "party.merged"
		from.Status, from.SucceededBy, from.SucceededIn = contracts.PartyMerged, s.To, s.Number
	case Split:
		event = "party.split"
		from.SplitIn = s.Number
		for _, record := range s.Records {
			contracts.Store(v, contracts.AssignmentKey(from.PartyID, record), contracts.Assignment{To: s.To, Succession: s.Number})
		}
	}
	changed := []contracts.Party{from}
	if at, known := slices.BinarySearch(to.Predecessors, from.PartyID); s.To != "" && !known {
		to.Predecessors = slices.Insert(slices.Clone(to.Predecessors), at, from.PartyID)
		changed = append(changed, to)
	}
	for _, p := range changed {
		contracts.StoreParty(v, p)
	}
	contracts.Store(v, SuccessionKey(s.Number), s)
	contracts.Store(v, lastSuccession, s.Number)
	v.Emit(event, from.PartyID)
	return SucceedResult{Succession: s.Number}, nil
}

// checkFields requires of each kind the arguments that it needs, and no others. A
// foreign organisation is named in English, and in Chinese if it likes.
func checkFields(args SucceedArgs, foreign bool, r *contracts.Refusal) {
	renamed := args.Kind == Renaming
	for _, field := range []struct {
		name   string
		given  bool
		needed bool
		may    bool
	}{
		{"to", args.To != "", args.Kind != Renaming, false},
		{"records", len(args.Records) > 0, args.Kind == Split, false},
		{"name_zh", args.NameZH != "", renamed && !foreign, renamed},
		{"name_en", args.NameEN != "", renamed && foreign, renamed},
	} {
		switch {
		case field.needed && !field.given:
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field.name, Reason: contracts.ReasonMissing})
		case field.given && !field.needed && !field.may:
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field.name, Reason: contracts.ReasonUnknown})
		}
	}
}

// checkSuccessor finds the organisation that takes the place of another, and is free
// to act in it. Where the place is one that only an organisation of that kind can fill,
// a pledgee's or an office's, it is of the same kind; an owner's is taken by any that
// does business for itself.
func checkSuccessor(v *contracts.View, from contracts.Party, typed string, r *contracts.Refusal) contracts.Party {
	to := existing(v, typed, "to", r)
	owner := slices.Contains(contracts.Registrable(), from.Role)
	switch {
	case to.PartyID == "" || from.PartyID == "":
	case to.PartyID == from.PartyID:
		r.Add(ledger.Failure{Code: contracts.EFormat, Field: "to", Subject: to.PartyID, Reason: contracts.ReasonRepeated})
	case !owner && to.Role != from.Role, owner && !to.Role.MayDelegate():
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "to", Subject: to.PartyID, Reason: contracts.ReasonPartyRole})
	case !to.ActiveAt(v.Time()):
		r.Add(ledger.Failure{Code: contracts.EState, Field: "to", Subject: to.PartyID, Reason: contracts.ReasonSuspended})
	}
	return to
}

// checkRecords gives the canonical numbers of the records that go over, sorted. Each
// must exist and name the organisation, or another in whose place it stands, and not be
// another's already.
func checkRecords(v *contracts.View, from string, typed []string, r *contracts.Refusal) []string {
	var list []string
	for i, text := range typed {
		field := fmt.Sprintf("records[%d]", i)
		number, err := identifier.PlatformNumber(text)
		if err != nil {
			r.Add(contracts.IdentifierFailure(err, field))
			continue
		}
		names, exists, known := v.Named(number)
		if !known {
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: number.Canonical, Reason: contracts.ReasonValue})
			continue
		}
		switch {
		case !exists:
			r.Add(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: number.Canonical})
		case slices.Contains(list, number.Canonical):
			r.Add(ledger.Failure{Code: contracts.EFormat, Field: field, Subject: number.Canonical, Reason: contracts.ReasonRepeated})
		case from != "" && contracts.Current(v, from, number.Canonical) != from:
			r.Add(ledger.Failure{Code: contracts.EState, Field: field, Subject: number.Canonical, Reason: contracts.ReasonSucceeded})
		case from != "" && !slices.ContainsFunc(names, func(name string) bool { return contracts.Current(v, name, number.Canonical) == from }):
			r.Add(ledger.Failure{Code: contracts.EState, Field: field, Subject: number.Canonical, Reason: contracts.ReasonNotNamed})
		}
		list = append(list, number.Canonical)
	}
	slices.Sort(list)
	return list
}
