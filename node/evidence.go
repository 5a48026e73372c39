// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/store"
)

// accuse tells people of evidence against a validator and hands it to the reporter.
// It does not wait: what there is no room for stays in the consensus database, whose
// core tells of it again at the next start.
func (o *orderer) accuse(e ledger.Evidence) {
	offence := e.Offence()
	name := "unknown"
	if offence.Validator < uint64(len(o.members)) {
		name = string(o.members[offence.Validator])
	}
	o.metrics.evidence.WithLabelValues(string(e.Kind), name).Inc()
	o.logger.Error("a validator has signed what no honest one signs", "validator", name, "kind", string(e.Kind),
		"set", offence.Set, "round", offence.Round, "height", offence.Height, "term", offence.Term, "index", offence.Index,
		"safe", "what is FINAL stays FINAL; nobody is evicted", "do", "ask the validator's operator what happened: docs/operations.md, Evidence against a validator",
		"zh", "有验证者签署了诚实验证者不会签署的内容。已确定的数据不受影响，亦不会自动移除任何节点。请向该验证者的运维人员了解情况，参见 docs/operations.md。")
	select {
	case o.accused <- e:
	default:
		o.logger.Warn("no room for more evidence now: this one is reported after the next start", "validator", name, "kind", string(e.Kind))
	}
}

// Bounds of a reporter.
const (
	accusedRoom = 256            // evidence that waits to be taken
	maxReports  = 1024           // reports that wait for their record
	reportFor   = time.Hour      // how long the ledger may take a report
	reportLook  = time.Second    // how often the ledger is looked at while a report is open
	reportTurn  = 2 * reportLook // by which one validator reports after the other: it sees the record before
	reportAgain = 10 * time.Second
	reportTake  = 2 * time.Second // how long a report waits to be taken by the orderer
)

// A reporter puts evidence on the ledger, as a transaction of this node's
// organisation, signed by its validator key. Every validator that has the evidence
// does; they take turns, so that mostly one report is made and the others find its
// record. A report's client reference follows from the evidence: after a restart
// nothing is reported twice.
type reporter struct {
	network  ledger.Network
	set      ledger.ValidatorSet
	self     uint64 // place in it
	signer   keys.Signer
	head     *head
	submit   func(context.Context, *ledger.Transaction) error
	accused  chan ledger.Evidence
	clock    func() time.Time
	logger   *slog.Logger
	turn     time.Duration
	interval time.Duration

	// The field below is owned by Run.
	open map[ledger.Offence]*report
}

// A report is evidence on its way to its record.
type report struct {
	evidence ledger.Evidence
	id       ledger.Hash
	due      time.Time           // not submitted before
	tx       *ledger.Transaction // the newest; nil before the first
	failed   bool                // which was logged
}

// Run reports what comes in on accused until ctx ends.
func (r *reporter) Run(ctx context.Context) error {
	ticker := time.NewTicker(r.interval)
	defer ticker.Stop()
	for {
		var look <-chan time.Time // armed while there is something to look for
		if len(r.open) > 0 {
			look = ticker.C
		}
		select {
		case <-ctx.Done():
			return nil
		case e := <-r.accused:
			r.take(e)
		case <-look:
			for offence, one := range r.open { // in whatever order
				done, err := r.advance(ctx, offence, one)
				if err != nil {
					return fmt.Errorf("report evidence: %w", err)
				}
				if done {
					delete(r.open, offence)
				}
			}
		}
	}
}

// take opens a report. The first evidence of an offence is as good as any other.
func (r *reporter) take(e ledger.Evidence) {
	e = e.Canonical()
	offence := e.Offence()
	if _, known := r.open[offence]; known {
		return
	}
	if len(r.open) == maxReports {
		r.logger.Warn("too many reports of evidence are open: this one is made after the next start", "kind", string(e.Kind))
		return
	}
	// The validator after the offender has the first turn, itself the last.
	n := uint64(len(r.set.Members))
	rank := (r.self + 2*n - offence.Validator%n - 1) % n
	r.open[offence] = &report{
		evidence: e, id: r.network.EvidenceID(e), due: r.clock().Add(time.Duration(rank) * r.turn),
	}
}

// advance looks whether a report has its end, and submits it if it has not and is
// due. An error is a failure to read the ledger.
func (r *reporter) advance(ctx context.Context, offence ledger.Offence, one *report) (done bool, err error) {
	at, _ := r.head.get()
	view, err := r.head.store.State(at.Header.Height)
	if err != nil {
		return false, err
	}
	defer view.Close()
	if done, err := r.ended(view, offence, one); done || err != nil {
		return done, err
	}
	now := r.clock()
	if now.Before(one.due) {
		return false, nil
	}
	var params contracts.Parameters
	if err := load(view, contracts.ParametersKey, &params); err != nil {
		return false, err
	}
	one.due = now.Add(reportAgain)
	if err := r.send(ctx, one, at.Header.Time, min(now.Add(reportFor).UnixMilli(), at.Header.Time+params.Of(contracts.MaxValidity))); err != nil && ctx.Err() == nil && !one.failed {
		one.failed = true
		r.logger.Warn("evidence could not be reported now; it is tried again", "id", one.id.String(), "error", err.Error())
	}
	return false, nil
}

// send submits the report that was made before while the ledger may still take it,
// and else a new one.
func (r *reporter) send(ctx context.Context, one *report, blockTime, until int64) error {
	if one.tx == nil || blockTime > one.tx.Body().ValidUntil {
		tx, err := r.transaction(one, until)
		if err != nil {
			return err
		}
		one.tx = tx
	}
	ctx, cancel := context.WithTimeout(ctx, reportTake)
	defer cancel()
	return r.submit(ctx, one.tx)
}

// ended tells whether nothing is left to report.
func (r *reporter) ended(view *store.View, offence ledger.Offence, one *report) (bool, error) {
	reason, err := consortium.Room(view, offence)
	if err != nil {
		return false, err
	}
	switch reason {
	case contracts.ReasonRecorded:
		r.logger.Info("evidence is on the ledger", "id", one.id.String(), "key", consortium.RecordKey(offence))
		return true, nil
	case contracts.ReasonEnough:
		r.logger.Info("the ledger holds enough evidence of this kind against the validator", "id", one.id.String(), "kind", string(offence.Kind), "place", offence.Validator)
		return true, nil
	}
	var set ledger.ValidatorSet
	if err := load(view, ledger.SetKey(offence.Set), &set); errors.Is(err, ledger.ErrNotFound) {
		return false, nil // this node's ledger is behind
	} else if err != nil {
		return false, err
	}
	if err := one.evidence.Check(r.network, set); err != nil {
		r.logger.Error("evidence that proves nothing is not reported: tell those who maintain this program", "id", one.id.String(),
			"error", err.Error(), "evidence", fmt.Sprintf("%x", ledger.Encode(one.evidence)))
		return true, nil
	}
	var refused ledger.Hash
	if err := load(view, contracts.RefKey(r.organisation(), reportRef(one.id)), &refused); errors.Is(err, ledger.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	r.logger.Warn("the ledger has refused the report of evidence; any member may report it", "id", one.id.String(), "transaction", refused.String())
	return true, nil
}

// load reads a record; the error wraps ledger.ErrNotFound if there is none.
func load(view *store.View, key string, record any) error {
	raw, ok, err := view.Get(key)
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%s: %w", key, ledger.ErrNotFound)
	}
	if err := ledger.Decode(raw, ledger.MaxValue, record); err != nil {
		return fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err)
	}
	return nil
}

func (r *reporter) organisation() string { return r.set.Members[r.self].Organisation }

// reportRef is the client reference of the report of evidence, the same at every
// node of an organisation and after every restart.
func reportRef(id ledger.Hash) string { return "evidence-" + id.String()[:40] }

// transaction makes a report that the ledger may take until a block's time.
func (r *reporter) transaction(one *report, until int64) (*ledger.Transaction, error) {
	body := ledger.Encode(ledger.Body{
		Contract: "consortium", Version: 1, Method: "report_evidence",
		Args:       ledger.Encode(consortium.ReportArgs{Evidence: ledger.Encode(one.evidence)}),
		Actor:      r.organisation(),
		ClientRef:  reportRef(one.id),
		Signers:    []ledger.Signer{{Organisation: r.organisation(), Role: contracts.Validator, Key: r.signer.Public()}},
		ValidUntil: until,
	})
	signature, err := r.signer.Sign(r.network.SignBytes(body))
	if err != nil {
		return nil, fmt.Errorf("sign the report: %w", err)
	}
	return ledger.NewTransaction(r.network, body, []keys.Signature{signature})
}
