// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import "github.com/ipledger/ipledger/contracts"

// calendar2027 lets stories run on into a year whose holidays are not announced yet.
// It is made up after the years before, and provisional: what is counted with it says
// so. Beyond it nothing is counted, as on any ledger.
func calendar2027() contracts.Calendar {
	return contracts.Calendar{
		Year: 2027, Provisional: true, Source: "made up for rehearsals",
		Off: []uint64{101, 102, 103, 205, 206, 207, 208, 209, 210, 211, 212, 403, 404, 405, 501, 502, 503, 504, 505,
			609, 915, 1001, 1002, 1003, 1004, 1005, 1006, 1007},
		Work: []uint64{213, 214, 508, 926, 1009},
	}
}
