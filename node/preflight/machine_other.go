// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package preflight

import "errors"

// Nodes run on Linux; elsewhere the program is a client.

func openFiles() (uint64, error) { return 0, errors.ErrUnsupported }

func clockInStep() (bool, error) { return false, errors.ErrUnsupported }
