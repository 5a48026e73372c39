// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"go.etcd.io/raft/v3/raftpb"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Member is a validator's place in its set. Its Raft id is one more.
type Member uint64

// An Event is something that happened to the core.
type Event interface{ event() }

// Tick passes once every 100 ms and moves Raft's clock.
type Tick struct {
	Now int64 // ms since 1970 UTC
}

// Clock tells the time, which a leader puts into batches. It goes before the
// events of a step, so that no block is older than what is in it.
type Clock struct {
	Now int64 // ms since 1970 UTC
}

// Receive is a message of a member, as its Send held it. The network vouches
// for the sender and for nothing else.
type Receive struct {
	From Member
	Data []byte
}

// Submit is a transaction whose form and signatures were checked.
type Submit struct {
	Transaction *ledger.Transaction
	Local       bool // submitted at this node, which therefore floods it
}

// Executed answers an Execute.
type Executed struct {
	Round  uint64 // of the Execute that it answers
	Height uint64
	Index  uint64
	Header ledger.Header
	// Conflict tells that the height is FINAL already and that the certified
	// block had other inputs than this log entry.
	Conflict bool
	// Stale tells that the parent is gone: nothing was executed.
	Stale bool
}

// Stored tells that blocks up to Header are FINAL and durable in the ledger. It
// answers Finalize and Adopt.
type Stored struct {
	Header       ledger.Header
	Transactions []ledger.Hash // ids in this block
	// Certificate is the block's own or that of a descendant.
	Certificate ledger.Certificate
	// Diverged tells that the same inputs gave another result here than the
	// certified one. Nothing was stored; this node must not go on.
	Diverged bool
}

// Fetched answers a Fetch: certified blocks of ascending height, perhaps none.
type Fetched struct {
	From   Member
	Blocks []CertifiedBlock
	Failed bool // no answer; ask another
}

// A CertifiedBlock is a block with the proof that it is FINAL, and with the
// prepare certificate that says where Raft committed it, if the sender still
// has that.
type CertifiedBlock struct {
	Block    ledger.Block         `cbor:"1,keyasint"`
	Proof    ledger.Certified     `cbor:"2,keyasint"`
	Prepared []ledger.Certificate `cbor:"3,keyasint,omitempty"` // at most one
}

func (Tick) event()     {}
func (Clock) event()    {}
func (Receive) event()  {}
func (Submit) event()   {}
func (Executed) event() {}
func (Stored) event()   {}
func (Fetched) event()  {}

// An Effect is something the caller must do, in the order given.
type Effect interface{ effect() }

// Persist writes to the consensus database in one batch. If Sync is set, no
// later effect may begin before the batch is durable.
type Persist struct{ Write }

// A Class says which of a member's queues a message belongs to.
type Class uint8

// The classes of messages.
const (
	Control      Class = iota + 1 // small: votes, elections, heartbeats
	Blocks                        // log entries
	Transactions                  // one flooded transaction, its bytes and nothing else
)

// Send passes a message to a member. It may be lost, repeated or reordered.
type Send struct {
	To    Member
	Class Class
	Data  []byte
}

// Execute runs a batch as the block of Height, on top of the block below it,
// in memory. Its time is the greater of Time and the parent's plus 1 ms.
type Execute struct {
	Round        uint64
	Height       uint64
	Index        uint64 // in the log of the round; 1 of what the round carries
	Term         uint64
	Time         int64
	Transactions []*ledger.Transaction // as the leader listed them
}

// Finalize makes executed blocks FINAL: it writes all blocks up to the last
// proof's, each with its own proof, in ascending height.
type Finalize struct {
	Proofs []ledger.Certified
}

// Adopt makes a block of another member FINAL that is certified and not
// executed here, or executed with another result.
type Adopt struct {
	CertifiedBlock
}

// Fetch asks a member for its certified blocks from Height on.
type Fetch struct {
	From   Member
	Height uint64
}

// Announce tells that blocks up to Height may be reported as FINAL.
type Announce struct {
	Height uint64
}

// Refused tells that a submitted transaction was not taken into the mempool,
// because the mempool or the actor's share of it is full.
type Refused struct {
	ID ledger.Hash
}

// Accuse tells of evidence against a validator that was not known here before. The
// consensus database keeps it; to report it to the ledger is for the caller, who is
// told again of all that is kept at each start.
type Accuse struct {
	Evidence ledger.Evidence
}

// Alarm is something people must look at. Evidence, if any, is signed votes: two
// of one validator for one height and kind, or the own vote that is in doubt.
type Alarm struct {
	Kind     AlarmKind
	Detail   string
	Evidence []ledger.SignedVote
}

// An AlarmKind names an alarm for metrics and runbooks.
type AlarmKind string

// The kinds of alarms.
const (
	AlarmDoubleVote AlarmKind = "double_vote"      // a validator signed two votes
	AlarmOwnVote    AlarmKind = "own_vote_differs" // this node's stored vote is for another block than it executes
	AlarmWiped      AlarmKind = "votes_lost"       // peers hold newer votes of this key than this node
	AlarmConflict   AlarmKind = "log_conflict"     // the certified block differs from what Raft committed here
	AlarmDiverged   AlarmKind = "diverged"         // same inputs, other result
	AlarmRaft       AlarmKind = "raft_stopped"     // Raft panicked on this node
	AlarmMuted      AlarmKind = "leader_muted"     // half of the validators complain of a leader
)

func (Persist) effect()  {}
func (Send) effect()     {}
func (Execute) effect()  {}
func (Finalize) effect() {}
func (Adopt) effect()    {}
func (Fetch) effect()    {}
func (Announce) effect() {}
func (Refused) effect()  {}
func (Accuse) effect()   {}
func (Alarm) effect()    {}

// A Position is a place in Raft's log.
type Position struct {
	Index uint64
	Term  uint64
}

// A Cursor says which height the entries up to an index lead to.
type Cursor struct {
	Height uint64
	Index  uint64
}

// A Write is one batch for the consensus database. Absent parts change nothing.
type Write struct {
	// Start begins a round: Raft's log, its hard state and the cursor are gone
	// first, and the other parts are of this round. It is kept for ever.
	Start *ledger.SignedStart

	HardState *raftpb.HardState
	Entries   []*raftpb.Entry // take the place of every stored entry from the first one's index on
	Snapshot  *Position       // the log now begins after this position, and holds only Entries
	Truncate  *Position       // entries up to this position are dropped

	Votes     []ledger.SignedVote    // own votes, about to be sent
	Newest    []ledger.SignedVote    // the newest vote seen of another validator
	Prepared  []ledger.PreparedBlock // prepare certificates of blocks committed on, or FINAL
	Highest   *ledger.Certificate    // the certificate of the highest FINAL block
	Cursor    *Cursor
	Statement *ledger.SignedStatement // own: from now on no vote below its round; kept for ever
	Carried   []ledger.Block          // that a later round may begin with, until they are FINAL
	Evidence  []ledger.Evidence       // kept for ever
	Joined    bool                    // from now on this database belongs to a key that may vote
	Final     uint64                  // own votes up to here may go, except the newest; prepare certificates 1,024 below, too

	Sync bool
}

// onlyCommit tells that there is nothing to write but how far Raft has committed.
// Raft finds that again by itself after a crash, so it waits for a write that is
// made anyway: there is one as soon as the block is executed.
func (w *Write) onlyCommit() bool {
	rest := *w
	rest.HardState = nil
	return !w.Sync && rest.empty()
}

func (w *Write) empty() bool {
	return w.Start == nil && w.HardState == nil && w.Entries == nil && w.Snapshot == nil && w.Truncate == nil &&
		w.Votes == nil && w.Newest == nil && w.Prepared == nil && w.Highest == nil && w.Cursor == nil &&
		w.Statement == nil && w.Carried == nil && w.Evidence == nil && !w.Joined && w.Final == 0
}

// Saved is what the consensus database held at start.
type Saved struct {
	Joined    bool
	HardState *raftpb.HardState
	First     Position        // the log begins after it; zero if it never began
	Entries   []*raftpb.Entry // in order, after First
	Votes     []ledger.SignedVote
	Newest    []ledger.SignedVote // of all validators, this one's own included
	Prepared  []ledger.PreparedBlock
	Highest   *ledger.Certificate
	Cursor    Cursor
	Start     *ledger.SignedStart     // of the newest round that has one; Raft's parts are of this round
	Statement *ledger.SignedStatement // the newest own one
	Carried   []ledger.Block
	Evidence  []ledger.Evidence

	// Surrendered are keys whose votes before this record began are not known.
	// They never vote again.
	Surrendered []keys.PublicKey
}

// KeepPrepared is how many FINAL blocks keep their prepare certificate.
const KeepPrepared = 1024
