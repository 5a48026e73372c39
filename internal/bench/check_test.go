// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// network is one of fake nodes. What they answer by path is in the map.
func network(t *testing.T, answers map[string]string) (Config, person) {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	key, err := suite.Generate(rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Trust: ledger.Trust{Network: ledger.Network{Suite: suite}}}
	for i := range 2 {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for suffix, answer := range answers {
				if strings.HasSuffix(r.URL.Path, suffix) {
					fmt.Fprint(w, answer)
					return
				}
			}
			http.NotFound(w, r)
		}))
		t.Cleanup(server.Close)
		c.Network = append(c.Network, Node{Name: fmt.Sprintf("node%d", i+1), URL: server.URL})
	}
	return c, person{"91510100MA6L1D0E2L", key}
}

func aClaim(t *testing.T, c Config, by person, forged bool) *request {
	t.Helper()
	r, err := call{
		contract: "rights", method: "claim", ref: "claim-1", signers: []signature{{by, contracts.Maker}},
		args: rights.ClaimArgs{Type: "PAT_INV", Number: "2018102345673", Owners: []string{by.organisation}, Title: title},
	}.sign(c.Trust.Network, time.Now(), forged)
	if err != nil {
		t.Fatal(err)
	}
	r.number = "2018102345673"
	return r
}

func ofOne(s sample) []*worker { return []*worker{{sent: []sample{s}}} }

func TestAReceiptThatDoesNotVerifyEndsTheRun(t *testing.T) {
	c, by := network(t, map[string]string{"/receipt": "no receipt at all"})
	answered := sample{end: final, request: aClaim(t, c, by, false)}
	done, err := c.check(t.Context(), ofOne(answered), rand.New(rand.NewPCG(1, 1)), "2018102345673")
	var refused *ledger.VerifyError
	if !errors.As(err, &refused) || done.Receipts != 0 {
		t.Errorf("it verified %+v, %v", done, err)
	}
	if !strings.Contains(err.Error(), c.Network[1].URL) {
		t.Errorf("%v: want the receipt to be read from the other node, %s", err, c.Network[1].URL)
	}
}

func TestAProofThatDoesNotVerifyEndsTheRun(t *testing.T) {
	c, by := network(t, map[string]string{"/v1/encumbrance": `{"known": true, "proof": "AAAA"}`})
	client := c.another(sample{request: aClaim(t, c, by, false)}, rand.New(rand.NewPCG(1, 1)))
	var refused *ledger.VerifyError
	if err := c.checkRecord(t.Context(), client, "2018102345673", true); !errors.As(err, &refused) {
		t.Errorf("it is taken: %v", err)
	}
}

func TestAWrongSignatureThatIsNotRefusedEndsTheRun(t *testing.T) {
	unknown := map[string]string{}
	c, by := network(t, unknown)
	forged := aClaim(t, c, by, true)
	status := func(s string) {
		text, err := json.Marshal(map[string]any{"id": forged.id, "status": s})
		if err != nil {
			t.Fatal(err)
		}
		unknown["/"+forged.id.String()] = string(text)
	}
	status("UNKNOWN")
	got, err := c.checkForged(t.Context(), ofOne(sample{node: 1, end: refused, what: "E_SIGNATURE", request: forged}), 0)
	if err != nil || *got != (Forged{Sent: 1, ToFollower: 1, Refused: 1}) {
		t.Errorf("counted %+v, %v", got, err)
	}
	for _, end := range []ending{final, rejected, failed} {
		if _, err := c.checkForged(t.Context(), ofOne(sample{end: end, request: forged}), 0); err == nil {
			t.Errorf("%v is taken for a refusal", end)
		}
	}
	status("RECEIVED")
	if _, err := c.checkForged(t.Context(), ofOne(sample{end: refused, request: forged}), 0); err == nil || !strings.Contains(err.Error(), "RECEIVED") {
		t.Errorf("a node knows a transaction with a wrong signature, and that is taken: %v", err)
	}
}

func TestOnlyTheForgedTransactionHasAWrongSignature(t *testing.T) {
	c, by := network(t, nil)
	for _, forged := range []bool{false, true} {
		r := aClaim(t, c, by, forged)
		var in struct {
			Body       []byte
			Signatures []struct{ Signature []byte }
		}
		if err := json.Unmarshal(r.raw[r.body:], &in); err != nil {
			t.Fatal(err)
		}
		good := c.Trust.Suite.Verify(by.key.Public(), c.Trust.SignBytes(in.Body), in.Signatures[0].Signature)
		if good == forged {
			t.Errorf("forged %v: its signature verifies: %v", forged, good)
		}
	}
}

func TestClaimsWithAWrongSignatureComeOnTop(t *testing.T) {
	c, by := network(t, nil)
	work := &claims{
		network: c.Trust.Network, owners: []person{by}, forged: 0.25, random: rand.New(rand.NewPCG(1, 2)),
		numbers: newPatents(1, identifier.Date{Year: 2026, Month: 3, Day: 12}),
	}
	if err := work.prepare(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	forged := 0
	for _, r := range work.pool {
		if r.forged {
			forged++
		}
	}
	// One for four good ones: a fifth of all.
	if forged < 150 || forged > 250 {
		t.Errorf("%d of 1000 claims have a wrong signature, want about 200", forged)
	}
	work.next.Store(400)
	kept := work.pool[400]
	if err := work.prepare(t.Context(), 700); err != nil {
		t.Fatal(err)
	}
	if len(work.pool) != 700 || work.pool[0] != kept {
		t.Errorf("%d claims are ready, and those that were left are not the first", len(work.pool))
	}
}

func TestAnOldRequestIsSignedAgainAndStaysTheSameTransaction(t *testing.T) {
	c, by := network(t, nil)
	r := aClaim(t, c, by, false)
	id, raw := r.id, string(r.raw)
	r.signedAt = time.Now().Add(-maxAge - time.Second)
	work := &claims{network: c.Trust.Network, pool: []*request{r}}
	if err := work.prepare(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	again := work.pool[0]
	if again.id != id || string(again.raw) == raw || time.Since(again.signedAt) > time.Minute || !strings.HasSuffix(raw, string(again.raw[again.body:])) {
		t.Errorf("its headers are as old as before, or its body is another")
	}
}
