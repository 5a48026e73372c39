// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

func proofCommand(e *env) *cobra.Command {
	return noun("proof", "Fetch and verify what the ledger holds about a right", proofGetCommand(e), proofVerifyCommand(e))
}

func proofGetCommand(e *env) *cobra.Command {
	var f clientFlags
	var past api.Past
	var out string
	cmd := &cobra.Command{
		Use:   "get TYPE:NUMBER|RIGHT_ID --out FILE",
		Short: "Fetch the proof of what the ledger holds about a right",
		Long: `Fetch a file that proves the public record of a right, or that this ledger never
saw it, as of the newest FINAL block or, with --at-height or --at-time, of an
older one. Nodes prove the state of recent blocks; an archive node does of all
since it became one. Whoever has the genesis file can verify the file without any
node: ipledger proof verify. A file that is there already is never overwritten.`,
		Example: `  ipledger proof get PATENT:201810234567.3 --out free
  ipledger proof get PATENT:201810234567.3 --at-time 2026-06-30T23:59:59+08:00 --out june`,
		Args: cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			rightType, number := splitRight(args[0])
			if id, err := identifier.PlatformNumber(args[0]); err == nil {
				r, err := c.Right(ctx, id.Canonical)
				if err != nil {
					return err
				}
				rightType, number = string(r.Record.Type), r.Record.Number
			}
			a, err := c.Encumbrance(ctx, rightType, number, api.EncumbranceOptions{AtHeight: past.AtHeight, AtTime: past.AtTime, Proof: true})
			if err != nil {
				return err
			}
			if len(a.Proof) == 0 {
				return fmt.Errorf("%w: the node gave no proof", ledger.ErrUnavailable)
			}
			if err := writeOutput(out, a.Proof); err != nil {
				return err
			}
			return e.showFetched(out, fmt.Sprintf("%s %s at %s", a.Query.Key, a.Status, a.BlockTime), len(a.Proof))
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&out, "out", "", "new file to write")
	pastFlags(cmd, &past)
	require(cmd, "out")
	return cmd
}

// showFetched tells what file was written. What it proves is for the verifier
// to say.
func (e *env) showFetched(file, what string, size int) error {
	t := newTable()
	t.fact("file", fmt.Sprintf("%s, %d bytes", file, size))
	t.fact("of", what)
	return e.show(struct {
		File  string `json:"file"`
		Of    string `json:"of"`
		Bytes int    `json:"bytes"`
	}{file, what, size}, t)
}

func proofVerifyCommand(e *env) *cobra.Command {
	var anchor anchorFlags
	var maxAge time.Duration
	var right string
	cmd := &cobra.Command{
		Use:   "verify FILE --genesis FILE",
		Short: "Verify a proof of a record or of its absence, and print what it proves",
		Long: `Verify a proof against the genesis file of its network and print what it proves:
a record, or that the ledger holds none. No node and no network is used. For a
right the status is computed from its record, as of the block's time: FREE means
confirmed, without a live pledge, an encumbrance in the statutory register or a
freeze. UNKNOWN means that this ledger never saw the right.

A proof of one right says nothing about another. --right says which one is
asked for, in any spelling; a proof of anything else is refused with the reason
SUBJECT and exit code 3. Who takes a file from a stranger should give it.

A proof says nothing about the time after its block. --max-age refuses one that
is older, by this machine's clock, with the reason AGE and exit code 3.`,
		Example: "  ipledger proof verify free --genesis genesis.json --right PATENT:201810234567.3 --max-age 24h",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("max-age") && maxAge <= 0 {
				return wrongCall("--max-age %v: want a duration above 0, such as 24h", maxAge)
			}
			var wanted wantedRight
			var err error
			if cmd.Flags().Changed("right") {
				if wanted, err = parseRight(right, identifier.DateOf(e.Now().UnixMilli())); err != nil {
					return err
				}
			}
			n, err := anchor.read()
			if err != nil {
				return err
			}
			file, err := readFile(args[0])
			if err != nil {
				return fmt.Errorf("read proof: %w", err)
			}
			answer, err := verifyProof(n, file, e.Now(), maxAge)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("right") {
				if err := wanted.check(answer); err != nil {
					return err
				}
			}
			return e.show(answer, answer.table())
		},
	}
	anchor.add(e, cmd)
	cmd.Flags().DurationVar(&maxAge, "max-age", 0, "greatest age that is accepted, such as 24h (default: any)")
	cmd.Flags().StringVar(&right, "right", "", "the right that it must be about, TYPE:NUMBER or RIGHT_ID (default: any)")
	return cmd
}

// clockSkew is how far a block's time may lie ahead of this machine's clock
// before a maximum age cannot be judged.
const clockSkew = 5 * time.Minute

// proofAnswer is the JSON form of what a proof proves.
type proofAnswer struct {
	Key    string          `json:"key"`
	Known  bool            `json:"known"`            // false: proven absent
	Right  string          `json:"right,omitempty"`  // number space and canonical number
	Status *rights.Status  `json:"status,omitempty"` // of a right, at the block's time
	Record json.RawMessage `json:"record,omitempty"` // of a right
	Value  string          `json:"value,omitempty"`  // of another record, in CBOR diagnostic notation
	AgeMs  int64           `json:"age_ms"`           // by this machine's clock
	Block  blockAnswer     `json:"block"`
}

func verifyProof(n network, file []byte, now time.Time, maxAge time.Duration) (proofAnswer, error) {
	v, err := state.VerifyStatement(n.trust, file)
	if err != nil {
		return proofAnswer{}, err
	}
	age := now.Sub(time.UnixMilli(v.Header.Time))
	if maxAge > 0 && (age > maxAge || age < -clockSkew) {
		return proofAnswer{}, &ledger.VerifyError{
			Reason: ledger.BadAge,
			Detail: fmt.Sprintf("its block is of %s, this machine's clock says %s; accepted are at most %v", clockTime(v.Header.Time), clockTime(now.UnixMilli()), maxAge),
		}
	}
	if known := registry.Versions().Newest(); v.Header.ExecutionVersion > known {
		return proofAnswer{}, &ledger.VerifyError{
			Reason: ledger.BadExecution,
			Detail: fmt.Sprintf("its block was made by rules of version %d, this program knows up to %d", v.Header.ExecutionVersion, known),
		}
	}
	var s state.Statement
	if err := ledger.Decode(file, ledger.MaxFile, &s); err != nil {
		return proofAnswer{}, err
	}
	answer := proofAnswer{
		Key:   v.Key,
		Known: v.Value != nil,
		AgeMs: age.Milliseconds(),
		Block: blockAnswerOf(n, v.Header, v.BlockHash, s.Block.Certificate),
	}
	if err := answer.read(v, n.parameters); err != nil {
		return proofAnswer{}, &ledger.VerifyError{Reason: ledger.BadEncoding, Detail: fmt.Sprintf("record %s: %v", v.Key, err)}
	}
	return answer, nil
}

// read explains the value that was proven. The parameters are those of the
// genesis: they bear on flags that tell of an age, never on the status itself.
func (a *proofAnswer) read(v *state.VerifiedStatement, p contracts.Parameters) error {
	space, number, isRight := strings.Cut(strings.TrimPrefix(v.Key, "rights/"), "/")
	isRight = isRight && strings.HasPrefix(v.Key, "rights/")
	switch {
	case isRight && !a.Known:
		a.Right, a.Status = space+" "+number, &rights.Status{Value: rights.Unknown}
	case isRight:
		var record rights.Record
		if err := ledger.Decode(v.Value, ledger.MaxValue, &record); err != nil {
			return err
		}
		status := rights.StatusOf(record, v.Header.Time, p)
		text, err := json.Marshal(record)
		if err != nil {
			return err
		}
		a.Right, a.Status, a.Record = space+" "+number, &status, text
	case a.Known:
		text, err := cbor.Diagnose(v.Value)
		if err != nil {
			return err
		}
		a.Value = text
	}
	return nil
}

func (a proofAnswer) table() *table {
	t := newTable()
	t.fact("right", a.Right)
	if a.Right == "" {
		t.fact("key", a.Key)
	}
	switch {
	case !a.Known:
		t.fact("status", "UNKNOWN: unknown to this ledger (proven absent)")
	case a.Status != nil:
		a.rightFacts(t)
	default:
		t.fact("value", a.Value)
	}
	age := time.Duration(a.AgeMs) * time.Millisecond
	t.fact("as of", fmt.Sprintf("%s (%v ago)", a.Block.BlockTime, age.Round(time.Second)))
	a.Block.facts(t)
	return t
}

func (a proofAnswer) rightFacts(t *table) {
	s := a.Status
	t.fact("status", string(s.Value))
	t.fact("flags", strings.Join(s.Flags, ", "))
	var record rights.Record
	if json.Unmarshal(a.Record, &record) == nil {
		t.fact("type", string(record.Type))
		t.fact("right id", record.RightID)
		t.fact("title", record.Title)
		t.fact("owners", strings.Join(record.Owners, ", "))
		t.fact("expires", record.ExpiryDate)
	}
	for i, p := range s.Pledges {
		t.fact("pledge", strings.Join(filled(
			"rank "+strconv.Itoa(s.Ranks[i]), p.PledgeNo, p.State, p.StatutoryNo, clockTime(p.StatutoryTime), "to "+strings.Join(p.Pledgees, ", ")), " "))
	}
	for _, r := range s.Encumbrances {
		t.fact("encumbrance", strings.Join(filled(r.Kind, r.StatutoryNo, r.PartyName), " "))
	}
	for _, f := range s.Freezes {
		t.fact("freeze", f.FreezeNo+" until "+f.Until)
	}
	for _, f := range s.Queued {
		t.fact("freeze queued", f.FreezeNo+" until "+f.Until)
	}
	for _, r := range s.Reservations {
		t.fact("reservation", "until "+clockTime(r.ReservationUntil))
	}
}
