// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"hash/maphash"
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// A limiter gives each of many a token bucket. It knows a bounded number of them
// and forgets only a bucket that is full, which is the same as one never seen:
// so nobody gains by making it forget. Whoever comes new while there is no room
// draws from one bucket that all such share; those who are known, and who behave,
// do not notice.
//
// The buckets lie in shards, chosen by a hash that nobody outside can compute,
// so that there is no lock that all requests wait for.
type limiter[K comparable] struct {
	name   string // quoted, as the headers show it
	policy string // the RateLimit-Policy header
	rate   rate.Limit
	burst  int
	room   int // buckets of one shard
	seed   maphash.Seed
	shards [limiterShards]limiterShard[K]
	rest   *rate.Limiter // of those without a bucket
}

type limiterShard[K comparable] struct {
	mu      sync.Mutex
	buckets map[K]*rate.Limiter
	swept   time.Time
}

const (
	limiterShards = 64
	limiterRoom   = 1024 // buckets of one shard, about 150 bytes each
)

// newLimiter makes a limiter of perSecond with bursts; nil, which allows all, if
// perSecond is 0.
func newLimiter[K comparable](name string, perSecond float64, burst int) *limiter[K] {
	if perSecond <= 0 {
		return nil
	}
	l := &limiter[K]{name: strconv.Quote(name), rate: rate.Limit(perSecond), burst: max(burst, 1), room: limiterRoom, seed: maphash.MakeSeed()}
	l.policy = fmt.Sprintf("%s;q=%d;w=%d", l.name, l.burst, seconds(l.refill(float64(l.burst))))
	l.rest = rate.NewLimiter(l.rate, l.burst)
	return l
}

// refill is how long n tokens take to come.
func (l *limiter[K]) refill(n float64) time.Duration {
	return time.Duration(n / float64(l.rate) * float64(time.Second))
}

// bucket finds or makes the bucket of who.
func (l *limiter[K]) bucket(who K, now time.Time) *rate.Limiter {
	shard := &l.shards[maphash.Comparable(l.seed, who)%limiterShards]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	if b := shard.buckets[who]; b != nil {
		return b
	}
	if len(shard.buckets) >= l.room && now.Sub(shard.swept).Abs() >= time.Second {
		shard.swept = now
		for other, b := range shard.buckets {
			if b.TokensAt(now) >= float64(l.burst) {
				delete(shard.buckets, other)
			}
		}
	}
	if len(shard.buckets) >= l.room {
		return l.rest
	}
	if shard.buckets == nil {
		shard.buckets = make(map[K]*rate.Limiter)
	}
	b := rate.NewLimiter(l.rate, l.burst)
	shard.buckets[who] = b
	return b
}

// take draws one token of who and tells in the headers of the answer what is
// left; an error says that there was none.
func (l *limiter[K]) take(who K, now time.Time, header http.Header) error {
	if l == nil {
		return nil
	}
	b := l.bucket(who, now)
	ok := b.AllowN(now, 1)
	left := l.tell(b, now, header)
	if ok {
		return nil
	}
	return tooMany(ReasonRate, l.refill(1-left))
}

// look is take, and takes nothing.
func (l *limiter[K]) look(who K, now time.Time, header http.Header) error {
	if l == nil {
		return nil
	}
	if left := l.tell(l.bucket(who, now), now, header); left < 1 {
		return tooMany(ReasonRate, l.refill(1-left))
	}
	return nil
}

// tell writes in the headers of an answer what a bucket holds.
func (l *limiter[K]) tell(b *rate.Limiter, now time.Time, header http.Header) (left float64) {
	left = max(b.TokensAt(now), 0)
	header["Ratelimit-Policy"] = []string{l.policy}
	header["Ratelimit"] = []string{l.left(left)}
	return left
}

// left writes the RateLimit header: what is left, and when all is again.
func (l *limiter[K]) left(tokens float64) string {
	text := make([]byte, 0, 48)
	text = append(text, l.name...)
	text = append(text, ";r="...)
	text = strconv.AppendInt(text, int64(tokens), 10)
	text = append(text, ";t="...)
	return string(strconv.AppendInt(text, seconds(l.refill(float64(l.burst)-tokens)), 10))
}

// spent refuses who has no token left, and takes none.
func (l *limiter[K]) spent(who K, now time.Time) error {
	if l == nil {
		return nil
	}
	if left := l.bucket(who, now).TokensAt(now); left < 1 {
		return tooMany(ReasonFailures, l.refill(1-left))
	}
	return nil
}

// charge takes a token of who, if there is one.
func (l *limiter[K]) charge(who K, now time.Time) {
	if l != nil {
		l.bucket(who, now).AllowN(now, 1)
	}
}

// seconds rounds up, to at least 1.
func seconds(d time.Duration) int64 { return max(1, int64(math.Ceil(d.Seconds()))) }

// tooMany refuses for now; after is when it may be tried again.
func tooMany(reason string, after time.Duration) *Problem {
	p := refused(http.StatusTooManyRequests, ledger.Failure{Code: contracts.ERateLimit, Reason: reason})
	p.retryAfter = seconds(after)
	return p
}
