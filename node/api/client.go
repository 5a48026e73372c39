// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// A Client talks to one node. Its methods are safe for concurrent use. A refusal
// is a *Problem and wraps the class of ledger's errors that its status stands
// for; an answer that does not come at all wraps ErrUnreachable.
type Client struct {
	BaseURL string       // "https://node:8443", without a path
	Key     keys.Signer  // signs the requests; nil: they are not signed
	HTTP    *http.Client // nil: http.DefaultClient

	// Registry and Network let Draft check what the node made. Network comes from
	// a genesis file that the caller trusts, not from a node. Draft refuses to work
	// without them.
	Registry *contracts.Registry
	Network  ledger.Network

	Clock func() time.Time // for the signatures of requests; nil: time.Now
}

// ErrUnreachable marks that the node gave no answer: nobody listens, the
// connection broke, or what answered is no node.
var ErrUnreachable = errors.New("node unreachable")

// ErrScheme says that one side speaks HTTP and the other HTTPS.
var ErrScheme = errors.New("http and https do not go together")

// maxAnswer bounds an answer in bytes.
const maxAnswer = 64 << 20

// Status tells where the node stands.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return get[Status](ctx, c, "/v1/status", nil)
}

// Methods lists the methods of all contracts.
func (c *Client) Methods(ctx context.Context) (Methods, error) {
	return get[Methods](ctx, c, "/v1/methods", nil)
}

// RightEvents gives one page of what happened to a right at its register.
func (c *Client) RightEvents(ctx context.Context, ref string, limit int, cursor string) (RightEventPage, error) {
	return get[RightEventPage](ctx, c, "/v1/rights/"+url.PathEscape(ref)+"/events", query("limit", number(limit), "cursor", cursor))
}

// Alerts gives one page of what a party, the caller's if it is empty, has to know of
// its rights, raised at a time or later.
func (c *Client) Alerts(ctx context.Context, party string, since time.Time, limit int, cursor string) (AlertPage, error) {
	q := query("party", party, "limit", number(limit), "cursor", cursor)
	if !since.IsZero() {
		q.Set("since", strconv.FormatInt(since.UnixMilli(), 10))
	}
	return get[AlertPage](ctx, c, pathAlerts, q)
}

// Freeze gives one freeze of a court.
func (c *Client) Freeze(ctx context.Context, freezeNo string) (Freeze, error) {
	return get[Freeze](ctx, c, "/v1/freezes/"+url.PathEscape(freezeNo), nil)
}

// A CorrectionFilter selects annotations and corrections; empty fields select all.
type CorrectionFilter struct {
	Subject     string // number of the record that they are about
	Transaction string // id of the transaction that made the entry
	Past
	Limit  int
	Cursor string
}

// Corrections gives one page of annotations and corrections.
func (c *Client) Corrections(ctx context.Context, f CorrectionFilter) (CorrectionPage, error) {
	return get[CorrectionPage](ctx, c, pathCorrections, f.into(query("subject", f.Subject, "transaction", f.Transaction,
		"limit", number(f.Limit), "cursor", f.Cursor)))
}

// Freezes lists those of a right that stand or were over not long before.
func (c *Client) Freezes(ctx context.Context, right string, at Past) (FreezeList, error) {
	return get[FreezeList](ctx, c, "/v1/freezes", at.into(query("right", right)))
}

// Loan gives one loan of the caller's organisation.
func (c *Client) Loan(ctx context.Context, loanNo string) (Loan, error) {
	return get[Loan](ctx, c, "/v1/loans/"+url.PathEscape(loanNo), nil)
}

// A ConsentFilter selects consents; empty fields select all that the caller may see.
type ConsentFilter struct {
	Right string
	State string // at the block's time
	Past
	Limit  int
	Cursor string
}

// Consents gives one page of consents.
func (c *Client) Consents(ctx context.Context, f ConsentFilter) (ConsentPage, error) {
	return get[ConsentPage](ctx, c, "/v1/consents", f.into(query("right", f.Right, "state", f.State, "limit", number(f.Limit), "cursor", f.Cursor)))
}

// Pool gives one pool of rights, to members.
func (c *Client) Pool(ctx context.Context, poolNo string) (Pool, error) {
	return get[Pool](ctx, c, "/v1/pools/"+url.PathEscape(poolNo), nil)
}

// Consent gives one consent to one of its parties.
func (c *Client) Consent(ctx context.Context, consentNo string) (Consent, error) {
	return get[Consent](ctx, c, "/v1/consents/"+url.PathEscape(consentNo), nil)
}

// A PartyFilter selects organisations; empty fields select all.
type PartyFilter struct {
	Role   string
	Name   string // exact, present or former, or the credit code
	Limit  int    // of one page, 0: the node's default
	Cursor string // NextCursor of the page before
}

// Parties gives one page of organisations.
func (c *Client) Parties(ctx context.Context, f PartyFilter) (PartyPage, error) {
	return get[PartyPage](ctx, c, "/v1/parties", query("role", f.Role, "name", f.Name, "limit", number(f.Limit), "cursor", f.Cursor))
}

// Party gives one organisation.
func (c *Client) Party(ctx context.Context, partyID string) (Party, error) {
	return get[Party](ctx, c, "/v1/parties/"+url.PathEscape(partyID), nil)
}

// Persons gives one page of the people of an organisation, the caller's if it is
// empty.
func (c *Client) Persons(ctx context.Context, organisation string, limit int, cursor string) (PersonPage, error) {
	return get[PersonPage](ctx, c, "/v1/persons", query("organisation", organisation, "limit", number(limit), "cursor", cursor))
}

// An EvidenceFilter selects evidence; empty fields select all.
type EvidenceFilter struct {
	Organisation string // of the validator
	Limit        int
	Cursor       string
}

// EvidenceList gives one page of the evidence against validators.
func (c *Client) EvidenceList(ctx context.Context, f EvidenceFilter) (EvidencePage, error) {
	return get[EvidencePage](ctx, c, pathEvidence, query("organisation", f.Organisation, "limit", number(f.Limit), "cursor", f.Cursor))
}

// Evidence gives one piece of evidence by its id, with the proof of its record if
// that is wanted. Its File is for ledger.VerifyEvidence.
func (c *Client) Evidence(ctx context.Context, id ledger.Hash, proof bool) (RecordedEvidence, error) {
	q := url.Values{}
	if proof {
		q.Set("proof", "true")
	}
	return get[RecordedEvidence](ctx, c, pathEvidence+"/"+id.String(), q)
}

// Parameters gives the figures in force with their sources. They are those of the
// newest block, or of a height that is not 0.
func (c *Client) Parameters(ctx context.Context, atHeight uint64) (Parameters, error) {
	return get[Parameters](ctx, c, pathParameters, atHeightQuery(atHeight))
}

// Calendars gives the calendars of working days, as Parameters does.
func (c *Client) Calendars(ctx context.Context, atHeight uint64) (Calendars, error) {
	return get[Calendars](ctx, c, pathCalendars, atHeightQuery(atHeight))
}

func atHeightQuery(height uint64) url.Values {
	if height == 0 {
		return nil
	}
	return query("at_height", strconv.FormatUint(height, 10))
}

// A ProposalFilter selects proposals; empty fields select all.
type ProposalFilter struct {
	State  string
	Limit  int
	Cursor string
}

// Proposals gives one page of the proposals to the members, for members.
func (c *Client) Proposals(ctx context.Context, f ProposalFilter) (ProposalPage, error) {
	return get[ProposalPage](ctx, c, pathProposals, query("state", f.State, "limit", number(f.Limit), "cursor", f.Cursor))
}

// Proposal gives one proposal with its ballots, for members.
func (c *Client) Proposal(ctx context.Context, id ledger.Hash) (Proposal, error) {
	return get[Proposal](ctx, c, pathProposals+"/"+id.String(), nil)
}

// Submit submits a signed transaction and waits up to wait for its outcome. To
// submit it again gives the same answer, on any node.
func (c *Client) Submit(ctx context.Context, tx *ledger.Transaction, wait time.Duration) (Transaction, error) {
	in := Submission{Body: tx.BodyBytes()}
	for i, s := range tx.Body().Signers {
		in.Signatures = append(in.Signatures, SubmitSignature{
			Alg: string(s.Key.Algorithm), PublicKey: s.Key.String(), Signature: tx.Signatures()[i],
		})
	}
	return c.SubmitParts(ctx, in, wait)
}

// SubmitParts is Submit for a body with signatures that were collected apart.
func (c *Client) SubmitParts(ctx context.Context, in Submission, wait time.Duration) (Transaction, error) {
	return post[Transaction](ctx, c, pathTransactions, query("timeout", wait.String()), in)
}

// Transaction tells what became of a transaction. With its valid-until (ms since
// 1970 UTC; 0: not given) a node that never saw it can tell that it expired.
func (c *Client) Transaction(ctx context.Context, id ledger.Hash, validUntil int64) (Transaction, error) {
	q := url.Values{}
	if validUntil != 0 {
		q.Set("valid_until", strconv.FormatInt(validUntil, 10))
	}
	return get[Transaction](ctx, c, pathTransactions+"/"+id.String(), q)
}

// ReceiptFile gives the receipt file of a FINAL or REJECTED transaction, for
// ledger.VerifyReceipt.
func (c *Client) ReceiptFile(ctx context.Context, id ledger.Hash) ([]byte, error) {
	return c.do(ctx, http.MethodGet, pathTransactions+"/"+id.String()+"/receipt", nil, nil, receiptType)
}

// Receipt gives the JSON view of a receipt, which proves nothing by itself; its
// File does.
func (c *Client) Receipt(ctx context.Context, id ledger.Hash) (Receipt, error) {
	return get[Receipt](ctx, c, pathTransactions+"/"+id.String()+"/receipt", nil)
}

// Blocks lists at most limit blocks from a height on; limit 0 is the node's
// default.
func (c *Client) Blocks(ctx context.Context, from uint64, limit int) (BlockPage, error) {
	return get[BlockPage](ctx, c, "/v1/blocks", query("from", strconv.FormatUint(from, 10), "limit", number(limit)))
}

// LatestBlocks lists the newest blocks.
func (c *Client) LatestBlocks(ctx context.Context, limit int) (BlockPage, error) {
	return get[BlockPage](ctx, c, "/v1/blocks", query("limit", number(limit)))
}

// Block gives one FINAL block.
func (c *Client) Block(ctx context.Context, height uint64) (Block, error) {
	return get[Block](ctx, c, "/v1/blocks/"+strconv.FormatUint(height, 10), nil)
}

// Ready tells whether the node is ready, and its checks as text.
func (c *Client) Ready(ctx context.Context) (bool, string, error) {
	status, body, _, err := c.send(ctx, http.MethodGet, "/readyz", url.Values{"verbose": {"1"}}, nil, "text/plain")
	if err != nil {
		return false, "", err
	}
	return status == http.StatusOK, string(body), nil
}

// query makes parameters of names and values, without those that are empty.
func query(pairs ...string) url.Values {
	q := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	return q
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func get[T any](ctx context.Context, c *Client, path string, q url.Values) (T, error) {
	return call[T](ctx, c, http.MethodGet, path, q, nil)
}

func post[T any](ctx context.Context, c *Client, path string, q url.Values, in any) (T, error) {
	body, err := json.Marshal(in)
	if err != nil {
		var none T
		return none, fmt.Errorf("%w: POST %s: %w", ledger.ErrInvalid, path, err)
	}
	return call[T](ctx, c, http.MethodPost, path, q, body)
}

// call reads an answer in JSON. Fields this program does not know are later
// additions and are passed over.
func call[T any](ctx context.Context, c *Client, method, path string, q url.Values, body []byte) (T, error) {
	var out T
	raw, err := c.do(ctx, method, path, q, body, "application/json")
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return out, fmt.Errorf("%s %s: %w: its answer is not what this program reads: %w", method, path, ErrUnreachable, err)
	}
	return out, nil
}

// do sends a request and gives the body of a good answer.
func (c *Client) do(ctx context.Context, method, path string, q url.Values, body []byte, accept string) ([]byte, error) {
	raw, err := c.exchange(ctx, method, path, q, body, accept)
	if err != nil {
		return nil, c.understand(ctx, err)
	}
	return raw, nil
}

func (c *Client) exchange(ctx context.Context, method, path string, q url.Values, body []byte, accept string) ([]byte, error) {
	status, raw, contentType, err := c.send(ctx, method, path, q, body, accept)
	switch {
	case err != nil:
		return nil, err
	case status >= 200 && status < 300:
		return raw, nil
	case strings.HasPrefix(contentType, problemType):
		p := new(Problem)
		if json.Unmarshal(raw, p) == nil {
			p.Status = status
			return nil, fmt.Errorf("%s %s: %w", method, path, p)
		}
	}
	if status == http.StatusBadRequest && strings.Contains(string(raw), "HTTP request to an HTTPS server") { // of net/http, without a header
		return nil, fmt.Errorf("%s %s: %w: %s serves HTTPS", method, path, ErrScheme, c.BaseURL)
	}
	if class := classOf(status); class != nil {
		return nil, fmt.Errorf("%s %s: %w: HTTP status %d", method, path, class, status)
	}
	return nil, fmt.Errorf("%s %s: %w: HTTP status %d", method, path, ErrUnreachable, status)
}

func (c *Client) send(ctx context.Context, method, path string, q url.Values, body []byte, accept string) (int, []byte, string, error) {
	target := strings.TrimSuffix(c.BaseURL, "/") + path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, "", fmt.Errorf("%w: %s %s: %w", ledger.ErrInvalid, method, path, err)
	}
	r.Header.Set("Accept", accept)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Key != nil {
		if err := SignRequest(r, body, c.Key, c.now(), ""); err != nil {
			return 0, nil, "", err
		}
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	a, err := client.Do(r)
	if errors.Is(err, http.ErrSchemeMismatch) {
		return 0, nil, "", fmt.Errorf("%s %s: %w: %s serves HTTP without TLS", method, path, ErrScheme, c.BaseURL)
	}
	if err != nil {
		return 0, nil, "", fmt.Errorf("%s %s: %w: %w", method, path, ErrUnreachable, err)
	}
	defer a.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(a.Body, maxAnswer+1))
	if err == nil && len(raw) > maxAnswer {
		err = fmt.Errorf("its answer has more than %d bytes", maxAnswer)
	}
	if err != nil {
		return 0, nil, "", fmt.Errorf("%s %s: %w: %w", method, path, ErrUnreachable, err)
	}
	return a.StatusCode, raw, a.Header.Get("Content-Type"), nil
}

func (c *Client) now() time.Time {
	if c.Clock != nil {
		return c.Clock()
	}
	return time.Now()
}
