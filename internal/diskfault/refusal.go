// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package diskfault

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

// ErrRefused is what a refused call returns.
var ErrRefused = errors.New("input/output error")

// A Refusal makes the n-th call to a file system fail, and those after it if it
// is lasting. Where Pebble ends the process, the goroutine stops as it would.
type Refusal struct {
	n         int64
	lasting   bool
	lastWords string // message of the log line before the process ends
	calls     atomic.Int64
	died      chan bool
}

// NewRefusal makes a Refusal for the database whose log says lastWords before it
// ends the process. The database must log to Logger.
func NewRefusal(n int64, lasting bool, lastWords string) *Refusal {
	return &Refusal{n: n, lasting: lasting, lastWords: lastWords, died: make(chan bool, 1)}
}

// Wrap gives the file system as the writer finds it.
func (r *Refusal) Wrap(disk vfs.FS) vfs.FS { return errorfs.Wrap(disk, r) }

// Logger is for the database: what Pebble cannot survive comes by there before
// the panic that ends the process, unless it comes on the goroutine of the
// writer, who gets an error.
func (r *Refusal) Logger() *slog.Logger { return slog.New(lastWords{r}) }

// Reached tells whether there was an n-th call.
func (r *Refusal) Reached() bool { return r.calls.Load() >= r.n }

// Died holds a value once the process would have ended.
func (r *Refusal) Died() <-chan bool { return r.died }

// MaybeError refuses, as an errorfs.Injector.
func (r *Refusal) MaybeError(errorfs.Op) error {
	call := r.calls.Add(1)
	if call < r.n || call > r.n && !r.lasting {
		return nil
	}
	stack := string(debug.Stack())
	if strings.Contains(stack, "rotateWAL") || strings.Contains(stack, "(*Marker).Move") && !caught(stack) {
		r.die()
	}
	return ErrRefused
}

func (r *Refusal) String() string { return "refusal" }

// caught tells whether a panic on this stack becomes an error.
func caught(stack string) bool { return strings.Contains(stack, "database.Catch") }

// die stops the goroutine for ever: a process that ended does nothing more.
func (r *Refusal) die() {
	select {
	case r.died <- true:
	default:
	}
	select {}
}

// lastWords is the handler of the log of a database.
type lastWords struct{ *Refusal }

func (l lastWords) Handle(_ context.Context, r slog.Record) error {
	if r.Message == l.lastWords && !caught(string(debug.Stack())) {
		l.die()
	}
	return nil
}

func (l lastWords) Enabled(context.Context, slog.Level) bool { return true }
func (l lastWords) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l lastWords) WithGroup(string) slog.Handler            { return l }
