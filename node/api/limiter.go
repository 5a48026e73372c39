// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A limiter bounds the unsigned requests of each address. It knows a bounded
// number of addresses; when there are more it forgets any of them, which only
// gives that one a full bucket again.
type limiter struct {
	mu      sync.Mutex
	rate    rate.Limit
	buckets map[string]*rate.Limiter
}

const maxAddresses = 1 << 14

func newLimiter(perSecond float64) *limiter {
	return &limiter{rate: rate.Limit(perSecond), buckets: make(map[string]*rate.Limiter)}
}

// allow takes one request of a remote address, host:port.
func (l *limiter) allow(remote string, now time.Time) bool {
	if l.rate <= 0 {
		return true
	}
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket := l.buckets[host]
	if bucket == nil {
		if len(l.buckets) >= maxAddresses {
			for any := range l.buckets {
				delete(l.buckets, any)
				break
			}
		}
		bucket = rate.NewLimiter(l.rate, max(1, int(2*l.rate)))
		l.buckets[host] = bucket
	}
	return bucket.AllowN(now, 1)
}
