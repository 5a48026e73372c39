// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A history is a random life of a small ledger, the same for one seed on every machine:
// organisations of all kinds, honest and not, call whatever they like in blocks between
// which seconds or months pass.
type history struct {
	*world
	town     *town
	draw     draws
	seed     uint64
	ref      *reference
	subjects []subject
	tempo    int      // 0: seconds and hours, 1: days, 2: months
	lending  bool     // most of it is about pledges
	selling  bool     // of these, most are enforced
	family   []string // kinds of rights of which there are more, and the house that has most of them
	house    string
	blocks   []made
	tally    *tally
	serial   int // of papers, statutory numbers and references, so far
}

// A made is a block that was executed, with what came out.
type made struct {
	contracts.Block
	txs      []*ledger.Transaction
	outcomes []ledger.Outcome
}

// A subject is one right that a history is about.
type subject struct {
	kind   string // right code
	number string // as typed
	right  string // SPACE/canonical number
}

func (s subject) ref() string { return s.kind + ":" + s.number }

// draws is chance.
type draws struct{ *rand.PCG }

// below draws a number from 0 on, the same on machines of 32 and of 64 bits.
func (d draws) below(n int) int { return int(d.Uint64() % uint64(n)) }

// span draws a time from 0 on.
func (d draws) span(ms int64) int64 { return int64(d.Uint64() % uint64(ms)) }

// chance is true so many times in a hundred.
func (d draws) chance(percent int) bool { return d.below(100) < percent }

func pick[T any](d draws, list ...T) T { return list[d.below(len(list))] }

// The rest of the cast.
const (
	HH = "91510105MA6GE9X11E" // co-owner
	CT = "11510000MB0E5G3H2X" // court
	NR = "12510100MB0C3X8Y7J" // a registrar that takes part
	SR = "91500112MA5UF2Y31H" // a stranger: of no use to anybody
	AH = "91510114MA6JH6B716" // an agency of foreigners
)

// agencies are those through which foreign organisations act (decision 21): a bank and an
// owner of rights.
var agencies = map[string]string{SG: BC, HK: AH}

var castRoles = func() map[string]contracts.PartyRole {
	all := maps.Clone(roles)
	all[HH], all[CT], all[NR], all[SR], all[EX] = contracts.Coowner, contracts.Court, contracts.Registrar, contracts.Auditor, contracts.Exchange
	all[SG], all[HK], all[BC], all[AH] = contracts.Bank, contracts.Pledgor, contracts.Coowner, contracts.Coowner
	return all
}()

var (
	owners  = []string{RX, MD, LQ, HH, RX, MD, LQ, HH, HK}
	offices = []string{IPO, IP2, NR, CPC}
)

// A variant is a set of rules that a network may run with.
type variant struct {
	parameters string
	change     func(*figures)
}

var variants = []variant{
	{`{}`, func(*figures) {}},
	{`{"pledge":{"max_live":{"pat":3}}}`, func(f *figures) { f.livePledges = 3 }},
	{`{"freeze":{"queue":{"pat":0,"tm":0,"other":0}}}`, func(f *figures) { f.queues = false }},
	{`{"claim":{"expiry":10,"fix":{"request":1}},"right":{"stale":30},"pledge":{"reservation":3},"correction":{"window":5}}`, func(f *figures) {
		f.claimDays, f.staleDays, f.reservationDays, f.fixMonths, f.correctionDays = 10, 30, 3, 1, 5
	}},
}

// towns are the states in which histories of a variant begin. They are made once.
type town struct {
	network ledger.Network
	methods *contracts.Registry
	state   memory
	time    int64
	signers map[string]ledger.Signer
	both    map[string]ledger.Signer // people who may enter and check

	own        map[string]ledger.Signer  // people of foreign organisations, who may not sign its business
	newcomers  map[string]keys.PublicKey // of people who are not enrolled yet
	parameters contracts.Parameters      // they do not change
}

func newTown(t testing.TB, parameters string) *town {
	w := newWorld(t)
	c := &town{network: w.network, methods: registry.New(), time: w.time, state: memory{}, signers: make(map[string]ledger.Signer), both: make(map[string]ledger.Signer), newcomers: make(map[string]keys.PublicKey), own: make(map[string]ledger.Signer)}
	g := contracts.GenesisState{Area: "510100", Parameters: json.RawMessage(parameters)}
	for year := uint64(2027); year < 2090; year++ {
		g.Calendars = append(g.Calendars, contracts.WeekdayCalendar(year))
	}
	for _, id := range slices.Sorted(maps.Keys(castRoles)) {
		party := contracts.GenesisParty{PartyID: id, NameZH: nameOf(id), Role: castRoles[id]}
		if agencies[id] != "" {
			party.NameEN = id
		}
		g.Parties = append(g.Parties, party)
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			s := w.signer(id, role)
			c.signers[id+role] = s
			g.Persons = append(g.Persons, contracts.GenesisPerson{Organisation: id, Roles: []string{role}, Key: s.Key})
		}
		both := ledger.Signer{Organisation: id, Role: contracts.Checker, Key: w.key(id, "both")}
		c.both[id], c.newcomers[id] = both, w.key(id, "newcomer")
		g.Persons = append(g.Persons, contracts.GenesisPerson{Organisation: id, Roles: []string{contracts.Maker, contracts.Checker}, Key: both.Key})
		c.signers[id+contracts.Countersigner] = w.signer(id, contracts.Countersigner)
	}
	for principal, agency := range agencies { // whose people sign for it
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Countersigner} {
			s := w.signer(agency, role)
			s.Organisation = principal
			c.signers[principal+role] = s
		}
		c.own[principal] = w.signer(principal, contracts.Maker)
		c.both[principal] = ledger.Signer{Organisation: principal, Role: contracts.Checker, Key: w.key(agency, "both")}
	}
	raw, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := contracts.Genesis(w.network, w.validators(), raw, w.time)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		c.state[change.Key] = change.Value
	}
	c.parameters = read[contracts.Parameters](&world{t: t, state: c.state}, contracts.ParametersKey)
	return c
}

// newHistory begins a history. Its variant, its rights and its tempo follow from the
// seed.
func newHistory(t testing.TB, towns []*town, seed uint64, counts *tally) *history {
	v := int(seed % uint64(len(variants)))
	h := &history{
		town: towns[v], draw: draws{rand.NewPCG(seed, 0)}, seed: seed, tally: counts,
	}
	f := domainFigures()
	variants[v].change(&f)
	h.ref = newReference(f)
	c := h.town
	h.world = &world{t: t, network: c.network, methods: c.methods, state: maps.Clone(c.state), time: c.time}
	h.tempo = pick(h.draw, 0, 0, 1, 1, 2)
	if h.lending = h.draw.chance(52); h.lending {
		h.tempo, h.selling = pick(h.draw, 0, 0, 0, 1), h.draw.chance(40)
		h.house = pick(h.draw, owners...)
		h.family = pick(h.draw, []string{"PAT_INV", "PAT_UM", "PAT_DES"}, []string{"PAT_INV", "PAT_UM"}, []string{"TM", "TM", "TM_COLL"}, []string{"TM", "TM_CERT"},
			[]string{"COPY_SOFT", "COPY_WORK"}, []string{"IC_LAYOUT"}, []string{"PLANT_VAR"})
		h.addSubject()
	}
	for range 2 + h.draw.below(3) {
		h.addSubject()
	}
	return h
}

func (h *history) addSubject() {
	kind := pick(h.draw, "PAT_INV", "PAT_UM", "PAT_DES")
	if h.lending && h.draw.chance(90) {
		kind = pick(h.draw, h.family...)
	} else if !h.lending && h.draw.chance(60) {
		kind = pick(h.draw, "PAT_UM", "TM", "TM", "TM", "TM_CERT", "COPY_SOFT", "COPY_WORK", "IC_LAYOUT", "PLANT_VAR")
	}
	s := h.newSubject(kind)
	if _, twice := h.ref.spelled[s.ref()]; twice {
		return
	}
	h.ref.spelled[s.ref()] = s.right
	h.subjects = append(h.subjects, s)
}

// newSubject makes up the number of a right of a type.
func (h *history) newSubject(kind string) subject {
	d := h.draw
	switch kind {
	case "PAT_INV", "PAT_UM", "PAT_DES":
		digit := map[string]string{"PAT_INV": "1", "PAT_UM": "2", "PAT_DES": "3"}[kind]
		digits := fmt.Sprintf("%d%s%07d", 2004+d.below(21), digit, d.below(10_000_000))
		check := identifier.PatentCheck(digits)
		return subject{kind, digits + "." + check, "PATENT/" + digits + check}
	case "TM", "TM_CERT", "TM_COLL":
		n := fmt.Sprint(10_000 + d.below(90_000_000))
		return subject{kind, n, "MARK/" + n}
	case "COPY_SOFT":
		n := fmt.Sprintf("%dSR%07d", 2000+d.below(25), d.below(10_000_000))
		return subject{kind, n, "SOFTWARE/" + n}
	case "COPY_WORK":
		n := fmt.Sprintf("川作登字-%d-F-%08d", 2000+d.below(25), d.below(100_000_000))
		return subject{kind, n, "WORK/" + n}
	case "IC_LAYOUT":
		digits := fmt.Sprintf("%02d5%05d", 10+d.below(15), d.below(100_000))
		n := "BS." + digits + identifier.PatentCheck(digits)
		return subject{kind, n, "LAYOUT/" + n}
	}
	n := fmt.Sprintf("CNA20%09d", d.below(1_000_000_000))
	if d.chance(30) {
		n = fmt.Sprintf("20%02d%04d", d.below(25), d.below(10_000)) // of forestry
	}
	return subject{kind, n, "VARIETY/" + n}
}

// record is what the state holds of a right.
func (h *history) record(right string) (rights.Record, bool) {
	var r rights.Record
	raw, ok := h.state["rights/"+right]
	if ok {
		if err := ledger.Decode(raw, ledger.MaxValue, &r); err != nil {
			h.t.Fatal(err)
		}
	}
	return r, ok
}
