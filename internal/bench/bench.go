// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"slices"
	"strings"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Node is one running node of the network under test.
type Node struct {
	Name       string
	URL        string // of its API, plain HTTP
	PID        int
	DataDir    string
	ProfileURL string // of its profiler; used only if profiles are asked for
}

// An Organisation is one that acts in the workloads, with the keys of two of its
// people.
type Organisation struct {
	PartyID        string
	Maker, Checker keys.PrivateKey
}

func (o Organisation) maker() person   { return person{o.PartyID, o.Maker} }
func (o Organisation) checker() person { return person{o.PartyID, o.Checker} }

// Settings say what to measure. Two reports compare only if they are of the same
// workload, suite and number of nodes.
type Settings struct {
	Workload string  `json:"workload"` // claim, pledge or all
	Nodes    int     `json:"nodes"`
	Suite    string  `json:"suite"`
	Closed   []int   `json:"closed"`  // claims under way in each closed loop
	Open     []int   `json:"open"`    // claims a second in each open loop
	Pledges  []int   `json:"pledges"` // pledges under way in each closed loop
	Seconds  float64 `json:"seconds"` // length of each window
	WarmUp   float64 `json:"warm_up_seconds"`
	Idle     float64 `json:"idle_seconds"` // without load, before the first phase; 0: not measured
	Bad      float64 `json:"bad"`          // claims with a wrong signature that are sent in addition, as a share of the good ones
	Seed     uint64  `json:"seed"`
	Profiled bool    `json:"profiled"` // taking profiles costs the nodes a little
}

// Connections is how many HTTP connections the loader may have open at once, to
// all nodes together and in equal shares.
func (s Settings) Connections() int {
	most := 0
	for _, n := range slices.Concat(s.Closed, s.Pledges) {
		most = max(most, n)
	}
	for _, n := range s.Open {
		most = max(most, openWorkers(n))
	}
	return most
}

func (s Settings) window() time.Duration { return seconds(s.Seconds) }
func (s Settings) warmUp() time.Duration { return seconds(s.WarmUp) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Config says on which network to measure.
type Config struct {
	Settings
	Network []Node
	Trust   ledger.Trust // from the genesis file; nothing else is believed
	Bank    Organisation
	Office  Organisation // of intellectual property
	Profile string       // directory of CPU profiles; "": none

	// Say tells a person how far the run is.
	Say func(format string, args ...any)
	// Stop ends the nodes in order, after the last phase.
	Stop func() error
}

func (c Config) addresses() []string {
	addresses := make([]string, len(c.Network))
	for i, n := range c.Network {
		addresses[i] = strings.TrimPrefix(n.URL, "http://")
	}
	return addresses
}
