// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/ipledger/ipledger/ledger/keys"
)

type record struct {
	Key  keys.PublicKey `cbor:"1,keyasint" json:"key"`
	Hash keys.Hash      `cbor:"2,keyasint" json:"hash"`
}

func TestKeysAndHashesSurviveTextAndCBOR(t *testing.T) {
	for _, name := range suites {
		suite := suiteOf(t, name)
		want := record{generate(t, suite, 1).Public(), suite.Sum([]byte("abc"))}
		var fromCBOR, fromJSON record
		b, err := cbor.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := cbor.Unmarshal(b, &fromCBOR); err != nil || fromCBOR != want {
			t.Errorf("%s: CBOR %x gives %v, %v", name, b, fromCBOR, err)
		}
		j, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(j, &fromJSON); err != nil || fromJSON != want {
			t.Errorf("%s: JSON %s gives %v, %v", name, j, fromJSON, err)
		}
		if map[keys.PublicKey]int{want.Key: 1}[fromCBOR.Key] != 1 {
			t.Errorf("%s: a decoded key is another map key", name)
		}
	}
}

func TestAKeyHasOneText(t *testing.T) {
	for _, name := range suites {
		text := generate(t, suiteOf(t, name), 1).Public().String()
		digits := strings.TrimPrefix(text, name+":")
		for _, bad := range []string{
			"", name, name + ":", digits, ":" + digits, strings.ToUpper(text), name + ":" + strings.ToUpper(digits),
			" " + text, text + "\n", text + "00", text[:len(text)-2], "rsa:" + digits,
			name + ":" + strings.Repeat("zz", len(digits)/2),
		} {
			if bad == text {
				continue
			}
			if k, err := keys.ParsePublicKey(bad); err == nil {
				t.Errorf("parsed %q as %s", bad, k)
			}
		}
	}
	if _, err := (keys.PublicKey{}).MarshalText(); err == nil {
		t.Error("wrote no key as text")
	}
	if _, err := (keys.PublicKey{}).MarshalCBOR(); err == nil {
		t.Error("wrote no key as CBOR")
	}
	for _, bad := range []string{"", "00", strings.Repeat("0", 63), strings.Repeat("0", 65), strings.Repeat("A", 64), strings.Repeat("g", 64)} {
		if h, err := keys.ParseHash(bad); err == nil {
			t.Errorf("parsed hash %q as %s", bad, h)
		}
	}
}

// Whatever decodes must encode to the same bytes: there is one encoding.
func FuzzDecodingIsCanonical(f *testing.F) {
	for _, name := range suites {
		b, _ := generate(f, suiteOf(f, name), 1).Public().MarshalCBOR()
		f.Add(b)
		f.Add(b[:len(b)-1])
		f.Add(append(bytes.Clone(b), 0))
		for i := range 4 {
			f.Add(flip(b, 8*i))
		}
	}
	h, _ := keys.Hash{1}.MarshalCBOR()
	f.Add(h)
	f.Add([]byte{0xf6})
	f.Add([]byte{0x82, 0x01, 0x59, 0x00, 0x20})
	f.Add([]byte{0x9f, 0x01, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		var k keys.PublicKey
		if err := k.UnmarshalCBOR(data); err == nil {
			if b, err := k.MarshalCBOR(); err != nil || !bytes.Equal(b, data) {
				t.Errorf("%x came back as %x, %v", data, b, err)
			}
			// Check must not panic on a key of good form; a key it passes has one text.
			if k.Check() == nil {
				if again, err := keys.ParsePublicKey(k.String()); err != nil || again != k {
					t.Errorf("%s came back as %s, %v", k, again, err)
				}
			}
		}
		var h keys.Hash
		if err := h.UnmarshalCBOR(data); err == nil {
			if b, err := h.MarshalCBOR(); err != nil || !bytes.Equal(b, data) {
				t.Errorf("%x came back as %x, %v", data, b, err)
			}
		}
	})
}
