// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
)

// A workload makes blocks of one method; with keep they are written after they were
// measured, and the next workload goes on from there.
type workload struct {
	name  string
	keep  bool
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
	some := func(i int) string { return m.id(i * 7919 % m.rights) } // all over the state
	of := func(method string, i int) args {                         // results that an earlier workload left
		return m.results[method][i%len(m.results[method])]
	}
	return []workload{
		{"claim", true, block(func(i int) *ledger.Transaction {
			a := args{"type": "PATENT", "number": m.number(m.rights + i), "owners": []string{RX}, "title": "一种装置"}
			return m.tx("rights.claim", a, m.signers[RX])
		})},
		{"confirm", false, block(func(i int) *ledger.Transaction {
			return m.tx("rights.confirm", m.facts(of("rights.claim", i)["right_id"].(string), args{
				"owners": []string{RX}, "title": "一种晶圆检测方法", "filing_date": "2018-03-19", "grant_date": "2020-06-02",
				"expiry_date": "2038-03-18", "legal_status": "GRANTED", "fee_status": "PAID", "fee_due": "2027-03-19",
			}), m.signers[IPO])
		})},
		{"refresh", false, block(func(i int) *ledger.Transaction {
			a := m.facts(some(i), args{"evidence": m.evidence(m.time - 1_100_000), "fee_status": "PAID", "fee_due": "2027-03-19"})
			return m.tx("rights.refresh", a, m.signers[IPO])
		})},
		{"status_event", false, block(func(i int) *ledger.Transaction {
			a := m.eventArgs(some(i), "INVALIDATION_FILED", args{"fact_time": m.time - 2_000_000, "case_no": "(2026)无效宣告1号"})
			return m.tx("rights.status_event", a, m.signers[IPO])
		})},
		{"freezes.record", false, block(func(i int) *ledger.Transaction {
			a := args{"right_id": some(i), "doc_no": "(2026)川01执保1号", "court": court, "received_at": m.time - 2_000_000}
			return m.tx("freezes.record", a, m.signers[IPO])
		})},
		{"pledges.submit", true, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.submit", submission(BA, RX, some(i)), m.signers[BA])
		})},
		{"pledges.accept", true, block(func(i int) *ledger.Transaction {
			return m.tx("pledges.accept", args{"pledge_no": of("pledges.submit", i)["pledge_no"]}, m.signers[IPO])
		})},
		{"pledges.register", true, block(func(i int) *ledger.Transaction {
			a := args{"pledge_no": of("pledges.submit", i)["pledge_no"], "statutory_no": fmt.Sprintf("Y202651%07d", i), "statutory_time": m.time - 1_000_000}
			return m.tx("pledges.register", a, m.signers[IPO])
		})},
	}
}
