// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
)

// processorTime is what this process has used of all processors, in user and in system mode.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// pair returns two connected hosts.
func pair(t testing.TB) (bank, office *p2p.Host) {
	w := newWorld(t, "bank", "office")
	bank, office = w.start("bank"), w.start("office")
	connect(t, 1, bank, office)
	return bank, office
}

// BenchmarkFrames moves frames from Send to Received. The time of all processors, for both ends, is
// cpu-ns/frame, without what it costs to wake the sender; the time that passed says little.
func BenchmarkFrames(b *testing.B) {
	for _, c := range []struct {
		name  string
		class p2p.Class
		size  int
		rate  int // frames per second; 0: as many as are taken
	}{
		{"transactions/full", p2p.Transactions, 300, 0},
		{"transactions/4000ps", p2p.Transactions, 300, 4000},
		{"transactions/1000ps", p2p.Transactions, 300, 1000},
		{"control/1000ps", p2p.Control, 200, 1000},
		{"blocks/full", p2p.Blocks, 100 << 10, 0},
	} {
		b.Run(c.name, func(b *testing.B) {
			bank, office := pair(b)
			var received atomic.Int64
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				for {
					select {
					case <-office.Received(c.class):
						received.Add(1)
					case <-stop:
						return
					}
				}
			}()
			var wakes time.Duration
			if c.rate > 0 {
				began, before := time.Now(), processorTime(b)
				every(c.rate, c.rate, func() bool { return true })
				wakes = (processorTime(b) - before) * time.Second / time.Since(began) // a second
			}
			frame := make([]byte, c.size)
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			before := processorTime(b)
			b.ResetTimer()
			every(c.rate, b.N, func() bool { return bank.Send("office", c.class, frame) })
			for received.Load() < int64(b.N) {
				time.Sleep(time.Millisecond)
			}
			b.StopTimer()
			used := processorTime(b) - before - wakes*b.Elapsed()/time.Second
			b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/frame")
			close(stop)
			<-stopped
		})
	}
}

// every calls f so many times, at a rate a second; until it reports true each time.
func every(rate, times int, f func() bool) {
	began := time.Now()
	for done := 0; done < times; {
		due := times
		if rate > 0 {
			due = min(times, 1+int(time.Since(began)*time.Duration(rate)/time.Second))
		}
		for done < due && f() {
			done++
		}
		time.Sleep(500 * time.Microsecond) // not yet due, or the queue is full
	}
}

// TestIdleMembersCostLittle measures what four connected members use when nothing is sent. It
// needs quiet for IPLEDGER_IDLE_SECONDS and is skipped without it.
func TestIdleMembersCostLittle(t *testing.T) {
	seconds, err := strconv.Atoi(os.Getenv("IPLEDGER_IDLE_SECONDS"))
	if err != nil {
		t.Skip("set IPLEDGER_IDLE_SECONDS to run it")
	}
	w := newWorld(t, "bank", "office", "court", "notary")
	hosts := []*p2p.Host{w.start("bank"), w.start("office"), w.start("court"), w.start("notary")}
	connect(t, 3, hosts...)
	time.Sleep(time.Second)
	before := processorTime(t)
	time.Sleep(time.Duration(seconds) * time.Second)
	used := processorTime(t) - before
	t.Logf("four members with three connections each used %v in %d s: %.5f of a processor", used, seconds, used.Seconds()/float64(seconds))
	if used > time.Duration(seconds)*10*time.Millisecond {
		t.Errorf("more than 0.01 of a processor")
	}
}
