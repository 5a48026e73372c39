// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ipledger_test

import (
	"go/token"
	"strings"
	"testing"
)

// A rule that cannot fail guards nothing. Each test here shows the rules a
// source that breaks one of them, and sources that are fine.

const head = "// Copyright 2026 The ipledger Authors\n// SPDX-License-Identifier: Apache-2.0\n\n"

// A sample is one file and what a rule says about it; "" is nothing.
type sample struct{ path, src, want string }

func sampleFile(t *testing.T, path, src string) file {
	t.Helper()
	f, err := parse(token.NewFileSet(), path, []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (s sample) run(t *testing.T, rule func([]file) []string) {
	t.Helper()
	s.judge(t, rule([]file{sampleFile(t, s.path, s.src)}))
}

func (s sample) judge(t *testing.T, errs []string) {
	t.Helper()
	got := strings.Join(errs, "\n")
	if s.want == "" && got != "" {
		t.Errorf("refused what is fine: %s\n%s", got, s.src)
	}
	if !strings.Contains(got, s.want) {
		t.Errorf("got %q, want %q for\n%s", got, s.want, s.src)
	}
}

func TestArchCatchesATableThatPointsUp(t *testing.T) {
	sample{want: "ledger may import node"}.judge(t, tableErrors([]room{{name: "ledger", may: []string{"node"}}, {name: "node"}}))
	sample{want: "ledger stands in the table twice"}.judge(t, tableErrors([]room{{name: "ledger"}, {name: "ledger"}}))
}

func TestArchCatchesUpwardImport(t *testing.T) {
	const ours = `"github.com/ipledger/ipledger`
	for _, s := range []sample{
		{"ledger/bad.go", `package ledger; import _ ` + ours + `/node"`, "bad.go:1: ledger must not import node"},
		{"consensus/bad.go", `package consensus; import _ ` + ours + `/p2p"`, "consensus must not import p2p"},
		{"contracts/rights/bad.go", `package rights; import _ ` + ours + `/contracts/pledges"`, "must not import contracts/pledges"},
		{"ledger/keys/bad.go", `package keys; import _ ` + ours + `"`, "must not import ."},
		{"ledger/bad.go", `package ledger; import _ ` + ours + `/ledger/nowhere"`, "must not import ledger/nowhere"},
		{"node/bad.go", `package node; import _ ` + ours + `/consensus/sim"`, "must not import consensus/sim"},
		{"ledger/bad_test.go", `package ledger_test; import _ ` + ours + `/node"`, "must not import node"},
		{"newcomer/new.go", `package newcomer`, "room newcomer is not in the table"},

		{"ledger/state/fine.go", `package state; import _ ` + ours + `/ledger"`, ""},
		{"node/fine_test.go", `package node_test; import _ ` + ours + `/consensus/sim"`, ""},
		{"consensus/log/fine_test.go", `package log_test; import _ ` + ours + `/consensus/log"`, ""},
		{"contracts/rights/fine_test.go", `package rights_test; import _ ` + ours + `/contracts/registry"`, ""},
		{"ledger/fine.go", `package ledger; import _ "` + module + `else/node"`, ""},
	} {
		s.run(t, importErrors)
	}
}

func TestArchCatchesALibraryOutOfItsRoom(t *testing.T) {
	for _, s := range []sample{
		{"node/bad.go", `package node; import _ "github.com/cockroachdb/pebble/v2"`, "node must not import github.com/cockroachdb/pebble/v2"},
		{"node/bad.go", `package node; import _ "github.com/libp2p/go-libp2p/core/host"`, "must not import github.com/libp2p"},
		{"ledger/bad.go", `package ledger; import _ "github.com/multiformats/go-multiaddr"`, "must not import github.com/multiformats"},
		{"node/bad.go", `package node; import _ "go.etcd.io/raft/v3"`, "must not import go.etcd.io/raft"},
		{"node/web/bad.go", `package web; import _ "github.com/danielgtaylor/huma/v2"`, "must not import github.com/danielgtaylor"},
		{"node/bad.go", `package node; import _ "github.com/spf13/cobra"`, "must not import github.com/spf13/cobra"},
		{"ledger/bad_test.go", `package ledger; import _ "net/http"`, "must not import net/http"},
		{"ledger/bad.go", `package ledger; import _ "unsafe"`, "must not import unsafe"},
		{"ledger/bad.go", `package ledger; import _ "pgregory.net/rapid"`, "pgregory.net/rapid is for tests"},
		{"ledger/bad.go", `package ledger; import _ "testing"`, "testing is for tests"},

		{"consensus/log/fine.go", `package log; import _ "github.com/cockroachdb/pebble/v2/vfs"`, ""},
		{"consensus/sim/fine.go", `package sim; import (_ "go.etcd.io/raft/v3"; _ "pgregory.net/rapid")`, ""},
		{"ledger/fine_test.go", `package ledger; import _ "pgregory.net/rapid"`, ""},
		{"cmd/ipledger/fine.go", `package main; import _ "github.com/spf13/cobra"`, ""},
		{"ledger/fine.go", `package ledger; import _ "github.com/spf13/cobralike"`, ""},
	} {
		s.run(t, libraryErrors)
	}
}

func TestArchCatchesAMissingPackageComment(t *testing.T) {
	for _, s := range []sample{
		{"p2p/bad.go", head + "package p2p", "p2p has no package comment"},
		{"p2p/bad.go", "// Copyright\npackage p2p", `does not begin with "Package p2p "`},
		{"cmd/ipledger/main.go", "// Package main is it.\npackage main", `does not begin with "Command ipledger "`},
		{"p2p/doc.go", head + "// Package p2p carries frames.\npackage p2p", ""},
		{"cmd/ipledger/main.go", head + "// Command ipledger is one binary.\npackage main", ""},
		{"p2p/only_test.go", "package p2p_test", ""},
	} {
		s.run(t, commentErrors)
	}
	twice := []file{
		sampleFile(t, "p2p/doc.go", "// Package p2p carries frames.\npackage p2p"),
		sampleFile(t, "p2p/host.go", "// Package p2p carries frames.\npackage p2p"),
	}
	sample{want: "p2p has a package comment in each of p2p/doc.go, p2p/host.go"}.judge(t, commentErrors(twice))
}

func TestArchCatchesAVagueName(t *testing.T) {
	for _, s := range []sample{
		{"node/util/bad.go", "package util", "a package named util says nothing"},
		{"node/types/bad.go", "package types", "a package named types says nothing"},
		{"core/bad.go", "package core", "a package named core says nothing"},
		{"node/bad.go", "package node; type PeerManager struct{}", "a type named PeerManager says nothing"},
		{"node/bad.go", "package node; type (Base int; Peer int)", "a type named Base says nothing"},
		{"node/bad.go", "package replica", "package replica lies in folder node"},
		{"node/fine.go", "package node; type Core struct{}", ""},
		{"node/fine_test.go", "package node_test", ""},
		{"cmd/ipledger/main.go", "package main", ""},
		{"doc.go", "package ipledger", ""},
	} {
		s.run(t, nameErrors)
	}
}

func TestArchCatchesAFileWithoutLicence(t *testing.T) {
	for _, s := range []sample{
		{"p2p/bad.go", "package p2p", "p2p/bad.go does not open with the licence lines"},
		{"p2p/bad.go", "\n" + head + "package p2p", "does not open"},
		{"p2p/bad.go", strings.TrimSuffix(head, "\n") + "package p2p", "does not open"},
		{"p2p/fine.go", head + "package p2p", ""},
		{"p2p/fine.go", head + "//go:build js\n\npackage p2p", ""},
	} {
		s.run(t, licenceErrors)
	}
}

func TestArchCatchesInitAndUnfinishedWork(t *testing.T) {
	for _, s := range []sample{
		{"p2p/bad.go", "package p2p; func init() {}", "bad.go:1: init runs before main can choose"},
		{"p2p/bad.go", "package p2p\n// TO" + "DO: close it\nvar a int", "bad.go:2: TO" + "DO; do it or drop it"},
		{"p2p/fine.go", "package p2p; type a int; func (a) init() {}", ""},
	} {
		s.run(t, leftoverErrors)
	}
}

func TestArchCatchesAnImpureImport(t *testing.T) {
	for _, s := range []sample{
		{"contracts/loans/bad.go", `package loans; import _ "time"`, "contracts/loans is pure and must not import time"},
		{"contracts/bad.go", `package contracts; import _ "math/rand/v2"`, "must not import math/rand/v2"},
		{"contracts/bad.go", `package contracts; import _ "crypto/rand"`, "must not import crypto/rand"},
		{"consensus/bad.go", `package consensus; import _ "sync/atomic"`, "consensus is pure and must not import sync/atomic"},
		{"consensus/bad.go", `package consensus; import _ "os"`, "must not import os"},
		{"consensus/bad.go", `package consensus; import _ "net/netip"`, "must not import net/netip"},

		{"consensus/fine.go", `package consensus; import (_ "math"; _ "math/big"; _ "maps")`, ""},
		{"consensus/fine_test.go", `package consensus_test; import _ "time"`, ""},
		{"consensus/sim/fine.go", `package sim; import _ "time"`, ""},
		{"consensus/log/fine.go", `package log; import _ "time"`, ""},
	} {
		s.run(t, impureImportErrors)
	}
}

func TestArchCatchesWhatDiffersFromRunToRun(t *testing.T) {
	x := loadExports(t, nil)
	for _, s := range []sample{
		{src: `func f() { go f() }`, want: "bad.go:1: go statement"},
		{src: `func f(a, b chan int) { select { case <-a: case <-b: } }`, want: "select"},

		{src: `func f(m map[string]int) (n int) { for _, v := range m { n = v }; return }`, want: "range over a map"},
		{src: `type set map[int]bool; func f(m set) (n int) { for n = range m {}; return }`, want: "range over a map"},
		{src: `func f[M ~map[string]int](m M) (s string) { for s = range m {}; return }`, want: "range over a map"},
		{src: `type maps interface{ ~map[string]int }; func f[M maps](m M) (s string) { for s = range m {}; return }`, want: "range over a map"},
		{src: `import "maps"; func f(m map[string]int) (s string) { for s = range maps.Keys(m) {}; return }`, want: "maps.Keys without a sort"},
		{src: `import ("maps"; "slices"); func f(m map[string]int) []string { return slices.Collect(maps.Keys(m)) }`, want: "maps.Keys without a sort"},
		{src: `import ("maps"; "slices"); func f(m map[string]*int) []*int { return slices.SortedFunc(maps.Values(m), nil) }`, want: "maps.Values without a sort"},
		{src: `import m "maps"; var walk = m.All[map[int]int]`, want: "maps.All without a sort"},
		{src: `import "reflect"; func f(v reflect.Value) []reflect.Value { return v.MapKeys() }`, want: "(reflect.Value).MapKeys without"},
		{src: `import "reflect"; func f(v reflect.Value) *reflect.MapIter { return v.MapRange() }`, want: "(reflect.Value).MapRange without"},

		{src: `var rate float64`, want: "floating point"},
		{src: `type rate struct{ yearly float32 }`, want: "floating point"},
		{src: `const thousand int64 = 1e3`, want: "floating point"},
		{src: `import "math"; func f(n int) int { return int(math.Sqrt(4)) }`, want: "floating point"},
		{src: `import "reflect"; func f(v reflect.Value) bool { x := v.Float(); return x == 0 }`, want: "floating point"},
		{src: `var z = complex(1, 2)`, want: "floating point"},

		{src: `func f(s []int, text string) (n int) { for _, v := range s { n += v }; for range text { n++ }; for range 3 { n++ }; return }`},
		{src: `import ("maps"; "slices"); func f(m map[string]int) (s string) { for _, s = range slices.Sorted(maps.Keys(m)) {}; return }`},
		{src: `import ("maps"; "slices"); func f(m map[string]int) []int { return slices.Sorted[int]((maps.Values[map[string]int](m))) }`},
		{src: `import ("maps"; "slices"); func f(m map[[2]int]int, by func(a, b [2]int) int) [][2]int { return slices.SortedFunc(maps.Keys(m), by) }`},
		{src: `import "math"; func f(m map[string]int) { clear(m); m["a"] = math.MaxInt64; delete(m, "a") }`},
	} {
		f := sampleFile(t, "contracts/loans/bad.go", "package loans; "+s.src)
		info, err := x.check("contracts/loans", []file{f})
		if err != nil {
			t.Fatalf("%v in\n%s", err, s.src)
		}
		s.judge(t, reproducibleErrors([]file{f}, info))
	}

	x.ignored["contracts/loans"] = []string{"bad_js.go"}
	sample{want: "contracts/loans/bad_js.go: a pure room has no build constraints"}.judge(t,
		x.unbuilt([]file{sampleFile(t, "contracts/loans/bad_js.go", "package loans")}))
}
