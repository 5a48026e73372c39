// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

// Package persons lets an organisation enrol and revoke its own people, by the
// signatures of its administrators, as many as the parameter admin_threshold
// asks for.
//
// A person is a pseudonym and a key, nothing personal. A key belongs to one
// person for ever; a revoked key signs nothing from its block on.
package persons
