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
type fatal string

func (f fatal) Error() string { return string(f) }

// messages passes Pebble's on. Its Fatalf does not return: Pebble would go on as
// if a failed write had succeeded.
type messages struct {
	*slog.Logger
	purpose Purpose
}

func (m messages) Infof(format string, args ...any) { m.Debug(fmt.Sprintf(format, args...)) }

func (m messages) Errorf(format string, args ...any) { m.Error(fmt.Sprintf(format, args...)) }

// Fatalf ends the process if a goroutine of Pebble calls it. On the goroutine
// of a writer, Catch makes an error of it.
func (m messages) Fatalf(format string, args ...any) {
	f := fatal(fmt.Sprintf(format, args...))
	m.Error("the "+m.purpose.Name+" cannot go on", "cause", f)
	panic(f)
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
func (m messages) listener(dir string) *pebble.EventListener {
	return &pebble.EventListener{
		BackgroundError: func(err error) {
			if pebble.IsCorruptionError(err) {
				err = m.purpose.Damaged(dir, err)
			}
			m.Fatalf("%s %s, in the background: %v", m.purpose.Name, dir, err)
		},
		DataCorruption: func(i pebble.DataCorruptionInfo) { m.Errorf("%s %s: %v", m.purpose.Name, dir, i) },
		DiskSlow: func(i pebble.DiskSlowInfo) {
			m.Warn("slow disk under the "+m.purpose.Name, "operation", i.String())
		},
		WALCreated: func(i pebble.WALCreateInfo) {
			if i.Err != nil {
				m.Errorf("%s %s: %v", m.purpose.Name, dir, i) // Pebble ends the process without saying it
			}
		},
	}
}
