// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/corrections"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/ledger"
)

const (
	pathCorrections   = "/v1/corrections"
	correctionsPrefix = "corrections/"
)

func (s *server) describeCorrections(a huma.API) {
	register(s, a, operation(http.MethodGet, pathCorrections, "listCorrections", "Annotations and corrections of entries, by the record or the transaction that they are about, for members", levelMember), s.listCorrections)
}

type correctionsInput struct {
	Subject     string `query:"subject" maxLength:"64" doc:"Number of a pledge or a freeze, or a right id." example:"IPR-510100-20260301-0000001-M"`
	Transaction string `query:"transaction" maxLength:"64" doc:"Of the entry that they are about: 64 hexadecimal digits."`
	PastInput
	PageInput
}

func (s *server) listCorrections(_ context.Context, in *correctionsInput) (*answer[CorrectionPage], error) {
	l := list{prefix: correctionsPrefix, past: in.PastInput, filter: strings.Join([]string{in.Subject, in.Transaction}, "\n")}
	if in.Subject != "" {
		number, err := identifier.PlatformNumber(in.Subject)
		if err != nil {
			return nil, refused(http.StatusBadRequest, contracts.IdentifierFailure(err, "subject"))
		}
		in.Subject = number.Canonical
		l.spans = always(exactly(corrections.SubjectTerm(in.Subject)))
	}
	if in.Transaction != "" {
		id, err := parseID(in.Transaction)
		if err != nil {
			return nil, invalid("transaction", contracts.ReasonValue)
		}
		l.prefix, l.spans = corrections.RecordPrefix(id), nil
	}
	page := CorrectionPage{Items: []corrections.Record{}}
	l.take = func(_ *view, key string, value []byte) (bool, error) {
		var record corrections.Record
		if err := decode(key, value, &record); err != nil {
			return false, err
		}
		wanted := in.Subject == "" || in.Subject == record.Subject
		if wanted {
			page.Items = append(page.Items, record)
		}
		return wanted, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// underReview tells whether the entry of one of some transactions is under review.
func (v *view) underReview(transactions ...ledger.Hash) (bool, error) {
	for _, id := range transactions {
		var review corrections.Review
		if _, err := v.load(corrections.ReviewKey(id), &review); err != nil || review.Open() {
			return err == nil, err
		}
	}
	return false, nil
}

// saidOf adds to what became of a transaction what people say of its entry: to all that
// it is under review, to members the rest.
func (v *view) saidOf(tx *Transaction, member bool) error {
	var review corrections.Review
	known, err := v.load(corrections.ReviewKey(tx.ID), &review)
	if err != nil {
		return err
	}
	tx.UnderReview = review.Open()
	if !member {
		return nil
	}
	if known {
		tx.Review = &review
	}
	return v.each(corrections.RecordPrefix(tx.ID), func(key string, value []byte) error {
		var record corrections.Record
		err := decode(key, value, &record)
		tx.Corrections = append(tx.Corrections, record)
		return err
	})
}
