// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// validity is how long after its time a step's transaction could still be taken: the
// least that a network may ask for is twice as long.
const validity = 30 * time.Second

// transaction makes and signs the transaction of a step. The error is a
// *contracts.Refusal or a *ledger.FieldError where the ledger has a word on what the
// story wrote, and else a *Fault.
func (p *player) transaction(step Step, part Part) (*ledger.Transaction, error) {
	a := &arguments{names: p.names, at: part.At, keys: make(map[keys.PublicKey]bool)}
	text, err := a.of(step.Method, step.Args)
	if refusal := refusalOf(err); refusal.Refuses() {
		return nil, refusal
	}
	if err != nil {
		return nil, p.story.fault(part, fmt.Errorf("args: %w", err))
	}
	body := ledger.Body{
		Contract: step.Method.Contract, Version: step.Method.Version, Method: step.Method.Name,
		Actor:      p.story.cast.members[step.Actor].party.PartyID,
		ClientRef:  fmt.Sprintf("step-%d", part.Number),
		ValidUntil: part.At.Add(validity).UnixMilli(),
	}
	args, refusal := step.Method.EncodeArgs(text)
	if refusal.Refuses() {
		return nil, refusal
	}
	body.Args = args
	if step.Method.Sealed || step.Sealed != nil {
		commitment, err := a.sealed(step.Sealed, body.ClientRef)
		if err != nil {
			return nil, p.story.fault(part, err)
		}
		body.Commitments = [][]byte{commitment}
	}
	brings := func(person Person) bool { return a.keys[p.story.cast.key(person).Public()] }
	for _, s := range signatures(step.Method.Rule, step.Actor, step.As, brings) {
		body.Signers = append(body.Signers, ledger.Signer{
			Organisation: p.story.cast.members[s.by.For].party.PartyID, Role: s.role, Key: p.story.cast.key(s.by.Person).Public(),
		})
	}
	return p.sign(ledger.Encode(body), step.As)
}

func (p *player) sign(body []byte, as []Signatory) (*ledger.Transaction, error) {
	network := p.story.genesis.trust.Network
	signatures := make([]keys.Signature, len(as))
	for i, one := range as {
		var err error
		if signatures[i], err = p.story.cast.key(one.Person).Sign(network.SignBytes(body)); err != nil {
			return nil, fmt.Errorf("sign as %v: %w", one, err)
		}
	}
	return ledger.NewTransaction(network, body, signatures)
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
