// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

const pathTransactions = "/v1/transactions"

// defaultWait is how long a submission waits for its outcome if it does not say.
const defaultWait = 10 * time.Second

// MaxWait is how long a submission may wait for its outcome.
const MaxWait = 60 * time.Second

func (s *server) describeTransactions(a huma.API, mux *http.ServeMux) {
	submit := operation(http.MethodPost, pathTransactions, "submitTransaction", "Submit a signed transaction; the same request gives the same answer for ever", levelCaller)
	longest := 16
	submit.Parameters = []*huma.Param{{
		Name: "timeout", In: "query", Description: "How long to wait for the outcome: 0s to 60s.",
		Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest, Default: defaultWait.String()},
	}}
	submit.Responses["202"] = &huma.Response{
		Description: "Accepted and not FINAL within the timeout: ask by id, or send the same request again.",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Ref: "#/components/schemas/Transaction"}}},
	}
	registerWrite[Submission, Transaction](s, mux, a, submit, readSubmission, s.submit)
	submit.Responses["200"].Headers["Location"] = &huma.Param{Schema: &huma.Schema{Type: huma.TypeString}}
	register(s, a, operation(http.MethodGet, pathTransactions+"/{id}", "getTransaction", "What became of a transaction", levelPublic), s.getTransaction)

	receipt := operation(http.MethodGet, pathTransactions+"/{id}/receipt", "getReceipt", "The receipt file of a FINAL or REJECTED transaction", levelPublic)
	receipt.Responses["200"] = &huma.Response{
		Description: "The receipt file; with Accept: application/json its JSON view.",
		Content: map[string]*huma.MediaType{
			receiptType:        {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
			"application/json": {Schema: a.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Receipt](), true, "Receipt")},
		},
	}
	register(s, a, receipt, s.getReceipt)
}

// find looks for a transaction's outcome among the FINAL blocks that may be
// reported; nil if it is in none.
func (s *server) find(id ledger.Hash) (*ending, error) {
	height, index, ok, err := s.Store.Transaction(id)
	if err != nil || !ok || height > s.Node.Head().Header.Height {
		return nil, err
	}
	raw, err := s.Store.Outcome(height, index)
	if err != nil {
		return nil, fmt.Errorf("transaction %v: %w", id, damaged(err))
	}
	outcome, err := decodeOutcome(raw)
	if err != nil {
		return nil, err
	}
	return &ending{height: height, outcome: outcome}, nil
}

// damaged says that what must be there and is not was damaged.
func damaged(err error) error {
	if errors.Is(err, ledger.ErrNotFound) {
		return fmt.Errorf("%w: %w", ledger.ErrCorrupt, err)
	}
	return err
}

// findSubmitted is find for a transaction whose body is known: most that are
// submitted are new, and their reference, which the check at submission needs
// too, tells that.
func (s *server) findSubmitted(tx *ledger.Transaction) (*ending, error) {
	height := s.Node.Head().Header.Height
	get := func(key string) ([]byte, bool, error) { return s.Store.Value(key, height) }
	if has, err := contracts.HasOutcome(get, tx); err != nil || !has {
		return nil, err
	}
	return s.find(tx.ID())
}

// ended tells an ending. The body gives the type of the result.
func (s *server) ended(id ledger.Hash, body *ledger.Body, end *ending) (Transaction, error) {
	if end.expired {
		return Transaction{ID: id, Status: Expired}, nil
	}
	if end.outcome.Status == ledger.Void {
		return Transaction{}, refused(http.StatusConflict, end.outcome.Details...)
	}
	outcome, err := s.outcome(body, &end.outcome)
	if err != nil {
		return Transaction{}, err
	}
	out := Transaction{ID: id, Status: Final, Height: end.height, Code: end.outcome.Code, Outcome: &outcome}
	if end.outcome.Status == ledger.Rejected {
		out.Status = Rejected
	}
	return out, nil
}

// outcome gives the JSON view of an outcome.
func (s *server) outcome(body *ledger.Body, o *ledger.Outcome) (Outcome, error) {
	out := Outcome{Code: o.Code, Ground: o.Ground, Details: details(o.Details), Events: whole(o.Events)}
	if m, ok := s.Versions.Latest().Lookup(body.Contract, body.Version, body.Method); ok && o.Status == ledger.Final {
		result, err := m.ResultJSON(o.Result)
		if err != nil {
			return Outcome{}, fmt.Errorf("%w: outcome of %v: %w", ledger.ErrCorrupt, o.Transaction, err)
		}
		out.Result = result
	}
	return out, nil
}

// under tells about a transaction that is in no FINAL block.
func under(id ledger.Hash, p Progress) Transaction {
	out := Transaction{ID: id, Status: p.State, Height: p.Height}
	if p.State == "" {
		out.Status = Unknown
	}
	return out
}

type transactionInput struct {
	ID         string `path:"id" maxLength:"64" doc:"64 hexadecimal digits."`
	ValidUntil Moment `query:"valid_until" doc:"The valid-until of the body: lets a node that never saw the transaction answer EXPIRED."`
}

func (s *server) getTransaction(ctx context.Context, in *transactionInput) (*answer[Transaction], error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	// The head is taken before the search: what is not found then is in no block
	// up to it.
	head := s.Node.Head()
	end, err := s.find(id)
	if err != nil {
		return nil, err
	}
	if end != nil {
		return s.endedAnswer(id, end, isMember(ctx, in))
	}
	progress := s.Node.Progress(id)
	out := under(id, progress)
	validUntil := progress.ValidUntil
	if !in.ValidUntil.IsZero() {
		validUntil = in.ValidUntil.UnixMilli()
	}
	switch {
	case validUntil != 0 && head.Header.Time > validUntil:
		out = Transaction{ID: id, Status: Expired}
	case out.Status == Received && progress.Reference != "":
		if err := s.referenceLost(id, progress.Reference); err != nil {
			return nil, err
		}
	}
	return &answer[Transaction]{LedgerHeaders: headersAt(head.Header, head.Hash), Body: out}, nil
}

// referenceLost tells of a transaction that waits whether another has consumed
// its client reference: then it can have no effect any more, and whoever asks is
// told what a submission is told.
func (s *server) referenceLost(id ledger.Hash, reference string) error {
	v, err := s.newest()
	if err != nil {
		return err
	}
	defer v.close()
	var first ledger.Hash
	if ok, err := v.load(reference, &first); err != nil || !ok || first == id {
		return err
	}
	return refused(http.StatusConflict, ledger.Failure{
		Code: contracts.EDuplicate, Field: "client_ref", Subject: first.String(), Reason: contracts.ReasonReference,
	})
}

// endedAnswer tells what became of a transaction, which never changes, and what is said
// of its entry at the newest block, which does.
func (s *server) endedAnswer(id ledger.Hash, end *ending, member bool) (*answer[Transaction], error) {
	raw, err := s.Store.TransactionAt(end.height, int(end.outcome.Index))
	if err != nil {
		return nil, fmt.Errorf("transaction %v: %w", id, damaged(err))
	}
	tx, err := ledger.DecodeTransaction(s.Trust.Network, raw)
	if err != nil {
		return nil, fmt.Errorf("%w: transaction %v: %w", ledger.ErrCorrupt, id, err)
	}
	body, err := s.ended(id, tx.Body(), end)
	if err != nil {
		return nil, err
	}
	v, err := s.newest()
	if err != nil {
		return nil, err
	}
	defer v.close()
	if err := v.saidOf(&body, member); err != nil {
		return nil, err
	}
	return answerOf(v, body), nil
}

func (s *server) headersOf(h ledger.Header) LedgerHeaders { return headersAt(h, s.Trust.HeaderHash(h)) }

func parseID(s string) (ledger.Hash, error) {
	id, err := keys.ParseHash(s)
	if err != nil {
		return ledger.Hash{}, invalid("id", contracts.ReasonValue).expect(text{"64 hexadecimal digits in lower case", "64 位小写十六进制数字"})
	}
	return id, nil
}

const receiptType = "application/cbor"

type receiptInput struct {
	ID     string `path:"id" maxLength:"64" doc:"64 hexadecimal digits."`
	Accept string `header:"Accept" doc:"application/json for the JSON view."`
}

type file struct {
	LedgerHeaders
	CacheControl string `header:"Cache-Control"`
	ContentType  string `header:"Content-Type"`
	Disposition  string `header:"Content-Disposition"`
	Body         []byte
}

func (s *server) getReceipt(_ context.Context, in *receiptInput) (*file, error) {
	id, err := parseID(in.ID)
	if err != nil {
		return nil, err
	}
	end, err := s.find(id)
	switch {
	case err != nil:
		return nil, err
	case end == nil:
		return nil, notFound(id.String())
	}
	b, err := s.blockParts(end.height)
	if err != nil {
		return nil, err
	}
	receipt, err := ledger.NewReceipt(s.Trust.Network, b.proof, b.transactions, b.outcomes, int(end.outcome.Index))
	if err != nil {
		return nil, fmt.Errorf("receipt of %v: %w", id, err)
	}
	out := &file{
		LedgerHeaders: s.headersOf(b.proof.Header), CacheControl: forMembers,
		ContentType: receiptType, Disposition: fmt.Sprintf("attachment; filename=\"%s.receipt\"", id), Body: ledger.Encode(receipt),
	}
	if !strings.Contains(in.Accept, "application/json") {
		return out, nil
	}
	view := Receipt{Block: b.proof, File: out.Body}
	if view.Transaction, err = s.blockTransaction(b, int(end.outcome.Index)); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(view); err != nil {
		return nil, fmt.Errorf("receipt of %v: %w", id, err)
	}
	out.ContentType, out.Disposition, out.Body = "application/json", "", text.Bytes()
	return out, nil
}
