// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"
	"slices"

	"github.com/ipledger/ipledger/ledger"
)

// A workload makes blocks of one method; with keep they are written after they were
// measured, and the next workload goes on from there.
type workload struct {
	name  string
	keep  bool
	each  int // rights in one of its transactions, where there are many
	block func() []*ledger.Transaction
}

// workloads are the methods of the mix, a pledge's in their order.
func (m *million) workloads() []workload {
	block := func(make func(i int) *ledger.Transaction) func() []*ledger.Transaction {
		return func() (txs []*ledger.Transaction) {
			for range benchBlock {
				txs = append(txs, make(m.next))
				m.next++
			}
			return txs
		}
	}
	place := func(i int) int { // all over the state
		if j := i * 7919 % m.rights; !isPledged(j) {
			return j
		}
		return i*7919%m.rights + 1
	}
	some := func(i int) string { return m.id(place(i)) }
	live := func(i int) string { return m.pledgeNo(i*7919%(m.rights/10)*10 + 3) } // its pledges as well
	of := func(method string, i int) args {                                       // results that an earlier workload left
		return m.results[method][i%len(m.results[method])]
	}
	return []workload{
		{"claim", true, 0, block(func(i int) *ledger.Transaction {
			a := args{"type": "PATENT", "number": m.number(m.rights + i), "owners": []string{RX}, "title": "一种装置"}
			return m.tx("rights.claim", a, m.signers[RX])
		})},
		{"confirm", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("rights.confirm", m.facts(of("rights.claim", i)["right_id"].(string), args{
				"owners": []string{RX}, "title": "一种晶圆检测方法", "filing_date": "2018-03-19", "grant_date": "2020-06-02",
				"expiry_date": "2038-03-18", "legal_status": "GRANTED", "fee_status": "PAID", "fee_due": "2027-03-19",
			}), m.signers[IPO])
		})},
		{"refresh", false, 0, block(func(i int) *ledger.Transaction {
			a := m.facts(some(i), args{"evidence": m.evidence(m.time - 1_100_000), "fee_status": "PAID", "fee_due": "2027-03-19"})
			return m.tx("rights.refresh", a, m.signers[IPO])
		})},
		{"status_event", false, 0, block(func(i int) *ledger.Transaction {
			a := m.eventArgs(some(i), "INVALIDATION_FILED", args{"fact_time": m.time - 2_000_000, "case_no": "(2026)无效宣告1号"})
			return m.tx("rights.status_event", a, m.signers[IPO])
		})},
		{"freezes.record", false, 0, block(func(i int) *ledger.Transaction {
			a := args{"right_id": some(i), "doc_no": "(2026)川01执保1号", "court": court, "received_at": m.time - 2_000_000}
			return m.tx("freezes.record", a, m.signers[IPO])
		})},
		{"pledges.submit", true, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.submit", submission(BA, RX, some(i)), m.signers[BA])
		})},
		{"pledges.accept", true, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.accept", args{"pledge_no": of("pledges.submit", i)["pledge_no"]}, m.signers[IPO])
		})},
		{"pledges.register", true, 0, block(func(i int) *ledger.Transaction {
			a := args{"pledge_no": of("pledges.submit", i)["pledge_no"], "statutory_no": fmt.Sprintf("Y202651%07d", i), "statutory_time": m.time - 1_000_000}
			return m.tx("pledges.register", a, m.signers[IPO])
		})},
		{"pledges.change", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.change", args{"pledge_no": live(i), "changes": []string{"AMOUNT"}, "statutory_time": m.time - 1_000_000}, m.signers["all"], sealing)
		})},
		{"pledges.change, a right more", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.change", args{"pledge_no": live(i), "add_rights": []string{some(i)}, "statutory_time": m.time - 1_000_000}, m.signers["all"])
		})},
		{"pledges.transfer", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.transfer", args{"pledge_no": live(i), "pledgees": []string{BB}, "notice": paper}, m.signers[BB])
		})},
		{"pledges.start_enforcement", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.start_enforcement", args{"pledge_no": live(i), "ground": "DEFAULT", "route": "COURT"}, m.signers[BA][:2])
		})},
		{"pledges.consent_release", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.consent_release", args{"pledge_no": live(i), "ground": "DEBT_PAID"}, m.signers[BA][:2])
		})},
		{"pledges.cancel", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.cancel", args{"pledge_no": live(i), "cancellation_ref": "1", "cancellation_time": m.time - 1_000_000, "court_document": paper}, m.signers[IPO])
		})},
		{"pledges.revoke", false, 0, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.revoke", args{"pledge_no": live(i), "ground": "DECISION", "document": paper}, m.signers[IPO])
		})},
		{"pledges.submit, 200 rights", false, 200, func() []*ledger.Transaction {
			var list []string
			for len(list) < 200 {
				if id := some(m.next); !slices.Contains(list, id) {
					list = append(list, id)
				}
				m.next++
			}
			return []*ledger.Transaction{m.tx("pledges.submit", submission(BA, RX, list...), m.signers[BA])}
		}},
	}
}
