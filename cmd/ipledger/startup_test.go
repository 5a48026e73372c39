// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/config"
)

// A flaw is something wrong with a node's directory or surroundings, and what a
// person reads about it.
type flaw struct {
	name   string
	make   func(t *testing.T, dir string) // undone by putting the directory back
	code   string                         // stable
	en, zh []string
	opens  bool // the databases are opened before it is found, which changes files of theirs
}

const (
	unchangedEN = "Nothing was changed."
	unchangedZH = "未作任何变更"
)

func write(name, content string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		check(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
}

func cut(name string, keep int) func(*testing.T, string) {
	return func(t *testing.T, dir string) { check(t, os.Truncate(filepath.Join(dir, name), int64(keep))) }
}

func remove(name string) func(*testing.T, string) {
	return func(t *testing.T, dir string) { check(t, os.Remove(filepath.Join(dir, name))) }
}

// occupy takes the port that stands behind a mark in the configuration.
func occupy(mark string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		raw, err := os.ReadFile(filepath.Join(dir, "node.toml"))
		check(t, err)
		_, port, _ := strings.Cut(string(raw), mark)
		port = port[:strings.IndexAny(port, "'\"")]
		l, err := net.Listen("tcp", "127.0.0.1:"+port)
		check(t, err)
		t.Cleanup(func() { _ = l.Close() })
	}
}

func flaws(foreign []byte) []flaw {
	const genesis, invalid = "genesis.json", "请求或文件无效"
	return []flaw{
		{name: "no configuration", make: remove("node.toml"), code: "NO_FILE", en: []string{"is no data directory of a node", "ipledger node init", unchangedEN}, zh: []string{"文件不存在", unchangedZH}},
		{name: "a configuration that is none", make: write("node.toml", "\x00\x01 = ["), code: "INVALID", en: []string{"node.toml", unchangedEN}, zh: []string{invalid, unchangedZH}},
		{name: "an unknown setting", make: func(t *testing.T, dir string) {
			f, err := os.OpenFile(filepath.Join(dir, "node.toml"), os.O_APPEND|os.O_WRONLY, 0)
			check(t, err)
			_, err = f.WriteString("disk_reserves = '1GiB'\n")
			check(t, errors.Join(err, f.Close()))
		}, code: "INVALID", en: []string{"node.toml", unchangedEN}, zh: []string{invalid, unchangedZH}},
		{name: "a size that is none", make: func(t *testing.T, _ string) { t.Setenv("IPLEDGER_DISK_RESERVE", "much") }, code: "INVALID", en: []string{`disk_reserve "much"`, "256MiB", unchangedEN}, zh: []string{invalid, unchangedZH}},
		{name: "no genesis file", make: remove(genesis), code: "NO_FILE", en: []string{"read genesis file", unchangedEN}, zh: []string{"文件不存在", unchangedZH}},
		{name: "an empty genesis file", make: cut(genesis, 0), code: "GENESIS", en: []string{"genesis", "Get it again from a member", unchangedEN}, zh: []string{"创世文件无效", "核对哈希值", unchangedZH}},
		{name: "half a genesis file", make: cut(genesis, 700), code: "GENESIS", en: []string{"genesis", "Get it again from a member", unchangedEN}, zh: []string{"创世文件无效", "核对哈希值", unchangedZH}},
		{name: "the genesis file of other keys", make: func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, genesis), foreign, 0o644))
		}, code: "KEY_FILE", en: []string{"keys/validator.json is not that of validator", unchangedEN}, zh: []string{"密钥与所需不符", unchangedZH}},
		{name: "the genesis file of another network", make: func(t *testing.T, dir string) {
			raw, err := os.ReadFile(filepath.Join(dir, genesis))
			check(t, err)
			check(t, os.WriteFile(filepath.Join(dir, genesis), append(raw, '\n'), 0o644))
		}, code: "DATABASE", en: []string{"belongs to the network", unchangedEN, "fingerprint"}, zh: []string{"不属于本节点的网络", unchangedZH}, opens: true},
		{name: "a wrong passphrase", make: func(t *testing.T, dir string) {
			check(t, os.WriteFile(filepath.Join(dir, "..", "keys", "passphrase"), []byte("wrong\n"), 0o600))
		}, code: "PASSPHRASE", en: []string{"wrong passphrase", unchangedEN}, zh: []string{"口令错误", unchangedZH}},
		{name: "no passphrase file", make: remove("../keys/passphrase"), code: "PASSPHRASE_FILE", en: []string{"passphrase_file in node.toml", "keys/passphrase", unchangedEN}, zh: []string{"口令文件无法使用", "passphrase_file", unchangedZH}},
		{name: "an empty passphrase file", make: cut("../keys/passphrase", 0), code: "PASSPHRASE_FILE", en: []string{"keys/passphrase is empty", unchangedEN}, zh: []string{"口令文件无法使用", unchangedZH}},
		{name: "half a key file", make: cut("keys/validator.json", 100), code: "KEY_FILE", en: []string{"keys/validator.json", "not a key file", "backup", unchangedEN}, zh: []string{"不是有效的密钥文件", "备份", unchangedZH}},
		{name: "no key file", make: remove("keys/network.json"), code: "NO_FILE", en: []string{"keys/network.json", unchangedEN}, zh: []string{"文件不存在", unchangedZH}},
		{name: "a key that all may read", make: func(t *testing.T, dir string) {
			check(t, os.Chmod(filepath.Join(dir, "keys", "validator.json"), 0o644))
		}, code: "KEY_FILE", en: []string{"others may read it: its mode is 0644: chmod 600", "revoked", unchangedEN}, zh: []string{"其他用户可读取", "吊销", unchangedZH}},
		{name: "a network key of another algorithm", make: func(t *testing.T, dir string) {
			passphrase, err := keys.ReadPassphrase(filepath.Join(dir, "..", "keys", "passphrase"))
			check(t, err)
			suite, err := keys.SuiteByName("sm2")
			check(t, err)
			key, err := suite.Generate(nil)
			check(t, err)
			path := filepath.Join(dir, "keys", "network.json")
			check(t, errors.Join(os.Remove(path), keys.WriteFile(path, key, passphrase, keys.DevnetCost)))
		}, code: "KEY_FILE", en: []string{"keys/network.json is sm2", "a network key is ed25519", unchangedEN}, zh: []string{"密钥与所需不符", unchangedZH}},
		{name: "the keys of each other", make: func(t *testing.T, dir string) {
			a, b := filepath.Join(dir, "keys", "network.json"), filepath.Join(dir, "keys", "validator.json")
			check(t, errors.Join(os.Rename(a, a+"x"), os.Rename(b, a), os.Rename(a+"x", b)))
		}, code: "KEY_FILE", en: []string{"keys/validator.json is not that of validator", unchangedEN}, zh: []string{"密钥与所需不符", unchangedZH}},
		{name: "a folder in place of a key file", make: func(t *testing.T, dir string) {
			path := filepath.Join(dir, "keys", "network.json")
			check(t, errors.Join(os.Remove(path), os.Mkdir(path, 0o700)))
		}, code: "NO_FILE", en: []string{"keys/network.json", "is a directory", unchangedEN}, zh: []string{"文件无法读取", unchangedZH}},
		{name: "a busy API port", make: occupy("api_listen = '127.0.0.1:"), code: "LISTEN", en: []string{"cannot listen", "Nothing is lost", "ss -ltnp"}, zh: []string{"无法监听", "数据未丢失"}, opens: true},
		{name: "a busy p2p port", make: occupy("p2p_listen = ['/ip4/127.0.0.1/tcp/"), code: "LISTEN", en: []string{"cannot listen", "Nothing is lost", "ss -ltnp"}, zh: []string{"无法监听", "数据未丢失"}, opens: true},
		{name: "a ledger that is a file", make: func(t *testing.T, dir string) {
			check(t, os.RemoveAll(filepath.Join(dir, "ledger")))
			write("ledger", "")(t, dir)
		}, code: "DATABASE", en: []string{"ledger database", "not a directory", "What is FINAL is not lost", "ipledger node start --dir"}, zh: []string{"账本数据库无法使用", "未丢失"}},
	}
}

// TestANodeThatCannotStartSaysWhyAndChangesNothing spoils a node's directory in
// all ways that have a name, and starts it then as it was.
func TestANodeThatCannotStartSaysWhyAndChangesNothing(t *testing.T) {
	network, dir := oneNode(t)
	before := snapshot(t, network)
	_, foreignDir := oneNode(t)
	foreign, err := os.ReadFile(filepath.Join(foreignDir, "genesis.json"))
	check(t, err)
	for _, f := range flaws(foreign) {
		t.Run(f.name, func(t *testing.T) {
			f.make(t, dir)
			spoiled := snapshot(t, network)
			code, said := startOnce(t, dir)
			last := lastError(t, said)
			if code != exitFailure || last.ExitCode != code || last.Code != f.code {
				t.Errorf("exit code %d, %s with exit code %d", code, last.Code, last.ExitCode)
			}
			tells(t, last.Message+"\n"+last.Advice, f.en...)
			tells(t, last.MessageZH+"\n"+last.AdviceZH, f.zh...)
			if after := snapshot(t, network); !f.opens {
				same(t, after, spoiled)
			}
			putBack(t, network, before)
		})
	}
	code, said := runQuietly("node", "rebuild", "--dir", dir, "--ledger")
	if tells(t, said, "nobody else holds its blocks"); code != exitFailure {
		t.Errorf("the only copy of a ledger is moved away: exit code %d", code)
	}
	awaitStart(t, dir)
}

// oneNode makes a network of one node that has run.
func oneNode(t *testing.T) (network, dir string) {
	t.Helper()
	network = filepath.Join(t.TempDir(), "network")
	suite, err := keys.SuiteByName("ed25519")
	check(t, err)
	r, err := makeDevnet(&env{Stderr: os.Stderr, Now: time.Now}, network, devnetPlan{nodes: 1, suite: suite})
	check(t, err)
	awaitStart(t, r.Nodes[0].DataDir)
	return network, r.Nodes[0].DataDir
}

// startOnce starts a node that cannot start.
func startOnce(t *testing.T, dir string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ipledger", "node", "start", "--dir", dir)
	cmd.Stderr = &out
	err := cmd.Run()
	var ended *exec.ExitError
	if !errors.As(err, &ended) {
		t.Fatalf("it started: %v\n%s", err, &out)
	}
	return ended.ExitCode(), out.String()
}

// lastError reads the end of a log of which every line must be a JSON object.
func lastError(t *testing.T, said string) errorAnswer {
	t.Helper()
	var line struct {
		Time, Level, Msg string
		Error            errorAnswer
	}
	for text := range strings.Lines(said) {
		if !json.Valid([]byte(text)) {
			t.Errorf("a line of the log is not JSON: %s", text)
		}
		line.Msg, line.Error = "", errorAnswer{}
		_ = json.Unmarshal([]byte(text), &line) // other lines have another error
	}
	if e := line.Error; line.Time == "" || line.Level != "ERROR" || line.Msg != "node ends" || e.Message == "" || e.MessageZH == "" || e.Advice == "" || e.AdviceZH == "" || e.Details == nil {
		t.Fatalf("the log does not end with an error:\n%s", said)
	}
	return line.Error
}

// awaitStart starts a node, waits until it takes part, and finds that a second
// process for the same directory is refused.
func awaitStart(t *testing.T, dir string) {
	t.Helper()
	c, err := config.Load(dir, func(string) string { return "" })
	check(t, err)
	cmd := exec.Command("ipledger", "node", "start", "--dir", dir)
	var out bytes.Buffer
	cmd.Stderr = &out
	check(t, cmd.Start())
	awaitNode(t, "http://"+c.APIListen)
	code, said := startOnce(t, dir)
	last := lastError(t, said)
	if tells(t, last.Message+last.Advice, "already running", unchangedEN); code != exitFailure || last.Code != "DATABASE" {
		t.Errorf("a second process ends with exit code %d, %s", code, last.Code)
	}
	tells(t, last.MessageZH+last.AdviceZH, "正被另一进程使用", unchangedZH)
	check(t, cmd.Process.Signal(os.Interrupt))
	if err := cmd.Wait(); err != nil {
		t.Errorf("the node ended: %v\n%s", err, &out)
	}
}

type content struct {
	mode fs.FileMode
	data string
}

// snapshot is every file below a directory.
func snapshot(t *testing.T, root string) map[string]content {
	t.Helper()
	all := map[string]content{}
	check(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		all[path] = content{info.Mode(), string(raw)}
		return err
	}))
	return all
}

func same(t *testing.T, got, want map[string]content) {
	t.Helper()
	for path, c := range want {
		if got[path] != c {
			t.Errorf("%s was changed", path)
		}
	}
	for path := range got {
		if _, ok := want[path]; !ok {
			t.Errorf("%s is new", path)
		}
	}
}

func putBack(t *testing.T, root string, files map[string]content) {
	t.Helper()
	check(t, os.RemoveAll(root))
	for path, c := range files {
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
		check(t, os.WriteFile(path, []byte(c.data), c.mode.Perm()))
		check(t, os.Chmod(path, c.mode.Perm()))
	}
}

// tells checks what a person reads.
func tells(t *testing.T, said string, all ...string) {
	t.Helper()
	for _, want := range all {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
}
