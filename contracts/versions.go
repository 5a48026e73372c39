// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package contracts

import (
	"fmt"

	"github.com/ipledger/ipledger/ledger"
)

// FirstVersion is the execution version that every ledger begins with: its genesis
// block names it, whatever program makes that block.
const FirstVersion = 1

// Versions are the rules of every execution version that a program knows. Old ones
// stay, so that each block is executed, and replayed, under the version that was in
// force at its height. It is immutable.
//
// A version has methods, each with its line of the permission matrix, and figures, see
// figuresOf. A method stays what it is by name, arguments and result: a later version
// may judge differently and add methods, and a method that is out of use refuses. So
// whoever knows the newest version reads the transactions of all.
//
// All else in this package is one for all versions: who may sign, who votes and is
// registered by whom, how a proposal is counted, what intake asks. Whoever changes that,
// or what a method calls of another package, asks View.ExecutionVersion and leaves the
// older ones as they are; a line of Permissions that changes comes as another line for
// the methods of the new version.
type Versions struct {
	registries []*Registry // of FirstVersion and of those after it
}

// NewVersions collects the methods of the versions, in their order. It panics if
// there are none, or if one lacks a method of the version before.
func NewVersions(registries ...*Registry) *Versions {
	if len(registries) == 0 {
		panic("contracts: no execution version")
	}
	for i, g := range registries[1:] {
		for _, m := range registries[i].methods {
			if _, ok := g.Lookup(m.Contract, m.Version, m.Name); !ok {
				panic(fmt.Sprintf("contracts: execution version %d lacks method %s/%d", FirstVersion+i+1, m.FullName(), m.Version))
			}
		}
	}
	x := new(Versions)
	for i, g := range registries {
		of := *g
		of.version = FirstVersion + uint64(i)
		x.registries = append(x.registries, &of)
	}
	return x
}

// Newest is the newest version of all.
func (x *Versions) Newest() uint64 { return FirstVersion + uint64(len(x.registries)) - 1 }

// Of gives the methods of a version, nil if the program does not know it.
func (x *Versions) Of(version uint64) *Registry {
	if version < FirstVersion || version > x.Newest() {
		return nil
	}
	return x.registries[version-FirstVersion]
}

// Missing is the first upgrade of those decided, with a height above the one given,
// whose version the program does not know. Another may lie before it that it knows.
func (x *Versions) Missing(e Execution, height uint64) (Upgrade, bool) {
	for _, u := range e.Upgrades {
		if u.Height > height && x.Of(u.Version) == nil {
			return u, true
		}
	}
	return Upgrade{}, false
}

// Latest gives the methods of the newest version.
func (x *Versions) Latest() *Registry { return x.Of(x.Newest()) }

// At gives the version that is in force for the block of a height, by the state
// before it, and its methods: nil if the program does not know it. An error is a
// failure to read the state.
func (x *Versions) At(r Reader, height uint64) (uint64, *Registry, error) {
	e, err := ReadExecution(r)
	if err != nil {
		return 0, nil, err
	}
	version := e.At(height)
	return version, x.Of(version), nil
}

// ExecutionKey is the state key of the Execution.
const ExecutionKey = "consortium/execution"

// Execution says which version is in force at which height. A ledger has one record
// of it, from its genesis on.
type Execution struct {
	Upgrades []Upgrade `cbor:"1,keyasint" json:"upgrades"` // ascending by version and height; the first is FirstVersion at 0
}

// An Upgrade puts a version in force from the block of a height on.
type Upgrade struct {
	Version uint64 `cbor:"1,keyasint" json:"version"`
	Height  uint64 `cbor:"2,keyasint" json:"height"`
}

// UpgradeLead is how many blocks at least lie between the block in which an upgrade
// is decided and its first block. Up to ledger.MaxDescendants blocks are executed
// above the newest FINAL one; with twice as many between, every node has the decision
// FINAL before it has to execute by it, and can say in time that it will not be able
// to. It is no time for people to install a program: that is what they choose the
// height by.
const UpgradeLead = 2 * ledger.MaxDescendants

// FirstExecution is that of a new ledger.
func FirstExecution() Execution {
	return Execution{Upgrades: []Upgrade{{Version: FirstVersion}}}
}

// ReadExecution reads the record of a state.
func ReadExecution(r Reader) (e Execution, err error) {
	err = readRecord(r, ExecutionKey, &e)
	return e, err
}

// At is the version of the block of a height.
func (e Execution) At(height uint64) uint64 {
	version := uint64(FirstVersion)
	for _, u := range e.Upgrades {
		if u.Height <= height {
			version = u.Version
		}
	}
	return version
}

// Next is the upgrade that is decided and whose height lies above the one given.
func (e Execution) Next(height uint64) (Upgrade, bool) {
	for _, u := range e.Upgrades {
		if u.Height > height {
			return u, true
		}
	}
	return Upgrade{}, false
}
