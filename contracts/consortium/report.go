// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package consortium

import (
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger"
)

// ReportArgs are the arguments of consortium.report_evidence. The greatest length is
// ledger.MaxEvidence.
type ReportArgs struct {
	Evidence []byte `cbor:"1,keyasint" json:"evidence" schema:"max=50176"` // encoded ledger.Evidence
}

// ReportResult names what was recorded.
type ReportResult struct {
	ID        ledger.Hash         `cbor:"1,keyasint" json:"id"` // of the evidence
	Kind      ledger.EvidenceKind `cbor:"2,keyasint" json:"kind"`
	Set       uint64              `cbor:"3,keyasint" json:"set"`
	Place     uint64              `cbor:"4,keyasint" json:"place"`
	Validator string              `cbor:"5,keyasint" json:"validator"`
}

func report(v *contracts.View, args ReportArgs) (ReportResult, *contracts.Refusal) {
	wrong := func(code, reason, subject string) (ReportResult, *contracts.Refusal) {
		return ReportResult{}, contracts.Refuse(ledger.Failure{Code: code, Field: "evidence", Subject: subject, Reason: reason})
	}
	var e ledger.Evidence
	if err := ledger.Decode(args.Evidence, ledger.MaxEvidence, &e); err != nil {
		return wrong(contracts.EFormat, contracts.ReasonEncoding, "")
	}
	offence, id := e.Offence(), v.Network().EvidenceID(e)
	set, ok := contracts.Load[ledger.ValidatorSet](v, ledger.SetKey(offence.Set))
	if !ok {
		return wrong(contracts.ENotFound, contracts.ReasonSet, "")
	}
	if e.Check(v.Network(), set) != nil {
		return wrong(contracts.EEvidence, contracts.ReasonNoProof, id.String())
	}
	// The view keeps what fails in it, and execution stops for that.
	switch reason, _ := Room(v.Reader(), offence); reason {
	case contracts.ReasonRecorded:
		known, _ := contracts.Load[Record](v, RecordKey(offence))
		return wrong(contracts.EDuplicate, reason, known.ID.String())
	case contracts.ReasonEnough:
		return wrong(contracts.EDuplicate, reason, set.Members[offence.Validator].Name)
	}
	offender := set.Members[offence.Validator]
	contracts.Store(v, RecordKey(offence), Record{
		ID: id, Kind: e.Kind, Set: offence.Set, Place: offence.Validator, Validator: offender.Name, Organisation: offender.Organisation,
		Evidence: args.Evidence, ReportedBy: v.Actor(), Height: v.Height(), RecordedAt: v.Time(),
	})
	contracts.Store(v, IDKey(id), RecordKey(offence))
	v.Emit("evidence.recorded", id.String())
	return ReportResult{ID: id, Kind: e.Kind, Set: offence.Set, Place: offence.Validator, Validator: offender.Name}, nil
}
