// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package preflight

import (
	"fmt"
	"syscall"
)

// openFiles is how many files and connections this process may have open.
func openFiles() (uint64, error) {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 0, fmt.Errorf("look at the limit of open files: %w", err)
	}
	return l.Cur, nil
}

// clockInStep tells whether the kernel's clock is kept in step with others.
func clockInStep() (bool, error) {
	var t syscall.Timex
	const timeError = 5 // TIME_ERROR of adjtimex(2): the clock is not synchronised
	state, err := syscall.Adjtimex(&t)
	if err != nil {
		return false, fmt.Errorf("look at the kernel's clock: %w", err)
	}
	return state != timeError, nil
}
