// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// constantsOf gives the texts of the constants of a file whose names begin with
// one of some prefixes.
func constantsOf(t *testing.T, path string, prefixes ...string) (found []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	must(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		for _, prefix := range prefixes {
			if ok && literal.Kind == token.STRING && strings.HasPrefix(spec.Names[0].Name, prefix) {
				text, err := strconv.Unquote(literal.Value)
				must(t, err)
				found = append(found, text)
			}
		}
		return true
	})
	return found
}

// TestEveryReasonHasAnExplanationOfItsOwn finds a reason that was added without
// texts: it would be explained as any other of its code.
func TestEveryReasonHasAnExplanationOfItsOwn(t *testing.T) {
	reasons := constantsOf(t, "errors.go", "Reason")
	if len(reasons) < 30 {
		t.Fatalf("only %d reasons were found", len(reasons))
	}
	for _, reason := range reasons {
		en, zh := api.TextOf(ledger.Failure{Code: contracts.EFormat, Reason: reason})
		same, _ := api.TextOf(ledger.Failure{Code: contracts.EFormat})
		if en == same || !strings.HasSuffix(en, ".") || !strings.HasSuffix(zh, "。") || !strings.ContainsFunc(zh, isHan) || strings.ContainsFunc(en, isHan) {
			t.Errorf("%s: %q, %q", reason, en, zh)
		}
	}
	codes := append(constantsOf(t, "errors.go", "code"), constantsOf(t, "../../contracts/refusal.go", "E")...)
	if len(codes) < 10 {
		t.Fatalf("only %d codes were found", len(codes))
	}
	for _, code := range codes {
		en, zh := api.TextOf(ledger.Failure{Code: code})
		same, _ := api.TextOf(ledger.Failure{Code: "E_NO_SUCH_CODE"})
		if en == same || zh == "" {
			t.Errorf("%s has no explanation", code)
		}
	}
}

func isHan(c rune) bool { return unicode.Is(unicode.Han, c) }

// ending is a node that was told to end, or that fails in another way.
type ending struct {
	api.Node
	err error
}

func (n *ending) Submit(context.Context, *ledger.Transaction) error { return n.err }

// TestASubmissionThatANodeCannotTakeSaysWhyAndWhen covers the classes of errors
// that no bad input leads to.
func TestASubmissionThatANodeCannotTakeSaysWhyAndWhen(t *testing.T) {
	node := new(ending)
	w := newWorld(t, func(c *api.Config) {
		node.Node = c.Node
		c.Node = node
	})
	d, err := w.draft(RX, "rights.claim", claim(invention))
	must(t, err)
	body, err := json.Marshal(w.signed(d))
	must(t, err)
	for _, c := range []struct {
		err                 error
		status              int
		code, reason, retry string
		detail, zh, safe    string
	}{
		{api.Draining(), 503, "E_UNAVAILABLE", api.ReasonDraining, "10", "about to end", "即将停止", "nothing was changed"},
		{(&api.Held{Reason: api.ReasonDisk}).Problem(), 503, "E_UNAVAILABLE", api.ReasonDisk, "1", "almost full", "磁盘空间不足", "Nothing is lost"},
		{(&api.Held{Reason: api.ReasonDamaged}).Problem(), 503, "E_UNAVAILABLE", api.ReasonDamaged, "1", "damaged", "已损坏", "hold the whole ledger"},
		{ledger.ErrUnavailable, 503, "E_UNAVAILABLE", "", "1", "cannot take this now", "暂时无法受理", "stays readable"},
		{ledger.ErrBusy, 429, "E_RATE_LIMIT", api.ReasonBusy, "1", "no more work", "节点繁忙", "Nothing was lost"},
		{ledger.ErrCorrupt, 500, "E_INTERNAL", api.ReasonDamaged, "", "damaged", "已损坏", "hold the whole ledger"},
		{ledger.ErrInvalid, 400, "E_FORMAT", "", "", "invalid request.", "invalid request。", "Nothing was changed"},
		{errors.New("broken"), 500, "E_INTERNAL", "", "", "failed to answer", "本节点处理失败", "not affected"},
		{context.Canceled, 503, "E_UNAVAILABLE", "", "1", "cannot take this now", "暂时无法受理", "stays readable"},
	} {
		node.err = c.err
		a := w.send(t, http.MethodPost, "/v1/transactions?timeout=1s", body, w.key(RX, contracts.Maker))
		p := a.problem(t)
		if a.status != c.status || p.Code != c.code || len(p.Details) != 1 || p.Details[0].Reason != c.reason || p.Title != http.StatusText(c.status) {
			t.Errorf("%v: %+v", c.err, p)
			continue
		}
		if !strings.Contains(p.Detail, c.detail) || !strings.Contains(p.Detail, c.safe) || !strings.Contains(p.MessageZH, c.zh) ||
			p.Details[0].Message != p.Detail || p.Details[0].MessageZH != p.MessageZH {
			t.Errorf("%v: %+v", c.err, p)
		}
		if got := a.header.Get("Retry-After"); got != c.retry {
			t.Errorf("%v: Retry-After %q", c.err, got)
		}
	}
}
