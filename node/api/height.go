// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// A Height is the height that a query asks for, if it does: the genesis block
// has height 0, which is not the same as none given.
type Height struct {
	Value uint64
	Given bool
}

// Schema is that of the number.
func (h Height) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeFor[uint64]())
}

// Receiver is where the framework puts the number.
func (h *Height) Receiver() reflect.Value { return reflect.ValueOf(&h.Value).Elem() }

// OnParamSet notes whether it was given.
func (h *Height) OnParamSet(given bool, _ any) { h.Given = given }
