// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"crypto/ed25519"
	"encoding/binary"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
)

func TestOnlyAKeyThatIsUsedOftenHasATable(t *testing.T) {
	suite, cache := suiteOf(t, "ed25519"), keys.NewKeyCache(4)
	private := generate(t, suite, 1)
	key := private.Public()
	sig, _ := private.Sign([]byte("m"))
	for range 2 * keys.TableAfter {
		if cache.Verify(key, []byte("n"), sig) {
			t.Fatal("accepted the signature of another message")
		}
	}
	for i := range keys.TableAfter {
		if cache.HasTable(key) {
			t.Fatalf("it has a table after %d good signatures", i)
		}
		if !cache.Verify(key, []byte("m"), sig) {
			t.Fatal("refused")
		}
	}
	if !cache.HasTable(key) {
		t.Fatalf("it has no table after %d good signatures", keys.TableAfter)
	}
	if !cache.Verify(key, []byte("m"), sig) || cache.Verify(key, []byte("n"), sig) {
		t.Error("with a table the verdict is another")
	}
}

// Keys that take turns lose their tables and earn them again, and never take
// more room than that of all tables.
func TestTablesAreBounded(t *testing.T) {
	cache := keys.NewKeyCache(keys.MaxTables + 10)
	var first keys.PublicKey
	for i := range uint32(keys.MaxTables + 1) {
		seed := make([]byte, ed25519.SeedSize)
		binary.BigEndian.PutUint32(seed, i)
		private, err := keys.ParsePrivateKey(keys.Ed25519, seed)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = private.Public()
		}
		cache.GiveTable(private.Public())
		if !cache.HasTable(private.Public()) {
			t.Fatalf("key %d got no table", i)
		}
	}
	if cache.Tables() != keys.MaxTables || cache.HasTable(first) {
		t.Errorf("%d tables, want %d without that of the first key: %v", cache.Tables(), keys.MaxTables, cache.HasTable(first))
	}
	private, err := keys.ParsePrivateKey(keys.Ed25519, make([]byte, ed25519.SeedSize))
	if err != nil {
		t.Fatal(err)
	}
	sig, _ := private.Sign(nil)
	for range keys.TableAfter {
		if !cache.Verify(first, nil, sig) {
			t.Fatal("refused")
		}
	}
	if cache.Tables() != keys.MaxTables || !cache.HasTable(first) {
		t.Errorf("%d tables, want %d with that of the first key: %v", cache.Tables(), keys.MaxTables, cache.HasTable(first))
	}
}
