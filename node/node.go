// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/node/edge"
	"github.com/ipledger/ipledger/p2p"
)

// A Node is one replica: its two databases, its place in the network, and the
// stages between them.
type Node struct {
	config   config.Config
	identity datadir.Identity
	logger   *slog.Logger

	store    *store.Store
	log      *log.Log
	host     *p2p.Host
	intake   *intake
	orderer  *orderer
	reporter *reporter
	executor *executor
	head     *head
	brake    *brake
	disk     *diskGuard
	edge     *edge.Server
	profiler *edge.Profiler // nil unless configured
}

// Capacities of the channels between stages. What can be under way between
// orderer and executor is bounded by the window and by one answer of block
// sync; with more room than that, neither ever waits for the other.
const (
	submittedRoom = 1024
	executorRoom  = 2 * (fetchBlocks + ledger.MaxDescendants)
)

// Open builds the node of a configuration: it reads keys and genesis, opens both
// databases and binds the listeners. Nothing runs yet. Close frees it all.
func Open(c config.Config, version string, logger *slog.Logger) (*Node, error) {
	return open(c, version, logger, registry.Versions())
}

func open(c config.Config, version string, logger *slog.Logger, versions *contracts.Versions) (n *Node, err error) {
	id, err := datadir.LoadIdentity(c)
	if err != nil {
		return nil, err
	}
	c = c.Complete()
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := id.CheckPeers(c); err != nil {
		return nil, err
	}
	// One cache of keys serves votes, batches, clients' requests and transactions.
	cache := keys.NewKeyCache(4096)
	id.Trust.Suite = keys.Cached(id.Trust.Suite, cache)
	n = &Node{config: c, identity: id, logger: logger, brake: newBrake()}
	defer func() {
		if err != nil {
			n, err = nil, errors.Join(err, n.Close())
		}
	}()
	network := id.Trust.Network
	if n.store, err = openLedger(filepath.Join(c.Dir, datadir.Ledger), id, store.Options{
		Logger: logger, Watch: n.watch(datadir.Ledger), KeepTrees: c.KeepsAllTrees(),
	}); err != nil {
		return n, &datadir.Fault{Dir: c.Dir, Database: datadir.Ledger, Err: err}
	}
	var saved consensus.Saved
	if n.log, saved, err = n.openLog(); err != nil {
		return n, &datadir.Fault{Dir: c.Dir, Database: datadir.Consensus, Err: err}
	}
	if err = n.listen(); err != nil {
		return n, err
	}
	metrics := newMetrics(version)
	metrics.registry.MustRegister(collector{n})
	if err = n.guardDisk(metrics); err != nil {
		return n, err
	}
	n.head = newHead(n.store)
	n.intake = &intake{
		network:   network,
		cache:     cache,
		checked:   newRecent[struct{}](1 << 17),
		received:  newRecent[received](1 << 17),
		versions:  versions,
		head:      n.head,
		brake:     n.brake,
		submitted: make(chan submission, submittedRoom),
		logger:    logger,
		metrics:   metrics,
		suspects:  make(map[p2p.MemberID]bool),
	}
	if head, _ := n.store.Head(); head.Header.ExecutionVersion > versions.Newest() {
		return n, &datadir.Fault{Dir: c.Dir, Database: datadir.Ledger, Err: fmt.Errorf(
			"%w: its newest block %d was made by execution version %d, and this program knows up to %d",
			store.ErrNewer, head.Header.Height, head.Header.ExecutionVersion, versions.Newest())}
	}
	if n.executor, err = newExecutor(network, versions, n.store, n.brake, metrics); err != nil {
		return n, datadir.FaultOf(c.Dir, datadir.Ledger, err)
	}
	if err = n.buildOrderer(saved, metrics, versions); err != nil {
		return n, datadir.FaultOf(c.Dir, datadir.Ledger, err)
	}
	n.edge.Handle(api.NewHandler(api.Config{
		Node:     n,
		Store:    n.store,
		Versions: versions,
		Trust:    id.Trust,
		Genesis:  id.Genesis,
		Version:  version,
		Formats:  Formats(),
		Logger:   logger,
		Metrics:  metrics.handler(),
		Answered: n.answered(metrics),
		Clock:    c.Pace.Clock,
		Limits:   limitsOf(c),
	}))
	return n, nil
}

func (n *Node) buildOrderer(saved consensus.Saved, metrics *metrics, versions *contracts.Versions) error {
	trust := n.identity.Trust
	final, _ := n.store.Head()
	genesis, err := n.store.Header(0)
	if err != nil {
		return err
	}
	var proof *ledger.Certificate
	if final.Header.Height > 0 {
		certified, err := n.store.Proof(final.Header.Height)
		if err != nil {
			return err
		}
		proof = &certified.Certificate
	}
	var nonce [8]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return err
	}
	core, err := consensus.New(consensus.Config{
		Network: trust.Network,
		Set:     trust.Sets[0],
		Start:   ledger.Start{Chain: trust.Chain, Base: trust.HeaderHash(genesis)},
		Self:    consensus.Member(n.identity.Place),
		Signer:  n.identity.Validator,
		Proof:   proof,
		Check:   n.intake.check,
		Nonce:   binary.BigEndian.Uint64(nonce[:]),

		IdleBlock: n.config.Pace.Idle.Milliseconds(),
	}, saved, final.Header)
	if err != nil {
		return datadir.FaultOf(n.config.Dir, datadir.Consensus, err)
	}
	var members []p2p.MemberID
	for _, v := range n.identity.Genesis.Validators {
		members = append(members, p2p.MemberID(v.Name))
		metrics.bad.WithLabelValues(v.Name) // shown from the start, as 0
		for _, kind := range ledger.EvidenceKinds() {
			metrics.evidence.WithLabelValues(string(kind), v.Name)
		}
	}
	n.host.Serve(serveBlocks(n.store, n.log))
	n.reporter = &reporter{
		network:  trust.Network,
		set:      trust.Sets[0],
		self:     n.identity.Place,
		signer:   n.identity.Validator,
		head:     n.head,
		submit:   n.intake.Submit,
		accused:  make(chan ledger.Evidence, accusedRoom),
		clock:    n.config.Pace.Clock,
		logger:   n.logger,
		turn:     reportTurn,
		interval: reportLook,
		open:     make(map[ledger.Offence]*report),
	}
	n.orderer = &orderer{
		dir:     n.config.Dir,
		pace:    n.config.Pace,
		log:     n.log,
		host:    n.host,
		members: members,
		fetcher: &fetcher{host: n.host, members: members, fetched: make(chan consensus.Fetched, 4)},
		head:    n.head,
		brake:   n.brake,
		accused: n.reporter.accused,
		logger:  n.logger,
		metrics: metrics,
		lookout: &lookout{quorum: trust.Sets[0].Quorum(), logger: n.logger, metrics: metrics},
		upgrade: &upgradeWatch{versions: versions, store: n.store, brake: n.brake, logger: n.logger, metrics: metrics},
		core:    core,
	}
	n.orderer.publish()
	return n.orderer.upgrade.look(final.Header.Height)
}

// Run runs the pipeline until ctx ends or a stage fails, and then ends every
// stage. When ctx ends HTTP drains first, while the others still make blocks
// FINAL. It runs once.
func (n *Node) Run(ctx context.Context) error {
	ending := ctx.Done()
	ctx, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)

	requested := make(chan consensus.Effect, executorRoom)
	answered := make(chan consensus.Event, executorRoom)

	var stages sync.WaitGroup
	start := func(name string, run func() error) {
		stages.Go(func() {
			err := run()
			if f := new(datadir.Fault); errors.As(err, &f) && f.Damaged() {
				n.holdDamaged(f) // and serve, for what is not damaged is certified still
				<-ctx.Done()
				return
			}
			if err != nil {
				stop(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	start("p2p", func() error { return n.host.Run(ctx) })
	start("disk", func() error { return n.disk.Run(ctx) })
	start("intake", func() error {
		return datadir.FaultOf(n.config.Dir, datadir.Ledger, n.intake.Run(ctx, n.host.Received(p2p.Transactions)))
	})
	start("executor", func() error {
		return datadir.FaultOf(n.config.Dir, datadir.Ledger, n.executor.Run(ctx, requested, answered))
	})
	start("orderer", func() error {
		return datadir.FaultOf(n.config.Dir, datadir.Ledger, n.orderer.Run(ctx, n.intake.submitted, answered, requested))
	})
	start("evidence", func() error {
		return datadir.FaultOf(n.config.Dir, datadir.Ledger, n.reporter.Run(ctx))
	})
	start("profiler", func() error { return n.profiler.Run(ctx) })
	start("http", func() error {
		err := n.edge.Run(ctx, ending)
		if err == nil {
			stop(nil) // drained: nobody waits for a block any more
		}
		return err
	})
	n.logger.Info("node runs", "name", n.config.Name, "network", n.identity.Genesis.Name,
		"chain", n.identity.Trust.Chain.String(), "api", n.edge.URL(), "p2p", n.host.Addresses())
	stages.Wait()

	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// URL is where the node serves its API.
func (n *Node) URL() string { return n.edge.URL() }

// Reload reads the files again that may change while the node runs: the TLS
// certificate and its key.
func (n *Node) Reload() {
	if !n.edge.Reload() {
		n.logger.Info("nothing to reload: no TLS certificate is configured")
	}
}

// Close frees what Open took. Run must have ended.
func (n *Node) Close() error {
	var errs []error
	if n.edge != nil {
		n.edge.Close()
	}
	n.profiler.Close()
	if n.host != nil {
		n.host.Close()
	}
	if n.log != nil {
		errs = append(errs, n.log.Close())
	}
	if n.store != nil {
		errs = append(errs, n.store.Close())
	}
	return errors.Join(errs...)
}
