// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !js

package keys_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
)

var passphrase = []byte("正确的口令 correct")

// writeKey writes a key file for a test at little cost and returns its path.
func writeKey(t *testing.T, key keys.PrivateKey) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "node.key")
	if err := keys.WriteFile(path, key, passphrase, keys.DevnetCost); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAKeyFileGivesBackItsKey(t *testing.T) {
	for _, name := range suites {
		private := generate(t, suiteOf(t, name), 1)
		path := writeKey(t, private)
		got, err := keys.ReadFile(path, passphrase)
		if err != nil {
			t.Fatal(err)
		}
		if got.Public() != private.Public() || !bytes.Equal(got.Seed(), private.Seed()) {
			t.Errorf("%s: got %s, want %s", name, got, private)
		}
		public, err := keys.ReadPublic(path)
		if err != nil || public != private.Public() {
			t.Errorf("%s: ReadPublic gives %s, %v", name, public, err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, private.Seed()) {
			t.Errorf("%s: the seed lies open in the file", name)
		}
		names, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(names) != 1 {
			t.Errorf("%s: files left behind: %v, %v", name, names, err)
		}
	}
}

func TestTheDefaultCostIsWrittenForTheZeroCost(t *testing.T) {
	if testing.Short() {
		t.Skip("argon2id at full cost")
	}
	path := filepath.Join(t.TempDir(), "k")
	private := generate(t, suiteOf(t, "ed25519"), 1)
	if err := keys.WriteFile(path, private, passphrase, keys.Cost{}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(content), `"memory_kib": 65536`) {
		t.Errorf("%s, %v", content, err)
	}
	if _, err := keys.ReadFile(path, passphrase); err != nil {
		t.Error(err)
	}
}

func TestAWrongPassphraseIsTold(t *testing.T) {
	path := writeKey(t, generate(t, suiteOf(t, "ed25519"), 1))
	for _, wrong := range []string{"", "wrong", string(passphrase) + "\n"} {
		if _, err := keys.ReadFile(path, []byte(wrong)); !errors.Is(err, keys.ErrPassphrase) {
			t.Errorf("passphrase %q: %v", wrong, err)
		}
	}
}

func TestAKeyFileIsNeverOverwritten(t *testing.T) {
	private := generate(t, suiteOf(t, "ed25519"), 1)
	path := writeKey(t, private)
	err := keys.WriteFile(path, generate(t, suiteOf(t, "ed25519"), 2), passphrase, keys.DevnetCost)
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("writing over a key file: %v", err)
	}
	if public, err := keys.ReadPublic(path); err != nil || public != private.Public() {
		t.Errorf("the file now holds %s, %v", public, err)
	}
}

func TestAnEmptyPassphraseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if err := keys.WriteFile(path, generate(t, suiteOf(t, "ed25519"), 1), nil, keys.DevnetCost); err == nil {
		t.Error("sealed with an empty passphrase")
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file is there: %v", err)
	}
}

func TestAKeyFileOthersCanReadIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no mode bits")
	}
	path := writeKey(t, generate(t, suiteOf(t, "ed25519"), 1))
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("written with mode %v, %v", info.Mode(), err)
	}
	for mode, want := range map[os.FileMode]bool{0o600: true, 0o400: true, 0o640: false, 0o604: false, 0o660: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := keys.ReadFile(path, passphrase)
		if (err == nil) != want {
			t.Errorf("mode %o: %v", mode, err)
		}
		if err != nil && !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: the error does not say what to do: %v", mode, err)
		}
	}
}

// Each field is changed to another value of good form: the cipher must notice.
func TestNoFieldOfAKeyFileCanBeChanged(t *testing.T) {
	private := generate(t, suiteOf(t, "ed25519"), 1)
	path := writeKey(t, private)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := generate(t, suiteOf(t, "sm2"), 2).Public()
	kdf := func(name string, value any) func(map[string]any) {
		return func(m map[string]any) { m["kdf"].(map[string]any)[name] = value }
	}
	for name, change := range map[string]func(map[string]any){
		"public key":    func(m map[string]any) { m["public_key"] = generate(t, suiteOf(t, "ed25519"), 2).Public() },
		"no public key": func(m map[string]any) { delete(m, "public_key") },
		"null key":      func(m map[string]any) { m["public_key"] = nil },
		"algorithm":     func(m map[string]any) { m["algorithm"], m["public_key"] = other.Algorithm, other },
		"mixed":         func(m map[string]any) { m["algorithm"] = "sm2" },
		"format":        func(m map[string]any) { m["format"] = "ipledger-key/2" },
		"cipher":        func(m map[string]any) { m["cipher"] = "none" },
		"nonce":         func(m map[string]any) { m["nonce"] = make([]byte, 24) },
		"short nonce":   func(m map[string]any) { m["nonce"] = make([]byte, 12) },
		"sealed":        func(m map[string]any) { m["sealed"] = make([]byte, 48) },
		"not sealed":    func(m map[string]any) { delete(m, "sealed") },
		"unknown field": func(m map[string]any) { m["comment"] = "x" },
		"kdf name":      kdf("name", "scrypt"),
		"salt":          kdf("salt", make([]byte, 16)),
		"empty salt":    kdf("salt", []byte{}),
		"time":          kdf("time", 2),
		"memory":        kdf("memory_kib", 128),
		"threads":       kdf("threads", 2),
		"no time":       kdf("time", 0),
		"no threads":    kdf("threads", 0),
		// These would cost minutes or all memory if they were tried.
		"endless time":   kdf("time", 11),
		"endless memory": kdf("memory_kib", 1<<20+1),
		"many threads":   kdf("threads", 17),
		"overflow":       kdf("memory_kib", 1<<40),
	} {
		var m map[string]any
		if err := json.Unmarshal(content, &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		changed, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if key, err := keys.ReadFile(path, passphrase); err == nil {
			t.Errorf("%s: opened %s", name, key)
		}
	}
}

func TestWhatIsNoKeyFileIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "text": "hello", "null": "null", "array": "[]", "object": "{}",
		"long": `{"format":"` + strings.Repeat("x", 20<<10) + `"}`,
	} {
		path := filepath.Join(t.TempDir(), "k")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.ReadFile(path, passphrase); !errors.Is(err, keys.ErrNotKeyFile) {
			t.Errorf("%s: read: %v", name, err)
		}
		if _, err := keys.ReadPublic(path); !errors.Is(err, keys.ErrNotKeyFile) {
			t.Errorf("%s: public key read: %v", name, err)
		}
	}
	path := writeKey(t, generate(t, suiteOf(t, "ed25519"), 1))
	content, _ := os.ReadFile(path)
	doubled := filepath.Join(t.TempDir(), "k")
	if err := os.WriteFile(doubled, append(content, content...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.ReadFile(doubled, passphrase); err == nil {
		t.Error("read two key files in one")
	}
	if _, err := keys.ReadFile(filepath.Join(t.TempDir(), "none"), passphrase); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
