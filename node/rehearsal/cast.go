// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A member is an organisation of the story. Its party id is its credit code or, of a
// foreign one, its LEI.
type member struct {
	name  string // in the story
	party contracts.GenesisParty
	joins bool // is not in the genesis
	line  int
}

// A Person is somebody of the cast who signs: NAME.suffix.
type Person struct {
	Member string
	Suffix string
}

func (p Person) String() string { return p.Member + "." + p.Suffix }

// A Signatory is a person who signs, and for which member: the own one, or the one
// that has the own one as its agent.
type Signatory struct {
	Person
	For string
}

func (s Signatory) String() string {
	if s.For == s.Member {
		return s.Person.String()
	}
	return s.Person.String() + forMember + s.For
}

// forMember stands between an agent's person and the principal.
const forMember = " for "

// role is the role that the suffix tells: checker2 is a second checker.
func (p Person) role() string { return strings.TrimRight(p.Suffix, "0123456789") }

// enrolledRoles are the people of a member whom the genesis enrols.
var enrolledRoles = []string{contracts.Maker, contracts.Checker, contracts.Admin}

// A cast is who there is, and every key they may hold.
type cast struct {
	suite   keys.Suite
	members map[string]*member
	order   []*member // as in the file
}

// foreign tells of a member that is named by its LEI. Its party id is in its one form.
func (m *member) foreign() bool { return identifier.IsLEI(m.party.PartyID) }

var memberName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_-]*$`)
var personSuffix = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

func newCast(file string, listed map[string]memberFile, lines map[string]int) (*cast, error) {
	suite, err := keys.SuiteByName(string(keys.Ed25519))
	if err != nil {
		return nil, err
	}
	c := &cast{suite: suite, members: make(map[string]*member)}
	for name, f := range listed {
		if f.Role != "" && f.Kind != "" || f.Name != "" && f.Organisation != "" {
			return nil, &Fault{File: file, Line: lines[name], Part: "cast " + name, Text: "role and kind are one, and so are name and organisation: give one of both"}
		}
		if f.USCC != "" && f.LEI != "" {
			return nil, &Fault{File: file, Line: lines[name], Part: "cast " + name, Text: "uscc and lei: give the one that is the party id, which is uscc where there is one"}
		}
		f.Role, f.Name = cmp.Or(f.Role, f.Kind), cmp.Or(f.Name, f.Organisation)
		c.order = append(c.order, &member{name: name, line: lines[name], joins: f.Joins, party: contracts.GenesisParty{
			PartyID: cmp.Or(f.USCC, f.LEI), NameZH: f.Name, NameEN: f.NameEN, Role: contracts.PartyRole(f.Role), AreaCode: f.Area,
		}})
	}
	slices.SortFunc(c.order, func(a, b *member) int { return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.name, b.name)) })
	taken := make(map[string]string)
	for _, m := range c.order {
		fault := func(format string, args ...any) error {
			return &Fault{File: file, Line: m.line, Part: "cast " + m.name, Text: fmt.Sprintf(format, args...)}
		}
		number, check := "uscc", identifier.USCC
		if listed[m.name].LEI != "" {
			number, check = "lei", identifier.LEI
		}
		id, err := check(m.party.PartyID)
		if err == nil {
			m.party.PartyID = id
		}
		switch {
		case !memberName.MatchString(m.name):
			return nil, fault("a name has letters, digits, '_' and '-' only")
		case err != nil:
			return nil, fault("%s: %v", number, err)
		case taken[id] != "":
			return nil, fault("%s is the party id of %s", id, taken[id])
		case !m.party.Role.Known():
			return nil, fault("unknown role %q", m.party.Role)
		case m.party.NameZH == "" && !m.foreign():
			return nil, fault("name is missing")
		case m.party.NameEN == "" && m.foreign():
			return nil, fault("name_en is missing")
		}
		taken[id], c.members[m.name] = m.name, m
	}
	return c, nil
}

// person finds whom a name in a story means: NAME.suffix, or NAME for its maker.
func (c *cast) person(text string) (Person, error) {
	name, suffix, given := strings.Cut(text, ".")
	if !given {
		suffix = contracts.Maker
	}
	switch {
	case c.members[name] == nil:
		return Person{}, fmt.Errorf("%q is not in the cast", name)
	case !personSuffix.MatchString(suffix):
		return Person{}, fmt.Errorf("%q: want NAME.role, such as %s.checker", text, name)
	}
	return Person{name, suffix}, nil
}

// signatory finds who signs, and for whom: NAME, NAME.suffix, or either for a MEMBER.
func (c *cast) signatory(text string) (Signatory, error) {
	name, principal, agent := strings.Cut(text, forMember)
	p, err := c.person(name)
	switch {
	case err != nil:
		return Signatory{}, err
	case !agent:
		return Signatory{p, p.Member}, nil
	case c.members[principal] == nil:
		return Signatory{}, fmt.Errorf("%q is not in the cast", principal)
	}
	return Signatory{p, principal}, nil
}

// named gives the person that a text in arguments names, NAME.suffix in full.
func (c *cast) named(text string) (Person, bool) {
	if !strings.Contains(text, ".") {
		return Person{}, false
	}
	p, err := c.person(text)
	return p, err == nil
}

// partyID gives the party id that a text in arguments names.
func (c *cast) partyID(text string) (string, bool) {
	if m := c.members[text]; m != nil {
		return m.party.PartyID, true
	}
	return "", false
}

// key is a person's key. It follows from the name, so that a story has the same
// numbers each time; it protects nothing.
func (c *cast) key(p Person) keys.PrivateKey { return keyNamed(c.suite, p.String()) }

func (c *cast) personID(p Person) string { return contracts.PersonID(c.suite, c.key(p).Public()) }

// enrolled lists the people whom the genesis enrols.
func (c *cast) enrolled() []Person {
	var people []Person
	for _, m := range c.order {
		for _, role := range enrolledRoles {
			if !m.joins {
				people = append(people, Person{m.name, role})
			}
		}
	}
	return people
}

// host is the organisation whose validator the node is: the first bank or IP
// office, or else whoever comes first.
func (c *cast) host() (string, bool) {
	first := ""
	for _, m := range c.order {
		switch {
		case m.joins, m.foreign(): // who is not there, and who runs no node
		case m.party.Role == contracts.Bank, m.party.Role == contracts.IPOffice:
			return m.party.PartyID, true
		case first == "":
			first = m.party.PartyID
		}
	}
	return first, first != ""
}

// keyNamed derives a key from a name.
func keyNamed(suite keys.Suite, name string) keys.PrivateKey {
	key, err := suite.Generate(rand.NewChaCha8(sha256.Sum256([]byte("ipledger/rehearsal/key/v1\x00" + name))))
	if err != nil {
		panic(fmt.Sprintf("rehearsal: key of %s: %v", name, err)) // the source never fails
	}
	return key
}
