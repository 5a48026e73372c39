// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

var update = flag.Bool("update", false, "rewrite testdata/vectors.json")

// A vector is a state with its root and proofs, for verifiers in any language.
type vector struct {
	Hash   string            `json:"hash"`
	Name   string            `json:"name"`
	State  map[string]string `json:"state"` // values in hexadecimal
	Root   keys.Hash         `json:"root"`
	Proofs []vectorProof     `json:"proofs"`
}

type vectorProof struct {
	Key     string    `json:"key"`
	Path    keys.Hash `json:"path"`
	Present bool      `json:"present"`
	Proof   string    `json:"proof"` // deterministic CBOR in hexadecimal
}

const vectorFile = "testdata/vectors.json"

func makeVectors(t *testing.T) []vector {
	var vectors []vector
	for _, suite := range []struct{ name, hash string }{{"ed25519", "sha-256"}, {"sm2", "sm3"}} {
		h, err := keys.SuiteByName(suite.name)
		noError(t, err)
		for _, c := range []struct {
			name string
			n    int
		}{{"empty", 0}, {"one key", 1}, {"two keys", 2}, {"eight keys", 8}, {"hundred keys", 100}} {
			model := map[string]string{}
			for k, v := range numbered(c.n) {
				model["rights/PATENT/"+k] = string(ledger.Encode(v))
			}
			tree := apply(t, state.Empty(h), 0, sets(model)...)
			v := vector{Hash: suite.hash, Name: c.name, State: map[string]string{}, Root: tree.Root()}
			for k, value := range model {
				v.State[k] = hex.EncodeToString([]byte(value))
			}
			proven := slices.Sorted(maps.Keys(model))
			proven = append(proven[:min(3, len(proven))], "rights/PATENT/absent", "rights/TRADEMARK/1", "parties/无")
			for _, k := range proven {
				_, present := model[k]
				v.Proofs = append(v.Proofs, vectorProof{k, h.Sum([]byte(keyDomain), []byte(k)), present, hex.EncodeToString(ledger.Encode(prove(t, tree, k)))})
			}
			vectors = append(vectors, v)
		}
	}
	return vectors
}

func TestVectors(t *testing.T) {
	made, err := json.MarshalIndent(makeVectors(t), "", " ")
	noError(t, err)
	made = append(made, '\n')
	if *update {
		noError(t, os.WriteFile(vectorFile, made, 0o644))
	}
	file, err := os.ReadFile(vectorFile)
	noError(t, err)
	if string(file) != string(made) {
		t.Fatalf("%s differs from what this program makes", vectorFile)
	}
	var vectors []vector
	noError(t, json.Unmarshal(file, &vectors))
	suites := map[string]string{"sha-256": "ed25519", "sm3": "sm2"}
	for _, v := range vectors {
		h, err := keys.SuiteByName(suites[v.Hash])
		noError(t, err)
		model := map[string]string{}
		for k, value := range v.State {
			b, err := hex.DecodeString(value)
			noError(t, err)
			model[k] = string(b)
		}
		if root := naiveRoot(h, model); root != v.Root {
			t.Errorf("%s, %s: root %v by definition, file says %v", v.Hash, v.Name, root, v.Root)
		}
		for _, p := range v.Proofs {
			encoded, err := hex.DecodeString(p.Proof)
			noError(t, err)
			if err := verify(h, v.Root, p.Key, []byte(model[p.Key]), p.Present, encoded); err != nil {
				t.Errorf("%s, %s, %s: %v", v.Hash, v.Name, p.Key, err)
			}
		}
	}
}
