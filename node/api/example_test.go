// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

// Anybody asks whether a right is burdened, and checks the answer with nothing
// but the genesis file.
func ExampleClient_Encumbrance() {
	file, err := os.ReadFile("genesis.json")
	if err != nil {
		log.Fatal(err)
	}
	_, trust, err := ledger.ParseGenesis(file)
	if err != nil {
		log.Fatal(err)
	}
	node := &api.Client{BaseURL: "https://node.example:8443"}
	answer, err := node.Encumbrance(context.Background(), "PATENT", "ZL201810234567.3", api.EncumbranceOptions{Proof: true})
	if err != nil {
		log.Fatal(err)
	}
	proven, err := state.VerifyStatement(trust, answer.Proof)
	if err != nil {
		log.Fatal(err) // the node is not to be believed
	}
	fmt.Println(answer.Status, "as of", time.UnixMilli(proven.Header.Time))
}

// A firm claims its patent. The same request may be sent until an answer comes.
func ExampleClient_Submit() {
	var trust ledger.Trust // from the genesis file
	var maker keys.Signer  // of a person of the firm
	args, err := json.Marshal(map[string]any{"type": "PATENT", "number": "201810234567.3", "owners": []string{"91510100MA6CA1R24N"}})
	if err != nil {
		log.Fatal(err)
	}
	node := &api.Client{BaseURL: "https://node.example:8443", Key: maker, Registry: registry.New(), Network: trust.Network}
	draft, err := node.Draft(context.Background(), api.DraftRequest{
		Contract: "rights", Method: "claim", Args: args, Actor: "91510100MA6CA1R24N", ClientRef: "2026-0001",
	})
	if err != nil {
		log.Fatal(err)
	}
	signature, err := draft.Sign(trust.Network, maker)
	if err != nil {
		log.Fatal(err)
	}
	in := api.Submission{Body: draft.Body, Signatures: []api.SubmitSignature{signature}}
	for {
		out, err := node.SubmitParts(context.Background(), in, 10*time.Second)
		switch {
		case errors.Is(err, api.ErrUnreachable), errors.Is(err, ledger.ErrUnavailable), errors.Is(err, ledger.ErrBusy):
			time.Sleep(time.Second)
		case err != nil:
			log.Fatal(err)
		case out.Status == api.Final || out.Status == api.Rejected:
			fmt.Println(out.Status, out.Height, out.Code)
			return
		}
	}
}
