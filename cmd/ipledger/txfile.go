// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A draftFile carries a transaction between the people who sign it, each on a
// machine of their own. It proves nothing: whoever gets it reads the body.
type draftFile struct {
	Format     string                `json:"format"`
	Chain      ledger.Hash           `json:"chain"`
	Body       []byte                `json:"body"`
	Signatures []api.SubmitSignature `json:"signatures"`
}

const draftFormat = "ipledger-draft/1"

func txDraftCommand(e *env) *cobra.Command {
	var f submitFlags
	var args, out string
	cmd := &cobra.Command{
		Use:   "draft CONTRACT.METHOD --args JSON --actor PARTY --signer ROLE=KEYFILE|PUBLIC_KEY --out FILE",
		Short: "Write a transaction into a file that others sign",
		Long: `Write a transaction into a file and sign it with the keys at hand. A signer given
by public key signs elsewhere: ipledger tx sign. When all have signed, anyone
enrolled submits it: ipledger tx send. No node is needed to draft and to sign.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, positional []string) error {
			method, err := lookupMethod(positional[0])
			if err != nil {
				return err
			}
			text, err := argumentText(args)
			if err != nil {
				return err
			}
			return e.draft(f, call{method, text}, out)
		},
	}
	cmd.Flags().StringVar(&args, "args", "", "arguments as JSON, or @FILE")
	cmd.Flags().StringVar(&out, "out", "", "file to make")
	f.addBody(e, cmd)
	require(cmd, "args", "out")
	return cmd
}

func (e *env) draft(f submitFlags, c call, out string) error {
	n, err := f.network()
	if err != nil {
		return err
	}
	until, err := f.until(e.Now())
	if err != nil {
		return err
	}
	raw, refusal := c.method.EncodeArgs(c.args)
	if refusal.Refuses() {
		return fmt.Errorf("%s: %w", c.method.FullName(), refusal)
	}
	signers, err := e.openSigners(f, n.trust.Suite.Algorithm())
	if err != nil {
		return err
	}
	if f.clientRef == "" {
		f.clientRef = randomReference()
	}
	body := ledger.Body{
		Contract: c.method.Contract, Version: c.method.Version, Method: c.method.Name, Args: raw,
		Actor: f.actor, ClientRef: f.clientRef, ValidUntil: until.UnixMilli(),
	}
	commitments, err := f.commit(n.trust.Suite)
	if err != nil {
		return err
	}
	for _, commitment := range commitments {
		body.Commitments = append(body.Commitments, commitment[:])
	}
	for _, s := range signers {
		body.Signers = append(body.Signers, ledger.Signer{Organisation: s.organisation, Role: s.role, Key: s.public})
	}
	d := draftFile{Format: draftFormat, Chain: n.trust.Chain, Body: ledger.Encode(body), Signatures: []api.SubmitSignature{}}
	if _, err := ledger.DecodeBody(n.trust.Network, d.Body); err != nil {
		return err
	}
	for _, s := range signers {
		if s.key == nil {
			continue
		}
		if err := d.sign(n.trust.Network, s.key); err != nil {
			return err
		}
	}
	if err := d.write(out, writeNew); err != nil {
		return err
	}
	return e.showDraft(n, d)
}

func txSignCommand(e *env) *cobra.Command {
	var anchor anchorFlags
	var key, passphraseFile string
	cmd := &cobra.Command{
		Use:   "sign FILE --genesis FILE [--key FILE]",
		Short: "Print what a drafted transaction says, and with --key sign it",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := anchor.read()
			if err != nil {
				return err
			}
			d, err := readDraft(n, args[0])
			if err != nil {
				return err
			}
			if key != "" {
				signer, err := e.openKey(key, passphraseFile)
				if err != nil {
					return err
				}
				if err := d.sign(n.trust.Network, signer); err != nil {
					return err
				}
				if err := d.write(args[0], replace); err != nil {
					return err
				}
			}
			return e.showDraft(n, d)
		},
	}
	anchor.add(e, cmd)
	cmd.Flags().StringVar(&key, "key", "", "key file to sign with")
	passphraseFlag(cmd, &passphraseFile)
	return cmd
}

func txSendCommand(e *env) *cobra.Command {
	var anchor anchorFlags
	var f clientFlags
	var receipt string
	cmd := &cobra.Command{
		Use:   "send FILE --genesis FILE --key FILE",
		Short: "Submit a drafted transaction that all have signed, and verify its receipt",
		Long: `Submit a drafted transaction that all have signed, and verify its receipt. The
same file may be sent again, also to another node: it takes effect once.`,
		Args: cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			n, err := anchor.read()
			if err != nil {
				return err
			}
			d, err := readDraft(n, args[0])
			if err != nil {
				return err
			}
			body, err := ledger.DecodeBody(n.trust.Network, d.Body)
			if err != nil {
				return err
			}
			if missing := d.missing(body); len(missing) > 0 {
				return fmt.Errorf("%w: not signed yet by %s", ledger.ErrInvalid, strings.Join(missing, ", "))
			}
			s := sending{client: c, network: n, id: n.trust.TransactionID(d.Body), receipt: receipt, wait: min(f.timeout, api.MaxWait)}
			s.method, _ = registry.New().Lookup(body.Contract, body.Version, body.Method)
			return e.send(ctx, s, api.Submission{Body: d.Body, Signatures: d.Signatures})
		}),
	}
	anchor.add(e, cmd)
	f.add(e, cmd)
	f.addKey(cmd)
	cmd.Flags().StringVar(&receipt, "receipt", "", "new file to write the receipt to")
	require(cmd, "key")
	return cmd
}

// readDraft reads a draft and drops nothing: a signature that does not hold, or
// that the body has no use for, is an error.
func readDraft(n network, path string) (draftFile, error) {
	file, err := readFile(path)
	if err != nil {
		return draftFile{}, fmt.Errorf("read draft: %w", err)
	}
	bad := func(format string, args ...any) (draftFile, error) {
		return draftFile{}, fmt.Errorf("%w: draft %s: %w", ledger.ErrInvalid, path, fmt.Errorf(format, args...))
	}
	var d draftFile
	decoder := json.NewDecoder(bytes.NewReader(file))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return bad("%w", err)
	}
	if d.Format != draftFormat {
		return bad("format %q, this program reads %q", d.Format, draftFormat)
	}
	if d.Chain != n.trust.Chain {
		return bad("it is for the network %v, the genesis file is of %v", d.Chain, n.trust.Chain)
	}
	body, err := ledger.DecodeBody(n.trust.Network, d.Body)
	if err != nil {
		return bad("%w", err)
	}
	for _, s := range d.Signatures {
		key, err := keys.ParsePublicKey(s.PublicKey)
		if err != nil {
			return bad("%w", err)
		}
		if !expects(body, key) || !n.trust.Suite.Verify(key, n.trust.SignBytes(d.Body), s.Signature) {
			return bad("the signature of %s does not hold", s.PublicKey)
		}
	}
	return d, nil
}

func expects(body ledger.Body, key keys.PublicKey) bool {
	return slices.ContainsFunc(body.Signers, func(s ledger.Signer) bool { return s.Key == key })
}

// sign adds the signature of one key, which replaces an earlier one of it.
func (d *draftFile) sign(n ledger.Network, key keys.Signer) error {
	body, err := ledger.DecodeBody(n, d.Body)
	if err != nil {
		return err
	}
	public := key.Public()
	if !expects(body, public) {
		return fmt.Errorf("%w: the transaction names no signer with the key %s", ledger.ErrInvalid, public)
	}
	signature, err := api.Draft{ID: n.TransactionID(d.Body), Body: d.Body}.Sign(n, key)
	if err != nil {
		return err
	}
	d.Signatures = slices.DeleteFunc(d.Signatures, func(s api.SubmitSignature) bool { return s.PublicKey == public.String() })
	d.Signatures = append(d.Signatures, signature)
	return nil
}

func (d draftFile) signed(key keys.PublicKey) bool {
	return slices.ContainsFunc(d.Signatures, func(s api.SubmitSignature) bool { return s.PublicKey == key.String() })
}

// missing names the signers that have not signed.
func (d draftFile) missing(body ledger.Body) []string {
	var names []string
	for _, s := range body.Signers {
		if !d.signed(s.Key) {
			names = append(names, s.Organisation+" "+s.Role)
		}
	}
	return names
}

func (d draftFile) write(path string, put func(string, []byte) error) error {
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return fmt.Errorf("write draft: %w", err)
	}
	return put(path, append(text, '\n'))
}

// draftAnswer is what a draft says, read from its body.
type draftAnswer struct {
	ID          ledger.Hash         `json:"id"`
	Method      string              `json:"method"`
	Args        json.RawMessage     `json:"args"`
	Actor       string              `json:"actor"`
	ClientRef   string              `json:"client_ref"`
	ValidUntil  string              `json:"valid_until"`
	Commitments []string            `json:"commitments,omitempty"`
	Signers     []draftSignerAnswer `json:"signers"`
}

type draftSignerAnswer struct {
	Organisation string         `json:"organisation"`
	Role         string         `json:"role"`
	PersonID     string         `json:"person_id"`
	Key          keys.PublicKey `json:"key"`
	Signed       bool           `json:"signed"`
}

func (e *env) showDraft(n network, d draftFile) error {
	body, err := ledger.DecodeBody(n.trust.Network, d.Body)
	if err != nil {
		return err
	}
	method, known := registry.New().Lookup(body.Contract, body.Version, body.Method)
	if !known {
		return fmt.Errorf("%w: this program does not know %s.%s v%d and cannot show what it says", ledger.ErrInvalid, body.Contract, body.Method, body.Version)
	}
	a := draftAnswer{
		ID: n.trust.TransactionID(d.Body), Method: method.FullName(), Actor: body.Actor,
		ClientRef: body.ClientRef, ValidUntil: clockTime(body.ValidUntil),
	}
	if a.Args, err = method.ArgsJSON(body.Args); err != nil {
		return fmt.Errorf("%w: arguments: %w", ledger.ErrInvalid, err)
	}
	t := newTable()
	t.fact("transaction", a.ID.String())
	t.fact("method", a.Method+" v"+strconv.FormatUint(body.Version, 10))
	t.fact("arguments", string(a.Args))
	t.fact("actor", a.Actor)
	t.fact("client ref", a.ClientRef)
	t.fact("valid until", a.ValidUntil)
	for _, c := range body.Commitments {
		a.Commitments = append(a.Commitments, hex.EncodeToString(c))
		t.fact("commitment", hex.EncodeToString(c))
	}
	for _, s := range body.Signers {
		signer := draftSignerAnswer{s.Organisation, s.Role, contracts.PersonID(n.trust.Suite, s.Key), s.Key, d.signed(s.Key)}
		a.Signers = append(a.Signers, signer)
		name := "not signed"
		if signer.Signed {
			name = "signed by"
		}
		t.fact(name, fmt.Sprintf("%s %s %s", signer.Organisation, signer.Role, signer.PersonID))
	}
	return e.show(a, t)
}
