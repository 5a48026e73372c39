// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A PartyRole is what an organisation is in the business.
type PartyRole string

// The kinds of organisations.
const (
	Bank         PartyRole = "BANK"
	IPOffice     PartyRole = "IPO"
	Registrar    PartyRole = "REGISTRAR"
	CopyrightHub PartyRole = "CPC"
	Borrower     PartyRole = "BORROWER"
	Pledgor      PartyRole = "PLEDGOR"
	Coowner      PartyRole = "COOWNER"
	Valuer       PartyRole = "VALUER"
	Guarantor    PartyRole = "GUARANTOR"
	Insurer      PartyRole = "INSURER"
	Fund         PartyRole = "FUND"
	Exchange     PartyRole = "EXCHANGE"
	Court        PartyRole = "COURT"
	Regulator    PartyRole = "REGULATOR"
	Auditor      PartyRole = "AUDITOR"
	Operator     PartyRole = "OPERATOR"
	CreditAgency PartyRole = "CREDIT"
)

// Known tells whether r is one of the kinds of organisations.
func (r PartyRole) Known() bool {
	switch r {
	case Bank, IPOffice, Registrar, CopyrightHub, Borrower, Pledgor, Coowner, Valuer, Guarantor,
		Insurer, Fund, Exchange, Court, Regulator, Auditor, Operator, CreditAgency:
		return true
	}
	return false
}

// The roles of persons inside an organisation, and the roles in which keys sign.
const (
	Maker         = "maker"
	Checker       = "checker"
	Approver      = "approver"
	Admin         = "admin"
	Viewer        = "viewer"
	Countersigner = "countersigner" // agrees for an organisation that does not act
	NewPerson     = "person"        // signs only to prove that a new key is held
	Validator     = "validator"     // a node signs for its organisation, with its validator key
)

// personRoles are the roles a person may be enrolled with.
func personRoles() []string {
	return []string{Maker, Checker, Approver, Admin, Viewer, Countersigner}
}

// Statuses of a party.
const (
	PartyActive    = "ACTIVE"
	PartySuspended = "SUSPENDED"
)

// A Party is the public record of an organisation. Its id is its unified social
// credit code in canonical form.
type Party struct {
	PartyID      string    `cbor:"1,keyasint" json:"party_id"`
	Role         PartyRole `cbor:"2,keyasint" json:"role"`
	NameZH       string    `cbor:"3,keyasint" json:"name_zh"`
	NameEN       string    `cbor:"4,keyasint,omitempty" json:"name_en,omitempty"`
	USCC         string    `cbor:"5,keyasint" json:"uscc"`
	AreaCode     string    `cbor:"6,keyasint" json:"area_code"` // GB/T 2260
	Status       string    `cbor:"7,keyasint" json:"status"`
	RegisteredAt int64     `cbor:"8,keyasint" json:"registered_at"` // ms since 1970 UTC
}

// PartyKey is the state key of a party.
func PartyKey(partyID string) string { return "parties/" + partyID }

// FindParty finds the organisation that an argument names, in any spelling of its
// credit code; what is wrong is added to r. It gives the zero Party then. Like
// every argument, it is read before the transaction writes anything.
func FindParty(v *View, typed, field string, r *Refusal) Party {
	// The 17th character was judged when the organisation was registered.
	id, err := identifier.USCCOrgCheckWaived(typed)
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
	if known, ok := v.known.records[PartyKey(id)]; ok { // looked up so, the key costs nothing
		return known.(Party), true
	}
	return loadShared[Party](v, PartyKey(id))
}

// A Person is a pseudonymous key holder of one organisation. It holds no
// personal data: the id is derived from the key.
type Person struct {
	PersonID        string         `cbor:"1,keyasint" json:"person_id"`
	Organisation    string         `cbor:"2,keyasint" json:"organisation"` // party id
	Roles           []string       `cbor:"3,keyasint" json:"roles"`        // sorted
	Key             keys.PublicKey `cbor:"4,keyasint" json:"key"`
	EnrolledAt      int64          `cbor:"5,keyasint" json:"enrolled_at"`                    // ms since 1970 UTC
	RevokedAt       int64          `cbor:"6,keyasint,omitempty" json:"revoked_at,omitempty"` // block time; 0: active
	RevokedFactTime int64          `cbor:"7,keyasint,omitempty" json:"revoked_fact_time,omitempty"`
	RevokedReason   string         `cbor:"8,keyasint,omitempty" json:"revoked_reason,omitempty"`
}

// PersonKey is the state key of a person.
func PersonKey(personID string) string { return "persons/" + personID }

// keyKey is the state key under which a public key names its person, for ever.
func keyKey(key keys.PublicKey) string { return "keys/" + key.String() }

// PersonID derives the pseudonym of a key's holder: P- and 20 hexadecimal
// digits of the network's hash of the key.
func PersonID(suite keys.Suite, key keys.PublicKey) string {
	sum := suite.Sum([]byte("ipledger/person/v1\x00"), []byte(key.String()))
	return "P-" + sum.String()[:20]
}

const setsPrefix = "consortium/sets/"

// newestSet is the validator set of the highest number that the state names.
func newestSet(v *View) (newest ledger.ValidatorSet) {
	v.Iterate(setsPrefix, func(key string, value []byte) bool {
		set, ok := decodeRecord[ledger.ValidatorSet](v, key, value)
		if ok && set.Number >= newest.Number {
			newest = set
		}
		return ok
	})
	return newest
}

// isNode tells whether a key is that of a validator of the organisation today. It
// is no person's, and is known from the validator set alone.
func isNode(v *View, organisation string, key keys.PublicKey) bool {
	set := newestSet(v)
	place, ok := set.Find(key)
	return ok && set.Members[place].Organisation == organisation
}
