// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

import "os/exec"

// detach leaves the process as it is: see devnet_detach_linux.go.
func detach(*exec.Cmd) {}
