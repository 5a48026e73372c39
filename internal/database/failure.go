// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package database

import (
	"fmt"
	"log/slog"
	"runtime"

	"github.com/cockroachdb/pebble/v2"
)

// fatal is what Pebble panics with when it cannot go on.
type fatal struct {
	text   string
	causes []error
}

func (f fatal) Error() string { return f.text }

func (f fatal) Unwrap() []error { return f.causes }

// A Watch hears of what Pebble meets on goroutines of its own, where there is
// nobody to return an error to.
type Watch struct {
	// Failed is told that the database cannot go on. It ends the process and does
	// not return: what Pebble does after a failure is not known. It may be called
	// on any goroutine, with locks of Pebble held. Nil means panic.
	Failed func(error)

	// Damaged is told each time that a read finds damage; the reader gets an error
	// too. The error wraps ledger.ErrCorrupt. It must return soon. Nil drops it.
	Damaged func(error)
}

// messages passes Pebble's on. Its Fatalf does not return: Pebble would go on as
// if a failed write had succeeded.
type messages struct {
	*slog.Logger
	purpose Purpose
	dir     string
	watch   Watch
}

func (m messages) Infof(format string, args ...any) { m.Debug(fmt.Sprintf(format, args...)) }

func (m messages) Errorf(format string, args ...any) { m.Error(fmt.Sprintf(format, args...)) }

// Fatalf ends the process, in order if somebody watches. If nobody does and it
// is called on the goroutine of a writer, Catch makes an error of it.
func (m messages) Fatalf(format string, args ...any) {
	f := fatal{text: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if err, ok := a.(error); ok {
			f.causes = append(f.causes, err)
		}
	}
	m.end(fmt.Errorf("%s %s: %w", m.purpose.Name, m.dir, f))
}

// endIfWatched ends the process for a write that failed, where Pebble may panic
// with a lock in a state that no goroutine survives. If nobody watches, it is left
// to Pebble and Catch.
func (m messages) endIfWatched(err error) {
	if m.watch.Failed != nil {
		m.end(fmt.Errorf("%s %s: %w", m.purpose.Name, m.dir, err))
	}
}

func (m messages) end(err error) {
	m.Error("the "+m.purpose.Name+" cannot go on", "cause", err.Error())
	if m.watch.Failed != nil {
		m.watch.Failed(err)
	}
	panic(err)
}

// Catch turns what Pebble panics with on a failing disk into an error. Locks
// within Pebble may then be held for ever: the database must not be written or
// closed any more.
func Catch(f func() error) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			panic(p)
		case error:
			err = p
		default:
			panic(p)
		}
	}()
	return f()
}

// listener reports what Pebble does in the background. A flush or compaction
// that fails ends the process: Pebble would try again at once and for ever, with
// all of a processor, while writers wait.
func (m messages) listener() *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			if pebble.IsCorruptionError(err) {
				m.end(m.purpose.Damaged(m.dir, err))
			}
			m.Fatalf("in the background: %v", err)
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) {
			err := m.purpose.Damaged(m.dir, i.Details)
			m.Errorf("%v", err)
			if m.watch.Damaged != nil {
				m.watch.Damaged(err)
			}
		},
		DiskSlow: func(i pebble.DiskSlowInfo) {
			m.Warn("slow disk under the "+m.purpose.Name, "operation", i.String())
		},
		WALCreated: func(i pebble.WALCreateInfo) {
			if i.Err != nil {
				m.Errorf("%s %s: %v", m.purpose.Name, m.dir, i) // Pebble ends the process without saying it
			}
		},
	}
}
