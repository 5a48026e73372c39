// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Command ipledger is the whole ledger in one binary: the node, its clients and
// the offline verifier.
//
//	ipledger <noun> <verb> [flags]
//
// One file holds one noun; a command turns its flags into one call of the rooms
// below and the answer into an exit code:
//
//	0  done
//	1  failed
//	2  called wrongly
//	3  a file does not prove what it claims
//	4  no node answers, or not now
//	5  the ledger or the disk already holds something that stands against it
//
// What must hold:
//
//   - Data goes to standard output, all talk to standard error.
//   - A secret is never a flag: it comes from a file or is typed at a prompt.
//   - What a person signs was built here from the person's own arguments.
//   - Verifying reads files and nothing else.
package main
