// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// A failing command line, and what is told of it in both languages.
type failing struct {
	line   string // split at blanks
	exit   int
	code   string
	en, zh []string
}

// TestWhatGoesWrongOnThisMachineIsExplained runs the built command where files,
// keys and connections are not as they should be.
func TestWhatGoesWrongOnThisMachineIsExplained(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, "ed25519")
	t.Chdir(dir)
	check(t, os.WriteFile("pass", []byte("correct horse\n"), 0o600))
	check(t, os.WriteFile("nothing", nil, 0o600))
	check(t, os.WriteFile("text", []byte("hello\n"), 0o600))
	check(t, os.WriteFile("large", nil, 0o600))
	check(t, os.Truncate("large", ledger.MaxFile+1))
	check(t, os.Mkdir("folder", 0o700))
	for _, name := range []string{"ed25519", "sm2"} {
		suite, err := keys.SuiteByName(name)
		check(t, err)
		key, err := suite.Generate(nil)
		check(t, err)
		check(t, keys.WriteFile(name+".json", key, []byte("correct horse"), keys.DevnetCost))
	}
	content, err := os.ReadFile("ed25519.json")
	check(t, err)
	check(t, os.WriteFile("open.json", content, 0o644))
	check(t, os.WriteFile("half.json", content[:200], 0o600))
	t.Setenv("IPLEDGER_PASSPHRASE_FILE", "pass")
	server := startStrangeServers(t)

	const nothing, unchanged = "Nothing was changed.", "未作任何变更"
	const written, unwritten = "The file was not written", "文件未写入"
	claim := "right claim 201810234567.3 --owners " + rx + " --actor " + rx + " --genesis genesis.json --url http://127.0.0.1:1 --signer maker="
	all := []failing{
		// Files that are read.
		{"key show gone.json", exitFailure, "NO_FILE", []string{"gone.json", nothing, "Check the path"}, []string{"文件不存在", unchanged, "请检查路径"}},
		{"key show folder", exitFailure, "NO_FILE", []string{"is a directory", nothing}, []string{"文件无法读取", unchanged}},
		{"key show nothing", exitFailure, "KEY_FILE", []string{"not a key file", nothing, "backup"}, []string{"不是有效的密钥文件", unchanged, "备份"}},
		{"key show genesis.json", exitFailure, "KEY_FILE", []string{"not a key file", nothing}, []string{"不是有效的密钥文件", unchanged}},
		{"key show half.json", exitFailure, "KEY_FILE", []string{"not a key file", nothing}, []string{"不是有效的密钥文件", unchanged}},
		{"genesis show gone", exitFailure, "NO_FILE", []string{"read genesis file", nothing}, []string{"文件不存在", unchanged}},
		{"genesis show text", exitFailure, "GENESIS", []string{"text", nothing, "ipledger genesis show"}, []string{"创世文件无效", unchanged, "核对哈希值"}},
		{"genesis show ed25519.json", exitFailure, "GENESIS", []string{nothing, "compare its hash"}, []string{"创世文件无效", unchanged}},
		{"receipt verify receipt --genesis text", exitFailure, "GENESIS", []string{nothing}, []string{"创世文件无效", unchanged}},
		{"receipt verify gone --genesis genesis.json", exitFailure, "NO_FILE", []string{"read receipt", nothing}, []string{"文件不存在", unchanged}},
		{"receipt verify folder --genesis genesis.json", exitFailure, "NO_FILE", []string{"read receipt", nothing}, []string{"文件无法读取", unchanged}},
		{"receipt verify nothing --genesis genesis.json", exitRefused, "ENCODING", []string{"Do not rely on this file", "Ask any node"}, []string{"请勿采信该文件", "重新索取"}},
		{"receipt verify text --genesis genesis.json", exitRefused, "ENCODING", []string{"Do not rely on this file"}, []string{"请勿采信该文件"}},
		{"receipt verify large --genesis genesis.json", exitFailure, "INVALID", []string{"large: more than 8388608 bytes", nothing}, []string{"请求或文件无效", unchanged}},
		{"proof verify gone --genesis genesis.json", exitFailure, "NO_FILE", []string{"read proof", nothing}, []string{"文件不存在", unchanged}},
		{"proof verify text --genesis genesis.json", exitRefused, "ENCODING", []string{"Do not rely on this file"}, []string{"请勿采信该文件"}},

		// Keys that are opened.
		{claim + "gone.json", exitFailure, "NO_FILE", []string{"gone.json", nothing}, []string{"文件不存在", unchanged}},
		{claim + "open.json", exitFailure, "KEY_FILE", []string{"mode is 0644", nothing, "revoked"}, []string{"其他用户可读取", unchanged, "吊销"}},
		{claim + "text", exitFailure, "KEY_FILE", []string{"not a key file", nothing}, []string{"不是有效的密钥文件", unchanged}},
		{claim + "sm2.json", exitFailure, "KEY_FILE", []string{"sm2", "ed25519", nothing}, []string{"密钥与所需不符", unchanged}},
		{claim + "ed25519.json --passphrase-file gone", exitFailure, "PASSPHRASE_FILE", []string{"gone", nothing, "--passphrase-file"}, []string{"口令文件无法使用", unchanged}},
		{claim + "ed25519.json --passphrase-file nothing", exitFailure, "PASSPHRASE_FILE", []string{"is empty", nothing}, []string{"口令文件无法使用", unchanged}},
		{claim + "ed25519.json --passphrase-file folder", exitFailure, "PASSPHRASE_FILE", []string{"is a directory", nothing}, []string{"口令文件无法使用", unchanged}},
		{claim + "ed25519.json --passphrase-file text", exitFailure, "PASSPHRASE", []string{"wrong passphrase", nothing, "restore the key file"}, []string{"口令错误", unchanged}},

		// Files that are written.
		{"key new --out gone/li.json", exitFailure, "NOT_WRITTEN", []string{"gone/li.json", written, "mkdir -p"}, []string{"目标目录不存在", unwritten}},
		{"key new --out text/li.json", exitFailure, "NOT_WRITTEN", []string{"not a directory", written, "another path"}, []string{"文件未能写入", unwritten}},
		{"key new --out ed25519.json", exitConflict, "CONFLICT", []string{"What was there first is unchanged"}, []string{"原有内容保持不变"}},
		{"key new --out li.json --passphrase-file nothing", exitFailure, "PASSPHRASE_FILE", []string{"is empty", nothing}, []string{"口令文件无法使用", unchanged}},

		// Where there is no node, or another one.
		{"status --url http://127.0.0.1:1", exitUnreachable, "UNREACHABLE", []string{"connection refused", "Nothing is lost", "Check the address"}, []string{"节点暂无应答", "数据未丢失"}},
		{"status --url " + server.tls, exitFailure, "CERTIFICATE", []string{"unknown authority", "Nothing was sent", "intercepting", "--ca FILE", "fingerprint"}, []string{"无法确认节点的 TLS 证书", "请求未发出", "截获", "--ca 文件", "指纹"}},
		{"status --url " + server.named + " --ca ca.pem", exitFailure, "CERTIFICATE", []string{"localhost", "Nothing was sent", "intercepting", "host name that the certificate is for"}, []string{"截获", "证书所载的主机名"}},
		{"status --url " + server.expired + " --ca expired.pem", exitFailure, "CERTIFICATE", []string{"expired", "Nothing was sent", "clock", "renew"}, []string{"截获", "核对本机时钟"}},
		{"status --url " + server.tls + " --ca text", exitFailure, "INVALID", []string{"no certificate in PEM", nothing}, []string{unchanged}},
		{"status --url " + server.tls + " --ca gone", exitFailure, "NO_FILE", []string{"--ca", nothing}, []string{unchanged}},
		{"status --url " + strings.Replace(server.tls, "https", "http", 1), exitFailure, "SCHEME", []string{"serves HTTPS", nothing, "https://"}, []string{"http 与 https 不符", unchanged}},
		{"status --url " + strings.Replace(server.plain, "http", "https", 1), exitFailure, "SCHEME", []string{"without TLS", nothing, "http://"}, []string{"http 与 https 不符", unchanged}},
		{"status --url " + server.plain, exitUnreachable, "UNREACHABLE", []string{"it is no node", "Check the address"}, []string{"请检查地址"}},

		// Wrong calls.
		{"status --url http://127.0.0.1:99999", exitUsage, "USAGE", []string{"http://host:port", "Nothing was done", "ipledger status --help"}, []string{"用法错误", "未执行任何操作", "参见"}},
		{"status --url https://", exitUsage, "USAGE", []string{"http://host:port"}, []string{"用法错误"}},
		{"right list --limit -1 --url http://127.0.0.1:1", exitUsage, "USAGE", []string{"--limit -1: want 1 to 1000000, or 0 for all", "Nothing was done"}, []string{"用法错误"}},
		{"right list --limit 1000001 --url http://127.0.0.1:1", exitUsage, "USAGE", []string{"--limit 1000001"}, []string{"用法错误"}},
		{"person list --limit -1 --key gone --url http://127.0.0.1:1", exitUsage, "USAGE", []string{"--limit -1"}, []string{"用法错误"}},
		{"right list --at-time yesterday", exitUsage, "USAGE", []string{"--at-time", "want RFC 3339", "Nothing was done"}, []string{"用法错误"}},
		{"pledge list --submitted-from 2026-13-01", exitUsage, "USAGE", []string{"--submitted-from", "want RFC 3339"}, []string{"用法错误"}},
		{"pledge list --limit many", exitUsage, "USAGE", []string{"--limit"}, []string{"用法错误"}},
	}
	before := snapshot(t, ".")
	for _, f := range all {
		f.holds(t)
	}
	same(t, snapshot(t, "."), before)
}

// holds runs the command line twice: for a program, and for a person who reads
// Chinese.
func (f failing) holds(t *testing.T) {
	t.Helper()
	args := strings.Fields(f.line)
	out, talk, exit := execute(t, append(args, "-o", "json")...)
	var a failedAnswer
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Errorf("%s: %v: %s%s", f.line, err, out, talk)
		return
	}
	if exit != f.exit || a.Error.ExitCode != exit || a.Error.Code != f.code || a.Error.Advice == "" || a.Error.AdviceZH == "" {
		t.Errorf("%s: exit code %d, %+v", f.line, exit, a.Error)
	}
	tells(t, a.Error.Message+"\n"+a.Error.Advice, f.en...)
	tells(t, a.Error.MessageZH+"\n"+a.Error.AdviceZH, f.zh...)
	tells(t, talk, strings.TrimSpace(strings.Split(a.Error.Advice, "\n")[0]))
	out, talk, exit = execute(t, append(args, "--lang", "zh")...)
	if out != "" || exit != f.exit {
		t.Errorf("%s: exit code %d, on standard output: %s", f.line, exit, out)
	}
	tells(t, talk, f.zh...)
}

// execute runs the built command.
func execute(t *testing.T, args ...string) (out, talk string, exit int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "ipledger", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		var ended *exec.ExitError
		if !errors.As(err, &ended) {
			t.Fatal(err)
		}
		exit = ended.ExitCode()
	}
	return stdout.String(), stderr.String(), exit
}

// strangeServers are addresses at which no node is, or not as it should be.
type strangeServers struct{ plain, tls, named, expired string }

// startStrangeServers also writes ca.pem and expired.pem, who vouch for the
// second and for the last.
func startStrangeServers(t *testing.T) (s strangeServers) {
	t.Helper()
	quiet := log.New(io.Discard, "", 0)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = quiet
	secure.StartTLS()
	t.Cleanup(secure.Close)
	check(t, os.WriteFile("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600))
	folder := t.TempDir()
	writeCertificateUntil(t, folder, 3, -1)
	pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"))
	check(t, err)
	check(t, os.WriteFile("expired.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Leaf.Raw}), 0o600))
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.Config.ErrorLog = quiet
	old.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	old.StartTLS()
	t.Cleanup(old.Close)
	return strangeServers{plain.URL, secure.URL, strings.Replace(secure.URL, "127.0.0.1", "localhost", 1), old.URL}
}

// TestAnAnswerThatCannotBeWrittenIsAFailure gives the command a full device as
// its standard output.
func TestAnAnswerThatCannotBeWrittenIsAFailure(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no /dev/full")
	}
	defer full.Close()
	t.Chdir(t.TempDir())
	for _, line := range []string{
		"version", "version -o json", "--help", "help key", "completion bash", "tx methods", "id check uscc 91510100MA6CA1R24N",
		"genesis show gone -o json",
	} {
		for lang, says := range map[string][]string{"en": {"no space left", "What the command did stands"}, "zh": {"执行结果有效"}} {
			var talk bytes.Buffer
			cmd := exec.CommandContext(t.Context(), "ipledger", append(strings.Fields(line), "--lang", lang)...)
			cmd.Stdout, cmd.Stderr = full, &talk
			if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != exitFailure {
				t.Errorf("%s: %v", line, err)
			}
			if !strings.HasPrefix(line, "genesis") { // which has failed before it had an answer
				tells(t, talk.String(), says...)
			}
		}
	}
}

// What this test cannot bring about as any user is explained from the error.
func TestErrorsOfTheSystemAreExplained(t *testing.T) {
	for _, c := range []struct {
		err    error
		exit   int
		code   string
		en, zh string
	}{
		{&fs.PathError{Op: "open", Path: "k.json", Err: syscall.EACCES}, exitFailure, "NO_ACCESS", "as the user the file belongs to", "所有者"},
		{fmt.Errorf("reading key file: %w", &fs.PathError{Op: "open", Path: "k.json", Err: syscall.EPERM}), exitFailure, "NO_ACCESS", "Nothing was changed", "未作任何变更"},
		{&writeError{"out", &fs.PathError{Op: "open", Path: "out", Err: syscall.EACCES}}, exitFailure, "NOT_WRITTEN", "a folder that you may write", "有写入权限的目录"},
		{&writeError{"out", syscall.ENOSPC}, exitFailure, "NOT_WRITTEN", "Free space", "磁盘已满"},
		{fmt.Errorf("writing key file: %w", syscall.EDQUOT), exitFailure, "NOT_WRITTEN", "Free space", "磁盘已满"},
		{&writeError{"out", syscall.EFBIG}, exitFailure, "NOT_WRITTEN", "ulimit -f", "文件超出系统允许的大小"},
		{&writeError{"out", syscall.EROFS}, exitFailure, "NOT_WRITTEN", "that may be written", "只读"},
		{&answerError{syscall.EPIPE}, exitFailure, "NOT_WRITTEN", "What the command did stands", "结果未能输出"},
		{fmt.Errorf("%w: %w", api.ErrUnreachable, &net.DNSError{Err: "no such host", Name: "node", IsNotFound: true}), exitUnreachable, "UNREACHABLE", "Check the host name", "找不到该主机名"},
		{fmt.Errorf("x: %w", errExpired), exitFailure, "EXPIRED", "submit it anew", "重新提交"},
		{errors.New("the two passphrases differ"), exitFailure, "FAILURE", "not affected", "不受影响"},
	} {
		for lang, says := range map[string]string{"en": c.en, "zh": c.zh} {
			var out, talk bytes.Buffer
			e := &env{Stdout: &out, Stderr: &talk, Getenv: os.Getenv, output: "json", lang: lang}
			exit := e.report(&cobra.Command{}, c.err)
			var a failedAnswer
			check(t, json.Unmarshal(out.Bytes(), &a))
			if tells(t, talk.String(), says); exit != c.exit || a.Error.Code != c.code || a.Error.Advice == "" || a.Error.AdviceZH == "" {
				t.Errorf("%v: exit code %d, %+v", c.err, exit, a.Error)
			}
		}
	}
}

// TestAKeyThatDoesNotFitOnTheDiskLeavesNothing makes a key where files may have
// no bytes.
func TestAKeyThatDoesNotFitOnTheDiskLeavesNothing(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	t.Chdir(t.TempDir())
	check(t, os.WriteFile("pass", []byte("correct horse\n"), 0o600))
	before := snapshot(t, ".")
	cmd := exec.CommandContext(t.Context(), shell, "-c", "ulimit -f 0 && exec ipledger key new --out li.json --passphrase-file pass -o json")
	out, err := cmd.Output() // a pipe, which has no size
	var a failedAnswer
	check(t, json.Unmarshal(out, &a))
	if a.Error.Code != "NOT_WRITTEN" || a.Error.ExitCode != exitFailure {
		t.Errorf("%v: %+v", err, a.Error)
	}
	tells(t, a.Error.Message+a.Error.Advice, "file too large", "The file was not written", "ulimit -f")
	tells(t, a.Error.MessageZH+a.Error.AdviceZH, "文件超出系统允许的大小", "文件未写入")
	same(t, snapshot(t, "."), before)
}

// TestTheDocumentListsEveryCode holds docs/api.md against the names that are
// given to errors.
func TestTheDocumentListsEveryCode(t *testing.T) {
	page, err := os.ReadFile("../../docs/api.md")
	check(t, err)
	_, list, found := strings.Cut(string(page), "## Errors of the command line")
	names := map[string]bool{}
	for _, file := range []string{"exit.go", "exit_json.go", "exit_causes.go"} {
		source, err := os.ReadFile(file)
		check(t, err)
		for _, m := range regexp.MustCompile(`(?:name: |return |, )"([A-Z_]{4,})"`).FindAllSubmatch(source, -1) {
			names[string(m[1])] = true
		}
	}
	if !found || len(names) < 20 {
		t.Fatalf("%d codes, and the chapter is there: %v", len(names), found)
	}
	for name := range names {
		if !strings.Contains(list, "`"+name+"`") {
			t.Errorf("docs/api.md does not list %s", name)
		}
	}
}
