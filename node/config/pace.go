// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import "time"

// A Pace says how time passes for a node. The zero Pace is that of service; a
// rehearsal has a clock that jumps.
type Pace struct {
	Clock func() time.Time // dates blocks, and the requests it is compared with; nil: time.Now
	Tick  time.Duration    // of the machine's time, between ticks of the core; 0: 100 ms
	Idle  time.Duration    // of Clock, after which an empty block follows a block; 0: a minute
}

// Complete fills in what holds where nothing is given.
func (p Pace) Complete() Pace {
	if p.Clock == nil {
		p.Clock = time.Now
	}
	if p.Tick == 0 {
		p.Tick = 100 * time.Millisecond
	}
	if p.Idle == 0 {
		p.Idle = time.Minute
	}
	return p
}
