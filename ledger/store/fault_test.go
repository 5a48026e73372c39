// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/internal/diskfault"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// TestAFailingDiskLeavesWholeBlocks lets each single call to the file system
// fail, from Open to Close.
func TestAFailingDiskLeavesWholeBlocks(t *testing.T) {
	c := chainOf(t, 13, 6, 10)
	begun := vfs.NewCrashableMem() // with the first blocks written
	s := open(t, c, begun)
	noError(t, c.init(s))
	for _, f := range c.blocks[1:4] {
		noError(t, s.Commit(f))
	}
	noError(t, s.Close())
	for _, lasting := range []bool{false, true} {
		failures, deaths := 0, 0
		n := int64(1)
		for ; ; n++ {
			disk := begun.CrashClone(vfs.CrashCloneCfg{})
			reached, died, err := failAt(t, c, disk, n, lasting)
			if !reached {
				break
			}
			if died {
				deaths++
			} else if err != nil {
				failures++
			}
		}
		t.Logf("lasting %v: %d calls, %d reported, %d ended the process", lasting, n-1, failures, deaths)
		if failures == 0 {
			t.Error("no failure was reported")
		}
	}
}

// failAt writes the last blocks of c on a disk that fails, and looks at what is
// left of it, with and without what was not synced.
func failAt(t *testing.T, c *chain, disk *vfs.MemFS, n int64, lasting bool) (reached, died bool, err error) {
	t.Helper()
	f := diskfault.NewRefusal(n, lasting, "the ledger database cannot go on")
	var p diskfault.Progress
	p.Durable.Store(4)
	p.Asked.Store(4)
	ended := make(chan error, 1)
	go func() { ended <- write(f, c, disk, &p) }()
	select {
	case err = <-ended:
	case <-f.Died():
		died = true
	case <-time.After(20 * time.Second):
		t.Fatalf("call %d: the writer hangs", n)
	}
	var misled misled
	if errors.As(err, &misled) {
		t.Fatalf("call %d: %v", n, err)
	}
	random := rand.New(rand.NewPCG(uint64(n), 0))
	for _, percent := range []int{0, 50, 100} {
		least := p.Durable.Load()
		left := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: random})
		again, err := store.Open("ledger", store.Options{Network: c.network, FS: left})
		if err != nil {
			t.Fatalf("call %d, %d %%: %v", n, percent, err)
		}
		head, _ := again.Head()
		if blocks := int64(head.Header.Height) + 1; blocks < least || blocks > p.Asked.Load() {
			t.Fatalf("call %d, %d %%: %d blocks are there, acknowledged were %d", n, percent, blocks, least)
		}
		c.check(t, again)
		noError(t, again.Close())
	}
	return f.Reached(), died, err
}

// misled is an error of the store's behaviour after a failure.
type misled string

func (m misled) Error() string { return string(m) }

// write is the writer on the failing disk. After a failure it tries again, which
// must not succeed.
func write(f *diskfault.Refusal, c *chain, disk vfs.FS, p *diskfault.Progress) error {
	s, err := store.Open("ledger", store.Options{Network: c.network, FS: f.Wrap(disk), Logger: f.Logger()})
	if err != nil {
		return err
	}
	err = run(p, s, c)
	if err == nil {
		return s.Close()
	}
	head, ok := s.Head()
	if !ok || int64(head.Header.Height)+1 != p.Durable.Load() {
		return misled("the head is not the last acknowledged block")
	}
	if _, err := s.Header(head.Header.Height); errors.Is(err, ledger.ErrNotFound) {
		return misled("the head cannot be read")
	}
	if again := s.Commit(c.blocks[head.Header.Height+1]); again == nil || !strings.Contains(again.Error(), "stopped") {
		return misled(fmt.Sprintf("written again after a failure: %v", again))
	}
	if s.Close() == nil {
		return misled("closed after a failure")
	}
	return err
}

// TestAProcessEndsWithItsDiskAndSaysWhy runs writers as processes of their own,
// on disks that fail where Pebble cannot return an error, or kills them.
func TestAProcessEndsWithItsDiskAndSaysWhy(t *testing.T) {
	c := chainOf(t, 14, 60, 10)
	const files = 64 << 10                      // memory tables so small that new logs are needed now and then
	for i, failing := range []int{0, 2, 3, 4} { // logs that can be made; 0 is any number. Open makes two.
		dir := t.TempDir()
		cmd := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$", "-test.count=1")
		cmd.Env = append(os.Environ(), "IPLEDGER_STORE_WRITER="+dir, fmt.Sprintf("IPLEDGER_STORE_FAIL=%d", failing))
		said := new(strings.Builder)
		cmd.Stderr = said
		out, err := cmd.StdoutPipe()
		noError(t, err)
		noError(t, cmd.Start())
		acknowledged := int64(0)
		for {
			var n int64
			if _, err := fmt.Fscanf(out, "written %d\n", &n); err != nil {
				break
			}
			if acknowledged = n; i == 0 && n == 30 {
				noError(t, cmd.Process.Kill())
			}
		}
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err == nil {
			t.Fatalf("writer %d ended well", i)
		}
		if i > 0 && !strings.Contains(said.String(), errNoRoom.Error()) {
			t.Errorf("writer %d does not say why it ended: %s", i, said)
		}
		if strings.Contains(said.String(), "goroutine ") {
			t.Errorf("writer %d ended with a trace: %s", i, said)
		}
		s, err := store.Open(dir, store.Options{Network: c.network, MemTable: files})
		noError(t, err)
		head, _ := s.Head()
		if blocks := int64(head.Header.Height) + 1; acknowledged == 0 || blocks < acknowledged || i > 0 && blocks > acknowledged+1 {
			t.Errorf("writer %d: %d blocks are there, acknowledged were %d", i, blocks, acknowledged)
		}
		c.check(t, s)
		noError(t, s.Close())
	}
}

// TestWriterProcess is the process that the test above starts.
func TestWriterProcess(t *testing.T) {
	dir := os.Getenv("IPLEDGER_STORE_WRITER")
	if dir == "" {
		t.Skip("only as a process of its own")
	}
	n, err := strconv.Atoi(os.Getenv("IPLEDGER_STORE_FAIL"))
	noError(t, err)
	c := chainOf(t, 14, 60, 10)
	s, err := store.Open(dir, store.Options{
		Network: c.network, MemTable: 64 << 10, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		FS: errorfs.Wrap(vfs.Default, &noNewLog{after: int64(n)}),
		Watch: database.Watch{Failed: func(err error) {
			fmt.Fprintln(os.Stderr, "ended:", err)
			os.Exit(1)
		}},
	})
	noError(t, err)
	noError(t, c.init(s))
	fmt.Println("written 1")
	for i, f := range c.blocks[1:] {
		if err := s.Commit(f); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("written %d\n", i+2)
	}
}

var errNoRoom = errors.New("no space left on device")

// noNewLog lets no log be made from the one on whose number is after; 0 is never.
type noNewLog struct{ after, made int64 }

func (f *noNewLog) MaybeError(op errorfs.Op) error {
	if (op.Kind == errorfs.OpCreate || op.Kind == errorfs.OpReuseForWrite) && strings.HasSuffix(op.Path, ".log") && f.after > 0 {
		if f.made++; f.made > f.after {
			return errNoRoom
		}
	}
	return nil
}

func (f *noNewLog) String() string { return "no new log" }
