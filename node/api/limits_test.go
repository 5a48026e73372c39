// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// from asks the handler as if from an address.
func (w *world) from(address, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr = address
	for _, c := range change {
		c(r)
	}
	out := httptest.NewRecorder()
	w.server.Config.Handler.ServeHTTP(out, r)
	return out
}

func TestAnAddressHasABucketAndAnotherHasItsOwn(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits = api.Limits{ReadRate: 2, ReadBurst: 4} })
	ask := func(address string, want int) *httptest.ResponseRecorder {
		t.Helper()
		out := w.from(address, "/v1/status")
		if out.Code != want {
			t.Fatalf("%s: %d, want %d: %s", address, out.Code, want, out.Body)
		}
		return out
	}
	for left := 3; left >= 0; left-- {
		h := ask("192.0.2.1:1000", 200).Header()
		if h.Get("RateLimit-Policy") != `"address";q=4;w=2` || h.Get("RateLimit") != fmt.Sprintf(`"address";r=%d;t=%d`, left, (4-left+1)/2) {
			t.Fatalf("%v", h)
		}
	}
	out := ask("192.0.2.1:2000", 429) // another port is the same address
	if out.Header().Get("Retry-After") != "1" || !strings.Contains(out.Body.String(), contracts.ERateLimit) {
		t.Fatalf("%v %s", out.Header(), out.Body)
	}
	ask("192.0.2.2:1000", 200)
	ask("[::ffff:192.0.2.1]:1000", 429) // the same, written as IPv6
	for range 4 {
		ask("[2001:db8:0:1::1]:1000", 200)
	}
	ask("[2001:db8:0:1:ffff::2]:1000", 429) // of the same /64
	ask("[2001:db8:0:2::1]:1000", 200)
	w.mu.Lock()
	w.now = w.now.Add(time.Second)
	w.mu.Unlock()
	ask("192.0.2.1:1000", 200)
	ask("192.0.2.1:1000", 200)
	ask("192.0.2.1:1000", 429)
	if out := w.from("192.0.2.1:1000", "/livez"); out.Code != 200 {
		t.Fatalf("supervisors are counted: %d", out.Code)
	}
}

func TestAFloodOfAddressesDoesNotRefillTheBucketOfOne(t *testing.T) {
	l := api.NewAddressLimiter(1, 2, 4) // 4 addresses in each shard
	now := time.UnixMilli(1773021600000)
	for i := range 3 {
		if l.Take("192.0.2.1:1", now) != (i < 2) {
			t.Fatal("a bucket of 2 has not 2")
		}
	}
	passed := 0
	for i := range 100_000 {
		if l.Take(fmt.Sprintf("198.51.%d.%d:1", i>>8&255, i&255), now) {
			passed++
		}
	}
	if n := l.Len(); n > 4*64 {
		t.Fatalf("%d buckets are kept", n)
	}
	if passed > 2*4*64+2 {
		t.Fatalf("the flood got %d through", passed)
	}
	if l.Take("192.0.2.1:1", now) {
		t.Fatal("the bucket that was empty is forgotten")
	}
	// What is full again is forgotten, and makes room.
	if now = now.Add(time.Minute); !l.Take("203.0.113.9:1", now) {
		t.Fatal("no room for a new address after the flood")
	}
}

func TestAnOrganisationHasABucketForAllItsPeople(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits = api.Limits{OrganisationRate: 1, OrganisationBurst: 3} })
	for i, role := range []string{contracts.Maker, contracts.Checker, contracts.Admin, contracts.Maker} {
		a := w.send(t, http.MethodGet, "/v1/blocks", nil, w.key(BA, role))
		if want := map[bool]int{true: 200, false: 429}[i < 3]; a.status != want {
			t.Fatalf("request %d: %d", i, a.status)
		}
		if !strings.HasPrefix(a.header.Get("RateLimit"), `"organisation";r=`) {
			t.Fatalf("%v", a.header)
		}
	}
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, w.key(BB, contracts.Maker)); a.status != 200 {
		t.Fatalf("another organisation: %d", a.status)
	}
	// What was refused for its number can come again as it is: its nonce is not used up.
	again := func(r *http.Request) {
		must(t, api.SignRequest(r, nil, w.key(BA, contracts.Maker), w.clock(), "nonce-nonce-nonce"))
	}
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, again); a.status != 429 {
		t.Fatal(a.status)
	}
	w.mu.Lock()
	w.now = w.now.Add(time.Second)
	w.mu.Unlock()
	same := w.clock().Add(-time.Second)
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, func(r *http.Request) {
		must(t, api.SignRequest(r, nil, w.key(BA, contracts.Maker), same, "nonce-nonce-nonce"))
	}); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func TestBadlySignedRequestsAreCountedAgainstTheirAddress(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits = api.Limits{ReadRate: 1, ReadBurst: 3} })
	sign := func(organisation string) func(*http.Request) {
		return func(r *http.Request) {
			must(t, api.SignRequest(r, nil, w.key(organisation, contracts.Maker), w.clock(), ""))
		}
	}
	for i := range 5 {
		out := w.from("192.0.2.1:1", "/v1/blocks", sign("a stranger"))
		if want := map[bool]int{true: 403, false: 429}[i < 3]; out.Code != want {
			t.Fatalf("attempt %d: %d", i, out.Code)
		}
	}
	if out := w.from("192.0.2.1:1", "/v1/blocks", sign(BA)); out.Code != 429 || !strings.Contains(out.Body.String(), api.ReasonFailures) {
		t.Fatalf("from the address of a bad signer: %d", out.Code)
	}
	if out := w.from("192.0.2.2:1", "/v1/blocks", sign(BA)); out.Code != 200 {
		t.Fatalf("from another address: %d", out.Code)
	}
	if out := w.from("192.0.2.1:1", "/v1/status"); out.Code != 200 {
		t.Fatalf("reads are counted apart: %d", out.Code)
	}
}

// Whoever has caught a signed request, or its headers alone, cannot use up what
// its organisation may ask.
func TestAReplayIsCountedAgainstWhoSendsIt(t *testing.T) {
	const attempts = 20
	w := newWorld(t, func(c *api.Config) {
		c.Limits = api.Limits{ReadRate: 1, ReadBurst: attempts, OrganisationRate: 1, OrganisationBurst: 3}
	})
	key := w.key(BA, contracts.Maker)
	caught := w.clock()
	read := func(r *http.Request) { must(t, api.SignRequest(r, nil, key, caught, "nonce-of-a-read-0")) }
	if out := w.from("192.0.2.1:1", "/v1/blocks", read); out.Code != 200 {
		t.Fatalf("the request itself: %d", out.Code)
	}
	for i := range attempts / 2 {
		if out := w.from("192.0.2.66:1", "/v1/blocks", read); out.Code != 403 || !strings.Contains(out.Body.String(), api.ReasonReplay) {
			t.Fatalf("replay %d: %d %s", i, out.Code, out.Body)
		}
	}
	for i := range attempts / 2 { // headers of a draft, which this node has not seen, with another body
		r := httptest.NewRequest(http.MethodPost, "/v1/drafts", bytes.NewReader(someDraft))
		r.RemoteAddr = "192.0.2.66:1"
		r.Header.Set("Content-Type", "application/json")
		must(t, api.SignRequest(r, []byte("{}"), key, caught, "nonce-of-a-draft"))
		out := httptest.NewRecorder()
		if w.server.Config.Handler.ServeHTTP(out, r); out.Code != 403 {
			t.Fatalf("another body, attempt %d: %d %s", i, out.Code, out.Body)
		}
	}
	if out := w.from("192.0.2.66:1", "/v1/blocks", read); out.Code != 429 {
		t.Errorf("who sends replays may go on: %d", out.Code)
	}
	for i := range 2 {
		sign := func(r *http.Request) { must(t, api.SignRequest(r, nil, key, w.clock(), "")) }
		if out := w.from("192.0.2.1:1", "/v1/blocks", sign); out.Code != 200 {
			t.Errorf("request %d of the organisation: %d %s", i, out.Code, out.Body)
		}
	}
}

func TestThoseWhoWaitAreBounded(t *testing.T) {
	w := newWorld(t, func(c *api.Config) { c.Limits = api.Limits{OrganisationWaiting: 2, Waiting: 3} })
	w.manual = true
	type end struct {
		tx  api.Transaction
		err error
	}
	ends := make(chan end, 3)
	submit := func(n int, organisation string, wait time.Duration) (api.Transaction, error) {
		d, err := w.draft(RX, "rights.claim", claim(patentNumber(n)), func(in *api.DraftRequest) { in.ClientRef = fmt.Sprint("wait-", n) })
		must(t, err)
		return w.client(organisation, contracts.Maker).SubmitParts(context.Background(), w.signed(d), wait)
	}
	waiting := func(n int) {
		for len(w.pending()) < n {
			time.Sleep(time.Millisecond)
		}
	}
	go func() { tx, err := submit(0, RX, 30*time.Second); ends <- end{tx, err} }()
	waiting(1)
	go func() { tx, err := submit(1, RX, 30*time.Second); ends <- end{tx, err} }()
	waiting(2)
	var p *api.Problem
	if _, err := submit(2, RX, time.Second); !errors.As(err, &p) || p.Status != 429 || p.Details[0].Reason != api.ReasonWaiting {
		t.Fatalf("a third of one organisation: %v", err)
	}
	if len(w.pending()) != 2 {
		t.Fatal("what was refused is in the mempool")
	}
	if _, err := submit(3, RX, 0); !errors.As(err, &p) || p.Details[0].Reason != api.ReasonWaiting {
		t.Fatalf("a third, that does not wait for its outcome: %v", err)
	}
	go func() { tx, err := submit(4, BA, 30*time.Second); ends <- end{tx, err} }()
	waiting(3)
	if _, err := submit(5, BB, time.Second); !errors.As(err, &p) || p.Details[0].Reason != api.ReasonWaiting {
		t.Fatalf("a fourth of all: %v", err)
	}
	w.block()
	for range 3 {
		if e := <-ends; e.err != nil || e.tx.Status != api.Final {
			t.Fatalf("%+v %v", e.tx, e.err)
		}
	}
	w.manual = false
	if out, err := submit(6, RX, time.Second); err != nil || out.Status != api.Final {
		t.Fatalf("the slots are not given back: %+v %v", out, err)
	}
}

// stalled is a node whose mempool takes nothing. It tells how long each submission
// may wait for it.
type stalled struct {
	api.Node
	within []time.Duration
}

func (n *stalled) Submit(ctx context.Context, _ *ledger.Transaction) error {
	end, ok := ctx.Deadline()
	if !ok {
		return errors.New("a submission may wait for ever")
	}
	n.within = append(n.within, time.Until(end))
	return fmt.Errorf("%w: nothing is taken", ledger.ErrBusy)
}

func TestASubmissionDoesNotWaitForEverToBeTaken(t *testing.T) {
	var node *stalled
	w := newWorld(t, func(c *api.Config) {
		node = &stalled{Node: c.Node}
		c.Node, c.Limits = node, api.Limits{OrganisationWaiting: 1, Waiting: 1}
	})
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(t, err)
	for _, c := range []struct{ wait, least, most time.Duration }{
		{0, time.Second, 2 * time.Second}, // time enough for a node that is only busy
		{20 * time.Millisecond, time.Second, 2 * time.Second},
		{30 * time.Second, 2 * time.Second, 30 * time.Second},
	} {
		node.within = nil
		_, err := w.client(RX, contracts.Maker).SubmitParts(t.Context(), w.signed(d), c.wait)
		if !errors.Is(err, ledger.ErrBusy) || len(node.within) != 1 || node.within[0] > c.most || node.within[0] < c.least {
			t.Errorf("with a wait of %v the node had %v: %v", c.wait, node.within, err)
		}
	}
}

// pending are the ids in the world's mempool.
func (w *world) pending() (ids []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, tx := range w.pool {
		ids = append(ids, tx.ID().String())
	}
	return ids
}

func TestOneKeyDoesNotTakeTheNoncesOfAnother(t *testing.T) {
	n := api.NewNonceStore(100, 3, 120)
	now := time.UnixMilli(1773021600000)
	use := func(key string, i int, fresh, full bool) {
		t.Helper()
		gotFresh, gotFull := n.Use(key, fmt.Sprintf("nonce-%011d", i), now)
		if gotFresh != fresh || gotFull != full {
			t.Fatalf("%s %d: fresh %v full %v", key, i, gotFresh, gotFull)
		}
	}
	use("honest", 0, true, false)
	for i := range 100 {
		use("flood", i, true, false)
	}
	use("flood", 100, true, true) // its own bound
	for i := range 19 {
		use("another flood", i, true, false)
	}
	use("another flood", 19, true, true) // the memory is full
	use("honest", 1, true, false)        // and this is within its share
	use("honest", 2, true, false)
	use("honest", 3, true, true)
	use("honest", 0, false, false) // nothing was forgotten for the flood
	use("flood", 0, false, false)
	now = now.Add(3 * api.SignatureWindow)
	use("flood", 0, true, false) // long over
	use("honest", 0, true, false)
	now = now.Add(10 * api.SignatureWindow)
	use("third", 0, true, false)
	if n.Keys() != 1 || n.Held() != 1 {
		t.Fatalf("%d nonces of %d keys are kept", n.Held(), n.Keys())
	}
}

func TestARequestFromBeforeTheStartIsSignedAgain(t *testing.T) {
	w := newWorld(t)
	began := w.clock()
	w.at("2026-02-24 09:01")
	sign := func(at time.Time) func(*http.Request) {
		return func(r *http.Request) { must(t, api.SignRequest(r, nil, w.key(BA, contracts.Maker), at, "")) }
	}
	a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, sign(began.Add(-30*time.Second)))
	p := a.problem(t)
	if a.status != http.StatusServiceUnavailable || p.Details[0].Reason != api.ReasonRestarted || a.header.Get("Retry-After") != "30" || p.ClockSkewMS != -90_000 {
		t.Fatalf("%d %v %+v", a.status, a.header, p)
	}
	if a := w.send(t, http.MethodGet, "/v1/blocks", nil, nil, sign(began)); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	// A submission is good at any time of the window.
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(t, err)
	c := w.client(RX, contracts.Maker)
	c.Clock = func() time.Time { return began.Add(-30 * time.Second) }
	if out, err := c.SubmitParts(t.Context(), w.signed(d), time.Second); err != nil || out.Status != api.Final {
		t.Fatalf("%+v %v", out, err)
	}
}

func TestAMadeUpCursorIsRefusedBeforeTheWalk(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.must(RX, "rights.claim", claim(patentNumber(i)))
	}
	page, err := w.client().Rights(t.Context(), api.RightFilter{Limit: 1})
	must(t, err)
	if _, err := w.client().Rights(t.Context(), api.RightFilter{Limit: 1, Cursor: page.NextCursor}); err != nil {
		t.Fatal(err)
	}
	for name, after := range map[string]string{
		"a key that is not there": "rights/PATENT/2020100000000", "a key of 256 bytes": "rights/" + strings.Repeat("z", 249),
		"a key with a zero byte": "rights/\x00", "the prefix alone": "rights/",
	} {
		var p *api.Problem
		_, err := w.client().Rights(t.Context(), api.RightFilter{Limit: 1, Cursor: api.MovedCursor(page.NextCursor, "", after)})
		if !errors.As(err, &p) || p.Status != 400 || p.Details[0].Reason != api.ReasonCursor {
			t.Errorf("%s: %v", name, err)
		}
	}
}
