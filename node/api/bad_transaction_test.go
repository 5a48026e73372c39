// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// body is an honest transaction's body, which the cases spoil.
func (b *badInputs) body(change func(*ledger.Body)) []byte {
	m, ok := b.w.registry.Lookup("rights", 1, "claim")
	if !ok {
		b.t.Fatal("no method to spoil")
	}
	text, err := json.Marshal(claim(invention))
	must(b.t, err)
	raw, refusal := m.EncodeArgs(text)
	if refusal.Refuses() {
		b.t.Fatal(refusal)
	}
	body := ledger.Body{
		Contract: "rights", Version: 1, Method: "claim", Args: raw, Actor: RX, ClientRef: "bad",
		Signers:    []ledger.Signer{{Organisation: RX, Role: contracts.Maker, Key: b.maker().Public()}},
		ValidUntil: b.w.clock().Add(time.Hour).UnixMilli(),
	}
	change(&body)
	return ledger.Encode(body)
}

// submit signs a body as these people would and gives the case of submitting it.
func (b *badInputs) submit(name string, body []byte, signers ...keys.PrivateKey) badInput {
	if signers == nil {
		signers = []keys.PrivateKey{b.maker()}
	}
	var all []api.SubmitSignature
	for _, k := range signers {
		sig, err := k.Sign(b.w.trust.SignBytes(body))
		must(b.t, err)
		all = append(all, api.SubmitSignature{PublicKey: k.Public().String(), Signature: sig})
	}
	return b.submission(name, api.Submission{Body: body, Signatures: all})
}

func (b *badInputs) submission(name string, in api.Submission) badInput {
	raw, err := json.Marshal(in)
	must(b.t, err)
	c := tell(name, http.MethodPost, "/v1/transactions?timeout=1s", raw)
	c.id = b.w.trust.TransactionID(in.Body)
	return c
}

func (b *badInputs) badEncodings() []badInput {
	good := b.body(func(*ledger.Body) {})
	args := func(name, raw string) badInput {
		var honest []byte
		b.body(func(body *ledger.Body) { honest = body.Args })
		spoilt, err := hex.DecodeString(raw)
		must(b.t, err)
		return b.submit(name, bytes.Replace(good, honest, spoilt, 1))
	}
	text := func(name, from, to string) badInput {
		if !bytes.Contains(good, []byte(from)) {
			b.t.Fatalf("%s: nothing to spoil", name)
		}
		return b.submit(name, bytes.Replace(good, []byte(from), []byte(to), 1))
	}
	return []badInput{
		b.submit("no bytes", []byte{}),
		b.submit("a body that is cut", good[:len(good)-3]),
		b.submit("a body with a byte after it", append(slices.Clone(good), 0)),
		b.submit("a body of more than 64 KiB", make([]byte, ledger.MaxBody+1)),
		b.submit("a body that is a text", []byte("\x65hello")),
		b.submit("a body without its last field", append([]byte{good[0] - 1}, good[1:bytes.LastIndex(good, []byte{0x08, 0x1b})]...)),
		b.submit("a body with a field too many", append(append([]byte{good[0] + 1}, good[1:]...), 0x18, 0x63, 0x00)),
		b.submit("a map without a length", append(append([]byte{0xbf}, good[1:]...), 0xff)),
		text("an integer not in its shortest form", "\x02\x01\x03", "\x02\x18\x01\x03"),
		text("map keys out of order", "\x02\x01\x03", "\x03\x01\x02"),
		text("a map key twice", "\x02\x01\x03", "\x01\x01\x03"),
		text("broken UTF-8 in a text", "claim", "cl\xff\xfem"),
		text("a null for a version", "\x02\x01\x03", "\x02\xf6\x03"),
		args("a float in the arguments", "a101f93c00"),
		args("a tag in the arguments", "a101c11a00000000"),
		args("a text key in the arguments", "a1616101"),
		args("a text that is not in normal form C", "a10163"+hex.EncodeToString([]byte("e\u0301"))),
		args("nested deeper than 8", "a101"+strings.Repeat("81", 8)+"00"),
		args("nested 60,000 deep", "a101"+strings.Repeat("81", 60000)+"00"),
		args("a list that says it has 2^32 elements", "a1019affffffff"),
		args("arguments that are a list", "8101"),
		args("arguments that are empty", "a0"),
		args("an unknown argument", "a11863"+"01"),
		args("an argument of another type", "a3"+"01"+"66"+hex.EncodeToString([]byte("PATENT"))+"02"+"01"+"03"+"80"),
	}
}

func (b *badInputs) badFields() []badInput {
	field := func(name string, change func(*ledger.Body)) badInput { return b.submit(name, b.body(change)) }
	at := func(d time.Duration) int64 { return b.w.clock().Add(d).UnixMilli() }
	return []badInput{
		field("an unknown contract", func(b *ledger.Body) { b.Contract = "wrongs" }),
		field("an unknown method", func(b *ledger.Body) { b.Method = "steal" }),
		field("an unknown version", func(b *ledger.Body) { b.Version = 2 }),
		field("version 0", func(b *ledger.Body) { b.Version = 0 }),
		field("a contract that is no name", func(b *ledger.Body) { b.Contract = "Rights!" }),
		field("a validity that is over", func(b *ledger.Body) { b.ValidUntil = at(-time.Minute) }),
		field("a validity of ten years", func(b *ledger.Body) { b.ValidUntil = at(87600 * time.Hour) }),
		field("a validity beyond all time", func(b *ledger.Body) { b.ValidUntil = 1<<63 - 1 }),
		field("a validity before 1970", func(b *ledger.Body) { b.ValidUntil = -1 }),
		field("no client reference", func(b *ledger.Body) { b.ClientRef = "" }),
		field("a client reference of 65 characters", func(b *ledger.Body) { b.ClientRef = strings.Repeat("r", 65) }),
		field("a client reference with a control character", func(b *ledger.Body) { b.ClientRef = "a\x00b" }),
		field("a resident identity number for a reference", func(b *ledger.Body) { b.ClientRef = "11010519491231002X" }),
		field("an actor that is not registered", func(b *ledger.Body) { b.Actor = JG }),
		field("an actor whose people did not sign", func(b *ledger.Body) { b.Actor = BA }),
		field("an actor that is no party id", func(b *ledger.Body) { b.Actor = "R X" }),
		field("no signers", func(b *ledger.Body) { b.Signers = nil }),
		field("17 signers", func(b *ledger.Body) {
			for len(b.Signers) < 17 {
				b.Signers = append(b.Signers, b.Signers[0])
			}
		}),
		field("a role that is no name", func(b *ledger.Body) { b.Signers[0].Role = "Maker!" }),
		field("a signer's organisation that is no party id", func(b *ledger.Body) { b.Signers[0].Organisation = "a/b" }),
		field("a commitment of 31 bytes", func(b *ledger.Body) { b.Commitments = [][]byte{make([]byte, 31)} }),
		field("17 commitments", func(b *ledger.Body) { b.Commitments = slices.Repeat([][]byte{make([]byte, 32)}, 17) }),
	}
}

func (b *badInputs) badSignatures() []badInput {
	good := b.body(func(*ledger.Body) {})
	two := b.body(func(body *ledger.Body) {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: RX, Role: contracts.Checker, Key: b.w.key(RX, contracts.Checker).Public()})
	})
	sign := func(body []byte, k keys.PrivateKey) api.SubmitSignature {
		sig, err := k.Sign(b.w.trust.SignBytes(body))
		must(b.t, err)
		return api.SubmitSignature{PublicKey: k.Public().String(), Signature: sig}
	}
	one := func(name string, change func(*api.SubmitSignature)) badInput {
		s := sign(good, b.maker())
		s.Signature = slices.Clone(s.Signature)
		change(&s)
		return b.submission(name, api.Submission{Body: good, Signatures: []api.SubmitSignature{s}})
	}
	maker, checker := sign(two, b.maker()), sign(two, b.w.key(RX, contracts.Checker))
	swapped := []api.SubmitSignature{maker, checker}
	swapped[0].Signature, swapped[1].Signature = swapped[1].Signature, swapped[0].Signature
	elsewhere := b.w.trust.Network
	elsewhere.Chain[0]++
	return []badInput{
		b.submission("a signature too few", api.Submission{Body: two, Signatures: []api.SubmitSignature{maker}}),
		b.submission("a signature too many", api.Submission{Body: good, Signatures: []api.SubmitSignature{sign(good, b.maker()), sign(good, b.w.key(BB, contracts.Maker))}}),
		b.submission("a signature twice", api.Submission{Body: good, Signatures: []api.SubmitSignature{sign(good, b.maker()), sign(good, b.maker())}}),
		b.submission("two signatures that changed places", api.Submission{Body: two, Signatures: swapped}),
		b.submission("a signature over another body", api.Submission{Body: good, Signatures: []api.SubmitSignature{{PublicKey: b.maker().Public().String(), Signature: maker.Signature}}}),
		one("a signature for another network", func(s *api.SubmitSignature) {
			sig, err := b.maker().Sign(elsewhere.SignBytes(good))
			must(b.t, err)
			s.Signature = sig
		}),
		one("a signature with one bit changed", func(s *api.SubmitSignature) { s.Signature[3] ^= 1 }),
		one("a signature of zeros", func(s *api.SubmitSignature) { s.Signature = make([]byte, 64) }),
		one("a signature whose S is not canonical", func(s *api.SubmitSignature) { copy(s.Signature[32:], addOrder(s.Signature[32:])) }),
		one("a signature of 63 bytes", func(s *api.SubmitSignature) { s.Signature = s.Signature[:63] }),
		one("a signature of 65 bytes", func(s *api.SubmitSignature) { s.Signature = append(s.Signature, 0) }),
		one("a signature of the other suite", func(s *api.SubmitSignature) { s.Alg = "sm2" }),
		one("a signature under the name of another key", func(s *api.SubmitSignature) { s.PublicKey = b.w.key(BA, contracts.Maker).Public().String() }),
		one("a signature under a name that is no key", func(s *api.SubmitSignature) { s.PublicKey = "maker" }),
		b.smallOrder(),
		b.submit("a key of the other suite", b.body(func(body *ledger.Body) {
			key, err := keys.ParsePublicKey(otherSuite(b.t))
			must(b.t, err)
			body.Signers[0].Key = key
		})),
		b.submit("a key that is not enrolled", b.body(func(body *ledger.Body) {
			body.Signers[0].Key = keyOf(b.t, b.w.trust.Suite, "stranger").Public()
		}), keyOf(b.t, b.w.trust.Suite, "stranger")),
	}
}

// smallOrder is signed by nobody: for the neutral point as key, S = 0 and R the
// neutral point verify over every message by the lax rules.
func (b *badInputs) smallOrder() badInput {
	neutral := append([]byte{1}, make([]byte, 31)...)
	key := keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(neutral)}
	body := b.body(func(body *ledger.Body) { body.Signers[0].Key = key })
	return b.submission("a key of small order, signed by nobody", api.Submission{
		Body: body, Signatures: []api.SubmitSignature{{PublicKey: key.String(), Signature: append(neutral, make([]byte, 32)...)}},
	})
}

// addOrder adds the order of the group to S, little endian, which names the same
// number and so the same signature.
func addOrder(s []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	n := new(big.Int).SetBytes(reversed(s))
	return reversed(n.Add(n, order).FillBytes(make([]byte, 32)))
}

func reversed(b []byte) []byte {
	b = slices.Clone(b)
	slices.Reverse(b)
	return b
}

// TestWhatAContractRefusesIsACertifiedOutcome has the cases that are well formed
// and well signed, and break a rule: they are answered with REJECTED, and nothing
// but their reference is used up.
func TestWhatAContractRefusesIsACertifiedOutcome(t *testing.T) {
	b := &badInputs{t: t, w: newWorld(t)}
	w := b.w
	right := w.confirmed(invention)
	person := func(organisation, role, as string) ledger.Signer {
		return ledger.Signer{Organisation: organisation, Role: as, Key: w.key(organisation, role).Public()}
	}
	both := keyOf(t, w.trust.Suite, "both")
	w.must(IPO, "persons.enrol", args{"key": both.Public().String(), "roles": []string{"maker", "checker", "admin"}}, both)
	w.must(IPO, "persons.revoke", args{"person_id": contracts.PersonID(w.trust.Suite, w.key(IPO, contracts.Admin).Public()), "reason": "LEFT"},
		w.key(IPO, contracts.Admin), both)
	reject, _ := w.registry.Lookup("rights", 1, "reject")
	text, err := json.Marshal(args{"right_id": right, "reason": "not the owner"})
	must(t, err)
	raw, refusal := reject.EncodeArgs(text)
	if refusal.Refuses() {
		t.Fatal(refusal)
	}
	holders := map[keys.PublicKey]keys.PrivateKey{both.Public(): both}
	for _, organisation := range []string{IPO, BA, BB} {
		for _, role := range []string{"maker", "checker", "admin"} {
			holders[w.key(organisation, role).Public()] = w.key(organisation, role)
		}
	}
	for i, c := range []struct {
		name    string
		actor   string
		signers []ledger.Signer
	}{
		{"maker and checker are one person", IPO, []ledger.Signer{{Organisation: IPO, Role: "maker", Key: both.Public()}, {Organisation: IPO, Role: "checker", Key: both.Public()}}},
		{"a checker who is no checker", IPO, []ledger.Signer{person(IPO, "checker", "maker"), person(IPO, "maker", "checker")}},
		{"no checker", IPO, []ledger.Signer{person(IPO, "maker", "maker")}},
		{"a signer whom nobody needs", IPO, []ledger.Signer{person(IPO, "maker", "maker"), person(IPO, "checker", "checker"), person(BB, "maker", "witness")}},
		{"a checker of another organisation", IPO, []ledger.Signer{person(IPO, "maker", "maker"), {Organisation: IPO, Role: "checker", Key: w.key(BB, "checker").Public()}}},
		{"a revoked checker", IPO, []ledger.Signer{person(IPO, "maker", "maker"), person(IPO, "admin", "checker")}},
		{"an organisation of the wrong kind", BA, []ledger.Signer{person(BA, "maker", "maker"), person(BA, "checker", "checker")}},
		{"a right that is past this", IPO, []ledger.Signer{person(IPO, "maker", "maker"), person(IPO, "checker", "checker")}},
	} {
		body := b.body(func(body *ledger.Body) {
			body.Method, body.Args, body.Actor, body.Signers, body.ClientRef = "reject", raw, c.actor, c.signers, fmt.Sprintf("outcome-%d", i)
		})
		in := api.Submission{Body: body}
		for key, k := range holders {
			if slices.ContainsFunc(c.signers, func(s ledger.Signer) bool { return s.Key == key }) {
				sig, err := k.Sign(w.trust.SignBytes(body))
				must(t, err)
				in.Signatures = append(in.Signatures, api.SubmitSignature{PublicKey: key.String(), Signature: sig})
			}
		}
		out, err := w.client(BB, contracts.Maker).SubmitParts(t.Context(), in, time.Second)
		must(t, err)
		fmt.Fprintf(&b.out, "%s\n  %s %s\n", c.name, out.Status, out.Code)
		for _, d := range out.Outcome.Details {
			fmt.Fprintf(&b.out, "  [%s]\n  %s\n  %s\n", strings.Join(strings.Fields(d.Reason+" "+d.Field+" "+d.Subject), " "), d.Message, d.MessageZH)
		}
		b.out.WriteString("\n")
		if out.Status != api.Rejected {
			t.Errorf("%s: %+v", c.name, out)
		}
		file, err := w.client().ReceiptFile(t.Context(), out.ID)
		must(t, err)
		if _, err := ledger.VerifyReceipt(w.trust, file); err != nil {
			t.Errorf("%s: its receipt: %v", c.name, err)
		}
	}
	golden(t, "testdata/rejected.golden", b.out.Bytes())
	if got, err := w.client().Right(t.Context(), right); err != nil || got.Record.RightID != right {
		t.Errorf("the right afterwards: %+v %v", got, err)
	}
}
