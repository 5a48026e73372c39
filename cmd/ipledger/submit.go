// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// submitFlags say who submits a transaction, signed by whom, and where.
type submitFlags struct {
	endpointFlags
	genesis, links string
	actor          string
	signers        []string
	passphraseFile string
	clientRef      string
	validFor       time.Duration
	validUntil     string
	wait           time.Duration
	sealed         []string
	commitments    []string
	receipt        string
}

// add adds the flags of a command that submits at once.
func (f *submitFlags) add(e *env, cmd *cobra.Command) {
	f.endpointFlags.add(e, cmd, "to submit to")
	f.addBody(e, cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.links, "links", "", "file of links to later validator sets")
	flags.DurationVar(&f.wait, "wait", 30*time.Second, "how long to wait until it is FINAL, at most 60s")
	flags.StringVar(&f.receipt, "receipt", "", "new file to write the receipt to")
}

// addBody adds the flags that what is signed follows from.
func (f *submitFlags) addBody(e *env, cmd *cobra.Command) {
	flags := cmd.Flags()
	genesisFlag(e, cmd, &f.genesis)
	flags.StringVar(&f.actor, "actor", "", "party id of the organisation that acts")
	flags.StringArrayVar(&f.signers, "signer", nil, "ROLE=KEYFILE, or PARTY:ROLE=KEYFILE for another organisation; may be repeated")
	passphraseFlag(cmd, &f.passphraseFile)
	flags.StringVar(&f.clientRef, "client-ref", "", "the actor's own reference, once for ever (default: random)")
	flags.DurationVar(&f.validFor, "valid-for", 24*time.Hour, "how long the ledger may still accept it")
	flags.StringVar(&f.validUntil, "valid-until", "", "until when, instead of --valid-for: RFC 3339 or ms since 1970 UTC")
	flags.StringArrayVar(&f.sealed, "sealed", nil, "file of a sealed part, to be committed to; it must hold a random salt")
	flags.StringArrayVar(&f.commitments, "commitment", nil, "commitment of a sealed part, 32 bytes in hexadecimal")
	require(cmd, "actor", "signer")
	cmd.MarkFlagsMutuallyExclusive("valid-for", "valid-until")
}

// network reads the genesis file that a transaction is signed for.
func (f submitFlags) network() (network, error) {
	return (&anchorFlags{f.genesis, f.links}).read()
}

// until is the time up to which the ledger may accept the transaction.
func (f submitFlags) until(now time.Time) (time.Time, error) {
	if f.validUntil != "" {
		ms, err := parseMoment(f.validUntil)
		return time.UnixMilli(ms), err
	}
	if f.validFor <= 0 {
		return time.Time{}, wrongCall("--valid-for %v: want a duration above 0, such as 24h", f.validFor)
	}
	return now.Add(f.validFor), nil
}

// A call is one method with its arguments in JSON.
type call struct {
	method contracts.Method
	args   json.RawMessage
}

// lookupMethod finds a method by "contract.method", in its newest version.
func lookupMethod(name string) (contracts.Method, error) {
	var found contracts.Method
	var names []string
	for _, m := range registry.New().Methods() {
		if m.FullName() == name && m.Version > found.Version {
			found = m
		}
		names = append(names, m.FullName())
	}
	if found.Version == 0 {
		return found, wrongCall("unknown method %q: want one of %s", name, strings.Join(slices.Compact(names), ", "))
	}
	return found, nil
}

// submitAnswer is the JSON form of a submission's answer. Verified tells that
// the outcome was read from a receipt that holds, not believed of a node.
type submitAnswer struct {
	ID       ledger.Hash    `json:"id"`
	Status   api.State      `json:"status"`
	Height   uint64         `json:"height,omitempty"`
	Verified bool           `json:"verified"`
	Outcome  *outcomeAnswer `json:"outcome,omitempty"`
	Receipt  string         `json:"receipt,omitempty"` // file
}

// submit is the one way of a transaction from the command line to the ledger:
// the node drafts, this program rebuilds the body from the arguments and
// compares, the keys sign, and what comes back is believed only with a receipt.
func (e *env) submit(ctx context.Context, f submitFlags, c call) error {
	if f.wait <= 0 || f.wait > api.MaxWait {
		return wrongCall("--wait %v: want a duration above 0 and at most 60s", f.wait)
	}
	until, err := f.until(e.Now())
	if err != nil {
		return err
	}
	if _, refusal := c.method.EncodeArgs(c.args); refusal.Refuses() {
		return fmt.Errorf("%s: %w", c.method.FullName(), refusal)
	}
	n, err := f.network()
	if err != nil {
		return err
	}
	signers, err := e.openSigners(f, n.trust.Suite.Algorithm())
	if err != nil {
		return err
	}
	request := api.DraftRequest{
		Contract: c.method.Contract, Version: c.method.Version, Method: c.method.Name, Args: c.args, Actor: f.actor,
		ClientRef: f.clientRef, ValidUntil: &api.Moment{Time: until},
	}
	commitments, err := f.commit(n.trust.Suite)
	if err != nil {
		return err
	}
	for _, commitment := range commitments {
		request.Commitments = append(request.Commitments, commitment.String())
	}
	for _, s := range signers {
		if s.key == nil {
			return wrongCall("--signer %s: a key file is needed; those who sign elsewhere get the file of: ipledger tx draft", s.public)
		}
		request.Signers = append(request.Signers, api.DraftSigner{Organisation: s.organisation, Role: s.role, PublicKey: s.public})
	}
	client, err := e.client(f.endpointFlags, caller(signers, f.actor, c.method.Rule.NewKey))
	if err != nil {
		return err
	}
	client.Network = n.trust.Network
	ctx, cancel := context.WithTimeout(ctx, f.wait+15*time.Second)
	defer cancel()
	draft, err := client.Draft(ctx, request)
	if err != nil {
		return err
	}
	submission := api.Submission{Body: draft.Body}
	for _, s := range signers {
		signature, err := draft.Sign(n.trust.Network, s.key)
		if err != nil {
			return err
		}
		submission.Signatures = append(submission.Signatures, signature)
	}
	return e.send(ctx, sending{client, n, c.method, draft.ID, f.receipt, f.wait}, submission)
}

// A sending is a signed transaction on its way, and what its receipt is verified
// against.
type sending struct {
	client  *api.Client
	network network
	method  contracts.Method
	id      ledger.Hash
	receipt string // file to write, "" for none
	wait    time.Duration
}

// send submits a transaction, waits for its outcome and settles it.
func (e *env) send(ctx context.Context, s sending, submission api.Submission) error {
	if err := s.checkReceipt(); err != nil {
		return err
	}
	// From here on the id is what leads back to the outcome, whatever happens.
	e.say("%s %v", e.text("submitting transaction", "提交交易"), s.id)
	sent, err := s.client.SubmitParts(ctx, submission, s.wait)
	if err != nil {
		// A node that refuses it says so, and has not taken it.
		return leftOpen(s.id, err, api.ErrUnreachable, context.DeadlineExceeded)
	}
	if sent.Outcome == nil {
		if err := e.showSubmitted(submitAnswer{ID: s.id, Status: sent.Status, Height: sent.Height}); err != nil {
			return err
		}
		return &unanswered{s.id, fmt.Errorf("%w: it is %s", ledger.ErrUnavailable, sent.Status)}
	}
	return e.settle(ctx, s)
}

// settle fetches the receipt of a transaction that has its outcome, verifies it
// and prints what it proves.
func (e *env) settle(ctx context.Context, s sending) error {
	file, err := s.client.ReceiptFile(ctx, s.id)
	if err != nil {
		err = fmt.Errorf("its receipt: %w", err)
		return leftOpen(s.id, err, api.ErrUnreachable, context.DeadlineExceeded, ledger.ErrUnavailable, ledger.ErrBusy)
	}
	v, err := ledger.VerifyReceipt(s.network.trust, file)
	if err != nil {
		return fmt.Errorf("receipt of %v: %w", s.id, err)
	}
	if v.Transaction.ID() != s.id {
		return &ledger.VerifyError{Reason: ledger.BadTransaction, Detail: fmt.Sprintf("the node gave the receipt of %v for %v", v.Transaction.ID(), s.id)}
	}
	outcome := outcomeAnswerOf(v.Outcome, s.method, s.method.Version > 0)
	answer := submitAnswer{
		ID: s.id, Status: api.State(v.Outcome.Status.String()), Height: v.Header.Height, Verified: true, Outcome: &outcome, Receipt: s.receipt,
	}
	unwritten := s.keepReceipt(file)
	if unwritten != nil {
		answer.Receipt = ""
	}
	if err := e.showSubmitted(answer); err != nil {
		return err
	}
	if unwritten != nil {
		return &receiptLost{s.id, v.Outcome.Status, unwritten}
	}
	return rejection(s.id, v.Outcome)
}

func (e *env) showSubmitted(a submitAnswer) error {
	t := newTable()
	t.fact("transaction", a.ID.String())
	if a.Outcome == nil {
		t.fact("status", string(a.Status))
	} else {
		a.Outcome.facts(t, false)
		t.fact("height", fmt.Sprint(a.Height))
	}
	t.fact("receipt", a.Receipt)
	return e.show(a, t)
}

// A keyHolder is one signer of a transaction. The private key is nil if it is
// not at hand.
type keyHolder struct {
	organisation, role string
	public             keys.PublicKey
	key                keys.PrivateKey
}

// openSigners reads --signer. With a passphrase file one passphrase opens all
// key files; typed, each file has its own. All are of the network's algorithm.
func (e *env) openSigners(f submitFlags, algorithm keys.Algorithm) ([]keyHolder, error) {
	var signers []keyHolder
	for _, text := range f.signers {
		who, from, ok := strings.Cut(text, "=")
		organisation, role, other := strings.Cut(who, ":")
		if !other {
			organisation, role = f.actor, who
		}
		if !ok || from == "" || organisation == "" || !ledger.IsName(role) {
			return nil, wrongCall("--signer %q: want ROLE=KEYFILE or PARTY:ROLE=KEYFILE", text)
		}
		holder := keyHolder{organisation: organisation, role: role}
		var err error
		if holder.public, err = keys.ParsePublicKey(from); err != nil {
			if holder.key, err = e.openKey(from, f.passphraseFile); err != nil {
				return nil, err
			}
			holder.public = holder.key.Public()
		}
		if given := holder.public.Algorithm; given != algorithm {
			return nil, fmt.Errorf("%w: --signer %s is %s, and the keys of this network are %s", keys.ErrMismatch, text, given, algorithm)
		}
		for _, other := range signers {
			if other.public == holder.public {
				// The nodes would say only that a signature comes twice.
				return nil, contracts.Refuse(ledger.Failure{Code: contracts.ERole, Field: "signers", Subject: holder.role, Reason: contracts.ReasonSamePerson})
			}
		}
		signers = append(signers, holder)
	}
	return signers, nil
}

// caller chooses the key that signs the requests: of the acting organisation,
// and enrolled, which a key that proves its possession is not yet.
func caller(signers []keyHolder, actor, newKey string) keys.Signer {
	for _, s := range signers {
		if s.organisation == actor && s.role != newKey {
			return s.key
		}
	}
	return signers[0].key
}

// commit gives the commitments of the sealed parts, in the order of the flags.
func (f submitFlags) commit(suite keys.Suite) ([]ledger.Hash, error) {
	var commitments []ledger.Hash
	for _, path := range f.sealed {
		content, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("read sealed part: %w", err)
		}
		commitments = append(commitments, ledger.CommitmentOf(suite, content))
	}
	for _, text := range f.commitments {
		h, err := keys.ParseHash(text)
		if err != nil {
			return nil, wrongCall("--commitment %q: %v", text, err)
		}
		commitments = append(commitments, h)
	}
	return commitments, nil
}

// randomReference is a client reference that nobody has used.
func randomReference() string { return strings.ToLower(rand.Text()) }
