// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"context"
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
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

type args = map[string]any

// An outlaw breaks every rule of the law in code on a running network, as members can.
type outlaw struct {
	*cluster
	t                   *testing.T
	bank, rival         string // two banks
	office, hub         string
	exchange            string
	firm, partner       string
	keys                map[string]keys.PrivateKey // by organisation and role
	patents, references int
}

// A crime is a transaction that has to be refused.
type crime struct {
	code, ground string
	actor        string
	method       string
	a            args
	with         []string // countersigners
	change       func(*ledger.Body)
	door         bool // every honest node refuses it at its door
}

// A verdict is a transaction by which an office says with which grounds it finds fault.
type verdict struct {
	office, method string
	a              args
	codes          []string
}

func newOutlaw(t *testing.T) *outlaw {
	o := &outlaw{
		t: t, bank: organisations[0].PartyID, rival: organisations[1].PartyID, office: organisations[2].PartyID, hub: "12510000MB0B2M4N54", exchange: "91510100MA65CHGJ1U",
		firm: "91510100MA6CA1R24N", partner: "91510100MA6DB3T45A", keys: make(map[string]keys.PrivateKey),
	}
	o.cluster = newCluster(t, "ed25519", func(g *contracts.GenesisState) {
		// So long a review reaches a year whose calendar nobody has announced; and a mark
		// has no more than two ranks.
		g.Parameters = json.RawMessage(`{"pat":{"review":{"paper":250}},"pledge":{"max_live":{"tm":2}}}`)
		for _, more := range []contracts.GenesisParty{
			{PartyID: o.hub, NameZH: "四川版权保护中心(示例)", Role: contracts.CopyrightHub},
			{PartyID: o.exchange, NameZH: "成都知识产权交易中心(示例)", Role: contracts.Exchange},
		} {
			g.Parties = append(slices.Clone(g.Parties), more)
			for _, role := range []string{contracts.Maker, contracts.Checker} {
				key := o.newKey()
				o.keys[more.PartyID+role] = key
				g.Persons = append(g.Persons, contracts.GenesisPerson{Organisation: more.PartyID, Roles: []string{role}, Key: key.Public()})
			}
		}
	})
	for place, organisation := range map[int]string{0: o.bank, 1: o.rival, 2: o.office} {
		for _, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin} {
			o.keys[organisation+role] = o.people[fmt.Sprintf("%d.%s", place, role)]
		}
	}
	o.startAll()
	eventually(t, "a first block", 20*time.Second, func() bool {
		s, err := o.client(0, "0.maker").Status(context.Background())
		return err == nil && s.Height > 0
	})
	for _, firm := range []string{o.firm, o.partner} {
		key := o.newKey()
		o.keys[firm+contracts.Admin], o.keys[firm+contracts.Maker] = key, key
		o.must(o.bank, "parties.register", args{
			"uscc": firm, "name_zh": "示例公司", "role": "BORROWER", "area_code": "510100", "admin_key": key.Public(),
		}, nil, func(b *ledger.Body) {
			b.Signers = append(b.Signers, ledger.Signer{Organisation: firm, Role: contracts.Admin, Key: key.Public()})
		})
	}
	return o
}

func (o *outlaw) newKey() keys.PrivateKey {
	o.t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		o.t.Fatal(err)
	}
	key, err := suite.Generate(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return key
}

// transaction makes a transaction with all signatures that its body names.
func (o *outlaw) transaction(c crime) *ledger.Transaction {
	o.t.Helper()
	contract, name, _ := strings.Cut(c.method, ".")
	m, ok := registry.New().Lookup(contract, 1, name)
	if !ok {
		o.t.Fatalf("no method %s", c.method)
	}
	text, err := json.Marshal(c.a)
	if err != nil {
		o.t.Fatal(err)
	}
	raw, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		o.t.Fatalf("%s %s: %v", c.method, text, refusal)
	}
	o.references++
	body := ledger.Body{
		Contract: contract, Version: 1, Method: name, Args: raw, Actor: c.actor, ClientRef: fmt.Sprintf("outlaw-%d", o.references),
		ValidUntil: time.Now().Add(time.Hour).UnixMilli(),
	}
	if m.Sealed || c.method == "pledges.submit" {
		sum := o.trust.Suite.Sum([]byte(body.ClientRef))
		body.Commitments = [][]byte{sum[:]}
	}
	for _, role := range m.Rule.Roles {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: c.actor, Role: role, Key: o.keys[c.actor+role].Public()})
	}
	for _, other := range c.with {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: other, Role: contracts.Countersigner, Key: o.keys[other+contracts.Maker].Public()})
	}
	if c.change != nil {
		c.change(&body)
	}
	encoded := ledger.Encode(body)
	var signatures []keys.Signature
	for _, s := range body.Signers {
		signatures = append(signatures, o.sign(s.Key, encoded))
	}
	tx, err := ledger.NewTransaction(o.trust.Network, encoded, signatures)
	if err != nil {
		o.t.Fatal(err)
	}
	return tx
}

func (o *outlaw) sign(key keys.PublicKey, body []byte) keys.Signature {
	o.t.Helper()
	for _, k := range o.keys {
		if k.Public() == key {
			sig, err := k.Sign(o.trust.SignBytes(body))
			if err != nil {
				o.t.Fatal(err)
			}
			return sig
		}
	}
	o.t.Fatalf("nobody holds %v", key)
	return nil
}

// certified is the outcome of a transaction by its receipt's file, which another node
// than the one it was given to hands out.
func (o *outlaw) certified(id ledger.Hash) ledger.Outcome {
	o.t.Helper()
	var file []byte
	eventually(o.t, "a receipt", 20*time.Second, func() (ok bool) {
		var err error
		file, err = o.client(3, "0.maker").ReceiptFile(context.Background(), id)
		return err == nil
	})
	r, err := ledger.VerifyReceipt(o.trust, file)
	if err != nil {
		o.t.Fatal(err)
	}
	if r.Transaction.ID() != id {
		o.t.Fatalf("the receipt is of %v, want %v", r.Transaction.ID(), id)
	}
	return r.Outcome
}

// convict commits a crime and gives the certified outcome.
func (o *outlaw) convict(c crime) ledger.Outcome {
	o.t.Helper()
	tx := o.transaction(c)
	_, err := o.client(0, "0.maker").Submit(context.Background(), tx, 20*time.Second)
	if (err != nil) != c.door {
		o.t.Fatalf("%s: submitted: %v", c.method, err)
	}
	if c.door { // whoever leads is the dishonest one
		for _, r := range o.running {
			r.node.Slip(tx)
		}
	}
	return o.certified(tx.ID())
}

// must runs a lawful transaction and gives its certified result.
func (o *outlaw) must(actor, method string, a args, with []string, change func(*ledger.Body)) args {
	o.t.Helper()
	out := o.convict(crime{actor: actor, method: method, a: a, with: with, change: change})
	if out.Status != ledger.Final {
		o.t.Fatalf("%s: %+v", method, out)
	}
	contract, name, _ := strings.Cut(method, ".")
	m, _ := registry.New().Lookup(contract, 1, name)
	text, err := m.ResultJSON(out.Result)
	if err != nil {
		o.t.Fatal(err)
	}
	var result args
	if err := json.Unmarshal(text, &result); err != nil {
		o.t.Fatal(err)
	}
	return result
}

// patent makes up the number of the next one.
func (o *outlaw) patent() string {
	o.patents++
	digits := fmt.Sprintf("20181%07d", o.patents)
	return digits + "." + identifier.PatentCheck(digits)
}

func (o *outlaw) evidence(age time.Duration) args {
	return args{"evidence_hash": strings.Repeat("ab", 32), "captured_at": time.Now().Add(-age).UnixMilli()}
}

func (o *outlaw) claim(owners ...string) string {
	o.t.Helper()
	return o.claimOf("PATENT", o.patent(), owners...)
}

func (o *outlaw) claimOf(kind, number string, owners ...string) string {
	o.t.Helper()
	return o.must(owners[0], "rights.claim", args{"type": kind, "number": number, "owners": owners}, nil, nil)["right_id"].(string)
}

// right is a confirmed right of the firm, of which the register shows more.
func (o *outlaw) right(more args, owners ...string) string {
	o.t.Helper()
	owners = append([]string{o.firm}, owners...)
	id := o.claim(owners...)
	a := args{"right_id": id, "owners": owners, "evidence": o.evidence(time.Hour), "fee_status": "PAID"}
	maps.Copy(a, more)
	o.must(o.office, "rights.confirm", a, nil, nil)
	return id
}

// recorded is a confirmed right of the firm in another register than that of patents.
func (o *outlaw) recorded(kind, number, office string, more args) string {
	o.t.Helper()
	id := o.claimOf(kind, number, o.firm)
	a := args{"right_id": id, "owners": []string{o.firm}, "evidence": o.evidence(time.Hour)}
	maps.Copy(a, more)
	o.must(office, "rights.confirm", a, nil, nil)
	return id
}

func (o *outlaw) application(rights ...string) args {
	return args{"rights": rights, "pledgors": []string{o.firm}, "pledgees": []string{o.bank}}
}

// applied is an application for a right of the firm.
func (o *outlaw) applied(right string, more args) string {
	o.t.Helper()
	a := o.application(right)
	maps.Copy(a, more)
	return o.must(o.bank, "pledges.submit", a, []string{o.firm}, nil)["pledge_no"].(string)
}

func (o *outlaw) registration(pledge, number string) args {
	return args{"pledge_no": pledge, "statutory_no": number, "statutory_time": time.Now().UnixMilli()}
}

// accepted takes an application into review and gives its number.
func (o *outlaw) accepted(office, pledge string) string {
	o.t.Helper()
	o.must(office, "pledges.accept", args{"pledge_no": pledge}, nil, nil)
	return pledge
}

// registered is a pledge of a right of the firm to a bank.
func (o *outlaw) registered(bank, right, number string) string {
	o.t.Helper()
	a := o.application(right)
	a["pledgees"] = []string{bank}
	pledge := o.must(bank, "pledges.submit", a, []string{o.firm}, nil)["pledge_no"].(string)
	o.must(o.office, "pledges.register", o.registration(o.accepted(o.office, pledge), number), nil, nil)
	return pledge
}
