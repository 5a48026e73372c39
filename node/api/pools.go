// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/pools"
)

func (s *server) describePools(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/pools/{pool_no}", "getPool", "One pool of rights that are financed together; its pledges are found by /v1/pledges?pool_no=", levelMember), s.getPool)
}

// A Pool is the record of a pool.
type Pool struct {
	Place
	Record pools.Record `json:"record"`
}

type poolInput struct {
	PoolNo string `path:"pool_no" maxLength:"64" example:"POL-510100-20260701-0000001-8"`
	PastInput
}

func (s *server) getPool(_ context.Context, in *poolInput) (*answer[Pool], error) {
	var out Pool
	v, _, err := s.numbered(in.PoolNo, "pool_no", identifier.PoolRecord, in.PastInput, pools.RecordKey, &out.Record)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out.Place = v.place()
	return answerOf(v, out), nil
}
