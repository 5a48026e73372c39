// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/node/api"
)

// A node that fills its disk loses no vote and no block, but it ends, and what
// else lives on the disk suffers too. So it stops to write while there is room
// for what it has begun: the tables that Pebble makes of what lies in its
// journals, and what people need to look around.

// Bounds of the reserve that follows from the size of a file system.
const (
	reserveShare = 20 // a twentieth
	minReserve   = 64 << 20
	maxReserve   = 512 << 20
)

// spaceEvery is how often the room is looked at.
const spaceEvery = time.Second

// A reserve is how many bytes are to stay free; negative follows from the size of
// the file system, and 0 is none.
type reserve int64

const automatic reserve = -1

// parseReserve reads "auto", "off", or a number of bytes with KiB, MiB or GiB.
func parseReserve(text string) (reserve, error) {
	switch text {
	case "", "auto":
		return automatic, nil
	case "off":
		return 0, nil
	}
	number, unit := text, int64(1)
	for ending, size := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if n, ok := strings.CutSuffix(text, ending); ok {
			number, unit = strings.TrimSpace(n), size
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit {
		return 0, fmt.Errorf("%w: disk_reserve %q: want auto, off, or a size such as 256MiB", ledger.ErrInvalid, text)
	}
	return reserve(n * unit), nil
}

func (r reserve) of(total uint64) uint64 {
	if r >= 0 {
		return uint64(r)
	}
	return min(max(total/reserveShare, minReserve), maxReserve)
}

// A diskGuard holds the brake while a file system of the databases has less room
// than its reserve.
type diskGuard struct {
	dirs    []string
	dataDir string
	reserve reserve
	room    func(dir string) (database.Space, error)
	brake   *brake
	logger  *slog.Logger
	metrics *metrics
}

// Run looks at the room until ctx ends.
func (g *diskGuard) Run(ctx context.Context) error {
	ticker := time.NewTicker(spaceEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			g.look()
		}
	}
}

// look holds or releases the brake. It is released with a quarter of the reserve
// to spare, so that it does not come and go with every file.
func (g *diskGuard) look() {
	if g.reserve == 0 {
		return
	}
	held := g.brake.why()
	enough := true
	for _, dir := range g.dirs {
		space, err := g.room(dir)
		if err != nil {
			g.logger.Error("the room of a database is not known", "error", err.Error())
			continue
		}
		want := g.reserve.of(space.Total)
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

func (g *diskGuard) stop(dir string, space database.Space, want uint64) {
	why := api.Held{
		Reason: api.ReasonDisk,
		Detail: roomOf(dir, space, want),
	}
	g.metrics.held.Set(1)
	if g.brake.hold(why, false) {
		g.logger.Error("too little room on the disk: the node does not vote, propose or take transactions",
			"directory", dir, "free", space.Free, "reserve", want,
			"safe", "nothing is lost; what is FINAL is served; the other members go on",
			"do", fmt.Sprintf("make %s free on the file system of %s (df -h %s); the node then goes on by itself; "+
				"if it was ended: ipledger node start --dir %s", sizeText(want+want/4-space.Free), dir, dir, g.dataDir),
			"zh", fmt.Sprintf("磁盘空间不足：%s 可用 %s，低于预留空间 %s。节点已暂停投票、提议和受理交易；数据未丢失，已确定的数据仍可查询，其他节点继续运行。"+
				"请在该文件系统上释放至少 %s，节点将自动恢复；如节点已停止，请执行：ipledger node start --dir %s",
				dir, sizeText(space.Free), sizeText(want), sizeText(want+want/4-space.Free), g.dataDir))
	}
}

// roomOf says how much room there is and should be.
func roomOf(dir string, space database.Space, want uint64) string {
	return fmt.Sprintf("%s has %s free of %s, the reserve is %s", dir, sizeText(space.Free), sizeText(space.Total), sizeText(want))
}

// sizeText gives a number of bytes for people.
func sizeText(n uint64) string {
	switch {
	case n >= 10<<30:
		return fmt.Sprintf("%d GiB", n>>30)
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}
