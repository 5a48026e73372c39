// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

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
)

// Config says what a server listens on and how much it bears. Everything but the
// two files must be given.
type Config struct {
	Listen          string // host:port
	CertificateFile string // PEM; empty, as KeyFile: plain HTTP on loopback
	KeyFile         string

	MaxConnections           int // in all
	MaxConnectionsPerAddress int // of one IPv4 address or one IPv6 /64 network
	MaxHeader                int // bytes of the headers of a request

	HeaderTimeout  time.Duration // to send the headers of a request
	RequestTimeout time.Duration // to send a whole request
	AnswerTimeout  time.Duration // to find the answer to a request
	IdleTimeout    time.Duration // without a request
	DrainTimeout   time.Duration // for requests under way when the server ends
	DrainDelay     time.Duration // in which it still takes connections; within DrainTimeout
}

// ErrListen says that an address cannot be bound.
var ErrListen = errors.New("cannot listen")

// A Server is the node's HTTP server: TLS on any address, or plain HTTP on
// loopback; bounded in connections, bytes and time; and the first stage to end.
type Server struct {
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
	// sending is how long an answer may take to its client.
	sending = 30 * time.Second
	// lastGrace is how long requests may take to end after they were told to.
	lastGrace = 3 * time.Second
)

// Open reads the certificate and binds the address of c. Errors wrap ErrListen or
// ledger.ErrInvalid.
func Open(c Config, logger *slog.Logger) (*Server, error) {
	s := &Server{config: c, logger: logger, idle: make(chan struct{})}
	var err error
	if c.CertificateFile != "" {
		if s.certificate, err = openCertificate(c.CertificateFile, c.KeyFile, logger); err != nil {
			return nil, err
		}
	}
	l, err := Listen(c.Listen, s.certificate != nil)
	if err != nil {
		return nil, err
	}
	s.listener = newBounded(l, c.MaxConnections, c.MaxConnectionsPerAddress)
	s.http = &http.Server{
		ReadHeaderTimeout: c.HeaderTimeout,
		ReadTimeout:       c.RequestTimeout,
		WriteTimeout:      c.RequestTimeout + c.AnswerTimeout + sending,
		IdleTimeout:       c.IdleTimeout,
		MaxHeaderBytes:    c.MaxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 128, SendPingTimeout: time.Minute, WriteByteTimeout: sending},
		// What strangers do wrong while they connect is no fault of this node.
		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Listen binds an address, host:port. Without TLS it must be on loopback, whatever
// its name resolves to: requests and answers could be read and changed on the way.
func Listen(address string, secure bool) (net.Listener, error) {
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

// Handle names the handler of all requests. It must be called before Run.
func (s *Server) Handle(next http.Handler) {
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.begin() {
			defer s.end()
		} else {
			w.Header().Set("Connection", "close") // the client's next request finds another node
		}
		next.ServeHTTP(w, r)
	})
}

// begin tells whether a request began before draining; then end must follow.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return false
	}
	s.underway++
	return true
}

func (s *Server) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.underway--; s.underway == 0 && s.draining {
		close(s.idle)
	}
}

// Draining tells whether the server is about to end.
func (s *Server) Draining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// Run answers requests until ending is closed, then drains and returns. It ends
// sooner if ctx does: then nobody is there any more to make blocks FINAL.
func (s *Server) Run(ctx context.Context, ending <-chan struct{}) error {
	var watching sync.WaitGroup
	defer watching.Wait()
	requests, giveUp := context.WithCancel(ctx)
	defer giveUp()
	if s.certificate != nil {
		watching.Go(func() { s.certificate.watch(requests) })
	}
	s.http.BaseContext = func(net.Listener) context.Context { return requests }
	done := make(chan error, 1)
	go func() { done <- s.serve() }()
	select {
	case err := <-done:
		return err
	case <-ending:
		s.drain(ctx)
	case <-ctx.Done():
	}
	// Who still waits for an outcome is told now how far it has come.
	giveUp()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastGrace)
	defer cancel()
	if err := s.http.Shutdown(grace); err != nil {
		s.logger.Warn("requests were cut off", "after", lastGrace.String())
		_ = s.http.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *Server) serve() error {
	if s.certificate == nil {
		return s.http.Serve(s.listener)
	}
	s.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.certificate.get}
	return s.http.ServeTLS(s.listener, "", "")
}

// drain stops taking transactions and waits until the requests under way are
// answered, for the drain time at most. Meanwhile the address stays bound, so
// that balancers see that the node is not ready, and reads are answered.
func (s *Server) drain(ctx context.Context) {
	s.mu.Lock()
	s.draining = true
	underway := s.underway
	if underway == 0 {
		close(s.idle)
	}
	s.mu.Unlock()
	began := time.Now()
	s.logger.Info("draining: no new transactions are taken", "requests", underway, "timeout", s.config.DrainTimeout.String())
	limit, cancel := context.WithTimeout(ctx, s.config.DrainTimeout)
	defer cancel()
	select {
	case <-time.After(s.config.DrainDelay):
	case <-limit.Done():
	}
	select {
	case <-s.idle:
	case <-limit.Done():
	}
	s.mu.Lock()
	left := s.underway
	s.mu.Unlock()
	s.logger.Info("drained", "seconds", time.Since(began).Seconds(), "unanswered", left)
}

// Close frees the address if Run never ran.
func (s *Server) Close() { _ = s.listener.Close() }

// URL is where the server answers.
func (s *Server) URL() string {
	scheme := "http"
	if s.certificate != nil {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

// Reload reads the files of the certificate now. It gives false if there are none.
func (s *Server) Reload() bool {
	if s.certificate == nil {
		return false
	}
	s.certificate.reload()
	return true
}

// Statistics are what a server counts.
type Statistics struct {
	Connections    int    // that are open
	RefusedTotal   uint64 // connections, since there were too many in all
	RefusedAddress uint64 // connections, since there were too many of one address
	Draining       bool

	TLS                 bool
	CertificateExpires  time.Time // of the one in use
	CertificateFailures uint64    // pairs of files that could not be used
}

// Statistics gives what was counted until now.
func (s *Server) Statistics() Statistics {
	out := Statistics{
		Connections:    s.listener.count(),
		RefusedTotal:   s.listener.refusedTotal.Load(),
		RefusedAddress: s.listener.refusedAddress.Load(),
		Draining:       s.Draining(),
	}
	if s.certificate != nil {
		out.TLS, out.CertificateExpires, out.CertificateFailures = true, s.certificate.expires(), s.certificate.failures.Load()
	}
	return out
}
