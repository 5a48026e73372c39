// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/datadir"
)

// dawn is the time of the test network's genesis, in ms.
var dawn = time.Date(2026, 3, 12, 1, 0, 0, 0, time.UTC)

// executors gives executors of one network, each over a ledger of its own.
func executors(t *testing.T, n int) []*executor {
	t.Helper()
	return executorsOf(t, n, validatorKey(t))
}

func validatorKey(t *testing.T) keys.PrivateKey {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	key, err := suite.Generate(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// executorsOf is executors for a network of one validator, which has this key.
func executorsOf(t *testing.T, n int, key keys.PrivateKey) []*executor {
	t.Helper()
	suite, err := keys.SuiteByName("ed25519")
	if err != nil {
		t.Fatal(err)
	}
	const bank = "91510100MA6L1D0E2L"
	state, err := json.Marshal(contracts.GenesisState{
		Area:    "510100",
		Parties: []contracts.GenesisParty{{PartyID: bank, NameZH: "蜀锦银行", Role: contracts.Bank}},
		Persons: []contracts.GenesisPerson{{Organisation: bank, Roles: []string{contracts.Maker}, Key: key.Public()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	file, err := json.Marshal(ledger.Genesis{
		Format: ledger.GenesisFormat, Name: "test", Suite: suite.Name(), Time: dawn, State: state,
		Validators: []ledger.Validator{{Name: "node1", Organisation: bank, Key: key.Public(), PeerID: "peer"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	genesis, trust, err := ledger.ParseGenesis(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []*executor
	for range n {
		s, err := openLedger(t.TempDir(), datadir.Identity{Genesis: genesis, Trust: trust}, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		x, err := newExecutor(trust.Network, registry.Versions(), s, newBrake(), newMetrics("test"))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// at is an empty batch for a height, some ms after the genesis.
func at(height uint64, ms int64) consensus.Execute {
	return consensus.Execute{Height: height, Index: height + 1, Term: 1, Time: dawn.UnixMilli() + ms}
}

func perform[E consensus.Event](t *testing.T, x *executor, r consensus.Effect) E {
	t.Helper()
	events, err := x.perform(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 {
		t.Fatalf("%d answers to %T", len(events), r)
	}
	e, ok := events[0].(E)
	if !ok {
		t.Fatalf("%T answers %T", events[0], r)
	}
	return e
}

// certified is the block as another member would send it. Its certificate is
// the core's to check.
func certified(h ledger.Header) consensus.Adopt {
	return consensus.Adopt{CertifiedBlock: consensus.CertifiedBlock{
		Block: ledger.Block{Header: h}, Proof: ledger.Certified{Header: h},
	}}
}

func TestABlockIsFinalOnlyWhenItIsStored(t *testing.T) {
	x := executors(t, 1)[0]
	first := perform[consensus.Executed](t, x, at(1, 10)).Header
	second := perform[consensus.Executed](t, x, at(2, 10)).Header
	if second.Time != first.Time+1 {
		t.Errorf("a block of %d follows one of %d", second.Time, first.Time)
	}
	if head, _ := x.store.Head(); head.Header.Height != 0 {
		t.Fatalf("an executed block is stored: %+v", head.Header)
	}
	stored := perform[consensus.Stored](t, x, consensus.Finalize{Proofs: []ledger.Certified{{Header: first}}})
	if head, _ := x.store.Head(); head.Header != first || stored.Header != first || stored.Diverged {
		t.Errorf("stored %+v, the head is %+v", stored, head.Header)
	}
	if perform[consensus.Stored](t, x, consensus.Finalize{Proofs: []ledger.Certified{{Header: second}}}).Header != second {
		t.Error("the block above it is lost")
	}
	if !perform[consensus.Executed](t, x, at(9, 10)).Stale {
		t.Error("executed without a parent")
	}
}

func TestTheLogIsComparedWithWhatIsFinal(t *testing.T) {
	x := executors(t, 1)[0]
	first := perform[consensus.Executed](t, x, at(1, 10)).Header
	perform[consensus.Stored](t, x, consensus.Finalize{Proofs: []ledger.Certified{{Header: first}}})
	if e := perform[consensus.Executed](t, x, at(1, 10)); e.Conflict || e.Header != first {
		t.Errorf("the same batch again: %+v", e)
	}
	if e := perform[consensus.Executed](t, x, at(1, 11)); !e.Conflict {
		t.Errorf("a batch of another time: %+v", e)
	}
}

func TestACertifiedBlockOfOtherInputsTakesThePlaceOfOurs(t *testing.T) {
	both := executors(t, 2)
	x, other := both[0], both[1]
	perform[consensus.Executed](t, x, at(1, 10))
	perform[consensus.Executed](t, x, at(2, 20))
	theirs := perform[consensus.Executed](t, other, at(1, 15)).Header
	stored := perform[consensus.Stored](t, x, certified(theirs))
	if head, _ := x.store.Head(); stored.Diverged || head.Header != theirs {
		t.Errorf("%+v, the head is %+v", stored, head.Header)
	}
	if e := perform[consensus.Executed](t, x, at(2, 30)); e.Stale || e.Header.Parent != x.network.HeaderHash(theirs) {
		t.Errorf("what follows: %+v", e)
	}
}

func TestAnotherResultOfTheSameInputsIsNotStored(t *testing.T) {
	for name, executed := range map[string]bool{"executed here": true, "not executed here": false} {
		t.Run(name, func(t *testing.T) {
			both := executors(t, 2)
			x := both[0]
			theirs := perform[consensus.Executed](t, both[1], at(1, 10)).Header
			theirs.StateRoot[0] ^= 1
			if executed {
				perform[consensus.Executed](t, x, at(1, 10))
			}
			stored := perform[consensus.Stored](t, x, certified(theirs))
			if head, _ := x.store.Head(); !stored.Diverged || head.Header.Height != 0 {
				t.Errorf("%+v, the head is %+v", stored, head.Header)
			}
		})
	}
}
