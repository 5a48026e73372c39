// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/corrections"
	"github.com/ipledger/ipledger/contracts/loans"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/pledges"
	"github.com/ipledger/ipledger/contracts/rights"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

// The answers and requests of the API, used by the server and by the client.
// Times with _ms are ms since 1970 UTC; those without are RFC 3339 at +08:00.
// The times inside records are ms, as the ledger holds them.

func clockText(ms int64) string {
	return time.UnixMilli(ms).In(legalZone).Format("2006-01-02T15:04:05.000-07:00")
}

// A Place is the FINAL block that an answer is true for.
type Place struct {
	Height      uint64      `json:"height" doc:"Height of the FINAL block the answer is read from."`
	BlockHash   ledger.Hash `json:"block_hash"`
	BlockTime   string      `json:"block_time" doc:"RFC 3339, +08:00"`
	BlockTimeMS int64       `json:"block_time_ms"`
}

// Roles of a node.
const (
	RoleValidator = "validator"
	RoleObserver  = "observer"
)

// Phases of a node.
const (
	PhaseJoining  = "joining"  // asks the others for the newest vote of its key
	PhaseActive   = "active"   // orders and votes
	PhaseObserver = "observer" // follows certified blocks
	PhaseHalted   = "halted"   // its results differ from the certified ones; it serves nothing newer
)

// Status tells where a node stands. The node fills Name to Validators; the API
// the rest.
type Status struct {
	Network string      `json:"network"`
	Chain   ledger.Hash `json:"chain" doc:"Hash of the genesis file: the identity of the network."`
	Suite   string      `json:"suite" enum:"ed25519,sm2"`
	Place
	StateRoot        ledger.Hash `json:"state_root"`
	Version          string      `json:"version" doc:"Of the program."`
	ExecutionVersion uint64      `json:"execution_version" doc:"Of the rules of the newest FINAL block."`

	Upgrade *ScheduledUpgrade `json:"upgrade,omitempty" doc:"Of those decided, the first that the program does not know, or else the next; absent if none is decided."`

	Name         string            `json:"name"`
	Organisation string            `json:"organisation" doc:"Party id."`
	Role         string            `json:"role" enum:"validator,observer" doc:"observer: at present it follows the FINAL blocks and does not vote, though it is of the validator set."`
	Phase        string            `json:"phase" enum:"joining,active,observer,halted"`
	Set          uint64            `json:"set" doc:"Number of the validator set."`
	Round        uint64            `json:"round"`
	Term         uint64            `json:"term"`
	Leader       *string           `json:"leader" doc:"Name of the leading validator, null if none is known."`
	Leading      bool              `json:"leading"`
	Executed     uint64            `json:"executed" doc:"Height of the newest executed block, FINAL or not."`
	Mempool      int               `json:"mempool" doc:"Transactions that wait here."`
	Draining     bool              `json:"draining" doc:"The node is about to end and takes no transactions."`
	Held         *Held             `json:"held,omitempty" doc:"Why the node neither votes nor takes transactions now; absent otherwise."`
	Validators   []ValidatorStatus `json:"validators"`
}

// A ScheduledUpgrade is a decision of the members about the rules of blocks to come.
type ScheduledUpgrade struct {
	Version uint64 `json:"version" doc:"Execution version."`
	Height  uint64 `json:"height" doc:"Of the first block that it judges."`
	Known   bool   `json:"known" doc:"Whether this node's program has it; without it the node stops before that height."`
}

// Held is why a node neither votes nor takes transactions, while it serves what
// is FINAL.
type Held struct {
	Reason string `json:"reason" enum:"DISK_SPACE,DAMAGED,EXECUTION_VERSION" doc:"Stable; the reason of refusals, too."`
	Detail string `json:"detail" doc:"For the operator, in English; it names folders by their last part only."`
	ZH     string `json:"detail_zh" doc:"The same in Chinese."`
}

// Problem refuses a submission to a node that is held.
func (h *Held) Problem() *Problem {
	return refused(http.StatusServiceUnavailable, ledger.Failure{Code: codeUnavailable, Reason: h.Reason})
}

// A ValidatorStatus is one member of the validator set as this node sees it.
type ValidatorStatus struct {
	Name         string         `json:"name"`
	Organisation string         `json:"organisation"`
	Key          keys.PublicKey `json:"key"`
	PeerFinal    uint64         `json:"peer_final" doc:"Height that it last reported FINAL to this node."`
	Connected    bool           `json:"connected" doc:"Whether it accepts this node's messages at present; of the node itself true."`
}

// A Method describes one operation of a contract.
type Method struct {
	Contract     string          `json:"contract"`
	Version      uint64          `json:"version"`
	Method       string          `json:"method"`
	Doc          string          `json:"doc"`
	DocZH        string          `json:"doc_zh"`
	Signers      MethodSigners   `json:"signers"`
	Sealed       bool            `json:"sealed,omitempty" doc:"It needs the commitment of one sealed part."`
	ArgsSchema   json.RawMessage `json:"args_schema" doc:"JSON schema; x-cbor-key numbers the fields in the signed body."`
	ResultSchema json.RawMessage `json:"result_schema"`
}

// MethodSigners says whose signatures a method needs.
type MethodSigners struct {
	Actors []string `json:"actors" doc:"Kinds of organisations that may act; empty: every kind."`
	Roles  []string `json:"roles" doc:"Roles in which persons of the actor sign, all of them."`
	May    []string `json:"may" doc:"Further roles in which persons of the actor may sign."`
	Others []string `json:"others" doc:"Roles in which other organisations sign."`
	NewKey string   `json:"new_key,omitempty" doc:"Role in which a new key proves that it is held."`
	ByNode bool     `json:"by_node,omitempty" doc:"A validator of the actor may sign alone instead, in the role validator."`
	Vote   bool     `json:"vote,omitempty" doc:"No transaction calls it: it runs when the members carry a proposal to call it."`
}

// Methods lists the methods of the execution version in force for the next block.
type Methods struct {
	ExecutionVersion uint64   `json:"execution_version"`
	Items            []Method `json:"items"`
}

// A Right is the public record of a right with the status that follows from it.
type Right struct {
	Place
	Key          string             `json:"key" doc:"Key in the state, PATENT/2018102345673 after rights/."`
	BaseState    rights.BaseState   `json:"base_state" doc:"At the block's time: what has ended by time alone has ended here too. Asked for by the id of a claim that is not the right's own, the state of that claim."`
	Flags        []string           `json:"flags" doc:"At the block's time, stored and computed."`
	Record       rights.Record      `json:"record"`
	Status       rights.StatusValue `json:"status" doc:"Computed at the block's time."`
	StatusDetail rights.Status      `json:"status_detail"`
	Claim        *rights.Claim      `json:"claim,omitempty" doc:"The confirmed or newest claim; for members only."`
}

// A RightItem is one right in a list.
type RightItem struct {
	Key    string             `json:"key"`
	Record rights.Record      `json:"record"`
	Status rights.StatusValue `json:"status"`

	BaseState rights.BaseState `json:"base_state" doc:"At the block's time."`
}

// A RightPage is one page of rights. All pages of a walk show one height.
type RightPage struct {
	Place
	Items      []RightItem `json:"items" doc:"May be empty while there is a next_cursor: a page looks at a bounded number of records."`
	NextCursor string      `json:"next_cursor,omitempty" doc:"Absent on the last page."`
}

// A RightVersion is what one block left as the public record of a right. It held
// until the block of the next newer version.
type RightVersion struct {
	Place
	Record       *rights.Record     `json:"record,omitempty"`
	Status       rights.StatusValue `json:"status" doc:"Computed at the block's time."`
	Transactions []ledger.Hash      `json:"transactions,omitempty" doc:"For members only: transactions of the block whose events are about the right, its claims or its pledges."`
	Events       []string           `json:"events,omitempty" doc:"For members only: what those events are called, as pledge.effective."`
	UnderReview  bool               `json:"under_review,omitempty" doc:"For members only: one of its transactions is under review at the height of the answer."`
}

// A RightHistory is one page of the versions of a right's record, the newest first.
// All pages show those up to one height.
type RightHistory struct {
	Place
	Key        string         `json:"key" doc:"Key in the state, PATENT/2018102345673 after rights/."`
	Items      []RightVersion `json:"items" doc:"None is missing: values are kept for ever."`
	NextCursor string         `json:"next_cursor,omitempty" doc:"Absent on the last page, which ends with the first version."`
}

// An Encumbrance answers whether a right is burdened.
type Encumbrance struct {
	Query        EncumbranceQuery   `json:"query"`
	Known        bool               `json:"known" doc:"Whether this ledger has a record of the right."`
	Record       *rights.Record     `json:"record,omitempty"`
	Status       rights.StatusValue `json:"status" enum:"UNKNOWN,UNCONFIRMED,ENDED,PLEDGED,ENCUMBERED,FROZEN,FREE" doc:"True as of the block's time."`
	StatusDetail *rights.Status     `json:"status_detail,omitempty"`
	Place
	Proof []byte `json:"proof,omitempty" doc:"With proof=true: base64 of the proof file, to be verified offline."`
}

// An EncumbranceQuery is what was asked, with the number in canonical form.
type EncumbranceQuery struct {
	Type   string `json:"type"`
	Number string `json:"number" doc:"Canonical."`
	Key    string `json:"key" doc:"Key in the state that a proof is about."`
}

// A Pledge is the public record of a pledge.
type Pledge struct {
	Place
	State       pledges.State  `json:"state" doc:"At the block's time: a live pledge is EXTINGUISHED once all of its rights have ended, ENDED_BY_TIME after the last day of its registration; an application is WITHDRAWN after the last day to correct it."`
	Record      pledges.Record `json:"record" doc:"Its state is that which the last transaction left."`
	Rights      []PledgedRight `json:"rights" doc:"In the order of the record."`
	Application *Application   `json:"application,omitempty" doc:"For members only."`
	UnderReview bool           `json:"under_review,omitempty" doc:"The members doubt an entry of it; nothing else about it has changed."`
}

// An Application is what members see of a pledge, with all that happened to it.
type Application struct {
	pledges.Application
	Steps []pledges.Step `json:"steps" doc:"The oldest first."`
}

// A PledgePage is one page of pledges.
type PledgePage struct {
	Place
	Items      []pledges.Record `json:"items" doc:"Each with its state at the block's time. May be empty while there is a next_cursor."`
	NextCursor string           `json:"next_cursor,omitempty"`
}

// A PledgeVersion is what one block left as the public record of a pledge. It held
// until the block of the next newer version.
type PledgeVersion struct {
	Place
	Record       *pledges.Record `json:"record,omitempty"`
	State        pledges.State   `json:"state" doc:"Computed at the block's time, as that of a pledge."`
	Transactions []ledger.Hash   `json:"transactions,omitempty" doc:"For members only: transactions of the block whose events are about the pledge."`
	Events       []string        `json:"events,omitempty" doc:"For members only: what those events are called, as pledge.effective."`
	UnderReview  bool            `json:"under_review,omitempty" doc:"For members only: one of its transactions is under review at the height of the answer."`
}

// A PledgeHistory is one page of the versions of a pledge's record, the newest
// first. All pages show those up to one height.
type PledgeHistory struct {
	Place
	Items      []PledgeVersion `json:"items" doc:"None is missing: values are kept for ever."`
	NextCursor string          `json:"next_cursor,omitempty" doc:"Absent on the last page, which ends with the first version."`
}

// A CorrectionPage is one page of annotations and corrections, for members.
type CorrectionPage struct {
	Place
	Items      []corrections.Record `json:"items" doc:"May be empty while there is a next_cursor."`
	NextCursor string               `json:"next_cursor,omitempty"`
}

// A Loan is the record of a loan, for its parties.
type Loan struct {
	Place
	Record loans.Record `json:"record"`
	Flags  []string     `json:"flags" doc:"At the block's time: UNSECURED if a pledge of it was revoked, COLLATERAL_LOST if one was extinguished or ended by time; none once it is settled."`
}

// A Party is the public record of an organisation.
type Party struct {
	Place
	Record      contracts.Party        `json:"record"`
	Kind        contracts.PartyRole    `json:"kind" doc:"The role of its record."`
	Status      string                 `json:"status" enum:"ACTIVE,SUSPENDED,ACCOUNT_FROZEN,MERGED" doc:"At the block's time: a suspension may have ended since the record was written."`
	Details     *parties.Details       `json:"details,omitempty" doc:"What it says of itself, for members only."`
	Delegations []contracts.Delegation `json:"delegations,omitempty" doc:"To its agents, live and ended, for members only."`
}

// A PartyPage is one page of organisations.
type PartyPage struct {
	Place
	Items      []contracts.Party `json:"items" doc:"Each with its status at the block's time. May be empty while there is a next_cursor."`
	NextCursor string            `json:"next_cursor,omitempty"`
}

// A PersonPage is one page of an organisation's people, for members.
type PersonPage struct {
	Place
	Items      []contracts.Person `json:"items" doc:"May be empty while there is a next_cursor."`
	NextCursor string             `json:"next_cursor,omitempty"`
}

// An EvidenceItem tells of evidence against a validator that is on the ledger.
type EvidenceItem struct {
	ID             ledger.Hash    `json:"id" doc:"Of the evidence."`
	Offence        ledger.Offence `json:"offence" doc:"What was done, and in which place: a height of votes, or a term and index of batches."`
	Validator      string         `json:"validator" doc:"Name of the validator whose key signed."`
	Organisation   string         `json:"organisation" doc:"Its party id."`
	ReportedBy     string         `json:"reported_by" doc:"Party id."`
	RecordedHeight uint64         `json:"recorded_height"`
	RecordedAt     int64          `json:"recorded_at" doc:"Block time, ms since 1970 UTC."`
}

// An EvidencePage is one page of evidence.
type EvidencePage struct {
	Place
	Items      []EvidenceItem `json:"items" doc:"May be empty while there is a next_cursor."`
	NextCursor string         `json:"next_cursor,omitempty"`
}

// RecordedEvidence is one piece of evidence. Its File is verified offline with the
// genesis file, and so is the proof that the ledger has a record of it.
type RecordedEvidence struct {
	Place
	Key       string             `json:"key" doc:"Key of its record in the state."`
	Record    EvidenceItem       `json:"record"`
	Evidence  ledger.Evidence    `json:"evidence"`
	Statement *EvidenceStatement `json:"statement,omitempty" doc:"What the statement in it says; absent if there is none."`
	File      []byte             `json:"file" doc:"base64 of the evidence file, which is what verifies"`
	Proof     []byte             `json:"proof,omitempty" doc:"With proof=true: base64 of the proof file of the record."`
}

// An EvidenceStatement is what a validator said as it left a round.
type EvidenceStatement struct {
	Round    uint64        `json:"round" doc:"It promised to vote in none before."`
	Highest  *ledger.Vote  `json:"highest,omitempty" doc:"Of its highest certificate."`
	Prepared []ledger.Vote `json:"prepared" doc:"Of its prepare certificates above that."`
	Newest   *ledger.Vote  `json:"newest,omitempty" doc:"The newest that it had cast."`
}

// A DraftRequest asks for the bytes of a transaction that is to be signed.
type DraftRequest struct {
	Contract    string          `json:"contract" maxLength:"32" example:"rights"`
	Version     uint64          `json:"version,omitempty" doc:"Absent: 1."`
	Method      string          `json:"method" maxLength:"32" example:"claim"`
	Args        json.RawMessage `json:"args" doc:"By the method's args_schema."`
	Actor       string          `json:"actor,omitempty" maxLength:"64" doc:"Party id of the organisation that acts. Absent: the caller's."`
	ClientRef   string          `json:"client_ref,omitempty" maxLength:"64" doc:"The actor's own reference, once for ever. Absent: random."`
	ValidUntil  *Moment         `json:"valid_until,omitempty" doc:"RFC 3339 or ms since 1970 UTC. Absent: 24 hours from now."`
	Signers     []DraftSigner   `json:"signers,omitempty" maxItems:"16" doc:"Absent: chosen by the node from the enrolled people, the caller first."`
	Commitments []string        `json:"commitments,omitempty" maxItems:"16" doc:"Salted hashes of sealed parts, 32 bytes each in hex or base64."`
}

// A DraftSigner is one key that a transaction expects a signature from.
type DraftSigner struct {
	Organisation string         `json:"organisation" maxLength:"64"`
	Role         string         `json:"role" maxLength:"32"`
	Alg          string         `json:"alg,omitempty" doc:"ed25519 or sm2; may be left out in requests."`
	PublicKey    keys.PublicKey `json:"public_key" doc:"Text form, ed25519:<hex> or sm2:<hex>."`
}

// A Draft is a transaction without its signatures.
type Draft struct {
	ID        ledger.Hash   `json:"id"`
	Body      []byte        `json:"body" doc:"base64"`
	SignBytes []byte        `json:"sign_bytes" doc:"base64; what every signer signs"`
	Signers   []DraftSigner `json:"signers"`
}

// A Submission is a body with its signatures, in any order.
type Submission struct {
	Body       []byte            `json:"body" doc:"base64"`
	Signatures []SubmitSignature `json:"signatures" minItems:"1" maxItems:"16"`
}

// A SubmitSignature is one signature with the key that made it.
type SubmitSignature struct {
	Alg       string `json:"alg,omitempty" doc:"ed25519 or sm2; may be left out."`
	PublicKey string `json:"public_key" maxLength:"80" doc:"Text form, ed25519:<hex> or sm2:<hex>, as the draft names it."`
	Signature []byte `json:"signature" doc:"base64 of 64 bytes"`
}

// A Transaction tells what became of a transaction.
type Transaction struct {
	ID      ledger.Hash `json:"id"`
	Status  State       `json:"status" enum:"UNKNOWN,RECEIVED,ORDERED,FINAL,REJECTED,EXPIRED"`
	Height  uint64      `json:"height,omitempty" doc:"Of its block; provisional while ORDERED."`
	Code    string      `json:"code,omitempty" doc:"Of a rejection, also in outcome."`
	Outcome *Outcome    `json:"outcome,omitempty" doc:"Once FINAL or REJECTED: certified."`

	// Of GET alone, as of its Ledger-Height.
	UnderReview bool                 `json:"under_review,omitempty" doc:"The members doubt the entry that it made; nothing else about it has changed."`
	Review      *corrections.Review  `json:"review,omitempty" doc:"When and why it was or is under review, for members only."`
	Corrections []corrections.Record `json:"corrections,omitempty" doc:"Annotations and corrections of the entry that it made, for members only."`
}

// An Outcome is the certified result of a transaction.
type Outcome struct {
	Code    string          `json:"code,omitempty"`
	Ground  string          `json:"ground,omitempty"`
	Details []Detail        `json:"details"`
	Result  json.RawMessage `json:"result,omitempty" doc:"By the method's result_schema."`
	Events  []ledger.Event  `json:"events"`
}

// A Receipt is the JSON view of a receipt file.
type Receipt struct {
	Transaction BlockTransaction `json:"transaction"`
	Block       ledger.Certified `json:"block"`
	File        []byte           `json:"file" doc:"base64 of the receipt file, which is what verifies"`
}

// A BlockTransaction is a transaction as a block shows it.
type BlockTransaction struct {
	ID         ledger.Hash     `json:"id"`
	Index      int             `json:"index"`
	Status     string          `json:"status" enum:"FINAL,REJECTED,VOID"`
	Contract   string          `json:"contract"`
	Version    uint64          `json:"version"`
	Method     string          `json:"method"`
	Actor      string          `json:"actor"`
	ClientRef  string          `json:"client_ref"`
	ValidUntil int64           `json:"valid_until"`
	Signers    []DraftSigner   `json:"signers"`
	Args       json.RawMessage `json:"args,omitempty" doc:"Absent if no method of this program reads them."`
	Outcome    Outcome         `json:"outcome"`
	Raw        []byte          `json:"raw" doc:"base64 of the transaction with its signatures"`
}

// A BlockItem is one block in a list.
type BlockItem struct {
	Hash         ledger.Hash   `json:"hash"`
	Header       ledger.Header `json:"header"`
	Transactions int           `json:"transactions"`
}

// A BlockPage is a list of blocks by ascending height.
type BlockPage struct {
	Place
	Items []BlockItem `json:"items"`
	Next  uint64      `json:"next,omitempty" doc:"The from of the next page; absent at the newest block."`
}

// A Block is a FINAL block, for members.
type Block struct {
	Hash         ledger.Hash        `json:"hash"`
	Proof        ledger.Certified   `json:"proof" doc:"The header and the certificate that makes it FINAL."`
	Transactions []BlockTransaction `json:"transactions"`
}
