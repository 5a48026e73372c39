// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package preflight

import (
	"errors"
	"strings"
	"syscall"

	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/node/edge"
	"github.com/ipledger/ipledger/p2p"
)

// peers looks at how this node finds the others.
func (x *examination) peers(id datadir.Identity) {
	var silent []string
	for _, v := range id.Genesis.Validators {
		if v.Name != x.config.Name && len(x.config.Peers[v.Name]) == 0 {
			silent = append(silent, v.Name)
		}
	}
	host, err := x.host(id, nil)
	if err == nil {
		host.Close()
	}
	unknown := id.Strangers(x.config)
	switch {
	case len(unknown) > 0:
		x.note("peers", Failure, "the genesis file has no validator "+strings.Join(unknown, ", "), "创世文件中没有验证者 "+strings.Join(unknown, "、"))
	case err != nil:
		x.fail("peers", err, "其他验证者的地址无法使用")
	case len(silent) > 0:
		x.note("peers", Warning, "no address of "+strings.Join(silent, ", ")+": this node waits until they connect to it", "缺少以下验证者的地址，只能等待其主动连接："+strings.Join(silent, "、"))
	default:
		x.note("peers", Good, "every other validator has an address", "其他验证者均有地址")
	}
}

func (x *examination) host(id datadir.Identity, listen []string) (*p2p.Host, error) {
	return p2p.New(p2p.Config{
		Seed: id.Network, Self: p2p.MemberID(x.config.Name), Members: id.Members(x.config),
		Listen: listen, Network: id.Trust.Chain.String(),
	})
}

// listeners binds the addresses of the node, all at the same time, as the node
// does: two of them may be the same.
func (x *examination) listeners(id datadir.Identity, known bool) {
	c := x.config
	l, err := edge.Listen(c.APIListen, c.TLSCertificate != "")
	if err == nil {
		defer l.Close()
	}
	x.bound("api_listen", c.APIListen, "HTTP 地址无法使用；未启用 TLS 时仅限本机回环地址", err)
	p, err := edge.OpenProfiler(c.ProfileListen)
	if err == nil {
		defer p.Close()
	}
	if c.ProfileListen != "" {
		x.bound("profile_listen", c.ProfileListen, "性能剖析服务的地址无法使用；仅限本机回环地址", err)
	}
	if !known {
		return // without keys there is no host
	}
	if _, err := x.host(id, nil); err != nil {
		return // a finding of the peers
	}
	host, err := x.host(id, c.P2PListen)
	if err == nil {
		defer host.Close()
	}
	x.bound("p2p_listen", strings.Join(c.P2PListen, ", "), "节点间地址无法使用", err)
}

// bound tells whether an address could be bound.
func (x *examination) bound(check, address string, zh string, err error) {
	switch {
	case err == nil:
		x.note(check, Good, address, address)
	case !errors.Is(err, syscall.EADDRINUSE):
		x.fail(check, err, zh)
	case x.runs:
		x.note(check, Warning, "in use, while this node runs: "+address, "本节点正在运行，地址已被占用："+address)
	default:
		x.note(check, Failure, err.Error()+"; this node does not run: another program holds the port, or two of its own addresses are the same",
			"本节点未运行，端口已被其他程序占用，或本节点的两个监听地址相同："+address)
	}
}
