// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"slices"
	"testing"

	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A forgery changes an honest page, before it is certified by the validators
// themselves (lie), or an honest receipt after that (file). The validators' lies
// stand for what more than two thirds of them could do at most.
type forgery struct {
	name string
	lie  func(w *world, p *page)
	file func(w *world, r *ledger.Receipt, p page)
	want ledger.Reason
}

// place is that of the receipt under attack; it is the one of a refusal.
const place = 4

func forgeries() []forgery {
	return slices.Concat(forgedContents(), forgedCertificates(), forgedAncestries(), certifiedLies())
}

func TestForgeriesAreRefused(t *testing.T) {
	bothSuites(t, func(t *testing.T, w *world) {
		for _, f := range forgeries() {
			p := w.page(7, 5)
			if f.lie != nil {
				f.lie(w, &p)
				w.seal(&p)
			}
			r := w.receipt(p, place, 0)
			if f.file != nil {
				f.file(w, &r, p)
			}
			if got := refusal(t, w.trust, ledger.Encode(r), "%s", f.name); got != f.want {
				t.Errorf("%s: refused as %s, want %s", f.name, got, f.want)
			}
		}
	})
}

// accepted is an outcome that turns the refusal into a success.
func accepted(o ledger.Outcome) []byte {
	return ledger.Encode(ledger.Outcome{Transaction: o.Transaction, Index: o.Index, Count: o.Count, Status: ledger.Final, Result: []byte{0xa0}})
}

// flipped puts a false outcome into the receipt and recomputes all roots above it.
func flipped(w *world, r *ledger.Receipt, p page) {
	encoded := p.encoded()
	encoded[place] = accepted(p.outcomes[place])
	path, err := ledger.MerklePath(w.suite, encoded, place)
	noError(w.t, err)
	r.Outcome, r.OutcomePath = encoded[place], path
	r.Block.Header.ReceiptsRoot = ledger.MerkleRoot(w.suite, encoded)
}

func forgedContents() []forgery {
	change := func(name string, want ledger.Reason, do func(o *ledger.Outcome)) forgery {
		return forgery{name: name, want: want, file: func(_ *world, r *ledger.Receipt, p page) {
			o := p.outcomes[place]
			do(&o)
			r.Outcome = ledger.Encode(o)
		}}
	}
	return []forgery{
		{name: "outcome flipped", want: ledger.BadOutcome, file: func(_ *world, r *ledger.Receipt, p page) {
			r.Outcome = accepted(p.outcomes[place])
		}},
		{name: "outcome flipped, roots recomputed", want: ledger.BadBlock, file: flipped},
		{name: "outcome flipped, roots recomputed, votes renamed", want: ledger.BadSignature, file: func(w *world, r *ledger.Receipt, p page) {
			flipped(w, r, p)
			r.Block.Certificate.Vote.Block = w.trust.HeaderHash(r.Block.Header)
		}},
		{name: "outcome flipped, honest block above", want: ledger.BadAncestry, file: func(w *world, r *ledger.Receipt, p page) {
			*r = w.receipt(p, place, 2)
			flipped(w, r, p)
		}},
		change("another ground", ledger.BadOutcome, func(o *ledger.Outcome) { o.Ground = "R01" }),
		change("another index", ledger.BadOutcome, func(o *ledger.Outcome) { o.Index = 3 }),
		change("index beyond the count", ledger.BadOutcome, func(o *ledger.Outcome) { o.Index = 5 }),
		change("another count", ledger.BadOutcome, func(o *ledger.Outcome) { o.Count = 6 }),
		change("count of 2^64-1", ledger.BadOutcome, func(o *ledger.Outcome) { o.Count = 1<<64 - 1 }),
		change("count of 0", ledger.BadOutcome, func(o *ledger.Outcome) { o.Count = 0 }),
		change("alone in its block", ledger.BadOutcome, func(o *ledger.Outcome) { o.Index, o.Count = 0, 1 }),
		change("outcome of another transaction", ledger.BadOutcome, func(o *ledger.Outcome) { o.Transaction[0] ^= 1 }),
		{name: "another transaction's outcome and path", want: ledger.BadTransaction, file: func(w *world, r *ledger.Receipt, p page) {
			other := w.receipt(p, 2, 0)
			r.Outcome, r.OutcomePath = other.Outcome, other.OutcomePath
		}},
		{name: "another transaction under this outcome", want: ledger.BadTransaction, file: func(w *world, r *ledger.Receipt, p page) {
			other := w.receipt(p, 2, 0)
			r.Transaction, r.TransactionPath = other.Transaction, other.TransactionPath
		}},
		{name: "signature stripped", want: ledger.BadTransaction, file: func(_ *world, r *ledger.Receipt, p page) {
			r.Transaction = ledger.Encode(wireTransaction{p.txs[place].BodyBytes(), p.txs[place].Signatures()[:1]})
		}},
		{name: "signature added", want: ledger.BadTransaction, file: func(_ *world, r *ledger.Receipt, p page) {
			s := p.txs[place].Signatures()
			r.Transaction = ledger.Encode(wireTransaction{p.txs[place].BodyBytes(), append(slices.Clone(s), s[0])})
		}},
		{name: "paths exchanged", want: ledger.BadOutcome, file: func(_ *world, r *ledger.Receipt, _ page) {
			r.OutcomePath, r.TransactionPath = r.TransactionPath, r.OutcomePath
		}},
		{name: "no outcome path", want: ledger.BadOutcome, file: func(_ *world, r *ledger.Receipt, _ page) { r.OutcomePath = nil }},
		{name: "no transaction path", want: ledger.BadTransaction, file: func(_ *world, r *ledger.Receipt, _ page) { r.TransactionPath = nil }},
		{name: "longer path", want: ledger.BadOutcome, file: func(_ *world, r *ledger.Receipt, _ page) {
			r.OutcomePath = append(r.OutcomePath, ledger.Hash{})
		}},
		{name: "transaction for outcome", want: ledger.BadEncoding, file: func(_ *world, r *ledger.Receipt, _ page) { r.Outcome = r.Transaction }},
		{name: "no outcome", want: ledger.BadEncoding, file: func(_ *world, r *ledger.Receipt, _ page) { r.Outcome = nil }},
		{name: "no transaction", want: ledger.BadTransaction, file: func(_ *world, r *ledger.Receipt, _ page) { r.Transaction = nil }},
		{name: "another kind of file", want: ledger.BadFormat, file: func(_ *world, r *ledger.Receipt, _ page) { r.Format = "ipledger/proof/v1" }},
		{name: "later version of the file", want: ledger.BadFormat, file: func(_ *world, r *ledger.Receipt, _ page) { r.Format = "ipledger/receipt/v2" }},
		{name: "nothing in it", want: ledger.BadFormat, file: func(_ *world, r *ledger.Receipt, _ page) { *r = ledger.Receipt{} }},
	}
}

func forgedCertificates() []forgery {
	certificate := func(name string, want ledger.Reason, do func(w *world, c *ledger.Certificate, p page)) forgery {
		return forgery{name: name, want: want, file: func(w *world, r *ledger.Receipt, p page) {
			do(w, &r.Block.Certificate, p)
		}}
	}
	// voted lets the validators sign another vote than the receipt needs.
	voted := func(name string, want ledger.Reason, do func(w *world, v *ledger.Vote, p page)) forgery {
		return certificate(name, want, func(w *world, c *ledger.Certificate, p page) {
			v := w.vote(ledger.Commit, p.header)
			do(w, &v, p)
			*c = w.certify(v)
		})
	}
	// relabelled changes the vote under honest signatures.
	relabelled := func(name string, want ledger.Reason, do func(v *ledger.Vote)) forgery {
		return certificate(name, want, func(_ *world, c *ledger.Certificate, _ page) { do(&c.Vote) })
	}
	return []forgery{
		certificate("no signers", ledger.BadQuorum, func(_ *world, c *ledger.Certificate, _ page) { c.Signers = nil }),
		certificate("one signer less", ledger.BadQuorum, func(w *world, c *ledger.Certificate, p page) {
			*c = w.certify(c.Vote, 0, 1)
		}),
		certificate("one signer more", ledger.BadQuorum, func(w *world, c *ledger.Certificate, p page) {
			*c = w.certify(c.Vote, 0, 1, 2, 3)
		}),
		certificate("signer repeated", ledger.BadSigner, func(w *world, c *ledger.Certificate, _ page) { *c = w.certify(c.Vote, 0, 1, 1) }),
		certificate("first signer repeated at the end", ledger.BadSigner, func(w *world, c *ledger.Certificate, _ page) {
			*c = w.certify(c.Vote, 0, 1, 0)
		}),
		certificate("signer repeated under another place", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			c.Signers[2] = ledger.SignerSignature{Validator: 3, Signature: c.Signers[1].Signature}
		}),
		certificate("signers out of order", ledger.BadSigner, func(w *world, c *ledger.Certificate, _ page) { *c = w.certify(c.Vote, 0, 2, 1) }),
		certificate("signatures exchanged", ledger.BadSignature, func(_ *world, c *ledger.Certificate, _ page) {
			c.Signers[0].Signature, c.Signers[1].Signature = c.Signers[1].Signature, c.Signers[0].Signature
		}),
		certificate("signer beyond the set", ledger.BadSigner, func(_ *world, c *ledger.Certificate, _ page) { c.Signers[2].Validator = 4 }),
		certificate("signer 2^64-1", ledger.BadSigner, func(_ *world, c *ledger.Certificate, _ page) { c.Signers[2].Validator = 1<<64 - 1 }),
		certificate("foreign key in a member's place", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			s, err := c.Vote.Sign(2, seeded(w.t, w.suite, "stranger"))
			noError(w.t, err)
			c.Signers[2].Signature = s.Signature
		}),
		certificate("client's key in a member's place", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			s, err := c.Vote.Sign(2, w.maker)
			noError(w.t, err)
			c.Signers[2].Signature = s.Signature
		}),
		certificate("a whole set of attackers", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			*c = newWorldOf(w.t, w.suite.Name(), "pilot", "attacker", 4).certify(c.Vote)
		}),
		certificate("empty signature", ledger.BadSignature, func(_ *world, c *ledger.Certificate, _ page) { c.Signers[0].Signature = nil }),
		certificate("zero signature", ledger.BadSignature, func(_ *world, c *ledger.Certificate, _ page) {
			c.Signers[0].Signature = make(keys.Signature, keys.SignatureSize)
		}),
		certificate("signature with a byte behind it", ledger.BadSignature, func(_ *world, c *ledger.Certificate, _ page) {
			c.Signers[0].Signature = append(slices.Clone(c.Signers[0].Signature), 0)
		}),
		certificate("prepare certificate", ledger.BadKind, func(w *world, c *ledger.Certificate, p page) {
			*c = w.certify(w.vote(ledger.Prepare, p.header))
		}),
		certificate("prepare certificate relabelled", ledger.BadKind, func(w *world, c *ledger.Certificate, p page) {
			*c = w.certify(w.vote(ledger.Prepare, p.header))
			c.Vote.Kind = ledger.Commit
		}),
		certificate("prepare certificate relabelled, place in the log removed", ledger.BadSignature, func(w *world, c *ledger.Certificate, p page) {
			*c = w.certify(w.vote(ledger.Prepare, p.header))
			c.Vote.Kind, c.Vote.Index, c.Vote.Term = ledger.Commit, 0, 0
		}),
		certificate("COMMIT signed in the domain of PREPARE", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			for i := range c.Signers {
				sig, err := w.validators[i].Sign(append([]byte("ipledger/prepare/v1\x00"), ledger.Encode(c.Vote)...))
				noError(w.t, err)
				c.Signers[i].Signature = sig
			}
		}),
		certificate("vote signed without a domain", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			for i := range c.Signers {
				sig, err := w.validators[i].Sign(ledger.Encode(c.Vote))
				noError(w.t, err)
				c.Signers[i].Signature = sig
			}
		}),
		voted("votes of no kind", ledger.BadKind, func(_ *world, v *ledger.Vote, _ page) { v.Kind = 0 }),
		voted("votes of kind 3", ledger.BadKind, func(_ *world, v *ledger.Vote, _ page) { v.Kind = 3 }),
		voted("COMMIT with a place in the log", ledger.BadKind, func(_ *world, v *ledger.Vote, _ page) { v.Index = 10 }),
		voted("COMMIT with a term", ledger.BadKind, func(_ *world, v *ledger.Vote, _ page) { v.Term = 2 }),
		voted("certificate of another height", ledger.BadBlock, func(_ *world, v *ledger.Vote, _ page) { v.Height++ }),
		voted("certificate of another block of this height", ledger.BadBlock, func(w *world, v *ledger.Vote, _ page) { v.Block = w.trust.Chain }),
		voted("certificate of the parent", ledger.BadBlock, func(w *world, v *ledger.Vote, p page) {
			*v = w.vote(ledger.Commit, w.header(p.header.Height-1))
		}),
		voted("certificate of another set", ledger.BadSet, func(_ *world, v *ledger.Vote, _ page) { v.Set = 1 }),
		voted("certificate of another network", ledger.BadNetwork, func(_ *world, v *ledger.Vote, _ page) { v.Chain[0] ^= 1 }),
		relabelled("votes renamed to another round", ledger.BadSignature, func(v *ledger.Vote) { v.Round = 1 }),
		relabelled("votes renamed to another START", ledger.BadSignature, func(v *ledger.Vote) { v.Start[0] ^= 1 }),
		certificate("one vote of another START", ledger.BadSignature, func(w *world, c *ledger.Certificate, _ page) {
			other := c.Vote
			other.Round, other.Start = 1, w.trust.StartHash(ledger.Start{Chain: w.trust.Chain, Round: 1})
			s, err := other.Sign(2, w.validators[2])
			noError(w.t, err)
			c.Signers[2].Signature = s.Signature
		}),
		{name: "block of a set nobody linked", want: ledger.BadSet, file: func(w *world, r *ledger.Receipt, p page) {
			r.Block.Header.Set = 1
			r.Block.Certificate = newWorldOf(w.t, w.suite.Name(), "pilot", "attacker", 4).certify(w.vote(ledger.Commit, r.Block.Header))
		}},
		{name: "block of set 2^64-1", want: ledger.BadSet, file: func(w *world, r *ledger.Receipt, p page) {
			r.Block.Header.Set = 1<<64 - 1
			r.Block.Certificate = w.certify(w.vote(ledger.Commit, r.Block.Header))
		}},
	}
}

func forgedAncestries() []forgery {
	// grown rebuilds the chain above the block and has its top certified.
	grown := func(name string, want ledger.Reason, n int, do func(w *world, above []ledger.Header) []ledger.Header) forgery {
		return forgery{name: name, want: want, file: func(w *world, r *ledger.Receipt, p page) {
			r.Block = w.final(append([]ledger.Header{p.header}, do(w, w.children(p.header, n))...)...)
		}}
	}
	one := func(name string, do func(h *ledger.Header)) forgery {
		return grown(name, ledger.BadAncestry, 3, func(_ *world, above []ledger.Header) []ledger.Header {
			do(&above[2]) // the last: no child of it breaks the chain as well
			return above
		})
	}
	return []forgery{
		grown("more descendants than may be", ledger.BadAncestry, ledger.MaxDescendants+1, func(_ *world, above []ledger.Header) []ledger.Header { return above }),
		grown("first descendant missing", ledger.BadAncestry, 3, func(_ *world, above []ledger.Header) []ledger.Header { return above[1:] }),
		grown("middle descendant missing", ledger.BadAncestry, 3, func(_ *world, above []ledger.Header) []ledger.Header {
			return slices.Delete(above, 1, 2)
		}),
		grown("descendant twice", ledger.BadAncestry, 3, func(_ *world, above []ledger.Header) []ledger.Header {
			return slices.Insert(above, 1, above[0])
		}),
		grown("descendants turned round", ledger.BadAncestry, 3, func(_ *world, above []ledger.Header) []ledger.Header {
			slices.Reverse(above)
			return above
		}),
		grown("chain of another block", ledger.BadAncestry, 1, func(w *world, _ []ledger.Header) []ledger.Header {
			return w.children(w.header(7), 2)
		}),
		one("descendant with another parent", func(h *ledger.Header) { h.Parent[0] ^= 1 }),
		one("descendant of another height", func(h *ledger.Header) { h.Height++ }),
		one("descendant of another set", func(h *ledger.Header) { h.Set++ }),
		one("descendant of another network", func(h *ledger.Header) { h.Chain[0] ^= 1 }),
		one("descendant of another version", func(h *ledger.Header) { h.Version++ }),
		{name: "all descendants missing", want: ledger.BadBlock, file: func(w *world, r *ledger.Receipt, p page) {
			*r = w.receipt(p, place, 2)
			r.Block.Descendants = nil
		}},
		{name: "last descendant missing", want: ledger.BadBlock, file: func(w *world, r *ledger.Receipt, p page) {
			*r = w.receipt(p, place, 3)
			r.Block.Descendants = r.Block.Descendants[:2]
		}},
		{name: "descendant above the certificate", want: ledger.BadBlock, file: func(w *world, r *ledger.Receipt, p page) {
			r.Block.Descendants = w.children(p.header, 1)
		}},
		{name: "height that wraps round", want: ledger.BadAncestry, file: func(w *world, r *ledger.Receipt, p page) {
			last := w.header(1<<64 - 1)
			r.Block = w.final(last, w.header(0))
		}},
	}
}

// certifiedLies are what no honest validator signs; a verifier refuses it all
// the same.
func certifiedLies() []forgery {
	outcome := func(name string, want ledger.Reason, do func(o *ledger.Outcome)) forgery {
		return forgery{name: name, want: want, lie: func(_ *world, p *page) { do(&p.outcomes[place]) }}
	}
	transaction := func(name string, want ledger.Reason, do func(w *world, body []byte, s []keys.Signature) wireTransaction) forgery {
		return forgery{name: name, want: want, lie: func(w *world, p *page) {
			tx := p.txs[place]
			p.raw[place] = ledger.Encode(do(w, slices.Clone(tx.BodyBytes()), slices.Clone(tx.Signatures())))
		}}
	}
	return []forgery{
		outcome("void", ledger.BadOutcome, func(o *ledger.Outcome) { o.Status = ledger.Void }),
		outcome("no status", ledger.BadOutcome, func(o *ledger.Outcome) { o.Status = 0 }),
		outcome("status 4", ledger.BadOutcome, func(o *ledger.Outcome) { o.Status = 4 }),
		outcome("certified outcome of another transaction", ledger.BadOutcome, func(o *ledger.Outcome) { o.Transaction[31] ^= 1 }),
		outcome("certified with another index", ledger.BadOutcome, func(o *ledger.Outcome) { o.Index = 0 }),
		outcome("certified with another count", ledger.BadOutcome, func(o *ledger.Outcome) { o.Count = 9 }),
		transaction("certified without a signature", ledger.BadTransaction, func(_ *world, body []byte, s []keys.Signature) wireTransaction {
			return wireTransaction{body, s[:1]}
		}),
		transaction("certified with one signature more", ledger.BadTransaction, func(_ *world, body []byte, s []keys.Signature) wireTransaction {
			return wireTransaction{body, append(s, s[0])}
		}),
		transaction("certified with a bad signature", ledger.BadTxSignature, func(_ *world, body []byte, s []keys.Signature) wireTransaction {
			s[1] = slices.Clone(s[1])
			s[1][40] ^= 1
			return wireTransaction{body, s}
		}),
		transaction("certified with signatures exchanged", ledger.BadTxSignature, func(_ *world, body []byte, s []keys.Signature) wireTransaction {
			return wireTransaction{body, []keys.Signature{s[1], s[0]}}
		}),
		transaction("certified with an empty signature", ledger.BadTxSignature, func(_ *world, body []byte, s []keys.Signature) wireTransaction {
			return wireTransaction{body, []keys.Signature{s[0], nil}}
		}),
		transaction("signed for another network", ledger.BadTxSignature, func(w *world, body []byte, _ []keys.Signature) wireTransaction {
			other := newWorldOf(w.t, w.suite.Name(), "another", "validator", 4)
			return wireTransaction{body, other.signatures(body)}
		}),
		transaction("body in another form", ledger.BadTransaction, func(_ *world, body []byte, s []keys.Signature) wireTransaction {
			return wireTransaction{append([]byte{0xb8, body[0] & 31}, body[1:]...), s}
		}),
		{name: "header of a later version", want: ledger.BadFormat, lie: func(_ *world, p *page) { p.header.Version++ }},
		{name: "header of no version", want: ledger.BadFormat, lie: func(_ *world, p *page) { p.header.Version = 0 }},
		{name: "another network's block", want: ledger.BadNetwork, lie: func(_ *world, p *page) { p.header.Chain[5] ^= 1 }},
	}
}

// The other network has the same validators, keys and all, under another name.
func TestReceiptOfAnotherNetworkIsRefused(t *testing.T) {
	for _, name := range suites {
		here := newWorld(t, name, 4)
		for what, other := range map[string]*world{
			"another name": newWorldOf(t, name, "another", "validator", 4),
			"other keys":   newWorldOf(t, name, "pilot", "attacker", 4),
			"a larger set": newWorld(t, name, 5),
			"other suite":  newWorld(t, map[string]string{"sm2": "ed25519", "ed25519": "sm2"}[name], 4),
		} {
			file := ledger.Encode(other.receipt(other.page(7, 5), 1, 0))
			if got := refusal(t, here.trust, file, "%s", what); got != ledger.BadNetwork {
				t.Errorf("%s, %s: refused as %s", name, what, got)
			}
		}
		if got := refusal(t, ledger.Trust{Network: here.trust.Network}, ledger.Encode(here.receipt(here.page(7, 5), 1, 0)), "no sets"); got != ledger.BadSet {
			t.Errorf("trust without sets: refused as %s", got)
		}
	}
}

// A second block of the same height, of which some signatures were given away,
// does not add up with the first.
func TestSignaturesOfTwoBlocksDoNotAddUp(t *testing.T) {
	w := newWorld(t, "ed25519", 4)
	p := w.page(7, 5)
	r := w.receipt(p, place, 0)
	flipped(w, &r, p)
	v := w.vote(ledger.Commit, r.Block.Header)
	r.Block.Certificate = w.certify(v, 0, 1)
	third := w.certify(w.vote(ledger.Commit, p.header), 2)
	r.Block.Certificate.Signers = append(r.Block.Certificate.Signers, third.Signers...)
	if got := refusal(t, w.trust, ledger.Encode(r), "two blocks"); got != ledger.BadSignature {
		t.Errorf("refused as %s", got)
	}
}
