// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A model of who may sign for BA, its own people and those of its agent BB: told
// again in the simplest way, to be compared with the ledger.
type staff struct {
	people  []*member
	until   string // last day of the delegation, "" for none
	unfit   map[string]int64
	keys    int
	agreed  int
	refused int
}

type member struct {
	org, id  string
	roles    []string
	keys     []dated // all it ever had, in the order in which they were to hold
	standIn  []string
	absent   *member // whom it stands in for
	from, to int64
	revoked  bool
}

// A dated key is the person's from a time on, until the next one is.
type dated struct {
	name  string
	from  int64
	never bool
}

func (m *member) key(at int64) string {
	name := ""
	for _, k := range m.keys {
		if !k.never && k.from <= at {
			name = k.name
		}
	}
	return name
}

func (m *member) waits(at int64) *dated {
	last := &m.keys[len(m.keys)-1]
	if last.never || last.from <= at {
		return nil
	}
	return last
}

func (m *member) holds(role string, at int64) bool {
	return slices.Contains(m.roles, role) || m.from <= at && at < m.to && slices.Contains(m.standIn, role) &&
		!m.absent.revoked && slices.Contains(m.absent.roles, role)
}

// admins counts those who can administer an organisation for good.
func (s *staff) admins(org string) (n int) {
	for _, m := range s.people {
		if m.org == org && !m.revoked && slices.Contains(m.roles, contracts.Admin) {
			n++
		}
	}
	return n
}

// whose finds who may sign for BA with a key in a role at a time, nil if nobody may.
func (s *staff) whose(key, role string, at int64) *member {
	for _, m := range s.people {
		if m.key(at) != key || m.revoked || !m.holds(role, at) || at < s.unfit[m.org] {
			continue
		}
		if m.org == BA || s.until != "" && identifier.DateOf(at).String() <= s.until {
			return m
		}
	}
	return nil
}

func TestWhoeverSignsForABankTheLedgerKnowsWhetherTheyMay(t *testing.T) {
	total := staff{}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.openVotes()
		s := &staff{unfit: map[string]int64{}}
		for _, org := range []string{BA, BB} {
			for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
				s.people = append(s.people, &member{org: org, id: w.pseudonym(org, role), roles: []string{role}, keys: []dated{{name: org + "/" + role}}})
			}
		}
		for range rapid.IntRange(5, 30).Draw(rt, "steps") {
			s.step(rt, w)
			for range 3 {
				s.sign(rt, w)
			}
			for _, org := range []string{BA, BB} {
				if s.admins(org) == 0 {
					rt.Fatalf("%s has no administrator", org)
				}
			}
		}
		total.agreed, total.refused = total.agreed+s.agreed, total.refused+s.refused
	})
	t.Logf("%d loans were signed, %d refused", total.agreed, total.refused)
	if total.agreed < total.refused/10 {
		t.Errorf("%d agreed, %d refused: too little is tried that works", total.agreed, total.refused)
	}
}

// signer signs with a key of the model.
func (s *staff) signer(w *world, org, role, key string) ledger.Signer {
	return ledger.Signer{Organisation: org, Role: role, Key: modelKey(w, key)}
}

// modelKey is the key of a name; those of the genesis are named ORGANISATION/ROLE.
func modelKey(w *world, name string) keys.PublicKey {
	organisation, role, _ := strings.Cut(name, "/")
	return w.key(organisation, role)
}

// sign lets two keys sign as maker and checker, sensible or not.
func (s *staff) sign(rt *rapid.T, w *world) {
	// Mostly somebody who is or was made for the role, with the newest or present key.
	any := func(role string) string {
		list := slices.Clone(s.people)
		if rapid.IntRange(0, 3).Draw(rt, "sensible") > 0 {
			list = slices.DeleteFunc(list, func(m *member) bool { return !slices.Contains(m.roles, role) && !slices.Contains(m.standIn, role) })
		}
		if len(list) == 0 {
			list = s.people
		}
		m := rapid.SampledFrom(list).Draw(rt, role)
		if rapid.IntRange(0, 3).Draw(rt, "present") > 0 {
			return m.key(w.time)
		}
		return rapid.SampledFrom(m.keys).Draw(rt, role+" key").name
	}
	maker, checker := any(contracts.Maker), any(contracts.Checker)
	one, two := s.whose(maker, contracts.Maker, w.time), s.whose(checker, contracts.Checker, w.time)
	may := w.time >= s.unfit[BA] && one != nil && two != nil && one != two
	o := w.block(w.loan(s.signer(w, BA, contracts.Maker, maker), s.signer(w, BA, contracts.Checker, checker)))[0]
	if may != (o.Status == ledger.Final) {
		rt.Fatalf("%s and %s may sign: %v, but %v %+v", maker, checker, may, o.Status, o.Details)
	}
	if may {
		s.agreed++
	} else {
		s.refused++
	}
}

// step lets something happen that changes who may sign.
func (s *staff) step(rt *rapid.T, w *world) {
	at, m := w.time, rapid.SampledFrom(s.people).Draw(rt, "person")
	roles := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{contracts.Maker, contracts.Checker, contracts.Admin}), 1, 3, rapid.ID).Draw(rt, "roles")
	admin := func(org string) []ledger.Signer {
		for _, a := range s.people {
			if a.org == org && !a.revoked && slices.Contains(a.roles, contracts.Admin) {
				return []ledger.Signer{s.signer(w, org, contracts.Admin, a.key(at))}
			}
		}
		return nil
	}
	fresh := func(org string) (string, ledger.Signer) {
		s.keys++
		name := fmt.Sprintf("fresh %d", s.keys)
		return name, s.signer(w, org, contracts.NewPerson, name)
	}
	done := func(method string, a args, signers []ledger.Signer) bool {
		return w.do(method, a, signers).Status == ledger.Final
	}
	a := args{"person_id": m.id}
	switch rapid.IntRange(0, 12).Draw(rt, "what") {
	case 0:
		name, proof := fresh(m.org)
		if done("persons.enrol", args{"key": proof.Key, "roles": roles}, append(admin(m.org), proof)) {
			s.people = append(s.people, &member{org: m.org, id: contracts.PersonID(w.network.Suite, proof.Key), roles: roles, keys: []dated{{name: name}}})
		}
	case 1:
		if a["roles"] = roles; done("persons.roles", a, admin(m.org)) {
			m.roles = roles
		}
	case 2:
		if done("persons.revoke", a, admin(m.org)) {
			m.revoked = true
		}
	case 3, 4:
		absent := rapid.SampledFrom(s.people).Draw(rt, "absent")
		from, to := at+rapid.Int64Range(0, 3600_000).Draw(rt, "from"), at+rapid.Int64Range(3600_000, 7200_000).Draw(rt, "to")
		a["absent"], a["roles"], a["from"], a["until"] = absent.id, absent.roles, from, to
		if at >= m.to && done("persons.substitute", a, admin(m.org)) {
			m.standIn, m.absent, m.from, m.to = absent.roles, absent, from, to
		}
	case 5:
		name, proof := fresh(m.org)
		a["key"] = proof.Key
		role := m.roles[0]
		if done("persons.rotate_key", a, []ledger.Signer{s.signer(w, m.org, role, m.key(at)), proof}) {
			if waiting := m.waits(at); waiting != nil {
				waiting.never = true
			}
			m.keys = append(m.keys, dated{name: name, from: at})
		}
	case 6:
		name, proof := fresh(m.org)
		a["key"] = proof.Key
		if signers := admin(m.org); signers[0].Key != modelKey(w, m.key(at)) && done("persons.rotate_key", a, append(signers, proof)) {
			m.keys = append(m.keys, dated{name: name, from: at + 72*3600_000})
		}
	case 7:
		if done("persons.veto_rotation", a, []ledger.Signer{s.signer(w, m.org, m.roles[0], m.key(at))}) {
			m.waits(at).never = true
		}
	case 8:
		until := identifier.DateOf(at).AddDays(rapid.IntRange(0, 5).Draw(rt, "days")).String()
		if done("parties.delegate", args{"agent": BB, "methods": []string{"loans"}, "until": until}, admin(BA)) {
			s.until = until
		}
	case 9:
		until := at + rapid.Int64Range(60_000, 3600_000).Draw(rt, "suspended")
		if done("parties.suspend", args{"party_id": m.org, "ground": "OTHER", "document": paper, "until": until}, w.admin(REG)) {
			s.unfit[m.org] = until
		}
	default:
		// To a moment in which something changes by time alone, or just before it.
		moments := []int64{at + 3600_000, at + 86400_000, s.unfit[BA], s.unfit[BB]}
		for _, m := range s.people {
			moments = append(moments, m.from, m.to, m.keys[len(m.keys)-1].from)
		}
		w.time = max(at, rapid.SampledFrom(moments).Draw(rt, "moment")-rapid.Int64Range(0, 1).Draw(rt, "before"))
	}
}
