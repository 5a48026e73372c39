// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/consortium"
	"github.com/ipledger/ipledger/ledger"
)

// The answers about what the members decide: rules and proposals.

// Parameters are the figures in force, in the order of the table.
type Parameters struct {
	Place
	Version uint64      `json:"version" doc:"Of the parameters; each change makes another."`
	Area    string      `json:"area" doc:"GB/T 2260 code of the network's home."`
	Items   []Parameter `json:"items"`
}

// A Parameter is one figure: its value in force, what it means, and where it comes
// from.
type Parameter struct {
	Key     string         `json:"key"`
	Value   int64          `json:"value"`
	Unit    contracts.Unit `json:"unit" enum:"ms,hours,days,working days,months,bp,count,fen,switch"`
	Title   string         `json:"title"`
	TitleZH string         `json:"title_zh"`
	Default int64          `json:"default"`
	Min     int64          `json:"min"`
	Max     int64          `json:"max"`
	Mark    string         `json:"mark" enum:"K,k,A" doc:"Of the default: K, its text was read; k, known from it but not read; A, decided by the makers of the rules."`
	Source  string         `json:"source" doc:"Of the default."`
	Change  *ValueChange   `json:"change,omitempty" doc:"That set the value in force; absent: it is the default."`
}

// A ValueChange says since when, by which decision and on what ground a figure has
// its value.
type ValueChange struct {
	Version  uint64       `json:"version" doc:"Of the parameters."`
	Height   uint64       `json:"height"`
	Time     int64        `json:"time" doc:"Block time, ms since 1970 UTC."`
	Before   int64        `json:"before" doc:"The value until then."`
	Source   string       `json:"source"`
	Proposal *ledger.Hash `json:"proposal,omitempty" doc:"Absent: of the genesis."`
}

// Calendars are the working days that the ledger holds, by year.
type Calendars struct {
	Place
	Items []contracts.Calendar `json:"items"`
}

// A ProposalItem tells of a proposal.
type ProposalItem struct {
	ID           ledger.Hash       `json:"proposal_id" doc:"That of the transaction that made it."`
	Contract     string            `json:"contract"`
	Method       string            `json:"method"`
	Version      uint64            `json:"version" doc:"Of the method."`
	Title        string            `json:"title,omitempty"`
	Proposer     string            `json:"proposer" doc:"Party id."`
	State        consortium.State  `json:"state" enum:"OPEN,PASSED,FAILED,REJECTED,VETOED,WITHDRAWN,EXPIRED" doc:"Computed at the block's time."`
	OpenedHeight uint64            `json:"opened_height"`
	OpenedAt     int64             `json:"opened_at" doc:"Block time, ms since 1970 UTC."`
	Until        int64             `json:"open_until" doc:"It expires at this time, ms since 1970 UTC, if it is not decided."`
	EndedHeight  uint64            `json:"ended_height,omitempty"`
	EndedAt      int64             `json:"ended_at,omitempty"`
	Tally        *consortium.Tally `json:"tally,omitempty" doc:"That decided it, or while it is open of those who vote now; absent if it ended without a count."`
	Code         string            `json:"code,omitempty" doc:"Of FAILED: what the method refused with."`
}

// A ProposalPage is one page of proposals, those opened first before others.
type ProposalPage struct {
	Place
	Items      []ProposalItem `json:"items" doc:"May be empty while there is a next_cursor."`
	NextCursor string         `json:"next_cursor,omitempty"`
}

// A Proposal is a proposal with all that was said about it.
type Proposal struct {
	Place
	ProposalItem
	Args     json.RawMessage     `json:"args,omitempty" doc:"Of the method; absent if no method of this program reads them."`
	RawArgs  []byte              `json:"raw_args" doc:"base64; as they were proposed."`
	Document *ledger.Hash        `json:"document,omitempty" doc:"Hash of a paper kept off the ledger."`
	Ballots  []consortium.Ballot `json:"ballots" doc:"In the order in which they were cast."`
	Result   json.RawMessage     `json:"result,omitempty" doc:"Of PASSED: by the method's result_schema."`
	Details  []Detail            `json:"details" doc:"Of FAILED: every rule that the method named."`
}
