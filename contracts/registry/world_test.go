// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// The cast of the stories.
const (
	RX  = "91510100MA6CA1R24N" // borrower
	MD  = "91510100MA6DB3T45A" // borrower
	BA  = "91510100MA6L1D0E2L" // bank
	BB  = "91500000MA5W2F1G4X" // bank
	IPO = "12510100MB0A1K3L09" // IP office
	IP2 = "91510100MA6R7A9B5K" // another IP office
	CPC = "12510000MB0B2M4N54" // copyright centre
	REG = "11510000MB0D4E2F80" // regulator
	OP  = "91510100MA6T8C1D3T" // operator
	VAL = "91510104MA6N4P5Q3W" // valuer
	LQ  = "91510112MA6HG4A568" // third-party pledgor
	JG  = "91510107MA6FD7W801" // not in the genesis

	invention = "201810234567.3" // of RX
	canonical = "2018102345673"

	model          = "202220765432.1" // of MD, a utility model
	modelCanonical = "2022207654321"
)

var roles = map[string]contracts.PartyRole{
	RX: contracts.Borrower, MD: contracts.Borrower, BA: contracts.Bank, BB: contracts.Bank, IPO: contracts.IPOffice,
	IP2: contracts.IPOffice, CPC: contracts.CopyrightHub, REG: contracts.Regulator, OP: contracts.Operator, VAL: contracts.Valuer,
	LQ: contracts.Pledgor,
}

// A memory is a state in a map.
type memory map[string][]byte

func (m memory) Get(key string) ([]byte, bool, error) {
	value, ok := m[key]
	return value, ok, nil
}

func (m memory) Iterate(prefix string, fn func(string, []byte) bool) error {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if strings.HasPrefix(key, prefix) && !fn(key, m[key]) {
			break
		}
	}
	return nil
}

// A world is one ledger without consensus: a state, a clock and people.
type world struct {
	t       testing.TB
	network ledger.Network
	methods *contracts.Registry
	state   memory
	time    int64
	height  uint64
	refs    int
}

func newWorld(t testing.TB, parameters ...string) *world { return newWorldOf(t, roles, parameters...) }

// newWorldOf is a world with another cast.
func newWorldOf(t testing.TB, roles map[string]contracts.PartyRole, parameters ...string) *world {
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, methods: registry.New(), state: memory{},
		network: ledger.Network{Suite: suite, Chain: suite.Sum([]byte("test"))},
	}
	w.at("2026-02-24 09:00")
	g := contracts.GenesisState{Area: "510100"}
	for _, id := range slices.Sorted(maps.Keys(roles)) {
		g.Parties = append(g.Parties, contracts.GenesisParty{PartyID: id, NameZH: "机构" + id[14:], Role: roles[id]})
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			g.Persons = append(g.Persons, contracts.GenesisPerson{Organisation: id, Roles: []string{role}, Key: w.key(id, role)})
		}
	}
	if len(parameters) > 0 {
		g.Parameters = json.RawMessage(parameters[0])
	}
	raw, err := json.Marshal(g)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := contracts.Genesis(w.network, w.validators(), raw, w.time)
	if err != nil {
		t.Fatal(err)
	}
	w.apply(changes)
	return w
}

// at sets the clock to a time in China.
func (w *world) at(text string) int64 {
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		w.t.Fatal(err)
	}
	w.time = t.UnixMilli() - 8*60*60*1000
	return w.time
}

func (w *world) apply(changes []contracts.Change) {
	for _, c := range changes {
		w.state[c.Key] = c.Value
	}
}

// nodes are the organisations of the validators, by place.
var nodes = []string{BA, BB, IPO, REG}

func (w *world) validators() (set ledger.ValidatorSet) {
	for i, id := range nodes {
		set.Members = append(set.Members, ledger.Validator{
			Name: fmt.Sprintf("node%d", i+1), Organisation: id, Key: w.key(id, contracts.Validator), PeerID: fmt.Sprintf("peer%d", i+1),
		})
	}
	return set
}

// key gives the key of someone, the same each time.
func (w *world) key(organisation, name string) keys.PublicKey {
	return w.private(organisation, name).Public()
}

func (w *world) private(organisation, name string) keys.PrivateKey {
	seed := w.network.Suite.Sum([]byte(organisation), []byte("/"), []byte(name))
	private, err := w.network.Suite.Generate(bytes.NewReader(bytes.Repeat(seed[:], 4)))
	if err != nil {
		w.t.Fatal(err)
	}
	return private
}

func (w *world) signer(organisation, role string) ledger.Signer {
	name := role
	if role == contracts.Countersigner {
		name = contracts.Maker
	}
	return ledger.Signer{Organisation: organisation, Role: role, Key: w.key(organisation, name)}
}

// two are the maker and the checker of an organisation.
func (w *world) two(organisation string) []ledger.Signer {
	return []ledger.Signer{w.signer(organisation, contracts.Maker), w.signer(organisation, contracts.Checker)}
}

// with adds countersigners.
func (w *world) with(signers []ledger.Signer, organisations ...string) []ledger.Signer {
	for _, id := range organisations {
		signers = append(signers, w.signer(id, contracts.Countersigner))
	}
	return signers
}

type args = map[string]any

// tx makes a transaction; the method is "contract.name".
func (w *world) tx(method string, a args, signers []ledger.Signer, change ...func(*ledger.Body)) *ledger.Transaction {
	w.t.Helper()
	contract, name, _ := strings.Cut(method, ".")
	m, ok := w.methods.Lookup(contract, 1, name)
	if !ok {
		w.t.Fatalf("no method %s", method)
	}
	text, err := json.Marshal(a)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		w.t.Fatalf("%s %s: %v", method, text, refusal)
	}
	w.refs++
	body := ledger.Body{
		Contract: contract, Version: 1, Method: name, Args: raw, Actor: signers[0].Organisation,
		ClientRef: fmt.Sprintf("r-%d", w.refs), Signers: signers, ValidUntil: w.time + 60_000,
	}
	if m.Sealed {
		sum := w.network.Suite.Sum([]byte(body.ClientRef))
		body.Commitments = [][]byte{sum[:]}
	}
	for _, c := range change {
		c(&body)
	}
	return w.sign(body)
}

// sign joins a body with signatures, which execution does not look at.
func (w *world) sign(body ledger.Body) *ledger.Transaction {
	w.t.Helper()
	signatures := make([]keys.Signature, len(body.Signers))
	for i := range signatures {
		signatures[i] = make(keys.Signature, keys.SignatureSize)
	}
	tx, err := ledger.NewTransaction(w.network, ledger.Encode(body), signatures)
	if err != nil {
		w.t.Fatal(err)
	}
	return tx
}

// block executes transactions in the order given, one minute after the last.
func (w *world) block(txs ...*ledger.Transaction) []ledger.Outcome {
	w.t.Helper()
	outcomes, changes, err := contracts.Execute(w.methods, w.state, w.here(), txs)
	if err != nil {
		w.t.Fatal(err)
	}
	w.apply(changes)
	w.time += 60_000
	w.height++
	for _, o := range outcomes {
		wantWords(w.t, o)
	}
	return outcomes
}

func (w *world) here() contracts.Block {
	return contracts.Block{Network: w.network, Height: w.height + 1, Time: w.time}
}

func (w *world) do(method string, a args, signers []ledger.Signer, change ...func(*ledger.Body)) ledger.Outcome {
	w.t.Helper()
	return w.block(w.tx(method, a, signers, change...))[0]
}

// must runs one transaction that has to succeed and gives its result.
func (w *world) must(method string, a args, signers []ledger.Signer, change ...func(*ledger.Body)) args {
	w.t.Helper()
	o := w.do(method, a, signers, change...)
	if o.Status != ledger.Final {
		w.t.Fatalf("%s: %v %s %+v", method, o.Status, o.Code, o.Details)
	}
	return w.result(method, o)
}

func (w *world) result(method string, o ledger.Outcome) args {
	w.t.Helper()
	contract, name, _ := strings.Cut(method, ".")
	m, _ := w.methods.Lookup(contract, 1, name)
	text, err := m.ResultJSON(o.Result)
	if err != nil {
		w.t.Fatal(err)
	}
	var out args
	if err := json.Unmarshal(text, &out); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// refused runs one transaction that has to be rejected with a code and ground.
func (w *world) refused(code, ground, method string, a args, signers []ledger.Signer, change ...func(*ledger.Body)) ledger.Outcome {
	w.t.Helper()
	o := w.do(method, a, signers, change...)
	want(w.t, o, code, ground)
	return o
}

func want(t testing.TB, o ledger.Outcome, code, ground string) {
	t.Helper()
	if o.Status != ledger.Rejected || o.Code != code || o.Ground != ground {
		t.Fatalf("%v %s %s %+v, want REJECTED %s %s", o.Status, o.Code, o.Ground, o.Details, code, ground)
	}
}

// wantWords checks that every reason a contract gives has words of its own. That
// a check character does not fit is said by E_CHECKDIGIT itself.
func wantWords(t testing.TB, o ledger.Outcome) {
	t.Helper()
	for _, f := range o.Details {
		plainEN, plainZH := contracts.Text(f.Code, f.Ground, "")
		if en, zh := contracts.Text(f.Code, f.Ground, f.Reason); f.Reason != "" && f.Reason != string(identifier.CheckSum) && (en == plainEN || zh == plainZH) {
			t.Fatalf("no words for %+v", f)
		}
	}
}

func read[T any](w *world, key string) T {
	w.t.Helper()
	var record T
	raw, ok := w.state[key]
	if !ok {
		w.t.Fatalf("no record %s", key)
	}
	if err := ledger.Decode(raw, ledger.MaxValue, &record); err != nil {
		w.t.Fatalf("%s: %v", key, err)
	}
	return record
}

// status is the status of a patent now.
func (w *world) status(number string) rights.Status {
	w.t.Helper()
	record := read[rights.Record](w, rights.RecordKey(identifier.PatentSpace, number))
	return rights.StatusOf(record, w.time, read[contracts.Parameters](w, contracts.ParametersKey))
}

func (w *world) wantStatus(number string, value rights.StatusValue) {
	w.t.Helper()
	if got := w.status(number); got.Value != value {
		w.t.Fatalf("status of %s is %+v, want %s", number, got, value)
	}
}

// evidence is what an office captured from the register at a time.
func (w *world) evidence(captured int64) args {
	return args{"registrar": "CNIPA", "evidence_hash": strings.Repeat("ab", 32), "captured_at": captured, "method": "REGISTER_EXTRACT"}
}

// claim claims a patent for its owners.
func (w *world) claim(number string, owners ...string) string {
	w.t.Helper()
	r := w.must("rights.claim", args{"type": "PATENT", "number": number, "owners": owners}, []ledger.Signer{w.signer(BA, contracts.Maker)})
	return r["right_id"].(string)
}

// facts are the arguments of rights.confirm and rights.refresh with fresh
// evidence.
func (w *world) facts(rightID string, more args) args {
	a := args{"right_id": rightID, "evidence": w.evidence(w.time - 3600_000)}
	maps.Copy(a, more)
	return a
}

// confirmed claims and confirms a patent.
func (w *world) confirmed(number string, more args, owners ...string) string {
	w.t.Helper()
	id := w.claim(number, owners...)
	a := w.facts(id, args{"owners": owners, "fee_status": "PAID"})
	maps.Copy(a, more)
	w.must("rights.confirm", a, w.two(IPO))
	return id
}

// submission are the arguments of pledges.submit.
func submission(bank, pledgor string, refs ...string) args {
	return args{"rights": append([]string{}, refs...), "pledgors": []string{pledgor}, "pledgees": []string{bank}}
}

// submitted applies for a pledge of RX's rights.
func (w *world) submitted(bank string, refs ...string) string {
	w.t.Helper()
	return w.must("pledges.submit", submission(bank, RX, refs...), w.with(w.two(bank), RX))["pledge_no"].(string)
}

// effective carries an application of RX to its registration.
func (w *world) effective(bank, statutoryNo string, refs ...string) string {
	w.t.Helper()
	no := w.submitted(bank, refs...)
	w.must("pledges.accept", args{"pledge_no": no}, w.two(IPO))
	w.must("pledges.register", args{"pledge_no": no, "statutory_no": statutoryNo, "statutory_time": w.time}, w.two(IPO))
	return no
}

// openVotes lets an administrator of the regulator call by a transaction what a vote
// of the members runs, so that it can be looked at without the vote.
func (w *world) openVotes() {
	list := registry.New().Methods()
	for i := range list {
		if list[i].Rule.Vote {
			list[i].Rule = contracts.Rule{Roles: []string{contracts.Admin}}
		}
	}
	w.methods = contracts.NewRegistry(list...).Naming(registry.Names())
}

// closedVotes undoes openVotes.
func (w *world) closedVotes() *world {
	w.methods = registry.New()
	return w
}

// paper is the hash of a document.
var paper = strings.Repeat("cd", 32)
