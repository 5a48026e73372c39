// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consensus

import (
	"github.com/ipledger/ipledger/consensus/rules"
	"github.com/ipledger/ipledger/ledger"
)

// A round in which nothing becomes FINAL any more is left for the next one:
//
//	quiet ─▶ Intent × q ─▶ promise, Statement × q ─▶ START ─▶ fetch what it carries ─▶ vote on it ─▶ the new log
//
// Each arrow is repeated until what follows from it is seen, so loss and restarts
// only cost time. Whoever sees a quorum of intents, or a statement, which holds
// one, joins; so either all that live leave a round or none needs to.

// recovery is how the next round comes about.
type recovery struct {
	statement  *ledger.SignedStatement   // the newest own one: no vote below its round
	intents    []*ledger.SignedIntent    // by member: the newest since FINAL moved
	statements []*ledger.SignedStatement // by member: the newest
	starting   *ledger.SignedStart       // valid; begins when this node is through its log, see replayed
	begun      *ledger.SignedStart       // that the present round began with, nil in round 0

	stirred  int   // tick of the last promise, START or start of this node
	barren   int   // promises since FINAL moved
	met      []int // by member: tick of its newest status, 0 for none
	passedOn []int // by member: tick at which it was given the START of this round
	doubted  []int // by member: tick until which its statements and STARTs are not looked at

	given   []int                        // by member: blocks asked for since resendTicks
	carried map[ledger.Hash]ledger.Block // that this round carries or a later one may
	wanting wanting
}

// wanting is the question for a block that the round carries.
type wanting struct {
	block ledger.Hash
	asked Member
	tick  int
}

const (
	passOnTicks = 20 // between two STARTs to one member
	doubtTicks  = 20 // after a statement or START that does not hold: its checks take time
	lostTicks   = 20 // without a status after which a member does not count as connected
)

func newRecovery(members int, saved Saved) recovery {
	return recovery{
		statement:  saved.Statement,
		begun:      saved.Start,
		intents:    make([]*ledger.SignedIntent, members),
		statements: make([]*ledger.SignedStatement, members),
		met:        make([]int, members),
		passedOn:   make([]int, members),
		doubted:    make([]int, members),
		given:      make([]int, members),
		carried:    make(map[ledger.Hash]ledger.Block),
	}
}

// promised is the round below which this node votes no more.
func (r *recovery) promised() uint64 {
	if r.statement == nil {
		return 0
	}
	return r.statement.Statement.Intent.Round
}

func (c *Core) epoch(round uint64) rules.Epoch {
	return rules.Epoch{Set: c.cfg.Set.Number, Round: round}
}

// maySign tells whether this node may say anything of rounds. A node that only
// follows in this round may: it is to take part in the next.
func (c *Core) maySign() bool {
	return (c.phase == Active || c.phase == Observer) && !c.barred && c.signing
}

// tickRecovery wishes for another round when it is time, and repeats what others
// may not have heard.
func (c *Core) tickRecovery() {
	c.askCarried()
	if c.ticks%resendTicks == 0 {
		clear(c.given)
	}
	if !c.maySign() {
		return
	}
	promised, first := c.promised(), uint64(c.cfg.Patience)
	waiting := c.pool.len() > 0 || len(c.blocks) > 0 || len(c.queue) > 0 || c.cursor.Height < c.start.Height+uint64(len(c.start.Carried))
	if promised > c.start.Round {
		first, waiting = first/4+1, true // a START takes seconds, not a minute
	}
	quiet := c.ticks - max(c.stirred, c.finalTick)
	if rules.Due(uint64(quiet), rules.Patience(first, c.barren), waiting, c.connected(), c.cfg.Set.Quorum()) {
		c.wish(rules.Next(c.epoch(max(c.start.Round, c.keptRound())), c.epoch(promised)).Round, ledger.AllVoters(c.cfg.Set))
	}
	if c.ticks%resendTicks != 0 {
		return
	}
	if own := c.intents[c.cfg.Self]; own != nil && own.Intent.Round > max(promised, c.start.Round) {
		c.broadcast(intentMessage, *own)
	}
	if promised > c.start.Round {
		c.broadcast(statementMessage, *c.statement)
	}
}

// connected counts the members that were heard of of late, this one included.
func (c *Core) connected() int {
	n := 1
	for m, tick := range c.met {
		if Member(m) != c.cfg.Self && tick > 0 && c.ticks-tick <= lostTicks {
			n++
		}
	}
	return n
}

// wish signs the intent to begin a round, if that was not done.
func (c *Core) wish(round uint64, voters uint32) {
	intent := ledger.Intent{Chain: c.cfg.Network.Chain, Set: c.cfg.Set.Number, Round: round, Voters: voters}
	if own := c.intents[c.cfg.Self]; own != nil && own.Intent == intent {
		return
	}
	s, err := intent.Sign(uint64(c.cfg.Self), c.cfg.Signer)
	if err != nil {
		return // tried again at the next tick
	}
	c.intents[c.cfg.Self] = &s
	c.broadcast(intentMessage, s)
}

func (c *Core) acceptIntent(from Member, payload []byte) drop {
	var s ledger.SignedIntent
	if ledger.Decode(payload, maxControl, &s) != nil || s.Validator != uint64(from) {
		return dropMalformed
	}
	known := c.intents[from]
	if s.Intent.Round <= c.start.Round || known != nil && (known.Intent == s.Intent || known.Intent.Round > s.Intent.Round) {
		return dropNone
	}
	if s.Check(c.cfg.Network, c.cfg.Set) != nil {
		return dropRecovery
	}
	c.intents[from] = &s
	return dropNone
}

// meet notes a sign of life of a member, and helps one that is in an earlier round.
func (c *Core) meet(m Member, round uint64) {
	c.met[m] = c.ticks
	if round < c.start.Round && c.begun != nil && (c.passedOn[m] == 0 || c.ticks-c.passedOn[m] >= passOnTicks) {
		c.passedOn[m] = c.ticks
		c.tell(m, startMessage, *c.begun)
	}
}

// leave takes the next step towards another round, if there is one to take.
func (c *Core) leave() {
	if c.maySign() {
		c.agree()
		c.signStart()
	}
	if s := c.starting; s != nil && c.phase != Halted && c.replayed() {
		c.begin(s)
	}
}

// agree promises to leave the present round if a quorum wishes for a later one.
func (c *Core) agree() {
	wishes := make([]*rules.Intent, len(c.intents))
	for m, s := range c.intents {
		if s != nil {
			wishes[m] = &rules.Intent{Epoch: c.epoch(s.Intent.Round), Voters: s.Intent.Voters}
		}
	}
	above := max(c.promised(), c.start.Round, c.keptRound())
	var best *ledger.Statement
	if agreed, ok := rules.Agreed(wishes, c.cfg.Set.Quorum()); ok && agreed.Epoch.Round > above {
		best = &ledger.Statement{}
		for m, wish := range wishes {
			if wish != nil && *wish == agreed && len(best.Intents) < c.cfg.Set.Quorum() {
				best.Intent = c.intents[m].Intent
				best.Intents = append(best.Intents, ledger.SignerSignature{Validator: uint64(m), Signature: c.intents[m].Signature})
			}
		}
		above = agreed.Epoch.Round
	}
	for _, s := range c.statements {
		if s != nil && s.Statement.Intent.Round > above {
			best, above = &ledger.Statement{Intent: s.Statement.Intent, Intents: s.Statement.Intents}, s.Statement.Intent.Round
		}
	}
	if best != nil {
		c.promise(*best)
	}
}

// promise makes the statement for a round that a quorum wishes for. It is synced
// before it is sent; after a crash it is sent again as it was.
func (c *Core) promise(s ledger.Statement) {
	s.Validator = uint64(c.cfg.Self)
	highest := c.origin()
	if c.kept != nil {
		s.Highest, highest = []ledger.Certificate{*c.kept}, prepared(*c.kept, ledger.Hash{})
	}
	var kept []rules.Prepared
	for h := highest.Block.Height + 1; h <= highest.Block.Height+c.reach(); h++ {
		if p, ok := c.prepared[h]; ok {
			kept = append(kept, prepared(p.Certificate, p.Header.Parent))
		}
	}
	for _, p := range rules.State(c.epoch(s.Intent.Round), s.Validator, highest, kept).Prepared {
		s.Prepared = append(s.Prepared, c.prepared[p.Block.Height])
	}
	if own := c.newest[c.cfg.Self]; own != nil {
		s.Newest = []ledger.Vote{own.Vote}
	}
	signed, err := s.Sign(c.cfg.Signer)
	if err != nil {
		return // tried again at the next step
	}
	c.statement, c.statements[c.cfg.Self] = &signed, &signed
	c.write.Statement, c.write.Sync = &signed, true
	c.stirred = c.ticks
	c.barren++
	c.broadcast(statementMessage, signed)
}

// reach is how far above its highest certificate a member may have prepared. It has
// voted up to a window above FINAL, and a crash may have cost it the certificates
// of the last blocks that became FINAL: they are synced with what is written next.
func (c *Core) reach() uint64 { return 2 * c.cfg.Window }

// keptRound is the round of the highest certificate: a quorum was in it, and whoever
// has it wishes for no earlier one.
func (c *Core) keptRound() uint64 {
	if c.kept == nil {
		return 0
	}
	return c.kept.Vote.Round
}

// origin stands for the certificate of whoever has none: the block on which the
// set's first round stands.
func (c *Core) origin() rules.Prepared {
	return rules.Prepared{Epoch: c.epoch(0), Block: rules.Block{Height: c.cfg.Start.Height, Hash: c.cfg.Start.Base}}
}

// stated gives a statement as the rules see it.
func (c *Core) stated(s ledger.Statement) rules.Statement {
	out := rules.Statement{Epoch: c.epoch(s.Intent.Round), Validator: s.Validator, Highest: c.origin()}
	for _, h := range s.Highest {
		out.Highest = prepared(h, ledger.Hash{})
	}
	for _, p := range s.Prepared {
		out.Prepared = append(out.Prepared, prepared(p.Certificate, p.Header.Parent))
	}
	return out
}

func (c *Core) acceptStatement(from Member, payload []byte) drop {
	var s ledger.SignedStatement
	if ledger.Decode(payload, ledger.MaxStatement, &s) != nil || s.Statement.Validator != uint64(from) {
		return dropMalformed
	}
	known := c.statements[from]
	if s.Statement.Intent.Round <= c.start.Round || known != nil && known.Statement.Intent.Round >= s.Statement.Intent.Round {
		return dropNone
	}
	if c.ticks < c.doubted[from] {
		return dropRate
	}
	if s.Check(c.cfg.Network, c.cfg.Set) != nil || c.stated(s.Statement).Check(c.reach()) != nil {
		c.doubted[from] = c.ticks + doubtTicks
		return dropRecovery
	}
	c.heardStatement(&s)
	return dropNone
}

// heardStatement keeps the newest statement of a member, and holds it against the
// votes of that member that are known here.
func (c *Core) heardStatement(s *ledger.SignedStatement) {
	m := s.Statement.Validator
	if known := c.statements[m]; known != nil && known.Statement.Intent.Round >= s.Statement.Intent.Round {
		return
	}
	c.statements[m] = s
	for _, s := range c.slots() {
		if held := c.voteOf(Member(m), s); held != nil {
			c.compare(held.SignedVote)
		}
	}
}

// signStart signs the START of the promised round if it is this node's turn and a
// quorum has made statements.
func (c *Core) signStart() {
	round := c.promised()
	if round <= c.start.Round || c.starting != nil || rules.Starter(round, c.cfg.Set) != uint64(c.cfg.Self) {
		return
	}
	var statements []ledger.SignedStatement
	var stated []rules.Statement
	for _, s := range c.statements {
		if s != nil && s.Statement.Intent == c.statement.Statement.Intent && len(statements) < c.cfg.Set.Quorum() {
			statements, stated = append(statements, *s), append(stated, c.stated(s.Statement))
		}
	}
	if len(statements) < c.cfg.Set.Quorum() {
		return
	}
	base, carried := rules.Carry(stated)
	start := ledger.Start{
		Chain:  c.cfg.Network.Chain,
		Set:    c.cfg.Set.Number,
		Round:  round,
		Height: base.Height,
		Base:   base.Hash,
		Voters: c.statement.Statement.Intent.Voters,
	}
	for _, b := range carried {
		start.Carried = append(start.Carried, b.Hash)
	}
	signed, err := start.Sign(uint64(c.cfg.Self), statements, c.cfg.Signer)
	if err != nil {
		return // tried again at the next step
	}
	if _, ok := c.checkStart(signed); ok { // as everybody will
		c.starting = &signed
	}
}

func (c *Core) acceptStart(from Member, payload []byte) drop {
	var s ledger.SignedStart
	if ledger.Decode(payload, ledger.MaxStart, &s) != nil {
		return dropMalformed
	}
	round := s.Start.Round
	if round <= c.start.Round || round < c.promised() || round < c.keptRound() || c.starting != nil && c.starting.Start.Round >= round {
		return dropNone
	}
	if c.ticks < c.doubted[from] {
		return dropRate
	}
	statements, ok := []ledger.SignedStatement(nil), s.Validator == rules.Starter(round, c.cfg.Set) // costs nothing to tell
	if ok {
		statements, ok = c.checkStart(s)
	}
	if !ok {
		c.doubted[from] = c.ticks + doubtTicks
		return dropRecovery
	}
	for _, one := range statements {
		c.heardStatement(&one)
	}
	c.starting = &s
	return dropNone
}

// checkStart tells whether a START is one that its round may begin with, and gives the
// statements that it follows from.
func (c *Core) checkStart(s ledger.SignedStart) ([]ledger.SignedStatement, bool) {
	statements, err := s.Open(c.cfg.Network, c.cfg.Set)
	if err != nil {
		return nil, false
	}
	want := ledger.Intent{Chain: s.Start.Chain, Set: s.Start.Set, Round: s.Start.Round, Voters: s.Start.Voters}
	var stated []rules.Statement
	for _, one := range statements {
		if one.Statement.Intent != want {
			return nil, false // of other Raft voters
		}
		stated = append(stated, c.stated(one.Statement))
	}
	return statements, carriedBy(s.Start).Check(c.cfg.Set, s.Validator, c.reach(), stated) == nil
}

// replayed tells that this node has in its hands every block that it has prepared
// in this round and that a later one may carry. After a restart it has to execute
// them again from its log, which the next round's log takes the place of. It
// needs nobody else for that.
func (c *Core) replayed() bool {
	if c.barred || !c.signing || c.conflict || c.group.stopped != nil {
		return true
	}
	for _, s := range c.slots() {
		own := c.voteOf(c.cfg.Self, s)
		if own == nil || s.kind != ledger.Prepare || c.kept != nil && s.height <= c.kept.Vote.Height {
			continue
		}
		if _, ok := c.carried[own.Vote.Block]; ok {
			continue
		}
		if b := c.blocks[s.height]; b == nil || !b.executed || b.hash != own.Vote.Block {
			return false
		}
	}
	return true
}
