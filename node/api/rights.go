// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
)

const rightsPrefix = "rights/"

func (s *server) describeRights(a huma.API) {
	register(s, a, operation(http.MethodGet, "/v1/rights", "listRights", "Rights, by number or as the index of the first filter of owner, time, area and state has them", levelPublic), s.listRights)
	register(s, a, operation(http.MethodGet, "/v1/rights/{ref}", "getRight", "One right by its id, or TYPE:number in any spelling", levelPublic), s.getRight)
	register(s, a, operation(http.MethodGet, "/v1/encumbrance", "getEncumbrance", "Whether a right is burdened, with a proof on request", levelPublic), s.getEncumbrance)
}

type rightsInput struct {
	Number        string `query:"number" maxLength:"128" doc:"A number in any spelling, or TYPE:number, or a right id."`
	Owner         string `query:"owner" maxLength:"64" doc:"Party id of an owner, or of who stands in the place of one. A right has owners once it is confirmed."`
	State         string `query:"state" enum:"UNCONFIRMED,ENDED,PLEDGED,ENCUMBERED,FROZEN,FREE" doc:"Status at the block's time."`
	BaseState     string `query:"base_state" enum:"CLAIMED,EXPIRED_CLAIM,REJECTED,CONFIRMED,LAPSED,EXPIRED,INVALIDATED,ABANDONED" doc:"State of the right at the block's time."`
	Type          string `query:"type" enum:"PAT_INV,PAT_UM,PAT_DES,TM,TM_CERT,TM_COLL,COPY_WORK,COPY_SOFT,IC_LAYOUT,PLANT_VAR" doc:"Right code."`
	Area          string `query:"area" maxLength:"6" pattern:"^[0-9]{6}$" doc:"Area of the right id, GB/T 2260; while a right is only claimed, of the first claim that waits." example:"510100"`
	ConfirmedFrom Moment `query:"confirmed_from" doc:"Confirmed in a block of this time or later."`
	ConfirmedTo   Moment `query:"confirmed_to" doc:"Confirmed in a block before this time."`
	PastInput
	PageInput
}

func (in *rightsInput) confirmed() period { return period{in.ConfirmedFrom, in.ConfirmedTo} }

// spans are the parts of the index that the filters leave: those of the filter that
// leaves least, by its nature. The others are applied to the records found.
func (in *rightsInput) spans(parties search) func(v *view) ([]span, error) {
	switch {
	case in.Owner != "":
		return parties.spans(in.Owner, rights.OwnerTerm)
	case in.confirmed().given():
		return always([]span{in.confirmed().span(rights.ConfirmedTerm)})
	case in.Area != "" || in.BaseState != "":
		var stored []string
		for _, state := range rights.StoredAs(rights.BaseState(in.BaseState)) {
			stored = append(stored, string(state))
		}
		return inArea("rights", in.Area, stored...)
	}
	return nil
}

// wants tells whether a record passes the filters, but for the owner and what time changes.
func (in *rightsInput) wants(r rights.Record) bool {
	return (in.Area == "" || in.Area == rights.Area(r)) &&
		(in.Type == "" || in.Type == string(r.Type)) &&
		(!in.confirmed().given() || r.ConfirmedAt > 0 && in.confirmed().holds(r.ConfirmedAt))
}

func (s *server) listRights(_ context.Context, in *rightsInput) (*answer[RightPage], error) {
	if err := in.confirmed().check("confirmed"); err != nil {
		return nil, err
	}
	var err error
	if in.Owner, err = partyNamed(in.Owner, "owner"); err != nil {
		return nil, err
	}
	parties := search{}
	l := list{prefix: rightsPrefix, past: in.PastInput, spans: in.spans(parties), terms: termsOf}
	only, err := s.rightNamed(in.Number, "number")
	if err != nil {
		return nil, err
	}
	if only != "" {
		l.prefix, l.spans = only, nil
	}
	l.filter = strings.Join([]string{only, in.Owner, in.State, in.BaseState, in.Type, in.Area, in.confirmed().text()}, "\n")
	page := RightPage{Items: []RightItem{}}
	var params *contracts.Parameters
	l.take = func(v *view, key string, value []byte) (bool, error) {
		var record rights.Record
		if err := decode(key, value, &record); err != nil {
			return false, err
		}
		if only != "" && key != only || !in.wants(record) {
			return false, nil
		}
		if found, err := parties.finds(v, in.Owner, record.Owners, record.RightID); err != nil || !found {
			return false, err
		}
		if params == nil {
			p, err := v.parameters()
			if err != nil {
				return false, err
			}
			params = &p
		}
		status := rights.StatusOf(record, v.header.Time, *params)
		if in.State != "" && in.State != string(status.Value) || in.BaseState != "" && in.BaseState != string(status.BaseState) {
			return false, nil
		}
		page.Items = append(page.Items, RightItem{
			Key: strings.TrimPrefix(key, rightsPrefix), Record: record, Status: status.Value, BaseState: status.BaseState,
		})
		return true, nil
	}
	v, next, err := s.page(in.PageInput, l)
	if err != nil {
		return nil, err
	}
	page.Place, page.NextCursor = v.place(), next
	return answerOf(v, page), nil
}

// rightNamed finds the state key of the right that a parameter of a list names, ""
// if it is not given: as the newest block has it, whatever height the list is of.
func (s *server) rightNamed(ref, field string) (string, error) {
	if ref == "" {
		return "", nil
	}
	v, err := s.newest()
	if err != nil {
		return "", err
	}
	defer v.close()
	return v.rightKey(ref, field)
}

// rightKey finds the state key of a right's record from any reference to it.
func (v *view) rightKey(ref, field string) (string, error) {
	var fault error
	key, failure := rights.Resolve(func(key string) ([]byte, bool) {
		value, ok, err := v.Get(key)
		if err != nil {
			fault = err
		}
		return value, ok
	}, ref, v.today())
	switch {
	case fault != nil:
		return "", fault
	case failure == nil:
		return key, nil
	case failure.Code == contracts.ENotFound:
		return "", notFound(failure.Subject)
	}
	failure.Field = field
	return "", refused(http.StatusBadRequest, *failure)
}

type rightInput struct {
	Ref string `path:"ref" maxLength:"160" doc:"A right id, or TYPE:number with TYPE a right code or PATENT."`
	PastInput
}

func (s *server) getRight(ctx context.Context, in *rightInput) (*answer[Right], error) {
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	out, err := v.rightOf(in.Ref, isMember(ctx, in))
	if err != nil {
		return nil, err
	}
	return answerOf(v, out), nil
}

// right reads a record and computes its status at the block's time; nil if this
// ledger has none.
func (v *view) right(key string) (*rights.Record, *rights.Status, error) {
	var record rights.Record
	if ok, err := v.load(key, &record); err != nil || !ok {
		return nil, nil, err
	}
	params, err := v.parameters()
	if err != nil {
		return nil, nil, err
	}
	status := rights.StatusOf(record, v.header.Time, params)
	status.Flags = whole(status.Flags)
	status.Pledges = whole(status.Pledges)
	status.Ranks = whole(status.Ranks)
	status.Encumbrances = whole(status.Encumbrances)
	status.Freezes = whole(status.Freezes)
	status.Queued = whole(status.Queued)
	status.Reservations = whole(status.Reservations)
	return &record, &status, nil
}

// claimState is the state of a claim that is not, or not yet, the right's own.
func (v *view) claimState(id string, record rights.Record) (rights.BaseState, error) {
	var claim rights.Claim
	if ok, err := v.load(rights.ClaimKey(id), &claim); err != nil || !ok {
		return "", err
	}
	params, err := v.parameters()
	return rights.BaseState(claim.StateIn(record, v.header.Time, params)), err
}

// claimOf reads the confirmed claim, or the newest one that waits.
func (v *view) claimOf(record rights.Record) (*rights.Claim, error) {
	id := record.RightID
	if n := len(record.ClaimsPending); id == "" && n > 0 {
		id = record.ClaimsPending[n-1].RightID
	}
	var claim rights.Claim
	if ok, err := v.load(rights.ClaimKey(id), &claim); err != nil || !ok {
		return nil, err
	}
	return &claim, nil
}

type encumbranceInput struct {
	Type   string `query:"type" required:"true" maxLength:"16" doc:"A right code such as PAT_INV, or PATENT." example:"PATENT"`
	Number string `query:"number" required:"true" maxLength:"128" doc:"In any spelling." example:"ZL201810234567.3"`
	PastInput
	Proof bool `query:"proof" doc:"Add the proof file."`
}

func (s *server) getEncumbrance(_ context.Context, in *encumbranceInput) (*answer[Encumbrance], error) {
	v, err := s.viewAt(in.PastInput)
	if err != nil {
		return nil, err
	}
	defer v.close()
	// A number is judged by today's calendar: one of a later year than an old
	// block's did not exist then, which is an answer and no mistake.
	now := identifier.DateOf(s.Node.Head().Header.Time)
	space, number, err := rights.Canonical(strings.ToUpper(strings.TrimSpace(in.Type)), in.Number, now)
	if err != nil {
		return nil, refused(http.StatusBadRequest, contracts.IdentifierFailure(err, fieldOfNumber(err)))
	}
	key := rights.RecordKey(space, number)
	out := Encumbrance{
		Query:  EncumbranceQuery{Type: strings.ToUpper(strings.TrimSpace(in.Type)), Number: number, Key: key},
		Status: rights.Unknown,
		Place:  v.place(),
	}
	record, status, err := v.right(key)
	if err != nil {
		return nil, err
	}
	if record != nil {
		out.Known, out.Record, out.Status, out.StatusDetail = true, record, status.Value, status
	}
	if in.Proof {
		if out.Proof, err = s.proofFile(v, key); err != nil {
			return nil, err
		}
	}
	answer := answerOf(v, out)
	if in.AtHeight.Given && in.AtHeight.Value < s.Node.Head().Header.Height {
		answer.CacheControl = forever
	}
	return answer, nil
}

// fieldOfNumber tells which parameter a mistyped number is the fault of.
func fieldOfNumber(err error) string {
	if contracts.IdentifierFailure(err, "").Reason == string(identifier.BadType) {
		return "type"
	}
	return "number"
}

// proofFile makes the file that proves what a key holds, or that it holds
// nothing. The genesis block has no certificate and so no proofs.
func (s *server) proofFile(v *view, key string) ([]byte, error) {
	if v.header.Height == 0 {
		if s.Node.Head().Header.Height == 0 { // a first block is on its way
			return nil, refused(http.StatusServiceUnavailable, ledger.Failure{Code: codeUnavailable, Field: "proof"})
		}
		return nil, refused(http.StatusNotFound, ledger.Failure{Code: contracts.ENotFound, Field: "proof", Reason: ReasonGenesis})
	}
	block, err := s.Store.Proof(v.header.Height)
	if err != nil {
		return nil, err
	}
	tree, err := v.Tree()
	if err != nil {
		return nil, pruned(err)
	}
	statement, err := state.NewStatement(tree, block, key)
	if err != nil {
		return nil, err
	}
	return ledger.Encode(statement), nil
}
