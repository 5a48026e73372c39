// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package registry_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

const rootsFile = "testdata/roots.txt"

// TestReplayGivesTheRootsOfTheGoldenFile executes one long history over the state tree
// and compares the roots. They are the same for ever on every machine: the test is run
// with the race detector, on processors of 32 and 64 bits and of another make, see
// .ci/run.
func TestReplayGivesTheRootsOfTheGoldenFile(t *testing.T) {
	h := longHistory(t)
	sm2, err := keys.SuiteByName("sm2")
	if err != nil {
		t.Fatal(err)
	}
	var trees []*replica
	for _, suite := range []keys.Suite{h.network.Suite, sm2} {
		trees = append(trees, newReplica(t, suite, h.town.state))
	}
	var outcomes, got bytes.Buffer
	transactions := 0
	got.WriteString("# height, transactions, state root by SHA-256 and by SM3, SHA-256 of all outcomes so far\n")
	kept := make(map[uint64]memory)
	for i, b := range h.blocks {
		for j, r := range trees {
			out := r.execute(t, h.methods, b)
			if !bytes.Equal(ledger.Encode(out), ledger.Encode(b.outcomes)) {
				t.Fatalf("height %d: other outcomes than over a map", b.Height)
			}
			if j == 0 {
				outcomes.Write(ledger.Encode(out))
			}
		}
		transactions += len(b.txs)
		if i%50 == 49 || i == len(h.blocks)-1 {
			kept[b.Height] = maps.Clone(trees[0].values)
			fmt.Fprintf(&got, "%d %d %v %v %v\n", b.Height, transactions, trees[0].tree.Root(), trees[1].tree.Root(), h.network.Suite.Sum(outcomes.Bytes()))
		}
	}
	if transactions < 2000 || len(h.blocks) < 300 {
		t.Fatalf("only %d transactions in %d blocks", transactions, len(h.blocks))
	}
	t.Logf("%d transactions in %d blocks until %s, %d keys", transactions, len(h.blocks), dayOf(h.time), len(h.state))
	if !maps.EqualFunc(trees[0].values, h.state, bytes.Equal) {
		t.Error("other values than over a map")
	}
	// Nothing is overwritten (INV-24): each version is still there.
	for height, values := range kept {
		tree, err := state.Open(h.network.Suite, trees[0].archive, height)
		if err != nil {
			t.Fatal(err)
		}
		for key, want := range values {
			if value, ok, err := tree.Get(key); err != nil || !ok || !bytes.Equal(value, want) {
				t.Fatalf("height %d: %s is lost: %v", height, key, err)
			}
		}
	}
	if *update {
		if err := os.WriteFile(rootsFile, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(rootsFile)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(got.String(), "\n") {
		if lines := strings.Split(string(want), "\n"); i >= len(lines) || line != lines[i] {
			t.Fatalf("line %d of %s: got\n%s\nIf the rules were meant to change: go test ./contracts/registry -run GoldenFile -update", i+1, rootsFile, line)
		}
	}
}

// longHistory is a life of decades, of all contracts.
func longHistory(t *testing.T) *history {
	var towns []*town
	for _, v := range variants {
		towns = append(towns, newTown(t, v.parameters))
	}
	h := newHistory(t, towns, uint64(len(variants)), newTally())
	h.house, h.family = RX, []string{"PAT_INV", "PAT_UM", "TM", "TM", "COPY_SOFT", "IC_LAYOUT", "PLANT_VAR"}
	newcomer := ledger.Signer{Organisation: JG, Role: contracts.Admin, Key: h.key(JG, contracts.Admin)}
	h.also("parties.register", args{
		"uscc": JG, "name_zh": "成都锦官软件有限公司", "role": "BORROWER", "area_code": "510107", "admin_key": newcomer.Key,
	}, append(h.two(BA), newcomer))
	for i := range 20 {
		h.lending, h.tempo = i%2 == 0, i%2
		h.live(40)
		h.also(report, reported(h.doubleVote(i%4, uint64(i), h.height)), h.node(BB))
		h.also(report, reported(h.doubleBatch(i%4, uint64(i))), h.node(BA))
	}
	h.checkTexts()
	return h
}

// also executes one transaction that has to succeed and that the reference does not
// know of.
func (h *history) also(method string, a args, signers []ledger.Signer) {
	h.t.Helper()
	txs, here := []*ledger.Transaction{h.tx(method, a, signers)}, h.here()
	outcomes := h.block(txs...)
	if outcomes[0].Status != ledger.Final {
		h.t.Fatalf("%s: %+v", method, outcomes[0])
	}
	h.blocks = append(h.blocks, made{here, txs, outcomes})
}

// A replica is a state over the tree, written after each block as a node does.
type replica struct {
	tree    *state.Tree
	archive *archive
	values  memory // the newest, in a map
}

func newReplica(t *testing.T, suite keys.Suite, first memory) *replica {
	r := &replica{tree: state.Empty(suite), archive: &archive{make(map[string][]byte), make(map[string][]version)}, values: memory{}}
	var changes []contracts.Change
	for _, key := range slices.Sorted(maps.Keys(first)) {
		changes = append(changes, contracts.Change{Key: key, Value: first[key]})
	}
	r.write(t, 0, changes)
	return r
}

// Get reads the tree.
func (r *replica) Get(key string) ([]byte, bool, error) { return r.tree.Get(key) }

// Iterate walks the keys, which the tree does not have in order.
func (r *replica) Iterate(prefix string, fn func(string, []byte) bool) error {
	return r.values.Iterate(prefix, fn)
}

func (r *replica) execute(t *testing.T, methods *contracts.Registry, b made) []ledger.Outcome {
	outcomes, changes, err := contracts.Execute(methods, r, b.Block, b.txs)
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, b.Height, changes)
	return outcomes
}

func (r *replica) write(t *testing.T, height uint64, changes []contracts.Change) {
	var list []state.Change
	for _, c := range changes {
		r.values[c.Key] = c.Value
		list = append(list, state.Change(c))
	}
	tree, err := r.tree.Apply(height, list)
	if err != nil {
		t.Fatal(err)
	}
	r.archive.write(height, tree.Writes())
	if r.tree, err = tree.Detach(r.archive, height); err != nil {
		t.Fatal(err)
	}
}

// An archive keeps the nodes and values of all versions.
type archive struct {
	nodes  map[string][]byte
	values map[string][]version
}

type version struct {
	height uint64
	value  []byte
}

func (a *archive) write(height uint64, w state.Writes) {
	for _, n := range w.Nodes {
		a.nodes[string(n.Key.Bytes())] = n.Bytes()
	}
	for _, c := range w.Values {
		a.values[c.Key] = append(a.values[c.Key], version{height, c.Value})
	}
}

func (a *archive) Node(key state.NodeKey) ([]byte, error) {
	if b, ok := a.nodes[string(key.Bytes())]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("node %v: %w", key, ledger.ErrNotFound)
}

func (a *archive) Value(key string, height uint64) ([]byte, bool, error) {
	for _, v := range slices.Backward(a.values[key]) {
		if v.height <= height {
			return v.value, true, nil
		}
	}
	return nil, false, nil
}
