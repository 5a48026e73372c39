// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// Names of the files that the demonstration leaves in the folder out.
const (
	receiptFile = "receipt" // of the registration
	refusalFile = "refusal" // of the application that lost the race
	freeFile    = "free"    // proof that a confirmed patent is FREE
	absenceFile = "absence" // proof that the ledger holds nothing of a number
	alteredFile = "altered" // the receipt with one byte changed

	// Proofs of what the main patent was.
	pledgedFile   = "pledged"   // as of the first pledge
	releasedFile  = "released"  // as of its cancellation: FREE
	repledgedFile = "repledged" // as of the second pledge
)

// whatOthersSee compares what the second bank learns of the pledge, at its own
// node, with what it may learn.
func (d *demo) whatOthersSee(ctx context.Context) error {
	var answer api.Encumbrance
	via, err := d.atSomeNode(ctx, "BB", func(ctx context.Context, c *api.Client) error {
		var err error
		answer, err = c.Encumbrance(ctx, "PATENT", mainPatent().number, api.EncumbranceOptions{})
		return err
	})
	if err != nil {
		return err
	}
	if answer.Record == nil || len(answer.Record.Pledges) != 1 {
		return fmt.Errorf("the public record shows %v, want one pledge", answer.Record)
	}
	p := answer.Record.Pledges[0]
	d.pledgedAt = p.RegisteredAt
	if err := d.expect(answer.Status == rights.Pledged && slices.Equal(p.Pledgees, []string{d.partyID("BA")}),
		"BB sees at %s: %s to BA 蜀锦银行 by %s, registered as %s at %s", via, answer.Status, p.PledgeNo, p.StatutoryNo, clockTime(p.StatutoryTime)); err != nil {
		return err
	}
	_, err = d.atSomeNode(ctx, "BB", func(ctx context.Context, c *api.Client) error {
		_, err := c.Loan(ctx, d.loanNo)
		return err
	})
	text, jsonErr := json.Marshal(answer)
	if jsonErr != nil {
		return jsonErr
	}
	return d.expect(errors.Is(err, ledger.ErrNotFound) && !strings.Contains(string(text), principal),
		"BB sees neither the loan nor an amount")
}

// takeAway fetches receipts and proofs and writes them into files.
func (d *demo) takeAway(ctx context.Context) error {
	receipt := func(id ledger.Hash) func(context.Context, *api.Client) ([]byte, error) {
		return func(ctx context.Context, c *api.Client) ([]byte, error) { return c.ReceiptFile(ctx, id) }
	}
	proof := func(number string) func(context.Context, *api.Client) ([]byte, error) {
		return func(ctx context.Context, c *api.Client) ([]byte, error) {
			answer, err := c.Encumbrance(ctx, "PATENT", number, api.EncumbranceOptions{Proof: true})
			return answer.Proof, err
		}
	}
	for _, f := range []struct {
		name, what string
		fetch      func(context.Context, *api.Client) ([]byte, error)
	}{
		{receiptFile, "receipt of the registration", receipt(d.registration)},
		{refusalFile, "receipt of the refused application", receipt(d.racedBy)},
		{freeFile, "proof that " + freePatent().number + " is FREE", proof(freePatent().number)},
		{absenceFile, "proof that the ledger knows nothing of " + unseenNumber, proof(unseenNumber)},
	} {
		var content []byte
		via, err := d.atSomeNode(ctx, "BB", func(ctx context.Context, c *api.Client) error {
			var err error
			content, err = f.fetch(ctx, c)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", f.what, err)
		}
		path, err := d.file("out", f.name)
		if err != nil {
			return err
		}
		if err := writeNew(path, content); err != nil {
			return err
		}
		if err := d.expect(len(content) > 0, "%s: %s, %d bytes from %s", f.what, path, len(content), via); err != nil {
			return err
		}
	}
	return nil
}

// verifyOffline stops every node and lets the program verify the files with the
// genesis file and nothing else.
func (d *demo) verifyOffline(ctx context.Context) error {
	d.stop()
	for _, n := range d.Nodes {
		if _, err := statusOf(ctx, n); !errors.Is(err, api.ErrUnreachable) {
			return fmt.Errorf("%s answers still: %v", n.Name, err)
		}
	}
	if err := d.expect(true, "none of the %d nodes answers any more", len(d.Nodes)); err != nil {
		return err
	}
	if err := d.alterReceipt(); err != nil {
		return err
	}
	for _, v := range []struct {
		noun, file string
		exit       int
		says       []string // in the output
	}{
		{"receipt", receiptFile, exitOK, []string{"pledges.register"}},
		{"receipt", refusalFile, exitOK, []string{"E_PLEDGED"}},
		{"proof", freeFile, exitOK, []string{"FREE"}},
		{"proof", absenceFile, exitOK, []string{"unknown to this ledger"}},
		{"proof", pledgedFile, exitOK, []string{"PLEDGED", d.pledgeNo}},
		{"proof", releasedFile, exitOK, []string{"FREE"}},
		{"proof", repledgedFile, exitOK, []string{"PLEDGED", d.again}},
		{"receipt", alteredFile, exitRefused, []string{"refused"}},
	} {
		path := filepath.Join(d.dir, "out", v.file)
		output, exit, err := runSelf(ctx, v.noun, "verify", path, "--genesis", d.Genesis)
		if err != nil {
			return err
		}
		silent := func(says string) bool { return !strings.Contains(output, says) }
		if err := d.expect(exit == v.exit && !slices.ContainsFunc(v.says, silent),
			"ipledger %s verify out/%s --genesis genesis.json: exit %d", v.noun, v.file, exit); err != nil {
			return fmt.Errorf("%w, want %d and %q; it says:\n%s", err, v.exit, v.says, output)
		}
		for row := range strings.Lines(output) {
			d.note("  %s", strings.TrimRight(row, "\n"))
		}
	}
	return nil
}

// alterReceipt copies the receipt with one byte changed.
func (d *demo) alterReceipt() error {
	content, err := os.ReadFile(filepath.Join(d.dir, "out", receiptFile))
	if err != nil {
		return fmt.Errorf("alter receipt: %w", err)
	}
	content[len(content)/2] ^= 1
	if err := writeNew(filepath.Join(d.dir, "out", alteredFile), content); err != nil {
		return fmt.Errorf("alter receipt: %w", err)
	}
	d.note("out/%s is out/%s with byte %d of %d changed", alteredFile, receiptFile, len(content)/2, len(content))
	return nil
}

// runSelf runs this program as a process of its own and gives all it prints.
func runSelf(ctx context.Context, args ...string) (output string, exit int, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", 0, fmt.Errorf("run verifier: %w", err)
	}
	text, err := exec.CommandContext(ctx, program, append(args, "--lang", "en")...).CombinedOutput()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return string(text), ended.ExitCode(), nil
	}
	if err != nil {
		return "", 0, fmt.Errorf("run verifier: %w", err)
	}
	return string(text), exitOK, nil
}
