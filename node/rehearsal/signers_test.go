// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
)

func TestWhoSignsInWhichRole(t *testing.T) {
	two := contracts.Rule{Roles: []string{"maker", "checker"}}
	agreed := contracts.Rule{Roles: two.Roles, Others: []string{"countersigner"}}
	for _, one := range []struct {
		name string
		rule contracts.Rule
		as   string // those whom the arguments bring are marked with a star
		want string
	}{
		{"the roles of the names", two, "IPO.maker IPO.checker", "maker checker"},
		{"in any order", two, "IPO.checker IPO.maker", "checker maker"},
		{"a second checker", two, "IPO.maker IPO.checker2", "maker checker"},
		{"one person twice would be the own checker", two, "IPO.maker IPO.maker", "maker checker"},
		{"so would another maker", two, "IPO.maker IPO.maker2", "maker checker"},
		{"one alone is one alone", two, "IPO.maker", "maker"},
		{"an administrator who enters", contracts.Rule{Roles: []string{"maker"}}, "RX.admin", "maker"},
		{"one too many", contracts.Rule{Roles: []string{"maker"}}, "RX.maker RX.checker", "maker checker"},
		{"several administrators", contracts.Rule{Roles: []string{"admin"}}, "BC.admin BC.admin2", "admin admin"},
		{"others agree", agreed, "BC.maker BC.checker RX.maker", "maker checker countersigner"},
		{"others who are not asked", two, "BC.maker BC.checker RX.maker", "maker checker countersigner"},
		{"others in another role", contracts.Rule{Roles: two.Roles, Others: []string{"approver"}}, "BC.maker BC.checker RX.maker", "maker checker approver"},
		{"others in the own role", contracts.Rule{Roles: two.Roles, Others: []string{"countersigner", "admin"}}, "BC.maker BC.checker RX.admin", "maker checker admin"},
		{"a newcomer proves the key", contracts.Rule{Roles: two.Roles, NewKey: "admin"}, "BC.maker BC.checker XD.admin*", "maker checker admin"},
		{"a new colleague, too", contracts.Rule{Roles: []string{"admin"}, NewKey: "person"}, "XD.admin XD.maker*", "admin person"},
		{"without the method's need a key is nothing new", two, "BC.maker BC.checker*", "maker checker"},
		{"roles that may sign", contracts.Rule{May: []string{"maker", "viewer"}, NewKey: "person"}, "BC.maker BC.fresh*", "maker person"},
	} {
		t.Run(one.name, func(t *testing.T) {
			var as []Signatory
			brought := make(map[Person]bool)
			for text := range strings.FieldsSeq(one.as) {
				name, suffix, _ := strings.Cut(strings.TrimSuffix(text, "*"), ".")
				p := Person{name, suffix}
				as = append(as, Signatory{p, name})
				brought[p] = strings.HasSuffix(text, "*")
			}
			var got []string
			for i, s := range signatures(one.rule, as[0].For, as, func(p Person) bool { return brought[p] }) {
				if got = append(got, s.role); s.by != as[i] {
					t.Errorf("%v signs for %v", s.by, as[i])
				}
			}
			if strings.Join(got, " ") != one.want {
				t.Errorf("%s: %v, want %s", one.as, got, one.want)
			}
		})
	}
}

func TestWhoActs(t *testing.T) {
	cast := testCast(t) // BC, a bank; RX, a firm; IPO, an office
	bank, anybody := contracts.Rule{Actors: []contracts.PartyRole{contracts.Bank}}, contracts.Rule{}
	for _, one := range []struct {
		name string
		rule contracts.Rule
		as   []string
		want string
	}{
		{"the first", bank, []string{"BC", "RX"}, "BC"},
		{"whoever may", bank, []string{"RX", "BC.maker", "BC.checker"}, "BC"},
		{"the first, if none may", bank, []string{"RX", "IPO"}, "RX"},
		{"the first, if everybody may", anybody, []string{"RX", "BC"}, "RX"},
		{"the principal of an agent that may not", bank, []string{"RX for BC"}, "BC"},
		{"not the agent itself", bank, []string{"BC for RX", "IPO"}, "RX"},
	} {
		var as []Signatory
		for _, name := range one.as {
			s, err := cast.signatory(name)
			if err != nil {
				t.Fatal(err)
			}
			as = append(as, s)
		}
		if got := cast.actor(one.rule, as); got != one.want {
			t.Errorf("%s: %s acts, want %s", one.name, got, one.want)
		}
	}
	as := []Signatory{{Person{"RX", "maker"}, "RX"}, {Person{"BC", "maker"}, "BC"}, {Person{"BC", "checker"}, "BC"}}
	got := signatures(contracts.Rule{Roles: []string{"maker", "checker"}}, "BC", as, func(Person) bool { return false })
	if got[0].role != contracts.Countersigner || got[1].role != contracts.Maker || got[2].role != contracts.Checker {
		t.Errorf("they sign as %v", got)
	}
}
