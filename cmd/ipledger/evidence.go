// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

func evidenceCommand(e *env) *cobra.Command {
	return noun("evidence", "Look at, verify and report evidence against validators",
		evidenceListCommand(e), evidenceShowCommand(e), evidenceVerifyCommand(e), evidenceReportCommand(e))
}

func evidenceListCommand(e *env) *cobra.Command {
	var f clientFlags
	var filter api.EvidenceFilter
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the evidence against validators that is on the ledger, as the node says",
		Args:  cobra.NoArgs,
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, _ []string) error {
			items, err := collect(e, limit, func(cursor string) ([]api.EvidenceItem, string, error) {
				filter.Cursor = cursor
				page, err := c.EvidenceList(ctx, filter)
				return page.Items, page.NextCursor, err
			})
			if err != nil {
				return err
			}
			t := newTable("VALIDATOR", "ORGANISATION", "KIND", "SET", "ROUND", "WHERE", "RECORDED", "REPORTED BY", "EVIDENCE")
			for _, i := range items {
				o := i.Offence
				t.add(i.Validator, i.Organisation, string(o.Kind), strconv.FormatUint(o.Set, 10), strconv.FormatUint(o.Round, 10), whereOf(o),
					clockTime(i.RecordedAt), i.ReportedBy, i.ID.String())
			}
			return e.show(items, t)
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&filter.Organisation, "organisation", "", "only against validators of this party id")
	limitFlag(cmd, &limit)
	return cmd
}

// whereOf says in which place of its round an offence was committed.
func whereOf(o ledger.Offence) string {
	if o.Kind == ledger.DoubleBatch {
		return fmt.Sprintf("term %d, index %d", o.Term, o.Index)
	}
	return fmt.Sprintf("height %d", o.Height)
}

func evidenceShowCommand(e *env) *cobra.Command {
	var f clientFlags
	var out string
	cmd := &cobra.Command{
		Use:   "show ID [--out FILE]",
		Short: "Print one piece of evidence, as the node says, or fetch its file",
		Long: `Print what the ledger has recorded of evidence against a validator, as the node
says. With --out the evidence file is written, which whoever has the genesis file
can verify without any node: ipledger evidence verify. A file that is there
already is never overwritten; that it holds this evidence is success.`,
		Args: cobra.ExactArgs(1),
		RunE: f.asking(e, func(ctx context.Context, c *api.Client, args []string) error {
			id, err := keys.ParseHash(args[0])
			if err != nil {
				return usageError{err}
			}
			one, err := c.Evidence(ctx, id, false)
			if err != nil {
				return err
			}
			if out == "" {
				return e.showRecord(one)
			}
			if err := writeOutput(out, one.File); err != nil {
				return err
			}
			return e.showFetched(out, fmt.Sprintf("%s of %s, %s", one.Record.Offence.Kind, one.Record.Validator, whereOf(one.Record.Offence)), len(one.File))
		}),
	}
	f.add(e, cmd)
	cmd.Flags().StringVar(&out, "out", "", "new file to write")
	return cmd
}

func evidenceVerifyCommand(e *env) *cobra.Command {
	var anchor anchorFlags
	cmd := &cobra.Command{
		Use:   "verify FILE --genesis FILE",
		Short: "Verify evidence and print what it proves",
		Long: `Verify an evidence file against the genesis file of its network and print what it
proves: that the key of a validator has signed what no honest validator signs. No
node and no network is used. It does not prove who held the key: two processes
with one key, or a data directory that was copied, leave the same evidence as a
thief.

What proves nothing is refused with the name of the reason and exit code 3.`,
		Example: "  ipledger evidence verify evidence --genesis genesis.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := anchor.read()
			if err != nil {
				return err
			}
			v, err := readEvidence(n, args[0])
			if err != nil {
				return err
			}
			answer := evidenceAnswer{
				ID: v.ID, Offence: v.Offence, Validator: v.Offender.Name, Organisation: v.Offender.Organisation, Key: v.Offender.Key,
				Network: n.genesis.Name, Chain: n.trust.Chain,
			}
			return e.show(answer, answer.table())
		},
	}
	anchor.add(e, cmd)
	return cmd
}

func readEvidence(n network, path string) (*ledger.VerifiedEvidence, error) {
	file, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	return ledger.VerifyEvidence(n.trust, file)
}

// evidenceAnswer is the JSON form of what evidence proves.
type evidenceAnswer struct {
	ID           ledger.Hash    `json:"id"`
	Offence      ledger.Offence `json:"offence"`
	Validator    string         `json:"validator"`
	Organisation string         `json:"organisation"`
	Key          keys.PublicKey `json:"key"`
	Network      string         `json:"network"`
	Chain        ledger.Hash    `json:"chain"`
}

func (a evidenceAnswer) table() *table {
	t := newTable()
	t.fact("evidence", a.ID.String())
	t.fact("proves", string(a.Offence.Kind)+": "+meanings[a.Offence.Kind])
	t.fact("validator", fmt.Sprintf("%s of %s, place %d of set %d", a.Validator, a.Organisation, a.Offence.Validator, a.Offence.Set))
	t.fact("key", a.Key.String())
	t.fact("where", fmt.Sprintf("round %d, %s", a.Offence.Round, whereOf(a.Offence)))
	t.fact("network", a.Network+" "+a.Chain.String())
	return t
}

// meanings say in words what the kinds of evidence prove.
var meanings = map[ledger.EvidenceKind]string{
	ledger.DoubleVote:        "two different votes of one kind for one height",
	ledger.BrokenPromise:     "a vote in a round that it had promised to vote in no more",
	ledger.HiddenCertificate: "a COMMIT, and a later statement without the prepare certificate that it rests on",
	ledger.DoubleBatch:       "two different batches for one place in the log",
}

func evidenceReportCommand(e *env) *cobra.Command {
	var f submitFlags
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Report evidence to the ledger",
		Long: `Verify an evidence file and report it to the ledger. Nodes report by themselves
what they find; this is for evidence that no running node has found, or whose
report was refused. A maker's signature is enough. An offence that is recorded
already is refused with E_DUPLICATE, and its record stays as it is.`,
		Example: "  ipledger evidence report evidence --actor 91510100MA6L1D0E2L --signer maker=maker.json --genesis genesis.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			method, err := lookupMethod("consortium.report_evidence")
			if err != nil {
				return err
			}
			n, err := f.network()
			if err != nil {
				return err
			}
			v, err := readEvidence(n, args[0])
			if err != nil {
				return err
			}
			text, err := json.Marshal(struct {
				Evidence []byte `json:"evidence"`
			}{ledger.Encode(v.Evidence)})
			if err != nil {
				return fmt.Errorf("arguments: %w", err)
			}
			return e.submit(cmd.Context(), f, call{method, text})
		},
	}
	f.add(e, cmd)
	return cmd
}
