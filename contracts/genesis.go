// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A GenesisState is the state section of a genesis file: the first
// organisations, their people and the rules that differ from the defaults.
type GenesisState struct {
	Area       string          `json:"area"` // GB/T 2260 code of the network's home
	Parties    []GenesisParty  `json:"parties"`
	Persons    []GenesisPerson `json:"persons"`
	Parameters json.RawMessage `json:"parameters,omitempty"` // keys of figures with their values, where they differ from the defaults
	Calendars  []Calendar      `json:"calendars,omitempty"`  // of years beyond FirstCalendars
}

// A GenesisParty is an organisation of the first hour.
type GenesisParty struct {
	PartyID  string    `json:"party_id"` // unified social credit code; of one that has none, LEI
	NameZH   string    `json:"name_zh"`  // a foreign one may lack it, and has an English one
	NameEN   string    `json:"name_en,omitempty"`
	Role     PartyRole `json:"role"`
	AreaCode string    `json:"area_code,omitempty"` // absent: the network's; of a foreign one: none
}

// A GenesisPerson is one key holder of such an organisation.
type GenesisPerson struct {
	PersonID     string         `json:"person_id,omitempty"` // absent: derived from the key
	Organisation string         `json:"organisation"`
	Roles        []string       `json:"roles"`
	Key          keys.PublicKey `json:"key"`
}

// Genesis gives the records of height 0: parameters, the first validator set,
// organisations and persons. timeMs is the genesis time. Errors wrap
// ledger.ErrInvalid.
func Genesis(n ledger.Network, set ledger.ValidatorSet, raw json.RawMessage, timeMs int64) ([]Change, error) {
	changes, err := genesisChanges(n, set, raw, timeMs)
	if err != nil {
		return nil, fmt.Errorf("%w: genesis state: %w", ledger.ErrInvalid, err)
	}
	return changes, nil
}

func genesisChanges(n ledger.Network, set ledger.ValidatorSet, raw json.RawMessage, timeMs int64) ([]Change, error) {
	var g GenesisState
	if err := strictJSON(raw, &g); err != nil {
		return nil, err
	}
	if !IsArea(g.Area) {
		return nil, fmt.Errorf("area %q is not an area code of GB/T 2260", g.Area)
	}
	params := DefaultParameters(g.Area)
	if len(g.Parameters) > 0 {
		var err error
		if params, err = params.override(g.Parameters, ""); err != nil {
			return nil, fmt.Errorf("parameters: %w", err)
		}
		for _, pair := range params.Contradictions() {
			return nil, fmt.Errorf("parameters: %s is greater than %s", pair[0].Definition().Key, pair[1].Definition().Key)
		}
	}
	w := newOverlay(nil, 0)
	put := func(key string, record any) bool {
		if w.find(key) >= 0 {
			return false
		}
		w.put(key, ledger.Encode(record))
		return true
	}
	put(ParametersKey, params)
	put(AmendmentKey(params.Version), firstAmendment(params, timeMs))
	put(ExecutionKey, FirstExecution())
	put(ledger.SetKey(set.Number), set)
	for _, c := range append(FirstCalendars(), g.Calendars...) {
		if err := c.Check(); err != nil {
			return nil, fmt.Errorf("calendar %d: %w", c.Year, err)
		}
		if !put(CalendarKey(int(c.Year)), c) {
			return nil, fmt.Errorf("calendar %d is listed twice, or announced", c.Year)
		}
	}
	var members Members
	for _, p := range g.Parties {
		party, err := p.record(g.Area, timeMs)
		if err != nil {
			return nil, fmt.Errorf("party %q: %w", p.PartyID, err)
		}
		if !put(PartyKey(party.PartyID), party) {
			return nil, fmt.Errorf("party %q is listed twice", p.PartyID)
		}
		if party.Foreign() && slices.ContainsFunc(set.Members, func(m ledger.Validator) bool { return m.Organisation == party.PartyID }) {
			return nil, fmt.Errorf("party %q is foreign and runs no validator", p.PartyID)
		}
		if party.LEI != "" {
			put(LEIKey(party.LEI), party.PartyID)
		}
		for _, key := range nameKeys(n.Suite, party) {
			w.put(key, ledger.Encode(party.PartyID))
		}
		if !slices.Contains(Registrable(), party.Role) {
			members = members.with(party.PartyID)
		}
	}
	put(MembersKey, members)
	makers, admins := make(map[string]bool), make(map[string][]string)
	for _, p := range g.Persons {
		person, err := p.record(n.Suite, timeMs)
		if err != nil {
			return nil, fmt.Errorf("person with key %v: %w", p.Key, err)
		}
		if w.find(PartyKey(person.Organisation)) < 0 {
			return nil, fmt.Errorf("person %s is of the unknown party %q", person.PersonID, person.Organisation)
		}
		if !put(PersonKey(person.PersonID), person) || !put(keyKey(person.Key), person.PersonID) {
			return nil, fmt.Errorf("person %s or its key is listed twice", person.PersonID)
		}
		if slices.Contains(person.Roles, Maker) {
			makers[person.Organisation] = true
		}
		if slices.Contains(person.Roles, Admin) {
			admins[person.Organisation] = append(admins[person.Organisation], person.PersonID)
		}
	}
	for _, p := range g.Parties {
		if !makers[p.PartyID] {
			return nil, fmt.Errorf("party %q has no person with the role %s", p.PartyID, Maker)
		}
		if list := admins[p.PartyID]; len(list) > MaxAdmins {
			return nil, fmt.Errorf("party %q has %d administrators, at most %d", p.PartyID, len(list), MaxAdmins)
		} else if len(list) > 0 {
			put(AdminsKey(p.PartyID), slices.Sorted(slices.Values(list)))
		}
	}
	return w.changes(), nil
}

func (p GenesisParty) record(area string, timeMs int64) (Party, error) {
	id, err := identifier.PartyID(p.PartyID)
	foreign := err == nil && identifier.IsLEI(id)
	if err == nil && !foreign {
		_, err = identifier.USCC(id) // nobody has seen a code in the register yet
	}
	if foreign || p.AreaCode != "" {
		area = p.AreaCode
	}
	switch {
	case err != nil:
		return Party{}, err
	case id != p.PartyID:
		return Party{}, fmt.Errorf("write it as %s", id)
	case !p.Role.Known():
		return Party{}, fmt.Errorf("unknown role %q", p.Role)
	case foreign && !p.Role.MayDelegate():
		return Party{}, fmt.Errorf("a foreign organisation has no role %s", p.Role)
	case foreign && area != "":
		return Party{}, fmt.Errorf("area %q is of this country, and the organisation is foreign", area)
	case foreign && strings.TrimSpace(p.NameEN) == "":
		return Party{}, errors.New("name_en is missing")
	case !foreign && !IsArea(area):
		return Party{}, fmt.Errorf("area %q is not an area code of GB/T 2260", area)
	case !foreign && strings.TrimSpace(p.NameZH) == "":
		return Party{}, errors.New("name_zh is missing")
	case hasControl(p.NameZH) || hasControl(p.NameEN):
		return Party{}, errors.New("a name holds a character that cannot be shown")
	case identifier.FindResidentID(p.NameZH) || identifier.FindResidentID(p.NameEN):
		return Party{}, errors.New("a name holds a resident identity number")
	}
	party := Party{
		PartyID: id, Role: p.Role, NameZH: p.NameZH, NameEN: p.NameEN, USCC: id,
		AreaCode: area, Status: PartyActive, RegisteredAt: timeMs,
	}
	if foreign {
		party.USCC, party.LEI = "", id
	}
	return party, nil
}

func (p GenesisPerson) record(suite keys.Suite, timeMs int64) (Person, error) {
	id := p.PersonID
	if id == "" {
		id = PersonID(suite, p.Key)
	}
	roles, ok := SortRoles(p.Roles)
	switch {
	case p.Key.Algorithm != suite.Algorithm():
		return Person{}, fmt.Errorf("the key is not of the network's suite %s", suite.Name())
	case !ledger.IsKeyPart(id) || identifier.FindResidentID(id):
		return Person{}, errors.New("person_id is not a pseudonym of printable characters")
	case !ok:
		return Person{}, fmt.Errorf("roles %v are not distinct roles of a person", p.Roles)
	}
	return Person{PersonID: id, Organisation: p.Organisation, Roles: roles, Key: p.Key, EnrolledAt: timeMs}, nil
}

// SortRoles sorts the roles of a person; it is false if there are none or one
// is unknown or repeated.
func SortRoles(roles []string) ([]string, bool) {
	sorted := slices.Sorted(slices.Values(roles))
	for i, role := range sorted {
		if !slices.Contains(personRoles(), role) || i > 0 && role == sorted[i-1] {
			return nil, false
		}
	}
	return sorted, len(sorted) > 0
}

// provinces are the first two digits of the area codes of GB/T 2260; 10 stands
// for the whole country in the codes of national bodies.
const provinces = "10 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"

// IsArea tells whether s has the form of an area code of GB/T 2260 and begins
// with that of a province. The counties change each year and are not listed.
func IsArea(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) == 6 && strings.Contains(provinces, s[:2])
}

func strictJSON(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("bytes after the end")
	}
	return nil
}
