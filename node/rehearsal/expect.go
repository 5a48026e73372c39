// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/ledger"
)

// An Expectation is how a step or a request shall end. The zero value is "ok".
type Expectation struct {
	Code   string
	Ground string // of the registrar, or a reason: what people know is one of both
	Reason string
}

// OK tells that no refusal is expected.
func (e Expectation) OK() bool { return e == Expectation{} }

func (e Expectation) String() string { return e.in(english) }

// isGround finds the grounds of the three registrars: R09, T04_FROZEN.
var isGround = regexp.MustCompile(`^[RTC][0-9]{2}(_[A-Z0-9_]+)?$`)

// expectationOf reads "ok", a refusal in a text, or a table of what it has.
func expectationOf(v any) (e Expectation, err error) {
	switch v := v.(type) {
	case nil:
		return e, nil
	case string:
		if strings.EqualFold(strings.TrimSpace(v), okWord) {
			return e, nil
		}
		e, err = refusalIn(v)
	case map[string]any:
		e, err = refusalOfTable(v)
	default:
		return e, fmt.Errorf(`expect: %v is neither "ok" nor a code`, v)
	}
	if err == nil && e.Code != "" && !slices.Contains(codes, e.Code) {
		err = fmt.Errorf("expect: no refusal has the code %s; do you mean %s?", e.Code, strings.Join(nearest(e.Code), ", "))
	}
	return e, err
}

const okWord = "ok"

// refusalIn reads a code with what is finer, or a ground alone: E_PLEDGED(reservation),
// E_PLEDGED / R09_ALREADY_PLEDGED.
func refusalIn(text string) (e Expectation, err error) {
	parts := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return strings.ContainsRune(" /(),:;（），：／", r) })
	if len(parts) > 0 && strings.HasPrefix(parts[0], "E_") {
		e.Code, parts = parts[0], parts[1:]
	} else if len(parts) == 0 || !isGround.MatchString(parts[0]) {
		return e, fmt.Errorf(`expect: %q is neither "ok" nor a code such as E_ROLE`, text)
	}
	switch len(parts) {
	case 2:
		e.Reason = parts[1]
		fallthrough
	case 1:
		e.Ground = parts[0]
	case 0:
	default:
		return e, fmt.Errorf("expect: %q has more than a code, a ground and a reason", text)
	}
	return e, nil
}

func refusalOfTable(table map[string]any) (e Expectation, err error) {
	for _, name := range sorted(table) {
		text, ok := table[name].(string)
		field, known := map[string]*string{"code": &e.Code, "ground": &e.Ground, "reason": &e.Reason}[name]
		switch {
		case !known:
			return e, fmt.Errorf("expect: there is no key %q, only code, ground and reason", name)
		case !ok || text == "":
			return e, fmt.Errorf("expect: %s is no text", name)
		}
		*field = strings.ToUpper(strings.TrimSpace(text))
	}
	switch {
	case e == Expectation{}:
		return e, errors.New(`expect: an empty table; want "ok", a code such as E_ROLE, or a ground`)
	case e.Code == strings.ToUpper(okWord) && e.Ground == "" && e.Reason == "":
		return Expectation{}, nil
	case e.Code != "" && !strings.HasPrefix(e.Code, "E_"):
		return e, fmt.Errorf(`expect: %q is neither "ok" nor a code such as E_ROLE`, e.Code)
	}
	return e, nil
}

// metBy tells whether one of the rules that were broken is the one expected. Which of
// several comes first is no matter of a story.
func (e Expectation) metBy(broken []ledger.Failure) bool {
	if e.OK() {
		return len(broken) == 0
	}
	return slices.ContainsFunc(broken, func(f ledger.Failure) bool {
		return (e.Code == "" || e.Code == f.Code) &&
			(begins(f.Ground, e.Ground) || begins(f.Reason, e.Ground)) && begins(f.Reason, e.Reason)
	})
}

// begins tells whether a name is the one that is meant, which may be cut at one of its
// underscores, or left out.
func begins(name, meant string) bool {
	return meant == "" || name == meant || strings.HasPrefix(name, meant+"_")
}
