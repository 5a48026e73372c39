// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package bench loads a running network and measures what it costs.
package bench
