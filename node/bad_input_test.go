// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// TestARealNodeRefusesBadSubmissions sends what passes the form and must fail at
// the intake, whose rules the API's own tests do not have. Nothing of it becomes
// known to any node, and the honest submission with the same reference is FINAL.
func TestARealNodeRefusesBadSubmissions(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.startAll()
	bank, maker := organisations[0].PartyID, c.people["0.maker"]
	client := c.client(0, "0.maker")
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	eventually(t, "a first block", 20*time.Second, func() bool {
		s, err := client.Status(ctx)
		return err == nil && s.Height > 0
	})
	args, err := json.Marshal(map[string]any{"type": "PAT_INV", "number": "201810234567.3", "owners": []string{bank}})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := client.Draft(ctx, api.DraftRequest{Contract: "rights", Method: "claim", Args: args, Actor: bank, ClientRef: "bad-1"})
	if err != nil {
		t.Fatal(err)
	}
	body := func(change func(*ledger.Body)) []byte {
		b, err := ledger.DecodeBody(c.trust.Network, draft.Body)
		if err != nil {
			t.Fatal(err)
		}
		change(&b)
		return ledger.Encode(b)
	}
	sign := func(n ledger.Network, body []byte, k keys.PrivateKey) api.SubmitSignature {
		sig, err := k.Sign(n.SignBytes(body))
		if err != nil {
			t.Fatal(err)
		}
		return api.SubmitSignature{PublicKey: k.Public().String(), Signature: sig}
	}
	elsewhere := c.trust.Network
	elsewhere.Chain[0]++
	good := sign(c.trust.Network, draft.Body, maker)
	flipped := good
	flipped.Signature = append([]byte(nil), good.Signature...)
	flipped.Signature[40] ^= 1
	neutral := append([]byte{1}, make([]byte, 31)...)
	small := keys.PublicKey{Algorithm: keys.Ed25519, Bytes: string(neutral)}
	byNobody := body(func(b *ledger.Body) { b.Signers[0].Key = small })
	stranger, err := c.trust.Suite.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	strangers := body(func(b *ledger.Body) { b.Signers[0].Key = stranger.Public() })
	late := body(func(b *ledger.Body) { b.ValidUntil = time.Now().Add(-2 * time.Hour).UnixMilli() })
	early := body(func(b *ledger.Body) { b.ValidUntil = time.Now().AddDate(10, 0, 0).UnixMilli() })
	for _, x := range []struct {
		name, code, reason string
		body               []byte
		signature          api.SubmitSignature
	}{
		{"for another network", contracts.ESignature, contracts.ReasonInvalid, draft.Body, sign(elsewhere, draft.Body, maker)},
		{"with a bit changed", contracts.ESignature, contracts.ReasonInvalid, draft.Body, flipped},
		{"over another body", contracts.ESignature, contracts.ReasonInvalid, late, good},
		{"by nobody, with a key of small order", contracts.ESignature, contracts.ReasonInvalid, byNobody,
			api.SubmitSignature{PublicKey: small.String(), Signature: append(neutral, make([]byte, 32)...)}},
		{"by a stranger", contracts.ERole, contracts.ReasonKey, strangers, sign(c.trust.Network, strangers, stranger)},
		{"too late", contracts.EClock, contracts.ReasonExpired, late, sign(c.trust.Network, late, maker)},
		{"too early", contracts.EClock, contracts.ReasonEarly, early, sign(c.trust.Network, early, maker)},
	} {
		_, err := client.SubmitParts(ctx, api.Submission{Body: x.body, Signatures: []api.SubmitSignature{x.signature}}, time.Second)
		var p *api.Problem
		if !errors.As(err, &p) || p.Status != http.StatusBadRequest || p.Code != x.code || p.Details[0].Reason != x.reason {
			t.Errorf("signed %s: %v", x.name, err)
		}
		for i := range c.configs {
			got, err := c.client(i, "").Transaction(ctx, c.trust.TransactionID(x.body), 0)
			if err != nil || got.Status != api.Unknown {
				t.Errorf("signed %s: node %d has %+v %v", x.name, i+1, got, err)
			}
		}
	}
	out, err := client.SubmitParts(ctx, api.Submission{Body: draft.Body, Signatures: []api.SubmitSignature{good}}, 20*time.Second)
	if err != nil || out.Status != api.Final {
		t.Fatalf("the honest one: %+v %v", out, err)
	}
	other := body(func(b *ledger.Body) { b.ValidUntil++ })
	for i := range c.configs { // the same answer from every node
		// A node may be a block behind: what it takes then is told by id.
		eventually(t, fmt.Sprintf("node %d tells of the used reference", i+1), 20*time.Second, func() bool {
			_, err := c.client(i, "0.maker").SubmitParts(ctx, api.Submission{Body: other, Signatures: []api.SubmitSignature{sign(c.trust.Network, other, maker)}}, 5*time.Second)
			var p *api.Problem
			return errors.As(err, &p) && p.Status == http.StatusConflict && p.Details[0].Subject == out.ID.String()
		})
	}
}

func TestHeadersThatAreTooLargeAreRefusedByARealNode(t *testing.T) {
	c := newCluster(t, "ed25519")
	c.start(0)
	for size, want := range map[int]int{1 << 10: http.StatusOK, 20 << 10: http.StatusRequestHeaderFieldsTooLarge, 200 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequest(http.MethodGet, "http://"+c.configs[0].APIListen+"/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", strings.Repeat("x", size))
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		a.Body.Close()
		if a.StatusCode != want {
			t.Errorf("%d bytes: %d, want %d", size, a.StatusCode, want)
		}
		if ours := a.Header.Get("Content-Type") == "application/problem+json"; ours != (size == 20<<10) {
			t.Errorf("%d bytes: answered as %s", size, a.Header.Get("Content-Type"))
		}
	}
}
