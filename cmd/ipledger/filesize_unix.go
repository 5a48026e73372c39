// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import (
	"os/signal"
	"syscall"
)

// ignoreFileSizeSignal makes a write beyond the limit on the size of files fail,
// like one to a full disk, and be explained. The runtime would end the process
// with a trace of all goroutines.
func ignoreFileSizeSignal() { signal.Ignore(syscall.SIGXFSZ) }
