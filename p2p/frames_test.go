// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"bytes"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
)

func TestFramesArriveInOrderInEachClass(t *testing.T) {
	w := newWorld(t, "bank", "office", "court")
	bank, office, court := w.start("bank"), w.start("office"), w.start("court")
	connect(t, 2, bank, office, court)
	sizes := map[p2p.Class][]int{
		p2p.Control:      {4, 100, p2p.MaxControlFrame},
		p2p.Blocks:       {4, 65536, 65537, p2p.MaxBlocksFrame},
		p2p.Transactions: {300, 5, p2p.MaxTransactionFrame},
	}
	for class, all := range sizes {
		for i := range 60 {
			size := all[i%len(all)]
			if !bank.Send("office", class, numbered(i, size)) || !court.Send("office", class, numbered(i, size)) {
				t.Fatalf("%s frame %d dropped", class, i)
			}
			next := map[p2p.MemberID]bool{"bank": true, "court": true}
			for range 2 {
				f := receive(t, office, class)
				if f.Class != class || !next[f.From] || number(f) != i || len(f.Data) != size {
					t.Fatalf("%s frame %d: got number %d of %d bytes of %s from %s", class, i, number(f), len(f.Data), f.Class, f.From)
				}
				delete(next, f.From)
			}
		}
	}
}

func TestManySmallFramesArriveInOrder(t *testing.T) {
	w := newWorld(t, "bank", "office")
	bank, office := w.start("bank"), w.start("office")
	connect(t, 1, bank, office)
	const count = 50_000
	go func() {
		for i := range count {
			for !bank.Send("office", p2p.Transactions, numbered(i, 300)) {
				time.Sleep(time.Millisecond) // the queue is full
			}
		}
	}()
	began := time.Now()
	for i := range count {
		if f := receive(t, office, p2p.Transactions); number(f) != i {
			t.Fatalf("frame %d: got %d", i, number(f))
		}
	}
	t.Logf("%d frames of 300 bytes in %v", count, time.Since(began).Round(time.Millisecond))
}

func TestSendTellsWhatItCannotSend(t *testing.T) {
	w := newWorld(t, "bank", "office")
	bank := w.start("bank")
	if bank.Send("office", p2p.Control, []byte("vote")) {
		t.Error("accepted a frame for a member that is not connected")
	}
	office := w.start("office")
	connect(t, 1, bank, office)
	for what, sent := range map[string]bool{
		"to an unknown member":    bank.Send("thief", p2p.Control, []byte("vote")),
		"to itself":               bank.Send("bank", p2p.Control, []byte("vote")),
		"of an unknown class":     bank.Send("office", 3, []byte("vote")),
		"without bytes":           bank.Send("office", p2p.Control, nil),
		"longer than class allow": bank.Send("office", p2p.Control, make([]byte, p2p.MaxControlFrame+1)),
	} {
		if sent {
			t.Errorf("accepted a frame %s", what)
		}
	}
}

// streamer returns an office that runs, and a bank that only opens the streams a test asks for.
func streamer(t *testing.T, changes ...func(*p2p.Config)) (bank, office *p2p.Host) {
	t.Helper()
	w := newWorld(t, "bank", "office")
	office = w.start("office", changes...)
	bank = w.prepare("bank")
	t.Cleanup(bank.Close)
	p2p.DialAtOnce(bank)
	return bank, office
}

// stream opens a stream and proves that it is the one being read.
func stream(t *testing.T, bank, office *p2p.Host, class p2p.Class) io.ReadWriteCloser {
	t.Helper()
	s, err := bank.OpenStream("office", class)
	if err != nil {
		t.Fatal(err)
	}
	if err := p2p.WriteFrame(s, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if f := receive(t, office, class); string(f.Data) != "first" || f.From != "bank" {
		t.Fatalf("got %q from %s", f.Data, f.From)
	}
	return s
}

// mustBeReset waits until the other side has reset the stream.
func mustBeReset(t *testing.T, s io.Reader) {
	t.Helper()
	if _, err := s.Read(make([]byte, 1)); err == nil || err == io.EOF {
		t.Errorf("the stream was not reset: %v", err)
	}
}

func TestInvalidFrameEndsOnlyItsStream(t *testing.T) {
	bank, office := streamer(t)
	for i, header := range [][]byte{{0, 1, 0, 1}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 0}} {
		other := stream(t, bank, office, p2p.Blocks)
		s := stream(t, bank, office, p2p.Control) // the next works
		s.Write(append(header, "no frame"...))
		mustBeReset(t, s)
		if n := office.Statistics().Members["bank"].Refused[p2p.RefusedLength]; n != uint64(i+1) {
			t.Errorf("%d invalid lengths counted after %d", n, i+1)
		}
		if err := p2p.WriteFrame(other, []byte("block")); err != nil {
			t.Errorf("another stream of the member was ended: %v", err)
		}
		if f := receive(t, office, p2p.Blocks); string(f.Data) != "block" {
			t.Errorf("got %q", f.Data)
		}
	}
	if n := bank.Connections("office"); n != 1 {
		t.Errorf("%d connections, want the one that was there", n)
	}
}

func TestHalfAFrameTimesOut(t *testing.T) {
	bank, office := streamer(t, func(c *p2p.Config) { c.ReadTimeout = 100 * time.Millisecond })
	for _, half := range [][]byte{{0, 0}, {0, 0, 0, 10, 1, 2, 3}} {
		s := stream(t, bank, office, p2p.Blocks)
		time.Sleep(200 * time.Millisecond) // between frames there is no limit
		if err := p2p.WriteFrame(s, []byte("whole")); err != nil {
			t.Fatal(err)
		}
		if f := receive(t, office, p2p.Blocks); string(f.Data) != "whole" {
			t.Fatalf("got %q", f.Data)
		}
		s.Write(half)
		began := time.Now()
		mustBeReset(t, s)
		if waited := time.Since(began); waited > 2*time.Second {
			t.Errorf("half a frame was waited for %v", waited)
		}
	}
}

func TestNewerStreamReplacesTheOlder(t *testing.T) {
	bank, office := streamer(t)
	older := stream(t, bank, office, p2p.Transactions)
	newer := stream(t, bank, office, p2p.Transactions)
	mustBeReset(t, older)
	if err := p2p.WriteFrame(newer, []byte("second")); err != nil {
		t.Fatal(err)
	}
	if f := receive(t, office, p2p.Transactions); string(f.Data) != "second" {
		t.Errorf("got %q", f.Data)
	}
}

func TestBlockedReceiverBlocksNeitherSendNorOtherClasses(t *testing.T) {
	w := newWorld(t, "bank", "office", "court")
	bank := w.start("bank", func(c *p2p.Config) { c.WriteTimeout = 300 * time.Millisecond })
	office, court := w.start("office"), w.start("court")
	connect(t, 2, bank, office, court)

	// The office takes no transactions: the queue fills, Send drops at once.
	frame, dropped, began := make([]byte, 10_000), 0, time.Now()
	for range 20_000 {
		if !bank.Send("office", p2p.Transactions, frame) {
			dropped++
		}
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("20,000 sends took %v", took)
	}
	// The queue takes 16 MiB, the receive window at most 4 MiB, the channel 256 frames.
	if kept := 20_000 - dropped; kept > 3000 {
		t.Errorf("%d frames of 10,000 bytes were kept that nobody takes", kept)
	}
	// Votes pass, also after the stuck stream was reset and opened again.
	for i := range 10 {
		if !bank.Send("office", p2p.Control, numbered(i, 8)) {
			t.Fatal("control frame dropped")
		}
		if f := receive(t, office, p2p.Control); number(f) != i {
			t.Fatalf("control frame %d: got %d", i, number(f))
		}
		time.Sleep(50 * time.Millisecond)
	}
	// Another member's transaction gets its turn as soon as the office takes some.
	if !court.Send("office", p2p.Transactions, []byte("from court")) {
		t.Fatal("transaction dropped")
	}
	for range 2000 {
		if f := receive(t, office, p2p.Transactions); f.From == "court" {
			return
		}
	}
	t.Error("2,000 frames of one member passed before the one of another")
}

func TestFrameMemoryGrowsWithItsBytes(t *testing.T) {
	header := []byte{0, 0x20, 0, 0} // 2 MiB
	const reads = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range reads {
		if _, err := p2p.ReadFrame(bytes.NewReader(header), 1, p2p.MaxBlocksFrame); err == nil {
			t.Fatal("read a frame that is not there")
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / reads; each > 300<<10 {
		t.Errorf("%d bytes allocated for a frame of 2 MiB of which nothing came", each)
	}
}

func TestOneSpanIsOneWrite(t *testing.T) {
	const ms = time.Millisecond
	take := p2p.Spans(10 * ms)
	begin := time.Unix(1_800_000_000, 0) // a span begins here
	for i, c := range []struct{ at, wait time.Duration }{
		{3 * ms, 0},           // the span is free
		{3 * ms, 7 * ms},      // taken: the next
		{10 * ms, 10 * ms},    // that one is taken too
		{20*ms + ms/2, 9.5e6}, // and so on
		{57 * ms, 0},          // after a pause, at once
		{59 * ms, 1 * ms},     // and the next one is near
		{-time.Hour, 0},       // the clock was set back
		{-time.Hour, 10 * ms}, // and goes on from there
		{-time.Hour + 25*ms, 0},
	} {
		if wait := take(begin.Add(c.at)); wait != c.wait {
			t.Errorf("write %d at %v waits %v, want %v", i, c.at, wait, c.wait)
		}
	}
	if wait := p2p.Spans(0)(begin); wait != 0 {
		t.Errorf("a class without spans waits %v", wait)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 7})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 7})
	f.Add(append([]byte{0, 1, 0, 0}, make([]byte, 1<<16)...))
	f.Fuzz(func(t *testing.T, stream []byte) {
		data, err := p2p.ReadFrame(bytes.NewReader(stream), 1, p2p.MaxControlFrame)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := p2p.WriteFrame(&again, data); err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(stream, again.Bytes()) {
			t.Errorf("frame %x was written again as %x", data, again.Bytes())
		}
	})
}
