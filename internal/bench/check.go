// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/node/api"
)

// Checked says what was verified after a phase, with the genesis file and
// nothing else. A phase of which anything does not verify has no figures.
type Checked struct {
	Receipts int `json:"receipts"` // read from another node than took the transaction
	Records  int `json:"records"`  // proofs of what the state says of a right, likewise
	Absences int `json:"absences"` // proofs that a number nobody claimed is not on the ledger

	ReceiptBytes float64 `json:"receipt_bytes"`     // mean size of the files
	ReceiptMs    float64 `json:"receipt_verify_ms"` // mean time of a verification, in the loader
}

// Forged counts the transactions with a wrong signature. All were refused with
// HTTP 4xx, and afterwards every node said it did not know them.
type Forged struct {
	Sent       int `json:"sent"`
	ToLeader   int `json:"to_leader"` // of those sent, to the node that led when the phase began
	ToFollower int `json:"to_followers"`
	Refused    int `json:"refused"`
}

// How much is verified after each phase.
const (
	sampleReceipts = 32
	sampleRecords  = 8
)

// check verifies a sample of what the workers were told is FINAL. unclaimed is
// the number of a patent that nobody claimed.
func (c Config) check(ctx context.Context, workers []*worker, random *rand.Rand, unclaimed string) (Checked, error) {
	var all []sample
	for _, w := range workers {
		for _, s := range w.sent {
			if s.end == final {
				all = append(all, s)
			}
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var done Checked
	for i, s := range all[:min(len(all), sampleReceipts)] {
		client := c.another(s, random)
		size, took, err := c.checkReceipt(ctx, client, s.request.id)
		if err != nil {
			return done, fmt.Errorf("receipt of %v, from %s: %w", s.request.id, client.BaseURL, err)
		}
		done.addReceipt(size, took)
		if i >= sampleRecords {
			continue
		}
		if err := c.checkRecord(ctx, client, s.request.number, true); err != nil {
			return done, fmt.Errorf("proof of patent %s, from %s: %w", s.request.number, client.BaseURL, err)
		}
		done.Records++
	}
	if len(all) > 0 {
		client := c.another(all[0], random)
		if err := c.checkRecord(ctx, client, unclaimed, false); err != nil {
			return done, fmt.Errorf("proof that patent %s is unknown, from %s: %w", unclaimed, client.BaseURL, err)
		}
		done.Absences++
	}
	return done, nil
}

// another gives a client of a node other than the one that took the transaction.
// Its requests are signed by who submitted it.
func (c Config) another(s sample, random *rand.Rand) *api.Client {
	i := s.node
	if n := len(c.Network); n > 1 {
		i = (s.node + 1 + random.IntN(n-1)) % n
	}
	return &api.Client{BaseURL: c.Network[i].URL, Key: s.request.by.key}
}

// addReceipt counts one more receipt of a size in bytes.
func (c *Checked) addReceipt(size int, took time.Duration) {
	n := float64(c.Receipts)
	c.ReceiptBytes = (c.ReceiptBytes*n + float64(size)) / (n + 1)
	c.ReceiptMs = (c.ReceiptMs*n + ms(took)) / (n + 1)
	c.Receipts++
}

// checkReceipt verifies the receipt of a transaction that was said to be FINAL.
// It gives the size of the file in bytes, and how long that took.
func (c Config) checkReceipt(ctx context.Context, client *api.Client, id ledger.Hash) (size int, took time.Duration, err error) {
	var file []byte
	// FINAL at one node is FINAL; the other may be a moment from knowing it.
	if err := retry(ctx, func() (err error) {
		file, err = client.ReceiptFile(ctx, id)
		return err
	}); err != nil {
		return 0, 0, err
	}
	begun := time.Now()
	receipt, err := ledger.VerifyReceipt(c.Trust, file)
	took = time.Since(begun)
	switch {
	case err != nil:
		return 0, 0, err
	case receipt.Transaction.ID() != id:
		return 0, 0, fmt.Errorf("it is of transaction %v", receipt.Transaction.ID())
	case receipt.Outcome.Status != ledger.Final:
		return 0, 0, fmt.Errorf("it says %v, and the node that took it said FINAL", receipt.Outcome.Status)
	}
	return len(file), took, nil
}

// checkRecord verifies what the state says of a patent: that it has a record, or
// that it has none.
func (c Config) checkRecord(ctx context.Context, client *api.Client, number string, known bool) error {
	var answer api.Encumbrance
	err := retry(ctx, func() (err error) {
		if answer, err = client.Encumbrance(ctx, "PATENT", number, api.EncumbranceOptions{Proof: true}); err == nil && answer.Known != known {
			err = fmt.Errorf("%w: the node says known=%v", ledger.ErrNotFound, answer.Known)
		}
		return err
	})
	if err != nil {
		return err
	}
	proven, err := state.VerifyStatement(c.Trust, answer.Proof)
	if err != nil {
		return err
	}
	if want := rights.RecordKey(identifier.PatentSpace, number); proven.Key != want {
		return fmt.Errorf("it is about %q, not %q", proven.Key, want)
	}
	if !known {
		if proven.Value != nil {
			return errors.New("it proves a record")
		}
		return nil
	}
	var record rights.Record
	if err := ledger.Decode(proven.Value, ledger.MaxValue, &record); err != nil {
		return fmt.Errorf("its record: %w", err)
	}
	if record.Number != number || record.BaseState == "" {
		return fmt.Errorf("its record is of %q in state %q", record.Number, record.BaseState)
	}
	return nil
}

// checkForged counts the forged transactions and asks every node for each.
func (c Config) checkForged(ctx context.Context, workers []*worker, leader int) (*Forged, error) {
	var f Forged
	var jobs []func() (struct{}, error)
	for _, w := range workers {
		for _, s := range w.sent {
			if s.request == nil || !s.request.forged {
				continue
			}
			f.Sent++
			if s.node == leader {
				f.ToLeader++
			} else {
				f.ToFollower++
			}
			if s.end != refused {
				return nil, fmt.Errorf("%s answered a transaction with a wrong signature (%v) with %s", c.Network[s.node].Name, s.request.id, s.answer())
			}
			f.Refused++
			for _, n := range c.Network {
				jobs = append(jobs, func() (struct{}, error) { return struct{}{}, unknownAt(ctx, n, s.request) })
			}
		}
	}
	_, err := inParallel(ctx, jobs)
	if f.Sent == 0 {
		return nil, err
	}
	return &f, err
}

// unknownAt is an error unless a node says that it does not know a transaction.
func unknownAt(ctx context.Context, n Node, r *request) error {
	t, err := (&api.Client{BaseURL: n.URL, Key: r.by.key}).Transaction(ctx, r.id, 0)
	if err != nil {
		return fmt.Errorf("ask %s for a transaction with a wrong signature: %w", n.Name, err)
	}
	if t.Status != api.Unknown {
		return fmt.Errorf("%s knows a transaction with a wrong signature (%v): %s", n.Name, r.id, t.Status)
	}
	return nil
}

// leaderOf gives the place of the node that leads, or -1.
func (c Config) leaderOf(ctx context.Context) (int, error) {
	for i, n := range c.Network {
		asked, cancel := context.WithTimeout(ctx, answerTime)
		s, err := (&api.Client{BaseURL: n.URL}).Status(asked)
		cancel()
		if err != nil {
			return 0, fmt.Errorf("ask %s who leads: %w", n.Name, err)
		}
		if s.Leading {
			return i, nil
		}
	}
	return -1, nil
}

// retry asks again for up to 10 seconds while the answer is that there is none
// yet.
func retry(ctx context.Context, ask func() error) error {
	limit := time.Now().Add(10 * time.Second)
	for {
		err := ask()
		if !errors.Is(err, ledger.ErrNotFound) || time.Now().After(limit) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
