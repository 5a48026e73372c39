// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package diskfault

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// Writes is how many writes a test makes whose usual number is given.
// IPLEDGER_CRASH_N takes its place.
func Writes(usual int) int {
	if n, err := strconv.Atoi(os.Getenv("IPLEDGER_CRASH_N")); err == nil && n > 0 {
		return n
	}
	if testing.Short() {
		return usual / 2
	}
	return usual
}

// Progress is what a writer has been told and what it has asked for, as numbers
// of writes: those that must be there after a crash, and those that may be.
type Progress struct{ Durable, Asked atomic.Int64 }

// A Crash is a machine's disk as a power failure leaves it.
type Crash struct {
	Disk        *vfs.MemFS
	Least, Most int64 // writes that it must and may hold
	When        string
}

// Crashes is a disk that keeps a crash before every change that is made to it.
type Crashes struct {
	vfs.FS
	disk     *vfs.MemFS
	progress *Progress

	mu     sync.Mutex
	random *rand.Rand
	taken  []Crash
}

// NewCrashes gives an empty disk, for a writer that keeps count in progress.
func NewCrashes(progress *Progress) *Crashes {
	disk := vfs.NewCrashableMem()
	return &Crashes{FS: disk, disk: disk, progress: progress, random: rand.New(rand.NewPCG(1, 1))}
}

// Wrapped is the file system for the writer.
func (d *Crashes) Wrapped() vfs.FS { return errorfs.Wrap(d, d) }

// Taken gives the crashes in their order. The writer must have ended.
func (d *Crashes) Taken() []Crash { return d.taken }

// Take keeps a crash at this moment, without what was not synced, with half of it
// and with all.
func (d *Crashes) Take(when string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, percent := range []int{0, 50, 100} { // of what was not synced, that is there all the same
		c := Crash{When: fmt.Sprintf("%s, %d %%", when, percent), Least: d.progress.Durable.Load()}
		c.Disk = d.disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: d.random})
		c.Most = d.progress.Asked.Load()
		d.taken = append(d.taken, c)
	}
}

// MaybeError takes a crash before a change, as an errorfs.Injector. It never fails.
func (d *Crashes) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
		d.Take(fmt.Sprintf("operation %d on %s", op.Kind, op.Path))
	}
	return nil
}

func (d *Crashes) String() string { return "crashes" }

// Link, Lock and ReuseForWrite take the disk's own lock twice, between which a
// crash must not ask for it.

// Link is vfs.FS.Link.
func (d *Crashes) Link(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.FS.Link(from, to)
}

// Lock is vfs.FS.Lock.
func (d *Crashes) Lock(name string) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.FS.Lock(name)
}

// ReuseForWrite is vfs.FS.ReuseForWrite.
func (d *Crashes) ReuseForWrite(from, to string, category vfs.DiskWriteCategory) (vfs.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, err := d.FS.ReuseForWrite(from, to, category)
	if err != nil {
		return nil, err
	}
	return errorfs.WrapFile(f, d), nil // which errorfs leaves out
}
