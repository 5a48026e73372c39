// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A transcript is a talk with the node as a reader would see it, kept in
// testdata. Its signature headers are left out; request_signing.json has those.
type transcript struct {
	t   *testing.T
	w   *world
	out bytes.Buffer
}

func (s *transcript) say(note string) { fmt.Fprintf(&s.out, "# %s\n\n", note) }

func (s *transcript) ask(method, target string, body any, key keys.Signer, change ...func(*http.Request)) reply {
	s.t.Helper()
	var raw []byte
	fmt.Fprintf(&s.out, "%s %s\n", method, target)
	if key != nil {
		fmt.Fprintln(&s.out, "(signed)")
	}
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		must(s.t, err)
		s.show(raw)
	}
	a := s.w.send(s.t, method, target, raw, key, change...)
	fmt.Fprintf(&s.out, "\n%d %s\n", a.status, http.StatusText(a.status))
	for _, name := range []string{"Content-Type", "Location", "Retry-After", "Cache-Control", "ETag", "Ledger-Height", "Ledger-Block-Hash", "Ledger-Block-Time"} {
		if value := a.header.Get(name); value != "" {
			fmt.Fprintf(&s.out, "%s: %s\n", name, value)
		}
	}
	if len(a.body) > 0 && strings.Contains(a.header.Get("Content-Type"), "json") {
		s.show(a.body)
	} else if len(a.body) > 0 {
		fmt.Fprintf(&s.out, "(%d bytes)\n", len(a.body))
	}
	s.out.WriteString("\n")
	return a
}

func (s *transcript) show(raw []byte) {
	s.t.Helper()
	must(s.t, json.Indent(&s.out, bytes.TrimSpace(raw), "", "  "))
	s.out.WriteString("\n")
}

func TestTranscripts(t *testing.T) {
	for name, talk := range map[string]func(*transcript){
		"status":   talkStatus,
		"submit":   talkSubmit,
		"refusals": talkRefusals,
	} {
		t.Run(name, func(t *testing.T) {
			s := &transcript{t: t, w: newWorld(t)}
			talk(s)
			golden(t, "testdata/"+name+".txt", s.out.Bytes())
		})
	}
}

func talkStatus(s *transcript) {
	s.w.block()
	s.say("Where the node stands.")
	a := s.ask("GET", "/v1/status", nil, nil)
	s.say("Nothing has changed: nothing is sent.")
	s.ask("GET", "/v1/status", nil, nil, set("If-None-Match", a.header.Get("ETag")))
	s.say("An organisation.")
	s.ask("GET", "/v1/parties/"+RX, nil, nil)
	s.say("A right that this ledger never saw: that is an answer, and provable.")
	s.ask("GET", "/v1/encumbrance?type=PATENT&number=ZL202220765432.1", nil, nil)
}

func talkSubmit(s *transcript) {
	maker := s.w.key(RX, contracts.Maker)
	s.say("A firm claims its patent: first the bytes to sign.")
	draft := s.ask("POST", "/v1/drafts", args{
		"contract": "rights", "method": "claim", "args": args{"type": "PATENT", "number": "ZL201810234567.3", "owners": []string{RX}},
		"actor": RX, "client_ref": "2026-0001", "valid_until": "2026-02-25T09:00:00+08:00",
	}, maker)
	var d struct {
		ID        string `json:"id"`
		Body      []byte `json:"body"`
		SignBytes []byte `json:"sign_bytes"`
	}
	must(s.t, json.Unmarshal(draft.body, &d))
	signature, err := maker.Sign(d.SignBytes)
	must(s.t, err)
	s.say("Then the transaction; it is FINAL within the timeout.")
	in := args{"body": d.Body, "signatures": []args{{"alg": "ed25519", "public_key": maker.Public().String(), "signature": []byte(signature)}}}
	s.ask("POST", "/v1/transactions?timeout=5s", in, maker)
	s.say("Once more, as after a lost connection: the same answer.")
	s.ask("POST", "/v1/transactions", in, maker)
	s.ask("GET", "/v1/transactions/"+d.ID, nil, nil)
	s.ask("GET", "/v1/transactions/"+d.ID+"/receipt", nil, nil)
	s.say("The right is claimed and nobody has confirmed it.")
	s.ask("GET", "/v1/encumbrance?type=PATENT&number=201810234567.3&proof=true", nil, nil)
	s.say("Members see who signed.")
	s.ask("GET", "/v1/blocks/1", nil, s.w.key(BB, contracts.Checker))
}

func talkRefusals(s *transcript) {
	s.say("A mistyped number.")
	s.ask("GET", "/v1/encumbrance?type=PATENT&number=201810234567.8", nil, nil)
	s.say("A write without a signed request.")
	s.ask("POST", "/v1/drafts", args{"contract": "rights", "method": "claim", "args": args{}}, nil)
	s.say("Arguments with three mistakes.")
	s.ask("POST", "/v1/drafts", args{"contract": "rights", "method": "claim", "args": args{"type": "PATENT", "owners": RX, "colour": "red"}}, s.w.key(RX, contracts.Maker))
	s.say("A resident identity number does not come near the ledger.")
	s.ask("POST", "/v1/drafts", args{"contract": "rights", "method": "claim", "args": args{
		"type": "PATENT", "number": "201810234567.3", "owners": []string{RX}, "title": "11010519491231002X",
	}}, s.w.key(RX, contracts.Maker))
	s.say("No such right.")
	s.ask("GET", "/v1/rights/PATENT:201810234567.3", nil, nil)
	s.say("A loan is shown to its parties alone; the public is told the same as of one that does not exist.")
	no := s.w.must(BA, "loans.sign", args{"borrower": RX})["loan_no"].(string)
	s.ask("GET", "/v1/loans/"+no, nil, nil)
}
