// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/api"
)

// An upgradeWatch looks, with each FINAL block, at which execution version the
// members have decided on. A node whose program does not know the version of the
// next block stops before it: it signs nothing for that block and serves what is
// FINAL. It says so as soon as the decision is FINAL, when there is time to install
// another program.
type upgradeWatch struct {
	versions *contracts.Versions
	store    *store.Store
	brake    *brake
	logger   *slog.Logger
	metrics  *metrics
	told     contracts.Upgrade // that was logged last
}

// look is told of the newest FINAL block that readers may see: first at the start,
// then by the orderer alone. An error is a failure to read the state.
func (u *upgradeWatch) look(height uint64) error {
	state, err := u.store.State(height)
	if err != nil {
		return fmt.Errorf("read state of height %d: %w", height, err)
	}
	e, err := contracts.ReadExecution(state)
	if err := errors.Join(err, state.Close()); err != nil {
		return err
	}
	if version := e.At(height + 1); u.versions.Of(version) == nil {
		u.stop(version, height)
		return nil
	}
	next, missing := u.versions.Missing(e, height)
	u.metrics.missing.Set(number(missing))
	if missing && next != u.told {
		u.told = next
		u.logger.Warn("an upgrade is decided that this program does not know: the node will stop before its height",
			"version", next.Version, "known", u.versions.Newest(), "first_height", next.Height, "height", height,
			"do", "install a program that knows the version and start the node again before that height; ipledger version tells what a program knows",
			"zh", fmt.Sprintf("已决定自高度 %d 起启用执行版本 %d，本程序仅支持到版本 %d，届时节点将停在该高度之前。请在此之前安装支持该版本的程序并重新启动节点（ipledger version 可查看程序支持的版本）。",
				next.Height, next.Version, u.versions.Newest()))
	}
	return nil
}

// stop holds the node for good: nothing but another program lets it go on.
func (u *upgradeWatch) stop(version, height uint64) {
	u.metrics.missing.Set(1)
	known := u.versions.Newest()
	why := api.Held{
		Reason: api.ReasonRules,
		Detail: fmt.Sprintf("from height %d on blocks are made by execution version %d, and this program knows up to %d", height+1, version, known),
		ZH:     fmt.Sprintf("自高度 %d 起区块按执行版本 %d 产生，本程序仅支持到版本 %d", height+1, version, known),
	}
	if u.brake.hold(why, true) {
		u.logger.Error("the program does not know the rules of the next block: the node does not execute, vote, propose or take transactions",
			"version", version, "known", known, "height", height,
			"safe", "nothing is lost; what is FINAL up to this height is served and proves itself; the other members go on",
			"do", "install a program that knows execution version "+strconv.FormatUint(version, 10)+" and start the node again with the same data directory: it catches up by itself",
			"zh", why.ZH+"。节点已停止执行、投票、提议和受理交易；数据未丢失，此高度及以前已确定的数据仍可查询和验证，其他成员继续运行。"+
				"请安装支持该版本的程序，以同一数据目录重新启动节点，节点将自动追赶。")
	}
}
