// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os/exec"
	"strings"
	"testing"
)

// A person at a terminal reads why the node does not start in the language that
// was asked for; a supervisor reads the same as a line of the log.
func TestATerminalGetsThePlainTextOfWhyANodeDoesNotStart(t *testing.T) {
	script, err := exec.LookPath("script") // which runs a command at a terminal of its own
	if err != nil {
		t.Skip(err)
	}
	for lang, says := range map[string][]string{
		"en": {"ipledger: invalid request: none is no data directory", "  Nothing was changed."},
		"zh": {"ipledger: 文件不存在：", "  未作任何变更。"},
	} {
		t.Chdir(t.TempDir())
		cmd := exec.CommandContext(t.Context(), script, "-qec", "ipledger node start --dir none --lang "+lang, "/dev/null")
		said, err := cmd.CombinedOutput()
		if err == nil || cmd.ProcessState.ExitCode() != exitFailure {
			t.Errorf("it ended with %v", err)
		}
		tells(t, string(said), says...)
		if strings.Contains(string(said), "{") {
			t.Errorf("a person reads JSON:\n%s", said)
		}
	}
}

// What is wrong with the command line itself is a line of the log, too.
func TestAWrongCallOfNodeStartIsALineOfTheLog(t *testing.T) {
	for _, line := range []string{"node start", "node start --dir none --nonsense", "node start --dir none --drain-timeout never"} {
		_, said, exit := execute(t, strings.Fields(line)...)
		if last := lastError(t, said); exit == exitOK || last.ExitCode != exit || strings.Count(said, "\n") != 1 {
			t.Errorf("%s: exit code %d: %s", line, exit, said)
		}
	}
}
