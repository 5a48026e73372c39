// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"path/filepath"
	"strings"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/datadir"
)

// watch hears of what a database meets in the background. A failure ends the
// process; damage holds the node, which serves what can still be read.
func (n *Node) watch(name string) database.Watch {
	w := database.Watch{Damaged: func(err error) { n.holdDamaged(&datadir.Fault{Dir: n.config.Dir, Database: name, Err: err}) }}
	if n.config.Failed != nil {
		w.Failed = func(err error) { n.config.Failed(&datadir.Fault{Dir: n.config.Dir, Database: name, Err: err}) }
	}
	return w
}

func (n *Node) holdDamaged(f *datadir.Fault) {
	text := f.Text()
	// Strangers read why the node is held: the log alone tells where the folder is.
	told := strings.ReplaceAll(f.Error(), filepath.Clean(f.Dir)+string(filepath.Separator), "")
	if n.brake.hold(api.Held{Reason: api.ReasonDamaged, Detail: told, ZH: text.Title + "：" + told}, true) {
		n.logger.Error("stored data are damaged: the node does not vote, propose or take transactions any more, and serves what it can read",
			"database", f.Database, "error", f.Error(), "safe", text.Advice, "do", "stop the node. "+text.Remedy, "zh", text.Title+"。"+text.AdviceZH+text.RemedyZH)
	}
}
