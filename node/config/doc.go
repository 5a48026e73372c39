// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package config reads the facts that are one node's own: a table of settings,
// each a line of node.toml, a variable of the environment and perhaps a flag.
//
//	preset ◀ node.toml ◀ IPLEDGER_<NAME> ◀ flag        a later one goes before
//
// The table says what each setting means, its preset and its bounds; reading,
// checking, printing and the operators' page follow from it. What all nodes of a
// network share is in its genesis file and never here. Nothing is opened but
// node.toml: whether a node could start with a configuration, package preflight
// finds out.
package config
