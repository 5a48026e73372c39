// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"testing"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/ledger"
)

// FuzzReceive: whatever a member says, in whatever kind of message, a core that
// follows or leads neither panics nor loses its Raft, and works on afterwards.
func FuzzReceive(f *testing.F) {
	for _, a := range attacks {
		m := proto.Clone(a.message).(*raftpb.Message)
		m.To = number(raftID(0))
		data, err := sealRaft(ledger.Hash{}, nil, m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(raftMessage), a.leads, data[messageHead:], []byte{})
	}
	vote := ledger.SignedVote{Vote: ledger.Vote{Kind: ledger.Prepare, Height: 1}, Validator: 3, Signature: make([]byte, 64)}
	f.Add(uint8(voteMessage), false, ledger.Encode([]ledger.SignedVote{vote, vote}), []byte{})
	f.Add(uint8(statusMessage), false, ledger.Encode(status{Final: 1 << 63}), []byte{1})
	f.Add(uint8(queryMessage), true, ledger.Encode(query{Nonce: 1}), []byte{0, 0})
	f.Add(uint8(reportMessage), true, ledger.Encode(report{Nonce: 1, Newest: []ledger.SignedVote{vote}}), []byte{})
	f.Add(uint8(9), false, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, kind uint8, leads bool, one, two []byte) {
		r := newFollower
		if leads {
			r = newLeader
		}
		core := r(t)
		before := core.condition()
		for _, payload := range [][]byte{one, two, one} {
			core.step(Receive{From: traitor, Data: seal(messageKind(kind), core.startHash(), payload)})
			core.step(Receive{From: traitor, Data: payload})
		}
		core.step(Receive{From: traitor, Data: seal(messageKind(kind), core.startHash(), one)},
			Receive{From: traitor, Data: seal(messageKind(kind), core.startHash(), two)})
		after := core.condition()
		if after.stopped || after.phase != Active {
			t.Fatalf("before %+v, after %+v", before, after)
		}
		if after.commit < before.commit || after.last < before.last || after.voters != before.voters {
			t.Fatalf("before %+v, after %+v", before, after)
		}
		if after.term != before.term {
			return // a member may say that there is a newer term: see the guard
		}
		if err := core.works(); err != nil {
			t.Fatal(err)
		}
	})
}
