// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/ipledger/ipledger/ledger/keys"
)

// generate makes a key of the suite from a seed.
func generate(t testing.TB, s keys.Suite, seed byte) keys.PrivateKey {
	t.Helper()
	private, err := s.Generate(rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	return private
}

func TestWhatAKeySignsVerifies(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		private := generate(t, suite, 1)
		if err := private.Public().Check(); err != nil {
			t.Error(err)
		}
		for _, message := range [][]byte{nil, {}, {0}, bytes.Repeat([]byte("long"), 10000)} {
			sig, err := private.Sign(message)
			if err != nil {
				t.Fatal(err)
			}
			if len(sig) != keys.SignatureSize || !acceptedByAll(suite, private.Public(), message, sig) {
				t.Errorf("%s: signature %x of %d bytes refused", name, sig, len(message))
			}
			if acceptedByAny(suite, private.Public(), append(bytes.Clone(message), 1), sig) {
				t.Errorf("%s: another message accepted", name)
			}
			if acceptedByAny(suite, generate(t, suite, 2).Public(), message, sig) {
				t.Errorf("%s: another key accepted", name)
			}
			again, err := private.Sign(message)
			if err != nil || !bytes.Equal(again, sig) {
				t.Errorf("%s: signing again gives other bytes", name)
			}
		}
	}
}

func TestGenerateDependsOnlyOnItsReader(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		if first, again := generate(t, suite, 1), generate(t, suite, 1); first.Public() != again.Public() {
			t.Errorf("%s: one seed gives two keys", name)
		}
		fresh, err := suite.Generate(nil)
		if err != nil || fresh.Public() == generate(t, suite, 1).Public() {
			t.Errorf("%s: fresh key %v, %v", name, fresh, err)
		}
		if _, err := suite.Generate(strings.NewReader("short")); err == nil {
			t.Errorf("%s: a key from five bytes", name)
		}
	}
	if _, err := suiteOf(t, "sm2").Generate(ones{}); err == nil {
		t.Error("sm2: a key from a reader that gives only ones")
	}
}

type ones struct{}

func (ones) Read(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte{255}, len(p))), nil }

var _ io.Reader = ones{}

func TestAPrivateKeyDoesNotPrintItsSecret(t *testing.T) {
	for _, name := range suites {
		private := generate(t, suiteOf(t, name), 1)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got, want := fmt.Sprintf(verb, private), "private key of "+private.Public().String(); got != want {
				t.Errorf("%s prints %q, want %q", verb, got, want)
			}
		}
		private.Seed()[0] ^= 1
		if _, err := keys.ParsePrivateKey(keys.Algorithm(name), private.Seed()); err != nil || generate(t, suiteOf(t, name), 1).Seed()[0] != private.Seed()[0] {
			t.Errorf("%s: changing the seed handed out changed the key", name)
		}
	}
}

func TestASuiteRefusesKeysOfTheOther(t *testing.T) {
	for _, name := range suites {
		for _, other := range suites {
			if name == other {
				continue
			}
			private := generate(t, suiteOf(t, other), 1)
			sig, err := private.Sign([]byte("m"))
			if err != nil {
				t.Fatal(err)
			}
			if acceptedByAny(suiteOf(t, name), private.Public(), []byte("m"), sig) {
				t.Errorf("%s accepted a key of %s", name, other)
			}
			relabelled := keys.PublicKey{Algorithm: keys.Algorithm(name), Bytes: private.Public().Bytes}
			if acceptedByAny(suiteOf(t, name), relabelled, []byte("m"), sig) {
				t.Errorf("%s accepted a relabelled key of %s", name, other)
			}
		}
	}
	if _, err := keys.SuiteByName("rsa"); err == nil {
		t.Error("there is a suite rsa")
	}
	if _, err := keys.ParsePrivateKey("rsa", make([]byte, 32)); err == nil {
		t.Error("there are rsa keys")
	}
}

func TestMalformedInputIsRefusedWithoutPanic(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		good := generate(t, suite, 1).Public()
		for _, size := range []int{0, 1, 31, 32, 33, 34, 63, 64, 65, 1000} {
			b := bytes.Repeat([]byte{2}, size)
			if acceptedByAny(suite, good, nil, b) {
				t.Errorf("%s: accepted a signature of %d bytes", name, size)
			}
			if acceptedByAny(suite, keys.PublicKey{Algorithm: suite.Algorithm(), Bytes: string(b)}, nil, make([]byte, 64)) {
				t.Errorf("%s: accepted a key of %d bytes", name, size)
			}
			if _, err := keys.ParsePrivateKey(suite.Algorithm(), b); (err == nil) != (size == 32) {
				t.Errorf("%s: seed of %d bytes: %v", name, size, err)
			}
		}
	}
}

func TestBatchTellsEachVerdictInOrder(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		for _, cache := range []*keys.KeyCache{nil, keys.NewKeyCache(2), keys.NewKeyCache(100)} {
			batch := suite.NewBatch(cache)
			for _, size := range []int{0, 1, 2, 3, 4, 5, 63, 64, 65, 130} { // the batch is used again and again
				for i := range size {
					private := generate(t, suite, byte(i%5))
					sig, err := private.Sign([]byte{byte(i)})
					if err != nil {
						t.Fatal(err)
					}
					key := private.Public()
					switch (i + size) % 16 {
					case 3:
						sig = flip(sig, i)
					case 6:
						sig = sig[:40]
					case 9:
						key.Bytes = key.Bytes[:31]
					case 12:
						key.Algorithm = "rsa"
					}
					batch.Add(key, []byte{byte(i)}, sig)
				}
				if batch.Len() != size {
					t.Errorf("%s: %d entries, want %d", name, batch.Len(), size)
				}
				verdicts := batch.Verify()
				if len(verdicts) != size || batch.Len() != 0 {
					t.Fatalf("%s: %d verdicts for %d entries, %d left", name, len(verdicts), size, batch.Len())
				}
				for i, ok := range verdicts {
					if kind := (i + size) % 16; ok != (kind == 0 || kind%3 != 0 || kind == 15) {
						t.Errorf("%s: entry %d of %d is %v", name, i, size, ok)
					}
				}
			}
		}
	}
}

func TestKeyCacheIsBoundedAndShared(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		cache := keys.NewKeyCache(3)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				batch := suite.NewBatch(cache)
				for i := range byte(20) {
					private := generate(t, suite, i%6)
					sig, _ := private.Sign([]byte{i})
					batch.Add(private.Public(), []byte{i}, sig)
				}
				for i, ok := range batch.Verify() {
					if !ok {
						t.Errorf("%s: entry %d refused", name, i)
					}
				}
			})
		}
		wg.Wait()
		if cache.Len() != 3 {
			t.Errorf("%s: %d keys in a cache of 3", name, cache.Len())
		}
	}
}

func TestKeyCacheForgetsTheKeyUnusedLongest(t *testing.T) {
	suite := suiteOf(t, "ed25519")
	cache := keys.NewKeyCache(2)
	use := func(seed byte) {
		private := generate(t, suite, seed)
		sig, _ := private.Sign(nil)
		batch := suite.NewBatch(cache)
		batch.Add(private.Public(), nil, sig)
		if !batch.Verify()[0] {
			t.Fatal("refused")
		}
	}
	use(1)
	use(2)
	use(1)
	use(3)
	for seed, want := range map[byte]bool{1: true, 2: false, 3: true} {
		if got := cache.Holds(generate(t, suite, seed).Public()); got != want {
			t.Errorf("key %d in the cache: %v, want %v", seed, got, want)
		}
	}
}
