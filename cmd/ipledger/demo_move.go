// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// A move is one transaction of the story. Persons of the actor sign in the roles
// that the method asks for.
type move struct {
	says   string // what happens, for the transcript
	actor  string // organisation that acts, by its short name
	method string // contract.method
	args   any
	with   []cosigner // of other organisations
	sealed any        // terms that stay off the ledger; it holds their commitment
	want   decision
}

// A cosigner is an organisation that signs with the actor.
type cosigner struct{ organisation, role string }

// countersigned says that an organisation agrees.
func countersigned(organisation string) []cosigner {
	return []cosigner{{organisation, contracts.Countersigner}}
}

// A decision is how the ledger decides a move.
type decision struct {
	state                api.State
	code, ground, reason string
}

func accepted() decision { return decision{state: api.Final} }

func refusedWith(code, ground, reason string) decision {
	return decision{state: api.Rejected, code: code, ground: ground, reason: reason}
}

func (v decision) String() string {
	return strings.Join(filled(string(v.state), v.code, v.ground, v.reason), " ")
}

// played is what became of a move.
type played struct {
	id     ledger.Hash
	was    decision
	height uint64
	result json.RawMessage
	text   string // of a refusal, in Chinese
	via    string // node that answered
	took   time.Duration
}

// play sends a move, compares the decision with the expected one, and reads the
// result of an accepted move into result unless that is nil.
func (d *demo) play(ctx context.Context, m move, result any) (played, error) {
	signed, err := d.sign(ctx, m)
	if err != nil {
		return played{}, fmt.Errorf("%s: %w", m.says, err)
	}
	got, err := d.send(ctx, signed)
	if err != nil {
		return played{}, fmt.Errorf("%s: %w", m.says, err)
	}
	if err := d.expect(got.was == m.want, "%s: %v", m.says, got.was); err != nil {
		return got, fmt.Errorf("%w, want %v", err, m.want)
	}
	d.noteDecision(signed, got)
	if result == nil {
		return got, nil
	}
	if err := json.Unmarshal(got.result, result); err != nil {
		return got, fmt.Errorf("%s: read the result: %w", m.says, err)
	}
	return got, nil
}

func (d *demo) noteDecision(m signedMove, got played) {
	d.note("%s at height %d in %d ms, through %s, signed by %s", m.method, got.height, got.took.Milliseconds(), got.via, strings.Join(m.by, " "))
	if m.sealedIn != "" {
		d.note("the terms stay in %s; the ledger holds their commitment", m.sealedIn)
	}
	if got.text != "" {
		d.note("%s", got.text)
	}
}

// A signedMove is ready to be sent, to any node.
type signedMove struct {
	move
	submission api.Submission
	by         []string // names of the persons that signed
	sealedIn   string   // file of the sealed part
}

// sign drafts a move at a node, which the client compares with a body made from
// the same arguments here, and signs it with every key it needs.
func (d *demo) sign(ctx context.Context, m move) (signedMove, error) {
	method, err := lookupMethod(m.method)
	if err != nil {
		return signedMove{}, err
	}
	args, err := json.Marshal(m.args)
	if err != nil {
		return signedMove{}, err
	}
	signers := slices.Clone(m.with)
	for _, role := range method.Rule.Roles {
		signers = append(signers, cosigner{m.actor, role})
	}
	request := api.DraftRequest{Contract: method.Contract, Version: method.Version, Method: method.Name, Args: args, Actor: d.partyID(m.actor)}
	out := signedMove{move: m}
	for _, s := range signers {
		p, err := d.holder(s)
		if err != nil {
			return signedMove{}, err
		}
		request.Signers = append(request.Signers, api.DraftSigner{Organisation: p.Organisation, Role: s.role, PublicKey: p.PublicKey})
		out.by = append(out.by, p.Name)
	}
	if m.sealed != nil {
		commitment, path, err := d.seal(m.sealed)
		if err != nil {
			return signedMove{}, err
		}
		out.sealedIn = path
		request.Commitments = []string{commitment.String()}
	}
	var draft api.Draft
	if _, err := d.atSomeNode(ctx, m.actor, func(ctx context.Context, c *api.Client) error {
		var err error
		draft, err = c.Draft(ctx, request)
		return err
	}); err != nil {
		return signedMove{}, fmt.Errorf("draft: %w", err)
	}
	out.submission.Body = draft.Body
	for _, name := range out.by {
		signature, err := draft.Sign(d.network.trust.Network, d.keys[name])
		if err != nil {
			return signedMove{}, fmt.Errorf("as %s: %w", name, err)
		}
		out.submission.Signatures = append(out.submission.Signatures, signature)
	}
	return out, nil
}

// send submits a move and waits for its decision. It may be sent twice, to two
// nodes: it takes effect once.
func (d *demo) send(ctx context.Context, m signedMove) (played, error) {
	begun := time.Now()
	var answer api.Transaction
	via, err := d.atSomeNode(ctx, m.actor, func(ctx context.Context, c *api.Client) error {
		var err error
		if answer, err = c.SubmitParts(ctx, m.submission, 5*time.Second); err != nil {
			return err
		}
		if answer.Outcome == nil {
			return fmt.Errorf("%w: the transaction is %s still", ledger.ErrUnavailable, answer.Status)
		}
		return nil
	})
	if err != nil {
		return played{}, fmt.Errorf("submit: %w", err)
	}
	got := played{
		id: answer.ID, was: decision{state: answer.Status, code: answer.Code, ground: answer.Outcome.Ground},
		height: answer.Height, result: answer.Outcome.Result, via: via, took: time.Since(begun),
	}
	if details := answer.Outcome.Details; len(details) > 0 {
		got.was.reason, got.text = details[0].Reason, details[0].MessageZH
	}
	return got, nil
}

// atSomeNode asks the actor's own node, or another one that runs if that does
// not, and asks again while there is no answer. It gives the node's name.
func (d *demo) atSomeNode(ctx context.Context, actor string, ask func(context.Context, *api.Client) error) (via string, err error) {
	err = until(ctx, 60*time.Second, func(ctx context.Context) (bool, error) {
		i := d.nodeOf(actor)
		via = d.Nodes[i].Name
		err := ask(ctx, d.client(i, actor))
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, ledger.ErrUnavailable), errors.Is(err, ledger.ErrBusy), errors.Is(err, api.ErrUnreachable):
			return false, err
		}
		return true, err
	})
	return via, err
}

// nodeOf gives the organisation's own node if it runs, else the first that does.
func (d *demo) nodeOf(code string) int {
	running := func(i int) bool { return d.processes[i] != nil && d.processes[i].running() }
	first := -1
	for i, n := range d.Nodes {
		if running(i) && n.OrganisationCode == code {
			return i
		}
		if running(i) && first < 0 {
			first = i
		}
	}
	return max(first, 0)
}

// client asks node i with requests signed by a person of the organisation.
func (d *demo) client(i int, code string) *api.Client {
	c := &api.Client{BaseURL: d.Nodes[i].APIURL, Registry: registry.New(), Network: d.network.trust.Network, Clock: d.env.Now}
	if p, err := d.holder(cosigner{code, contracts.Maker}); err == nil {
		c.Key = d.keys[p.Name]
	}
	return c
}

// holder finds the person of an organisation who signs in a role.
func (d *demo) holder(s cosigner) (devnetPerson, error) {
	role := s.role
	if role == contracts.Countersigner {
		role = contracts.Maker
	}
	for _, p := range d.People {
		if p.Organisation == d.partyID(s.organisation) && slices.Contains(p.Roles, role) {
			return p, nil
		}
	}
	return devnetPerson{}, fmt.Errorf("%s has nobody with the role %s", s.organisation, role)
}

// partyID gives the credit code of an organisation by its short name.
func (d *demo) partyID(code string) string {
	for _, o := range append(devnetCast(), firm()) {
		if o.Code == code {
			return o.PartyID
		}
	}
	return ""
}

// A sealedPart is what the parties keep of a contract. The salt keeps others
// from guessing the terms and comparing commitments.
type sealedPart struct {
	Salt  string `json:"salt"` // 32 random bytes in hexadecimal
	Terms any    `json:"terms"`
}

// seal writes terms into a file and gives the commitment to it.
func (d *demo) seal(terms any) (commitment ledger.Hash, path string, err error) {
	salt := make([]byte, 32)
	if _, err := rand.Read(salt); err != nil {
		return ledger.Hash{}, "", fmt.Errorf("seal: %w", err)
	}
	text, err := json.MarshalIndent(sealedPart{hex.EncodeToString(salt), terms}, "", "  ")
	if err != nil {
		return ledger.Hash{}, "", fmt.Errorf("seal: %w", err)
	}
	commitment = ledger.CommitmentOf(d.network.trust.Suite, text)
	name := commitment.String()[:16] + ".json"
	if path, err = d.file("sealed", name); err != nil {
		return ledger.Hash{}, "", err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return ledger.Hash{}, "", fmt.Errorf("seal: %w", err)
	}
	return commitment, filepath.Join("sealed", name), nil
}
