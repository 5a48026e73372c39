// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package log

import "github.com/ipledger/ipledger/internal/database"

// Metrics gives the present sizes and counts. It may be called from any
// goroutine until Close.
func (l *Log) Metrics() database.Metrics { return database.Measure(l.db) }
