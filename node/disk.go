// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/node/api"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
)

// A node that fills its disk loses no vote and no block, but it ends, and what
// else lives on the disk suffers too. So it stops writing while there is room
// for what it has begun: the tables that Pebble makes of what lies in its
// journals, and what people need to look around.

// spaceEvery is how often the room is looked at. That it cannot be read is told at
// once and then every blindEvery: a log must not fill a disk that is in trouble.
const (
	spaceEvery = time.Second
	blindEvery = time.Minute
)

// A diskGuard holds the brake while a file system of the databases has less room
// than its reserve.
type diskGuard struct {
	dirs    []string
	dataDir string
	reserve config.Reserve
	room    func(dir string) (database.Space, error)
	brake   *brake
	logger  *slog.Logger
	metrics *metrics

	blind map[string]blindness // by directory; owned by Run
}

// A blindness is that the room of a directory cannot be read.
type blindness struct{ since, told time.Time }

// guardDisk looks at the room on the disk for the first time, so that a node that
// has too little starts held.
func (n *Node) guardDisk(m *metrics) error {
	keep, err := config.ParseReserve(n.config.DiskReserve)
	if err != nil {
		return err
	}
	n.disk = &diskGuard{
		dirs:    []string{filepath.Join(n.config.Dir, datadir.Consensus), filepath.Join(n.config.Dir, datadir.Ledger)},
		dataDir: n.config.Dir,
		reserve: keep,
		room:    database.SpaceOf,
		brake:   n.brake,
		logger:  n.logger,
		metrics: m,
		blind:   make(map[string]blindness),
	}
	n.disk.look(time.Now())
	return nil
}

// Run looks at the room until ctx ends.
func (g *diskGuard) Run(ctx context.Context) error {
	ticker := time.NewTicker(spaceEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			g.look(now)
		}
	}
}

// look holds or releases the brake. It is released with a quarter of the reserve
// to spare, so that it does not come and go with every file.
func (g *diskGuard) look(now time.Time) {
	if g.reserve == 0 {
		return
	}
	held := g.brake.why()
	enough := true
	for _, dir := range g.dirs {
		space, err := g.room(dir)
		g.tell(dir, err, now)
		if err != nil {
			enough = false // nor is it known to be too little: the brake stays as it is
			continue
		}
		want := g.reserve.Of(space.Total)
		if space.Free < want {
			g.stop(dir, space, want)
			return
		}
		enough = enough && (held == nil || space.Free >= want+want/4)
	}
	if enough && g.brake.release() {
		g.metrics.held.Set(0)
		g.logger.Info("there is room on the disk again: the node orders and votes")
	}
}

// tell logs that the room of a directory cannot be read: when that begins, every
// minute, and when it ends.
func (g *diskGuard) tell(dir string, err error, now time.Time) {
	b, blind := g.blind[dir]
	switch {
	case err == nil && blind:
		delete(g.blind, dir)
		g.logger.Info("the room of a database is known again", "directory", dir, "after", now.Sub(b.since).String())
	case err != nil && now.Sub(b.told) >= blindEvery: // the zero blindness was told long ago
		if !blind {
			b.since = now
		}
		b.told = now
		g.blind[dir] = b
		g.logger.Error("the room of a database is not known", "directory", dir, "error", err.Error(), "for", now.Sub(b.since).String(),
			"safe", "nothing is lost; the node goes on, or stays held, as it was, and ends if a write fails",
			"do", fmt.Sprintf("look at the file system of %s (df %s)", dir, dir),
			"zh", fmt.Sprintf("无法读取 %s 所在磁盘的可用空间。数据未丢失，节点维持原有状态，写入失败时将停止；请检查该文件系统（df %s）。", dir, dir))
	}
}

func (g *diskGuard) stop(dir string, space database.Space, want uint64) {
	why := api.Held{
		Reason: api.ReasonDisk,
		Detail: datadir.RoomOf(filepath.Base(dir), space, want), // strangers read it
		ZH:     fmt.Sprintf("%s 所在磁盘可用 %s，共 %s，预留空间为 %s", filepath.Base(dir), datadir.SizeText(space.Free), datadir.SizeText(space.Total), datadir.SizeText(want)),
	}
	g.metrics.held.Set(1)
	if g.brake.hold(why, false) {
		g.logger.Error("too little room on the disk: the node does not vote, propose or take transactions",
			"directory", dir, "free", space.Free, "reserve", want,
			"safe", "nothing is lost; what is FINAL is served; the other members go on",
			"do", fmt.Sprintf("make %s free on the file system of %s (df -h %s); the node then goes on by itself; "+
				"if it was ended: ipledger node start --dir %s", datadir.SizeText(want+want/4-space.Free), dir, dir, g.dataDir),
			"zh", fmt.Sprintf("磁盘空间不足：%s 可用 %s，低于预留空间 %s。节点已暂停投票、提议和受理交易；数据未丢失，已确定的数据仍可查询，其他节点继续运行。"+
				"请在该文件系统上释放至少 %s，节点将自动恢复；如节点已停止，请执行：ipledger node start --dir %s",
				dir, datadir.SizeText(space.Free), datadir.SizeText(want), datadir.SizeText(want+want/4-space.Free), g.dataDir))
	}
}
