// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package datadir

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger"
)

// A Fault is a failure of one of the node's two databases.
type Fault struct {
	Dir      string // data directory of the node
	Database string // its folder: consensus or ledger
	Err      error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap gives the failure as the database told it.
func (f *Fault) Unwrap() error { return f.Err }

// FaultOf makes a Fault of what a database returned, and leaves errors of other
// kinds as they are.
func FaultOf(dir, name string, err error) error {
	f := &Fault{Dir: dir, Database: name, Err: err}
	var known *Fault
	if err == nil || errors.As(err, &known) || f.kind() == faultOther {
		return err
	}
	return f
}

// Damaged tells whether stored data do not decode or verify, while the disk works.
func (f *Fault) Damaged() bool { return f.kind() == faultDamaged }

type faultKind int

const (
	faultOther faultKind = iota
	faultDamaged
	faultFull
	faultSize
	faultReadOnly
	faultFailing
	faultInUse
	faultForeign
	faultNewer
	faultOlder
)

func (f *Fault) kind() faultKind {
	is := func(targets ...error) bool {
		return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(f.Err, t) })
	}
	switch {
	case is(database.ErrInUse):
		return faultInUse
	case is(database.ErrForeign):
		return faultForeign
	case is(database.ErrNewer):
		return faultNewer
	case is(database.ErrOlder):
		return faultOlder
	case is(syscall.ENOSPC, syscall.EDQUOT):
		return faultFull
	case is(syscall.EFBIG):
		return faultSize
	case is(syscall.EROFS, syscall.EACCES, syscall.EPERM):
		return faultReadOnly
	case is(syscall.EIO):
		return faultFailing
	case is(ledger.ErrCorrupt):
		return faultDamaged
	}
	return faultOther
}

// A FaultText tells people of a Fault: what happened, in Chinese, since the error
// itself is in English; and in both languages what is still safe and what to do.
type FaultText struct {
	Title          string // Chinese
	Advice, Remedy string // English: what is safe, what to do
	AdviceZH       string
	RemedyZH       string
}

// Text explains the fault.
func (f *Fault) Text() FaultText {
	folder := filepath.Join(f.Dir, f.Database)
	name := map[string]string{Consensus: "共识数据库", Ledger: "账本数据库"}[f.Database]
	start := "ipledger node start --dir " + f.Dir
	stopped := FaultText{
		Advice: "The node has stopped. What is FINAL is not lost, and nothing was sent that is not on disk: no vote can be cast twice. " +
			"The other members go on.",
		AdviceZH: "节点已停止。已确定的数据未丢失，未落盘的投票没有发出，不会重复投票；其他节点继续运行。",
	}
	unchanged := FaultText{Advice: "Nothing was changed.", AdviceZH: "未作任何变更。"}
	say := func(t FaultText, title, remedy, remedyZH string) FaultText {
		t.Title, t.Remedy, t.RemedyZH = name+title, remedy, remedyZH
		return t
	}
	switch f.kind() {
	case faultFull:
		return say(stopped, "所在磁盘已满",
			fmt.Sprintf("Free space on the file system of %s%s, then start the node: %s", folder, roomText(folder, " (%s free of %s)"), start),
			fmt.Sprintf("请释放 %s 所在文件系统的空间%s，然后执行：%s", folder, roomText(folder, "（可用 %s，共 %s）"), start))
	case faultSize:
		return say(stopped, "的文件超出系统允许的大小",
			fmt.Sprintf("Raise the limit on the size of files (ulimit -f; LimitFSIZE= of systemd) for %s, then start the node: %s", folder, start),
			fmt.Sprintf("请提高文件大小限制（ulimit -f 或 systemd 的 LimitFSIZE=），目录 %s，然后执行：%s", folder, start))
	case faultReadOnly:
		return say(stopped, "所在目录不可写",
			fmt.Sprintf("Make %s writable for the user of the node (a file system that was mounted read-only after an error must be checked first), then start it: %s", folder, start),
			fmt.Sprintf("请使运行节点的用户可写入 %s（如文件系统因出错转为只读，请先检查），然后执行：%s", folder, start))
	case faultFailing:
		return say(stopped, "所在磁盘读写出错",
			fmt.Sprintf("Check the disk of %s (dmesg, smartctl) and replace it if it fails; if it is sound, start the node: %s", folder, start),
			fmt.Sprintf("请检查 %s 所在磁盘（dmesg、smartctl），如有故障请更换；如磁盘完好，请执行：%s", folder, start))
	case faultInUse:
		return say(unchanged, "正被另一进程使用",
			"Another process holds the data directory: look whether the node runs already, and leave it running or stop it first.",
			"数据目录正被另一进程占用：请确认节点是否已在运行，保持其运行或先将其停止。")
	case faultForeign:
		return say(unchanged, "不属于本节点的网络",
			fmt.Sprintf("Compare the fingerprint of %s with the other members; a network needs a data directory of its own.", filepath.Join(f.Dir, GenesisFile)),
			fmt.Sprintf("请与其他成员核对 %s 的指纹；每个网络须使用独立的数据目录。", filepath.Join(f.Dir, GenesisFile)))
	case faultNewer:
		return say(unchanged, "由更新版本的程序写入",
			"Run the version that has used this directory last, or a later one.",
			"请使用最近一次使用该目录的程序版本或更新的版本。")
	}
	if f.kind() == faultOlder && f.Database == Ledger {
		return say(unchanged, "由旧版本的程序写入，本版本无法读取",
			fmt.Sprintf("Run: ipledger node rebuild --dir %s --ledger; it moves the folder aside. Then: %s; "+
				"the node fetches all blocks from other members and checks each. Do this at one member after the other: "+
				"the others must still hold the blocks. Votes are in another database and stay.", f.Dir, start),
			fmt.Sprintf("请执行：ipledger node rebuild --dir %s --ledger（原目录将另行保留），然后执行：%s；节点将从其他成员重新获取并逐一校验全部区块。"+
				"请各成员逐一执行，确保其他成员仍持有区块。投票记录在另一数据库中，不受影响。", f.Dir, start))
	}
	if f.kind() == faultOlder {
		return say(unchanged, "由旧版本的程序写入，本版本无法读取",
			"Run the version that has used this directory last. Do not move this database away: votes of this node's key are in it.",
			"请使用最近一次使用该目录的程序版本。请勿移走该数据库，其中保存本节点密钥的投票记录。")
	}
	if f.kind() == faultOther {
		return say(stopped, "无法使用",
			fmt.Sprintf("Remove the cause that is named above, then start the node: %s", start),
			fmt.Sprintf("请排除上述原因，然后执行：%s", start))
	}
	if f.Database == Consensus {
		return FaultText{
			Title: name + "损坏",
			Advice: "The node has stopped rather than vote without a sound record of its votes. The ledger is not affected, and the other members go on. " +
				"If a sound disk still holds this directory, use that; never a copy from a backup.",
			AdviceZH: "为避免在投票记录不可靠的情况下投票，节点已停止。账本不受影响，其他节点继续运行。如原磁盘完好请使用原磁盘，切勿从备份恢复该目录。",
			Remedy: fmt.Sprintf("Else run: ipledger node rebuild --dir %s --consensus --yes, then: %s; this key then never votes again, "+
				"and the node follows and serves certified answers as an observer. This version cannot give a validator another key: "+
				"keep the other members running, which must be a quorum without it.", f.Dir, start),
			RemedyZH: fmt.Sprintf("否则请执行：ipledger node rebuild --dir %s --consensus --yes，然后执行：%s；此后该密钥不再投票，节点以观察者身份同步并继续提供经认证的查询。"+
				"本版本不能为验证者换用其他密钥，此后须由其他成员达到法定数量，请保持其运行。", f.Dir, start),
		}
	}
	return FaultText{
		Title: name + "损坏",
		Advice: "The node has stopped rather than serve doubtful data. Nothing is lost to the network: the other members hold the whole ledger, " +
			"and this node's votes are in another database.",
		AdviceZH: "为避免提供不可靠的数据，节点已停止。网络数据未丢失：其他节点保存完整账本，本节点的投票记录在另一数据库中。",
		Remedy: fmt.Sprintf("Run: ipledger node rebuild --dir %s --ledger; it moves the damaged folder aside. Then: %s; "+
			"the node fetches all blocks from other members and checks each.", f.Dir, start),
		RemedyZH: fmt.Sprintf("请执行：ipledger node rebuild --dir %s --ledger（损坏的目录将另行保留），然后执行：%s；节点将从其他成员重新获取并逐一校验全部区块。", f.Dir, start),
	}
}

// roomText tells the room of a file system, or nothing if it is not known.
func roomText(dir, format string) string {
	space, err := database.SpaceOf(dir)
	if err != nil {
		return ""
	}
	return fmt.Sprintf(format, SizeText(space.Free), SizeText(space.Total))
}
