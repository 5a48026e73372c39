// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import "github.com/ipledger/ipledger/contracts/identifier"

// A rule says what a status event means: where the law has it, of which rights, in
// which base states at the time of the fact, what else it may tell, and what it does.
type rule struct {
	event  string
	law    string
	spaces []identifier.Space
	types  []identifier.RightType // none listed: all of the spaces
	from   []BaseState
	takes  []string // of the arguments that only some events have
	apply  func(h *happening)
}

// rules are all events of a register (Implementing Rules of the Patent Law, article
// 106, and the like of other registers). What is not listed is refused.
var rules = []rule{
	{"FEE_DUE_MISSED", "Implementing Rules of the Patent Law, article 115; for varieties the regulation on them", annual, nil, living, list("fee_due"), feeDueMissed},
	{"FEE_PAID", "Implementing Rules of the Patent Law, article 115", annual, nil, living, list("fee_due"), feePaid},
	{"TERMINATED", "Patent Law, article 44; Implementing Rules, articles 105 and 115", annual, nil, living, list("court_document"), terminated},
	{"RESTORED", "Implementing Rules of the Patent Law, article 6", annual, nil, []BaseState{Lapsed}, list("fee_due"), restored},
	{"RENEWED", "Trademark Law, article 40", marks, nil, living, list("expiry_date"), renewed},
	{"TERM_CHANGED", "Patent Law, article 42, compensation of the term", annual, nil, living, list("expiry_date"), termChanged},
	{"INVALIDATION_FILED", "Patent Law, article 45; Trademark Law, articles 44 and 45", examined, nil, living, list("case_no"), invalidationFiled},
	{"UPHELD", "Patent Law, article 46; Trademark Law, article 46", examined, nil, living, list("case_no"), upheld},
	{"PARTLY_INVALID", "Patent Law, articles 46 and 47", patents, nil, living, list("case_no", "struck_claims"), partlyInvalid},
	{"INVALID_FINAL", "Patent Law, article 47; Trademark Law, article 47", examined, nil, living, list("case_no"), invalidFinal},
	{"OWNERSHIP_SUIT", "Implementing Rules of the Patent Law, article 103; Copyright Order 8, article 12", all, nil, living, list("case_no", "until"), ownershipSuit},
	{"SUSPENSION_EXTENDED", "Implementing Rules of the Patent Law, article 103", all, nil, living, list("case_no", "until"), suspensionExtended},
	{"SUIT_ENDED", "Implementing Rules of the Patent Law, article 105", all, nil, living, list("case_no"), suitEnded},
	{"TRANSFERRED", "Civil Code, article 444; Patent Law, article 10; Trademark Law, article 42", all, nil, living, list("owners", "outside_owners", "court_document", "consent_document", "consent_no"), transferred},
	{"ABANDONED", "Patent Law, article 44; CNIPA Announcement 461", all, nil, living, list("twin", "court_document", "consent_document", "consent_no"), abandoned},
	{"TWIN_FOUND", "Patent Law, article 9; CNIPA Announcement 461, article 11, ground 10", patents, []identifier.RightType{identifier.PatUM}, living, list("twin"), twinFound},
	{"TWIN_CLEARED", "Patent Law, article 9", patents, []identifier.RightType{identifier.PatUM}, living, nil, twinCleared},
	{"LICENSED", "Civil Code, article 444", all, nil, living, list("case_no", "until", "court_document", "consent_document", "consent_no"), licensed},
	{"LICENSED_EXCLUSIVE", "Civil Code, article 444", all, nil, living, list("case_no", "until", "court_document", "consent_document", "consent_no"), licensed},
	{"LICENCE_ENDED", "Implementing Rules of the Patent Law, article 15", all, nil, living, list("case_no"), licenceEnded},
	{"OPEN_LICENCE", "Implementing Rules of the Patent Law, article 86", patents, nil, living, list("court_document", "consent_document", "consent_no"), openLicence},
	{"OPEN_LICENCE_ENDED", "Implementing Rules of the Patent Law, article 86", patents, nil, living, nil, openLicenceEnded},
}

var (
	living = []BaseState{Confirmed}

	patents  = []identifier.Space{identifier.PatentSpace}
	marks    = []identifier.Space{identifier.MarkSpace}
	annual   = []identifier.Space{identifier.PatentSpace, identifier.VarietySpace} // they live on an annual fee
	examined = []identifier.Space{identifier.PatentSpace, identifier.MarkSpace, identifier.LayoutSpace, identifier.VarietySpace}
	all      = []identifier.Space{identifier.PatentSpace, identifier.MarkSpace, identifier.WorkSpace, identifier.SoftwareSpace, identifier.LayoutSpace, identifier.VarietySpace}
)

func list(names ...string) []string { return names }

func ruleOf(event string) (rule, bool) {
	for _, r := range rules {
		if r.event == event {
			return r, true
		}
	}
	return rule{}, false
}

// LawOf is the source of a status event's rule.
func LawOf(event string) string {
	r, _ := ruleOf(event)
	return r.law
}
