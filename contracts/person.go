// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"slices"

	"github.com/ipledger/ipledger/ledger/keys"
)

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

// A Person is a pseudonymous key holder of one organisation. It holds no
// personal data: the id is derived from the first key. Times are ms since 1970 UTC.
type Person struct {
	PersonID        string         `cbor:"1,keyasint" json:"person_id"`
	Organisation    string         `cbor:"2,keyasint" json:"organisation"` // party id
	Roles           []string       `cbor:"3,keyasint" json:"roles"`        // sorted; with those of substitutions: RolesAt
	Key             keys.PublicKey `cbor:"4,keyasint" json:"key"`          // until a rotation holds: KeyAt
	EnrolledAt      int64          `cbor:"5,keyasint" json:"enrolled_at"`
	RevokedAt       int64          `cbor:"6,keyasint,omitempty" json:"revoked_at,omitempty"`        // block time; 0: active
	RevokedFactTime int64          `cbor:"7,keyasint,omitempty" json:"revoked_fact_time,omitempty"` // since when it was true
	RevokedReason   string         `cbor:"8,keyasint,omitempty" json:"revoked_reason,omitempty"`
	Substitutions   []Substitution `cbor:"9,keyasint,omitempty" json:"substitutions,omitempty"` // those that had not ended when one was last made
	Rotation        *Rotation      `cbor:"10,keyasint,omitempty" json:"rotation,omitempty"`     // to the key that follows Key
	FormerKeys      []FormerKey    `cbor:"11,keyasint,omitempty" json:"former_keys,omitempty"`  // the oldest first; none signs anything
}

// A Substitution gives a person the roles of an absent colleague for a time.
type Substitution struct {
	Roles  []string `cbor:"1,keyasint" json:"roles"`  // sorted
	Absent string   `cbor:"2,keyasint" json:"absent"` // person id
	From   int64    `cbor:"3,keyasint" json:"from"`
	Until  int64    `cbor:"4,keyasint" json:"until"` // exclusive
}

// A Rotation puts another key in the place of a person's. Until it holds, the old
// key signs and may stop it.
type Rotation struct {
	Key       keys.PublicKey `cbor:"1,keyasint" json:"key"`
	StartedAt int64          `cbor:"2,keyasint" json:"started_at"`
	HoldsFrom int64          `cbor:"3,keyasint" json:"holds_from"`
}

// A FormerKey is a key of a person that signs no more, or never did.
type FormerKey struct {
	Key    keys.PublicKey `cbor:"1,keyasint" json:"key"`
	Until  int64          `cbor:"2,keyasint" json:"until"`
	Vetoed bool           `cbor:"3,keyasint,omitempty" json:"vetoed,omitempty"` // its rotation was stopped before it held
}

// KeyAt is the one key that the person signs with at a time.
func (p Person) KeyAt(at int64) keys.PublicKey {
	if p.Rotation != nil && p.Rotation.HoldsFrom <= at {
		return p.Rotation.Key
	}
	return p.Key
}

// InForce is the person with what its substitutions give now: those roles that the
// absent still hold themselves. find gives a person by its id.
func (p Person) InForce(find func(id string) (Person, bool)) Person {
	if len(p.Substitutions) == 0 {
		return p
	}
	var inForce []Substitution
	for _, s := range p.Substitutions {
		absent, ok := find(s.Absent)
		if !ok || absent.RevokedAt != 0 {
			continue
		}
		s.Roles = slices.DeleteFunc(slices.Clone(s.Roles), func(role string) bool { return !slices.Contains(absent.Roles, role) })
		inForce = append(inForce, s)
	}
	p.Substitutions = inForce
	return p
}

// StandsFor gives whose role it is that the person signs in at a time: its own, or that
// of an absent colleague. It is "" if it may not sign so.
func (p Person) StandsFor(role string, at int64) string {
	if anyIs(p.Roles, role) {
		return p.PersonID
	}
	for _, s := range p.Substitutions {
		if s.From <= at && at < s.Until && anyIs(s.Roles, role) {
			return s.Absent
		}
	}
	return ""
}

// RolesAt are the roles that the person has at a time, sorted. The list is not to
// be written to.
func (p Person) RolesAt(at int64) []string {
	roles := p.Roles
	for _, s := range p.Substitutions {
		if s.From <= at && at < s.Until {
			roles = slices.Concat(roles, s.Roles)
		}
	}
	if len(roles) == len(p.Roles) {
		return roles
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Holds tells whether the person may sign in a role at a time, see InForce.
func (p Person) Holds(role string, at int64) bool { return p.StandsFor(role, at) != "" }

// anyIs tells whether one of the roles is another, or serves as it. Whoever may enter,
// check or approve for an organisation may also countersign for it.
func anyIs(roles []string, role string) bool {
	return slices.ContainsFunc(roles, func(r string) bool {
		return r == role || role == Countersigner && (r == Maker || r == Checker || r == Approver)
	})
}

// Settle notes a rotation that holds by a time, so that another can follow.
func (p Person) Settle(at int64) Person {
	if p.Rotation != nil && p.Rotation.HoldsFrom <= at {
		p.FormerKeys = append(slices.Clone(p.FormerKeys), FormerKey{Key: p.Key, Until: p.Rotation.HoldsFrom})
		p.Key, p.Rotation = p.Rotation.Key, nil
	}
	return p
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
