// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
)

// speaking starts a member of a release that speaks the given protocol versions.
func (w *world) speaking(id p2p.MemberID, log *journal, versions ...int) *p2p.Host {
	w.t.Helper()
	c := w.config(id)
	c.Logger = slog.New(slog.NewTextHandler(log, nil))
	h, err := p2p.NewSpeaking(c, versions...)
	if err != nil {
		w.t.Fatal(err)
	}
	h.Serve(echo)
	w.hosts[id] = h
	w.run(id, h)
	return h
}

func TestHighestCommonVersionIsSpoken(t *testing.T) {
	for _, c := range []struct {
		bank, office []int
		want         int
	}{{[]int{1}, []int{1}, 1}, {[]int{2, 1}, []int{1}, 1}, {[]int{1}, []int{3, 2, 1}, 1}, {[]int{3, 2, 1}, []int{2, 1}, 2}, {[]int{4, 3}, []int{3, 2}, 3}} {
		w := newWorld(t, "bank", "office")
		bank, office := w.speaking("bank", new(journal), c.bank...), w.speaking("office", new(journal), c.office...)
		connect(t, 1, bank, office)
		for class := range p2p.Class(3) {
			if !bank.Send("office", class, []byte("hello")) {
				t.Fatal("frame dropped")
			}
			receive(t, office, class)
		}
		if answer, err := office.Request(t.Context(), "bank", []byte("?")); err != nil || string(answer) != "?" {
			t.Errorf("request: %q, %v", answer, err)
		}
		for _, got := range []int{bank.Statistics().Members["office"].Version, office.Statistics().Members["bank"].Version} {
			if got != c.want {
				t.Errorf("%v and %v speak version %d, want %d", c.bank, c.office, got, c.want)
			}
		}
	}
}

func TestOtherVersionIsRefusedAndNamed(t *testing.T) {
	w := newWorld(t, "bank", "office")
	var said journal
	bank, office := w.speaking("bank", &said, 1), w.speaking("office", new(journal), 3, 2)
	eventually(t, "each has refused the other", func() bool {
		b, o := bank.Statistics().Members["office"], office.Statistics().Members["bank"]
		return b.Refused[p2p.RefusedVersion] >= 3 && o.Refused[p2p.RefusedVersion] >= 3 && b.Refused[p2p.RefusedOurs] >= 3
	})
	if len(bank.Connected())+len(office.Connected()) > 0 || bank.Send("office", p2p.Control, []byte("vote")) {
		t.Error("connected without a version in common")
	}
	if _, err := bank.Request(t.Context(), "office", []byte("?")); err == nil {
		t.Error("a request was answered without a version in common")
	}
	for _, line := range []string{"it speaks versions 2 to 3, this node version 1", "member refuses our streams"} {
		if n := strings.Count(said.String(), line); n != 1 {
			t.Errorf("%q is logged %d times, want once a connection:\n%s", line, n, said.String())
		}
	}
	// The connection stays and is left alone: no stream is tried again soon.
	before := bank.Statistics().Members["office"].Refused
	time.Sleep(500 * time.Millisecond)
	if after := bank.Statistics().Members["office"].Refused; after != before {
		t.Errorf("streams are tried again at once: %v, then %v", before, after)
	}
	if n := bank.Connections("office"); n != 1 {
		t.Errorf("%d connections, want the one that waits", n)
	}
	// The office is upgraded, or the bank: they are back at once.
	w.stop("office")
	connect(t, 1, bank, w.speaking("office", new(journal), 2, 1))
}
