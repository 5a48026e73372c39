// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// ErrAltered marks a draft that is not what was asked for: the node, or
// something on the way, is at fault. It must not be signed.
var ErrAltered = fmt.Errorf("%w: the node made another transaction than was asked for", ledger.ErrInvalid)

// Draft asks the node for the bytes of a transaction and checks them: the body
// is rebuilt here from the arguments and must be the same, byte for byte, so
// that nobody signs what a node made unseen. The actor must be given; a client
// reference and a valid-until that are absent are chosen here. All that the node
// chooses, if it is asked to, are the signers; they are in the answer, and who
// signs looks at them.
func (c *Client) Draft(ctx context.Context, in DraftRequest) (Draft, error) {
	if c.Registry == nil || c.Network.Suite == nil {
		return Draft{}, fmt.Errorf("%w: draft: the client has no registry or no trusted network to check it with", ledger.ErrInvalid)
	}
	if in.Actor == "" {
		return Draft{}, fmt.Errorf("%w: draft: say for which organisation: an actor that the node chose would not be seen", ledger.ErrInvalid)
	}
	if in.ClientRef == "" {
		in.ClientRef = randomText()
	}
	if in.ValidUntil == nil {
		in.ValidUntil = &Moment{c.now().Add(defaultValidity)}
	}
	out, err := post[Draft](ctx, c, "/v1/drafts", nil, in)
	if err != nil {
		return Draft{}, err
	}
	if err := c.CheckDraft(in, out); err != nil {
		return Draft{}, err
	}
	return out, nil
}

// CheckDraft compares a draft with what was asked for. What the request left to
// the node is not compared with anything; Draft leaves it only the signers.
func (c *Client) CheckDraft(in DraftRequest, out Draft) error {
	_, want, err := draftBody(c.Registry, in)
	if err != nil {
		return err
	}
	got, err := ledger.DecodeBody(c.Network, out.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAltered, err)
	}
	if want.Actor == "" {
		want.Actor = got.Actor
	}
	if want.ClientRef == "" {
		want.ClientRef = got.ClientRef
	}
	if want.ValidUntil == 0 {
		want.ValidUntil = got.ValidUntil
	}
	if len(want.Signers) == 0 {
		want.Signers = got.Signers
	}
	rebuilt := newDraft(c.Network, want)
	switch {
	case !bytes.Equal(rebuilt.Body, out.Body):
		return fmt.Errorf("%w: its body differs", ErrAltered)
	case rebuilt.ID != out.ID:
		return fmt.Errorf("%w: its id is not that of its body", ErrAltered)
	case !bytes.Equal(rebuilt.SignBytes, out.SignBytes):
		return fmt.Errorf("%w: it asks to sign other bytes, or for another network", ErrAltered)
	case !slices.EqualFunc(rebuilt.Signers, out.Signers, sameSigner):
		return fmt.Errorf("%w: the signers it names are not those in its body", ErrAltered)
	}
	return nil
}

func sameSigner(a, b DraftSigner) bool {
	return a.Organisation == b.Organisation && a.Role == b.Role && a.PublicKey == b.PublicKey
}

// Sign gives the signature of one key over a draft that was checked.
func (d Draft) Sign(n ledger.Network, key keys.Signer) (SubmitSignature, error) {
	signature, err := key.Sign(n.SignBytes(d.Body))
	if err != nil {
		return SubmitSignature{}, fmt.Errorf("sign transaction %v: %w", d.ID, err)
	}
	public := key.Public()
	return SubmitSignature{Alg: string(public.Algorithm), PublicKey: public.String(), Signature: signature}, nil
}
