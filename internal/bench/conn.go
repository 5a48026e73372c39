// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/ipledger/ipledger/node/api"
)

// A conn is one HTTP connection to a node, kept open from request to request.
// What is written was made ahead; what is read is parsed by net/http.
type conn struct {
	ctx     context.Context // of the run; its end breaks off what is under way
	node    int
	address string // host:port
	tcp     net.Conn
	in      *bufio.Reader
	forget  func() bool // ends the watch over ctx
}

// An answer is what a node said of a transaction.
type answer struct {
	http   int       // status code
	status api.State // "" unless the code is 200 or 202
	height uint64
	code   string // of a rejection or a refusal
	result json.RawMessage
}

// longest is how long a request may take in all before it counts as an error.
const longest = wait + 10*time.Second

func (c *conn) open() error {
	if c.tcp != nil {
		return nil
	}
	tcp, err := net.DialTimeout("tcp", c.address, 10*time.Second)
	if err != nil {
		return err
	}
	c.tcp, c.in = tcp, bufio.NewReaderSize(tcp, 4<<10)
	c.forget = context.AfterFunc(c.ctx, func() { _ = tcp.Close() })
	return nil
}

func (c *conn) close() {
	if c.tcp != nil {
		c.forget()
		_ = c.tcp.Close()
	}
	c.tcp = nil
}

// send sends a request and reads its answer. After an error the connection is
// closed, and the next send opens another.
func (c *conn) send(r *request) (answer, error) {
	a, err := c.exchange(r)
	if err != nil {
		c.close()
	}
	return a, err
}

func (c *conn) exchange(r *request) (answer, error) {
	if err := c.open(); err != nil {
		return answer{}, err
	}
	if err := c.tcp.SetDeadline(time.Now().Add(longest)); err != nil {
		return answer{}, err
	}
	if _, err := c.tcp.Write(r.raw); err != nil {
		return answer{}, err
	}
	h, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return answer{}, err
	}
	defer h.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(h.Body, 1<<20))
	if err != nil {
		return answer{}, err
	}
	if h.Close {
		c.close()
	}
	a, err := readAnswer(h.StatusCode, raw)
	if err != nil {
		return answer{}, fmt.Errorf("HTTP status %d: %w", h.StatusCode, err)
	}
	return a, nil
}

func readAnswer(status int, raw []byte) (answer, error) {
	if status >= 300 {
		var problem struct{ Code string }
		err := json.Unmarshal(raw, &problem)
		return answer{http: status, code: problem.Code}, err
	}
	var t struct {
		Status  api.State
		Height  uint64
		Code    string
		Outcome struct{ Result json.RawMessage }
	}
	err := json.Unmarshal(raw, &t)
	return answer{status, t.Status, t.Height, t.Code, t.Outcome.Result}, err
}

// kindOf names an error of a connection in one word or two.
func kindOf(err error) string {
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "reset"):
		return "connection closed"
	}
	return "connection failed"
}
