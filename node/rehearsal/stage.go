// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
)

// A stage is a throw-away ledger: one node in a directory that goes with it, and
// the clock that the node reads. The clock never goes back, and stands at the time
// of the newest FINAL block or 1 ms and more before the next.
type stage struct {
	genesis genesis
	dir     string
	node    *node.Node
	clock   atomic.Int64 // ms since 1970 UTC
	held    atomic.Bool  // the node does not know the time, and makes no block
	http    http.Client
	client  *api.Client

	stop  context.CancelFunc
	ended chan struct{} // closed when the node has ended; then fault may be read
	fault error         // of the node
}

// patience is how long the node may take for a block. It takes milliseconds.
const patience = 30 * time.Second

// raise builds the ledger of a story and starts its node. close frees all of it,
// also after an error.
func raise(g genesis) (s *stage, err error) {
	s = &stage{genesis: g, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "ipledger-rehearsal-"); err != nil {
		return s, fmt.Errorf("make the directory of the ledger: %w", err)
	}
	c, err := s.settings()
	if err != nil {
		return s, err
	}
	s.clock.Store(g.time.UnixMilli())
	if err := datadir.Init(c, g.file, g.validator, g.network, keys.DevnetCost); err != nil {
		return s, err
	}
	n, err := node.Open(c, "rehearsal", slog.New(slog.DiscardHandler))
	if err != nil {
		return s, err
	}
	s.node = n
	s.http.Transport = new(http.Transport) // its connections end with the node
	s.client = &api.Client{BaseURL: s.node.URL(), HTTP: &s.http, Clock: s.now}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() {
		defer close(s.ended)
		s.fault = s.node.Run(ctx)
	}()
	return s, nil
}

// settings are those of the one node: free ports on loopback, no limits, proofs of
// every height, and time that passes as the story says.
func (s *stage) settings() (config.Config, error) {
	passphrase := filepath.Join(s.dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("throw-away\n"), 0o600); err != nil {
		return config.Config{}, fmt.Errorf("make the directory of the ledger: %w", err)
	}
	noRate, noDrain := 0.0, config.Duration(0)
	return config.Config{
		Dir:              filepath.Join(s.dir, nodeName),
		Name:             nodeName,
		P2PListen:        []string{"/ip4/127.0.0.1/tcp/0"},
		APIListen:        "127.0.0.1:0",
		PassphraseFile:   passphrase,
		StateHistory:     "all",
		DiskReserve:      "off",
		DrainTimeout:     &noDrain,
		RateAddress:      &noRate,
		RateOrganisation: &noRate,
		// The core's ticks are the machine's: an election takes some of them.
		Pace: config.Pace{Clock: s.nodeClock, Tick: 10 * time.Millisecond, Idle: time.Millisecond},
	}, nil
}

func (s *stage) now() time.Time { return time.UnixMilli(s.clock.Load()) }

// nodeClock is what the node reads: nothing, while blocks are held back.
func (s *stage) nodeClock() time.Time {
	if s.held.Load() {
		return time.UnixMilli(0)
	}
	return s.now()
}

// close ends the node and removes its directory.
func (s *stage) close() error {
	var errs []error
	if s.stop != nil {
		s.http.CloseIdleConnections()
		s.stop()
		<-s.ended
		errs = append(errs, s.fault)
	}
	if s.node != nil {
		errs = append(errs, s.node.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// advance puts the clock forward and waits until a FINAL block has that time: an
// empty one, unless there is one already.
func (s *stage) advance(ctx context.Context, to time.Time) error {
	ms := to.UnixMilli()
	if ms > s.clock.Load() {
		s.clock.Store(ms)
	}
	return s.await(ctx, "a block of "+clockText(to), func() (bool, error) { return s.node.Head().Header.Time >= ms, nil })
}

// await looks at each FINAL block whether something has come to be.
func (s *stage) await(ctx context.Context, what string, look func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%w: the ledger has made no %s within %v", ledger.ErrUnavailable, what, patience))
	defer cancel()
	for {
		changed := s.node.Changed()
		if done, err := look(); done || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-s.ended:
			return fmt.Errorf("the node ended: %w", s.fault)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// submit hands a transaction to the node, which may refuse it: there is no receipt
// then.
func (s *stage) submit(ctx context.Context, tx *ledger.Transaction) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.node.Submit(ctx, tx)
}

// gather submits transactions by what submits them, which tells how many were taken, and
// makes them wait for each other: one block has all of them.
func (s *stage) gather(ctx context.Context, submit func() (taken int, err error)) error {
	s.held.Store(true)
	defer s.held.Store(false)
	taken, err := submit()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%w: the ledger has not taken %d transactions within %v", ledger.ErrUnavailable, taken, patience))
	defer cancel()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for s.node.Status().Mempool < taken {
		select {
		case <-look.C:
		case <-s.ended:
			return fmt.Errorf("the node ended: %w", s.fault)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// receipt gives the receipt of a transaction that was submitted, as the API has it
// and as it was verified with the genesis file alone.
func (s *stage) receipt(ctx context.Context, id ledger.Hash) (file []byte, receipt *ledger.VerifiedReceipt, err error) {
	if err := s.await(ctx, "block of the transaction", func() (bool, error) {
		var err error
		file, err = s.client.ReceiptFile(ctx, id)
		if errors.Is(err, ledger.ErrNotFound) {
			return false, nil
		}
		return err == nil, err
	}); err != nil {
		return nil, nil, err
	}
	if receipt, err = ledger.VerifyReceipt(s.genesis.trust, file); err != nil {
		return nil, nil, fmt.Errorf("the receipt of %v: %w", id, err)
	}
	if receipt.Transaction.ID() != id {
		return nil, nil, fmt.Errorf("the receipt of %v is one of %v", id, receipt.Transaction.ID())
	}
	s.clock.Store(max(s.clock.Load(), receipt.Header.Time))
	return file, receipt, nil
}
