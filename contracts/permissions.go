// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import "slices"

// A Rule says whose signatures a method needs.
type Rule struct {
	Actors []PartyRole // kinds of organisations that may act; none listed: every kind
	Roles  []string    // roles in which persons of the actor must sign, all of them
	May    []string    // further roles in which they may sign; the method says which must
	Others []string    // roles in which other organisations may sign; the method says which must
	NewKey string      // role in which a key that is not enrolled yet proves that it is held

	// ByNode lets a node of the actor sign alone, in the role validator, in place of
	// the persons: with the key of a member of the newest validator set.
	ByNode bool

	// Suspended leaves the method open to an organisation that is suspended: it takes
	// what a key may do away, and gives nobody anything.
	Suspended bool

	// Vote closes the method to transactions: it runs in the block of the ballot that
	// carries a proposal to call it, see package consortium.
	Vote bool
}

// A Permission is one line of the matrix.
type Permission struct {
	Method string // contract.method
	Rule   Rule
}

// Permissions is the permission matrix of FirstVersion: every method that exists, and who may call
// it. Nobody else may, and the operator, the auditor and the credit agency call
// nothing of the business. It is compared in a test with a table written by hand
// from the business specification.
func Permissions() []Permission {
	var (
		two    = []string{Maker, Checker} // four eyes: whoever enters does not check
		admins = []string{Admin}          // as many as AdminsNeeded says
		other  = []string{Countersigner}

		// Reporters relay what a statutory register says, of the registers of their
		// kind: see rights.Reports.
		reporters = []PartyRole{IPOffice, CopyrightHub, Registrar}
		owners    = []PartyRole{Borrower, Pledgor, Coowner}
		voters    = Voters()
		venues    = []PartyRole{Exchange, Court} // they sell what is pledged
	)
	return []Permission{
		{"rights.claim", Rule{Actors: append(slices.Clone(owners), Bank), Roles: []string{Maker}, May: []string{Checker}, Others: other}},
		{"rights.confirm", Rule{Actors: reporters, Roles: two}},
		{"rights.reject", Rule{Actors: reporters, Roles: two}},
		{"rights.refresh", Rule{Actors: reporters, Roles: two}},
		{"rights.status_event", Rule{Actors: reporters, Roles: two, Others: other}},

		{"freezes.record", Rule{Actors: append(slices.Clone(reporters), Court), Roles: two, Others: other}},
		{"freezes.renew", Rule{Actors: append(slices.Clone(reporters), Court), Roles: two, Others: other}},
		{"freezes.lift", Rule{Actors: append(slices.Clone(reporters), Court), Roles: two, Others: other}},

		{"pledges.submit", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.resubmit", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.withdraw", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.accept", Rule{Actors: reporters, Roles: two, Others: other}},
		{"pledges.correct", Rule{Actors: reporters, Roles: two, Others: other}},
		{"pledges.refuse", Rule{Actors: reporters, Roles: two, Others: other}},
		{"pledges.register", Rule{Actors: reporters, Roles: two, Others: other}},
		{"pledges.change", Rule{Actors: append(slices.Clone(reporters), Bank), Roles: two, Others: other}},
		{"pledges.partial_release", Rule{Actors: append(slices.Clone(reporters), Bank), Roles: two, Others: other}},
		{"pledges.extend", Rule{Actors: append(slices.Clone(reporters), Bank), Roles: two, Others: other}},
		{"pledges.transfer", Rule{Actors: append(slices.Clone(reporters), Bank), Roles: two, Others: other}},
		{"pledges.change_rank", Rule{Actors: append(slices.Clone(reporters), Bank), Roles: two, Others: other}},
		{"pledges.fix_claim", Rule{Actors: append(slices.Clone(reporters), Bank, Court), Roles: two, Others: other}},
		{"pledges.demand", Rule{Actors: append(slices.Clone(owners), Bank), Roles: []string{Maker}, May: []string{Checker}, Others: other}},
		{"pledges.start_enforcement", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.end_enforcement", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.consent_release", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.withdraw_release", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pledges.cancel", Rule{Actors: reporters, Roles: two, Others: other}},
		{"pledges.revoke", Rule{Actors: reporters, Roles: two, Others: other}},

		{"pools.create", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pools.add", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"pools.pledge", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},

		{"corrections.annotate", Rule{Actors: append(slices.Clone(reporters), Bank, Court), Roles: two, Others: other}},
		{"corrections.correct_error", Rule{Actors: append(slices.Clone(reporters), Bank, Court), Roles: two, Others: other}},
		{"corrections.review", Rule{Vote: true}},
		{"corrections.end_review", Rule{Vote: true}},

		{"consents.request", Rule{Actors: owners, Roles: []string{Maker}, May: []string{Checker}, Others: other}},
		{"consents.grant", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"consents.refuse", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"consents.report_proceeds", Rule{Actors: append(slices.Clone(owners), Exchange), Roles: []string{Maker}, May: []string{Checker}, Others: other}},
		{"consents.report_breach", Rule{Actors: append(slices.Clone(reporters), Exchange, Bank), Roles: two}},

		{"disposals.list", Rule{Actors: venues, Roles: two, Others: other}},
		{"disposals.bid", Rule{Actors: venues, Roles: two}},
		{"disposals.close", Rule{Actors: venues, Roles: two, Others: other}},
		{"disposals.fail", Rule{Actors: venues, Roles: two}},
		{"disposals.relist", Rule{Actors: venues, Roles: two, Others: other}},
		{"disposals.set_off", Rule{Actors: venues, Roles: two, Others: other}},
		{"disposals.stop", Rule{Actors: venues, Roles: two, Others: other}},
		{"disposals.settle", Rule{Actors: venues, Roles: two, Others: other}},

		{"loans.sign", Rule{Actors: []PartyRole{Bank}, Roles: two, Others: other}},
		{"loans.disburse", Rule{Actors: []PartyRole{Bank}, Roles: two}},
		{"loans.settle", Rule{Actors: []PartyRole{Bank}, Roles: two}},

		{"parties.register", Rule{Actors: []PartyRole{Bank, IPOffice, CopyrightHub}, Roles: two, NewKey: Admin}},
		{"parties.update", Rule{Roles: admins}},
		{"parties.delegate", Rule{Roles: admins}},
		{"parties.end_delegation", Rule{Roles: admins}},
		{"parties.admit", Rule{Vote: true}},
		{"parties.succeed", Rule{Vote: true}},
		{"parties.suspend", Rule{Vote: true}},
		{"parties.reinstate", Rule{Vote: true}},

		{"persons.enrol", Rule{Roles: admins, NewKey: NewPerson}},
		{"persons.roles", Rule{Roles: admins}},
		{"persons.revoke", Rule{Roles: admins, Suspended: true}},
		{"persons.substitute", Rule{Roles: admins}},
		{"persons.rotate_key", Rule{May: personRoles(), NewKey: NewPerson}},
		{"persons.veto_rotation", Rule{May: personRoles(), Suspended: true}},
		{"persons.reset_admin", Rule{Vote: true}},

		{"consortium.propose", Rule{Actors: append(slices.Clone(voters), Operator, Regulator), Roles: admins}},
		{"consortium.vote", Rule{Actors: append(slices.Clone(voters), Regulator), Roles: admins}},
		{"consortium.withdraw", Rule{Actors: append(slices.Clone(voters), Operator, Regulator), Roles: admins}},
		{"consortium.set_parameters", Rule{Vote: true}},
		{"consortium.load_calendar", Rule{Vote: true}},
		{"consortium.upgrade", Rule{Vote: true}},
		{"consortium.report_evidence", Rule{Roles: []string{Maker}, ByNode: true}},
	}
}

// Voters are the kinds of organisations that decide together about members and
// rules, see Party.Votes. The operator only proposes, and the regulator only objects.
func Voters() []PartyRole {
	return []PartyRole{Bank, IPOffice, CopyrightHub, Guarantor, Insurer, Fund, Exchange}
}

// ruleByMethod is Permissions, made once: a program asks for the line of every method
// that it has.
var ruleByMethod = func() map[string]Rule {
	rules := make(map[string]Rule)
	for _, p := range Permissions() {
		rules[p.Method] = p.Rule
	}
	return rules
}()

// ruleOf finds the line of a method in the matrix.
func ruleOf(method string) (Rule, bool) {
	rule, ok := ruleByMethod[method]
	return rule, ok
}
