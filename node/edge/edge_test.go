// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// run serves a handler until the test ends. ending begins the drain, ended tells
// that it is over.
func run(t *testing.T, change func(*Config), next http.HandlerFunc) (e *Server, ending context.CancelFunc, ended chan struct{}) {
	t.Helper()
	c := Config{
		Listen: "127.0.0.1:0", MaxConnections: 4096, MaxConnectionsPerAddress: 2048, MaxHeader: 32 << 10,
		HeaderTimeout: 5 * time.Second, RequestTimeout: 30 * time.Second, AnswerTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		DrainTimeout: 10 * time.Second,
	}
	change(&c)
	e, err := Open(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	e.Handle(next)
	begin, ending := context.WithCancel(context.Background())
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		if err := e.Run(context.Background(), begin.Done()); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		ending()
		<-ended
	})
	return e, ending, ended
}

func hello(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	fmt.Fprint(w, "hello")
}

func TestPlainHTTPIsServedOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.0.0.5:0", "localhost:0", "[::ffff:127.0.0.1]:0"} {
		l, err := Listen(address, false)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if ip := l.Addr().(*net.TCPAddr).IP; !ip.IsLoopback() {
			t.Errorf("%s was bound to %v", address, ip)
		}
		l.Close()
	}
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "[::ffff:0.0.0.0]:0"} {
		_, err := Listen(address, false)
		if !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "set tls_certificate") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1", "127.0.0.1:http", "127.0.0.1:65536", ""} {
		if _, err := Listen(address, false); !errors.Is(err, ledger.ErrInvalid) {
			t.Errorf("%s: %v", address, err)
		}
	}
	l, err := Listen("0.0.0.0:0", true)
	if err != nil {
		t.Fatalf("with TLS: %v", err)
	}
	l.Close()
}

// Three hundred clients send their headers or bodies a byte at a time, or not at
// all. Others are answered meanwhile, and the slow ones are cut in time.
func TestSlowClientsAreCutAndKeepNobodyOut(t *testing.T) {
	limit := 400 * time.Millisecond
	e, _, _ := run(t, func(c *Config) { c.HeaderTimeout, c.RequestTimeout = limit, 2*limit }, hello)
	address := e.listener.Addr().String()
	const clients = 300
	var slow sync.WaitGroup
	took := make(chan time.Duration, clients)
	for i := range clients {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		slow.Go(func() {
			defer conn.Close()
			switch i % 3 {
			case 0: // says nothing
			case 1:
				fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
			case 2:
				fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
			}
			if err := conn.SetReadDeadline(start.Add(20 * time.Second)); err != nil {
				t.Error(err)
			}
			cut := make(chan struct{})
			go func() {
				defer close(cut)
				io.Copy(io.Discard, conn)
			}()
			dribble := time.NewTicker(limit / 8)
			defer dribble.Stop()
			for {
				select {
				case <-cut:
					took <- time.Since(start)
					return
				case <-dribble.C:
					if i%3 != 0 {
						conn.Write([]byte("x"))
					}
				}
			}
		})
	}
	client := &http.Client{Transport: new(http.Transport), Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	answered := 0
	for e.listener.count() > clients/3 {
		a, err := client.Get("http://" + address)
		if err != nil {
			t.Fatalf("while %d slow clients are connected: %v", e.listener.count(), err)
		}
		io.Copy(io.Discard, a.Body)
		a.Body.Close()
		answered++
	}
	slow.Wait()
	close(took)
	for d := range took {
		if d > 2*limit+5*time.Second {
			t.Errorf("a slow client was cut after %v, the limit is %v", d, 2*limit)
		}
	}
	if answered == 0 {
		t.Error("no request was answered while slow clients were connected")
	}
}

func TestConnectionsAreBoundedPerAddressAndInAll(t *testing.T) {
	e, _, _ := run(t, func(c *Config) { c.MaxConnections, c.MaxConnectionsPerAddress = 4, 3 }, hello)
	dial := func(from string) (net.Conn, bool) {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := d.Dial("tcp", e.listener.Addr().String())
		if err != nil {
			return nil, false
		}
		t.Cleanup(func() { conn.Close() })
		fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		a, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return conn, false
		}
		io.Copy(io.Discard, a.Body)
		return conn, true
	}
	first, ok := dial("127.0.0.1")
	if !ok {
		t.Fatal("the first connection is refused")
	}
	for range 2 {
		if _, ok := dial("127.0.0.1"); !ok {
			t.Fatal("a connection within the bounds is refused")
		}
	}
	if _, ok := dial("127.0.0.1"); ok {
		t.Error("one address has more connections than it may")
	}
	if _, ok := dial("127.0.0.2"); !ok {
		t.Error("another address is kept out by the first one")
	}
	if _, ok := dial("127.0.0.3"); ok {
		t.Error("there are more connections than there may be in all")
	}
	if a, n := e.listener.refusedAddress.Load(), e.listener.refusedTotal.Load(); a != 1 || n != 1 {
		t.Errorf("counted %d refused by address and %d in all, want 1 and 1", a, n)
	}
	first.Close()
	eventually(t, "the closed connection leaves", func() bool { return e.listener.count() == 3 })
	if _, ok := dial("127.0.0.3"); !ok {
		t.Error("a closed connection made no room")
	}
}

func TestDrainingAnswersWhatIsUnderWayAndStaysBound(t *testing.T) {
	entered, finish := make(chan struct{}), make(chan struct{})
	e, ending, ended := run(t, func(c *Config) { c.DrainTimeout = time.Minute }, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/long" {
			close(entered)
			<-finish
		}
		fmt.Fprint(w, "answered")
	})
	url := "http://" + e.listener.Addr().String()
	long := make(chan string, 1)
	go func() { long <- fetch(url + "/long") }()
	<-entered
	ending()
	eventually(t, "the node drains", e.Draining)
	if got := fetch(url); got != "answered" {
		t.Errorf("a balancer's question while the node drains: %s", got)
	}
	select {
	case <-ended:
		t.Fatal("the server ended before the request under way was answered")
	default:
	}
	close(finish)
	if got := <-long; got != "answered" {
		t.Errorf("the request under way: %s", got)
	}
	<-ended
}

func TestADrainThatTakesTooLongTellsTheRequestsToEnd(t *testing.T) {
	entered := make(chan struct{})
	e, ending, ended := run(t, func(c *Config) { c.DrainTimeout = 100 * time.Millisecond }, func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
		fmt.Fprint(w, "so far")
	})
	answer := make(chan string, 1)
	go func() { answer <- fetch("http://" + e.listener.Addr().String()) }()
	<-entered
	ending()
	if got := <-answer; got != "so far" {
		t.Errorf("the request that was told to end: %s", got)
	}
	<-ended
}

func fetch(url string) string {
	a, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer a.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(a.Body); err != nil {
		return err.Error()
	}
	return body.String()
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}
