// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// A Profiler serves Go's profiles of this process. Whoever asks for one learns
// what the node is doing and slows it down, so it listens on loopback only, and
// only if the configuration says where.
type Profiler struct {
	listener net.Listener
	http     *http.Server
}

// OpenProfiler binds address, host:port. It gives nil if address is empty. Errors
// wrap ErrListen or ledger.ErrInvalid.
func OpenProfiler(address string) (*Profiler, error) {
	if address == "" {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: profile_listen %q is not host:port: %w", ledger.ErrInvalid, address, err)
	}
	if host, err = loopback(host); err != nil {
		return nil, fmt.Errorf("%w: profile_listen %q: profiles are for this machine only: %w", ledger.ErrInvalid, address, err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("%w: profiles: %w; choose another profile_listen, or none", ErrListen, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return &Profiler{listener: l, http: &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}, nil
}

// Run serves until ctx ends. A profile under way is cut off. A nil Profiler
// serves nothing.
func (p *Profiler) Run(ctx context.Context) error {
	if p == nil {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- p.http.Serve(p.listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		_ = p.http.Close()
		<-done
		return nil
	}
}

// Close frees the address if Run never ran.
func (p *Profiler) Close() {
	if p != nil {
		_ = p.listener.Close()
	}
}
