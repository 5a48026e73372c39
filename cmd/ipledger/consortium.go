// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func consortiumCommand(e *env) *cobra.Command {
	return noun("consortium", "Propose to the members, vote, and look at the rules in force",
		proposeCommand(e),
		voteCommand(e),
		front{verb: "withdraw", method: "consortium.withdraw", subject: "proposal_id"}.command(e),
		proveKeyCommand(e),
		proveResetCommand(e),
		proposalsCommand(e),
		parametersCommand(e),
		calendarsCommand(e),
	)
}

func proposeCommand(e *env) *cobra.Command {
	var f submitFlags
	var from, title, document string
	cmd := &cobra.Command{
		Use:   "propose CONTRACT.METHOD --args FILE|-",
		Short: "Propose to the members a call of a method that nobody calls alone",
		Long: `Propose to the members a call of a method that needs their vote: consortium.set_parameters,
consortium.load_calendar, consortium.upgrade, parties.admit and others that
ipledger tx methods shows as decided by a vote. The arguments are those of that
method, as JSON: a file, - for standard input, or the object itself.

The proposal has the id of the transaction. An organisation that has a vote agrees
by proposing.`,
		Example: `  echo '{"changes":[{"key":"claim.expiry","value":60}],"source":"resolution 3 of 2026"}' |
    ipledger consortium propose consortium.set_parameters --args - --title "shorter claims" \
    --actor 91510100MA6L1D0E2L --signer admin=admin.json --genesis genesis.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, positional []string) error {
			n, err := suiteOf(f.genesis)
			if err != nil {
				return err
			}
			args, err := e.proposeArgs(positional[0], from)
			if err != nil {
				return err
			}
			args.Title = title
			if document != "" {
				h, err := hashArgument(n, document)
				if err != nil {
					return err
				}
				args.Document = &h
			}
			return e.submitArgs(cmd.Context(), f, "consortium.propose", args)
		},
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&from, "args", "", "arguments of the method as JSON: FILE, - for standard input, or the object")
	cmd.Flags().StringVar(&title, "title", "", "what it is about, in a line")
	cmd.Flags().StringVar(&document, "document", "", "hash of a paper, 32 bytes in hexadecimal, or @FILE to hash a file")
	require(cmd, "args")
	return cmd
}

// proposeArgs encodes the call that is proposed.
func (e *env) proposeArgs(name, from string) (consortium.ProposeArgs, error) {
	method, err := lookupMethod(name)
	if err != nil {
		return consortium.ProposeArgs{}, err
	}
	if !method.Rule.Vote {
		return consortium.ProposeArgs{}, wrongCall("%s needs no vote: call it with ipledger tx submit", name)
	}
	text, err := e.argumentsOf(from)
	if err != nil {
		return consortium.ProposeArgs{}, err
	}
	raw, refusal := method.EncodeArgs(text)
	if refusal.Refuses() {
		return consortium.ProposeArgs{}, fmt.Errorf("%s: %w", name, refusal)
	}
	return consortium.ProposeArgs{Contract: method.Contract, Method: method.Name, Version: method.Version, Args: raw}, nil
}

// argumentsOf reads JSON from a file, from standard input, or as it was given.
func (e *env) argumentsOf(from string) (json.RawMessage, error) {
	switch {
	case from == "-":
		text, err := io.ReadAll(io.LimitReader(e.Stdin, ledger.MaxBody+1))
		if err != nil {
			return nil, fmt.Errorf("read arguments: %w", err)
		}
		return argumentText(string(text))
	case strings.HasPrefix(strings.TrimSpace(from), "{"):
		return argumentText(from)
	}
	return argumentText("@" + strings.TrimPrefix(from, "@"))
}

// submitArgs submits a call of a method with arguments of its type.
func (e *env) submitArgs(ctx context.Context, f submitFlags, name string, args any) error {
	method, err := lookupMethod(name)
	if err != nil {
		return err
	}
	text, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("arguments: %w", err)
	}
	return e.submit(ctx, f, call{method, text})
}

func voteCommand(e *env) *cobra.Command {
	var f submitFlags
	cmd := &cobra.Command{
		Use:   "vote ID yes|no|veto",
		Short: "Cast the ballot of an organisation on a proposal",
		Long: `Cast the ballot of an organisation on a proposal, once and for ever. Before the key
signs, the transaction that made the proposal is fetched with its receipt and
verified, and what it proposes is shown: the id is that of its bytes, so no node can
show another proposal than is voted on. Only a regulator vetoes.`,
		Example: "  ipledger consortium vote ID yes --actor 91500000MA5W2F1G4X --signer admin=admin.json --genesis genesis.json",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, positional []string) error {
			id, err := keys.ParseHash(positional[0])
			if err != nil {
				return usageError{err}
			}
			ballot := strings.ToUpper(positional[1])
			switch ballot {
			case consortium.Yes, consortium.No, consortium.Veto:
			default:
				return wrongCall("ballot %q: want yes, no or veto", positional[1])
			}
			if err := e.showProposed(cmd.Context(), f, id); err != nil {
				return err
			}
			return e.submitArgs(cmd.Context(), f, "consortium.vote", consortium.VoteArgs{Proposal: id, Ballot: ballot})
		},
	}
	f.add(e, cmd)
	return cmd
}

// showProposed tells what a proposal says, from the transaction that made it and
// nothing else.
func (e *env) showProposed(ctx context.Context, f submitFlags, id ledger.Hash) error {
	n, err := f.network()
	if err != nil {
		return err
	}
	client, err := e.client(f.endpointFlags, nil)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, f.wait)
	defer cancel()
	file, err := client.ReceiptFile(ctx, id)
	if err != nil {
		return fmt.Errorf("proposal %v: %w", id, err)
	}
	v, err := ledger.VerifyReceipt(n.trust, file)
	if err != nil {
		return fmt.Errorf("receipt of proposal %v: %w", id, err)
	}
	body := v.Transaction.Body()
	var args consortium.ProposeArgs
	if v.Transaction.ID() != id || body.Contract != "consortium" || body.Method != "propose" || v.Outcome.Status != ledger.Final ||
		ledger.Decode(body.Args, ledger.MaxBody, &args) != nil {
		return fmt.Errorf("%w: transaction %v made no proposal", ledger.ErrNotFound, id)
	}
	inner := args.Inner()
	method, err := lookupMethod(inner.Contract + "." + inner.Method)
	if err != nil {
		return err
	}
	text, err := method.ArgsJSON(inner.Args)
	if err != nil {
		return fmt.Errorf("%w: proposal %v: %w", ledger.ErrInvalid, id, err)
	}
	e.say(e.text("%s proposes %s %s", "%s 提议 %s %s"), body.Actor, method.FullName(), text)
	return nil
}
