// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package preflight

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ipledger/ipledger/internal/database"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/ledger/store"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/node/edge"
)

// A Grade says how bad a finding is.
type Grade string

// The grades of a finding. A node with a failure does not start, or nobody can
// use it.
const (
	Good    Grade = "ok"
	Warning Grade = "warn"
	Failure Grade = "fail"
)

// A Finding is what one look at a configuration showed.
type Finding struct {
	Check  string `json:"check"`
	Grade  Grade  `json:"grade"`
	Text   string `json:"text"`
	TextZH string `json:"text_zh"`
}

// Bounds of what a machine should give a node.
const (
	leastDisk    = 1 << 30  // bytes free; below, a node could not write for long
	scarceDisk   = 10 << 30 // bytes free; below, people should look
	filesForSelf = 1024     // open files beside those of HTTP connections
)

// An examination looks at everything that a node needs before it starts, and
// changes nothing.
type examination struct {
	config   config.Config
	now      time.Time
	runs     bool // a process works on the data directory
	findings []Finding
}

// Examine tells what stands against a start of the node. It opens the keys, binds
// the addresses for a moment, and reads the ledger database if no process has it.
// If genesis is not nil the genesis file of the data directory must be the same.
func Examine(c config.Config, now time.Time, genesis []byte) []Finding {
	x := &examination{config: c, now: now, runs: datadir.InUse(c.Dir)}
	x.values()
	x.secrets()
	id, known := x.identity()
	if known {
		x.network(id, genesis)
		x.peers(id)
	}
	x.certificate()
	x.listeners(id, known)
	x.databases(id, known)
	x.machine()
	return x.findings
}

func (x *examination) note(check string, grade Grade, en, zh string) {
	x.findings = append(x.findings, Finding{check, grade, en, zh})
}

// fail notes an error, whose text is English.
func (x *examination) fail(check string, err error, zh string) {
	x.note(check, Failure, err.Error(), fmt.Sprintf("%s（%v）", zh, err))
}

func (x *examination) values() {
	if err := x.config.Check(); err != nil {
		x.fail("settings", err, "配置项无效")
		return
	}
	x.note("settings", Good, "every value can be used", "各配置项有效")
}

// secrets looks at who else may read what nobody else must.
func (x *examination) secrets() {
	open := ""
	for _, path := range []string{x.config.PassphraseFile, filepath.Join(x.config.Dir, datadir.ValidatorKeyFile), filepath.Join(x.config.Dir, datadir.NetworkKeyFile), x.tlsKeyPath()} {
		if info, err := os.Stat(path); path != "" && err == nil && info.Mode().Perm()&0o077 != 0 {
			open += fmt.Sprintf(" %s (%v)", path, info.Mode().Perm())
		}
	}
	if open != "" {
		x.note("secrets", Warning, "other users of this machine may read"+open+": set the mode to 600", "本机其他用户可读取以下文件，请将权限设为 600："+open)
		return
	}
	x.note("secrets", Good, "no other user of this machine may read keys or passphrase", "本机其他用户无法读取密钥与口令")
}

func (x *examination) tlsKeyPath() string {
	if x.config.TLSKey == "" {
		return ""
	}
	return x.config.Path(x.config.TLSKey)
}

// identity opens the keys and compares them with the genesis file.
func (x *examination) identity() (datadir.Identity, bool) {
	if _, _, err := datadir.ReadGenesis(x.config.Dir); err != nil {
		x.fail("genesis", err, "创世文件无法使用")
		return datadir.Identity{}, false
	}
	id, err := datadir.LoadIdentity(x.config)
	if errors.Is(err, keys.ErrPassphraseFile) {
		x.note("keys", Failure, err.Error(), fmt.Sprintf("口令文件 %s 无法使用：须存在、可读且非空", x.config.PassphraseFile))
		return datadir.Identity{}, false
	}
	if err != nil {
		x.fail("keys", err, "口令或密钥无法使用")
		return datadir.Identity{}, false
	}
	v := id.Genesis.Validators[id.Place]
	x.note("keys", Good, fmt.Sprintf("they open and are those of validator %s, %s", v.Name, v.Organisation), fmt.Sprintf("密钥可打开，属于验证者 %s（%s）", v.Name, v.Organisation))
	return id, true
}

func (x *examination) network(id datadir.Identity, genesis []byte) {
	own, err := os.ReadFile(filepath.Join(x.config.Dir, datadir.GenesisFile))
	n := len(id.Genesis.Validators)
	en, zh := fmt.Sprintf("%s, chain %s, %d validators", id.Genesis.Name, id.Trust.Chain, n), fmt.Sprintf("%s，链标识 %s，验证者 %d 个", id.Genesis.Name, id.Trust.Chain, n)
	switch {
	case err != nil:
		x.fail("genesis", err, "创世文件无法读取")
	case genesis != nil && !bytes.Equal(own, genesis):
		x.note("genesis", Failure, "the data directory holds another genesis file than the one given: this node would join another network", "数据目录中的创世文件与所给文件不同：节点将加入另一网络")
	case x.now.Before(id.Genesis.Time):
		x.note("genesis", Failure, en+"; this machine's clock is before its genesis: set the clock", zh+"；本机时钟早于创世时间，请校准")
	case n <= 3:
		x.note("genesis", Warning, en+": this is for pilots, since it bears no faulty validator; four bear one", zh+"：仅供试点，不能容忍任何验证者故障；四个验证者可容忍一个")
	default:
		x.note("genesis", Good, en, zh)
	}
}

func (x *examination) certificate() {
	if x.config.TLSCertificate == "" && x.config.TLSKey == "" {
		x.note("tls", Good, "none: plain HTTP on loopback", "未启用：仅在本机回环地址提供 HTTP")
		return
	}
	leaf, err := edge.ReadCertificate(x.config.Path(x.config.TLSCertificate), x.tlsKeyPath())
	if err != nil {
		x.fail("tls", err, "TLS 证书或私钥无法使用")
		return
	}
	en, zh := fmt.Sprintf("%s, until %s", names(leaf), leaf.NotAfter.Format(time.RFC3339)), fmt.Sprintf("%s，有效期至 %s", names(leaf), leaf.NotAfter.Format(time.RFC3339))
	switch {
	case x.now.After(leaf.NotAfter):
		x.note("tls", Failure, en+": it has expired, and clients refuse it", zh+"：已过期，客户端将拒绝")
	case x.now.Before(leaf.NotBefore):
		x.note("tls", Failure, en+": it is not valid yet; check this machine's clock", zh+"：尚未生效，请检查本机时钟")
	case x.now.Add(edge.ExpiresSoon).After(leaf.NotAfter):
		x.note("tls", Warning, en+": it expires soon", zh+"：即将过期")
	default:
		x.note("tls", Good, en, zh)
	}
}

// names is whom a certificate is for.
func names(leaf *x509.Certificate) string {
	all := append([]string(nil), leaf.DNSNames...)
	for _, ip := range leaf.IPAddresses {
		all = append(all, ip.String())
	}
	if len(all) == 0 {
		return leaf.Subject.String()
	}
	return strings.Join(all, " ")
}

// databases looks for the one loss that a node cannot make good by itself.
func (x *examination) databases(id datadir.Identity, known bool) {
	exists := func(name string) bool {
		_, err := os.Stat(filepath.Join(x.config.Dir, name))
		return err == nil
	}
	switch ledgerThere, votesThere := exists(datadir.Ledger), exists(datadir.Consensus); {
	case ledgerThere && !votesThere:
		x.note("databases", Warning, "there is a ledger and no consensus database: the node will follow and sign nothing until it has learnt its newest vote", "有账本而无共识数据库：在查明自身最新投票前，节点只跟随、不签名")
	case ledgerThere && x.runs:
		x.note("databases", Good, "both are there, and in use: this node runs", "账本与共识数据库均在，正在使用：本节点正在运行")
	case ledgerThere && known:
		x.ledger(id)
	case ledgerThere:
		x.note("databases", Good, "both are there", "账本与共识数据库均在")
	default:
		x.note("databases", Good, "none yet: the first start makes them", "尚未创建，首次启动时建立")
	}
}

// ledger looks whether the ledger database is one of the genesis file's network
// that this program can read.
func (x *examination) ledger(id datadir.Identity) {
	dir := filepath.Join(x.config.Dir, datadir.Ledger)
	if _, err := os.Stat(filepath.Join(dir, "LOCK")); errors.Is(err, fs.ErrNotExist) {
		x.note("databases", Good, "both folders are there; the first start fills the ledger", "数据库目录均在，账本在首次启动时建立")
		return
	}
	if err := store.Examine(dir, id.Trust.Chain); err != nil {
		t := (&datadir.Fault{Dir: x.config.Dir, Database: datadir.Ledger, Err: err}).Text()
		x.note("databases", Failure, err.Error()+"; "+t.Remedy, t.Title+"。"+t.RemedyZH)
		return
	}
	x.note("databases", Good, "both are there, and the ledger is one of this network", "账本与共识数据库均在，账本属于本网络")
}

// disk holds the room of each database against the reserve, as the node does when
// it runs.
func (x *examination) disk() {
	keep, err := config.ParseReserve(x.config.DiskReserve)
	if err != nil {
		return // a finding of the settings
	}
	least := uint64(math.MaxUint64)
	for _, name := range []string{datadir.Consensus, datadir.Ledger} {
		dir := filepath.Join(x.config.Dir, name)
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			dir = x.config.Dir // where it will be made
		}
		space, err := database.SpaceOf(dir)
		if err != nil {
			x.fail("disk", err, "无法查看磁盘空间")
			return
		}
		if want := keep.Of(space.Total); space.Free < want {
			x.note("disk", Failure, datadir.RoomOf(dir, space, want)+": the node would start, and not vote or take transactions",
				fmt.Sprintf("%s 可用 %s，低于预留空间 %s：节点启动后将暂停投票和受理交易", dir, datadir.SizeText(space.Free), datadir.SizeText(want)))
			return
		}
		least = min(least, space.Free)
	}
	grade := Good
	if least < leastDisk {
		grade = Failure
	} else if least < scarceDisk {
		grade = Warning
	}
	x.note("disk", grade, fmt.Sprintf("%.1f GiB free; a node needs 1 GiB and should have 10", float64(least)/(1<<30)), fmt.Sprintf("剩余 %.1f GiB；至少需要 1 GiB，建议 10 GiB 以上", float64(least)/(1<<30)))
}

func (x *examination) machine() {
	x.disk()
	if limit, err := openFiles(); err == nil {
		grade, want := Good, uint64(x.config.Complete().MaxConnections)+filesForSelf
		if limit < want {
			grade = Warning
		}
		x.note("open_files", grade, fmt.Sprintf("%d may be open; max_connections and the databases need %d", limit, want), fmt.Sprintf("可打开 %d 个；max_connections 与数据库共需 %d 个", limit, want))
	}
	if inStep, err := clockInStep(); err == nil {
		if inStep {
			x.note("clock", Good, "kept in step by this machine", "本机时钟已同步")
		} else {
			x.note("clock", Warning, "nothing keeps this machine's clock in step, as far as its kernel knows: run an NTP service", "系统内核显示时钟未同步，请启用 NTP 服务")
		}
	}
}

// Fails tells whether any of the findings stands against a start.
func Fails(findings []Finding) bool {
	for _, f := range findings {
		if f.Grade == Failure {
			return true
		}
	}
	return false
}
