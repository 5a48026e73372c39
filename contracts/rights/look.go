// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rights

import (
	"slices"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
)

// A Look is the newest that showed which burdens the register has: a snapshot of it, or what
// was told with an event.
type Look struct {
	ReadAt int64  `cbor:"1,keyasint" json:"read_at"`                   // at the register
	ToldAt int64  `cbor:"2,keyasint" json:"told_at"`                   // block time
	Event  uint64 `cbor:"3,keyasint,omitempty" json:"event,omitempty"` // absent: a snapshot
}

// Shown is what the burdens that an event told have changed in the record.
type Shown struct {
	Burdens []RegistrarEncumbrance `cbor:"1,keyasint,omitempty" json:"burdens,omitempty"` // before
	Look    *Look                  `cbor:"2,keyasint,omitempty" json:"look,omitempty"`    // before
	Marks   []Mark                 `cbor:"3,keyasint,omitempty" json:"marks,omitempty"`
}

// A Mark says since when the register shows a pledge no more, before a look at it and
// after; 0: it does.
type Mark struct {
	PledgeNo string `cbor:"1,keyasint" json:"pledge_no"`
	Before   int64  `cbor:"2,keyasint,omitempty" json:"before,omitempty"`
	After    int64  `cbor:"3,keyasint,omitempty" json:"after,omitempty"`
}

// shownBy is what a look has changed.
func shownBy(before, after Record) *Shown {
	s := &Shown{Burdens: before.Encumbrances, Look: before.Looked}
	for i, p := range after.Pledges {
		if was := before.Pledges[i].NotShown; was != p.NotShown {
			s.Marks = append(s.Marks, Mark{p.PledgeNo, was, p.NotShown})
		}
	}
	return s
}

// unlook takes back what an event that is annulled has shown of the register's burdens. What
// another look has shown since stays, as if it had been the next one.
func (h *happening) unlook(event Event) {
	s := event.Shown
	if s == nil {
		return
	}
	newest := h.record.Looked.Event == event.Seq
	h.record.Pledges = slices.Clone(h.record.Pledges)
	for i, p := range h.record.Pledges {
		for _, m := range s.Marks {
			if m.PledgeNo == p.PledgeNo && newest {
				h.record.Pledges[i].NotShown = m.Before
			} else if m.PledgeNo == p.PledgeNo {
				h.record.Pledges[i].NotShown = m.without(p.NotShown, h.record.Looked.ReadAt)
			}
		}
	}
	for _, m := range s.Marks {
		EachEnded(h.v, h.record, m.PledgeNo, func(e *EndedPledge) {
			if h.record.Looked.ToldAt < e.ToldAt && !newest {
				e.Entry.NotShown = m.without(e.Entry.NotShown, h.record.Looked.ReadAt)
			} else if e.Entry.NotShown == m.After {
				e.Entry.NotShown = m.Before
			}
		})
	}
	if newest {
		h.record.Looked, h.record.Encumbrances = s.Look, h.stillOthers(s.Burdens)
		return
	}
	for seq := event.Seq + 1; seq <= h.record.Events; seq++ {
		key := EventKey(h.record.Space, h.record.Number, seq)
		next, _ := contracts.Load[Event](h.v, key)
		if next.Shown == nil || next.Shown.Look == nil || next.Shown.Look.Event != event.Seq {
			continue
		}
		next.Shown = next.Shown.after(s, next.KnownTime)
		contracts.Store(h.v, key, next)
	}
}

// without is since when the register does not show a pledge if a look is not counted, given
// what a later one says.
func (m Mark) without(later, readAt int64) int64 {
	switch {
	case later == 0:
		return 0
	case m.Before != 0:
		return m.Before
	case later == m.After:
		return readAt
	}
	return later
}

// after is what a look has changed if the one before it, which showed something else, is
// not counted.
func (s *Shown) after(gone *Shown, readAt int64) *Shown {
	out := &Shown{Burdens: gone.Burdens, Look: gone.Look, Marks: slices.Clone(s.Marks)}
	for _, m := range gone.Marks {
		later := m.After
		out.Marks = slices.DeleteFunc(out.Marks, func(own Mark) bool {
			if own.PledgeNo == m.PledgeNo {
				later = own.After
			}
			return own.PledgeNo == m.PledgeNo
		})
		if is := m.without(later, readAt); is != m.Before {
			out.Marks = append(out.Marks, Mark{m.PledgeNo, m.Before, is})
		}
	}
	return out
}

// stillOthers leaves out of burdens that were shown before the pledges that were registered
// here since: they are not another's.
func (h *happening) stillOthers(burdens []RegistrarEncumbrance) []RegistrarEncumbrance {
	own := slices.Clone(h.record.Pledges)
	ended, _ := contracts.Load[EndedPledges](h.v, EndedKey(h.record.Space, h.record.Number))
	for _, e := range ended.Pledges {
		own = append(own, e.Entry)
	}
	return slices.DeleteFunc(slices.Clone(burdens), func(b RegistrarEncumbrance) bool {
		return b.Pledges() && slices.ContainsFunc(own, func(p PledgeEntry) bool {
			return b.StatutoryNo == p.StatutoryNo && (b.Time == 0 || identifier.DateOf(b.Time) == identifier.DateOf(p.StatutoryTime))
		})
	})
}

// DropOwnFreeze leaves a freeze of this ledger out of the burdens that the register was seen
// to show on the day on which it was received, as it turns out, if the ledger had it by then.
func (r *Record) DropOwnFreeze(f Freeze) {
	if r.Looked == nil || r.Looked.ToldAt < f.RecordedAt {
		return
	}
	r.Encumbrances = slices.DeleteFunc(slices.Clone(r.Encumbrances), func(e RegistrarEncumbrance) bool {
		return e.Freezes() && identifier.DateOf(e.Time) == identifier.DateOf(f.ReceivedAt)
	})
}
