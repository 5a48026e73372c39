// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/ledger"
)

func (s *server) describeCertificates(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/certificates/{certificate_no}", "getCertificate", "One certificate of a pledge, whether it still holds, and what it certifies", levelPublic), s.getCertificate)
}

// A PledgeCertificate is the ledger's number for one version of a pledge, with what the pledge
// was then and what it is at the block.
type PledgeCertificate struct {
	Place
	Record       pledges.Certificate `json:"record"`
	Status       string              `json:"status" enum:"VALID,SUPERSEDED,ENDED" doc:"SUPERSEDED: the pledge has a newer one; ENDED: the newest of a pledge that is not live."`
	SupersededBy string              `json:"superseded_by,omitempty" doc:"The newest certificate of the pledge."`
	State        pledges.State       `json:"state" doc:"Of the pledge, at the block's time."`
	IssuedHeight uint64              `json:"issued_height"`
	AtIssue      *pledges.Record     `json:"at_issue" doc:"What it certifies: the pledge's public record as the block of its issue left it."`
	Now          pledges.Record      `json:"now" doc:"The pledge's public record at the block."`
}

// The statuses of a certificate.
const (
	certificateValid      = "VALID"
	certificateSuperseded = "SUPERSEDED"
	certificateEnded      = "ENDED"
)

type certificateInput struct {
	CertificateNo string `path:"certificate_no" maxLength:"64" example:"CRT-510100-20260312-0000001-F"`
	PastInput
}

func (s *server) getCertificate(_ context.Context, in *certificateInput) (*answer[PledgeCertificate], error) {
	out := PledgeCertificate{Status: certificateValid}
	v, number, err := s.numbered(in.CertificateNo, "certificate_no", identifier.CertificateRecord, in.PastInput, pledges.CertificateKey, &out.Record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out.Place = v.place()
	pledge := pledges.RecordKey(out.Record.PledgeNo)
	if ok, err := v.load(pledge, &out.Now); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("%w: certificate %s is of a pledge that is not there", ledger.ErrCorrupt, number)
	}
	if out.State, err = v.pledgeState(out.Now); err != nil {
		return nil, err
	}
	switch {
	case out.Now.CertificateNo != number:
		out.Status, out.SupersededBy = certificateSuperseded, out.Now.CertificateNo
	case !out.State.Live():
		out.Status = certificateEnded
	}
	if err := v.Written(pledges.CertificateKey(number), v.header.Height, func(height uint64) bool {
		out.IssuedHeight = height // it is written once
		return false
	}); err != nil {
		return nil, pruned(err)
	}
	then, err := s.viewOf(out.IssuedHeight)
	if err != nil {
		return nil, err
	}
	defer then.close()
	out.AtIssue = new(pledges.Record)
	if _, err := then.load(pledge, out.AtIssue); err != nil {
		return nil, err
	}
	return answerOf(v, out), nil
}
