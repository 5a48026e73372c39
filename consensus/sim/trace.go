// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

const tick = "<- tick"

// note takes something that happened into the digest, and into the trace if
// there is one. Only a trace asks for the detail.
func (w *world) note(n *node, what string, a, b uint64, detail func() string) {
	who := uint64(len(w.nodes))
	if n != nil {
		who = uint64(n.id)
	}
	for _, x := range [...]uint64{uint64(w.now), who, uint64(crc32.ChecksumIEEE([]byte(what))), a, b} {
		w.report.Digest = (w.report.Digest ^ x) * 0x9e3779b97f4a7c15
		w.report.Digest ^= w.report.Digest >> 29
	}
	if w.o.Trace == nil || what == tick { // a trace without ticks can be read
		return
	}
	name := "world"
	if n != nil {
		name = fmt.Sprintf("n%d", n.id)
	}
	text := ""
	if detail != nil {
		text = detail()
	}
	fmt.Fprintf(w.o.Trace, "%12.6f %-5s %-12s %d %d %s\n", float64(w.now)/1e6, name, what, a, b, text)
}

// shortID is how a trace names a transaction.
func shortID(id ledger.Hash) uint64 { return binary.BigEndian.Uint64(id[:]) }

func sum(data []byte) uint64 { return uint64(crc32.ChecksumIEEE(data)) }

func (w *world) noteEvent(n *node, e consensus.Event) {
	switch e := e.(type) {
	case consensus.Tick:
		w.note(n, tick, uint64(e.Now), 0, nil)
	case consensus.Receive:
		w.note(n, "<- receive", uint64(e.From), sum(e.Data), func() string { return w.describe(e.Data) })
	case consensus.Submit:
		w.note(n, "<- submit", shortID(e.Transaction.ID()), 0, func() string { return e.Transaction.Body().ClientRef })
	case consensus.Executed:
		w.note(n, "<- executed", e.Height, e.Index, func() string {
			return fmt.Sprintf("%.8s conflict=%v stale=%v", w.network.HeaderHash(e.Header), e.Conflict, e.Stale)
		})
	case consensus.Stored:
		w.note(n, "<- stored", e.Header.Height, uint64(len(e.Transactions)), func() string {
			return fmt.Sprintf("diverged=%v", e.Diverged)
		})
	case consensus.Fetched:
		w.note(n, "<- fetched", uint64(e.From), uint64(len(e.Blocks)), func() string { return fmt.Sprintf("failed=%v", e.Failed) })
	}
}

func (w *world) noteEffect(n *node, e consensus.Effect) {
	switch e := e.(type) {
	case consensus.Persist:
		w.note(n, "-> persist", uint64(len(e.Entries)), uint64(len(e.Votes)), func() string { return describeWrite(e.Write) })
	case consensus.Send:
		w.note(n, "-> send", uint64(e.To), sum(e.Data), func() string { return w.describe(e.Data) })
	case consensus.Execute:
		w.note(n, "-> execute", e.Height, e.Index, func() string { return fmt.Sprintf("term %d, %d transactions", e.Term, len(e.Transactions)) })
	case consensus.Finalize:
		w.note(n, "-> finalize", e.Proofs[0].Header.Height, uint64(len(e.Proofs)), nil)
	case consensus.Adopt:
		w.note(n, "-> adopt", e.Block.Header.Height, 0, nil)
	case consensus.Fetch:
		w.note(n, "-> fetch", uint64(e.From), e.Height, nil)
	case consensus.Announce:
		w.note(n, "-> announce", e.Height, 0, nil)
	case consensus.Refused:
		w.note(n, "-> refused", shortID(e.ID), 0, nil)
	case consensus.Accuse:
		w.note(n, "-> accuse", e.Evidence.Offender(), 0, func() string { return string(e.Evidence.Kind) })
	case consensus.Alarm:
		w.note(n, "-> alarm", 0, 0, func() string { return string(e.Kind) + ": " + e.Detail })
	}
}

func describeWrite(w consensus.Write) string {
	text := fmt.Sprintf("sync=%v", w.Sync)
	if w.HardState != nil {
		text += fmt.Sprintf(" hard{term %d vote %d commit %d}", w.HardState.GetTerm(), w.HardState.GetVote(), w.HardState.GetCommit())
	}
	if len(w.Entries) > 0 {
		last := w.Entries[len(w.Entries)-1]
		text += fmt.Sprintf(" entries %d..%d/%d", w.Entries[0].GetIndex(), last.GetIndex(), last.GetTerm())
	}
	if w.Snapshot != nil {
		text += fmt.Sprintf(" snapshot %v", *w.Snapshot)
	}
	if w.Truncate != nil {
		text += fmt.Sprintf(" truncate %v", *w.Truncate)
	}
	for _, v := range w.Votes {
		text += fmt.Sprintf(" %v(%d %.8s)", v.Vote.Kind, v.Vote.Height, v.Vote.Block)
	}
	if w.Cursor != nil {
		text += fmt.Sprintf(" cursor %v", *w.Cursor)
	}
	if w.Final > 0 {
		text += fmt.Sprintf(" final %d", w.Final)
	}
	if w.Joined {
		text += " joined"
	}
	if w.Statement != nil {
		text += fmt.Sprintf(" statement for round %d", w.Statement.Statement.Intent.Round)
	}
	if w.Start != nil {
		text += fmt.Sprintf(" START of round %d on %d carrying %d", w.Start.Start.Round, w.Start.Start.Height, len(w.Start.Start.Carried))
	}
	return text
}

// describe tells what a message is, as well as that can be told from outside:
// votes by their signatures, Raft's messages by their form.
func (w *world) describe(data []byte) string {
	text := fmt.Sprintf("%d bytes", len(data))
	for _, v := range w.judge.votesIn(data) {
		text += fmt.Sprintf(" %v(%d %.8s) of n%d", v.Vote.Kind, v.Vote.Height, v.Vote.Block, v.Validator)
	}
	if m := raftIn(data); m != nil {
		text += " " + raft.DescribeMessage(m, func(b []byte) string { return fmt.Sprintf("%dB", len(b)) })
	}
	return text
}

// What messages of the core look like, as far as is looked at here.
const (
	messageHead = 1 + keys.HashSize // kind and group
	kindRaft    = 1
	kindVotes   = 2
	kindStatus  = 3
	kindQuery   = 4
	kindReport  = 5

	kindIntent    = 6
	kindStatement = 7
	kindStart     = 8
	kindWant      = 9
	kindBlock     = 10
	kindComplaint = 11
)

// attachment is the length of what stands between the head of a message of Raft
// and the message itself; false if there is none in data.
func attachment(data []byte) (int, bool) {
	if len(data) < messageHead+2 || data[0] != kindRaft {
		return 0, false
	}
	n := 2 + int(binary.BigEndian.Uint16(data[messageHead:]))
	return n, messageHead+n <= len(data)
}

// raftIn gives the message of Raft in data, or nil.
func raftIn(data []byte) *raftpb.Message {
	skip, ok := attachment(data)
	m := new(raftpb.Message)
	if !ok || proto.Unmarshal(data[messageHead+skip:], m) != nil {
		return nil
	}
	return m
}
