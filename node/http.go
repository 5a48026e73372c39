// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// An edge is the node's HTTP server: TLS on any address, or plain HTTP on
// loopback; bounded in connections, bytes and time; and the first stage to end.
type edge struct {
	config      Config
	logger      *slog.Logger
	listener    *bounded
	certificate *certificate // nil: plain HTTP
	http        *http.Server

	mu       sync.Mutex
	draining bool          // no transaction is taken any more
	underway int           // requests that began before draining
	idle     chan struct{} // closed when those are answered
}

const (
	// longestWait is how long a request may wait for its outcome by the API.
	longestWait = time.Minute
	// sending is how long an answer may take to its client.
	sending = 30 * time.Second
	// lastGrace is how long requests may take to end after they were told to.
	lastGrace = 3 * time.Second
)

// openEdge reads the certificate and binds the address of c.
func openEdge(c Config, logger *slog.Logger) (*edge, error) {
	e := &edge{config: c, logger: logger, idle: make(chan struct{})}
	var err error
	if c.TLSCertificate != "" {
		if e.certificate, err = openCertificate(c.path(c.TLSCertificate), c.path(c.TLSKey), logger); err != nil {
			return nil, err
		}
	}
	l, err := listenHTTP(c.APIListen, e.certificate != nil)
	if err != nil {
		return nil, err
	}
	e.listener = newBounded(l, c.MaxConnections, c.MaxConnectionsPerAddress)
	e.http = &http.Server{
		ReadHeaderTimeout: time.Duration(c.HeaderTimeout),
		ReadTimeout:       time.Duration(c.RequestTimeout),
		WriteTimeout:      time.Duration(c.RequestTimeout) + longestWait + sending,
		IdleTimeout:       time.Duration(c.IdleTimeout),
		MaxHeaderBytes:    api.ServerHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 128, SendPingTimeout: time.Minute, WriteByteTimeout: sending},
		// What strangers do wrong while they connect is no fault of this node.
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	return e, nil
}

// listenHTTP binds an address. Without TLS it must be on loopback, whatever its
// name resolves to: requests and answers could be read and changed on the way.
func listenHTTP(address string, secure bool) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: api_listen %q is not host:port: %w", ledger.ErrInvalid, address, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, fmt.Errorf("%w: api_listen %q: port %q is not a number up to 65535", ledger.ErrInvalid, address, port)
	}
	if !secure {
		if host, err = loopback(host); err != nil {
			return nil, fmt.Errorf("%w: api_listen %q: %w", ledger.ErrInvalid, address, err)
		}
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, fmt.Errorf("%w: HTTP: %w; is another node running, or is the port taken? choose another api_listen", ErrListen, err)
	}
	return l, nil
}

// loopback gives the address of a host all of whose addresses are on loopback.
func loopback(host string) (string, error) {
	const advice = "plain HTTP is served on loopback only, such as 127.0.0.1 or localhost; to serve other machines set tls_certificate and tls_key"
	if host == "" {
		return "", fmt.Errorf("without a host it means every address of this machine; %s", advice)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", host, err)
	}
	chosen := ""
	for _, ip := range found {
		if ip = ip.Unmap(); !ip.IsLoopback() {
			return "", fmt.Errorf("%s is not a loopback address; %s", ip, advice)
		}
		if chosen == "" || ip.Is4() {
			chosen = ip.String()
		}
	}
	if chosen == "" {
		return "", fmt.Errorf("%s has no address; %s", host, advice)
	}
	return chosen, nil
}

// handle names the handler of all requests. It must be called before Run.
func (e *edge) handle(next http.Handler) {
	e.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.begin() {
			defer e.end()
		} else {
			w.Header().Set("Connection", "close") // the client's next request finds another node
		}
		next.ServeHTTP(w, r)
	})
}

// begin tells whether a request began before draining; then end must follow.
func (e *edge) begin() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.draining {
		return false
	}
	e.underway++
	return true
}

func (e *edge) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.underway--; e.underway == 0 && e.draining {
		close(e.idle)
	}
}

// isDraining tells whether the node is about to end.
func (e *edge) isDraining() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.draining
}

// Run answers requests until ending is closed, then drains and returns. It ends
// sooner if ctx does: then nobody is there any more to make blocks FINAL.
func (e *edge) Run(ctx context.Context, ending <-chan struct{}) error {
	var watching sync.WaitGroup
	defer watching.Wait()
	requests, giveUp := context.WithCancel(ctx)
	defer giveUp()
	if e.certificate != nil {
		watching.Go(func() { e.certificate.watch(requests) })
	}
	e.http.BaseContext = func(net.Listener) context.Context { return requests }
	done := make(chan error, 1)
	go func() { done <- e.serve() }()
	select {
	case err := <-done:
		return err
	case <-ending:
		e.drain(ctx)
	case <-ctx.Done():
	}
	// Who still waits for an outcome is told now how far it has come.
	giveUp()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer cancel()
	if err := e.http.Shutdown(grace); err != nil {
		e.logger.Warn("requests were cut off", "after", lastGrace.String())
		_ = e.http.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (e *edge) serve() error {
	if e.certificate == nil {
		return e.http.Serve(e.listener)
	}
	e.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: e.certificate.get}
	return e.http.ServeTLS(e.listener, "", "")
}

// drain stops taking transactions and waits until the requests under way are
// answered, for the drain time at most. Meanwhile the address stays bound, so
// that balancers see that the node is not ready, and reads are answered.
func (e *edge) drain(ctx context.Context) {
	e.mu.Lock()
	e.draining = true
	underway := e.underway
	if underway == 0 {
		close(e.idle)
	}
	e.mu.Unlock()
	began := time.Now()
	e.logger.Info("draining: no new transactions are taken", "requests", underway, "timeout", e.config.DrainTimeout.String())
	limit, cancel := context.WithTimeout(ctx, time.Duration(*e.config.DrainTimeout))
	defer cancel()
	select {
	case <-time.After(time.Duration(e.config.DrainDelay)):
	case <-limit.Done():
	}
	select {
	case <-e.idle:
	case <-limit.Done():
	}
	e.mu.Lock()
	left := e.underway
	e.mu.Unlock()
	e.logger.Info("drained", "seconds", time.Since(began).Seconds(), "unanswered", left)
}

// Close frees the address if Run never ran.
func (e *edge) Close() { _ = e.listener.Close() }

// scheme is http or https.
func (e *edge) scheme() string {
	if e.certificate != nil {
		return "https"
	}
	return "http"
}

// answered counts every request, and logs it at the level debug: nothing of what
// its sender wrote but the method.
func (n *Node) answered(m *metrics) func(api.Answered) {
	return func(a api.Answered) {
		m.request(a)
		ctx := context.Background()
		if !n.logger.Enabled(ctx, slog.LevelDebug) {
			return
		}
		n.logger.LogAttrs(ctx, slog.LevelDebug, "request answered", slog.String("method", a.Method), slog.String("route", a.Route),
			slog.Int("code", a.Status), slog.Duration("took", a.Took), slog.String("organisation", a.Organisation))
	}
}
