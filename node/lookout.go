// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"log/slog"
	"time"

	"github.com/ipledger/ipledger/consensus"
)

// A validator that reaches no quorum does nothing wrong and nothing at all: it
// serves what is FINAL and waits. Nobody who looks at that node alone would know.
// So it says so, as soon as that lasts longer than an election takes and a busy
// machine delays one.
const (
	cutOffAfter  = 5 * time.Second
	stalledAfter = 10 * time.Second
)

// A lookout tells people when this node can make nothing FINAL: it reaches no
// quorum or knows no leader, or transactions wait and no block becomes FINAL, for
// whatever reason. The orderer owns it.
type lookout struct {
	quorum  int // of the set, this node included
	logger  *slog.Logger
	metrics *metrics

	height  uint64 // newest FINAL
	cutOff  trouble
	stalled trouble
}

// A trouble is something that should not last.
type trouble struct {
	since time.Time // zero: it is not there
	told  bool
}

// observe is told once a tick where consensus stands and how many other validators
// accept this node's messages.
func (l *lookout) observe(s consensus.Status, connected int, now time.Time) {
	moved := s.Final != l.height
	l.height = s.Final
	validates := s.Phase == consensus.Joining || s.Phase == consensus.Active
	away := validates && (connected < l.quorum-1 || !s.HasLeader)
	idle := s.Mempool == 0 || !validates

	cutOff, news := l.cutOff.watch(away, now, cutOffAfter)
	l.metrics.cutOff.Set(cutOff.Seconds())
	switch news {
	case begun:
		l.logger.Warn("cut off: this node reaches no quorum or knows no leader, and makes nothing FINAL",
			"connected", connected, "needed", l.quorum-1, "leader_known", s.HasLeader, "height", s.Final, "waiting", s.Mempool,
			"safe", "nothing is lost; what is FINAL is served with its height and time; what was submitted waits",
			"do", "look at the network and at the other validators; the node goes on by itself when it reaches them",
			"zh", "与网络隔离：本节点无法联系到法定数量的验证者，或无已知领导者，暂时不能产生已确定的区块。数据未丢失，已确定的数据仍可按其高度和时间查询，已提交的交易继续等待。请检查网络和其他验证者；连通后节点自动恢复。")
	case over:
		l.logger.Info("a quorum is reached again", "after", cutOff.String(), "connected", connected, "height", s.Final)
	}

	// Each FINAL block ends a standstill, and may begin the next.
	if moved {
		if _, news := l.stalled.watch(false, now, stalledAfter); news == over {
			l.logger.Info("blocks become FINAL again", "height", s.Final)
		}
	}
	stalled, news := l.stalled.watch(!idle, now, stalledAfter)
	l.metrics.stalled.Set(stalled.Seconds())
	if news == begun {
		l.logger.Warn("standstill: transactions wait and no block becomes FINAL",
			"height", s.Final, "waiting", s.Mempool, "connected", connected, "leader_known", s.HasLeader,
			"safe", "nothing is lost; what was submitted waits, and expires where its time runs out",
			"do", "compare ipledger status of all validators: too few of them may run or reach each other",
			"zh", "区块停滞：有交易等待，但没有新的区块被确定。数据未丢失，已提交的交易继续等待，超过有效期的将失效。请比较各验证者的 ipledger status：可能运行中或相互连通的验证者不足。")
	}
}

// news is whether a trouble is to be told.
type news int

const (
	nothingNew news = iota
	begun           // it has lasted for too long
	over            // it was told, and has ended
)

// watch takes notice of whether the trouble is there, and gives for how long it was.
func (t *trouble) watch(there bool, now time.Time, patience time.Duration) (lasts time.Duration, n news) {
	if !t.since.IsZero() {
		lasts = now.Sub(t.since)
	}
	switch {
	case !there:
		if t.told {
			n = over
		}
		*t = trouble{}
		if n != over {
			lasts = 0
		}
	case t.since.IsZero():
		t.since = now
	case !t.told && lasts >= patience:
		t.told, n = true, begun
	}
	return lasts, n
}
