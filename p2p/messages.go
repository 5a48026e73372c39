// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"context"
	"log/slog"

	"github.com/libp2p/go-libp2p/gologshim"
)

// LogTo makes the warnings and errors of libp2p lines of a program's log. Without
// it they go to standard error in a form of their own. The library has one log
// for the whole process, so a program calls LogTo once, before New.
func LogTo(logger *slog.Logger) {
	gologshim.SetDefaultHandler(warnings{logger.Handler()})
}

// warnings drops what is of interest to the library's own makers.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
