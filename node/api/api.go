// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/internal/address"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/store"
)

// A Node is what the API asks of the node it serves for. Its methods are safe
// for concurrent use and, but for Submit, return at once.
type Node interface {
	// Submit checks the client signatures, and by contracts.Intake what needs the
	// state, and hands the transaction to the mempool. It returns when the
	// transaction is accepted there, not when it is FINAL, or with ErrBusy when ctx
	// ends before; to submit one again does no harm. Errors wrap ledger.ErrInvalid,
	// ErrConflict, ErrBusy or ErrUnavailable, or are a *contracts.Refusal.
	Submit(ctx context.Context, tx *ledger.Transaction) error

	// Progress tells how far a transaction has come that is not FINAL yet.
	Progress(id ledger.Hash) Progress

	// Head is the newest FINAL block that may be reported: the store holds it.
	Head() store.Head

	// Changed gives a channel that is closed when Head next moves. A caller takes
	// the channel first and looks at Head after, so that it misses no block.
	Changed() <-chan struct{}

	// Status tells where the node stands. It leaves to the API the fields that
	// follow from Config and Head.
	Status() Status
}

// A State is what a client sees of a transaction.
type State string

// The states of a transaction. FINAL, REJECTED and EXPIRED never change.
const (
	Unknown  State = "UNKNOWN"  // this node has not seen it
	Received State = "RECEIVED" // in the mempool
	Ordered  State = "ORDERED"  // in a block that is not FINAL: provisional
	Final    State = "FINAL"    // it took effect
	Rejected State = "REJECTED" // a rule refused it; nothing changed but its reference
	Expired  State = "EXPIRED"  // a FINAL block is later than its valid-until, and it is in none
)

// Progress is how far a transaction has come before it is FINAL. The zero value
// says that the node does not know it.
type Progress struct {
	State      State  // Received, Ordered, or Unknown; "" is Unknown
	Height     uint64 // of the block it was ordered into, or 0
	ValidUntil int64  // of its body, ms since 1970 UTC; 0 if not known
	Reference  string // state key that its client reference is consumed under; "" if not known
}

// Config is what a handler works with. Node, Store, Versions, Trust and Genesis
// are required.
type Config struct {
	Node     Node
	Store    *store.Store
	Versions *contracts.Versions
	Trust    ledger.Trust
	Genesis  *ledger.Genesis
	Version  string           // of the program
	Formats  Formats          // that the node keeps and exchanges
	Logger   *slog.Logger     // of faults of this node; nil: none are logged
	Metrics  http.Handler     // served at /metrics; nil: none
	Clock    func() time.Time // for the replay window and readiness; nil: time.Now
	Limits   Limits
	Answered func(Answered) // told of every request once it is answered; must not block
}

// Limits say how much one client may ask for. A rate is requests a second; a
// burst is how many may come at once after a rest. 0 is no limit.
type Limits struct {
	ReadRate            float64 // of unsigned requests, and apart from them of badly signed ones, of one address
	ReadBurst           int
	OrganisationRate    float64 // of signed requests of one organisation
	OrganisationBurst   int
	OrganisationWaiting int // submissions of one organisation that wait to be taken, or for their outcome
	Waiting             int // those of all
}

// Limits of a request. The server's owner sets ServerHeader and the time-outs; an
// answer may take a minute, the longest wait for an outcome.
const (
	MaxRequest   = 256 << 10 // bytes of a body
	MaxHeader    = 16 << 10  // bytes of all headers
	ServerHeader = 32 << 10  // for http.Server.MaxHeaderBytes, which refuses without our words
)

// server has what the operations share. It holds no state of the ledger.
type server struct {
	Config
	began         time.Time // of the memory of nonces
	routes        []*http.ServeMux
	callers       *callers
	nonces        *nonces
	waiting       *waiting
	slots         *slots
	headers       atomic.Pointer[madeHeaders] // of the head
	reads         *limiter[netip.Prefix]
	attempts      *limiter[netip.Prefix]
	organisations *limiter[string]
}

// NewHandler serves the API. It starts no goroutine and needs no closing.
func NewHandler(cfg Config) http.Handler {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	s := &server{
		Config:        cfg,
		began:         cfg.Clock().Truncate(time.Millisecond), // as requests are dated
		nonces:        newNonces(defaultNonces),
		waiting:       newWaiting(cfg.Node, cfg.Store),
		slots:         newSlots(cfg.Limits.Waiting, cfg.Limits.OrganisationWaiting),
		reads:         newLimiter[netip.Prefix]("address", cfg.Limits.ReadRate, cfg.Limits.ReadBurst),
		attempts:      newLimiter[netip.Prefix]("address", cfg.Limits.ReadRate, cfg.Limits.ReadBurst),
		organisations: newLimiter[string]("organisation", cfg.Limits.OrganisationRate, cfg.Limits.OrganisationBurst),
	}
	s.callers = newCallers(s.newest, cfg.Store)
	operations := http.NewServeMux()
	s.describe(operations)
	operations.HandleFunc("/", s.noRoute)
	// What supervisors ask is not signed, and but for metrics not counted or kept back.
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", s.live)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET "+pathVersion, s.version)
	if cfg.Metrics != nil {
		mux.Handle("GET /metrics", s.counted(cfg.Metrics))
	}
	mux.Handle("/", s.guard(operations))
	s.routes = []*http.ServeMux{mux, operations}
	strange := s.guard(http.HandlerFunc(s.noRoute))
	return s.answers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isClean(r) {
			mux.ServeHTTP(w, r)
		} else {
			strange.ServeHTTP(w, r)
		}
	}))
}

// counted lets another machine ask as often as it may read without a signature.
func (s *server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !from.Addr().Unmap().IsLoopback() {
			if err := s.reads.take(address.Of(r.RemoteAddr), s.Clock(), w.Header()); err != nil {
				writeProblem(w, s.problem(r.Context(), r.URL.Path, err))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// describe registers every operation with its documentation.
func (s *server) describe(mux *http.ServeMux) huma.API {
	doc := huma.DefaultConfig("ipledger", s.Version)
	doc.Info.Description = "Ledger of intellectual-property rights, pledges and loans. Every answer comes from a certified block."
	doc.DocsPath = ""     // its page loads scripts from elsewhere
	doc.SchemasPath = ""  // the document holds all schemas
	doc.CreateHooks = nil // no $schema links: they echo the Host header
	doc.Transformers = []huma.Transformer{problemOfFramework}
	doc.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		signedScheme: {
			Type: "apiKey", In: "header", Name: HeaderSignature,
			Description: "A signed request of an enrolled person; see docs/api.md for the canonical string.",
		},
	}
	a := humago.New(mux, doc)
	a.UseMiddleware(s.queryOfOperation)
	s.describeNetwork(a)
	s.describeRights(a)
	s.describeFreezes(a)
	s.describeCorrections(a)
	s.describeAlerts(a)
	s.describePledges(a)
	s.describePools(a)
	s.describeConsents(a)
	s.describeHistory(a)
	s.describeDossiers(a)
	s.describeCertificates(a)
	s.describePortfolio(a)
	s.describeDisposals(a)
	s.describeLoans(a)
	s.describeParties(a)
	s.describeDrafts(a, mux)
	s.describeTransactions(a, mux)
	s.describeBlocks(a)
	s.describeEvidence(a)
	s.describeProposals(a)
	s.describeRules(a)
	schemas := a.OpenAPI().Components.Schemas.Map()
	delete(schemas, "ErrorModel") // the framework's own; Problem is in its place
	delete(schemas, "ErrorDetail")
	for name, schema := range schemas {
		if !slices.Contains(requestSchemas, name) {
			openAnswer(schema)
		}
		for _, p := range schema.Properties {
			if p.Type == huma.TypeArray {
				p.Nullable = false // lists are never null
			}
		}
	}
	return a
}

// requestSchemas describe what clients send; all others describe answers.
var requestSchemas = []string{"DraftRequest", "DraftSigner", "Submission", "SubmitSignature"}

// openAnswer tells that an answer may get more fields in later versions, which
// clients pass over.
func openAnswer(s *huma.Schema) {
	if s.Type == huma.TypeObject {
		s.AdditionalProperties = nil
	}
}

const signedScheme = "signedRequest"

// schemaName names the schema of a type: records of a contract by their
// contract too, since each has its Record.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	folder, contract := path.Split(t.PkgPath())
	switch {
	case t.Name() == "":
	case contract == "contracts":
		name += "Record"
	case strings.HasSuffix(folder, "/contracts/"):
		name = strings.ToUpper(contract[:1]) + contract[1:] + name
	}
	return name
}

// An endpoint is an operation and whom it answers.
type endpoint struct {
	huma.Operation
	level level
}

// operation describes one operation.
func operation(method, path, id, summary string, level level) endpoint {
	op := huma.Operation{
		OperationID:  id,
		Method:       method,
		Path:         path,
		Summary:      summary,
		MaxBodyBytes: MaxRequest,
		Extensions:   map[string]any{"x-level": level},
		Responses: map[string]*huma.Response{
			"default": {
				Description: "Refusal",
				Content: map[string]*huma.MediaType{
					problemType: {Schema: &huma.Schema{Ref: "#/components/schemas/Problem"}},
				},
			},
		},
	}
	if level != levelPublic {
		op.Security = []map[string][]string{{signedScheme: {}}}
	}
	return endpoint{op, level}
}
