// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package store

import "github.com/ipledger/ipledger/ledger/state"

// A version holds the nodes of the state tree that one version has written, as far
// as they are in memory, by the index that Writes gave them: to find one by its
// key in a map of all costs more than to hash it.
type version struct {
	number     uint64
	nodes      []*state.Content // nil where it is not in memory any more
	paths      []state.ShortPath
	deep       map[uint32]state.Path // in place of those that have no short form: next to none
	superseded []bool                // the newest tree does not need it
	left       int                   // number of nodes
}

func newVersion(number uint64, nodes []state.Node) version {
	n := len(nodes)
	v := version{number: number, nodes: make([]*state.Content, n), paths: make([]state.ShortPath, n), superseded: make([]bool, n), left: n}
	for i := range nodes {
		v.nodes[i] = nodes[i].Content
		short, ok := nodes[i].Key.Path.Short()
		if v.paths[i] = short; ok {
			continue
		}
		if v.deep == nil {
			v.deep = make(map[uint32]state.Path)
		}
		v.deep[uint32(i)] = nodes[i].Key.Path
	}
	return v
}

// find gives the index of the node of a place, which it should be; the root is the
// last. It is false if that is another, or not in memory.
func (v *version) find(at state.Path, index uint32) (uint32, bool) {
	if at.Len() == 0 {
		index = uint32(len(v.nodes) - 1)
	}
	if index >= uint32(len(v.nodes)) || v.nodes[index] == nil {
		return 0, false
	}
	short, ok := at.Short()
	return index, v.paths[index] == short && (ok || v.deep[index] == at)
}

func (v *version) node(index int) state.Node {
	path, ok := v.deep[uint32(index)]
	if !ok {
		path = v.paths[index].Path()
	}
	return state.Node{Key: state.NodeKey{Version: v.number, Path: path}, Content: v.nodes[index]}
}

func (v *version) remove(index uint32) {
	v.nodes[index] = nil
	v.left--
}
