// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package corrections

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/freezes"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// An entry is what one transaction has written about one record.
type entry struct {
	subject     string // platform number of the record
	transaction ledger.Hash
	actor       string // party id of who made it
	others      []side // who must sign beside the actor
	takes       []string
	paper       bool // to correct it takes one: of a court that is not on this ledger, or of the register

	// correct changes the record by what the entry should have said. nil: entries of
	// this kind are not corrected.
	correct func(v *contracts.View, args CorrectArgs) ([]rights.Move, *contracts.Refusal)
}

// A side is an organisation as a record names it.
type side struct{ party, record string }

// sides are organisations that one record names.
func sides(record string, lists ...[]string) (out []side) {
	for _, party := range slices.Concat(lists...) {
		out = append(out, side{party, record})
	}
	return out
}

// find gives the entry that a transaction made about a record.
func find(v *contracts.View, subject string, transaction ledger.Hash) (entry, *contracts.Refusal) {
	number, err := identifier.PlatformNumber(subject)
	if err != nil {
		return entry{}, contracts.Refuse(contracts.IdentifierFailure(err, "subject"))
	}
	of, known := map[identifier.RecordKind]func(*contracts.View, string, ledger.Hash) (e entry, known, found bool){
		identifier.PledgeRecord: ofPledge, identifier.RightRecord: ofRight, identifier.FreezeRecord: ofFreeze,
	}[number.Kind]
	if !known {
		return entry{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "subject", Subject: number.Canonical})
	}
	root, about := transaction, []Record{}
	for {
		key, made := contracts.Load[string](v, KeyOf(root))
		if !made {
			break
		}
		record, _ := contracts.Load[Record](v, key)
		about, root = append(about, record), record.Corrects
	}
	e, known, found := of(v, number.Canonical, root)
	found = found && (len(about) == 0 || about[0].Subject == number.Canonical) // one transaction may decide several claims
	switch {
	case !known:
		return entry{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "subject", Subject: number.Canonical})
	case !found:
		return entry{}, contracts.Refuse(ledger.Failure{Code: contracts.ENotFound, Field: "transaction", Subject: number.Canonical, Reason: contracts.ReasonNotEntry})
	}
	e.subject, e.transaction = number.Canonical, transaction
	if len(about) > 0 {
		e.actor = about[0].Actor
		// To correct a correction is to tell the time of the first entry once more.
		e.takes = slices.DeleteFunc(slices.Clone(e.takes), func(field string) bool { return field == "annulled" })
		if about[0].Kind == Annotation {
			e.correct = nil
		}
	}
	return e, nil
}

// ofPledge finds a step of a pledge. Who signed it stands on one side, the pledgors on
// the other; between an office and the parties, both.
func ofPledge(v *contracts.View, number string, transaction ledger.Hash) (e entry, known, found bool) {
	application, known := contracts.Load[pledges.Application](v, pledges.ApplicationKey(number))
	steps, _ := pledges.StepsOf(application, func(key string, step *pledges.Step) error {
		*step, _ = contracts.Load[pledges.Step](v, key)
		return nil
	})
	i := slices.IndexFunc(steps, func(s pledges.Step) bool { return s.Transaction == transaction })
	if i < 0 {
		return entry{}, known, false
	}
	e.actor, e.others = steps[i].Actor, sides(number, application.Pledgors)
	if !slices.Contains(application.Pledgees, e.actor) {
		e.others = sides(number, application.Pledgors, application.Pledgees)
	}
	e.subject = number
	return correctingPledge(e, steps[i], i), true, true
}

// correctingPledge says what can be put right in a step of a registered pledge: at the
// registration what the register has, at its cancellation the time and whether there was
// one, and where something was sealed, that.
func correctingPledge(e entry, step pledges.Step, n int) entry {
	switch {
	case step.Method == "cancel":
		e.takes, e.paper = []string{"cancellation_time", "annulled"}, true
		e.correct = func(v *contracts.View, args CorrectArgs) ([]rights.Move, *contracts.Refusal) {
			return pledges.CorrectCancellation(v, e.subject, n, pledges.CancellationEntry{Annulled: args.Annulled, Time: args.CancellationTime})
		}
		return e
	case step.Method == "register":
		e.takes = []string{"statutory_no", "statutory_time", "registration_end"}
	case step.Commitment == nil:
		return e
	}
	e.correct = func(v *contracts.View, args CorrectArgs) ([]rights.Move, *contracts.Refusal) {
		return pledges.CorrectRegistration(v, e.subject, pledges.RightEntry{
			StatutoryNo: args.StatutoryNo, StatutoryTime: args.StatutoryTime, RegistrationEnd: args.RegistrationEnd,
		})
	}
	return e
}

// ofRight finds an event of a right, or the decision on a claim.
func ofRight(v *contracts.View, number string, transaction ledger.Hash) (e entry, known, found bool) {
	claim, known := contracts.Load[rights.Claim](v, rights.ClaimKey(number))
	if claim.DecidedIn != nil && *claim.DecidedIn == transaction {
		return entry{actor: claim.DecidedBy, others: sides(number, claim.Owners)}, true, true
	}
	record, _ := contracts.Load[rights.Record](v, rights.RecordKey(claim.Space, claim.Number))
	if !known || record.RightID != number {
		return entry{}, known, false
	}
	event, found := rights.EventIn(v, record, transaction)
	if !found {
		return entry{}, true, false
	}
	e = entry{actor: event.ReportedBy, others: sides(number, record.Owners), takes: []string{"fact_time", "annulled"}}
	for _, p := range rights.LivePledges(record, v.Time()) {
		e.others = append(e.others, sides(p.PledgeNo, p.Pledgees)...)
	}
	e.correct = func(v *contracts.View, args CorrectArgs) ([]rights.Move, *contracts.Refusal) {
		return rights.CorrectEvent(v, record, event, rights.EventChange{FactTime: args.FactTime, Annulled: args.Annulled})
	}
	return e, true, true
}

// ofFreeze finds an order of a freeze.
func ofFreeze(v *contracts.View, number string, transaction ledger.Hash) (e entry, known, found bool) {
	freeze, known := contracts.Load[freezes.Record](v, freezes.RecordKey(number))
	i := slices.IndexFunc(freeze.Orders, func(o freezes.Order) bool { return o.Transaction == transaction })
	if i < 0 {
		return entry{}, known, false
	}
	e = entry{actor: freeze.Orders[i].RecordedBy, takes: []string{"received_at", "until"}, paper: freeze.CourtID == ""}
	if !e.paper {
		e.others = sides(number, []string{freeze.CourtID})
	}
	e.correct = func(v *contracts.View, args CorrectArgs) ([]rights.Move, *contracts.Refusal) {
		return freezes.CorrectOrder(v, freeze, i, freezes.OrderChange{ReceivedAt: args.ReceivedAt, Until: args.Until})
	}
	return e, true, true
}

// signed checks that who made the entry acts, and that the other side has signed.
func (e entry) signed(v *contracts.View, r *contracts.Refusal) {
	if !contracts.ActsFor(v, e.actor, e.subject) {
		r.Add(ledger.Failure{Code: contracts.ERole, Field: "actor", Subject: e.actor, Reason: contracts.ReasonNotActor})
	}
	for _, other := range e.others {
		if !v.SignedFor(other.party, other.record, contracts.Countersigner) {
			r.Add(ledger.Failure{Code: contracts.ESignature, Field: "signers", Subject: contracts.Current(v, other.party, other.record)})
		}
	}
}
