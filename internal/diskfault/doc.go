// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package diskfault makes the disks that a database must bear: one whose machine
// stops before any change to it, and one that refuses a call. Both are Pebble's
// own file system in memory behind its own error injection. Only tests import it.
package diskfault
