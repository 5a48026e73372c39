// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

func claim(number string) args {
	return args{"type": "PATENT", "number": number, "owners": []string{RX}}
}

func TestTheSameRequestGivesTheSameAnswerForEver(t *testing.T) {
	for want, owner := range map[api.State]string{api.Final: RX, api.Rejected: MD} {
		t.Run(string(want), func(t *testing.T) { testSameAnswer(t, want, owner) })
	}
}

// testSameAnswer claims a right of an owner for RX, which is refused if that is
// another.
func testSameAnswer(t *testing.T, want api.State, owner string) {
	w := newWorld(t)
	a := claim(invention)
	a["owners"] = []string{owner}
	d, err := w.draft(RX, "rights.claim", a)
	must(t, err)
	in := w.signed(d)
	c := w.client(RX, contracts.Maker)
	first, err := c.SubmitParts(t.Context(), in, time.Second)
	must(t, err)
	w.at("2026-03-24 09:00") // long after its valid-until
	w.block()
	again, err := w.client(BB, contracts.Checker).SubmitParts(t.Context(), in, time.Second)
	must(t, err)
	if first.Status != want || !same(t, first, again) {
		t.Fatalf("%+v, then %+v", first, again)
	}
	read, err := w.client().Transaction(t.Context(), d.ID, 0)
	must(t, err)
	if !same(t, first, read) {
		t.Fatalf("%+v, read as %+v", first, read)
	}
}

func same(t *testing.T, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	must(t, err)
	y, err := json.Marshal(b)
	must(t, err)
	return bytes.Equal(x, y)
}

func TestAnotherBodyUnderAUsedReferenceIsAConflict(t *testing.T) {
	w := newWorld(t)
	ref := func(in *api.DraftRequest) { in.ClientRef = "ours-1" }
	d, err := w.draft(RX, "rights.claim", claim(invention), ref)
	must(t, err)
	late, err := w.draft(RX, "rights.claim", claim(patentNumber(1)), ref)
	must(t, err)
	_, err = w.client(RX, contracts.Maker).SubmitParts(t.Context(), w.signed(d), time.Second)
	must(t, err)
	var p *api.Problem
	_, err = w.client(RX, contracts.Maker).SubmitParts(t.Context(), w.signed(late), time.Second)
	if !errors.Is(err, ledger.ErrConflict) || !errors.As(err, &p) || p.Code != contracts.EDuplicate || p.Details[0].Subject != d.ID.String() {
		t.Fatalf("%v", err)
	}
	if _, err = w.draft(RX, "rights.claim", claim(patentNumber(2)), ref); !errors.Is(err, ledger.ErrConflict) {
		t.Fatalf("a draft under it: %v", err)
	}
}

func TestTheLoserOfARaceForAReferenceIsToldAtOnce(t *testing.T) {
	w := newWorld(t)
	w.manual = true
	ref := func(in *api.DraftRequest) { in.ClientRef = "ours-1" }
	type answer struct {
		tx  api.Transaction
		err error
	}
	answers := make(chan answer, 2)
	for i := range 2 {
		d, err := w.draft(RX, "rights.claim", claim(patentNumber(i)), ref)
		must(t, err)
		go func() {
			tx, err := w.client(RX, contracts.Maker).SubmitParts(context.Background(), w.signed(d), 30*time.Second)
			answers <- answer{tx, err}
		}()
		for w.Progress(d.ID).State != api.Received {
			time.Sleep(time.Millisecond)
		}
	}
	w.block()
	won, lost := <-answers, <-answers
	if won.err != nil {
		won, lost = lost, won
	}
	var p *api.Problem
	if won.err != nil || won.tx.Status != api.Final || !errors.As(lost.err, &p) || !errors.Is(lost.err, ledger.ErrConflict) {
		t.Fatalf("%+v and %+v", won, lost)
	}
	if p.Code != contracts.EDuplicate || p.Details[0].Subject != won.tx.ID.String() {
		t.Fatalf("%+v", p)
	}
	// Who asks by id is told the same, before and after its time is over.
	for id := range w.received {
		got, err := w.client().Transaction(t.Context(), id, 0)
		if id == won.tx.ID {
			if err != nil || got.Status != api.Final {
				t.Errorf("the winner: %+v %v", got, err)
			}
			continue
		}
		if !errors.As(err, &p) || p.Status != http.StatusConflict || p.Details[0].Subject != won.tx.ID.String() {
			t.Errorf("the loser: %+v %v", got, err)
		}
		w.at("2026-02-24 12:00")
		w.block()
		if got, err := w.client().Transaction(t.Context(), id, 0); err != nil || got.Status != api.Expired {
			t.Errorf("the loser, later: %+v %v", got, err)
		}
	}
}

func TestWhatIsNotFinalInTimeIsAcceptedAndFollowed(t *testing.T) {
	w := newWorld(t)
	w.manual = true
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(t, err)
	c := w.client(RX, contracts.Maker)
	want := func(state api.State, validUntil int64) {
		t.Helper()
		got, err := w.client().Transaction(t.Context(), d.ID, validUntil)
		if err != nil || got.Status != state {
			t.Fatalf("%+v %v, want %s", got, err, state)
		}
	}
	want(api.Unknown, 0)
	body, err := json.Marshal(w.signed(d))
	must(t, err)
	a := w.send(t, http.MethodPost, "/v1/transactions?timeout=0s", body, c.Key)
	if a.status != http.StatusAccepted || a.header.Get("Location") != "/v1/transactions/"+d.ID.String() {
		t.Fatalf("%d %s", a.status, a.body)
	}
	want(api.Received, 0)
	w.mu.Lock()
	w.ordered = true
	w.mu.Unlock()
	want(api.Ordered, 0)
	w.block()
	want(api.Final, 0)
}

func TestATransactionThatMissedItsTimeIsExpiredOnEveryNode(t *testing.T) {
	w := newWorld(t)
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(t, err)
	body, err := ledger.DecodeBody(w.trust.Network, d.Body)
	must(t, err)
	w.manual = true
	waited := make(chan api.Transaction, 1)
	go func() {
		out, err := w.client(RX, contracts.Maker).SubmitParts(context.Background(), w.signed(d), 30*time.Second)
		if err != nil {
			t.Error(err)
		}
		waited <- out
	}()
	for w.Progress(d.ID).State != api.Received {
		time.Sleep(time.Millisecond)
	}
	w.mu.Lock()
	w.pool, w.received = nil, make(map[ledger.Hash]api.Progress) // the node lost it
	w.mu.Unlock()
	w.at("2026-02-24 12:00")
	w.block()
	if out := <-waited; out.Status != api.Expired {
		t.Fatalf("%+v", out)
	}
	for validUntil, state := range map[int64]api.State{0: api.Unknown, body.ValidUntil: api.Expired, w.clock().UnixMilli() + 1: api.Unknown} {
		got, err := w.client().Transaction(t.Context(), d.ID, validUntil)
		if err != nil || got.Status != state {
			t.Fatalf("%d: %+v %v", validUntil, got, err)
		}
	}
	var p *api.Problem
	_, err = w.client(RX, contracts.Maker).SubmitParts(t.Context(), w.signed(d), 0)
	if !errors.As(err, &p) || p.Code != contracts.EClock || p.Details[0].Reason != contracts.ReasonExpired {
		t.Fatalf("%v", err)
	}
}

func TestManyWaitForOneBlock(t *testing.T) {
	w := newWorld(t)
	w.manual = true
	const n = 64
	var all sync.WaitGroup
	results := make([]api.Transaction, 2*n)
	for i := range n {
		d, err := w.draft(RX, "rights.claim", claim(patentNumber(i)), func(in *api.DraftRequest) { in.ClientRef = patentNumber(i) })
		must(t, err)
		in := w.signed(d)
		for twice := range 2 { // two ask for the same
			all.Go(func() {
				var err error
				results[2*i+twice], err = w.client(RX, contracts.Maker).SubmitParts(context.Background(), in, 20*time.Second)
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	stop := make(chan struct{})
	var blocks sync.WaitGroup
	blocks.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				w.block()
			}
		}
	})
	all.Wait()
	close(stop)
	blocks.Wait()
	for i, r := range results {
		if r.Status != api.Final || r.ID != results[i/2*2].ID || r.Height != results[i/2*2].Height {
			t.Fatalf("%d: %+v", i, r)
		}
	}
}

func TestSignaturesComeInAnyOrderAndAllAreNeeded(t *testing.T) {
	w := newWorld(t)
	id := w.must(RX, "rights.claim", claim(invention))["right_id"]
	d, err := w.draft(IPO, "rights.reject", args{"right_id": id, "reason": "OTHER"})
	if err != nil {
		d, err = w.draft(IPO, "rights.reject", args{"right_id": id, "reason": "not the owner"})
	}
	must(t, err)
	good := w.signed(d)
	c := w.client(BA, contracts.Maker)
	refuse := func(name, code string, in api.Submission) {
		t.Helper()
		var p *api.Problem
		if _, err := c.SubmitParts(t.Context(), in, 0); !errors.As(err, &p) || p.Code != code || p.Status != http.StatusBadRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	refuse("one is missing", contracts.ESignature, api.Submission{Body: good.Body, Signatures: good.Signatures[:1]})
	extra, err := d.Sign(w.trust.Network, w.key(BB, contracts.Maker))
	must(t, err)
	refuse("one too many", contracts.ESignature, api.Submission{Body: good.Body, Signatures: append([]api.SubmitSignature{extra}, good.Signatures...)})
	swapped := []api.SubmitSignature{good.Signatures[0], good.Signatures[1]}
	swapped[0].Signature, swapped[1].Signature = swapped[1].Signature, swapped[0].Signature
	refuse("swapped", contracts.ESignature, api.Submission{Body: good.Body, Signatures: swapped})
	refuse("twice the same", contracts.EFormat, api.Submission{Body: good.Body, Signatures: append(good.Signatures, good.Signatures[0])})
	out, err := c.SubmitParts(t.Context(), api.Submission{Body: good.Body, Signatures: []api.SubmitSignature{good.Signatures[1], good.Signatures[0]}}, time.Second)
	if err != nil || out.Status != api.Final {
		t.Fatalf("%+v %v", out, err)
	}
}

func TestTheClientSubmitsATransactionItMade(t *testing.T) {
	w := newWorld(t)
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(t, err)
	in := w.signed(d)
	tx, err := ledger.NewTransaction(w.trust.Network, d.Body, []keys.Signature{in.Signatures[0].Signature})
	must(t, err)
	out, err := w.client(RX, contracts.Maker).Submit(t.Context(), tx, time.Second)
	if err != nil || out.Status != api.Final {
		t.Fatal(out, err)
	}
	if _, err := w.client().Submit(t.Context(), tx, time.Second); !errors.Is(err, ledger.ErrDenied) {
		t.Fatalf("an unsigned request submits: %v", err)
	}
}

func TestNobodySignsWhatANodeAltered(t *testing.T) {
	w := newWorld(t)
	for name, alter := range map[string]func(*ledger.Body, *api.Draft){
		"another right": func(b *ledger.Body, _ *api.Draft) {
			m, _ := w.registry.Lookup("rights", 1, "claim")
			text, err := json.Marshal(claim(patentNumber(7)))
			must(t, err)
			b.Args, _ = m.EncodeArgs(text)
		},
		"another actor":     func(b *ledger.Body, _ *api.Draft) { b.Actor = BA },
		"another reference": func(b *ledger.Body, _ *api.Draft) { b.ClientRef = "x" },
		"another time":      func(b *ledger.Body, _ *api.Draft) { b.ValidUntil++ },
		"a commitment":      func(b *ledger.Body, _ *api.Draft) { b.Commitments = [][]byte{make([]byte, 32)} },
		"other sign bytes":  func(_ *ledger.Body, d *api.Draft) { d.SignBytes[0]++ },
		"another id":        func(_ *ledger.Body, d *api.Draft) { d.ID[0]++ },
		"hidden signers":    func(_ *ledger.Body, d *api.Draft) { d.Signers = nil },
	} {
		liar := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			var in api.DraftRequest
			must(t, json.NewDecoder(r.Body).Decode(&in))
			d, err := w.draft(RX, "rights.claim", claim(invention), func(d *api.DraftRequest) { *d = in })
			must(t, err)
			body, err := ledger.DecodeBody(w.trust.Network, d.Body)
			must(t, err)
			alter(&body, &d)
			if raw := ledger.Encode(body); !bytes.Equal(raw, d.Body) {
				d.Body, d.ID, d.SignBytes = raw, w.trust.TransactionID(raw), w.trust.SignBytes(raw)
			}
			must(t, json.NewEncoder(out).Encode(d))
		}))
		c := w.client(RX, contracts.Maker)
		c.BaseURL = liar.URL
		raw, err := json.Marshal(claim(invention))
		must(t, err)
		_, err = c.Draft(t.Context(), api.DraftRequest{Contract: "rights", Method: "claim", Args: raw, Actor: RX})
		if !errors.Is(err, api.ErrAltered) {
			t.Errorf("%s: %v", name, err)
		}
		liar.Close()
	}
}

func TestTheDraftNamesWhoHasToSign(t *testing.T) {
	w := newWorld(t)
	id := w.confirmed(invention)
	d, err := w.draft(BA, "pledges.submit", args{"rights": []any{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})
	must(t, err)
	want := []struct{ organisation, role, key string }{
		{BA, contracts.Maker, contracts.Maker}, {BA, contracts.Checker, contracts.Checker},
	}
	for i, s := range want {
		if d.Signers[i].Organisation != s.organisation || d.Signers[i].Role != s.role || d.Signers[i].PublicKey != w.key(s.organisation, s.key).Public() {
			t.Fatalf("%+v", d.Signers)
		}
	}
	if len(d.Signers) != 3 || d.Signers[2].Organisation != RX || d.Signers[2].Role != contracts.Countersigner {
		t.Fatalf("%+v", d.Signers)
	}
	// One checker less, and nobody can check.
	person := contracts.PersonID(w.trust.Suite, w.key(BA, contracts.Checker).Public())
	w.must(BA, "persons.revoke", args{"person_id": person})
	var p *api.Problem
	_, err = w.draft(BA, "pledges.submit", args{"rights": []any{id}, "pledgors": []string{RX}, "pledgees": []string{BA}})
	if !errors.As(err, &p) || p.Code != contracts.ERole || p.Details[0].Subject != contracts.Checker || p.Details[0].Reason != contracts.ReasonMissingRole {
		t.Fatal(err)
	}
}

func TestAnUnreachableNodeIsToldFromARefusal(t *testing.T) {
	w := newWorld(t)
	c := w.client()
	c.BaseURL = "http://127.0.0.1:1"
	if _, err := c.Status(t.Context()); !errors.Is(err, api.ErrUnreachable) {
		t.Fatal(err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) { out.Write([]byte("<html>")) }))
	defer other.Close()
	c.BaseURL = other.URL
	if _, err := c.Status(t.Context()); !errors.Is(err, api.ErrUnreachable) {
		t.Fatal(err)
	}
	lost := httptest.NewServer(http.NotFoundHandler())
	defer lost.Close()
	c.BaseURL = lost.URL
	if _, err := c.Status(t.Context()); !errors.Is(err, api.ErrUnreachable) {
		t.Fatal(err)
	}
}

func TestHTTPAndHTTPSAreNotMixedUp(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	for url, says := range map[string]string{
		strings.Replace(plain.URL, "http", "https", 1):  "serves HTTP without TLS",
		strings.Replace(secure.URL, "https", "http", 1): "serves HTTPS",
	} {
		_, err := (&api.Client{BaseURL: url, HTTP: secure.Client()}).Status(t.Context())
		if !errors.Is(err, api.ErrScheme) || errors.Is(err, api.ErrUnreachable) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", url, err)
		}
	}
}
