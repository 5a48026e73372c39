// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package disposals sells what is pledged when the pledge is enforced.
//
//	list ──▶ LISTED ──close──▶ SOLD ──settle──▶ SETTLED: the sale stands in the records of the rights
//	         ▲    │             ▲ │
//	  relist │    fail          │ └──stop──▶ STOPPED
//	(round+1)│    ▼             │
//	         └─ FAILED ─set_off─┘
//	              └──stop──▶ STOPPED ◀──stop── LISTED
//
// Which way a sale goes follows from the route that the enforcement took:
//
//   - AGREEMENT: the sides agree on a price by a valuation, at an exchange. There are no
//     bids and no rounds. A pledgee may be the buyer, since the owners and all pledgees
//     of the rights sign once there is a default (Civil Code, article 436).
//   - PRIVATE_SALE: an exchange auctions or sells off, as the pledgees have it, and opens
//     no sooner than the notice has run.
//   - COURT: the court's auction. The reserve price of the first round is at least a share
//     of the reference price, that of the second a share of the first, and that of a
//     sell-off after both is not less than the second's.
//
// There are two auctions at most and then one sell-off. After a failed round the sides may
// agree that pledgees take the rights for the reserve price at least.
//
// What must hold: a pledgee becomes owner as a bidder, at an agreed price or by such a set-off, never by
// default alone (Civil Code, article 428); a right is in one open disposal at most; nothing
// is sold under the reserve price; a right is moved by the register, never by this
// contract: the settled sale only stands for the pledgees' agreement to the entry of its
// buyers, see rights.Sale. An open disposal is over, without any transaction, once the
// enforcement that it belongs to has ended: see Record.StateIn.
//
// A listing is public, and so is its price once it is sold. Bidders and bids are in sealed
// parts of which the ledger counts the commitments; buyers are known to the parties until
// the sale is settled. How the price is shared out is not kept here.
//
// Sources: Civil Code, articles 410, 428, 436, 438; Supreme Court, interpretation on
// security (2020), article 45; provisions on online judicial auctions (2016), articles 10
// and 26; notice on joining online sell-offs to them (2017).
//
// Keys of the state:
//
//	disposals/<disposal no>              Record, public
//	disposal_files/<disposal no>         File, for the parties
//	disposal_rights/<space>/<number>     number of the newest disposal of a right
package disposals
