// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/api"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The cast.
const (
	RX  = "91510100MA6CA1R24N"   // borrower
	MD  = "91510100MA6DB3T45A"   // borrower
	BA  = "91510100MA6L1D0E2L"   // bank
	BB  = "91500000MA5W2F1G4X"   // bank
	IPO = "12510100MB0A1K3L09"   // IP office
	REG = "11510000MB0D4E2F80"   // regulator
	SG  = "549300SGBANK00000183" // foreign bank, in worlds that say so
	JG  = "91510107MA6FD7W801"   // not in the genesis

	invention = "201810234567.3"
	canonical = "2018102345673"
)

// A world is a small real node behind the API: it executes blocks, signs
// certificates with four validators' keys and keeps the ledger. What it leaves
// out is agreement: it alone orders.
type world struct {
	t        testing.TB
	areas    map[string]string        // of organisations that have another than the network's
	foreign  bool                     // whether SG is one of the first organisations
	guests   []contracts.GenesisParty // organisations beside those of every world
	index    store.Index
	dir      string
	trust    ledger.Trust
	genesis  *ledger.Genesis
	registry *contracts.Registry
	store    *store.Store
	server   *httptest.Server

	mu         sync.Mutex
	validators []keys.PrivateKey
	now        time.Time
	tree       *state.Tree
	history    *ledger.History
	head       store.Head
	changed    chan struct{}
	pool       []*ledger.Transaction
	received   map[ledger.Hash]api.Progress // what was submitted, as a node remembers it
	ordered    bool                         // whether the pool is in a block that is not FINAL
	manual     bool                         // blocks are made by block alone, not at each submission
	phase      string
	status     func(*api.Status) // changes what the node says of itself
}

func newWorld(t testing.TB, change ...func(*api.Config)) *world {
	return newWorldOf(t, "ed25519", change...)
}

func newWorldOf(t testing.TB, suiteName string, change ...func(*api.Config)) *world {
	t.Helper()
	return newWorldIn(t, suiteName, nil, change...)
}

// newWorldIn is a world with something of its own from the start.
func newWorldIn(t testing.TB, suiteName string, set func(*world), change ...func(*api.Config)) *world {
	t.Helper()
	suite, err := keys.SuiteByName(suiteName)
	must(t, err)
	w := &world{t: t, registry: registry.New(), changed: make(chan struct{}), received: make(map[ledger.Hash]api.Progress), phase: api.PhaseActive}
	w.index = store.Index{Version: registry.IndexVersion, Folders: registry.Terms()}
	if set != nil {
		set(w)
	}
	w.at("2026-02-24 09:00")
	file := w.genesisFile(suite)
	w.genesis, w.trust, err = ledger.ParseGenesis(file)
	must(t, err)
	w.dir = t.TempDir()
	w.open()
	w.begin()
	cfg := api.Config{
		Node: w, Store: w.store, Versions: registry.Versions(), Trust: w.trust, Genesis: w.genesis, Version: "1.0.0-test", Clock: w.clock,
	}
	for _, c := range change {
		c(&cfg)
	}
	w.server = httptest.NewServer(api.NewHandler(cfg))
	t.Cleanup(func() {
		w.server.Close()
		must(t, w.store.Close())
	})
	return w
}

// open opens the ledger database.
func (w *world) open() {
	w.t.Helper()
	var err error
	w.store, err = store.Open(w.dir, store.Options{Network: w.trust.Network, MemTable: 1 << 20, Index: w.index})
	must(w.t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) genesisFile(suite keys.Suite) []byte {
	g := contracts.GenesisState{Area: "510100"}
	type member struct {
		id   string
		role contracts.PartyRole
		name string
	}
	cast := []member{
		{RX, contracts.Borrower, "成都蓉芯微电子有限公司"}, {MD, contracts.Borrower, "成都脉动医疗科技有限公司"},
		{BA, contracts.Bank, "蜀锦银行"}, {BB, contracts.Bank, "嘉陵银行(重庆)"},
		{IPO, contracts.IPOffice, "成都知识产权服务中心(示例)"}, {REG, contracts.Regulator, "监管局(示例)"},
	}
	for _, p := range w.guests {
		cast = append(cast, member{p.PartyID, p.Role, p.NameZH})
	}
	for _, p := range cast {
		g.Parties = append(g.Parties, contracts.GenesisParty{PartyID: p.id, NameZH: p.name, Role: p.role, AreaCode: w.areas[p.id]})
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			g.Persons = append(g.Persons, contracts.GenesisPerson{
				Organisation: p.id, Roles: []string{role}, Key: keyOf(w.t, suite, p.id+"/"+role).Public(),
			})
		}
	}
	if w.foreign {
		g.Parties = append(g.Parties, contracts.GenesisParty{PartyID: SG, NameEN: "Straits Bank", Role: contracts.Bank})
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			g.Persons = append(g.Persons, contracts.GenesisPerson{Organisation: SG, Roles: []string{role}, Key: keyOf(w.t, suite, SG+"/"+role).Public()})
		}
	}
	first, err := json.Marshal(g)
	must(w.t, err)
	file := ledger.Genesis{Format: ledger.GenesisFormat, Name: "test", Suite: suite.Name(), Time: w.now, State: first}
	for i, organisation := range []string{BA, BB, IPO, REG} {
		key := keyOf(w.t, suite, fmt.Sprintf("validator %d", i))
		w.validators = append(w.validators, key)
		file.Validators = append(file.Validators, ledger.Validator{
			Name: fmt.Sprintf("v%d", i+1), Organisation: organisation, Key: key.Public(), PeerID: fmt.Sprintf("peer-%d", i+1),
		})
	}
	raw, err := json.Marshal(file)
	must(w.t, err)
	return raw
}

// keyOf gives somebody's key, the same in every run.
func keyOf(t testing.TB, suite keys.Suite, name string) keys.PrivateKey {
	t.Helper()
	seed := suite.Sum([]byte(name))
	key, err := suite.Generate(bytes.NewReader(bytes.Repeat(seed[:], 8)))
	must(t, err)
	return key
}

// key gives the key of a role in an organisation.
func (w *world) key(organisation, role string) keys.PrivateKey {
	return keyOf(w.t, w.trust.Suite, organisation+"/"+role)
}

// at sets the clock to a time in China.
func (w *world) at(text string) int64 {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, time.FixedZone("", 8*60*60))
	must(w.t, err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = t
	return t.UnixMilli()
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// begin writes the genesis block.
func (w *world) begin() {
	changes, err := contracts.Genesis(w.trust.Network, w.trust.Sets[0], w.genesis.State, w.genesis.Time.UnixMilli())
	must(w.t, err)
	tree, err := state.Empty(w.trust.Suite).Apply(0, stateChanges(changes))
	must(w.t, err)
	history := ledger.NewHistory(w.trust.Suite)
	header := ledger.Header{
		Version: ledger.HeaderVersion, Chain: w.trust.Chain, Time: w.genesis.Time.UnixMilli(), StateRoot: tree.Root(),
		TransactionRoot: w.trust.TransactionRoot(nil), ReceiptsRoot: ledger.MerkleRoot(w.trust.Suite, nil),
		HistoryRoot: history.Root(), ExecutionVersion: contracts.FirstVersion,
	}
	history = history.Append(w.trust.HeaderHash(header))
	must(w.t, w.store.Init(header, tree.Writes(), history.Hashes()))
	w.advance(tree, history)
}

func stateChanges(changes []contracts.Change) []state.Change {
	out := make([]state.Change, len(changes))
	for i, c := range changes {
		out[i] = state.Change{Key: c.Key, Value: c.Value, Delete: c.Delete}
	}
	return out
}

// advance takes over what the store holds now.
func (w *world) advance(tree *state.Tree, history *ledger.History) {
	var err error
	w.head, _ = w.store.Head()
	w.history = history
	w.tree, err = state.Open(w.trust.Suite, w.store, w.head.Header.Height)
	must(w.t, err)
	if w.tree.Root() != tree.Root() {
		w.t.Fatal("the store holds another state")
	}
	close(w.changed)
	w.changed = make(chan struct{})
}

// block makes one FINAL block of what was submitted, or of nothing.
func (w *world) block() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finalise()
}

// put makes a FINAL block that changes the state without a transaction.
func (w *world) put(changes []state.Change) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finalise(changes...)
}

func (w *world) finalise(more ...state.Change) {
	n := w.trust.Network
	parent := w.head
	height := parent.Header.Height + 1
	b := contracts.Block{Network: n, Height: height, Time: max(parent.Header.Time+1, w.now.UnixMilli())}
	txs := ledger.ExecutionOrder(n, parent.Hash, w.pool)
	w.pool, w.ordered = nil, false
	view, err := w.store.State(parent.Header.Height)
	must(w.t, err)
	outcomes, changes, err := contracts.Execute(w.registry, view, b, txs)
	must(w.t, err)
	must(w.t, view.Close())
	tree, err := w.tree.Apply(height, append(stateChanges(changes), more...))
	must(w.t, err)
	f := store.FinalBlock{Outcomes: outcomes, State: tree.Writes()}
	var receipts [][]byte
	for i, tx := range txs {
		f.IDs = append(f.IDs, tx.ID())
		f.Block.Transactions = append(f.Block.Transactions, tx.Bytes())
		receipts = append(receipts, ledger.Encode(outcomes[i]))
	}
	f.Block.Header = ledger.Header{
		Version: ledger.HeaderVersion, Chain: n.Chain, Height: height, Parent: parent.Hash, Time: b.Time,
		TransactionRoot: n.TransactionRoot(f.Block.Transactions), StateRoot: tree.Root(),
		ReceiptsRoot: ledger.MerkleRoot(n.Suite, receipts), HistoryRoot: w.history.Root(), ExecutionVersion: contracts.FirstVersion,
	}
	f.Hash = n.HeaderHash(f.Block.Header)
	history := w.history.Append(f.Hash)
	f.History = history.Hashes()
	f.Proof = w.certify(f.Block.Header, f.Hash)
	must(w.t, f.Proof.Check(w.trust))
	must(w.t, w.store.Commit(f))
	w.advance(tree, history)
}

func (w *world) certify(header ledger.Header, hash ledger.Hash) ledger.Certified {
	vote := ledger.Vote{Kind: ledger.Commit, Chain: header.Chain, Height: header.Height, Block: hash}
	c := ledger.Certificate{Vote: vote}
	for i := range w.trust.Sets[0].Quorum() {
		signed, err := vote.Sign(uint64(i), w.validators[i])
		must(w.t, err)
		c.Signers = append(c.Signers, ledger.SignerSignature{Validator: signed.Validator, Signature: signed.Signature})
	}
	return ledger.Certified{Header: header, Certificate: c}
}

// The methods of api.Node.

func (w *world) Submit(_ context.Context, tx *ledger.Transaction) error {
	if !ledger.CheckSignatures(w.trust.Network, nil, tx)[0] {
		return contracts.Refuse(ledger.Failure{Code: contracts.ESignature, Field: "signatures", Reason: contracts.ReasonInvalid})
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	view, err := w.store.State(w.head.Header.Height)
	if err != nil {
		return err
	}
	defer view.Close()
	b := contracts.Block{Network: w.trust.Network, Height: w.head.Header.Height + 1, Time: w.head.Header.Time}
	if refusal, err := contracts.CheckIntake(w.registry, view, b, tx); err != nil || refusal.Refuses() {
		if err == nil {
			err = refusal
		}
		return err
	}
	w.pool = append(w.pool, tx)
	body := tx.Body()
	w.received[tx.ID()] = api.Progress{State: api.Received, ValidUntil: body.ValidUntil, Reference: contracts.RefKey(body.Actor, body.ClientRef)}
	if !w.manual {
		w.finalise()
	}
	return nil
}

func (w *world) Progress(id ledger.Hash) api.Progress {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, tx := range w.pool {
		if tx.ID() == id && w.ordered {
			return api.Progress{State: api.Ordered, Height: w.head.Header.Height + 1, ValidUntil: tx.Body().ValidUntil}
		}
	}
	return w.received[id]
}

func (w *world) Head() store.Head {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.head
}

func (w *world) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

func (w *world) Status() api.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	leader := "v1"
	st := api.Status{
		Name: "v1", Organisation: BA, Role: api.RoleValidator, Phase: w.phase, Term: 1,
		Leader: &leader, Leading: true, Executed: w.head.Header.Height, Mempool: len(w.pool),
	}
	for _, m := range w.trust.Sets[0].Members {
		st.Validators = append(st.Validators, api.ValidatorStatus{
			Name: m.Name, Organisation: m.Organisation, Key: m.Key, PeerFinal: w.head.Header.Height, Connected: true,
		})
	}
	if w.status != nil {
		w.status(&st)
	}
	return st
}

// client talks to the world as a person of an organisation, or as nobody.
func (w *world) client(who ...string) *api.Client {
	c := &api.Client{BaseURL: w.server.URL, HTTP: w.server.Client(), Registry: w.registry, Network: w.trust.Network, Clock: w.clock}
	if len(who) == 2 {
		c.Key = w.key(who[0], who[1])
	}
	return c
}

type args = map[string]any

// draft asks for a transaction of an organisation's maker.
func (w *world) draft(actor, method string, a args, change ...func(*api.DraftRequest)) (api.Draft, error) {
	raw, err := json.Marshal(a)
	must(w.t, err)
	contract, name, _ := bytes.Cut([]byte(method), []byte("."))
	in := api.DraftRequest{
		Contract: string(contract), Method: string(name), Args: raw, Actor: actor,
		ClientRef: fmt.Sprintf("%s-%d", name, w.Head().Header.Height), ValidUntil: &api.Moment{Time: w.clock().Add(time.Hour)},
	}
	if m, ok := w.registry.Lookup(in.Contract, 1, in.Method); ok && m.Sealed {
		in.Commitments = []string{w.trust.Suite.Sum([]byte(in.ClientRef)).String()}
	}
	for _, c := range change {
		c(&in)
	}
	return w.client(actor, contracts.Maker).Draft(context.Background(), in)
}

// signed collects the signatures that a draft asks for.
func (w *world) signed(d api.Draft, more ...keys.PrivateKey) api.Submission {
	w.t.Helper()
	holders := make(map[keys.PublicKey]keys.PrivateKey)
	for _, k := range more {
		holders[k.Public()] = k
	}
	ids := []string{RX, MD, BA, BB, IPO, REG, SG}
	for _, p := range w.guests {
		ids = append(ids, p.PartyID)
	}
	for _, id := range ids {
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			k := w.key(id, role)
			holders[k.Public()] = k
		}
	}
	in := api.Submission{Body: d.Body}
	for _, s := range d.Signers {
		if holders[s.PublicKey] == nil {
			w.t.Fatalf("nobody holds the key of %+v", s)
		}
		one, err := d.Sign(w.trust.Network, holders[s.PublicKey])
		must(w.t, err)
		in.Signatures = append(in.Signatures, one)
	}
	return in
}

// run drafts, signs and submits, and gives what became of it.
func (w *world) run(actor, method string, a args, more ...keys.PrivateKey) api.Transaction {
	w.t.Helper()
	d, err := w.draft(actor, method, a)
	must(w.t, err)
	out, err := w.client(actor, contracts.Maker).SubmitParts(context.Background(), w.signed(d, more...), 5*time.Second)
	must(w.t, err)
	return out
}

// must runs a method that takes effect and gives its result.
func (w *world) must(actor, method string, a args, more ...keys.PrivateKey) map[string]any {
	w.t.Helper()
	out := w.run(actor, method, a, more...)
	if out.Status != api.Final {
		w.t.Fatalf("%s: %+v %+v", method, out, out.Outcome)
	}
	var result map[string]any
	must(w.t, json.Unmarshal(out.Outcome.Result, &result))
	return result
}

func (w *world) evidence() args {
	return args{"registrar": "CNIPA", "evidence_hash": w.trust.Suite.Sum([]byte("evidence")).String(), "captured_at": w.clock().UnixMilli(), "method": "online"}
}

// claimed enters a patent of RX, confirmed by the IP office.
func (w *world) confirmed(number string) (rightID string) {
	w.t.Helper()
	rightID = w.must(RX, "rights.claim", args{"type": "PATENT", "number": number, "owners": []string{RX}, "office": IPO})["right_id"].(string)
	w.must(IPO, "rights.confirm", args{
		"right_id": rightID, "evidence": w.evidence(), "owners": []string{RX}, "title": "一种晶圆检测方法", "filing_date": "2018-03-19",
		"grant_date": "2020-06-02", "expiry_date": "2038-03-18", "legal_status": "GRANTED", "fee_status": "PAID", "fee_due": "2027-03-19",
	})
	return rightID
}
