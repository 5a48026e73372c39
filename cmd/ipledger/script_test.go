// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ipledger": main})
}

// TestScripts runs the command lines of testdata/*.txtar. A script finds the
// files of writeFiles in its directory, and has the command
//
//	exits CODE program args...
//
// which checks the exit code to the number.
func TestScripts(t *testing.T) {
	files := t.TempDir()
	writeFiles(t, files, "ed25519")
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(s *testscript.Env) error {
			s.Setenv("LANG", "C")
			return os.CopyFS(s.WorkDir, os.DirFS(files))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			ts.Fatalf("%v", err)
		}
		got = ended.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// TestFilesOfBothSuitesVerify runs the verifier in this process on the files of
// a network of national cryptography, which the scripts do not use.
func TestFilesOfBothSuitesVerify(t *testing.T) {
	for _, suite := range []string{"ed25519", "sm2"} {
		dir := t.TempDir()
		writeFiles(t, dir, suite)
		t.Chdir(dir)
		for _, line := range [][]string{
			{"receipt", "verify", "receipt", "--genesis", "genesis.json"},
			{"proof", "verify", "free", "--genesis", "genesis.json", "--max-age", "2h"},
			{"evidence", "verify", "evidence", "--genesis", "genesis.json"},
		} {
			if code, out := runQuietly(line...); code != exitOK {
				t.Errorf("%s %v: exit code %d: %s", suite, line, code, out)
			}
		}
		if code, _ := runQuietly("receipt", "verify", "broken", "--genesis", "genesis.json"); code != exitRefused {
			t.Errorf("%s: a broken receipt ends with exit code %d", suite, code)
		}
	}
}

func TestWhatIsNotUTF8IsNotSigned(t *testing.T) {
	t.Chdir(t.TempDir())
	check(t, os.WriteFile("args.json", []byte("{\"number\":\"a\xff\"}"), 0o600))
	for _, line := range [][]string{
		{"right", "claim", "201810234567.3", "--title", "a\xff", "--actor", "x", "--signer", "maker=k"},
		{"right", "show", "\xff"},
		{"tx", "submit", "rights.claim", "--args", "@args.json", "--actor", "x", "--signer", "maker=k"},
	} {
		code, out := runQuietly(line...)
		if tells(t, out, "not UTF-8"); code != exitUsage {
			t.Errorf("%q: exit code %d", line, code)
		}
	}
}

func TestErrorsAreToldInJSONToo(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, "ed25519")
	t.Chdir(dir)
	for _, one := range []struct {
		line []string
		exit int
		code string
	}{
		{[]string{"receipt", "verify", "few", "--genesis", "genesis.json"}, exitRefused, "CERTIFICATE_QUORUM"},
		{[]string{"evidence", "verify", "slander", "--genesis", "genesis.json"}, exitRefused, "EVIDENCE"},
		{[]string{"receipt", "verify"}, exitUsage, "USAGE"},
		{[]string{"receipt", "verify", "--nonsense", "x"}, exitUsage, "USAGE"},
		{[]string{"status", "--url", "http://127.0.0.1:1"}, exitUnreachable, "UNREACHABLE"},
		{[]string{"node", "start", "--dir", "none"}, exitFailure, "NO_FILE"},
		{[]string{"tx", "submit", "rights.claim", "--args", `{"type":"PATENT"}`, "--actor", "x", "--signer", "maker=k"}, exitFailure, "E_FORMAT"},
	} {
		var out, talk bytes.Buffer
		e := &env{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &talk, Getenv: func(string) string { return "" }, Now: time.Now}
		code := run(t.Context(), e, append(one.line, "-o", "json"))
		var a failedAnswer
		d := json.NewDecoder(&out)
		d.DisallowUnknownFields()
		check(t, d.Decode(&a))
		if code != one.exit || a.Error.ExitCode != code || a.Error.Code != one.code || a.Error.Message == "" || a.Error.MessageZH == "" || talk.Len() == 0 {
			t.Errorf("%v: exit code %d, %+v\n%s", one.line, code, a, &talk)
		}
		if refused := one.exit == exitRefused; refused != (a.Valid != nil) || refused != (a.Reason != "") || refused && *a.Valid {
			t.Errorf("%v: %+v", one.line, a)
		}
		if one.code == "E_FORMAT" && (len(a.Error.Details) == 0 || a.Error.Details[0].Field != "number" || a.Error.Details[0].ZH == "") {
			t.Errorf("%v: %+v", one.line, a)
		}
	}
}

func TestMessagesFollowTheLocale(t *testing.T) {
	for locale, want := range map[string]string{"zh_CN.UTF-8": "zh", "ZH": "zh", "en_US.UTF-8": "en", "C": "en", "": "en"} {
		got := languageOf(func(name string) string { return map[string]string{"LANG": locale}[name] })
		if got != want {
			t.Errorf("LANG=%s: %s, want %s", locale, got, want)
		}
	}
	if got := languageOf(func(name string) string { return map[string]string{"LC_ALL": "C", "LANG": "zh_CN"}[name] }); got != "en" {
		t.Errorf("LC_ALL=C goes before LANG: %s", got)
	}
}
