// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/ledger"
)

func TestWhatIsExpectedOfARefusal(t *testing.T) {
	reserved := []ledger.Failure{
		{Code: "E_PLEDGED", Ground: "R09_ALREADY_PLEDGED", Reason: "RESERVATION"},
		{Code: "E_FEE", Ground: "R04_FEE_UNPAID"},
	}
	for expect, met := range map[string]bool{
		`"ok"`:                               false,
		`"E_PLEDGED"`:                        true,
		`"E_FEE"`:                            true, // which rule comes first is no matter
		`"E_STATE"`:                          false,
		`"E_PLEDGED(reservation)"`:           true,
		`"E_PLEDGED（RESERVATION）"`:           true,
		`"E_PLEDGED / R09_ALREADY_PLEDGED"`:  true,
		`"E_PLEDGED R09 RESERVATION"`:        true,
		`"E_PLEDGED / R04"`:                  false, // the ground of another rule
		`"E_PLEDGED(registrar)"`:             false,
		`"R09_ALREADY_PLEDGED"`:              true,
		`"R09"`:                              true,
		`"R08"`:                              false,
		`{ ground = "R09" }`:                 true,
		`{ ground = "r09_already_pledged" }`: true,
		`{ ground = "R09_ALREADY" }`:         true,
		`{ ground = "R0" }`:                  false, // cut elsewhere
		`{ code = "e_pledged", ground = "reservation" }`:         true,
		`{ code = "E_PLEDGED", reason = "Reservation" }`:         true,
		`{ code = "E_PLEDGED", reason = "R09" }`:                 false,
		`{ code = "E_FEE", reason = "RESERVATION" }`:             false,
		`{ code = "E_FEE", ground = "R04", reason = "EXPIRED" }`: false,
	} {
		var table map[string]any
		if err := toml.Unmarshal([]byte("expect = "+expect), &table); err != nil {
			t.Fatalf("%s: %v", expect, err)
		}
		e, err := expectationOf(table["expect"])
		if err != nil || e.metBy(reserved) != met {
			t.Errorf("%s: %v, %v, want %v", expect, !met, err, met)
		}
	}
	for _, ok := range []any{nil, "ok", "OK", map[string]any{"code": "ok"}} {
		if e, err := expectationOf(ok); err != nil || !e.metBy(nil) || e.metBy(reserved) {
			t.Errorf("%v is not ok: %v", ok, err)
		}
	}
}

func TestAnUnknownCodeHasNeighbours(t *testing.T) {
	for text, want := range map[string]string{"E_PLEGED": "E_PLEDGED", "E_PLEDGE": "E_PLEDGED", "E_NOT_FOUND": "E_NOTFOUND", "E_ROLES": "E_ROLE"} {
		if got := nearest(text); got[0] != want {
			t.Errorf("%s: %v, want %s first", text, got, want)
		}
	}
}

// The contracts and the API name their codes in constants; a new one must be known here.
func TestEveryCodeOfTheLedgerIsKnown(t *testing.T) {
	found := 0
	for _, file := range []string{"../../contracts/refusal.go", "../api/errors.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			code, err := strconv.Unquote(text.Value)
			if err == nil && strings.HasPrefix(code, "E_") && strings.ToUpper(code) == code {
				if found++; !slices.Contains(codes, code) {
					t.Errorf("%s of %s is not known", code, file)
				}
			}
			return true
		})
	}
	if found < len(codes) {
		t.Errorf("%d codes were found, and %d are known", found, len(codes))
	}
}
