// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ipledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// module is the path of this module, as go.mod names it.
const module = "github.com/ipledger/ipledger"

// A room is a package of this module and what it may lean on.
type room struct {
	name      string   // folder, from the module root
	may       []string // rooms its code may import
	tests     []string // further rooms that only its test files may import
	testsOnly bool     // imported by test files and by other such rooms only
}

// rooms is the architecture, bottom first. A new package comes with its line
// here. A room may be listed before its first file is written.
var rooms = []room{
	{name: "."},

	{name: "ledger/keys"},
	{name: "ledger", may: []string{"ledger/keys"}},
	{name: "ledger/state", may: words},

	{name: "contracts/identifier"},
	{name: "contracts", may: join(words, "contracts/identifier"), tests: allContracts},
	// A contract may read the records of those above it, never below.
	{name: "contracts/consortium", may: contract(), tests: allContracts},
	{name: "contracts/parties", may: contract("consortium"), tests: allContracts},
	{name: "contracts/persons", may: contract("consortium", "parties"), tests: allContracts},
	{name: "contracts/rights", may: contract("consortium", "parties", "persons"), tests: allContracts},
	{name: "contracts/freezes", may: contract("consortium", "parties", "persons", "rights"), tests: allContracts},
	{name: "contracts/pledges", may: contract("consortium", "parties", "persons", "rights"), tests: allContracts},
	{name: "contracts/pools", may: contract("rights", "pledges"), tests: allContracts},
	{name: "contracts/consents", may: contract("consortium", "parties", "persons", "rights"), tests: allContracts},
	{name: "contracts/disposals", may: contract("consortium", "parties", "persons", "rights", "pledges"), tests: allContracts},
	{name: "contracts/loans", may: contract("consortium", "parties", "persons", "rights", "pledges"), tests: allContracts},
	{name: "contracts/corrections", may: contract("rights", "freezes", "pledges"), tests: allContracts},
	{name: "contracts/registry", may: contract("consortium", "parties", "persons", "rights", "freezes", "pledges", "pools", "consents", "disposals", "loans", "corrections"),
		tests: []string{"ledger/state", "ledger/store"}},

	{name: "consensus/rules", may: []string{"ledger"}},
	{name: "consensus/explore", may: []string{"ledger", "consensus/rules"}, testsOnly: true},
	{name: "consensus", may: join(words, "consensus/rules")},
	{name: "consensus/sim", may: join(words, "consensus"), testsOnly: true},

	{name: "internal/address"},
	{name: "p2p", may: []string{"ledger/keys", "internal/address"}},

	{name: "internal/database", may: words},
	{name: "internal/diskfault", testsOnly: true},
	{name: "internal/ports", testsOnly: true},
	{name: "ledger/store", may: join(words, "ledger/state", "internal/database")},
	{name: "consensus/log", may: join(words, "consensus", "internal/database")},

	{name: "node/api", may: join(business, "ledger/state", "ledger/store", "internal/address")},
	{name: "node/edge", may: []string{"ledger", "internal/address"}}, // of ledger, the classes of errors
	{name: "node/config", may: []string{"ledger"}},
	{name: "node/datadir", may: join(words, "p2p", "consensus/log", "internal/database", "node/config")},
	{name: "node/preflight", may: join(words, "ledger/store", "p2p", "internal/database", "node/config", "node/datadir", "node/edge")},
	{name: "node/web", may: join(business, "ledger/state", "ledger/store")},
	{name: "node", may: join(replica, "internal/database", "internal/address")},
	{name: "node/rehearsal", may: join(business, "p2p", "node/api", "node/config", "node/datadir", "node")},
	{name: "internal/buildinfo"},
	{name: "internal/bench", may: join(business, "ledger/state", "node/api", "internal/buildinfo")},
	{name: "cmd/ipledger", may: join(replica, "node/preflight", "node", "node/rehearsal", "internal/bench", "internal/buildinfo")},
}

// Sets of rooms that several lines of the table share.
var (
	words        = []string{"ledger/keys", "ledger"}
	allContracts = []string{"contracts/registry", "contracts/consortium", "contracts/parties", "contracts/persons",
		"contracts/rights", "contracts/freezes", "contracts/pledges", "contracts/pools", "contracts/consents", "contracts/disposals",
		"contracts/loans", "contracts/corrections"}
	business = join(words, join(allContracts, "contracts", "contracts/identifier")...)
	replica  = join(business, "ledger/state", "ledger/store", "consensus", "consensus/log", "p2p", "node/api", "node/edge", "node/config", "node/datadir", "node/web")
)

// libraries says which rooms may import a library, with everything below its
// path. A library that is not named here is free to all. "x/..." is x and all
// rooms in it.
var libraries = []struct {
	path  string
	rooms []string
}{
	{"github.com/cockroachdb/pebble", []string{"internal/database", "internal/diskfault", "ledger/store", "consensus/log"}},
	{"github.com/libp2p", []string{"p2p"}},
	{"github.com/multiformats", []string{"p2p"}},
	{"go.etcd.io/raft", []string{"consensus/..."}},
	{"github.com/danielgtaylor/huma", []string{"node/api"}},
	{"github.com/go-json-experiment/json", []string{"node/api"}},
	{"github.com/spf13/cobra", []string{"cmd/..."}},
	{"net", []string{"internal/address", "internal/ports", "p2p", "node/...", "internal/bench", "cmd/..."}},
	{"unsafe", nil},
	{"C", nil}, // the binary is static and builds anywhere
}

// testLibraries are for test files and rooms that only tests import.
var testLibraries = []string{
	"testing",
	"pgregory.net/rapid",
	"github.com/rogpeppe/go-internal",
	"github.com/anishathalye/porcupine",
	"github.com/hdevalence/ed25519consensus",
}

// pure rooms give the same bytes for the same input, on every machine, for
// ever: replicas that execute them must agree on the hash of what comes out.
func pure(room string) bool {
	return inRoom("contracts/...", room) || room == "consensus" || room == "consensus/rules"
}

// impure are the imports a pure room must do without: the clock, chance, the
// machine, and whatever needs more than one goroutine.
var impure = []string{
	"time", "math/rand", "crypto/rand", "hash/maphash",
	"os", "io/ioutil", "net", "syscall", "runtime", "log", "plugin",
	"sync", "context",
}

// vague names say nothing about what a package or type is for. No package is
// the core of a house of many rooms; a type may be the core of its package.
var (
	vague        = []string{"util", "utils", "common", "manager", "managers", "helper", "helpers", "types", "base", "misc", "shared", "lib"}
	vagueRoom    = join(vague, "core")
	vagueEndings = []string{"Manager", "Helper", "Helpers", "Util", "Utils"}
)

func TestTheTableItselfPointsDown(t *testing.T) {
	report(t, tableErrors(rooms))
}

func TestImportsPointDown(t *testing.T) {
	report(t, importErrors(loadTree(t)))
}

func TestLibrariesStayInTheirRooms(t *testing.T) {
	report(t, libraryErrors(loadTree(t)))
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	report(t, commentErrors(loadTree(t)))
}

func TestNamesSaySomething(t *testing.T) {
	report(t, nameErrors(loadTree(t)))
}

func TestEveryFileNamesItsLicence(t *testing.T) {
	report(t, licenceErrors(loadTree(t)))
}

func TestNothingRunsBeforeMainAndNothingIsLeftForLater(t *testing.T) {
	report(t, leftoverErrors(loadTree(t)))
}

func TestContractsAndConsensusAreReproducible(t *testing.T) {
	files := loadTree(t)
	report(t, impureImportErrors(files))

	byRoom := map[string][]file{}
	for _, f := range files {
		if pure(f.room) && !f.test {
			byRoom[f.room] = append(byRoom[f.room], f)
		}
	}
	x := loadExports(t, byRoom)
	for name, files := range byRoom {
		report(t, x.unbuilt(files))
		info, err := x.check(name, files)
		if err != nil {
			t.Errorf("%s does not compile: %v", name, err)
			continue
		}
		report(t, reproducibleErrors(files, info))
	}
}

func report(t *testing.T, errs []string) {
	t.Helper()
	slices.Sort(errs)
	for _, e := range slices.Compact(errs) {
		t.Error(e)
	}
}

// contract returns what a contract may import, given the contracts below it.
func contract(below ...string) []string {
	all := join(words, "contracts", "contracts/identifier")
	for _, name := range below {
		all = append(all, "contracts/"+name)
	}
	return all
}

func join(a []string, b ...string) []string { return slices.Concat(a, b) }

// inRoom tells whether a room is named by pattern: "x", or "x/..." for x and
// all rooms in it.
func inRoom(pattern, room string) bool {
	outer, all := strings.CutSuffix(pattern, "/...")
	return room == outer || all && strings.HasPrefix(room, outer+"/")
}

// tableErrors finds lines of the table that name a room which is not below.
func tableErrors(table []room) (errs []string) {
	below := map[string]bool{}
	for _, r := range table {
		if below[r.name] {
			errs = append(errs, fmt.Sprintf("%s stands in the table twice", r.name))
		}
		for _, dep := range r.may {
			if !below[dep] {
				errs = append(errs, fmt.Sprintf("%s may import %s, which is not below it", r.name, dep))
			}
		}
		below[r.name] = true
	}
	return errs
}
