// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ipledger/ipledger/contracts/identifier"
)

// patents gives distinct valid patent numbers. The numbers of one seed are the
// same on every machine.
type patents struct {
	offset uint64
	next   uint64
	today  identifier.Date
}

// Patent numbers have room for 7 digits a year and kind; inventions of these
// years are enough for 220 million.
const (
	firstYear  = 2004
	patentYear = 22
	serials    = 10_000_000
)

func newPatents(seed uint64, today identifier.Date) *patents {
	return &patents{offset: rand.New(rand.NewPCG(seed, 0)).Uint64N(patentYear * serials), today: today}
}

// take gives the next number in its canonical form. It is a bug of this program
// if the number is not valid.
func (p *patents) take() (string, error) {
	// The step has no factor in common with the count, so that no number comes
	// twice and neighbours in time are no neighbours in the ledger.
	n := (p.offset + p.next*7_654_321) % (patentYear * serials)
	p.next++
	digits := fmt.Sprintf("%04d1%07d", firstYear+n/serials, n%serials)
	number, err := identifier.PatentNumber(digits+identifier.PatentCheck(digits), p.today)
	return number.Canonical, err
}

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditCode gives the n-th of 10 million valid unified social credit codes of
// made-up firms in Chengdu. There are few enough to try: each of the two check
// characters is found by asking.
func creditCode(n int) (string, error) {
	for _, organisation := range "0123456789X" {
		for _, check := range creditAlphabet {
			code := fmt.Sprintf("91510100M%07d%c%c", n, organisation, check)
			if _, err := identifier.USCC(code); err == nil {
				return code, nil
			}
		}
	}
	return "", fmt.Errorf("no credit code of firm %s", strings.TrimSpace(fmt.Sprint(n)))
}
