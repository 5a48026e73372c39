// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ipledger/ipledger/p2p"
)

// serving starts an office that answers with handler, and a bank that may ask it.
func serving(t *testing.T, handler p2p.Handler, changes ...func(*p2p.Config)) (bank, office *p2p.Host) {
	t.Helper()
	w := newWorld(t, "bank", "office")
	office = w.prepare("office", changes...)
	if handler != nil {
		office.Serve(handler)
	}
	w.run("office", office)
	bank = w.start("bank", changes...)
	connect(t, 1, bank, office)
	return bank, office
}

func TestRequestIsAnswered(t *testing.T) {
	bank, office := serving(t, func(_ context.Context, from p2p.MemberID, request []byte) ([]byte, error) {
		return bytes.Repeat(append([]byte(from+":"), request...), 100), nil
	})
	for _, size := range []int{0, 1, 1000, p2p.MaxRequest} {
		request := bytes.Repeat([]byte{7}, size)
		want := bytes.Repeat(append([]byte("bank:"), request...), 100)
		got, err := bank.Request(t.Context(), "office", request)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("request of %d bytes: %d bytes, want %d: %v", size, len(got), len(want), err)
		}
	}
	if _, err := bank.Request(t.Context(), "office", make([]byte, p2p.MaxRequest+1)); err == nil {
		t.Error("a request longer than allowed was sent")
	}
	if _, err := bank.Request(t.Context(), "thief", nil); !errors.Is(err, p2p.ErrUnknownMember) {
		t.Errorf("request to a stranger: %v", err)
	}
	if _, err := office.Request(t.Context(), "bank", nil); err == nil {
		t.Error("a member without a handler has answered")
	}
}

func TestResponseLengthIsLimited(t *testing.T) {
	var size atomic.Int64
	bank, _ := serving(t, func(context.Context, p2p.MemberID, []byte) ([]byte, error) {
		return make([]byte, size.Load()), nil
	})
	for _, n := range []int{0, 1, p2p.MaxResponse} {
		size.Store(int64(n))
		if got, err := bank.Request(t.Context(), "office", nil); err != nil || len(got) != n {
			t.Errorf("response of %d bytes: got %d: %v", n, len(got), err)
		}
	}
	size.Store(p2p.MaxResponse + 1)
	if _, err := bank.Request(t.Context(), "office", nil); err == nil {
		t.Error("a response longer than allowed was returned")
	}
}

func TestFailedRequestDoesNotSayWhy(t *testing.T) {
	secret := errors.New("the secret is 42")
	bank, _ := serving(t, func(context.Context, p2p.MemberID, []byte) ([]byte, error) { return nil, secret })
	_, err := bank.Request(t.Context(), "office", nil)
	if err == nil || bytes.Contains([]byte(err.Error()), []byte("42")) {
		t.Errorf("got %v", err)
	}
}

func TestRequestEndsWithItsContext(t *testing.T) {
	bank, _ := serving(t, func(ctx context.Context, _ p2p.MemberID, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}, func(c *p2p.Config) { c.RequestTimeout = 300 * time.Millisecond })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := bank.Request(ctx, "office", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	began := time.Now()
	if _, err := bank.Request(t.Context(), "office", nil); err == nil {
		t.Error("got an answer")
	}
	if waited := time.Since(began); waited > 3*time.Second {
		t.Errorf("waited %v for a member that does not answer in 300 ms", waited)
	}
}

func TestRequestsOfAMemberAreAnsweredFourAtATime(t *testing.T) {
	var now, most atomic.Int64
	bank, _ := serving(t, func(context.Context, p2p.MemberID, []byte) ([]byte, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		time.Sleep(5 * time.Millisecond)
		return []byte("yes"), nil
	})
	// The member that asks holds back its requests, and the one that answers does not rely on it.
	for _, asking := range []struct {
		ask   func(context.Context, p2p.MemberID, []byte) ([]byte, error)
		count int
	}{{bank.Request, 100}, {bank.Ask, 10}} {
		most.Store(0)
		var all sync.WaitGroup
		for range asking.count {
			all.Go(func() {
				if got, err := asking.ask(t.Context(), "office", []byte("?")); err != nil || string(got) != "yes" {
					t.Errorf("got %q: %v", got, err)
				}
			})
		}
		all.Wait()
		if most.Load() != 4 {
			t.Errorf("%d requests at a time, want 4", most.Load())
		}
	}
}

func echo(_ context.Context, _ p2p.MemberID, request []byte) ([]byte, error) { return request, nil }
