// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

func (s *server) describeBlocks(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/blocks", "listBlocks", "FINAL blocks by height, for members", levelMember), s.listBlocks)
	register(s, a, operation(http.MethodGet, "/v1/blocks/{height}", "getBlock", "One FINAL block with its transactions, for members", levelMember), s.getBlock)
}

type blocksInput struct {
	From  string `query:"from" maxLength:"20" pattern:"^[0-9]*$" doc:"First height. Absent: so that the newest block comes last."`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (s *server) listBlocks(_ context.Context, in *blocksInput) (*answer[BlockPage], error) {
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	newest, limit := v.header.Height, uint64(in.Limit)
	from := newest - min(newest, limit-1)
	if in.From != "" { // 0 is a height, so an absent one must be told from it
		if from, err = strconv.ParseUint(in.From, 10, 64); err != nil {
			return nil, invalid("from", contracts.ReasonValue)
		}
	}
	page := BlockPage{Place: v.place(), Items: []BlockItem{}}
	for height := from; height <= newest; height++ {
		if uint64(len(page.Items)) == limit {
			page.Next = height
			break
		}
		block, err := s.Store.Block(height)
		if err != nil {
			return nil, err
		}
		page.Items = append(page.Items, BlockItem{
			Hash: s.Trust.HeaderHash(block.Header), Header: block.Header, Transactions: len(block.Transactions),
		})
	}
	return answerOf(v, page), nil
}

type blockInput struct {
	Height uint64 `path:"height"`
}

func (s *server) getBlock(_ context.Context, in *blockInput) (*answer[Block], error) {
	if in.Height > s.Node.Head().Header.Height {
		return nil, notYet("height")
	}
	b, err := s.blockParts(in.Height)
	if err != nil {
		return nil, err
	}
	out := Block{Hash: s.Trust.HeaderHash(b.proof.Header), Proof: b.proof, Transactions: []BlockTransaction{}}
	for i := range b.transactions {
		t, err := s.blockTransaction(b, i)
		if err != nil {
			return nil, err
		}
		out.Transactions = append(out.Transactions, t)
	}
	return &answer[Block]{LedgerHeaders: s.headersOf(b.proof.Header), CacheControl: forMembers, Body: out}, nil
}

// blockParts is all that the ledger holds of a block.
type blockParts struct {
	proof        ledger.Certified // of the genesis block only the header
	transactions [][]byte
	outcomes     [][]byte
}

func (s *server) blockParts(height uint64) (blockParts, error) {
	block, err := s.Store.Block(height)
	if err != nil {
		return blockParts{}, err
	}
	b := blockParts{proof: ledger.Certified{Header: block.Header}, transactions: block.Transactions}
	if height > 0 {
		if b.proof, err = s.Store.Proof(height); err != nil {
			return blockParts{}, err
		}
	}
	b.outcomes, err = s.Store.Outcomes(height)
	if err == nil && len(b.outcomes) != len(b.transactions) {
		err = fmt.Errorf("%w: block %d has %d transactions and %d outcomes", ledger.ErrCorrupt, height, len(b.transactions), len(b.outcomes))
	}
	return b, err
}

// blockTransaction gives the JSON view of one transaction of a block.
func (s *server) blockTransaction(b blockParts, index int) (BlockTransaction, error) {
	corrupt := func(err error) (BlockTransaction, error) {
		return BlockTransaction{}, fmt.Errorf("%w: block %d, transaction %d: %w", ledger.ErrCorrupt, b.proof.Header.Height, index, err)
	}
	tx, err := ledger.DecodeTransaction(s.Trust.Network, b.transactions[index])
	if err != nil {
		return corrupt(err)
	}
	o, err := decodeOutcome(b.outcomes[index])
	if err != nil {
		return corrupt(err)
	}
	body := tx.Body()
	out := BlockTransaction{
		ID: tx.ID(), Index: index, Status: o.Status.String(),
		Contract: body.Contract, Version: body.Version, Method: body.Method,
		Actor: body.Actor, ClientRef: body.ClientRef, ValidUntil: body.ValidUntil,
		Signers: signersOf(body), Raw: tx.Bytes(),
	}
	if out.Outcome, err = s.outcome(body, &o); err != nil {
		return corrupt(err)
	}
	// Arguments of a rejected transaction may be anything.
	if m, ok := s.Versions.Latest().Lookup(body.Contract, body.Version, body.Method); ok {
		if args, err := m.ArgsJSON(body.Args); err == nil {
			out.Args = args
		}
	}
	return out, nil
}

func signersOf(body *ledger.Body) []DraftSigner {
	out := make([]DraftSigner, 0, len(body.Signers))
	for _, s := range body.Signers {
		out = append(out, DraftSigner{Organisation: s.Organisation, Role: s.Role, Alg: string(s.Key.Algorithm), PublicKey: s.Key})
	}
	return out
}
