// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"bytes"
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Violation is a rule that did not hold. Seed and Nodes give the same history
// again.
type Violation struct {
	Seed   uint64
	Nodes  int
	At     int64 // µs of virtual time
	Member int   // the node where it showed, -1 if it is the network's
	Rule   Rule
	Detail string
}

func (v *Violation) Error() string {
	where := "the network"
	if v.Member >= 0 {
		where = fmt.Sprintf("node %d", v.Member)
	}
	return fmt.Sprintf("seed %d of %d nodes: at %.6f s, %s breaks rule %q: %s",
		v.Seed, v.Nodes, float64(v.At)/1e6, where, v.Rule, v.Detail)
}

// The judge sees everything that any node ever signed, sent, stored and said.
type judge struct {
	w          *world
	signed     map[string]ledger.SignedVote // by signature
	own        map[voter]ledger.Hash        // newest block that a node signed for in a slot
	left       map[voter]ledger.SignedVote  // what a node sent for a slot
	senders    map[ledger.Vote]uint64       // members that sent exactly this, one bit each
	ran        map[execution]bool
	certified  map[uint64]ledger.Hash // by height
	since      map[uint64]uint64      // by height, the first round in which it was certified
	checked    map[string]bool        // proofs that were verified
	chain      []*block               // FINAL at some node, by height
	took       map[ledger.Hash]uint64 // height at which a transaction took effect
	told       map[ledger.Hash]uint64 // height at which a node has said that it did
	winners    map[string]ledger.Hash // of names, the transaction that claimed it
	promises   int                    // of Raft, judged
	executions int                    // of blocks, by all
	leaders    map[reign]consensus.Member
	rounds     map[uint64]bool
}

type voter struct {
	member uint64
	slot
}

// A reign is a term of one round's Raft group, which its START names.
type reign struct {
	start ledger.Hash
	term  uint64
}

type execution struct {
	member consensus.Member
	block  ledger.Hash
}

func newJudge(w *world) *judge {
	return &judge{
		w:         w,
		signed:    make(map[string]ledger.SignedVote),
		own:       make(map[voter]ledger.Hash),
		left:      make(map[voter]ledger.SignedVote),
		senders:   make(map[ledger.Vote]uint64),
		ran:       make(map[execution]bool),
		certified: make(map[uint64]ledger.Hash),
		since:     make(map[uint64]uint64),
		checked:   make(map[string]bool),
		chain:     []*block{nil},
		took:      make(map[ledger.Hash]uint64),
		told:      make(map[ledger.Hash]uint64),
		winners:   make(map[string]ledger.Hash),
		leaders:   make(map[reign]consensus.Member),
		rounds:    make(map[uint64]bool),
	}
}

// fail notes the first violation, which ends the history.
func (j *judge) fail(n *node, rule Rule, format string, args ...any) {
	if j.w.broken != nil || n != nil && n.treason != nil {
		return
	}
	v := &Violation{Seed: j.w.o.Seed, Nodes: j.w.o.Nodes, At: j.w.now, Member: -1, Rule: rule, Detail: fmt.Sprintf(format, args...)}
	if n != nil {
		v.Member = int(n.id)
	}
	j.w.broken = v
	j.w.note(n, "VIOLATION", 0, 0, func() string { return string(rule) + ": " + v.Detail })
}

// top is the height of the one chain.
func (j *judge) top() uint64 { return uint64(len(j.chain) - 1) }

// A witness is a validator's key that shows the judge every vote it signs.
type witness struct {
	keys.Signer
	node *node
}

// voteDomains are the first bytes of what is signed as a vote.
var voteDomains = [...]string{"ipledger/prepare/v1\x00", "ipledger/commit/v1\x00"}

func (s *witness) Sign(message []byte) (keys.Signature, error) {
	sig, err := s.Signer.Sign(message)
	for _, domain := range voteDomains {
		if raw, ok := strings.CutPrefix(string(message), domain); ok && err == nil {
			var v ledger.Vote
			if err := ledger.Decode([]byte(raw), len(raw), &v); err != nil {
				s.node.w.judge.fail(s.node, "contract", "a signed vote does not decode: %v", err)
				continue
			}
			s.node.w.judge.sign(s.node, ledger.SignedVote{Vote: v, Validator: uint64(s.node.id), Signature: sig})
		}
	}
	return sig, err
}

// sign judges a vote as it is signed; it has not left the node yet.
func (j *judge) sign(n *node, s ledger.SignedVote) {
	v := s.Vote
	if v.Kind != ledger.Commit || n.id > 0 || !n.mutated(LookAway) {
		j.signed[string(s.Signature)] = s
	}
	j.own[voter{s.Validator, slotOf(v)}] = v.Block
	j.rounds[v.Round] = true
	j.pledge(n, v)
	if n.lost {
		j.fail(n, LostVotes, "%v of height %d, and its record of votes was lost", v.Kind, v.Height)
	}
	j.window(n, "vote", v.Height)
	if !j.ran[execution{n.id, v.Block}] {
		j.fail(n, ExecuteBeforeVoting, "%v of height %d for a block that it never executed", v.Kind, v.Height)
	}
	parent := v
	parent.Height--
	switch v.Kind {
	case ledger.Prepare:
		if _, ok := j.own[voter{s.Validator, slotOf(parent)}]; !ok && parent.Height > n.ledger.height() {
			j.fail(n, ParentBeforeChild, "PREPARE of height %d, whose parent it did not prepare and which is not FINAL", v.Height)
		}
	case ledger.Commit:
		if !j.prepared(n, slotOf(v), v.Block) {
			j.fail(n, QuorumBeforeCommit, "COMMIT of height %d without a quorum of PREPAREs", v.Height)
		}
		if b := n.ledger.below(v.Height); parent.Height > n.ledger.height() && (b == nil || !j.prepared(n, slotOf(parent), b.hash)) {
			j.fail(n, ParentBeforeChild, "COMMIT of height %d, whose parent has no quorum of PREPAREs and is not FINAL", v.Height)
		}
	}
}

// prepared tells whether one PREPARE for a block has reached n from a quorum,
// n's own vote included.
func (j *judge) prepared(n *node, s slot, block ledger.Hash) bool {
	s.kind = ledger.Prepare
	for vote, members := range n.heard {
		if slotOf(vote) == s && vote.Block == block {
			if j.own[voter{uint64(n.id), s}] == block {
				members |= 1 << n.id
			}
			if bits.OnesCount64(members) >= j.w.set.Quorum() {
				return true
			}
		}
	}
	return j.w.set.Quorum() == 1
}

// window judges that height is not too far above FINAL.
func (j *judge) window(n *node, what string, height uint64) {
	if height > n.ledger.height()+ledger.MaxDescendants {
		j.fail(n, Window, "%s of height %d with FINAL at %d", what, height, n.ledger.height())
	}
}

func (j *judge) executed(n *node, b *block) {
	j.executions++
	j.ran[execution{n.id, b.hash}] = true
	if blocks := j.w.rivals[b.Header.Height]; !slices.Contains(blocks, b.hash) {
		j.w.rivals[b.Header.Height] = append(blocks, b.hash)
	}
}

// signatureHead is what precedes 64 bytes in CBOR. Whatever a message looks
// like, the votes in it are found by their signatures.
var signatureHead = []byte{0x58, keys.SignatureSize}

// sent judges the own votes in a message at the moment it leaves.
func (j *judge) sent(n *node, s consensus.Send) {
	if s.To == n.id || int(s.To) >= len(j.w.nodes) {
		j.fail(n, Contract, "a message to member %d", s.To)
		return
	}
	for _, vote := range j.votesIn(s.Data) {
		if vote.Validator == uint64(n.id) {
			j.leave(n, vote)
		}
	}
	j.promise(n, s.Data)
	j.stated(n, s)
}

// votesIn finds the votes in a message.
func (j *judge) votesIn(data []byte) []ledger.SignedVote {
	var votes []ledger.SignedVote
	for {
		at := bytes.Index(data, signatureHead)
		if at < 0 || len(data) < at+2+keys.SignatureSize {
			return votes
		}
		data = data[at+2:]
		if vote, ok := j.signed[string(data[:keys.SignatureSize])]; ok {
			votes = append(votes, vote)
		}
	}
}

// received notes which votes have reached a node.
func (j *judge) received(n *node, data []byte) {
	for _, vote := range j.votesIn(data) {
		n.heard[vote.Vote] |= 1 << vote.Validator
	}
}

// promise judges what a message of Raft relies on: entries that are acknowledged
// and elections that are granted must be durable.
func (j *judge) promise(n *node, data []byte) {
	m := raftIn(data)
	if m == nil || n.w.o.Mutation == LoseVoteSync || n.w.o.Mutation == LoseEverySync {
		return // a disk that lies is to be found out by what comes of it
	}
	saved := &n.disk.durable
	switch {
	case m.GetType() == raftpb.MsgAppResp && !m.GetReject():
		j.promises++
		if last := saved.last(); m.GetIndex() > last {
			j.fail(n, DurableBeforeSent, "entry %d is acknowledged, durable is %d", m.GetIndex(), last)
		}
	case m.GetType() == raftpb.MsgVote, m.GetType() == raftpb.MsgVoteResp && !m.GetReject():
		j.promises++
		candidate := m.GetTo()
		if m.GetType() == raftpb.MsgVote {
			candidate = m.GetFrom()
		}
		if h := saved.hardState; h.GetTerm() < m.GetTerm() || h.GetTerm() == m.GetTerm() && h.GetVote() != candidate {
			j.fail(n, DurableBeforeSent, "a vote for %d in term %d; durable is one for %d in term %d",
				candidate, m.GetTerm(), h.GetVote(), h.GetTerm())
		}
	}
}

func (j *judge) leave(n *node, s ledger.SignedVote) {
	v := s.Vote
	if !n.disk.said[string(s.Signature)] {
		j.fail(n, DurableBeforeSent, "%v of height %d is sent and not durable", v.Kind, v.Height)
	}
	key := voter{s.Validator, slotOf(v)}
	if old, ok := j.left[key]; ok && !n.amnesiac && (old.Vote != v || string(old.Signature) != string(s.Signature)) {
		j.fail(n, OneVote, "%v of height %d for block %.8s at %d/%d, after one for block %.8s at %d/%d: not the same bytes",
			v.Kind, v.Height, v.Block, v.Index, v.Term, old.Vote.Block, old.Vote.Index, old.Vote.Term)
	}
	j.left[key] = s
	j.senders[v] |= 1 << s.Validator
	if v.Kind == ledger.Commit && bits.OnesCount64(j.senders[v]) >= j.w.set.Quorum() {
		j.certify(n, v)
	}
}

func (j *judge) certify(n *node, v ledger.Vote) {
	if old, ok := j.certified[v.Height]; ok && old != v.Block {
		j.fail(n, OneCertifiedBlock, "height %d is certified as %.8s and as %.8s", v.Height, old, v.Block)
	}
	j.certified[v.Height] = v.Block
	if first, ok := j.since[v.Height]; !ok || v.Round < first {
		j.since[v.Height] = v.Round
	}
}

// stored judges a block that became FINAL in a node's ledger.
func (j *judge) stored(n *node, b *block) {
	j.proof(n, b.proof)
	height := b.Header.Height
	if height <= j.top() {
		switch one := j.chain[height]; {
		case one.Header.StateRoot != b.Header.StateRoot:
			j.fail(n, EqualRoots, "block %d has state root %.8s, elsewhere %.8s", height, b.Header.StateRoot, one.Header.StateRoot)
		case one.hash != b.hash:
			j.fail(n, OneChain, "block %d is FINAL as %.8s, elsewhere as %.8s", height, b.hash, one.hash)
		}
		return
	}
	if height != j.top()+1 || height > 1 && b.Header.Parent != j.chain[height-1].hash {
		j.fail(n, OneChain, "block %d does not stand on the FINAL chain of height %d", height, j.top())
		return
	}
	j.chain = append(j.chain, b)
	for _, id := range b.took {
		if at, ok := j.took[id]; ok {
			j.fail(n, ExactlyOnce, "transaction %.8s takes effect at heights %d and %d", id, at, height)
		}
		j.took[id] = height
	}
	for _, c := range b.won {
		if first, ok := j.winners[c.name]; ok {
			j.fail(n, OneWinner, "%s is claimed by transaction %.8s, and was by %.8s", c.name, c.by, first)
		}
		j.winners[c.name] = c.by
	}
}

// proof judges the certificate of a block, and that its votes were seen: a judge
// who no longer recognises votes must not go on in silence.
func (j *judge) proof(n *node, p ledger.Certified) {
	key := string(ledger.Encode(p))
	if j.checked[key] {
		return
	}
	j.checked[key] = true
	trust := ledger.Trust{Network: j.w.network, Sets: []ledger.ValidatorSet{j.w.set}}
	if err := p.Check(trust); err != nil {
		j.fail(n, Proof, "block %d: %v", p.Header.Height, err)
	}
	for _, s := range p.Certificate.Signers {
		if j.signed[string(s.Signature)].Vote != p.Certificate.Vote {
			j.fail(n, Seen, "the certificate of block %d holds a vote that nobody was seen to sign", p.Header.Height)
		}
	}
	j.certify(n, p.Certificate.Vote)
}

func (j *judge) announced(n *node, height uint64) {
	if height > n.ledger.height() {
		j.fail(n, DurableBeforeAnnounced, "FINAL height %d is announced, durable is %d", height, n.ledger.height())
	}
	for h := n.announced + 1; h <= min(height, n.ledger.height()); h++ {
		j.report(n, n.ledger.final[h])
	}
	n.announced = max(n.announced, height)
}

// report notes what a client of n is now told of a block's transactions.
func (j *judge) report(n *node, b *block) {
	for _, id := range b.took {
		if at, ok := j.told[id]; ok && at != b.Header.Height {
			j.fail(n, Acknowledged, "transaction %d is reported as FINAL in block %d, before it was in block %d", shortID(id), b.Header.Height, at)
		}
		j.told[id] = b.Header.Height
	}
}

// kept judges at the end that every transaction which any node has reported as
// FINAL is so everywhere.
func (j *judge) kept() {
	for id, at := range j.told {
		if j.took[id] != at {
			j.fail(nil, Acknowledged, "transaction %d was reported as FINAL in block %d and is in block %d", shortID(id), at, j.took[id])
		}
		for _, n := range j.w.sound() {
			if !n.ledger.took[id] {
				j.fail(n, Acknowledged, "transaction %d was reported as FINAL in block %d and did not take effect here", shortID(id), at)
			}
		}
	}
}

// started judges what a node comes back with.
func (j *judge) started(n *node) {
	if n.ledger.height() < n.announced {
		j.fail(n, FinalStays, "FINAL height %d was announced, after a restart it is %d", n.announced, n.ledger.height())
	}
}

// stepped judges what a core says of itself.
func (j *judge) stepped(n *node) {
	s := n.core.Status()
	n.mutateStatus(&s)
	if s.Final > n.ledger.height() {
		j.fail(n, BeliefIsDurable, "the core believes in FINAL height %d, durable is %d", s.Final, n.ledger.height())
	}
	if s.Stopped != nil {
		j.fail(n, RaftRuns, "%v", s.Stopped)
	}
	if now := (reign{s.Start, s.Term}); s.Leading && now != n.led {
		n.led, n.ledAt = now, j.w.now
		if other, ok := j.leaders[now]; ok && other != n.id && !j.w.grantedTwice() {
			j.fail(n, OneLeader, "term %d of round %d has leaders %d and %d", s.Term, s.Round, other, n.id)
		}
		j.leaders[now] = n.id
	}
}

// alarmed judges that nobody cries without reason.
func (j *judge) alarmed(n *node, a consensus.Alarm) {
	j.w.count("alarm "+string(a.Kind), 1)
	switch a.Kind {
	case consensus.AlarmConflict:
		if j.w.split() {
			return // only who betrays the log can make two of it
		}
	case consensus.AlarmDoubleVote:
		if len(a.Evidence) != 2 || !j.twice(a.Evidence[0], a.Evidence[1]) {
			j.fail(n, NoFalseEvidence, "it proves nothing: %s", a.Detail)
		} else if guilty := j.w.nodes[a.Evidence[0].Validator]; guilty.honest() {
			j.fail(n, NoFalseEvidence, "member %d, who is honest, is accused: %s", guilty.id, a.Detail)
		}
		return
	case consensus.AlarmWiped:
		if n.lost || n.amnesiac {
			return
		}
	case consensus.AlarmMuted:
		return // whoever is cut off from a majority has reason to complain
	}
	j.fail(n, NoAlarm, "%s: %s", a.Kind, a.Detail)
}

// accused judges that evidence proves what it says, of a member that has done it.
func (j *judge) accused(n *node, e ledger.Evidence) {
	j.w.count("evidence "+string(e.Kind), 1)
	if err := e.Check(j.w.network, j.w.set); err != nil {
		j.fail(n, NoFalseEvidence, "it proves nothing: %v", err)
	} else if guilty := j.w.nodes[e.Offender()]; guilty.honest() {
		j.fail(n, NoFalseEvidence, "member %d, who is honest, is accused of %s", guilty.id, e.Kind)
	}
}

// honest tells that nothing that a node signs can be held against it.
func (n *node) honest() bool { return n.treason == nil && !n.amnesiac }

// twice tells whether two votes are of one validator for one slot, and differ.
func (j *judge) twice(a, b ledger.SignedVote) bool {
	return a.Validator == b.Validator && a.Vote != b.Vote && slotOf(a.Vote) == slotOf(b.Vote) &&
		a.Check(j.w.network.Suite, j.w.set) == nil && b.Check(j.w.network.Suite, j.w.set) == nil
}

// forged takes note of a vote that a traitor made.
func (j *judge) forged(n *node, s ledger.SignedVote) {
	j.signed[string(s.Signature)] = s
	j.senders[s.Vote] |= 1 << n.id
	if s.Vote.Kind == ledger.Commit && bits.OnesCount64(j.senders[s.Vote]) >= j.w.set.Quorum() {
		j.certify(nil, s.Vote)
	}
}
