// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"errors"
	"fmt"
)

// Classes of a request's failure. Whoever refuses a request wraps one of them;
// the HTTP answer is derived from the class alone (node/api). A transaction
// refused by a contract is not among them: that is an outcome, and certified.
var (
	ErrInvalid     = errors.New("invalid request")     // 400: malformed, will never be accepted
	ErrDenied      = errors.New("not allowed")         // 403
	ErrNotFound    = errors.New("not found")           // 404
	ErrConflict    = errors.New("conflict")            // 409: the state has moved on, or the reference is taken
	ErrBusy        = errors.New("busy, try again")     // 429
	ErrUnavailable = errors.New("not available now")   // 503: no quorum, catching up
	ErrCorrupt     = errors.New("stored data corrupt") // fatal: the node stops and says how to rebuild
)

// A FieldError refuses one field of a transaction's body. It wraps ErrInvalid.
type FieldError struct {
	Field  string // as clients name it, "client_ref" or "signers[1].role"
	Reason string // one word, of those that package contracts lists
	Detail string // English
}

func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Detail) }

// Unwrap gives the class.
func (e *FieldError) Unwrap() error { return ErrInvalid }

// A Reason names why a file or a certificate is refused. Reasons are interface:
// they are printed, compared by programs, and never reused.
type Reason string

// The reasons of a refusal by a verifier.
const (
	BadEncoding       Reason = "ENCODING"              // not the deterministic encoding of its type
	BadFormat         Reason = "FORMAT"                // another kind or version of file
	BadNetwork        Reason = "NETWORK"               // of another network than the trusted genesis
	BadSet            Reason = "VALIDATOR_SET"         // validator set unknown to the trust anchor
	BadKind           Reason = "CERTIFICATE_KIND"      // votes of another kind than COMMIT
	BadBlock          Reason = "CERTIFICATE_BLOCK"     // certificate of another block or height
	BadQuorum         Reason = "CERTIFICATE_QUORUM"    // not exactly a quorum of signers
	BadSigner         Reason = "CERTIFICATE_SIGNER"    // a signer repeated, out of order or not in the set
	BadSignature      Reason = "CERTIFICATE_SIGNATURE" // a signature does not verify
	BadAncestry       Reason = "ANCESTRY"              // headers do not form a chain up to the certified one
	BadTransaction    Reason = "TRANSACTION"           // the transaction is not under the header's root
	BadTxSignature    Reason = "TRANSACTION_SIGNATURE" // a client signature does not verify
	BadOutcome        Reason = "OUTCOME"               // the outcome is not under the header's root, or of another transaction
	BadState          Reason = "STATE"                 // the record or its absence does not follow from the state root
	BadAge            Reason = "AGE"                   // older than the verifier allows
	BadLink           Reason = "LINK"                  // a link between validator sets is broken
	BadExecution      Reason = "EXECUTION_VERSION"     // rules newer than this program
	BadEvidence       Reason = "EVIDENCE"              // what is called evidence proves nothing
	reasonUnspecified Reason = ""
)

// A VerifyError is a refusal by a verifier.
type VerifyError struct {
	Reason Reason
	Detail string
}

func (e *VerifyError) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Detail) }

func refuse(r Reason, format string, args ...any) error {
	return &VerifyError{Reason: r, Detail: fmt.Sprintf(format, args...)}
}

// ReasonOf gives the reason of a refusal anywhere in err's chain, or "".
func ReasonOf(err error) Reason {
	var v *VerifyError
	if errors.As(err, &v) {
		return v.Reason
	}
	return reasonUnspecified
}
