// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A chapter is one part of the story. Its function plays it and returns an
// error as soon as something is not as expected.
type chapter struct {
	title string
	play  func(d *demo, ctx context.Context) error
}

// A demo plays the story on a new development network, as its organisations
// would, and counts what it checked.
type demo struct {
	*devnet
	network network                    // what the genesis file says; nodes are not asked
	keys    map[string]keys.PrivateKey // by name of the person
	begun   time.Time
	checks  int

	// What one chapter leaves to the next.
	pledgeNo     string
	loanNo       string
	victim       int         // the node that was killed
	killedAt     time.Time   // by this machine's clock
	racedBy      ledger.Hash // the transaction that lost the race
	registration ledger.Hash // the transaction that made the pledge effective
	pledgedAt    int64       // block time of the registration
	freeAt       uint64      // height of the cancellation
	again        string      // number of the second pledge
	againAt      uint64      // height of its registration
}

// demoNodes is the smallest network that goes on without one of its nodes.
const demoNodes = 4

// runDemo makes a network, plays the story and ends the network.
func runDemo(ctx context.Context, e *env, f devnetFlags) error {
	if f.nodes < demoNodes {
		return wrongCall("--demo kills a node, so it needs at least --nodes %d", demoNodes)
	}
	if e.output != "table" {
		return wrongCall("--demo prints a transcript for people; leave out --output")
	}
	if _, err := f.plan(); err != nil {
		return err
	}
	if !f.given("dir") {
		// It stays there, so that the files can be looked at.
		var err error
		if f.dir, err = os.MkdirTemp("", "ipledger-demo-"); err != nil {
			return fmt.Errorf("make directory of the demonstration: %w", err)
		}
	}
	if _, err := os.Stat(devnetFile(f.dir)); err == nil {
		return fmt.Errorf("%w: %s holds a network already, and the demonstration begins with a new one; choose another --dir", ledger.ErrConflict, f.dir)
	}
	begun := time.Now()
	net, err := openOrMake(e, f)
	if err != nil {
		return err
	}
	defer net.stop()
	if err := net.start(ctx); err != nil {
		return err
	}
	d := &demo{devnet: net, keys: make(map[string]keys.PrivateKey), begun: begun}
	if d.network, err = readGenesis(d.Genesis); err != nil {
		return err
	}
	if err := d.tell(ctx, story()); err != nil {
		d.line("   ✗ %v", err)
		// Whatever it was, the demonstration failed: the cause does not decide the
		// exit code.
		return fmt.Errorf("demo: failed after %d checks: %v; logs and files are in %s", d.checks, err, d.dir)
	}
	d.line("")
	d.line("demo: all %d checks passed in %.1f s", d.checks, time.Since(d.begun).Seconds())
	return nil
}

func (d *demo) tell(ctx context.Context, story []chapter) error {
	if err := d.openKeys(); err != nil {
		return err
	}
	for i, c := range story {
		d.line("")
		d.line("%d. %s", i+1, c.title)
		if err := c.play(d, ctx); err != nil {
			return fmt.Errorf("%q: %w", c.title, err)
		}
	}
	return nil
}

// openKeys opens the key files of all people.
func (d *demo) openKeys() error {
	passphrase, err := keys.ReadPassphrase(d.PassphraseFile)
	if err != nil {
		return err
	}
	for _, p := range d.People {
		if d.keys[p.Name], err = keys.ReadFile(p.KeyFile, passphrase); err != nil {
			return err
		}
	}
	return nil
}

// line prints one line of the transcript.
func (d *demo) line(format string, args ...any) {
	fmt.Fprintln(d.env.Stdout, strings.TrimRight(fmt.Sprintf(format, args...), " "))
}

// note explains the line before it.
func (d *demo) note(format string, args ...any) { d.line("     "+format, args...) }

// expect counts one check and prints it, or returns an error if it does not
// hold.
func (d *demo) expect(holds bool, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if !holds {
		return errors.New("not as expected: " + text)
	}
	d.checks++
	d.line("   ✓ %s", text)
	return nil
}

// show prints a table inside the transcript.
func (d *demo) show(t *table) error {
	var text strings.Builder
	if err := t.write(&text, false); err != nil {
		return err
	}
	for row := range strings.Lines(text.String()) {
		d.note("%s", strings.TrimRight(row, "\n"))
	}
	return nil
}

// file names a file of the demonstration and makes its folder.
func (d *demo) file(folder, name string) (string, error) {
	dir := filepath.Join(d.dir, folder)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	return filepath.Join(dir, name), nil
}

// until asks again and again until ask is done, at most for a time. It gives
// the error that ask gave last.
func until(ctx context.Context, limit time.Duration, ask func(ctx context.Context) (done bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		done, err := ask(ctx)
		if done {
			return err
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = ctx.Err()
			}
			return fmt.Errorf("not within %v: %w", limit, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
