// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

func txCommand(e *env) *cobra.Command {
	return noun("tx", "Submit transactions of any method and follow them",
		txSubmitCommand(e), txDraftCommand(e), txSignCommand(e), txSendCommand(e), txGetCommand(e), txWaitCommand(e), txMethodsCommand(e))
}

func txSubmitCommand(e *env) *cobra.Command {
	var f submitFlags
	var args string
	cmd := &cobra.Command{
		Use:   "submit CONTRACT.METHOD --args JSON --actor PARTY --signer ROLE=KEYFILE",
		Short: "Sign a transaction, submit it and verify its receipt",
		Long: `Let the node draft a transaction, rebuild it here from the arguments and compare,
sign it, submit it, and verify the receipt that comes back. What a node makes is
never signed unseen, and what it answers is never believed without proof.

Under one --client-ref a transaction takes effect once, for ever. With the same
--valid-until too, the same command may be repeated and gives the same answer;
without it, a repetition is a conflict that names the first transaction. A
rejection is certified as well: exit code 5 if what is on the ledger stands
against it, else 1.`,
		Example: `  ipledger tx submit rights.claim --args '{"type":"PATENT","number":"201810234567.3","owners":["91510100MA6CA1R24N"]}' \
    --actor 91510100MA6CA1R24N --signer maker=rx.json --genesis genesis.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, positional []string) error {
			method, err := lookupMethod(positional[0])
			if err != nil {
				return err
			}
			text, err := argumentText(args)
			if err != nil {
				return err
			}
			return e.submit(cmd.Context(), f, call{method, text})
		},
	}
	cmd.Flags().StringVar(&args, "args", "", "arguments as JSON, or @FILE")
	f.add(e, cmd)
	require(cmd, "args")
	return cmd
}

// argumentText reads JSON from a flag, or from the file it names after an @.
func argumentText(flag string) (json.RawMessage, error) {
	text := []byte(flag)
	if path, ok := strings.CutPrefix(flag, "@"); ok {
		var err error
		if text, err = os.ReadFile(path); err != nil {
			return nil, fmt.Errorf("read arguments: %w", err)
		}
	}
	if !utf8.Valid(text) {
		return nil, wrongCall("--args: not UTF-8")
	}
	if !json.Valid(text) {
		return nil, wrongCall("--args: not JSON")
	}
	return text, nil
}

func txGetCommand(e *env) *cobra.Command {
	var f clientFlags
	var validUntil int64
	cmd := &cobra.Command{
		Use:   "get ID",
		Short: "Print what became of a transaction, as the node says",
		Long: `Print what became of a transaction, as the node says: UNKNOWN, RECEIVED, ORDERED
(provisional), FINAL, REJECTED or EXPIRED. Proof of it is the receipt: ipledger
receipt get. Exit code 1 if this node has not seen it.`,
		Args: cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			id, err := keys.ParseHash(args[0])
			if err != nil {
				return usageError{err}
			}
			tx, err := c.Transaction(ctx, id, validUntil)
			if err != nil {
				return err
			}
			if err := e.showTransaction(tx); err != nil {
				return err
			}
			if tx.Status == api.Unknown {
				return errAnswered
			}
			return nil
		}),
	}
	f.add(e, cmd)
	cmd.Flags().Int64Var(&validUntil, "valid-until", 0, "its valid-until in ms since 1970 UTC, so that any node can tell that it expired")
	return cmd
}

func txWaitCommand(e *env) *cobra.Command {
	var f clientFlags
	var validUntil int64
	cmd := &cobra.Command{
		Use:   "wait ID",
		Short: "Wait until a transaction is FINAL, REJECTED or EXPIRED",
		Long: `Wait until a transaction is FINAL, REJECTED or EXPIRED, at most --timeout, and
print it. Exit code 0 if FINAL, 4 if it is not decided yet.`,
		Args: cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			id, err := keys.ParseHash(args[0])
			if err != nil {
				return usageError{err}
			}
			tx, err := await(ctx, c, id, validUntil)
			if err != nil {
				return err
			}
			if err := e.showTransaction(tx); err != nil {
				return err
			}
			switch tx.Status {
			case api.Rejected:
				return rejectionOf(tx)
			case api.Expired:
				return fmt.Errorf("transaction %v is %w: no FINAL block up to its valid-until holds it, and none ever will", id, errExpired)
			}
			return nil
		}),
	}
	f.add(e, cmd)
	cmd.Flags().Int64Var(&validUntil, "valid-until", 0, "its valid-until in ms since 1970 UTC, so that any node can tell that it expired")
	return cmd
}

// await asks until a transaction is decided or ctx ends.
func await(ctx context.Context, c *api.Client, id ledger.Hash, validUntil int64) (api.Transaction, error) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		tx, err := c.Transaction(ctx, id, validUntil)
		if err != nil {
			return tx, err
		}
		switch tx.Status {
		case api.Final, api.Rejected, api.Expired:
			return tx, nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return tx, fmt.Errorf("%w: transaction %v is %s: %w", ledger.ErrUnavailable, id, tx.Status, ctx.Err())
		}
	}
}

func (e *env) showTransaction(tx api.Transaction) error {
	t := newTable()
	t.fact("transaction", tx.ID.String())
	t.fact("status", string(tx.Status))
	if tx.Height != 0 {
		t.fact("height", strconv.FormatUint(tx.Height, 10))
	}
	if o := tx.Outcome; o != nil {
		t.fact("code", strings.Join(filled(o.Code, o.Ground), " "))
		for _, d := range o.Details {
			t.fact("refused", strings.Join(filled(d.Code, d.Ground, d.Reason, d.Field, d.Subject), " "))
			t.fact("", e.text(d.Message, d.MessageZH))
		}
		t.fact("result", string(o.Result))
		for _, event := range o.Events {
			t.fact("event", event.Kind+" "+event.Subject)
		}
	}
	return e.show(tx, t)
}

func txMethodsCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "methods [CONTRACT.METHOD]",
		Short: "List the methods this program knows, or print the schema of one",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				m, err := lookupMethod(args[0])
				if err != nil {
					return err
				}
				return e.showMethod(m)
			}
			t := newTable("METHOD", "SIGNED BY", "")
			list := []methodAnswer{}
			for _, m := range knownMethods() {
				a := methodAnswerOf(m)
				list = append(list, a)
				t.add(a.Method, a.signedBy(), e.text(a.Doc, a.DocZH))
			}
			return e.show(list, t)
		},
	}
}

// A rejectedError is a certified refusal: the ledger has recorded for ever that
// the transaction broke a rule.
type rejectedError struct {
	id                   ledger.Hash
	code, ground, reason string
}

// rejection is the error of an outcome, nil unless it is a rejection.
func rejection(id ledger.Hash, o ledger.Outcome) error {
	if o.Status != ledger.Rejected {
		return nil
	}
	r := &rejectedError{id: id, code: o.Code, ground: o.Ground}
	if len(o.Details) > 0 {
		r.reason = o.Details[0].Reason
	}
	return r
}

// rejectionOf is rejection as a node tells it.
func rejectionOf(tx api.Transaction) error {
	r := &rejectedError{id: tx.ID, code: tx.Code}
	if tx.Outcome != nil {
		r.ground = tx.Outcome.Ground
		if len(tx.Outcome.Details) > 0 {
			r.reason = tx.Outcome.Details[0].Reason
		}
	}
	return r
}

func (r *rejectedError) Error() string {
	return fmt.Sprintf("rejected: %s (transaction %v)", strings.Join(filled(r.code, r.ground, r.reason), " "), r.id)
}

// verdict tells what stands against the transaction from what is wrong with it.
func (r *rejectedError) verdict() verdict {
	en, zh := contracts.Text(r.code, r.ground, r.reason)
	v := verdict{code: exitFailure, title: "账本已驳回", en: en, zh: zh}
	switch r.code {
	case contracts.EDuplicate, contracts.EPledged, contracts.EState:
		v.code = exitConflict
	}
	return v
}
