// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"
)

// runQuietly runs one command line in this process.
func runQuietly(args ...string) (code int, output string) {
	var out bytes.Buffer
	e := &env{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
		Getenv: func(string) string { return "" }, Now: time.Now,
	}
	code = run(context.Background(), e, args)
	return code, out.String()
}

func TestChineseColumnsAlign(t *testing.T) {
	table := newTable("NAME", "ROLE")
	table.add("蜀锦银行", "BANK")
	table.add("RX", "BORROWER")
	var out bytes.Buffer
	check(t, table.write(&out, false))
	const want = "NAME      ROLE\n蜀锦银行  BANK\nRX        BORROWER\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestTextCannotMoveTheCursor(t *testing.T) {
	if got := printable("a\x1b[2Jb\nc\u202ed"); strings.ContainsAny(got, "\x1b\n\u202e") {
		t.Errorf("%q", got)
	}
}

func TestEveryFrontNamesAMethod(t *testing.T) {
	// Building the commands panics if one does not.
	code, out := runQuietly("--help")
	if code != exitOK || !strings.Contains(out, "receipt") {
		t.Errorf("exit code %d: %s", code, out)
	}
}
