// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// Statuses of a party.
const (
	PartyActive    = "ACTIVE"
	PartySuspended = "SUSPENDED"      // by the members
	PartyFrozen    = "ACCOUNT_FROZEN" // by the members on a regulator's order
	PartyMerged    = "MERGED"         // into SucceededBy, for good
)

// A Party is the public record of an organisation. Its id is its unified social
// credit code in canonical form or, if it has none, its LEI. Times are ms since 1970 UTC.
type Party struct {
	PartyID      string    `cbor:"1,keyasint" json:"party_id"`
	Role         PartyRole `cbor:"2,keyasint" json:"role"`
	NameZH       string    `cbor:"3,keyasint" json:"name_zh"`
	NameEN       string    `cbor:"4,keyasint,omitempty" json:"name_en,omitempty"`
	USCC         string    `cbor:"5,keyasint,omitempty" json:"uscc,omitempty"`      // absent: see Foreign
	AreaCode     string    `cbor:"6,keyasint,omitempty" json:"area_code,omitempty"` // GB/T 2260; absent: it has no seat in this country
	Status       string    `cbor:"7,keyasint" json:"status"`                        // as decided last: StatusAt tells it for a time
	RegisteredAt int64     `cbor:"8,keyasint" json:"registered_at"`

	LEI         string       `cbor:"9,keyasint,omitempty" json:"lei,omitempty"`
	FormerNames []FormerName `cbor:"10,keyasint,omitempty" json:"former_names,omitempty"` // the oldest first
	Suspension  *Suspension  `cbor:"11,keyasint,omitempty" json:"suspension,omitempty"`   // the last one, unless the party was reinstated

	// Of its successors, see Current.
	SucceededBy string `cbor:"12,keyasint,omitempty" json:"succeeded_by,omitempty"` // party id, after a merger
	SucceededIn uint64 `cbor:"13,keyasint,omitempty" json:"succeeded_in,omitempty"` // number of that succession
	SplitIn     uint64 `cbor:"14,keyasint,omitempty" json:"split_in,omitempty"`     // number of the last one in which others took over records of it

	// Predecessors are those in whose place it stands, in all of their records or some:
	// who asks what concerns it asks for what names them, too.
	Predecessors []string `cbor:"15,keyasint,omitempty" json:"predecessors,omitempty"` // party ids, sorted
}

// Foreign tells of an organisation without a unified social credit code, which every
// organisation with a seat or a branch in this country has. It acts through an agency
// (see agency), takes no part in the consortium's decisions, and is shown what is public.
func (p Party) Foreign() bool { return p.USCC == "" }

// Votes tells whether organisations like this decide together about members and rules.
func (p Party) Votes() bool { return !p.Foreign() && slices.Contains(Voters(), p.Role) }

// A FormerName is what an organisation was called until it was renamed.
type FormerName struct {
	NameZH     string `cbor:"1,keyasint" json:"name_zh"`
	NameEN     string `cbor:"2,keyasint,omitempty" json:"name_en,omitempty"`
	Until      int64  `cbor:"3,keyasint" json:"until"`      // when the register changed it
	Succession uint64 `cbor:"4,keyasint" json:"succession"` // number of the renaming
}

// A Suspension keeps an organisation from submitting and countersigning. It ends
// by time alone, or when the members reinstate the organisation.
type Suspension struct {
	Ground   string      `cbor:"1,keyasint" json:"ground"`
	Document ledger.Hash `cbor:"2,keyasint" json:"document"` // of the decision or order, kept off the ledger
	From     int64       `cbor:"3,keyasint" json:"from"`
	Until    int64       `cbor:"4,keyasint,omitempty" json:"until,omitempty"` // exclusive; absent: open
}

// StatusAt is the status at a time in ms since 1970 UTC.
func (p Party) StatusAt(at int64) string {
	suspended := p.Status == PartySuspended || p.Status == PartyFrozen
	if suspended && p.Suspension != nil && p.Suspension.Until != 0 && p.Suspension.Until <= at {
		return PartyActive
	}
	return p.Status
}

// ActiveAt tells whether the party may act, sign and vote at a time.
func (p Party) ActiveAt(at int64) bool { return p.StatusAt(at) == PartyActive }

// whyNot is the reason why a party may not act at a time, "" if it may.
func (p Party) whyNot(at int64) string {
	switch p.StatusAt(at) {
	case PartyActive:
		return ""
	case PartySuspended, PartyFrozen:
		return ReasonSuspended
	case PartyMerged:
		return ReasonMerged
	}
	return ReasonParty
}

// PartyKey is the state key of a party.
func PartyKey(partyID string) string { return "parties/" + partyID }

// LEIKey is the state key under which an LEI names the organisation that has or had it.
func LEIKey(lei string) string { return "party_leis/" + lei }

// StoreParty writes the record of an organisation and lists it under its LEI and its
// names, the former ones too.
func StoreParty(v *View, p Party) {
	Store(v, PartyKey(p.PartyID), p)
	if p.LEI != "" {
		Store(v, LEIKey(p.LEI), p.PartyID)
	}
	for _, key := range nameKeys(v.Network().Suite, p) {
		Store(v, key, p.PartyID)
	}
}

// nameKeys are the state keys under which an organisation is found by name.
func nameKeys(suite keys.Suite, p Party) []string {
	var list []string
	add := func(name string) {
		if name != "" {
			list = append(list, PartyNamePrefix(suite, name)+p.PartyID)
		}
	}
	add(p.NameZH)
	add(p.NameEN)
	for _, former := range p.FormerNames {
		add(former.NameZH)
		add(former.NameEN)
	}
	return list
}

// PartyNamePrefix begins the state keys under which the organisations are listed
// that have or had a name. Names may be longer than a key, so it holds a hash.
func PartyNamePrefix(suite keys.Suite, name string) string {
	return "party_names/" + suite.Sum([]byte("ipledger/party-name/v1\x00"), []byte(FoldName(name))).String() + "/"
}

// FoldName makes one text of the spellings of a name that people take for the same:
// full-width letters and signs as a Chinese keyboard gives them, blanks and the case
// of letters make no difference. It knows a fixed set of characters, since what is
// stored under a name must not change with a version of Unicode.
func FoldName(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 0xff01 && c <= 0xff5e {
			c = c - 0xff01 + '!'
		}
		switch {
		case c == ' ' || c == 0x3000 || c == 0xa0:
			return -1
		case c >= 'a' && c <= 'z':
			return c - 'a' + 'A'
		}
		return c
	}, name)
}

// CheckLEI refuses an LEI that names another organisation already: it is that of one
// legal entity for ever, and no entity is here twice.
func CheckLEI(v *View, partyID, lei, field string, r *Refusal) {
	if holder, taken := Load[string](v, LEIKey(lei)); taken && holder != partyID {
		r.Add(ledger.Failure{Code: EDuplicate, Field: field, Subject: holder})
	}
}

// FindParty finds the organisation that an argument names, in any spelling of its
// party id; what is wrong is added to r. It gives the zero Party then.
func FindParty(v *View, typed, field string, r *Refusal) Party {
	id, err := identifier.PartyID(typed)
	if err != nil {
		r.Add(IdentifierFailure(err, field))
		return Party{}
	}
	party, ok := partyOf(v, id)
	if !ok {
		r.Add(ledger.Failure{Code: ENotFound, Field: field, Subject: id, Reason: ReasonParty})
	}
	return party
}

// partyOf finds the record of an organisation by its id; see loadShared.
func partyOf(v *View, id string) (Party, bool) {
	if !v.state.written() {
		if known, ok := v.known.records[PartyKey(id)]; ok { // looked up so, the key costs nothing
			return known.(Party), true
		}
	}
	return loadShared[Party](v, PartyKey(id))
}
