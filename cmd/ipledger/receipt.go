// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

func receiptCommand(e *env) *cobra.Command {
	return noun("receipt", "Fetch and verify receipts of transactions", receiptGetCommand(e), receiptVerifyCommand(e))
}

func receiptGetCommand(e *env) *cobra.Command {
	var f clientFlags
	var out string
	cmd := &cobra.Command{
		Use:   "get ID --out FILE",
		Short: "Fetch the receipt of a transaction",
		Long: `Fetch the receipt of a FINAL or REJECTED transaction from any node. Whoever has
the genesis file can verify it without any node: ipledger receipt verify. A
file that is there already is never overwritten; that it holds this receipt is
success.`,
		Args: cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			id, err := keys.ParseHash(args[0])
			if err != nil {
				return usageError{err}
			}
			file, err := c.ReceiptFile(ctx, id)
			if err != nil {
				return err
			}
			if err := writeOutput(out, file); err != nil {
				return err
			}
			return e.showFetched(out, "transaction "+id.String(), len(file))
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&out, "out", "", "new file to write")
	require(cmd, "out")
	return cmd
}

func receiptVerifyCommand(e *env) *cobra.Command {
	var anchor anchorFlags
	cmd := &cobra.Command{
		Use:   "verify FILE --genesis FILE",
		Short: "Verify a receipt and print what it proves",
		Long: `Verify a receipt against the genesis file of its network and print what it
proves. No node and no network is used. A receipt that does not hold is refused
with the name of the reason and exit code 3.`,
		Example: "  ipledger receipt verify receipt --genesis genesis.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := anchor.read()
			if err != nil {
				return err
			}
			file, err := readFile(args[0])
			if err != nil {
				return fmt.Errorf("read receipt: %w", err)
			}
			verified, err := ledger.VerifyReceipt(n.trust, file)
			if err != nil {
				return err
			}
			answer, err := receiptAnswerOf(n, verified, file)
			if err != nil {
				return err
			}
			return e.show(answer, answer.table())
		},
	}
	anchor.add(e, cmd)
	return cmd
}

// anchorFlags say what a verifier trusts: a genesis file, and links that lead
// from its validators to later ones.
type anchorFlags struct{ genesis, links string }

func (f *anchorFlags) add(e *env, cmd *cobra.Command) {
	genesisFlag(e, cmd, &f.genesis)
	cmd.Flags().StringVar(&f.links, "links", "", "file of links to later validator sets")
}

// genesisFlag adds the flag of the genesis file that a command trusts. The variable
// stands in for it, so that it is said once.
func genesisFlag(e *env, cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "genesis", e.Getenv("IPLEDGER_GENESIS"), "genesis file of the network, which you trust (environment: IPLEDGER_GENESIS)")
}

func (f *anchorFlags) read() (network, error) {
	n, err := readGenesis(f.genesis)
	if err != nil || f.links == "" {
		return n, err
	}
	file, err := readFile(f.links)
	if err != nil {
		return network{}, fmt.Errorf("read links: %w", err)
	}
	var links []state.Link
	if err := ledger.Decode(file, ledger.MaxFile, &links); err != nil {
		return network{}, &ledger.VerifyError{Reason: ledger.BadLink, Detail: fmt.Sprintf("%s: %v", f.links, err)}
	}
	n.trust, err = state.Extend(n.trust, links)
	return n, err
}

// blockAnswer is where in the chain something was proven.
type blockAnswer struct {
	Network   string      `json:"network"`
	Chain     ledger.Hash `json:"chain"`
	Height    uint64      `json:"height"`
	BlockHash ledger.Hash `json:"block_hash"`
	BlockTime string      `json:"block_time"`
	TimeMs    int64       `json:"block_time_ms"`
	StateRoot ledger.Hash `json:"state_root"`
	Set       uint64      `json:"validator_set"`
	Certified []string    `json:"certified_by"` // names of the validators that signed
}

func blockAnswerOf(n network, h ledger.Header, hash ledger.Hash, c ledger.Certificate) blockAnswer {
	b := blockAnswer{
		Network: n.genesis.Name, Chain: h.Chain, Height: h.Height, BlockHash: hash, BlockTime: clockTime(h.Time), TimeMs: h.Time,
		StateRoot: h.StateRoot, Set: h.Set, Certified: []string{},
	}
	set, err := n.trust.Set(h.Set)
	if err != nil {
		return b
	}
	for _, s := range c.Signers {
		if s.Validator < uint64(len(set.Members)) {
			b.Certified = append(b.Certified, set.Members[s.Validator].Name)
		}
	}
	return b
}

func (b blockAnswer) facts(t *table) {
	t.fact("network", b.Network+" "+b.Chain.String())
	t.fact("height", strconv.FormatUint(b.Height, 10))
	t.fact("block", b.BlockHash.String())
	t.fact("block time", b.BlockTime)
	t.fact("certified by", strings.Join(b.Certified, ", "))
}

// receiptAnswer is the JSON form of what a receipt proves.
type receiptAnswer struct {
	ID          ledger.Hash     `json:"id"`
	Contract    string          `json:"contract"`
	Method      string          `json:"method"`
	Version     uint64          `json:"version"`
	Args        json.RawMessage `json:"args,omitempty"` // absent if this program does not know the method
	Actor       string          `json:"actor"`
	ClientRef   string          `json:"client_ref"`
	ValidUntil  string          `json:"valid_until"`
	Commitments []string        `json:"commitments,omitempty"`
	Signers     []signerAnswer  `json:"signers"`
	Outcome     outcomeAnswer   `json:"outcome"`
	Block       blockAnswer     `json:"block"`
}

type signerAnswer struct {
	Organisation string         `json:"organisation"`
	Role         string         `json:"role"`
	PersonID     string         `json:"person_id"`
	Key          keys.PublicKey `json:"key"`
}

// outcomeAnswer is the JSON form of an outcome with its explanations.
type outcomeAnswer struct {
	Status  string          `json:"status"`
	Code    string          `json:"code,omitempty"`
	Ground  string          `json:"ground,omitempty"`
	Details []failureAnswer `json:"details,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Events  []ledger.Event  `json:"events,omitempty"`
}

// failureAnswer is a failure with the texts that outcomes do not store.
type failureAnswer ledger.Failure

func outcomeAnswerOf(o ledger.Outcome, method contracts.Method, known bool) outcomeAnswer {
	a := outcomeAnswer{Status: o.Status.String(), Code: o.Code, Ground: o.Ground, Events: o.Events}
	for _, f := range o.Details {
		en, zh := contracts.Text(f.Code, f.Ground, f.Reason)
		if f.Message == "" {
			f.Message = en
		}
		if f.ZH == "" {
			f.ZH = zh
		}
		a.Details = append(a.Details, failureAnswer(f))
	}
	if known && len(o.Result) > 0 {
		// A result of another form is left out: the receipt proves the bytes all
		// the same.
		if result, err := method.ResultJSON(o.Result); err == nil {
			a.Result = result
		}
	}
	return a
}

func receiptAnswerOf(n network, v *ledger.VerifiedReceipt, file []byte) (receiptAnswer, error) {
	var r ledger.Receipt
	if err := ledger.Decode(file, ledger.MaxFile, &r); err != nil {
		return receiptAnswer{}, err
	}
	body := v.Transaction.Body()
	method, known := registry.New().Lookup(body.Contract, body.Version, body.Method)
	a := receiptAnswer{
		ID:         v.Transaction.ID(),
		Contract:   body.Contract,
		Method:     body.Method,
		Version:    body.Version,
		Actor:      body.Actor,
		ClientRef:  body.ClientRef,
		ValidUntil: clockTime(body.ValidUntil),
		Outcome:    outcomeAnswerOf(v.Outcome, method, known),
		Block:      blockAnswerOf(n, v.Header, v.BlockHash, r.Block.Certificate),
	}
	if known {
		// The arguments of a rejected transaction may be malformed.
		if args, err := method.ArgsJSON(body.Args); err == nil {
			a.Args = args
		}
	}
	for _, c := range body.Commitments {
		a.Commitments = append(a.Commitments, hex.EncodeToString(c))
	}
	for _, s := range body.Signers {
		a.Signers = append(a.Signers, signerAnswer{
			Organisation: s.Organisation, Role: s.Role, PersonID: contracts.PersonID(n.trust.Suite, s.Key), Key: s.Key,
		})
	}
	return a, nil
}

func (a receiptAnswer) table() *table {
	t := newTable()
	t.fact("transaction", a.ID.String())
	t.fact("method", fmt.Sprintf("%s.%s v%d", a.Contract, a.Method, a.Version))
	t.fact("actor", a.Actor)
	t.fact("client ref", a.ClientRef)
	a.Outcome.facts(t, true)
	for _, s := range a.Signers {
		t.fact("signed by", fmt.Sprintf("%s %s %s", s.Organisation, s.Role, s.PersonID))
	}
	a.Block.facts(t)
	return t
}

// facts adds the outcome to t, and the explanations of a rejection if texts are
// wanted.
func (o outcomeAnswer) facts(t *table, texts bool) {
	t.fact("outcome", o.Status)
	t.fact("code", strings.TrimSpace(o.Code+" "+o.Ground))
	for _, f := range o.Details {
		t.fact("refused", strings.Join(filled(f.Code, f.Ground, f.Reason, f.Field, f.Subject), " "))
		if texts {
			t.fact("", f.Message)
			t.fact("", f.ZH)
		}
	}
	t.fact("result", string(o.Result))
	for _, event := range o.Events {
		t.fact("event", event.Kind+" "+event.Subject)
	}
}

// filled gives the texts that are not empty.
func filled(texts ...string) []string {
	var out []string
	for _, text := range texts {
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}
