// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

func ignoreFileSizeSignal() {}
