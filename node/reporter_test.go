// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/p2p"
)

// A desk is a reporter whose clock and whose way to the ledger a test holds.
type desk struct {
	*reporter
	t         *testing.T
	x         *executor
	key       keys.PrivateKey
	now       time.Time
	submitted []*ledger.Transaction
	err       error // of the next submissions
	log       bytes.Buffer
}

const deskBank = "91510100MA6L1D0E2L"

func newDesk(t *testing.T) *desk {
	t.Helper()
	key := validatorKey(t)
	d := &desk{t: t, x: executorsOf(t, 1, key)[0], key: key, now: dawn}
	d.reporter = &reporter{
		network: d.x.network,
		set:     ledger.ValidatorSet{Members: []ledger.Validator{{Name: "node1", Organisation: deskBank, Key: key.Public(), PeerID: "peer"}}},
		signer:  key,
		head:    newHead(d.x.store),
		submit: func(_ context.Context, tx *ledger.Transaction) error {
			d.submitted = append(d.submitted, tx)
			return d.err
		},
		accused: make(chan ledger.Evidence, 1),
		clock:   func() time.Time { return d.now },
		logger:  slog.New(slog.NewTextHandler(&d.log, nil)),
		open:    make(map[ledger.Offence]*report),
	}
	return d
}

func (d *desk) evidence(height uint64) ledger.Evidence {
	d.t.Helper()
	e := ledger.Evidence{Kind: ledger.DoubleVote}
	for block := range byte(2) {
		v, err := ledger.Vote{Kind: ledger.Commit, Chain: d.network.Chain, Height: height, Block: ledger.Hash{block + 1}}.Sign(0, d.key)
		if err != nil {
			d.t.Fatal(err)
		}
		e.Votes = append(e.Votes, v)
	}
	return e
}

// look lets all open reports advance, some time later.
func (d *desk) look(later time.Duration) {
	d.t.Helper()
	d.now = d.now.Add(later)
	for offence, one := range d.open {
		done, err := d.advance(context.Background(), offence, one)
		if err != nil {
			d.t.Fatal(err)
		}
		if done {
			delete(d.open, offence)
		}
	}
}

// final makes a block of transactions FINAL, and one that is empty if there are none.
func (d *desk) final(height uint64, after time.Duration, txs ...*ledger.Transaction) {
	d.t.Helper()
	batch := at(height, after.Milliseconds())
	batch.Transactions = txs
	header := perform[consensus.Executed](d.t, d.x, batch).Header
	perform[consensus.Stored](d.t, d.x, consensus.Finalize{Proofs: []ledger.Certified{{Header: header}}})
	d.head.announce(height)
}

func TestAReportIsSubmittedUntilTheLedgerHasARecord(t *testing.T) {
	d := newDesk(t)
	d.err = ledger.ErrUnavailable
	e := d.evidence(7)
	e.Votes[0], e.Votes[1] = e.Votes[1], e.Votes[0] // whichever was seen first
	d.take(e)
	d.take(e.Canonical()) // as by now another member has told of it too
	if len(d.open) != 1 {
		t.Fatalf("%d reports of one offence", len(d.open))
	}
	for range 3 {
		d.look(reportAgain)
	}
	if len(d.submitted) != 3 || d.submitted[0] != d.submitted[2] {
		t.Errorf("submitted %d times, or as another transaction", len(d.submitted))
	}
	if n := strings.Count(d.log.String(), "it is tried again"); n != 1 {
		t.Errorf("the failure was logged %d times", n)
	}
	d.err = nil
	d.look(reportAgain / 2) // not due
	if len(d.submitted) != 3 {
		t.Errorf("submitted %d times", len(d.submitted))
	}
	d.final(1, time.Minute, d.submitted[0])
	d.look(reportLook)
	if len(d.open) != 0 || len(d.submitted) != 3 || !strings.Contains(d.log.String(), "evidence is on the ledger") {
		t.Errorf("the report goes on after its record:\n%s", &d.log)
	}
	d.take(e) // after a restart
	d.look(reportAgain)
	if len(d.open) != 0 || len(d.submitted) != 3 {
		t.Error("what is recorded is reported again")
	}
}

func TestAReportThatExpiredIsMadeAnewUnderItsReference(t *testing.T) {
	d := newDesk(t)
	d.take(d.evidence(7))
	d.look(reportAgain)
	d.final(1, 2*reportFor)
	d.look(2 * reportFor)
	if len(d.submitted) != 2 {
		t.Fatalf("submitted %d times", len(d.submitted))
	}
	one, other := d.submitted[0].Body(), d.submitted[1].Body()
	if one.ClientRef != other.ClientRef || one.ValidUntil >= other.ValidUntil {
		t.Errorf("%s until %d, then %s until %d", one.ClientRef, one.ValidUntil, other.ClientRef, other.ValidUntil)
	}
}

// The clock of a network that stood still for weeks is old: what is valid for too
// long is refused.
func TestAReportIsNeverValidForLongerThanTheRulesAllow(t *testing.T) {
	d := newDesk(t)
	d.take(d.evidence(7))
	d.look(30 * 24 * time.Hour)
	if until := d.submitted[0].Body().ValidUntil; until != dawn.Add(7*24*time.Hour).UnixMilli() {
		t.Errorf("valid until %v", time.UnixMilli(until).UTC())
	}
}

func TestAReportThatTheLedgerRefusedIsNotMadeAgain(t *testing.T) {
	d := newDesk(t)
	e := d.evidence(7).Canonical()
	body := ledger.Body{
		Contract: "rights", Version: 1, Method: "claim", Args: []byte{0xa0}, Actor: deskBank, ClientRef: reportRef(d.network.EvidenceID(e)),
		Signers:    []ledger.Signer{{Organisation: deskBank, Role: "maker", Key: d.key.Public()}},
		ValidUntil: dawn.Add(time.Hour).UnixMilli(),
	}
	tx, err := ledger.NewTransaction(d.network, ledger.Encode(body), []keys.Signature{make(keys.Signature, keys.SignatureSize)})
	if err != nil {
		t.Fatal(err)
	}
	d.final(1, time.Minute, tx) // it has no arguments: REJECTED
	d.take(e)
	d.look(reportAgain)
	if len(d.open) != 0 || len(d.submitted) != 0 || !strings.Contains(d.log.String(), "the ledger has refused") {
		t.Errorf("submitted %d times:\n%s", len(d.submitted), &d.log)
	}
}

func TestWhatProvesNothingIsNotReported(t *testing.T) {
	d := newDesk(t)
	e := d.evidence(7)
	e.Votes[0].Signature = e.Votes[1].Signature
	d.take(e)
	d.look(reportAgain)
	if len(d.open) != 0 || len(d.submitted) != 0 || !strings.Contains(d.log.String(), "proves nothing") {
		t.Errorf("submitted %d times:\n%s", len(d.submitted), &d.log)
	}
}

// The reporter may be busy, or dead: the orderer goes on.
func TestAccusingNeverWaits(t *testing.T) {
	d := newDesk(t)
	o := &orderer{members: []p2p.MemberID{"node1"}, accused: d.accused, logger: d.logger, metrics: newMetrics("test")}
	for height := range uint64(3) {
		if err := o.perform(t.Context(), consensus.Accuse{Evidence: d.evidence(height)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(d.log.String(), "reported after the next start"); n != 2 {
		t.Errorf("told of %d that had no room:\n%s", n, &d.log)
	}
	if n := strings.Count(d.log.String(), "a validator has signed what no honest one signs"); n != 3 {
		t.Errorf("told of %d offences", n)
	}
}

func TestValidatorsReportOneAfterTheOther(t *testing.T) {
	d := newDesk(t)
	d.turn = reportTurn
	d.set.Members = make([]ledger.Validator, 4)
	for self, want := range map[uint64]time.Duration{3: 0, 0: 1, 1: 2, 2: 3} { // the offender is in place 2
		d.self = self
		e := d.evidence(7)
		e.Votes[0].Validator, e.Votes[1].Validator = 2, 2
		d.open = make(map[ledger.Offence]*report)
		d.take(e)
		for _, one := range d.open {
			if got := one.due.Sub(d.now); got != want*reportTurn {
				t.Errorf("the validator in place %d reports after %v", self, got)
			}
		}
	}
}
