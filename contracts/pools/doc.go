// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package pools keeps groups of rights of one or more owners that are financed
// together, 专利池: by one bank, or by a special-purpose vehicle of a securitisation,
// whose investors are not on the ledger.
//
//	create ──add──▶ the pool's rights ──pledge──▶ an application of package pledges
//
// A pool burdens nothing by itself: what is pledged of it is a pledge like others, which
// names the pool. The owners of every right have signed that it is in the pool, and
// whether they stand for each other.
//
// Keys of the state:
//
//	pools/<pool no>    Record, for members
package pools
