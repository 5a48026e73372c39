// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package pledges

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// State is where a pledge is between application and end.
type State string

// The states.
const (
	Submitted      State = "SUBMITTED"
	Accepted       State = "ACCEPTED"
	Refused        State = "REFUSED"
	Withdrawn      State = "WITHDRAWN"
	Effective      State = "EFFECTIVE"
	ReleasePending State = "RELEASE_PENDING"
	Released       State = "RELEASED"
	Extinguished   State = "EXTINGUISHED" // computed, see StateAt
)

// Pending tells whether a pledge of this state is an application still.
func (s State) Pending() bool { return s == Submitted || s == Accepted }

// Live tells whether a pledge of this state burdens its rights.
func (s State) Live() bool { return s == Effective || s == ReleasePending }

// GroundCourt is the ground of a release that a court ordered.
const GroundCourt = "COURT"

// A Right names one pledged right.
type Right struct {
	RightID string               `cbor:"1,keyasint" json:"right_id"`
	Type    identifier.RightType `cbor:"2,keyasint" json:"type"`
	Number  string               `cbor:"3,keyasint" json:"number"` // canonical
}

func (r Right) key() string {
	space, _ := r.Type.Space()
	return rights.RecordKey(space, r.Number)
}

// A Record is the public record of a pledge. Until the pledge is EFFECTIVE it
// says only which rights, since when and in which state. Times are ms since 1970
// UTC.
type Record struct {
	PledgeNo         string   `cbor:"1,keyasint" json:"pledge_no"`
	State            State    `cbor:"2,keyasint" json:"state"`
	Version          uint64   `cbor:"3,keyasint" json:"version"` // of the registered content, from 1 at registration
	Registrar        string   `cbor:"4,keyasint" json:"registrar"`
	Rights           []Right  `cbor:"5,keyasint" json:"rights"`
	SubmittedAt      int64    `cbor:"6,keyasint" json:"submitted_at"`
	Pledgors         []string `cbor:"7,keyasint,omitempty" json:"pledgors,omitempty"`
	Pledgees         []string `cbor:"8,keyasint,omitempty" json:"pledgees,omitempty"`
	StatutoryNo      string   `cbor:"9,keyasint,omitempty" json:"statutory_no,omitempty"`
	StatutoryTime    int64    `cbor:"10,keyasint,omitempty" json:"statutory_time,omitempty"`
	RegisteredAt     int64    `cbor:"11,keyasint,omitempty" json:"registered_at,omitempty"` // block time
	Ground           string   `cbor:"12,keyasint,omitempty" json:"ground,omitempty"`        // of the refusal or release
	CancellationRef  string   `cbor:"13,keyasint,omitempty" json:"cancellation_ref,omitempty"`
	CancellationTime int64    `cbor:"14,keyasint,omitempty" json:"cancellation_time,omitempty"` // statutory
	EndedAt          int64    `cbor:"15,keyasint,omitempty" json:"ended_at,omitempty"`          // block time
}

// An Application is the member-level record of a pledge.
type Application struct {
	PledgeNo         string       `cbor:"1,keyasint" json:"pledge_no"`
	Kind             string       `cbor:"2,keyasint" json:"kind"` // ORDINARY or MAX_AMOUNT
	Pledgors         []string     `cbor:"3,keyasint" json:"pledgors"`
	Pledgees         []string     `cbor:"4,keyasint" json:"pledgees"`
	Office           string       `cbor:"5,keyasint" json:"office"`
	Method           string       `cbor:"6,keyasint" json:"method"` // ONLINE or PAPER
	Acknowledgements []string     `cbor:"7,keyasint,omitempty" json:"acknowledgements,omitempty"`
	Commitment       ledger.Hash  `cbor:"8,keyasint" json:"commitment"` // of the sealed part
	ReservationUntil int64        `cbor:"9,keyasint" json:"reservation_until"`
	DueDate          string       `cbor:"10,keyasint,omitempty" json:"due_date,omitempty"`
	DueProvisional   bool         `cbor:"11,keyasint,omitempty" json:"due_provisional,omitempty"` // the calendar of that year is not announced
	Codes            []string     `cbor:"12,keyasint,omitempty" json:"codes,omitempty"`           // of a refusal
	CourtDocument    *ledger.Hash `cbor:"13,keyasint,omitempty" json:"court_document,omitempty"`
	Steps            []Step       `cbor:"14,keyasint" json:"steps"`
}

// A Step is one thing that happened to the application.
type Step struct {
	State       State       `cbor:"1,keyasint" json:"state"`
	Time        int64       `cbor:"2,keyasint" json:"time"`
	Transaction ledger.Hash `cbor:"3,keyasint" json:"transaction"`
	Actor       string      `cbor:"4,keyasint" json:"actor"`
	Persons     []string    `cbor:"5,keyasint" json:"persons"`    // who signed, by pseudonym
	SignedFor   []string    `cbor:"6,keyasint" json:"signed_for"` // the organisation each of them signed for
}

// lastStep is the block time of the newest step.
func (a Application) lastStep() int64 { return a.Steps[len(a.Steps)-1].Time }

// signedFor lists the organisations for which the submission was signed.
func (a Application) signedFor() []string { return a.Steps[0].SignedFor }

// RecordKey is the state key of a pledge's public record.
func RecordKey(pledgeNo string) string { return "pledges/" + pledgeNo }

// ApplicationKey is the state key of a pledge's application.
func ApplicationKey(pledgeNo string) string { return "pledge_applications/" + pledgeNo }

// Names gives the organisations that a pledge names, by its number: both sides and the
// office.
func Names(v *contracts.View, pledgeNo string) (parties []string, found bool) {
	a, found := contracts.Load[Application](v, ApplicationKey(pledgeNo))
	return slices.Concat(a.Pledgors, a.Pledgees, []string{a.Office}), found
}

// StateAt is the pledge's state at a time in ms since 1970 UTC, given the records
// of its rights: a live pledge is extinguished once all of its rights have
// ended. That is computed and never stored, as rights end by time, too.
func (r Record) StateAt(of []rights.Record, at int64, p contracts.Parameters) State {
	if !r.State.Live() || len(of) == 0 {
		return r.State
	}
	for _, record := range of {
		if !rights.EndsPledge(record, r.PledgeNo, at, p) {
			return r.State
		}
	}
	return Extinguished
}

// StateNow is StateAt for the block that runs.
func StateNow(v *contracts.View, r Record) State {
	var of []rights.Record
	for _, p := range rightsOf(v, r) {
		of = append(of, p.record)
	}
	return r.StateAt(of, v.Time(), v.Parameters())
}

// Load finds a pledge by its number as typed; a failure names the field.
func Load(v *contracts.View, pledgeNo, field string) (Record, Application, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(pledgeNo)
	if err != nil {
		return Record{}, Application{}, contracts.Refuse(contracts.IdentifierFailure(err, field))
	}
	record, ok := contracts.Load[Record](v, RecordKey(number.Canonical))
	if !ok {
		return Record{}, Application{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: field, Subject: number.Canonical})
	}
	application, _ := contracts.Load[Application](v, ApplicationKey(number.Canonical))
	return record, application, nil
}

// step moves a pledge to a state and stores both of its records.
func step(v *contracts.View, record Record, application Application, state State, event string) {
	record.State = state
	s := Step{State: state, Time: v.Time(), Transaction: v.Transaction(), Actor: v.Actor()}
	for _, signer := range v.Signers() {
		s.Persons = append(s.Persons, signer.Person)
		s.SignedFor = append(s.SignedFor, signer.Organisation)
	}
	application.Steps = append(application.Steps, s)
	contracts.Store(v, RecordKey(record.PledgeNo), record)
	contracts.Store(v, ApplicationKey(record.PledgeNo), application)
	v.Emit(event, record.PledgeNo)
}
