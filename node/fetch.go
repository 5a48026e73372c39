// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/p2p"
)

// Limits of one answer of block sync. An answer stays below p2p.MaxResponse,
// whatever the blocks hold.
const (
	fetchBlocks = 256
	fetchBytes  = 4 << 20
)

// A blocksRequest asks for certified blocks from a height on.
type blocksRequest struct {
	From uint64 `cbor:"1,keyasint"`
}

type blocksResponse struct {
	Blocks []consensus.CertifiedBlock `cbor:"1,keyasint"`
}

// A fetcher asks members for certified blocks, one request at a time.
type fetcher struct {
	host    *p2p.Host
	members []p2p.MemberID
	fetched chan consensus.Fetched
}

// fetch asks in a goroutine of its own, which ends with the request; the core
// has one request under way at a time and does not count on an answer.
func (f *fetcher) fetch(ctx context.Context, e consensus.Fetch) {
	go func() {
		answer := consensus.Fetched{From: e.From}
		raw, err := f.host.Request(ctx, f.members[e.From], ledger.Encode(blocksRequest{From: e.Height}))
		var response blocksResponse
		if err != nil || ledger.Decode(raw, p2p.MaxResponse, &response) != nil {
			answer.Failed = true
		}
		answer.Blocks = response.Blocks
		select {
		case f.fetched <- answer:
		case <-ctx.Done():
		}
	}()
}

// serveBlocks answers other members' requests from what is FINAL here.
func serveBlocks(s *store.Store, l *log.Log) p2p.Handler {
	return func(ctx context.Context, _ p2p.MemberID, request []byte) ([]byte, error) {
		var r blocksRequest
		if err := ledger.Decode(request, p2p.MaxRequest, &r); err != nil {
			return nil, fmt.Errorf("request for blocks: %w", err)
		}
		top, _ := s.Head()
		var response blocksResponse
		size := 0
		for h := r.From; h >= 1 && h <= top.Header.Height && len(response.Blocks) < fetchBlocks; h++ {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			b, err := certifiedBlock(s, l, h)
			if err != nil {
				return nil, err
			}
			size += len(ledger.Encode(b))
			if size > fetchBytes && len(response.Blocks) > 0 {
				break
			}
			response.Blocks = append(response.Blocks, b)
		}
		return ledger.Encode(response), nil
	}
}

func certifiedBlock(s *store.Store, l *log.Log, height uint64) (consensus.CertifiedBlock, error) {
	block, err := s.Block(height)
	if err != nil {
		return consensus.CertifiedBlock{}, err
	}
	proof, err := s.Proof(height)
	if err != nil {
		return consensus.CertifiedBlock{}, err
	}
	out := consensus.CertifiedBlock{Block: block, Proof: proof}
	prepared, ok, err := l.Prepared(height)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return consensus.CertifiedBlock{}, err
	}
	if ok {
		out.Prepared = []ledger.Certificate{prepared}
	}
	return out, nil
}
