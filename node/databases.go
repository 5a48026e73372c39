// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"fmt"
	"path/filepath"

	"github.com/ipledger/ipledger/consensus"
	"github.com/ipledger/ipledger/consensus/log"
	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/state"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/datadir"
)

// openLedger opens the ledger database and writes the genesis block into a new
// one.
func openLedger(dir string, id datadir.Identity, opts store.Options) (*store.Store, error) {
	network := id.Trust.Network
	opts.Network, opts.Index = network, store.Index{Version: registry.IndexVersion, Folders: registry.Terms()}
	s, err := store.Open(dir, opts)
	if err != nil {
		return nil, err
	}
	if _, ok := s.Head(); ok {
		return s, nil
	}
	at := id.Genesis.Time.UnixMilli()
	changes, err := contracts.Genesis(network, id.Trust.Sets[0], id.Genesis.State, at)
	if err != nil {
		return s, fmt.Errorf("genesis state: %w", err)
	}
	tree, err := state.Empty(network.Suite).Apply(0, treeWrites(changes))
	if err != nil {
		return s, fmt.Errorf("genesis state: %w", err)
	}
	header := genesisHeader(network, tree.Root(), at)
	history := ledger.NewHistory(network.Suite).Append(network.HeaderHash(header))
	if err := s.Init(header, tree.Writes(), history.Hashes()); err != nil {
		return s, err
	}
	return s, nil
}

// genesisHeader is the header of block 0, which follows from the genesis file.
func genesisHeader(n ledger.Network, root ledger.Hash, at int64) ledger.Header {
	return ledger.Header{
		Version:          ledger.HeaderVersion,
		Chain:            n.Chain,
		Time:             at,
		TransactionRoot:  n.TransactionRoot(nil),
		StateRoot:        root,
		ReceiptsRoot:     ledger.MerkleRoot(n.Suite, nil),
		HistoryRoot:      ledger.NewHistory(n.Suite).Root(),
		ExecutionVersion: contracts.FirstVersion,
	}
}

// openLog opens the consensus database. It refuses an empty one beside one that
// was moved aside: whoever moved it did not get as far as to give up the key.
func (n *Node) openLog() (*log.Log, consensus.Saved, error) {
	dir := filepath.Join(n.config.Dir, datadir.Consensus)
	l, saved, err := log.Open(dir, log.Options{Chain: n.identity.Trust.Chain, Logger: n.logger, Watch: n.watch(datadir.Consensus)})
	if err != nil || saved.Joined || len(saved.Surrendered) > 0 {
		return l, saved, err
	}
	if aside, found := datadir.FindAside(dir); found {
		err = fmt.Errorf("consensus database %s: %w: it is new, and %s was moved aside: votes of this key are in there", dir, ledger.ErrCorrupt, aside)
	}
	return l, saved, err
}
