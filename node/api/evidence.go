// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

const pathEvidence = "/v1/evidence"

func (s *server) describeEvidence(a huma.API) {
	register(s, a, operation(http.MethodGet, pathEvidence, "listEvidence", "Evidence against validators, by set, place and kind", levelPublic), s.listEvidence)
	register(s, a, operation(http.MethodGet, pathEvidence+"/{id}", "getEvidence", "One piece of evidence with its file, and a proof of its record on request", levelPublic), s.getEvidence)
}

type evidenceListInput struct {
	Organisation string `query:"organisation" maxLength:"64" doc:"Party id: only against validators of this organisation."`
	PageInput
}

func (s *server) listEvidence(_ context.Context, in *evidenceListInput) (*answer[EvidencePage], error) {
	organisation, err := partyNamed(in.Organisation, "organisation")
	if err != nil {
		return nil, err
	}
	page := EvidencePage{Items: []EvidenceItem{}}
	v, next, err := s.page(in.PageInput, list{prefix: consortium.EvidencePrefix, filter: organisation, take: func(_ *view, key string, value []byte) (bool, error) {
		var record consortium.Record
		if err := decode(key, value, &record); err != nil {
			return false, err
		}
		if organisation != "" && organisation != record.Organisation {
			return false, nil
		}
		_, item, err := openRecord(key, record)
		page.Items = append(page.Items, item)
		return true, err
	}})
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// openRecord reads the evidence in a record.
func openRecord(key string, r consortium.Record) (ledger.Evidence, EvidenceItem, error) {
	var e ledger.Evidence
	if err := ledger.Decode(r.Evidence, ledger.MaxEvidence, &e); err != nil {
		return e, EvidenceItem{}, fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err)
	}
	return e, EvidenceItem{
		ID: r.ID, Offence: e.Offence(), Validator: r.Validator, Organisation: r.Organisation,
		ReportedBy: r.ReportedBy, RecordedHeight: r.Height, RecordedAt: r.RecordedAt,
	}, nil
}

type evidenceInput struct {
	ID string `path:"id" maxLength:"64" doc:"64 hexadecimal digits."`
	PastInput
	Proof bool `query:"proof" doc:"Add the proof file of the record."`
}

func (s *server) getEvidence(_ context.Context, in *evidenceInput) (*answer[RecordedEvidence], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	var key string
	switch ok, err := v.load(consortium.IDKey(id), &key); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, notFound(id.String())
	}
	var record consortium.Record
	switch ok, err := v.load(key, &record); {
	case err != nil:
		return nil, err
	case !ok:
		return nil, fmt.Errorf("%w: evidence %v has no record %s", ledger.ErrCorrupt, id, key)
	}
	out := RecordedEvidence{Place: v.place(), Key: key}
	if out.Evidence, out.Record, err = openRecord(key, record); err != nil {
		return nil, err
	}
	if out.Statement, err = statementOf(key, out.Evidence); err != nil {
		return nil, err
	}
	out.File = ledger.Encode(ledger.NewEvidenceFile(out.Evidence))
	if in.Proof {
		if out.Proof, err = s.proofFile(v, key); err != nil {
			return nil, err
		}
	}
	return answerOf(v, out), nil
}

// statementOf shows the statement in evidence, nil if it has none.
func statementOf(key string, e ledger.Evidence) (*EvidenceStatement, error) {
	if len(e.Statement) == 0 {
		return nil, nil
	}
	var signed ledger.SignedStatement
	if err := ledger.Decode(e.Statement, ledger.MaxStatement, &signed); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ledger.ErrCorrupt, key, err)
	}
	s := signed.Statement
	out := &EvidenceStatement{Round: s.Intent.Round, Prepared: []ledger.Vote{}}
	if len(s.Highest) > 0 {
		out.Highest = &s.Highest[0].Vote
	}
	for _, p := range s.Prepared {
		out.Prepared = append(out.Prepared, p.Certificate.Vote)
	}
	if len(s.Newest) > 0 {
		out.Newest = &s.Newest[0]
	}
	return out, nil
}
