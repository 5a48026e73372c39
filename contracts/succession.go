// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

// Records name organisations, and hundreds may name one that is no more. They are
// not rewritten: whoever asks who stands in such a place now follows the successions
// that came after. Each has a number, one greater than the last; a walk only takes
// successions of rising numbers, so that it ends, and a record that goes from one
// organisation to another and back is at home again.

// An Assignment says who took over a record of another organisation in a split.
type Assignment struct {
	To         string `cbor:"1,keyasint" json:"to"`         // party id
	Succession uint64 `cbor:"2,keyasint" json:"succession"` // its number

	// OverAt is the block time since which the record names that organisation anew, for
	// what it has come by later: nobody stands in its place there any more.
	OverAt int64 `cbor:"3,keyasint,omitempty" json:"over_at,omitempty"`
}

// AssignmentKey is the state key of what became of a record of an organisation.
func AssignmentKey(partyID, record string) string {
	return "party_assignments/" + partyID + "/" + record
}

// Current gives the organisation that stands now where a record names another. The
// record is named by its platform number: a pledge's, a loan's, or the id of a
// right. An organisation that has no successor there is its own.
func Current(v *View, partyID, record string) string {
	return follow(partyID, record,
		func(id string) (Party, bool) { return partyOf(v, id) },
		func(key string) (Assignment, bool) { return Load[Assignment](v, key) })
}

// CurrentIn is Current for those who read the state from outside; load reads a
// record and is false if there is none.
func CurrentIn(load func(key string, record any) (bool, error), partyID, record string) (string, error) {
	var fault error
	read := func(key string, into any) bool {
		ok, err := load(key, into)
		if err != nil && fault == nil {
			fault = err
		}
		return ok && err == nil
	}
	now := follow(partyID, record,
		func(id string) (p Party, ok bool) { ok = read(PartyKey(id), &p); return p, ok },
		func(key string) (a Assignment, ok bool) { ok = read(key, &a); return a, ok })
	return now, fault
}

func follow(party, record string, partyOf func(string) (Party, bool), assigned func(key string) (Assignment, bool)) string {
	for last := uint64(0); ; {
		p, ok := partyOf(party)
		if !ok {
			return party
		}
		a := Assignment{To: p.SucceededBy, Succession: p.SucceededIn}
		if p.SplitIn > last && record != "" {
			// What went to another before a merger does not follow the merger.
			if split, ok := assigned(AssignmentKey(party, record)); ok && split.Succession > last && split.OverAt == 0 {
				a = split
			}
		}
		if a.Succession <= last {
			return party
		}
		party, last = a.To, a.Succession
	}
}

// NameAnew notes that a record names an organisation that it did not name before: what
// it once split off from this record is over.
func NameAnew(v *View, partyID, record string) {
	key := AssignmentKey(partyID, record)
	if a, ok := Load[Assignment](v, key); ok && a.OverAt == 0 {
		a.OverAt = v.Time()
		Store(v, key, a)
	}
}

// ActsFor tells whether the actor stands where a record names an organisation.
func ActsFor(v *View, partyID, record string) bool { return Current(v, partyID, record) == v.Actor() }

// SameParty tells whether two names of organisations stand for one in a record: one
// has taken the other's place, or a third that of both.
func SameParty(v *View, one, other, record string) bool {
	return one == other || Current(v, one, record) == Current(v, other, record)
}

// SignedFor tells whether the organisation that stands where a record names another
// agreed: somebody signed for it in the role, or it is the actor, whose people have
// signed anyhow.
func (v *View) SignedFor(partyID, record, role string) bool {
	now := Current(v, partyID, record)
	return now == v.Actor() || v.Signed(now, role)
}
