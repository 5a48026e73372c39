// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import "fmt"

// freezeCall brings a court's paper about a right: a freeze, a renewal or a lifting.
func (h *history) freezeCall(d *dossier) call {
	actor := h.office(d.right)
	if h.draw.chance(25) {
		actor = CT
	}
	a := args{"doc_no": fmt.Sprintf("(2026)川01执保%d号", h.next())}
	standing := d.standing(h.time)
	if len(standing) > 2 || len(standing) > 0 && h.draw.chance(55) || len(d.freezes) > 0 && h.draw.chance(10) {
		f := d.freezes[h.draw.below(len(d.freezes))]
		if len(standing) > 0 && h.draw.chance(80) {
			f = pick(h.draw, standing...)
		}
		if f.court == CT && h.draw.chance(90) {
			actor = CT
		} else if f.court != CT && actor == CT && h.draw.chance(90) {
			actor = h.office(d.right)
		}
		a["freeze_no"] = f.no
		if h.draw.chance(40) {
			if h.draw.chance(50) {
				a["lifted_at"] = h.before()
			}
			return call{method: "freezes.lift", actor: actor, a: a, signers: h.pair(actor)}
		}
		received := max(1, h.before())
		if h.draw.chance(40) { // shortly before its end, or not quite
			received = min(h.time, f.end()-1+pick(h.draw, int64(0), 0, 0, -aDay, 1))
		}
		a["received_at"] = received
		if h.draw.chance(40) {
			a["until"] = plusDays(dayOf(received), h.draw.below(31*h.ref.figures.freeze(d.space)))
		}
		return call{method: "freezes.renew", actor: actor, a: a, signers: h.pair(actor)}
	}
	received := max(1, h.before())
	a["right_id"], a["received_at"] = d.id, received
	if actor != CT {
		a["court"] = pick(h.draw, "示例中级人民法院", "示例高级人民法院")
	}
	if h.draw.chance(60) {
		a["until"] = plusDays(dayOf(received), h.draw.below(31*h.ref.figures.freeze(d.space)))
	}
	if h.draw.chance(20) {
		a["against"] = pick(h.draw, append([]string{pick(h.draw, owners...)}, d.owners...)...)
	}
	if len(d.freezes) > 0 && h.draw.chance(5) {
		a["doc_no"] = pick(h.draw, d.freezes...).docs[0]
	}
	if h.draw.chance(20) {
		a["scope"] = h.words()
	}
	return call{method: "freezes.record", actor: actor, a: a, signers: h.pair(actor)}
}
