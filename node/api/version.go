// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
)

// Versions are the versions of the API that this program serves and asks for,
// oldest first. Version n has its paths below /v<n>/.
var Versions = []int{1}

const pathVersion = "/version"

// A Speech is the answer of GET /version: what a node speaks. The path and these
// fields stay the same in every version of the API, so that programs of
// different age can tell each other why they do not understand one another.
type Speech struct {
	Program string  `json:"program"` // always "ipledger"
	Version string  `json:"version"` // of the program
	API     []int   `json:"api_versions"`
	Formats Formats `json:"formats"`
}

// Formats are the versions of everything that is kept or exchanged. The newest
// that a program reads is the one it writes.
type Formats struct {
	Genesis           string `json:"genesis"`
	Receipt           string `json:"receipt"`
	Proof             string `json:"proof"`
	Evidence          string `json:"evidence"`
	Header            uint64 `json:"header"`
	Execution         uint64 `json:"execution"` // the newest of the rules that transactions are judged by
	LedgerDatabase    int    `json:"ledger_database"`
	ConsensusDatabase int    `json:"consensus_database,omitempty"` // of a node
}

// CurrentFormats are those of this program, but for what only a node knows.
func CurrentFormats() Formats {
	return Formats{
		Genesis: ledger.GenesisFormat, Receipt: ledger.ReceiptFormat, Proof: state.StatementFormat, Evidence: ledger.EvidenceFormat,
		Header: ledger.HeaderVersion, Execution: registry.Versions().Newest(), LedgerDatabase: store.Format,
	}
}

// version says what this node speaks.
func (s *server) version(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, Speech{Program: "ipledger", Version: s.Version, API: Versions, Formats: s.Formats})
}

// A VersionError says that a node speaks no version of the API that this program
// speaks. Nothing was changed: no request was understood.
type VersionError struct {
	Node   Speech
	Speaks []int // versions of this program
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("the node (%s) speaks version %s of the API and this program %s; nothing was changed; %s",
		e.Node.Version, listed(e.Node.API), listed(e.Speaks), e.advice("use a newer ipledger", "ask a node that was upgraded"))
}

// Chinese is Error in Chinese.
func (e *VersionError) Chinese() string {
	return fmt.Sprintf("节点（%s）支持的接口版本为 %s，本程序支持 %s；未作任何变更；%s",
		e.Node.Version, listed(e.Node.API), listed(e.Speaks), e.advice("请使用更新的 ipledger", "请改用已升级的节点"))
}

func (e *VersionError) advice(older, newer string) string {
	if len(e.Node.API) > 0 && slices.Max(e.Node.API) < slices.Min(e.Speaks) {
		return newer
	}
	return older
}

func listed(versions []int) string {
	var texts []string
	for _, v := range versions {
		texts = append(texts, fmt.Sprint(v))
	}
	return strings.Join(texts, ", ")
}

// Speech asks a node what it speaks, whatever its age.
func (c *Client) Speech(ctx context.Context) (Speech, error) {
	status, raw, _, err := c.send(ctx, http.MethodGet, pathVersion, nil, nil, "application/json")
	var out Speech
	switch {
	case err != nil:
		return out, err
	case status != http.StatusOK || json.Unmarshal(raw, &out) != nil || out.Program != "ipledger":
		return Speech{}, fmt.Errorf("GET %s: %w: HTTP status %d, and not the answer of a node", pathVersion, ErrUnreachable, status)
	}
	return out, nil
}

// understand looks for the reason of a failure in the versions: a node that does
// not know a path may be of another age. Requests that succeed never ask.
func (c *Client) understand(ctx context.Context, failure error) error {
	var p *Problem
	noRoute := errors.As(failure, &p) && slices.ContainsFunc(p.Details, func(d Detail) bool { return d.Reason == ReasonRoute })
	if !noRoute && (p != nil || !errors.Is(failure, ledger.ErrNotFound)) {
		return failure
	}
	node, err := c.Speech(ctx)
	if err != nil && p == nil {
		return fmt.Errorf("%w: it is no node: %w", ErrUnreachable, failure)
	}
	if err != nil || slices.ContainsFunc(node.API, func(v int) bool { return slices.Contains(Versions, v) }) {
		return failure
	}
	return &VersionError{Node: node, Speaks: Versions}
}
