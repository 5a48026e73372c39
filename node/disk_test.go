// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/datadir"
)

// TestTheBrakeIsHeldBelowTheReserveAndReleasedWithSomeToSpare fills and empties
// two disks that are numbers.
func TestTheBrakeIsHeldBelowTheReserveAndReleasedWithSomeToSpare(t *testing.T) {
	free := map[string]uint64{"c": 1000, "l": 1000}
	var unknown error
	b, now := newBrake(), time.Unix(1_800_000_000, 0)
	g := &diskGuard{
		blind: map[string]blindness{}, dirs: []string{"/srv/c", "/srv/l"}, dataDir: "d", reserve: 100, brake: b, metrics: newMetrics("test"), logger: slog.New(slog.DiscardHandler),
		room: func(dir string) (database.Space, error) {
			return database.Space{Free: free[filepath.Base(dir)], Total: 10_000}, unknown
		},
	}
	for i, step := range []struct {
		consensus, ledger uint64
		held              string // the disk that is named
	}{
		{1000, 1000, ""}, {100, 100, ""}, {99, 1000, "c"}, {100, 1000, "c"}, {124, 1000, "c"}, {125, 1000, ""}, {124, 1000, ""},
		{1000, 0, "l"}, {50, 124, "c"}, {1000, 124, "l"}, {1000, 1000, ""},
	} {
		free["c"], free["l"] = step.consensus, step.ledger
		g.look(now)
		why := b.why()
		if (why != nil) != (step.held != "") {
			t.Fatalf("step %d: held by %+v", i, why)
		}
		if why != nil && (why.Reason != api.ReasonDisk || step.held == "c" && free["c"] < 100 && !strings.HasPrefix(why.Detail, "c has ") || why.ZH == "" || strings.Contains(why.Detail+why.ZH, "/srv")) {
			t.Errorf("step %d: %+v", i, why)
		}
	}
	free["l"], unknown = 0, errors.New("no answer")
	if g.look(now); b.why() != nil {
		t.Error("held without knowing")
	}
	unknown = nil
	g.look(now)
	unknown = errors.New("no answer")
	if g.look(now); b.why() == nil {
		t.Error("released without knowing")
	}
	unknown = nil
	b.hold(api.Held{Reason: api.ReasonDamaged}, true)
	for _, room := range []uint64{0, 1000} {
		free["l"] = room
		if g.look(now); b.why() == nil || b.why().Reason != api.ReasonDamaged {
			t.Errorf("damage is forgotten: %+v", b.why())
		}
	}
}

// TestADiskThatCannotBeReadIsToldOnceAMinute watches a disk for ten minutes, of which
// it does not answer for two and a half.
func TestADiskThatCannotBeReadIsToldOnceAMinute(t *testing.T) {
	var log strings.Builder
	var fault error
	now := time.Unix(1_800_000_000, 0)
	g := &diskGuard{
		blind: map[string]blindness{}, dirs: []string{"/srv/c", "/srv/l"}, reserve: 100, brake: newBrake(), metrics: newMetrics("test"),
		logger: slog.New(slog.NewTextHandler(&log, nil)),
		room: func(dir string) (database.Space, error) {
			if dir == "/srv/l" {
				return database.Space{Free: 1000, Total: 10_000}, fault
			}
			return database.Space{Free: 1000, Total: 10_000}, nil
		},
	}
	told := func(seconds int) (not, again int) {
		log.Reset()
		for range seconds {
			g.look(now)
			now = now.Add(spaceEvery)
		}
		return strings.Count(log.String(), "is not known"), strings.Count(log.String(), "is known again")
	}
	if not, again := told(60); not != 0 || again != 0 {
		t.Errorf("of a sound disk: %s", &log)
	}
	fault = errors.New("no answer")
	if not, again := told(1); not != 1 || again != 0 {
		t.Errorf("when it begins: %s", &log)
	}
	if not, again := told(149); not != 2 || again != 0 {
		t.Errorf("while it lasts: %d lines, %s", not, &log)
	}
	fault = nil
	if not, again := told(390); not != 0 || again != 1 || !strings.Contains(log.String(), "directory=/srv/l after=2m30s") {
		t.Errorf("when it ends: %s", &log)
	}
}

// What holds a node is told to whoever asks it, so it names no path of the machine.
func TestDamageIsToldWithoutThePathOfTheNode(t *testing.T) {
	var log strings.Builder
	n := &Node{brake: newBrake(), logger: slog.New(slog.NewJSONHandler(&log, nil))}
	n.holdDamaged(&datadir.Fault{Dir: "/srv/node/", Database: datadir.Ledger, Err: fmt.Errorf("ledger database /srv/node/ledger: %w", ledger.ErrCorrupt)})
	why := n.brake.why()
	if why.Detail != "ledger database ledger: stored data corrupt" || why.ZH != "账本数据库损坏：ledger database ledger: stored data corrupt" {
		t.Errorf("%+v", why)
	}
	if !strings.Contains(log.String(), "/srv/node") {
		t.Errorf("the log does not name the folder: %s", &log)
	}
}

func TestWhoWaitsAtTheBrakeGoesOnWhenItIsReleasedOrAtTheEnd(t *testing.T) {
	b := newBrake()
	b.wait(t.Context())
	b.hold(api.Held{Reason: api.ReasonDisk}, false)
	passed := make(chan bool)
	go func() { b.wait(context.Background()); passed <- true }()
	select {
	case <-passed:
		t.Fatal("not held")
	case <-time.After(20 * time.Millisecond):
	}
	b.release()
	<-passed
	b.hold(api.Held{Reason: api.ReasonDamaged}, true)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { b.wait(ctx); passed <- true }()
	if b.release() {
		t.Error("what is held for good was released")
	}
	cancel()
	<-passed
}
