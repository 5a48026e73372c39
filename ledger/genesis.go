// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ipledger/ipledger/ledger/keys"
)

// GenesisFormat is the format field of a genesis file.
const GenesisFormat = "ipledger-genesis/1"

// A Genesis holds the facts that all nodes of a network share. The hash of its
// file, byte for byte, by the network's own hash function, is the network's
// identity and everybody's trust anchor.
type Genesis struct {
	Format     string          `json:"format"`
	Name       string          `json:"name"`
	Suite      string          `json:"suite"` // ed25519 or sm2
	Time       time.Time       `json:"time"`
	Validators []Validator     `json:"validators"`
	State      json.RawMessage `json:"state"` // first records, read by the contracts
}

// ErrGenesis says that a file is no genesis file, or a damaged one.
var ErrGenesis = errors.New("genesis file")

// ParseGenesis reads a genesis file and derives the trust it gives. Errors wrap
// ErrInvalid and ErrGenesis.
func ParseGenesis(file []byte) (*Genesis, Trust, error) {
	var g Genesis
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		return nil, Trust{}, fmt.Errorf("%w: %w: %w", ErrInvalid, ErrGenesis, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, Trust{}, fmt.Errorf("%w: %w: bytes after its end", ErrInvalid, ErrGenesis)
	}
	if err := oneReading(file); err != nil {
		return nil, Trust{}, fmt.Errorf("%w: %w: %w", ErrInvalid, ErrGenesis, err)
	}
	suite, err := g.check()
	if err != nil {
		return nil, Trust{}, fmt.Errorf("%w: %w: %w", ErrInvalid, ErrGenesis, err)
	}
	t := Trust{
		Network: Network{Suite: suite, Chain: suite.Sum(file)},
		Sets:    []ValidatorSet{{Number: 0, Members: g.Validators}},
	}
	return &g, t, nil
}

func (g *Genesis) check() (keys.Suite, error) {
	if g.Format != GenesisFormat {
		return nil, fmt.Errorf("format is %q, this program reads %q", g.Format, GenesisFormat)
	}
	suite, err := keys.SuiteByName(g.Suite)
	if err != nil {
		return nil, err
	}
	if g.Time.UnixMilli() <= 0 {
		return nil, errors.New("time is missing")
	}
	if err := (ValidatorSet{Members: g.Validators}).Check(suite); err != nil {
		return nil, err
	}
	return suite, nil
}

// oneReading refuses what readers of JSON take differently, so that a file which
// two people looked at with two programs says the same to both: text that is not
// UTF-8, and a name that an object has twice, also in another case, since our
// own reader ignores case.
func oneReading(file []byte) error {
	if !utf8.Valid(file) {
		return errors.New("text is not UTF-8")
	}
	return oneReadingOf(json.NewDecoder(bytes.NewReader(file)))
}

// oneReadingOf reads one value of d, which is known to be well formed.
func oneReadingOf(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	taken := make(map[string]bool)
	for d.More() {
		if open == '{' {
			token, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := token.(string)
			folded := strings.ToLower(strings.ToUpper(name))
			if taken[folded] {
				return fmt.Errorf("an object has two fields %q", name)
			}
			taken[folded] = true
		}
		if err := oneReadingOf(d); err != nil {
			return err
		}
	}
	_, err = d.Token() // the closing bracket
	return err
}
