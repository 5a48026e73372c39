// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package ports finds ports for nodes of tests, which stop and come back at the
// same addresses. Only tests import it.
package ports

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Row finds n ports one after the other that are free on loopback, together with
// those at each of the distances from them, and gives the first. They lie below
// those that systems give to outgoing connections: the port of a node that is
// down must still be free when it comes back.
func Row(t testing.TB, n int, distances ...int) int {
	t.Helper()
	for range 100 {
		if first := 12_000 + rand.IntN(18_000); free(first, n, append([]int{0}, distances...)) {
			return first
		}
	}
	t.Fatal("no free ports")
	return 0
}

func free(first, n int, distances []int) bool {
	for i := range n {
		for _, d := range distances {
			l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first+d+i)))
			if err != nil {
				return false
			}
			_ = l.Close()
		}
	}
	return true
}
