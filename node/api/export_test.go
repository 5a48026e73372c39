// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/ledger/keys"
)

// Document gives the OpenAPI document without a node.
func Document() *huma.OpenAPI {
	s := &server{}
	s.Version = "test"
	return s.describe(http.NewServeMux()).OpenAPI()
}

// A NonceStore is the memory for nonces with a small room.
type NonceStore struct{ n *nonces }

func NewNonceStore(key, share, total int) NonceStore {
	return NonceStore{newNonces(nonceLimits{key: key, share: share, total: int64(total)})}
}

func (s NonceStore) Use(key, nonce string, now time.Time) (fresh, full bool) {
	return s.n.use(key, nonce, now)
}

// ReadSigned reads a signed request as the server does.
func ReadSigned(r *http.Request, body []byte) (SignedString, keys.Signature, error) {
	s, signature, _, err := readSigned(r)
	if err == nil {
		err = checkDigest(s, body)
	}
	return s, signature, err
}
