// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"crypto/sha512"
	"sync/atomic"

	"github.com/oasisprotocol/curve25519-voi/curve"
	"github.com/oasisprotocol/curve25519-voi/curve/scalar"
	voi "github.com/oasisprotocol/curve25519-voi/primitives/ed25519"
)

// An ed25519Key is a public key in the forms that verify fast.
type ed25519Key struct {
	expanded *voi.ExpandedPublicKey
	uses     atomic.Int32 // signatures found good without a table
	table    atomic.Pointer[ed25519Table]
}

// An ed25519Table holds the multiples of a key by which a signature is verified
// with hardly a doubling, at two thirds of the cost. It takes 40 KiB and as long
// to make as ten signatures save, so only a key that is used often has one.
type ed25519Table struct {
	key      [32]byte                     // A
	multiple *curve.EdwardsBasepointTable // of -A
}

const (
	// tableAfter is how many good signatures earn a key its table: so many that
	// where more keys are busy than can have one, making them costs little.
	tableAfter = 64
	// maxTables is how many keys of a cache have one, 2.5 MiB in all.
	maxTables = 64
)

func expandEd25519(raw []byte) (*ed25519Key, error) {
	expanded, err := voi.NewExpandedPublicKey(raw)
	if err != nil {
		return nil, err
	}
	return &ed25519Key{expanded: expanded}, nil
}

// strict is the strict rule, see [Suite.Verify], for an expanded key. Both refuse
// the same encodings of A and R, and then evaluate one equation: the point
// sB - hA is encoded and compared with the bytes of R, for s below the group
// order. weakEncoding is what the library's own checks of A come to.
//
// Whatever it accepts, the rule of ZIP-215 accepts: R is the canonical encoding
// of sB - hA, so it decodes to that very point, and an equation that holds still
// holds when it is multiplied by the cofactor. The other conditions, s below the
// group order and an A that decodes, are the same. So a signature that was found
// good by the strict rule need not be checked by the client rule.
func (k *ed25519Key) strict(cache *KeyCache, key PublicKey, message []byte, sig Signature) bool {
	if len(sig) != SignatureSize || weakEncoding(sig[:32]) {
		return false
	}
	if t := k.table.Load(); t != nil {
		return t.verify(message, sig)
	}
	ok := voi.VerifyExpandedWithOptions(k.expanded, message, sig, &voi.Options{Verify: &voi.VerifyOptions{
		AllowSmallOrderR:   true, // judged above, without the point
		CofactorlessVerify: true,
	}})
	if ok && cache != nil && k.uses.Add(1) == tableAfter {
		cache.giveTable(k, key)
	}
	return ok
}

// verify evaluates the equation of the strict rule. A is that of a key that has
// verified, and so neither of small order nor encoded in another way; h is below
// the group order and is not reduced any further, as it must not be if A has a
// component of small order.
func (t *ed25519Table) verify(message []byte, sig Signature) bool {
	var s, h scalar.Scalar
	if _, err := s.SetCanonicalBytes(sig[32:]); err != nil {
		return false
	}
	var sum [sha512.Size]byte
	d := sha512.New()
	d.Write(sig[:32])
	d.Write(t.key[:])
	d.Write(message)
	if _, err := h.SetBytesModOrderWide(d.Sum(sum[:0])); err != nil {
		return false
	}
	var sB, hA curve.EdwardsPoint
	sB.MulBasepoint(curve.ED25519_BASEPOINT_TABLE, &s)
	hA.MulBasepoint(t.multiple, &h)
	var r curve.CompressedEdwardsY
	r.SetEdwardsPoint(sB.Add(&sB, &hA))
	return bytes.Equal(r[:], sig[:32])
}

func newEd25519Table(raw []byte) (*ed25519Table, error) {
	var compressed curve.CompressedEdwardsY
	if _, err := compressed.SetBytes(raw); err != nil {
		return nil, err
	}
	var a curve.EdwardsPoint
	if _, err := a.SetCompressedY(&compressed); err != nil {
		return nil, err
	}
	return &ed25519Table{key: compressed, multiple: curve.NewEdwardsBasepointTable(a.Neg(&a))}, nil
}

// giveTable makes the table of a key, and takes that of the key that has had one
// longest, if there are too many: it may earn another.
func (c *KeyCache) giveTable(k *ed25519Key, key PublicKey) {
	table, err := newEd25519Table([]byte(key.Bytes))
	if err != nil {
		return // it verified, so it decodes
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.tabled) == maxTables {
		c.tabled[0].uses.Store(0)
		c.tabled[0].table.Store(nil)
		c.tabled = append(c.tabled[:0], c.tabled[1:]...)
	}
	c.tabled = append(c.tabled, k)
	k.table.Store(table)
}
