// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

func claimOf(w *world, change ...func(*ledger.Body)) *ledger.Transaction {
	return w.tx("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}},
		[]ledger.Signer{w.signer(RX, contracts.Maker)}, change...)
}

func TestARejectedTransactionChangesNothingButItsReference(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	w.effective(BA, "Y2026510000123", id)
	other := w.confirmed("201710601862.3", nil, RX)
	signers := w.two(IPO)
	for _, tx := range []*ledger.Transaction{
		w.tx("pledges.submit", submission(BB, RX, other, id), w.with(w.two(BB), RX)),
		w.tx("rights.confirm", args{"right_id": id}, signers),
		w.tx("rights.confirm", args{"right_id": id}, w.two(BA)),
		w.tx("rights.confirm", args{"right_id": id}, signers, func(b *ledger.Body) { b.Method = "nothing" }),
		w.tx("rights.confirm", args{"right_id": id}, signers, func(b *ledger.Body) { b.Args = []byte{0xa1, 0x18, 0x63, 0x00} }),
	} {
		outcomes, changes, err := contracts.Execute(w.methods, w.state, w.here(), []*ledger.Transaction{tx})
		if err != nil || outcomes[0].Status != ledger.Rejected || len(outcomes[0].Details) == 0 || outcomes[0].Result != nil || outcomes[0].Events != nil {
			t.Fatalf("%+v %v", outcomes, err)
		}
		ref := contracts.RefKey(tx.Body().Actor, tx.Body().ClientRef)
		if len(changes) != 1 || changes[0].Key != ref || !bytes.Equal(changes[0].Value, ledger.Encode(tx.ID())) {
			t.Fatalf("%+v", changes)
		}
	}
}

func TestVoidTransactionsChangeNothing(t *testing.T) {
	w := newWorld(t)
	limit := contracts.Days(7)
	for _, c := range []struct {
		validUntil int64
		reason     string
	}{
		{w.time - 1, contracts.ReasonExpired}, {w.time, ""}, {w.time + limit, ""}, {w.time + limit + 1, contracts.ReasonEarly},
	} {
		tx := claimOf(w, func(b *ledger.Body) { b.ValidUntil = c.validUntil })
		outcomes, changes, err := contracts.Execute(w.methods, w.state, w.here(), []*ledger.Transaction{tx})
		if err != nil {
			t.Fatal(err)
		}
		void := outcomes[0].Status == ledger.Void
		if void != (c.reason != "") || void && (outcomes[0].Details[0].Reason != c.reason || len(changes) != 0) {
			t.Errorf("%+v: %+v, %d changes", c, outcomes[0], len(changes))
		}
	}
}

func TestAReferenceIsConsumedOnceForEver(t *testing.T) {
	w := newWorld(t)
	ref := func(b *ledger.Body) { b.ClientRef = "order-1" }
	first, second := claimOf(w, ref), w.tx("rights.reject", args{"right_id": "IPR-510100-20260105-0123456-J"}, w.two(RX), ref)
	o := w.block(first, first, second)
	if o[0].Status != ledger.Final || o[1].Status != ledger.Void || o[2].Status != ledger.Void {
		t.Fatalf("%+v", o)
	}
	if o[2].Code != contracts.EDuplicate || o[2].Details[0].Subject != first.ID().String() {
		t.Fatalf("%+v", o[2])
	}
	if o[2].Index != 2 || o[2].Count != 3 || o[2].Transaction != second.ID() {
		t.Fatalf("%+v", o[2])
	}
	// Another actor's reference is another reference.
	w.must("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{MD}}, []ledger.Signer{w.signer(MD, contracts.Maker)}, ref)
}

func TestIntakeRefusesWhatCanNeverSucceed(t *testing.T) {
	w := newWorld(t)
	check := func(tx *ledger.Transaction) *contracts.Refusal {
		t.Helper()
		r, err := contracts.CheckIntake(w.methods, w.state, w.here(), tx)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	good := claimOf(w, func(b *ledger.Body) { b.ClientRef = "order-1" })
	if r := check(good); r.Refuses() {
		t.Fatal(r)
	}
	w.block(good)
	w.time += contracts.Days(30)
	if r := check(good); r.Refuses() {
		t.Fatalf("the same request is refused later: %v", r)
	}
	other := w.tx("rights.reject", args{"right_id": "IPR-510100-20260105-0123456-J"}, w.two(RX), func(b *ledger.Body) { b.ClientRef = "order-1" })
	r := check(other)
	if r.Code() != contracts.EDuplicate || r.Failures[0].Subject != good.ID().String() || !errors.Is(r, ledger.ErrConflict) {
		t.Fatal(r)
	}
	for reason, change := range map[string]func(*ledger.Body){
		contracts.ReasonMethod:  func(b *ledger.Body) { b.Version = 2 },
		contracts.ReasonUnknown: func(b *ledger.Body) { b.Args = append([]byte{0xa4}, append(b.Args[1:], 0x18, 0x63, 0x00)...) },
		contracts.ReasonMissing: func(b *ledger.Body) { b.Args = []byte{0xa0} },
		contracts.ReasonExpired: func(b *ledger.Body) { b.ValidUntil = w.time - 1 },
		contracts.ReasonEarly:   func(b *ledger.Body) { b.ValidUntil = w.time + contracts.Days(8) },
	} {
		r := check(claimOf(w, change))
		if !r.Refuses() || r.Failures[0].Reason != reason || !errors.Is(r, ledger.ErrInvalid) {
			t.Errorf("%s: %v", reason, r)
		}
	}
	stranger := claimOf(w, func(b *ledger.Body) { b.Signers[0].Key = w.signer(BB, contracts.Maker).Key })
	if r := check(stranger); r.Code() != contracts.ERole || r.Failures[0].Reason != contracts.ReasonKey {
		t.Errorf("no key of the actor signs: %v", r)
	}
}

func TestAnOutcomeIsNeverLongerThanAVerifierReads(t *testing.T) {
	w := newWorld(t)
	var references []string
	for i := range 190 {
		references = append(references, fmt.Sprintf("PATENT:%s%03d", strings.Repeat("9", 120), i))
	}
	raw := ledger.Encode(w.do("pledges.submit", args{
		"rights": references, "pledgors": []string{RX}, "pledgees": []string{BA}, "kind": "ORDINARY", "office": IPO, "method": "ONLINE",
	}, w.two(BA)))
	var o ledger.Outcome
	if err := ledger.Decode(raw, ledger.MaxValue, &o); err != nil || o.Status != ledger.Rejected || o.Code == "" {
		t.Errorf("%d bytes, %v, code %q: %v", len(raw), o.Status, o.Code, err)
	}
}

func TestNoResidentNumberReachesTheLedger(t *testing.T) {
	w := newWorld(t)
	const id = "11010119900101 0015"
	id18 := strings.ReplaceAll(id, " ", "")
	for field, tx := range map[string]*ledger.Transaction{
		"title":      w.tx("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{RX}, "title": "张三 " + id}, []ledger.Signer{w.signer(RX, contracts.Maker)}),
		"owners[0]":  w.tx("rights.claim", args{"type": "PATENT", "number": invention, "owners": []string{id18}}, []ledger.Signer{w.signer(BA, contracts.Maker)}),
		"client_ref": claimOf(w, func(b *ledger.Body) { b.ClientRef = id18 }),
		"actor":      claimOf(w, func(b *ledger.Body) { b.Actor = id18 }),
		"registrar_encumbrances[0].party_name": w.tx("rights.refresh", args{
			"right_id": "IPR-510100-20260105-0123456-J", "registrar_encumbrances": []args{{"kind": "PLEDGE", "party_name": id18}},
		}, w.two(IPO)),
	} {
		r, err := contracts.CheckIntake(w.methods, w.state, w.here(), tx)
		if err != nil || r.Code() != contracts.EPrivacy || r.Failures[0].Field != field {
			t.Errorf("%s: %v %v", field, r, err)
		}
		if field == "actor" {
			continue
		}
		outcomes, _, err := contracts.Execute(w.methods, w.state, w.here(), []*ledger.Transaction{tx})
		if err != nil || outcomes[0].Code != contracts.EPrivacy {
			t.Errorf("%s: %+v %v", field, outcomes, err)
		}
	}
}

func TestArgumentsInJSONAreTakenLiterally(t *testing.T) {
	w := newWorld(t)
	m, _ := w.methods.Lookup("rights", 1, "claim")
	for text, want := range map[string]string{
		`{"type":"PATENT","number":"x"}`:                                           "owners MISSING",
		`{"type":"PATENT","number":"x","owners":[],"Title":"a"}`:                   "Title UNKNOWN",
		`{"type":"PATENT","number":"x","owners":null}`:                             "owners TYPE",
		`{"type":"PATENT","number":7,"owners":[]}`:                                 "number TYPE",
		`{"type":"GI_PRODUCT","number":"x","owners":[]}`:                           "type VALUE",
		`{"type":"PATENT","number":"x","owners":[1]}`:                              "owners[0] TYPE",
		`{"type":"PATENT","number":"x","owners":[],"title":"a\u0007"}`:             "title VALUE",
		`{"type":"PATENT","number":"x","owners":[],"title":"e\u0301"}`:             "title NORMAL_FORM",
		`{"type":"PATENT","number":"` + strings.Repeat("1", 65) + `","owners":[]}`: "number LENGTH",
		`[]`: "args TYPE",
		`{`:  "args TYPE",
	} {
		_, r := m.EncodeArgs([]byte(text))
		if !r.Refuses() {
			t.Errorf("%s is taken", text)
			continue
		}
		if got := r.Failures[0].Field + " " + r.Failures[0].Reason; got != want || r.Code() != contracts.EFormat {
			t.Errorf("%s: %v, want %s", text, r, want)
		}
	}
	raw, r := m.EncodeArgs([]byte(`{"type":"PATENT","number":"x","owners":["a"],"title":""}`))
	if r.Refuses() {
		t.Fatal(r)
	}
	if text, err := m.ArgsJSON(raw); err != nil || string(text) != `{"type":"PATENT","number":"x","owners":["a"]}` {
		t.Fatal(string(text), err)
	}
}

func TestEveryMethodHasASchemaThatNamesItsFields(t *testing.T) {
	methods := newWorld(t).methods.Methods()
	last := ""
	for _, m := range methods {
		if m.FullName() <= last || m.DocZH == "" {
			t.Errorf("%s after %s", m.FullName(), last)
		}
		last = m.FullName()
		for _, schema := range []json.RawMessage{m.ArgsSchema(), m.ResultSchema()} {
			var s struct {
				Properties map[string]struct {
					Key int `json:"x-cbor-key"`
				}
				Required []string
			}
			if err := json.Unmarshal(schema, &s); err != nil || len(s.Properties) == 0 || len(s.Required) == 0 && m.FullName() != "parties.update" {
				t.Errorf("%s: %s %v", m.FullName(), schema, err)
			}
		}
	}
	for _, p := range contracts.Permissions() {
		if !slices.ContainsFunc(methods, func(m contracts.Method) bool { return m.FullName() == p.Method }) {
			t.Errorf("the permission matrix has a line for %s, which does not exist", p.Method)
		}
	}
}

func TestEveryCodeAndReasonHasWordsInBothLanguages(t *testing.T) {
	plainEN, plainZH := contracts.Text("E_NOTHING", "", "")
	for _, code := range strings.Fields(`E_FORMAT E_CHECKDIGIT E_STATE E_ROLE E_SIGNATURE E_DUPLICATE E_STALE E_OWNER
		E_COOWNER E_FROZEN E_DISPUTE E_FEE E_EXPIRED E_PLEDGED E_TERM E_CAP E_CONTRACT E_VALUATION E_CONSENT E_RANK E_AMOUNT
		E_PRIVACY E_PARAM E_QUORUM E_CLOCK E_NOTFOUND E_FORBIDDEN E_RATE_LIMIT E_EVIDENCE`) {
		en, zh := contracts.Text(code, "", "")
		if en == plainEN || zh == plainZH || en == "" || zh == "" {
			t.Errorf("%s has no words", code)
		}
	}
	en, zh := contracts.Text(contracts.EPledged, contracts.R09, contracts.ReasonReservation)
	if !strings.Contains(en, "already pledged") || !strings.Contains(zh, "意向锁") {
		t.Error(en, zh)
	}
}

// A broken reader fails at the nth read.
type broken struct {
	memory
	left int
}

var errDisk = errors.New("disk")

func (b *broken) Get(key string) ([]byte, bool, error) {
	if b.left--; b.left < 0 {
		return nil, false, errDisk
	}
	return b.memory.Get(key)
}

func TestAFailureToReadStopsTheBlockAndIsNoOutcome(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention, nil, RX)
	tx := w.tx("pledges.submit", submission(BA, RX, id), w.with(w.two(BA), RX))
	for n := 0; ; n++ {
		outcomes, changes, err := contracts.Execute(w.methods, &broken{w.state, n}, w.here(), []*ledger.Transaction{tx})
		if err == nil {
			if n < 10 || outcomes[0].Status != ledger.Final {
				t.Fatalf("after %d reads: %+v", n, outcomes)
			}
			break
		}
		if !errors.Is(err, errDisk) || outcomes != nil || changes != nil {
			t.Fatalf("%d: %v", n, err)
		}
	}
	w.state["parties/"+BA] = []byte{0xff}
	if _, _, err := contracts.Execute(w.methods, w.state, w.here(), []*ledger.Transaction{tx}); !errors.Is(err, ledger.ErrCorrupt) {
		t.Fatal(err)
	}
}

func TestTheSameBlockGivesTheSameBytes(t *testing.T) {
	w := newWorld(t)
	var txs []*ledger.Transaction
	for range 8 {
		txs = append(txs, claimOf(w))
	}
	o1, c1, _ := contracts.Execute(w.methods, w.state, w.here(), txs)
	o2, c2, _ := contracts.Execute(w.methods, maps.Clone(w.state), w.here(), txs)
	if !reflect.DeepEqual(o1, o2) || !reflect.DeepEqual(c1, c2) || !bytes.Equal(ledger.Encode(o1), ledger.Encode(o2)) {
		t.Fatal("two runs differ")
	}
}

func TestNumbersFollowTheLegalDayInChina(t *testing.T) {
	w := newWorld(t)
	w.at("2026-03-12 23:59")
	first := w.claim(invention, RX)
	second := w.claim("201710601862.3", RX)
	for id, date := range map[string]identifier.Date{first: {Year: 2026, Month: 3, Day: 12}, second: {Year: 2026, Month: 3, Day: 13}} {
		n, err := identifier.PlatformNumber(id)
		if err != nil || n.Date != date || n.Serial != 1 {
			t.Errorf("%s: %+v %v", id, n, err)
		}
	}
}

// FuzzArguments runs every method with arguments nobody would send.
func FuzzArguments(f *testing.F) {
	w := newWorld(f)
	w.openVotes()
	id := w.confirmed(invention, nil, RX)
	no := w.effective(BA, "Y2026510000123", id)
	methods := w.methods.Methods()
	for i, m := range methods {
		for _, text := range []string{
			`{"right_id":"` + id + `","owners":["` + RX + `"]}`, `{"pledge_no":"` + no + `"}`,
			`{"rights":["` + id + `"],"pledgors":["` + RX + `"],"pledgees":["` + BA + `"]}`,
			`{"borrower":"` + RX + `"}`, `{"person_id":"P-1"}`,
			`{"agent":"` + MD + `","methods":["loans"],"until":"2026-12-31"}`,
			`{"kind":"SPLIT","from":"` + BA + `","to":"` + BB + `","records":["` + no + `"],"document":"` + paper + `","fact_time":1}`,
		} {
			if raw, r := m.EncodeArgs([]byte(text)); !r.Refuses() {
				f.Add(uint(i), raw)
			}
		}
		f.Add(uint(i), []byte{0xa0})
		f.Add(uint(i), []byte{0xa1, 0x01, 0x80})
	}
	f.Fuzz(func(t *testing.T, n uint, raw []byte) {
		w, m := *w, methods[n%uint(len(methods))]
		w.t = t
		if len(raw) == 0 || raw[0]>>5 != 5 || len(raw) > 4096 || ledger.CheckProfile(raw) != nil {
			return
		}
		for actor, role := range roles {
			if len(m.Rule.Actors) > 0 && !slices.Contains(m.Rule.Actors, role) {
				continue
			}
			signers := w.two(actor)
			if m.FullName() == "rights.claim" {
				signers = signers[:1]
			} else if len(m.Rule.May) > 0 || slices.Contains(m.Rule.Roles, contracts.Admin) {
				signers = []ledger.Signer{w.signer(actor, contracts.Admin)}
			}
			tx := w.sign(ledger.Body{
				Contract: m.Contract, Version: m.Version, Method: m.Name, Args: raw, Actor: actor, ClientRef: "fuzz",
				Signers: signers, ValidUntil: w.time,
			})
			if _, err := contracts.CheckIntake(w.methods, w.state, w.here(), tx); err != nil {
				t.Fatal(err)
			}
			if _, _, err := contracts.Execute(w.methods, w.state, w.here(), []*ledger.Transaction{tx}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
