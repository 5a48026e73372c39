// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/gologshim"
	"golang.org/x/time/rate"
)

// Others cause what is logged here, so nobody may fill the disk with it: of each kind of line, and
// for each member, a few are written, then one a minute that says how many were left out.
const (
	linesAtOnce = 3
	lineEvery   = time.Minute
)

// throttle bounds the lines of one kind.
type throttle struct {
	mu      sync.Mutex
	limiter *rate.Limiter
	omitted uint64
}

// pass reports whether a line may be written now, and how many were not since the last one.
func (t *throttle) pass() (omitted uint64, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.limiter == nil {
		t.limiter = rate.NewLimiter(rate.Every(lineEvery), linesAtOnce)
	}
	if !t.limiter.Allow() {
		t.omitted++
		return 0, false
	}
	omitted, t.omitted = t.omitted, 0
	return omitted, true
}

// log writes a line if the throttle lets it pass. What is left out is written at level debug.
func (t *throttle) log(to *slog.Logger, level slog.Level, message string, attrs ...slog.Attr) {
	if !to.Enabled(context.Background(), level) {
		return
	}
	omitted, ok := t.pass()
	switch {
	case !ok:
		level = slog.LevelDebug
	case omitted > 0:
		attrs = append(attrs, slog.Uint64("omitted", omitted))
	}
	to.LogAttrs(context.Background(), level, message, attrs...)
}

// libp2p has one logger for the whole process, which writes to standard error in a form of its
// own. It is replaced by the logger of the host that was made last.
var (
	library      atomic.Pointer[slog.Logger]
	libraryLines throttle
	libraryHook  = sync.OnceFunc(func() {
		gologshim.SetDefaultHandler(libraryHandler{func(h slog.Handler) slog.Handler { return h }})
	})
)

// followLibrary writes what libp2p logs from now on, warnings and errors, to a logger.
func followLibrary(to *slog.Logger) {
	library.Store(to)
	libraryHook()
}

// libraryHandler passes records on to the logger of the time, with what libp2p has added.
type libraryHandler struct {
	added func(slog.Handler) slog.Handler
}

func (h libraryHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && library.Load().Enabled(ctx, level)
}

func (h libraryHandler) Handle(ctx context.Context, record slog.Record) error {
	omitted, ok := libraryLines.pass()
	if !ok {
		return nil
	}
	attrs := []slog.Attr{slog.String("library", "libp2p")}
	if omitted > 0 {
		attrs = append(attrs, slog.Uint64("omitted", omitted))
	}
	return h.added(library.Load().Handler().WithAttrs(attrs)).Handle(ctx, record)
}

func (h libraryHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return libraryHandler{func(to slog.Handler) slog.Handler { return h.added(to).WithAttrs(attrs) }}
}

func (h libraryHandler) WithGroup(name string) slog.Handler {
	return libraryHandler{func(to slog.Handler) slog.Handler { return h.added(to).WithGroup(name) }}
}
