// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// MaxKey bounds a key of the state, in bytes.
const MaxKey = 256

// A Block is what execution knows of the block besides its transactions.
type Block struct {
	Network ledger.Network
	Height  uint64
	Time    int64 // ms since 1970 UTC
}

// A Signer is one checked signer of the transaction. Person is empty for a key
// that signs only to prove that it is held.
type Signer struct {
	Organisation string
	Role         string
	Person       string
	For          string // the absent person in whose role it signs; otherwise Person
	Key          keys.PublicKey
}

// A View is all that a method sees: the state, its own writes in it, the block's
// time and who acts. Writes and events of a refused transaction are dropped. A
// failure to read is kept and stops the execution of the block after the method
// has returned; until then reads find nothing.
type View struct {
	state   *overlay
	block   Block
	methods *Registry   // of the execution version in force
	mandate ledger.Hash // the proposal that runs; zero: a transaction runs
	tx      *ledger.Transaction
	actor   Party
	carried *Party // who made the proposal that runs; nil: a transaction runs
	signers []Signer
	params  *Parameters
	refKey  string // of the transaction's reference
	events  []ledger.Event
	known   *known
	tooLong string // key of the first value that was too long to be written
	err     error
}

// Get reads one value.
func (v *View) Get(key string) ([]byte, bool) {
	if v.err != nil {
		return nil, false
	}
	value, ok, err := v.state.Get(key)
	if err != nil {
		v.fail(fmt.Errorf("read %s: %w", key, err))
		return nil, false
	}
	return value, ok
}

// Put writes one value. The key is text of at most MaxKey bytes without a zero
// byte: another one is a programmer's error. A value of more than ledger.MaxValue
// bytes is not written, and the transaction is refused for it when the method has
// returned (E_STATE, LENGTH): records grow with their history, so that every method
// that stores one meets this in the end.
func (v *View) Put(key string, value []byte) {
	if key == "" || len(key) > MaxKey || strings.IndexByte(key, 0) >= 0 {
		panic(fmt.Sprintf("contracts: %q is no key of the state", key))
	}
	if len(value) > ledger.MaxValue {
		if v.tooLong == "" {
			v.tooLong = key
		}
		return
	}
	v.state.put(key, value)
}

// overlong refuses what has tried to write a value that is too long.
func (v *View) overlong() *Refusal {
	if v.tooLong == "" {
		return nil
	}
	return Refuse(ledger.Failure{Code: EState, Subject: v.tooLong, Reason: ReasonLength})
}

// Iterate calls fn for the keys with prefix in ascending order until it returns
// false. What fn writes may or may not be seen by the walk.
func (v *View) Iterate(prefix string, fn func(key string, value []byte) bool) {
	if v.err != nil {
		return
	}
	if err := v.state.Iterate(prefix, fn); err != nil {
		v.fail(fmt.Errorf("read %s…: %w", prefix, err))
	}
}

// Reader shows what the view sees. What fails in it is kept as by the view itself.
func (v *View) Reader() Reader { return viewed{v} }

type viewed struct{ view *View }

func (r viewed) Get(key string) ([]byte, bool, error) {
	value, ok := r.view.Get(key)
	return value, ok, nil
}

func (r viewed) Iterate(prefix string, fn func(string, []byte) bool) error {
	r.view.Iterate(prefix, fn)
	return nil
}

// Emit tells observers that the record of subject changed, "pledge.effective".
func (v *View) Emit(kind, subject string) {
	v.events = append(v.events, ledger.Event{Kind: kind, Subject: subject})
}

// Time is the block's time in ms since 1970 UTC, the only clock there is.
func (v *View) Time() int64 { return v.block.Time }

// Height is the block's height.
func (v *View) Height() uint64 { return v.block.Height }

// Today is the legal date of the block in Asia/Shanghai.
func (v *View) Today() identifier.Date { return identifier.DateOf(v.block.Time) }

// ExecutionVersion is the version in force, for what all versions share and a later
// one does differently.
func (v *View) ExecutionVersion() uint64 { return v.methods.version }

// Network is the suite and identity of the ledger.
func (v *View) Network() ledger.Network { return v.block.Network }

// Transaction is the id of the transaction that runs.
func (v *View) Transaction() ledger.Hash { return v.tx.ID() }

// Actor is the party id of the organisation that acts.
func (v *View) Actor() string { return v.tx.Body().Actor }

// ActingParty is the record of the organisation that acts, as it was when its
// signers were checked.
func (v *View) ActingParty() Party { return v.actor }

// ProposedBy tells whether what runs was proposed by an organisation of a kind that is
// active still: by who made the proposal that the members carried, or who acts where a
// transaction runs.
func (v *View) ProposedBy(role PartyRole) bool {
	by := v.actor
	if v.carried != nil {
		by = *v.carried
	}
	return by.Role == role && by.ActiveAt(v.Time())
}

// Signers are those who signed, in the order of the body, all checked against
// the method's rule. The list is good until the method returns.
func (v *View) Signers() []Signer { return v.signers }

// Sealed gives the salted hash of the transaction's one sealed part, nil if it has none
// or several.
func (v *View) Sealed() *ledger.Hash {
	list := v.tx.Body().Commitments
	if len(list) != 1 {
		return nil
	}
	sealed := ledger.Hash(list[0])
	if sealed.IsZero() {
		return nil
	}
	return &sealed
}

// Commitment gives the salted hash of the transaction's one sealed part. A
// contract without one lacks its content (R07).
func (v *View) Commitment(r *Refusal) ledger.Hash {
	if sealed := v.Sealed(); sealed != nil {
		return *sealed
	}
	r.Add(ledger.Failure{Code: EContract, Ground: R07, Field: "commitments"})
	return ledger.Hash{}
}

// Parameters are the rules in force.
func (v *View) Parameters() Parameters { return *v.params }

// Figure is the value in force of one of them, in its unit.
func (v *View) Figure(f Figure) int64 { return v.params.Of(f) }

// Signed tells whether someone of the organisation signed in the role.
func (v *View) Signed(organisation, role string) bool {
	for _, s := range v.signers {
		if s.Organisation == organisation && s.Role == role {
			return true
		}
	}
	return false
}

// Named gives the organisations that a record names, by its number; known is false of
// a kind of records that name none.
func (v *View) Named(number identifier.Platform) (parties []string, found, known bool) {
	names, known := v.methods.names[number.Kind]
	if !known {
		return nil, false, false
	}
	parties, found = names(v, number.Canonical)
	return parties, found, true
}

// Fail stops the execution of the block: what a method has read is damage.
func (v *View) Fail(err error) { v.fail(err) }

func (v *View) fail(err error) {
	if v.err == nil {
		v.err = err
	}
}

// Load reads a record. A value that does not decode is damage and stops the
// execution of the block.
func Load[T any](v *View, key string) (T, bool) {
	value, ok := v.Get(key)
	if !ok {
		var none T
		return none, false
	}
	return decodeRecord[T](v, key, value)
}

func decodeRecord[T any](v *View, key string, value []byte) (T, bool) {
	record, err := ledger.DecodeNew[T](value, ledger.MaxValue)
	if err != nil {
		var none T
		v.fail(fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err))
		return none, false
	}
	return record, true
}

// loadShared is Load for records that most transactions of a block read. Once the
// transaction has written anything it is Load: what it writes may be refused yet.
func loadShared[T any](v *View, key string) (T, bool) {
	if v.state.written() {
		return Load[T](v, key)
	}
	if record, ok := v.known.records[key]; ok {
		return record.(T), true
	}
	record, ok := Load[T](v, key)
	if ok {
		v.known.records[key] = record
	}
	return record, ok
}

// known is what transactions over one state have read of people and rules: each
// record is decoded once and dropped when it is written.
type known struct {
	params  *Parameters
	records map[string]any
	holders map[keys.PublicKey]string // state key of the person; a key has one for ever
	serials map[serial]string         // state keys of this block's day
}

func newKnown() *known {
	return &known{
		records: make(map[string]any), holders: make(map[keys.PublicKey]string), serials: make(map[serial]string),
	}
}

// forget drops what was read under a key that is written.
func (k *known) forget(key string) {
	delete(k.records, key)
	if key == ParametersKey {
		k.params = nil
	}
}

// Store writes a record, see Put.
func Store[T any](v *View, key string, record T) { v.Put(key, ledger.Encode(record)) }
