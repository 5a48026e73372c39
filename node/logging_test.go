// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/p2p"
)

// Every type that holds something secret or private is thrown at the logger, as
// itself, as a pointer, in a group, with With, and within another value.
func TestNothingSecretOrPrivateIsLogged(t *testing.T) {
	const phrase, person, amount = "correct-horse-battery", "成都蓉芯微电子有限公司", "500000000"
	secrets := []string{phrase, person, amount, base64.StdEncoding.EncodeToString([]byte(phrase)), hex.EncodeToString([]byte(phrase))}
	things := map[string]any{
		"party":       contracts.Party{NameZH: person},
		"transaction": ledger.Body{ClientRef: person, Args: []byte(phrase)},
		"submission":  api.Submission{Body: []byte(phrase)},
		"draft":       api.DraftRequest{Args: json.RawMessage(`{"a":"` + phrase + `"}`)},
		"raw":         []byte(phrase),
		"text":        json.RawMessage(`"` + phrase + `"`),
		"headers":     http.Header{"Authorization": {phrase}},
		"map":         map[string]string{"a": phrase},
		"any":         []any{phrase},
		"certificate": tls.Certificate{PrivateKey: []byte(phrase)},
	}
	for _, name := range []string{"ed25519", "sm2"} {
		suite, err := keys.SuiteByName(name)
		if err != nil {
			t.Fatal(err)
		}
		key, err := suite.Generate(nil)
		if err != nil {
			t.Fatal(err)
		}
		things[name+" key"], things[name+" bytes"] = key, key.Seed()
		secrets = append(secrets, hex.EncodeToString(key.Seed()), base64.StdEncoding.EncodeToString(key.Seed()), strings.Trim(fmt.Sprint(key.Seed()), "[]"))
	}
	things["identity"] = datadir.Identity{Network: []byte(phrase)}
	for _, name := range []string{"passphrase", "Passphrase", "api_token", "private_key", "seed", "amount", "loan_amount", "body", "args", "name_zh", "Authorization"} {
		things[name] = phrase
	}
	var out bytes.Buffer
	logger := NewLogger(&out, slog.LevelDebug)
	for name, thing := range things {
		logger.Info("thrown", name, thing)
		logger.Info("thrown", name, &thing)
		logger.Info("thrown", slog.Group("within", name, thing))
		logger.With(name, thing).WithGroup("group").Info("thrown", name, thing)
		logger.Info("thrown", "holder", struct{ A any }{thing})
	}
	logger.Info("thrown", slog.Group("request", "anything", phrase), slog.Group("args", slog.Group("deep", "x", person)))
	for _, secret := range secrets {
		if i := strings.Index(out.String(), secret); i >= 0 {
			t.Errorf("logged %q: %s", secret, out.String()[max(0, i-120):i+len(secret)])
		}
	}
}

func TestWhatOperatorsNeedIsLogged(t *testing.T) {
	var out bytes.Buffer
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	key, err := suite.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	hash := suite.Sum([]byte("x"))
	NewLogger(&out, slog.LevelInfo).With("node", "node1").Info("message", "error", errors.New("write block 7: disk full"), "height", uint64(7),
		"member", p2p.MemberID("node2"), "chain", hash, "key", key.Public(), "p2p", []string{"/ip4/127.0.0.1/tcp/1"}, "took", 2*time.Second, "ok", true)
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339Nano, fmt.Sprint(line["time"]))
	if err != nil || at.Location() != time.UTC || !strings.HasSuffix(fmt.Sprint(line["time"]), "Z") {
		t.Errorf("time %v", line["time"])
	}
	delete(line, "time")
	want := map[string]any{
		"level": "INFO", "msg": "message", "node": "node1", "error": "write block 7: disk full", "height": 7.0, "member": "node2",
		"chain": hash.String(), "key": key.Public().String(), "took": 2e9, "ok": true,
	}
	for name, value := range want {
		if line[name] != value {
			t.Errorf("%s is %v, want %v", name, line[name], value)
		}
	}
	if fmt.Sprint(line["p2p"]) != "[/ip4/127.0.0.1/tcp/1]" {
		t.Errorf("p2p is %v", line["p2p"])
	}
}
