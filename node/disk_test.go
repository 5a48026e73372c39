// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

func TestAReserveIsReadInWordsAndSizes(t *testing.T) {
	for text, want := range map[string]uint64{
		"": 64 << 20, "auto": 64 << 20, "off": 0, "0": 0, "4096": 4096, "3KiB": 3 << 10, "256MiB": 256 << 20, "2 GiB": 2 << 30,
	} {
		r, err := parseReserve(text)
		if err != nil || r.of(100<<20) != want {
			t.Errorf("%q: %d, %v; want %d", text, r.of(100<<20), err, want)
		}
	}
	for total, want := range map[uint64]uint64{1 << 20: 64 << 20, 4 << 30: 4 << 30 / 20, 1 << 40: 512 << 20} {
		if got := automatic.of(total); got != want {
			t.Errorf("of %d bytes: %d, want %d", total, got, want)
		}
	}
	for _, text := range []string{"-1", "much", "1TiB", "1.5GiB", "MiB", "9223372036854775807GiB"} {
		if _, err := parseReserve(text); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%q is taken: %v", text, err)
		}
	}
}

// TestTheBrakeIsHeldBelowTheReserveAndReleasedWithSomeToSpare fills and empties
// two disks that are numbers.
func TestTheBrakeIsHeldBelowTheReserveAndReleasedWithSomeToSpare(t *testing.T) {
	free := map[string]uint64{"c": 1000, "l": 1000}
	var unknown error
	b := newBrake()
	g := &diskGuard{
		dirs: []string{"c", "l"}, dataDir: "d", reserve: 100, brake: b, metrics: newMetrics("test"), logger: slog.New(slog.DiscardHandler),
		room: func(dir string) (database.Space, error) {
			return database.Space{Free: free[dir], Total: 10_000}, unknown
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
		g.look()
		why := b.why()
		if (why != nil) != (step.held != "") {
			t.Fatalf("step %d: held by %+v", i, why)
		}
		if why != nil && (why.Reason != api.ReasonDisk || step.held == "c" && free["c"] < 100 && !strings.HasPrefix(why.Detail, "c has ")) {
			t.Errorf("step %d: %+v", i, why)
		}
	}
	free["l"], unknown = 0, errors.New("no answer")
	if g.look(); b.why() != nil {
		t.Error("held without knowing")
	}
	unknown = nil
	b.hold(api.Held{Reason: api.ReasonDamaged}, true)
	for _, room := range []uint64{0, 1000} {
		free["l"] = room
		if g.look(); b.why() == nil || b.why().Reason != api.ReasonDamaged {
			t.Errorf("damage is forgotten: %+v", b.why())
		}
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

// TestEveryFaultIsToldInTwoLanguages reads what people are told of each kind.
func TestEveryFaultIsToldInTwoLanguages(t *testing.T) {
	for _, err := range []error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EACCES, syscall.EIO, ledger.ErrCorrupt,
		database.ErrInUse, database.ErrForeign, database.ErrNewer, database.ErrOlder, errors.New("of no kind"),
	} {
		for _, name := range []string{consensusDir, ledgerDir} {
			text := (&Fault{Dir: "/data", Database: name, Err: fmt.Errorf("write: %w", err)}).Text()
			for _, s := range []string{text.Title, text.Advice, text.AdviceZH, text.Remedy, text.RemedyZH} {
				if s == "" || strings.Contains(s, "%!") {
					t.Errorf("%v, %s: %q", err, name, s)
				}
			}
			if errors.Is(err, ledger.ErrCorrupt) && !strings.Contains(text.Remedy, "ipledger node rebuild --dir /data --"+name) {
				t.Errorf("damage of %s: %s", name, text.Remedy)
			}
			if errors.Is(err, database.ErrOlder) && strings.Contains(text.Remedy, "rebuild") != (name == ledgerDir) {
				t.Errorf("an older %s: %s", name, text.Remedy)
			}
		}
	}
	if err := errors.New("of no kind"); faultOf("/data", ledgerDir, err) != err {
		t.Error("what is no fault of a database becomes one")
	}
}
