// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// RefKey is the state key that a client reference is consumed under.
func RefKey(actor, clientRef string) string { return "refs/" + actor + "/" + clientRef }

// HasOutcome tells whether a transaction is FINAL or REJECTED in the state that
// get reads: either consumes its client reference, and a void outcome does not. An
// error is a failure to read, or wraps ledger.ErrCorrupt.
func HasOutcome(get func(key string) ([]byte, bool, error), tx *ledger.Transaction) (bool, error) {
	body := tx.Body()
	key := RefKey(body.Actor, body.ClientRef)
	value, ok, err := get(key)
	if err != nil || !ok {
		return false, err
	}
	var first ledger.Hash
	if err := ledger.Decode(value, ledger.MaxValue, &first); err != nil {
		return false, fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err)
	}
	return first == tx.ID(), nil
}

// Execute runs the transactions of a block, given in execution order, over the
// state that r shows. It returns their outcomes in that order and the writes by
// ascending key. The signatures must have been verified. An error is a failure
// to read the state; nothing of the block holds then.
func Execute(g *Registry, r Reader, b Block, txs []*ledger.Transaction) ([]ledger.Outcome, []Change, error) {
	state := newOverlay(r, writesOfOne*len(txs))
	v := &View{state: newOverlay(state, fewWrites), block: b, known: newKnown(), methods: g}
	outcomes := make([]ledger.Outcome, 0, len(txs))
	for i, tx := range txs {
		o, err := executeOne(state, v, tx)
		if err != nil {
			return nil, nil, fmt.Errorf("execute height %d, transaction %v: %w", b.Height, tx.ID(), err)
		}
		o.Transaction, o.Index, o.Count = tx.ID(), uint64(i), uint64(len(txs))
		outcomes = append(outcomes, o)
	}
	return outcomes, state.changes(), nil
}

// writesOfOne is about how many keys a transaction writes: a claim 4, a change of a
// pledge 8.
const writesOfOne = 6

// executeOne runs one transaction and writes what remains of it to state: all of
// it, only the consumed reference, or nothing. It runs in v, which lies above state
// and holds nothing afterwards that counts.
func executeOne(state *overlay, v *View, tx *ledger.Transaction) (ledger.Outcome, error) {
	if err := v.begin(tx); err != nil {
		return ledger.Outcome{}, err
	}
	if f, void := voidness(v); void || v.err != nil {
		return ledger.Outcome{Status: ledger.Void, Code: f.Code, Details: []ledger.Failure{f}}, v.err
	}
	result, refusal := call(v)
	if v.err != nil {
		return ledger.Outcome{}, v.err
	}
	state.put(v.refKey, ledger.Encode(tx.ID()))
	if refusal.Refuses() {
		return rejected(refusal), nil
	}
	for _, c := range v.state.writes {
		state.put(c.Key, c.Value)
		v.known.forget(c.Key)
	}
	return ledger.Outcome{Status: ledger.Final, Result: ledger.Encode(result), Events: v.events}, nil
}

// rejected is the outcome of a refused transaction. A verifier decodes it, so it
// must keep to the encoding's profile and limit, whatever subjects a refusal
// took over from the arguments: then fewer details are told, the code always.
func rejected(r *Refusal) ledger.Outcome {
	first := r.Failures[0]
	return ledger.Outcome{Status: ledger.Rejected, Code: first.Code, Ground: first.Ground, Details: r.Within(maxOutcome - 128)}
}

// maxOutcome leaves room, within the limit of a value, for what Execute adds.
const maxOutcome = ledger.MaxValue - 128

// Within gives the failures if their encoding is smaller than limit bytes and keeps
// to the encoding's profile, else the first alone, else none: for records and
// outcomes, which must decode.
func (r *Refusal) Within(limit int) []ledger.Failure {
	for _, fewer := range [][]ledger.Failure{r.Failures, r.Failures[:min(1, len(r.Failures))]} {
		if raw := ledger.Encode(fewer); len(raw) < limit && ledger.CheckProfile(raw) == nil {
			return fewer
		}
	}
	return nil
}

// begin makes v the view of a transaction: nothing of the one before is left but
// what is known of the block.
func (v *View) begin(tx *ledger.Transaction) error {
	v.state.reset()
	body := tx.Body()
	*v = View{
		state: v.state, block: v.block, methods: v.methods, known: v.known, tx: tx, refKey: RefKey(body.Actor, body.ClientRef), signers: v.signers[:0],
	}
	if v.known.params == nil {
		params, ok := Load[Parameters](v, ParametersKey)
		if v.err != nil {
			return v.err
		}
		if !ok {
			return fmt.Errorf("%w: the state holds no parameters", ledger.ErrCorrupt)
		}
		v.known.params = &params
	}
	v.params = v.known.params
	return nil
}

// voidness tells whether the transaction has no effect at all in this block, and
// why: its time is over or has not come, or its reference is consumed.
func voidness(v *View) (ledger.Failure, bool) {
	if f, void := untimely(v); void {
		return f, true
	}
	if first, ok := Load[ledger.Hash](v, v.refKey); ok {
		return taken(first), true
	}
	return ledger.Failure{}, false
}

func taken(first ledger.Hash) ledger.Failure {
	return ledger.Failure{Code: EDuplicate, Field: "client_ref", Subject: first.String(), Reason: ReasonReference}
}

func untimely(v *View) (ledger.Failure, bool) {
	body := v.tx.Body()
	switch {
	case body.ValidUntil < v.Time():
		return ledger.Failure{Code: EClock, Field: "valid_until", Reason: ReasonExpired}, true
	case body.ValidUntil-v.Time() > v.params.Of(MaxValidity):
		return ledger.Failure{Code: EClock, Field: "valid_until", Reason: ReasonEarly}, true
	}
	return ledger.Failure{}, false
}

// call finds the method and runs it if the signers may call it and the arguments
// are well formed.
func call(v *View) (any, *Refusal) {
	body := v.tx.Body()
	m := v.methods.find(body)
	if m == nil {
		return nil, unknownMethod(body)
	}
	if r := authorise(v, m.Rule); r.Refuses() {
		return nil, r
	}
	args, r := v.methods.judgeArgs(m, v.Network(), body, v.Today())
	if r.Refuses() {
		return nil, r
	}
	result, r := m.run(v, args)
	if !r.Refuses() {
		r = v.overlong()
	}
	return result, r
}

// judgeArgs decodes the arguments of a body and tells what is wrong with them and
// with its texts, whatever the state.
func (g *Registry) judgeArgs(m *Method, n ledger.Network, body *ledger.Body, today identifier.Date) (any, *Refusal) {
	args, r := m.readArgs(n, body.Args)
	if r.Refuses() {
		return nil, r
	}
	if r := checkTexts(m, args, body, today); r.Refuses() {
		return nil, r
	}
	return args, g.checkInner(args, n, today)
}

func unknownMethod(body *ledger.Body) *Refusal {
	return Refuse(ledger.Failure{
		Code:    EFormat,
		Field:   "method",
		Subject: fmt.Sprintf("%s.%s/%d", body.Contract, body.Method, body.Version),
		Reason:  ReasonMethod,
	})
}

// checkTexts refuses personal data in the arguments, the client reference and
// the names of organisations.
func checkTexts(m *Method, args any, body *ledger.Body, today identifier.Date) *Refusal {
	free := identifier.FindResidentID
	value := reflect.ValueOf(args).Elem()
	if !m.args.anyText(value, free) && !free(body.ClientRef) && !free(body.Actor) &&
		!slices.ContainsFunc(body.Signers, func(s ledger.Signer) bool { return free(s.Organisation) }) {
		return nil // as nearly always
	}
	r := new(Refusal)
	m.args.checkPrivacy(value, limits{}, "", today, r)
	party := func(text string) bool { return free(text) && !isTyped(text, limits{format: "party"}, today) }
	if free(body.ClientRef) {
		r.Add(ledger.Failure{Code: EPrivacy, Field: "client_ref"})
	}
	if party(body.Actor) {
		r.Add(ledger.Failure{Code: EPrivacy, Field: "actor"})
	}
	for _, s := range body.Signers {
		if party(s.Organisation) {
			r.Add(ledger.Failure{Code: EPrivacy, Field: "signers"})
		}
	}
	return r
}
