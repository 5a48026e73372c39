// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

var suites = []string{"ed25519", "sm2"}

// bothSuites runs a test once for each suite.
func bothSuites(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, name := range suites {
		t.Run(name, func(t *testing.T) { test(t, newWorld(t, name, 4)) })
	}
}

// A world is a network whose keys all follow from fixed seeds. What verifies in
// it is believed for its genesis file and nothing else.
type world struct {
	t          testing.TB
	suite      keys.Suite
	genesis    []byte
	trust      ledger.Trust
	validators []keys.PrivateKey
	maker      keys.PrivateKey
	checker    keys.PrivateKey
}

var genesisTime = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func newWorld(t testing.TB, suite string, validators int) *world {
	t.Helper()
	return newWorldOf(t, suite, "pilot", "validator", validators)
}

// newWorldOf names the network and its validators: other names, other keys.
func newWorldOf(t testing.TB, suite, network, validator string, n int) *world {
	t.Helper()
	s, err := keys.SuiteByName(suite)
	noError(t, err)
	w := &world{t: t, suite: s}
	genesis := ledger.Genesis{
		Format: ledger.GenesisFormat,
		Name:   network,
		Suite:  suite,
		Time:   genesisTime,
		State:  json.RawMessage(`{}`),
	}
	for i := range n {
		key := seeded(t, s, fmt.Sprintf("%s %d", validator, i))
		w.validators = append(w.validators, key)
		genesis.Validators = append(genesis.Validators, ledger.Validator{
			Name:         fmt.Sprintf("%s-%d", validator, i),
			Organisation: fmt.Sprintf("bank-%d", i),
			Key:          key.Public(),
			PeerID:       fmt.Sprintf("peer-%d", i),
		})
	}
	w.maker, w.checker = seeded(t, s, "maker"), seeded(t, s, "checker")
	w.genesis, err = json.MarshalIndent(genesis, "", "  ")
	noError(t, err)
	w.genesis = append(w.genesis, '\n')
	_, w.trust, err = ledger.ParseGenesis(w.genesis)
	noError(t, err)
	return w
}

// seeded is the key whose seed is the SHA-256 of label.
func seeded(t testing.TB, suite keys.Suite, label string) keys.PrivateKey {
	t.Helper()
	seed := sha256.Sum256([]byte(label))
	key, err := keys.ParsePrivateKey(suite.Algorithm(), seed[:])
	noError(t, err)
	return key
}

// body is the i-th of a row of pledges, made by one person, checked by another.
func (w *world) body(i int) ledger.Body {
	return ledger.Body{
		Contract: "pledges",
		Version:  1,
		Method:   "submit",
		Args: ledger.Encode(map[uint64]any{
			1: "PATENT",
			2: fmt.Sprintf("20181023456%02d", i),
			3: int64(-500_000_00),
			4: "知识产权质押",
		}),
		Actor:     "91510100MA6CA1R24N",
		ClientRef: fmt.Sprintf("loan-2026-%04d", i),
		Signers: []ledger.Signer{
			{Organisation: "91510100MA6CA1R24N", Role: "maker", Key: w.maker.Public()},
			{Organisation: "91510100MA6CA1R24N", Role: "checker", Key: w.checker.Public()},
		},
		ValidUntil:  genesisTime.Add(72 * time.Hour).UnixMilli(),
		Commitments: [][]byte{hashOf(w.suite, "sealed terms", i)},
	}
}

// signed is body with the signatures of its two signers.
func (w *world) signed(body ledger.Body) *ledger.Transaction {
	w.t.Helper()
	raw := ledger.Encode(body)
	tx, err := ledger.NewTransaction(w.trust.Network, raw, w.signatures(raw))
	noError(w.t, err)
	return tx
}

func (w *world) signatures(body []byte) []keys.Signature {
	w.t.Helper()
	var signatures []keys.Signature
	for _, key := range []keys.PrivateKey{w.maker, w.checker} {
		sig, err := key.Sign(w.trust.SignBytes(body))
		noError(w.t, err)
		signatures = append(signatures, sig)
	}
	return signatures
}

// A page is a block with the outcomes of its transactions.
type page struct {
	header   ledger.Header
	txs      []*ledger.Transaction
	raw      [][]byte
	outcomes []ledger.Outcome
}

// page makes a block of n transactions; the last one is refused by a rule.
func (w *world) page(height uint64, n int) page {
	w.t.Helper()
	p := page{}
	for i := range n {
		tx := w.signed(w.body(i))
		outcome := ledger.Outcome{
			Transaction: tx.ID(), Index: uint64(i), Count: uint64(n), Status: ledger.Final,
			Result: ledger.Encode(map[uint64]any{1: fmt.Sprintf("Y20260302%05d", i+1)}),
			Events: []ledger.Event{{Kind: "pledge.submitted", Subject: fmt.Sprintf("Y20260302%05d", i+1)}},
		}
		if i == n-1 {
			outcome = ledger.Outcome{
				Transaction: tx.ID(), Index: uint64(i), Count: uint64(n), Status: ledger.Rejected,
				Code: "E_PLEDGED", Ground: "R09_ALREADY_PLEDGED",
				Details: []ledger.Failure{
					{Code: "E_PLEDGED", Ground: "R09_ALREADY_PLEDGED", Field: "rights[0]", Subject: "PATENT/2018102345673", Reason: "RESERVATION", Message: "already pledged", ZH: "已设立质权"},
					{Code: "E_ROLE"},
				},
			}
		}
		p.txs, p.raw, p.outcomes = append(p.txs, tx), append(p.raw, tx.Bytes()), append(p.outcomes, outcome)
	}
	p.header = w.header(height)
	w.seal(&p)
	return p
}

// header is one of height, on a parent that nobody needs to know.
func (w *world) header(height uint64) ledger.Header {
	return ledger.Header{
		Version:          ledger.HeaderVersion,
		Chain:            w.trust.Chain,
		Height:           height,
		Parent:           ledger.Hash(hashOf(w.suite, "block", int(height)-1)),
		Time:             genesisTime.UnixMilli() + int64(height)*60_000,
		TransactionRoot:  ledger.MerkleRoot(w.suite, nil),
		StateRoot:        ledger.Hash(hashOf(w.suite, "state", int(height))),
		ReceiptsRoot:     ledger.MerkleRoot(w.suite, nil),
		HistoryRoot:      ledger.Hash(hashOf(w.suite, "history", int(height))),
		ExecutionVersion: 1,
	}
}

// children are n empty blocks, one on the other, on top of h.
func (w *world) children(h ledger.Header, n int) []ledger.Header {
	var above []ledger.Header
	for range n {
		child := w.header(h.Height + 1)
		child.Set, child.Parent = h.Set, w.trust.HeaderHash(h)
		above, h = append(above, child), child
	}
	return above
}

// seal writes the roots of p's transactions and outcomes into its header.
func (w *world) seal(p *page) {
	p.header.TransactionRoot = w.trust.TransactionRoot(p.raw)
	p.header.ReceiptsRoot = ledger.MerkleRoot(w.suite, p.encoded())
}

func (p page) encoded() [][]byte {
	var encoded [][]byte
	for _, o := range p.outcomes {
		encoded = append(encoded, ledger.Encode(o))
	}
	return encoded
}

// vote is the vote of kind on h in the first round of its set.
func (w *world) vote(kind ledger.VoteKind, h ledger.Header) ledger.Vote {
	v := ledger.Vote{
		Kind: kind, Chain: h.Chain, Set: h.Set, Height: h.Height, Block: w.trust.HeaderHash(h),
		Start: w.trust.StartHash(w.start()),
	}
	if kind == ledger.Prepare {
		v.Index, v.Term = h.Height+3, 2
	}
	return v
}

func (w *world) start() ledger.Start {
	return ledger.Start{Chain: w.trust.Chain, Base: ledger.Hash(hashOf(w.suite, "block", 0))}
}

// certify gathers the signatures on v of the validators at these places; with
// no places it takes the first quorum of them.
func (w *world) certify(v ledger.Vote, places ...int) ledger.Certificate {
	w.t.Helper()
	if places == nil {
		for i := range w.trust.Sets[0].Quorum() {
			places = append(places, i)
		}
	}
	c := ledger.Certificate{Vote: v}
	for _, i := range places {
		s, err := v.Sign(uint64(i), w.validators[i])
		noError(w.t, err)
		c.Signers = append(c.Signers, ledger.SignerSignature{Validator: s.Validator, Signature: s.Signature})
	}
	return c
}

// final certifies the last of the headers and hangs the others below it.
func (w *world) final(headers ...ledger.Header) ledger.Certified {
	w.t.Helper()
	top := headers[len(headers)-1]
	return ledger.Certified{
		Header:      headers[0],
		Descendants: headers[1:],
		Certificate: w.certify(w.vote(ledger.Commit, top)),
	}
}

// receipt is that of the i-th transaction of p, certified descendants above it.
func (w *world) receipt(p page, i, descendants int) ledger.Receipt {
	w.t.Helper()
	headers := append([]ledger.Header{p.header}, w.children(p.header, descendants)...)
	r, err := ledger.NewReceipt(w.trust.Network, w.final(headers...), p.raw, p.encoded(), i)
	noError(w.t, err)
	return r
}

// A remembering suite verifies each signature once. Whether one holds never
// changes, and the tests that change one byte after the other leave most
// signatures as they were.
type remembering struct {
	keys.Suite
	verdicts map[string]bool
}

func (r remembering) Verify(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	id := fmt.Sprintf("%v %x %x", key, sig, message)
	verdict, known := r.verdicts[id]
	if !known {
		verdict = r.Suite.Verify(key, message, sig)
		r.verdicts[id] = verdict
	}
	return verdict
}

// quick is the trust in w, with a suite that remembers.
func (w *world) quick() ledger.Trust {
	t := w.trust
	t.Suite = remembering{t.Suite, map[string]bool{}}
	return t
}

func hashOf(suite keys.Suite, what string, i int) []byte {
	h := suite.Sum([]byte(what), []byte{byte(i >> 8), byte(i)})
	return h[:]
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
