// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

// A Spec names a method and says what it is for.
type Spec struct {
	Contract string
	Name     string
	Version  uint64
	Doc      string // English
	DocZH    string // Chinese
	Sealed   bool   // it needs the commitment of one sealed part, see View.Commitment
}

// A Method is one operation of a contract with its types and its line of the
// permission matrix.
type Method struct {
	Spec
	Rule   Rule
	args   *shape
	result *shape
	check  func(n ledger.Network, args any, r *Refusal) // nil: the types say it all
	run    func(v *View, args any) (any, *Refusal)
}

// NewMethod makes a method of a function over its arguments' type A, which
// returns a result of type R or a refusal. A and R are structs with cbor
// keyasint and json names on every field; it panics if they are not, if the spec is
// incomplete, or if Permissions has no line for it: those are programmers' errors.
func NewMethod[A, R any](spec Spec, run func(v *View, args A) (R, *Refusal)) Method {
	if !ledger.IsName(spec.Contract) || !ledger.IsName(spec.Name) || spec.Version == 0 || spec.Doc == "" || spec.DocZH == "" {
		panic(fmt.Sprintf("contracts: incomplete method %+v", spec))
	}
	rule, ok := ruleOf(spec.Contract + "." + spec.Name)
	if !ok {
		panic(fmt.Sprintf("contracts: the permission matrix has no line for %s.%s", spec.Contract, spec.Name))
	}
	return Method{
		Spec:   spec,
		Rule:   rule,
		args:   shapeOf(reflect.TypeFor[A]()),
		result: shapeOf(reflect.TypeFor[R]()),
		run: func(v *View, args any) (any, *Refusal) {
			return run(v, *args.(*A))
		},
	}
}

// WithCheck is the method with a check of its arguments that needs no state. Every node
// makes it at submission, also of a call that is only proposed, so that nothing gets on
// the ledger that it refuses.
func WithCheck[A any](m Method, check func(n ledger.Network, args A, r *Refusal)) Method {
	m.check = func(n ledger.Network, args any, r *Refusal) { check(n, *args.(*A), r) }
	return m
}

// readArgs decodes arguments and tells what is wrong with them, whatever the state.
func (m *Method) readArgs(n ledger.Network, raw []byte) (any, *Refusal) {
	args, r := m.decodeArgs(raw)
	if !r.Refuses() && m.check != nil {
		r = new(Refusal)
		m.check(n, args, r)
	}
	if r.Refuses() {
		return nil, r
	}
	return args, nil
}

// FullName is "contract.method".
func (m Method) FullName() string { return m.Contract + "." + m.Name }

// ArgsSchema is the JSON schema of the arguments.
func (m Method) ArgsSchema() json.RawMessage { return m.args.document() }

// ResultSchema is the JSON schema of the result.
func (m Method) ResultSchema() json.RawMessage { return m.result.document() }

// EncodeArgs turns arguments in JSON into the bytes of a body. It refuses
// unknown and missing fields and values out of their bounds. A field may stand under
// another of its names.
func (m Method) EncodeArgs(text []byte) ([]byte, *Refusal) {
	r := new(Refusal)
	text = m.args.named(text, r)
	if m.args.checkJSON(text, "", r); r.Refuses() {
		return nil, r
	}
	args := reflect.New(m.args.typ)
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(args.Interface()); err != nil {
		return nil, Refuse(jsonFailure(err))
	}
	raw := ledger.Encode(args.Interface())
	if _, r := m.decodeArgs(raw); r.Refuses() {
		return nil, r
	}
	return raw, nil
}

// ArgsJSON is the JSON view of arguments that a body carries.
func (m Method) ArgsJSON(raw []byte) (json.RawMessage, error) {
	return m.args.toJSON(raw, ledger.MaxBody)
}

// ResultJSON is the JSON view of the result in an outcome.
func (m Method) ResultJSON(raw []byte) (json.RawMessage, error) {
	return m.result.toJSON(raw, ledger.MaxFile)
}

// decodeArgs reads arguments strictly and checks the bounds their tags declare.
// The common case is one decoding; only bytes that fail are walked again to say
// which field is wrong.
func (m *Method) decodeArgs(raw []byte) (any, *Refusal) {
	args := reflect.New(m.args.typ)
	if err := ledger.Decode(raw, ledger.MaxBody, args.Interface()); err != nil {
		r := new(Refusal)
		m.args.checkCBOR(raw, "", r)
		if !r.Refuses() {
			r.Add(ledger.Failure{Code: EFormat, Field: "args", Reason: ReasonEncoding})
		}
		return nil, r
	}
	if !m.args.checkValue(args.Elem(), walk{}) {
		r := new(Refusal)
		m.args.checkValue(args.Elem(), walk{notes: r})
		return nil, r
	}
	return args.Interface(), nil
}

// A Registry holds the methods of all contracts. It is immutable.
type Registry struct {
	version uint64 // of execution
	methods []Method
	places  map[methodID]int
	names   map[identifier.RecordKind]Names
}

// Names gives the organisations that a record of one kind names, by its number, and
// whether there is such a record.
type Names func(v *View, number string) (parties []string, found bool)

// Naming is the registry with what its contracts tell of their records.
func (g *Registry) Naming(names map[identifier.RecordKind]Names) *Registry {
	of := *g
	of.names = names
	return &of
}

type methodID struct {
	contract string
	version  uint64
	name     string
}

// NewRegistry collects methods, of FirstVersion until NewVersions gives them another
// place. It panics if two have one name and version.
func NewRegistry(methods ...Method) *Registry {
	g := &Registry{version: FirstVersion, methods: slices.Clone(methods), places: make(map[methodID]int)}
	slices.SortFunc(g.methods, func(a, b Method) int {
		if c := bytes.Compare([]byte(a.FullName()), []byte(b.FullName())); c != 0 {
			return c
		}
		return int(a.Version) - int(b.Version)
	})
	for i, m := range g.methods {
		id := methodID{m.Contract, m.Version, m.Name}
		if _, twice := g.places[id]; twice {
			panic(fmt.Sprintf("contracts: two methods %s of version %d", m.FullName(), m.Version))
		}
		g.places[id] = i
	}
	return g
}

// Lookup finds a method.
func (g *Registry) Lookup(contract string, version uint64, name string) (Method, bool) {
	i, ok := g.places[methodID{contract, version, name}]
	if !ok {
		return Method{}, false
	}
	return g.methods[i], true
}

// find gives the method that a body calls, nil if there is none.
func (g *Registry) find(body *ledger.Body) *Method {
	i, ok := g.places[methodID{body.Contract, body.Version, body.Method}]
	if !ok {
		return nil
	}
	return &g.methods[i]
}

// Methods lists all methods by name and version.
func (g *Registry) Methods() []Method { return slices.Clone(g.methods) }
