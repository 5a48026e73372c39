// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
)

// pledging is the workload pledge: each unit is the whole way of one patent from
// its claim to a registered pledge, five transactions with ten signatures. What
// one of them makes the next one names, so they are signed when they are sent.
type pledging struct {
	network      ledger.Network
	bank, office Organisation
	owners       []person

	mu      sync.Mutex
	numbers *patents
	serial  int
	failure error // of this program; it ends the workload
}

// transactionsOfPledge is how many transactions make a registered pledge.
const transactionsOfPledge = 5

// next gives the serial and the patent of the next unit.
func (p *pledging) next() (serial int, number string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure != nil {
		return 0, "", false
	}
	p.serial++
	if number, p.failure = p.numbers.take(); p.failure != nil {
		return 0, "", false
	}
	return p.serial, number, true
}

func (p *pledging) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failure == nil {
		p.failure = err
	}
}

// do takes one patent all the way. A unit ends at the first transaction that is
// not FINAL.
func (p *pledging) do(w *worker, due time.Time) bool {
	serial, number, ok := p.next()
	if !ok {
		return false
	}
	unit := sample{due: due.Sub(w.begun), end: final}
	for _, step := range p.steps(serial, number) {
		r, err := p.sign(step, serial, number)
		if err != nil {
			p.fail(err)
			return false
		}
		a, end := w.submit(r, due)
		if unit.end = end; end != final {
			break
		}
		if step.result != nil {
			if err := json.Unmarshal(a.result, step.result); err != nil {
				p.fail(fmt.Errorf("result of %s.%s: %w", step.contract, step.method, err))
				return false
			}
		}
		due = time.Now() // of the next
	}
	unit.done = time.Since(w.begun)
	w.units = append(w.units, unit)
	return true
}

// A step is one transaction of a unit.
type step struct {
	contract, method string
	args             func(now time.Time) any // called when the step before is FINAL
	signers          []signature
	sealed           bool // it carries a commitment
	result           any  // where its result goes, nil if nobody needs it
}

// steps are the transactions of the unit about one patent.
func (p *pledging) steps(serial int, number string) []step {
	owner := p.owners[serial%len(p.owners)]
	office := []signature{{p.office.maker(), contracts.Maker}, {p.office.checker(), contracts.Checker}}
	bank := []signature{{p.bank.maker(), contracts.Maker}, {p.bank.checker(), contracts.Checker}, {owner, contracts.Countersigner}}
	claim, pledge := new(rights.ClaimResult), new(pledges.SubmitResult)
	return []step{
		{contract: "rights", method: "claim", signers: []signature{{owner, contracts.Maker}}, result: claim, args: func(time.Time) any {
			return rights.ClaimArgs{Type: "PAT_INV", Number: number, Owners: []string{owner.organisation}, Title: title, Office: p.office.PartyID}
		}},
		{contract: "rights", method: "confirm", signers: office, args: func(now time.Time) any {
			return rights.SnapshotArgs{
				RightID: claim.RightID,
				Evidence: &rights.Evidence{
					Registrar: "CNIPA", EvidenceHash: p.network.Suite.Sum([]byte("extract of the register for " + number)),
					CapturedAt: now.Add(-time.Minute).UnixMilli(), Method: "EXTRACT",
				},
				Owners: []string{owner.organisation}, Title: title, ExpiryDate: now.AddDate(5, 0, 0).Format(time.DateOnly),
				LegalStatus: "GRANTED", FeeStatus: rights.FeePaid,
			}
		}},
		{contract: "pledges", method: "submit", signers: bank, sealed: true, result: pledge, args: func(time.Time) any {
			return pledges.SubmitArgs{
				Rights: []string{"PATENT:" + number}, Pledgors: []string{owner.organisation}, Pledgees: []string{p.bank.PartyID},
				Kind: "ORDINARY", Office: p.office.PartyID, Method: "ONLINE",
			}
		}},
		{contract: "pledges", method: "accept", signers: office, args: func(time.Time) any {
			return pledges.PledgeArgs{PledgeNo: pledge.PledgeNo}
		}},
		{contract: "pledges", method: "register", signers: office, args: func(now time.Time) any {
			return pledges.RegisterArgs{
				PledgeNo: pledge.PledgeNo, StatutoryNo: fmt.Sprintf("Y%04d51%07d", now.In(shanghai()).Year(), serial), StatutoryTime: registered(now).UnixMilli(),
			}
		}},
	}
}

func (p *pledging) sign(s step, serial int, number string) (*request, error) {
	now := time.Now()
	c := call{contract: s.contract, method: s.method, args: s.args(now), ref: fmt.Sprintf("pledge-%08d-%s", serial, s.method), signers: s.signers}
	if s.sealed {
		sum := p.network.Suite.Sum([]byte("terms of the loan on " + number))
		c.commitment = &sum
	}
	r, err := c.sign(p.network, now, false)
	if err == nil {
		r.number = number
	}
	return r, err
}

// title is what the claimed patents are called.
const title = "一种用于基准测试的装置及其方法"

// registered is a statutory time that is past for the next block and lies on the
// legal day of now.
func registered(now time.Time) time.Time {
	legal := now.In(shanghai())
	midnight := time.Date(legal.Year(), legal.Month(), legal.Day(), 0, 0, 0, 0, legal.Location())
	if past := legal.Add(-2 * time.Second); past.After(midnight) {
		return past
	}
	return midnight
}

// shanghai is the time zone of legal dates.
func shanghai() *time.Location { return time.FixedZone("+08:00", identifier.ZoneSeconds) }
