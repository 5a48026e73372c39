// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// unused are the codes that no method of this version refuses with, and why. What is not
// among them is taken from a certified receipt below.
var unused = map[string]string{
	contracts.ECap:       "amounts are sealed: the parties and the office check the caps",
	contracts.ERateLimit: "a node refuses so before any block, never the ledger",
}

// spoken are the grounds that only people can find: no method refuses with them, and an
// office says them.
var spoken = map[string]string{
	contracts.R06: "the term of the debt is sealed",
	contracts.C04: "the term of the debt is sealed",
	contracts.R12: "whatever else stands in a pledge's way",
}

// TestEveryCodeComesFromACertifiedReceipt has four real nodes refuse a transaction with
// every code and ground that there is, and an office find fault with the grounds that it
// may name, and takes each from the receipt's file, which verifies without any node. What
// honest nodes refuse at their doors a dishonest leader puts into its block: there it is
// refused all the same, in public.
func TestEveryCodeComesFromACertifiedReceipt(t *testing.T) {
	codes, used := codesOf(t), codesUsed(t)
	o := newOutlaw(t)
	s := o.scene()
	found, said := make(map[string]bool), make(map[string]bool)
	for _, c := range slices.Concat(o.crimes(s), o.faults(s)) {
		refusal := o.convict(c)
		if refusal.Status != ledger.Rejected || refusal.Code != c.code || refusal.Ground != c.ground {
			t.Errorf("%s by %s: %v %s %s %+v, want REJECTED %s %s", c.method, c.actor, refusal.Status, refusal.Code, refusal.Ground, refusal.Details, c.code, c.ground)
		}
		found[refusal.Code] = true
		found[refusal.Ground] = true
	}
	for _, v := range o.verdicts(s) {
		result := o.must(v.office, v.method, v.a, nil, nil)
		if text := fmt.Sprint(result["codes"]); text != fmt.Sprint(v.codes) {
			t.Errorf("%s says %s, want %v", v.method, text, v.codes)
		}
		for _, code := range v.codes {
			said[code] = true
		}
	}
	for name, code := range codes {
		ground := code[0] != 'E'
		why, silent := unused[code]
		reason, bySpeech := spoken[code]
		switch {
		case silent && (found[code] || used[name]):
			t.Errorf("%s is listed as unused (%s), and a contract refuses with it", code, why)
		case bySpeech && (found[code] || !said[code]):
			t.Errorf("%s is listed as spoken (%s): refused with it: %t; said: %t", code, reason, found[code], said[code])
		case !silent && !bySpeech && !found[code]:
			t.Errorf("%s is in no receipt, and not listed", code)
		}
		if (silent || bySpeech) && ground != bySpeech {
			t.Errorf("%s is in the wrong list", code)
		}
	}
	for _, code := range slices.Concat(slices.Collect(maps.Keys(unused)), slices.Collect(maps.Keys(spoken))) {
		if !slices.Contains(slices.Collect(maps.Values(codes)), code) {
			t.Errorf("%s is listed and does not exist", code)
		}
	}
	delete(found, "")
	t.Logf("%d codes and grounds by refusals, %d grounds by an office's word, %d listed as unused", len(found), len(said), len(unused))
}

// codesOf reads the codes and grounds of contracts/refusal.go, by the names of their
// constants.
func codesOf(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "../contracts/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := make(map[string]string)
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			value := spec.(*ast.ValueSpec)
			text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			if name := value.Names[0].Name; !strings.HasPrefix(name, "Reason") {
				codes[name] = text
			}
		}
	}
	if len(codes) < 30 {
		t.Fatalf("only %d codes", len(codes))
	}
	return codes
}

// codesUsed finds the names of such constants in the code of the contracts.
func codesUsed(t *testing.T) map[string]bool {
	used := make(map[string]bool)
	err := filepath.WalkDir("../contracts", func(path string, d fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(name, "_test.go") || name == "refusal.go" || name == "texts.go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return used
}
