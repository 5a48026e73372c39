// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/ledger"
)

func TestGenesisIsTheTrustAnchor(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		g, trust, err := ledger.ParseGenesis(w.genesis)
		noError(t, err)
		if g.Name != "pilot" || !g.Time.Equal(genesisTime) || string(g.State) != "{}" {
			t.Errorf("genesis is %+v", g)
		}
		if trust.Chain != w.suite.Sum(w.genesis) || trust.Suite != w.suite || len(trust.Sets) != 1 || trust.Sets[0].Number != 0 {
			t.Errorf("trust is %+v", trust)
		}
		for i, m := range trust.Sets[0].Members {
			if m.Key != w.validators[i].Public() {
				t.Errorf("validator %d has key %v", i, m.Key)
			}
		}
		if _, err := trust.Set(1); ledger.ReasonOf(err) != ledger.BadSet {
			t.Errorf("set 1: %v", err)
		}
		// Spaces do not count for the reader and do for the identity.
		_, spaced, err := ledger.ParseGenesis([]byte(strings.Replace(string(w.genesis), "{", "{ ", 1)))
		if err != nil || spaced.Chain == trust.Chain {
			t.Errorf("with one space more: %v, %v", spaced.Chain, err)
		}
	})
}

func TestGenesisFilesThatAreRefused(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		honest := string(w.genesis)
		members := w.trust.Sets[0].Members
		key := func(i int) string { return members[i].Key.String() }
		other := newWorld(t, map[string]string{"sm2": "ed25519", "ed25519": "sm2"}[w.suite.Name()], 4)
		swap := func(from, to string) string {
			if !strings.Contains(honest, from) {
				t.Fatalf("genesis has no %q", from)
			}
			return strings.Replace(honest, from, to, 1)
		}
		// nobody is a well written key that is no point, or one of small order.
		nobody := "ed25519:" + strings.Repeat("0", 64)
		if w.suite.Name() == "sm2" {
			nobody = "sm2:02" + strings.Repeat("f", 64)
		}
		for what, c := range map[string]struct{ file, says string }{
			"nothing":                      {"", "EOF"},
			"null":                         {"null", "format"},
			"a list":                       {"[]", "array"},
			"no JSON":                      {"pilot", "invalid character"},
			"an empty object":              {"{}", "format"},
			"an unknown field":             {swap(`"name"`, `"nickname": "p", "name"`), "unknown field"},
			"an unknown validator's field": {swap(`"peer_id"`, `"weight": 9, "peer_id"`), "unknown field"},
			"a byte behind it":             {honest + "x", "after its end"},
			"a second object":              {honest + "{}", "after its end"},
			"itself behind it":             {honest + honest, "after its end"},
			"a zero byte behind it":        {honest + "\x00", "after its end"},
			"a byte order mark":            {"\ufeff" + honest, "invalid character"},
			"another format":               {swap("ipledger-genesis/1", "ipledger-genesis/2"), "ipledger-genesis/2"},
			"no format":                    {swap(`"format": "ipledger-genesis/1",`, ""), "format"},
			"an unknown suite":             {swap(`"suite": "`, `"suite": "x`), "suite"},
			"a capital suite":              {swap(w.suite.Name()+`",`, strings.ToUpper(w.suite.Name())+`",`), "suite"},
			"the other suite":              {swap(`"suite": "`+w.suite.Name(), `"suite": "`+other.suite.Name()), "suite is"},
			"no time":                      {swap(`"time": "2026-03-01T00:00:00Z",`, ""), "time"},
			"a time before 1970":           {swap("2026-03-01", "1969-03-01"), "time"},
			"a time that is none":          {swap("2026-03-01", "2026-02-30"), "time"},
			"a number for time":            {swap(`"2026-03-01T00:00:00Z"`, "1772323200"), "Time"},
			"no validators":                {honest[:strings.Index(honest, `"validators"`)] + `"validators": [], "state": {}}`, "0 validators"},
			"32 validators":                {manyValidators(w, 32), "32 validators"},
			"a validator twice":            {swap(`"validators": [`, `"validators": [`+firstValidator(honest)+","), "share"},
			"a name twice":                 {swap("validator-1", "validator-0"), "share name"},
			"a key twice":                  {swap(key(1), key(0)), "share key"},
			"a peer id twice":              {swap("peer-1", "peer-0"), "share peer"},
			"no name":                      {swap("validator-1", ""), "lacks"},
			"no peer id":                   {swap("peer-1", ""), "lacks"},
			"a key of the other suite":     {swap(key(2), other.validators[0].Public().String()), "the suite is"},
			"no key":                       {swap(`"`+key(2)+`"`, "null"), "the suite is"},
			"a short key":                  {swap(key(2), key(2)[:len(key(2))-2]), "public key"},
			"a capital key":                {swap(key(2), strings.ToUpper(key(2))), "public key"},
			"a key that is none":           {swap(key(2), nobody), "public key"},
			"the suite twice":              {swap(`"suite"`, `"suite": "sm2", "suite"`), "two fields"},
			"the validators twice":         {swap(`"validators"`, `"validators": [], "validators"`), "two fields"},
			"the suite in capitals too":    {swap(`"suite"`, `"SUITE": "sm2", "suite"`), "two fields"},
			"a key under two spellings":    {swap(`"key"`, `"\u212aey": "`+key(1)+`", "key"`), "two fields"},
			"a field of the state twice":   {swap(`"state": {}`, `"state": {"a": [{"b": 1, "b": 2}]}`), "two fields"},
			"a name that is not UTF-8":     {swap(`"pilot"`, "\"pilot\xff\""), "UTF-8"},
			"too many brackets":            {swap(`"state": {}`, `"state": `+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)), "depth"},
		} {
			g, trust, err := ledger.ParseGenesis([]byte(c.file))
			if !errors.Is(err, ledger.ErrInvalid) || g != nil || trust.Sets != nil {
				t.Errorf("%s: accepted: %v", what, err)
			} else if !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: refused as %v, want %q", what, err, c.says)
			}
		}
		for n := range len(honest) - 1 { // without its last brace
			if _, _, err := ledger.ParseGenesis(w.genesis[:n]); !errors.Is(err, ledger.ErrInvalid) {
				t.Errorf("the first %d bytes: %v", n, err)
			}
		}
	})
}

// Whatever is changed in the file, if it is a genesis at all it is another's.
func TestEveryByteOfAGenesisIsItsIdentity(t *testing.T) {
	w := newWorld(t, "ed25519", 1)
	for i := range w.genesis {
		changed := []byte(string(w.genesis))
		changed[i] ^= 1
		if _, trust, err := ledger.ParseGenesis(changed); err == nil && trust.Chain == w.trust.Chain {
			t.Errorf("byte %d may be changed", i)
		}
	}
}

func firstValidator(file string) string {
	list := file[strings.Index(file, `"validators": [`)+len(`"validators": [`):]
	return list[:strings.Index(list, "}")+1]
}

func manyValidators(w *world, n int) string {
	var members []string
	for i := range n {
		key := seeded(w.t, w.suite, fmt.Sprint("member ", i)).Public()
		members = append(members, fmt.Sprintf(`{"name": "m%d", "organisation": "o", "key": %q, "peer_id": "p%d"}`, i, key, i))
	}
	return fmt.Sprintf(`{"format": "ipledger-genesis/1", "name": "n", "suite": %q, "time": "2026-03-01T00:00:00Z", "state": {}, "validators": [%s]}`,
		w.suite.Name(), strings.Join(members, ","))
}

func FuzzParseGenesis(f *testing.F) {
	for _, name := range suites {
		f.Add(newWorld(f, name, 2).genesis)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		g, trust, err := ledger.ParseGenesis(file)
		if err != nil {
			if !errors.Is(err, ledger.ErrInvalid) || g != nil {
				t.Fatalf("%q: %v", file, err)
			}
			return
		}
		if err := trust.Sets[0].Check(trust.Suite); err != nil || trust.Chain != trust.Suite.Sum(file) {
			t.Fatalf("%q: %v", file, err)
		}
	})
}
