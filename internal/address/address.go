// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package address says whom a remote address is counted as by what bounds the
// connections and requests of one stranger.
package address

import "net/netip"

// Of is the IPv4 address, or the IPv6 /64 network, of a remote address with its
// port: one customer gets at least a /64. What is no address counts as the zero
// Prefix.
func Of(remote string) netip.Prefix {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := at.Addr().Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}
