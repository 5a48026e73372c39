// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

// outsideArrows are what becomes of rights with owners that are not on this ledger; of
// each there have to be fewer.
var outsideArrows = []string{
	"confirmed with outside owners", "TRANSFERRED, to outside owners", "TRANSFERRED, from outside owners",
}

// outsiders counts what became of the owners outside.
func (n *tally) outsiders(before, after *dossier) {
	switch {
	case before.id == "" && len(after.outside) > 0:
		n.arrows["confirmed with outside owners"]++
	case len(before.outside) == 0 && len(after.outside) > 0:
		n.arrows["TRANSFERRED, to outside owners"]++
	case len(before.outside) > 0 && len(after.outside) == 0:
		n.arrows["TRANSFERRED, from outside owners"]++
	}
}

// outside are owners that are not on this ledger, by their names in the register.
func (h *history) outside() []string {
	return pick(h.draw, []string{"外地企业甲"}, []string{"外地企业乙"}, []string{"外地企业甲", "外地企业乙"}, []string{"外地企业乙", "外地企业甲"})
}

// transferOutside lets a right, or a part of it, go to somebody who is not on this ledger,
// now and then to a pledgee under its name.
func (h *history) transferOutside(d *dossier, a args) {
	if !h.draw.chance(10) {
		return
	}
	switch a["outside_owners"] = h.outside(); {
	case len(d.live(h.time)) > 0 && h.draw.chance(30):
		a["outside_owners"] = []string{nameOf(pick(h.draw, pick(h.draw, d.live(h.time)...).pledgees...))}
	case len(d.owners) > 0 && h.draw.chance(40): // a share of it
		a["owners"] = d.owners
	}
	if h.draw.chance(25) {
		delete(a, "owners")
	}
}
