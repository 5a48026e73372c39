// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !js

package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
)

func TestAPassphraseIsTheFileWithoutItsLastNewline(t *testing.T) {
	path := filepath.Join(t.TempDir(), "passphrase")
	for content, want := range map[string]string{
		"open sesame": "open sesame", "open sesame\n": "open sesame", "open sesame\r\n": "open sesame", " 口令 \n": " 口令 ",
		"": "", "\n": "", strings.Repeat("x", 4097): "",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := keys.ReadPassphrase(path)
		if string(got) != want || errors.Is(err, keys.ErrPassphraseFile) != (want == "") {
			t.Errorf("%.20q: %q, %v", content, got, err)
		}
	}
}

func TestAPassphraseFileThatNeverEndsIsRefused(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("this system has no /dev/zero")
	}
	if _, err := keys.ReadPassphrase("/dev/zero"); !errors.Is(err, keys.ErrPassphraseFile) {
		t.Error(err)
	}
}
