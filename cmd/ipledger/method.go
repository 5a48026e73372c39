// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func knownMethods() []contracts.Method { return registry.New().Methods() }

// methodAnswer is the JSON form of a method.
type methodAnswer struct {
	Method       string                `json:"method"`
	Version      uint64                `json:"version"`
	Doc          string                `json:"doc"`
	DocZH        string                `json:"doc_zh"`
	Actors       []contracts.PartyRole `json:"actors,omitempty"`
	Roles        []string              `json:"roles"`
	May          []string              `json:"may,omitempty"`
	Others       []string              `json:"others,omitempty"`
	NewKey       string                `json:"new_key,omitempty"`
	ByNode       bool                  `json:"by_node,omitempty"`
	Vote         bool                  `json:"vote,omitempty"`
	ArgsSchema   json.RawMessage       `json:"args_schema"`
	ResultSchema json.RawMessage       `json:"result_schema"`
}

func methodAnswerOf(m contracts.Method) methodAnswer {
	return methodAnswer{
		Method: m.FullName(), Version: m.Version, Doc: m.Doc, DocZH: m.DocZH,
		Actors: m.Rule.Actors, Roles: m.Rule.Roles, May: m.Rule.May, Others: m.Rule.Others, NewKey: m.Rule.NewKey, ByNode: m.Rule.ByNode,
		Vote:       m.Rule.Vote,
		ArgsSchema: m.ArgsSchema(), ResultSchema: m.ResultSchema(),
	}
}

func (a methodAnswer) signedBy() string {
	if a.Vote {
		return "nobody alone: decided by a vote"
	}
	var actors []string
	for _, role := range a.Actors {
		actors = append(actors, string(role))
	}
	text := strings.Join(a.Roles, "+")
	switch may := strings.Join(a.May, "/"); {
	case may == "":
	case text == "":
		text = may
	default:
		text += " (or +" + may + ")" // it may be there and need not
	}
	if len(actors) > 0 {
		text += " of " + strings.Join(actors, "/")
	}
	for _, further := range append(slices.Clone(a.Others), filled(a.NewKey)...) {
		text += ", " + further
	}
	if a.ByNode {
		text += " or " + contracts.Validator
	}
	return text
}

func (e *env) showMethod(m contracts.Method) error {
	a := methodAnswerOf(m)
	t := newTable()
	t.fact("method", fmt.Sprintf("%s v%d", a.Method, a.Version))
	t.fact("signed by", a.signedBy())
	t.fact("", a.Doc)
	t.fact("", a.DocZH)
	t.fact("arguments", string(a.ArgsSchema))
	t.fact("result", string(a.ResultSchema))
	return e.show(a, t)
}

// A front is a command for one method: its flags are the method's arguments.
type front struct {
	verb    string
	method  string   // contract.method
	subject string   // argument that is given without a flag; "": none is
	acting  []string // lists of parties that hold the actor alone if they are not given
}

// command makes the command. Flags follow from the schema of the arguments, so
// that they cannot differ from what the ledger takes. It panics if there is no
// such method, since the fronts are part of the program.
func (f front) command(e *env) *cobra.Command {
	method, err := lookupMethod(f.method)
	if err != nil {
		panic(err)
	}
	var s schema
	if err := json.Unmarshal(method.ArgsSchema(), &s); err != nil {
		panic(fmt.Sprintf("schema of %s: %v", f.method, err))
	}
	var submit submitFlags
	args := make(argumentFlags)
	cmd := &cobra.Command{
		Use:   strings.TrimSpace(f.verb + " " + strings.ToUpper(f.subject)),
		Short: e.text(method.Doc, method.DocZH),
		Long: fmt.Sprintf(`%s
%s

Signed by: %s.
Arguments are those of %s; what comes back is verified, see: ipledger tx submit --help.`,
			method.Doc, method.DocZH, methodAnswerOf(method).signedBy(), f.method),
		Args: cobra.ExactArgs(len(filled(f.subject))),
		RunE: func(cmd *cobra.Command, positional []string) error {
			n, err := suiteOf(submit.genesis)
			if err != nil {
				return err
			}
			object, err := args.object(n)
			if err != nil {
				return err
			}
			if err := f.addSubject(object, s, positional); err != nil {
				return err
			}
			for _, name := range f.acting {
				if _, given := object[name]; !given {
					object[name] = []string{submit.actor}
				}
			}
			text, err := json.Marshal(object)
			if err != nil {
				return fmt.Errorf("arguments: %w", err)
			}
			return e.submit(cmd.Context(), submit, call{method, text})
		},
	}
	submit.add(e, cmd)
	for _, name := range s.order() {
		if name == f.subject || f.subject == claimedRight && (name == "type" || name == "number") {
			continue
		}
		needed := slices.Contains(s.Required, name) && !slices.Contains(f.acting, name)
		args.add(cmd, []string{name}, s.Properties[name], needed)
	}
	return cmd
}

// claimedRight stands for two arguments, type and number, given as TYPE:NUMBER.
const claimedRight = "type:number"

func (f front) addSubject(object map[string]any, s schema, given []string) error {
	switch property := s.Properties[f.subject]; {
	case f.subject == "":
	case f.subject == "uscc" && isLEI(given[0]): // of one without a credit code
		object["lei"] = given[0]
	case f.subject == claimedRight:
		object["type"], object["number"] = splitRight(given[0])
	case property.Type == "array":
		object[f.subject] = given
	default:
		value, err := (argument{path: []string{f.subject}, schema: property, text: &given[0]}).value(nil)
		if err != nil {
			return err
		}
		object[f.subject] = value
	}
	return nil
}

// isLEI tells of a party id as typed whether it is an LEI.
func isLEI(typed string) bool {
	id, err := identifier.PartyID(typed)
	return err == nil && identifier.IsLEI(id)
}

// splitRight reads TYPE:NUMBER. Without a type the number is a patent's.
func splitRight(text string) (rightType, number string) {
	before, after, typed := strings.Cut(text, ":")
	if !typed {
		return "PATENT", text
	}
	return strings.ToUpper(strings.TrimSpace(before)), after
}

// suiteOf reads the suite of the network, which arguments that are hashes of
// files need.
func suiteOf(genesis string) (keys.Suite, error) {
	n, err := readGenesis(genesis)
	return n.trust.Suite, err
}

// A schema is what a front reads of the JSON schema of arguments.
type schema struct {
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Properties map[string]schema `json:"properties"`
	Required   []string          `json:"required"`
	Items      *schema           `json:"items"`
	Key        uint64            `json:"x-cbor-key"`
}

// order lists the properties as the method declares them.
func (s schema) order() []string {
	var names []string
	for name := range s.Properties {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return int(s.Properties[a].Key) - int(s.Properties[b].Key) })
	return names
}

// argumentFlags holds the arguments of one front by flag.
type argumentFlags map[string]argument

type argument struct {
	path   []string // into the arguments
	schema schema
	given  func() bool
	texts  *[]string // of a list
	text   *string   // of everything else
	set    *bool     // of a switch
}

// add adds the flags of one argument; those of a record are added one by one.
func (a argumentFlags) add(cmd *cobra.Command, path []string, s schema, needed bool) {
	if s.Type == "object" {
		for _, name := range s.order() {
			a.add(cmd, append(slices.Clone(path), name), s.Properties[name], false)
		}
		return
	}
	name := flagName(path)
	if cmd.Flags().Lookup(name) != nil {
		name = "arg-" + name // a flag of every submission has this name
	}
	out := argument{path: path, schema: s, texts: new([]string), text: new(string), set: new(bool)}
	switch {
	case s.Type == "boolean":
		cmd.Flags().BoolVar(out.set, name, false, usage(path, s))
	case s.Type == "array" && s.Items != nil && s.Items.Type == "object":
		cmd.Flags().StringArrayVar(out.texts, name, nil, usage(path, *s.Items)+" as JSON; may be repeated")
	case s.Type == "array" && s.Items != nil:
		cmd.Flags().StringSliceVar(out.texts, name, nil, usage(path, *s.Items)+"; may be repeated")
	default:
		cmd.Flags().StringVar(out.text, name, "", usage(path, s))
	}
	out.given = func() bool { return cmd.Flags().Changed(name) }
	a[name] = out
	if needed {
		require(cmd, name)
	}
}

// flagName joins a path: evidence.captured_at is --evidence-captured-at, and
// evidence.evidence_hash is --evidence-hash.
func flagName(path []string) string {
	name := path[len(path)-1]
	for _, outer := range path[:len(path)-1] {
		name = outer + "_" + strings.TrimPrefix(name, outer+"_")
	}
	return strings.ReplaceAll(name, "_", "-")
}

// usage says what an argument takes.
func usage(path []string, s schema) string {
	name := strings.Join(path, ".")
	switch {
	case len(s.Enum) > 0:
		return name + ": " + strings.Join(s.Enum, ", ")
	case s.Format == "public-key":
		return name + ": public key, or a key file"
	case s.Format == "hash":
		return name + ": 32 bytes in hexadecimal, or @FILE to hash a file"
	case isTime(path, s):
		return name + ": time, RFC 3339 or ms since 1970 UTC"
	case s.Format != "":
		return name + ": " + s.Format
	}
	return name
}

// isTime tells the integers that are times by their names.
func isTime(path []string, s schema) bool {
	name := path[len(path)-1]
	return s.Type == "integer" && (strings.HasSuffix(name, "_time") || strings.HasSuffix(name, "_at") || name == "from" || name == "until")
}

// object gives the arguments whose flags were given.
func (a argumentFlags) object(suite keys.Suite) (map[string]any, error) {
	object := make(map[string]any)
	for name, argument := range a {
		if !argument.given() {
			continue
		}
		value, err := argument.value(suite)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", name, err)
		}
		at := object
		for _, outer := range argument.path[:len(argument.path)-1] {
			inner, ok := at[outer].(map[string]any)
			if !ok {
				inner = make(map[string]any)
				at[outer] = inner
			}
			at = inner
		}
		at[argument.path[len(argument.path)-1]] = value
	}
	return object, nil
}

func (a argument) value(suite keys.Suite) (any, error) {
	s := a.schema
	switch {
	case s.Type == "boolean":
		return *a.set, nil
	case s.Type == "array" && s.Items != nil && s.Items.Type == "object":
		list := []json.RawMessage{}
		for _, text := range *a.texts {
			if !json.Valid([]byte(text)) {
				return nil, wrongCall("%q is not JSON", text)
			}
			list = append(list, json.RawMessage(text))
		}
		return list, nil
	case s.Type == "array":
		return *a.texts, nil
	case isTime(a.path, s):
		return parseMoment(*a.text)
	case s.Type == "integer":
		n, err := strconv.ParseInt(*a.text, 10, 64)
		if err != nil {
			return nil, wrongCall("%q is no integer", *a.text)
		}
		return n, nil
	case s.Format == "public-key":
		if public, err := keys.ParsePublicKey(*a.text); err == nil {
			return public, nil
		}
		return keys.ReadPublic(*a.text)
	case s.Format == "hash":
		return hashArgument(suite, *a.text)
	}
	return *a.text, nil
}

func parseMoment(text string) (int64, error) {
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return ms, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, wrongCall("%q: want RFC 3339, such as 2026-03-12T10:21:00+08:00, or ms since 1970 UTC", text)
	}
	return t.UnixMilli(), nil
}

// hashArgument reads a hash, or hashes the file named after an @.
func hashArgument(suite keys.Suite, text string) (ledger.Hash, error) {
	path, isFile := strings.CutPrefix(text, "@")
	if !isFile {
		h, err := keys.ParseHash(text)
		if err != nil {
			return ledger.Hash{}, usageError{err}
		}
		return h, nil
	}
	content, err := readFile(path)
	if err != nil {
		return ledger.Hash{}, err
	}
	return suite.Sum(content), nil
}
