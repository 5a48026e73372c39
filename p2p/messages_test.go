// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package p2p

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/libp2p/go-libp2p/gologshim"
)

func TestWhatLibp2pSaysIsALineOfTheLog(t *testing.T) {
	var out bytes.Buffer
	LogTo(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer LogTo(slog.New(slog.DiscardHandler))
	l := gologshim.Logger("test-subsystem")
	l.Debug("said to nobody")
	l.Info("said to nobody")
	l.With("address", "a").Warn("said to the operator")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	if line["msg"] != "said to the operator" || line["level"] != "WARN" || line["logger"] != "test-subsystem" || line["address"] != "a" {
		t.Errorf("%v", line)
	}
}
