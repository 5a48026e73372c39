// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package state_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/state"
)

// A chain is a network whose keys follow from fixed seeds, and which certifies
// whatever state a test makes up.
type chain struct {
	t     testing.TB
	suite keys.Suite
	trust ledger.Trust
}

func newChain(t testing.TB, suite, name string) *chain {
	t.Helper()
	s, err := keys.SuiteByName(suite)
	noError(t, err)
	c := &chain{t: t, suite: s}
	file, err := json.Marshal(ledger.Genesis{
		Format: ledger.GenesisFormat, Name: name, Suite: suite,
		Time:       time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Validators: c.set(0).Members,
		State:      json.RawMessage(`{}`),
	})
	noError(t, err)
	_, c.trust, err = ledger.ParseGenesis(file)
	noError(t, err)
	return c
}

func bothChains(t *testing.T, test func(t *testing.T, c *chain)) {
	t.Helper()
	for _, suite := range []string{"ed25519", "sm2"} {
		t.Run(suite, func(t *testing.T) { test(t, newChain(t, suite, "pilot")) })
	}
}

// key is that of the i-th member of a set; every set has other keys.
func (c *chain) key(set uint64, i int) keys.PrivateKey {
	c.t.Helper()
	seed := sha256.Sum256(fmt.Appendf(nil, "set %d, validator %d", set, i))
	k, err := keys.ParsePrivateKey(c.suite.Algorithm(), seed[:])
	noError(c.t, err)
	return k
}

// set has four members.
func (c *chain) set(number uint64) ledger.ValidatorSet {
	s := ledger.ValidatorSet{Number: number}
	for i := range 4 {
		s.Members = append(s.Members, ledger.Validator{
			Name:         fmt.Sprintf("validator-%d-%d", number, i),
			Organisation: fmt.Sprintf("bank-%d", i),
			Key:          c.key(number, i).Public(),
			PeerID:       fmt.Sprintf("peer-%d-%d", number, i),
		})
	}
	return s
}

// header is a block of a set at a height, over a state.
func (c *chain) header(set, height uint64, root keys.Hash) ledger.Header {
	none := ledger.MerkleRoot(c.suite, nil)
	return ledger.Header{
		Version: ledger.HeaderVersion, Chain: c.trust.Chain, Set: set, Height: height,
		Parent: c.suite.Sum(fmt.Append(nil, "block ", height-1)), Time: 1_772_323_200_000 + int64(height)*60_000,
		TransactionRoot: none, StateRoot: root, ReceiptsRoot: none,
		HistoryRoot: c.suite.Sum(fmt.Append(nil, "history ", height)), ExecutionVersion: 1,
	}
}

// final is h with a certificate by the members of a set, h's own or not.
func (c *chain) final(h ledger.Header, signers uint64) ledger.Certified {
	c.t.Helper()
	v := ledger.Vote{
		Kind: ledger.Commit, Chain: h.Chain, Set: h.Set, Height: h.Height, Block: c.trust.HeaderHash(h),
		Start: c.trust.StartHash(ledger.Start{Chain: h.Chain, Set: h.Set}),
	}
	certificate := ledger.Certificate{Vote: v}
	for i := range 3 {
		s, err := v.Sign(uint64(i), c.key(signers, i))
		noError(c.t, err)
		certificate.Signers = append(certificate.Signers, ledger.SignerSignature{Validator: s.Validator, Signature: s.Signature})
	}
	return ledger.Certified{Header: h, Certificate: certificate}
}

// block is FINAL, of set 0, over the state that tree is.
func (c *chain) block(height uint64, tree *state.Tree) ledger.Certified {
	return c.final(c.header(0, height, tree.Root()), 0)
}

// A remembering suite verifies each signature once. Whether one holds never
// changes, and the tests that change one byte after the other leave most
// signatures as they were.
type remembering struct {
	keys.Suite
	verdicts map[string]bool
}

func (r remembering) Verify(key keys.PublicKey, message []byte, sig keys.Signature) bool {
	id := fmt.Sprintf("%v %x %x", key, sig, message)
	verdict, known := r.verdicts[id]
	if !known {
		verdict = r.Suite.Verify(key, message, sig)
		r.verdicts[id] = verdict
	}
	return verdict
}

// quick is the trust in c, with a suite that remembers.
func (c *chain) quick() ledger.Trust {
	t := c.trust
	t.Suite = remembering{t.Suite, map[string]bool{}}
	return t
}

// reason is that of a refusal, which must be a VerifyError and have one.
func reason(t testing.TB, err error, format string, args ...any) ledger.Reason {
	t.Helper()
	var refused *ledger.VerifyError
	switch {
	case err == nil:
		t.Errorf("verifies: "+format, args...)
	case !errors.As(err, &refused):
		t.Errorf(format+": %v is no VerifyError", append(args, err)...)
	case refused.Reason == "" || refused.Detail == "":
		t.Errorf(format+": refused without a reason: %v", append(args, err)...)
	}
	return ledger.ReasonOf(err)
}

// changes are what the tests do to one byte of a file.
var changes = []func(byte) byte{
	func(b byte) byte { return b ^ 1 },
	func(b byte) byte { return b ^ 0x80 },
	func(b byte) byte { return b + 1 },
}

// eachChange gives every file that differs in one byte.
func eachChange(file []byte, fn func(i int, forged []byte)) {
	for i := range file {
		tried := map[byte]bool{file[i]: true}
		for _, change := range changes {
			b := change(file[i])
			if tried[b] {
				continue
			}
			tried[b] = true
			forged := bytes.Clone(file)
			forged[i] = b
			fn(i, forged)
		}
	}
}

// golden compares raw with a file of hexadecimal lines of 32 bytes.
func golden(t *testing.T, name string, raw []byte) {
	t.Helper()
	var text bytes.Buffer
	for rest := raw; len(rest) > 0; {
		line := rest[:min(32, len(rest))]
		rest = rest[len(line):]
		fmt.Fprintln(&text, hex.EncodeToString(line))
	}
	if *update {
		noError(t, os.WriteFile("testdata/"+name, text.Bytes(), 0o644))
	}
	want, err := os.ReadFile("testdata/" + name)
	noError(t, err)
	if !bytes.Equal(want, text.Bytes()) {
		t.Errorf("%s differs from what this program makes:\n%s", name, text.Bytes())
	}
}
