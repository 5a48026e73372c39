// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// moneyType is checked beside the types of package identifier: it is no number
// of anything, but people mistype it all the same.
const moneyType = "money"

func idCommand(e *env) *cobra.Command {
	return noun("id", "Check numbers of rights, organisations and records", idCheckCommand(e), idListCommand(e))
}

// idAnswer is the JSON form of a checked number.
type idAnswer struct {
	Type      string           `json:"type"`
	Value     string           `json:"value,omitempty"` // as typed; absent where it may name a person
	Canonical string           `json:"canonical"`
	Minor     string           `json:"minor,omitempty"` // of money
	Currency  string           `json:"currency,omitempty"`
	Class     identifier.Class `json:"class"` // of the fault
	Code      string           `json:"code"`
	Message   string           `json:"message,omitempty"`
	MessageZH string           `json:"message_zh,omitempty"`
}

func idCheckCommand(e *env) *cobra.Command {
	var asOf string
	cmd := &cobra.Command{
		Use:   "check TYPE VALUE",
		Short: "Print the canonical form of a number, or the class of its fault",
		Long: `Print the canonical form of a number and exit 0, or the class of its fault
(FORMAT, TYPE, KIND, YEAR, DATE, CHECK, ORGCHECK; for money CURRENCY, SCALE,
RANGE) and exit 1.

Types: ` + strings.Join(checkable(), ", ") + `.
resident_id_detector exits 0 if the value is a resident identity number.`,
		Example: `  ipledger id check patent_number "ZL 2018 1 0234567.3"
  ipledger id check uscc 91510100MA6CA1R24N -o json
  ipledger id check money "CNY 5,000,000.00"`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			today := identifier.DateOf(e.Now().UnixMilli())
			if asOf != "" {
				d, err := identifier.ParseDate(asOf)
				if err != nil {
					return usageError{err}
				}
				today = d
			}
			return e.checkID(args[0], args[1], today)
		},
	}
	cmd.Flags().StringVar(&asOf, "as-of", "", "date YYYY-MM-DD after which a year is in the future (default: today in Shanghai)")
	return cmd
}

func (e *env) checkID(typeName, value string, asOf identifier.Date) error {
	answer := idAnswer{Type: typeName, Value: value}
	var err error
	if typeName == moneyType {
		answer.Canonical, answer.Minor, answer.Currency, err = canonicalMoney(value)
	} else {
		t, known := identifier.Lookup(typeName)
		if !known {
			return wrongCall("unknown type %q: want one of %s", typeName, strings.Join(checkable(), ", "))
		}
		answer.Canonical, err = t.Check(value, asOf)
	}
	t := newTable()
	if err == nil {
		t.add(answer.Canonical)
		return e.show(answer, t)
	}
	var fault *identifier.Error
	if !errors.As(err, &fault) {
		return err
	}
	answer.Value, answer.Class, answer.Code = fault.Value, fault.Class, fault.Class.Code()
	answer.Message, answer.MessageZH = fault.Reason, fault.ReasonZH
	t.add(string(fault.Class))
	if err := e.show(answer, t); err != nil {
		return err
	}
	if e.output == "json" {
		return errAnswered
	}
	return fault
}

// canonicalMoney gives an amount in minor units, as the ledger counts it.
func canonicalMoney(text string) (canonical, minor, currency string, err error) {
	n, currency, err := identifier.ParseMoney(text)
	if err != nil {
		return "", "", "", err
	}
	minor = strconv.FormatInt(n, 10)
	return minor + " " + currency, minor, currency, nil
}

func checkable() []string { return append(identifier.Types(), moneyType) }

func idListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the types of numbers",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			type kind struct {
				Type    string `json:"type"`
				Title   string `json:"title"`
				TitleZH string `json:"title_zh"`
			}
			kinds := []kind{}
			for _, name := range identifier.Types() {
				t, _ := identifier.Lookup(name)
				kinds = append(kinds, kind{name, t.Title, t.TitleZH})
			}
			kinds = append(kinds, kind{moneyType, "amount of money", "金额"})
			t := newTable("TYPE", "TITLE", "名称")
			for _, k := range kinds {
				t.add(k.Type, k.Title, k.TitleZH)
			}
			return e.show(kinds, t)
		},
	}
}
