// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// A Setting is one fact that is this node's own: a line of node.toml, a variable
// IPLEDGER_<NAME> and, where Flag says so, a flag of ipledger node start.
type Setting struct {
	Name   string // as in node.toml
	Flag   bool
	Preset string // what holds where nobody says otherwise
	Doc    string
	DocZH  string

	field func(*Config) any // pointer to a string, an int, a Duration, addresses or peers

	least, most time.Duration // bounds of a time span
}

// settings is the one table from which a configuration is read, checked and
// printed, and which docs/operations.md shows.
var settings = []Setting{
	{Name: "name", Doc: "Name of this validator in the genesis file.", DocZH: "本验证者在创世文件中的名称。",
		field: func(c *Config) any { return &c.Name }},
	{Name: "p2p_listen", Doc: "Multiaddrs to bind for other validators.", DocZH: "供其他验证者连接的监听地址（multiaddr）。",
		field: func(c *Config) any { return &c.P2PListen }},
	{Name: "peers", Doc: "Multiaddrs of the other validators by name.", DocZH: "其他验证者的地址，按名称列出。",
		field: func(c *Config) any { return &c.Peers }},
	{Name: "api_listen", Flag: true, Doc: "HTTP address, host:port; without TLS on loopback only.", DocZH: "HTTP 监听地址（主机:端口）；未启用 TLS 时仅限本机回环地址。",
		field: func(c *Config) any { return &c.APIListen }},
	{Name: "tls_certificate", Flag: true, Doc: "PEM file of the certificate and its chain; empty: no TLS.", DocZH: "TLS 证书及证书链的 PEM 文件；为空则不启用 TLS。",
		field: func(c *Config) any { return &c.TLSCertificate }},
	{Name: "tls_key", Flag: true, Doc: "PEM file of the certificate's key.", DocZH: "TLS 证书私钥的 PEM 文件。",
		field: func(c *Config) any { return &c.TLSKey }},
	{Name: "passphrase_file", Flag: true, Doc: "File that holds the passphrase of the node's keys.", DocZH: "存放节点密钥口令的文件。",
		field: func(c *Config) any { return &c.PassphraseFile }},
	{Name: "log_level", Flag: true, Preset: "info", Doc: "debug, info, warn or error.", DocZH: "日志级别：debug、info、warn 或 error。",
		field: func(c *Config) any { return &c.LogLevel }},
	{Name: "profile_listen", Doc: "Address of Go's profiler, host:port on loopback; empty: none is served.", DocZH: "Go 性能剖析服务的监听地址（主机:端口，仅限本机回环地址）；为空则不启用。",
		field: func(c *Config) any { return &c.ProfileListen }},
	{Name: "state_history", Preset: historyRecent, Doc: "recent: proofs of the newest heights, as many as memory holds; all: of every height from now on, an archive, about 5 KB a transaction on disk.", DocZH: "recent：仅可出具较新高度的状态证明，保留数量取决于内存；all：归档节点，自启用起保留所有高度的状态树，每笔交易约占 5 KB 磁盘空间。",
		field: func(c *Config) any { return &c.StateHistory }},
	{Name: "drain_timeout", Flag: true, Preset: "10s", Doc: "How long requests under way may take when the node ends.", DocZH: "停机时等待在途请求完成的最长时间。",
		field: func(c *Config) any { return &c.DrainTimeout }, most: time.Hour},
	{Name: "drain_delay", Preset: "0s", Doc: "How long the node says that it is not ready before it ends, for balancers; within drain_timeout.", DocZH: "停机前保持“未就绪”状态的时间，供负载均衡器感知；计入 drain_timeout。",
		field: func(c *Config) any { return &c.DrainDelay }, most: time.Hour},
	{Name: "max_connections", Preset: "4096", Doc: "HTTP connections in all.", DocZH: "HTTP 连接总数上限。",
		field: func(c *Config) any { return &c.MaxConnections }},
	{Name: "max_connections_per_address", Preset: "2048", Doc: "HTTP connections of one IPv4 address or one IPv6 /64 network.", DocZH: "同一 IPv4 地址或 IPv6 /64 网段的 HTTP 连接上限。",
		field: func(c *Config) any { return &c.MaxConnectionsPerAddress }},
	{Name: "header_timeout", Preset: "5s", Doc: "How long a client may take to send the headers of a request.", DocZH: "接收请求头的时限。",
		field: func(c *Config) any { return &c.HeaderTimeout }, least: 100 * time.Millisecond, most: 5 * time.Minute},
	{Name: "request_timeout", Preset: "30s", Doc: "How long a client may take to send a whole request.", DocZH: "接收完整请求的时限。",
		field: func(c *Config) any { return &c.RequestTimeout }, least: 100 * time.Millisecond, most: time.Hour},
	{Name: "idle_timeout", Preset: "2m0s", Doc: "How long a connection stays open without a request.", DocZH: "空闲连接保持时间。",
		field: func(c *Config) any { return &c.IdleTimeout }, least: time.Second, most: 24 * time.Hour},
	{Name: "disk_reserve", Preset: "auto", Doc: "Room that stays free on the disks of the databases: auto (5 %, 64 to 512 MiB), off, or a size such as 256MiB.", DocZH: "数据库所在磁盘的预留空间：auto（5%，64 至 512 MiB）、off 或具体大小，如 256MiB。",
		field: func(c *Config) any { return &c.DiskReserve }},
	// The rates and what may wait leave room for a bank's work in batches.
	{Name: "rate_address", Preset: "100", Doc: "Unsigned requests a second of one address; 0: no limit.", DocZH: "同一地址每秒未签名请求数上限；0 表示不限。",
		field: func(c *Config) any { return &c.RateAddress }},
	{Name: "rate_address_burst", Preset: "400", Doc: "Unsigned requests of one address at once.", DocZH: "同一地址未签名请求的突发上限。",
		field: func(c *Config) any { return &c.RateAddressBurst }},
	{Name: "rate_organisation", Preset: "500", Doc: "Signed requests a second of one organisation; 0: no limit.", DocZH: "同一机构每秒签名请求数上限；0 表示不限。",
		field: func(c *Config) any { return &c.RateOrganisation }},
	{Name: "rate_organisation_burst", Preset: "1000", Doc: "Signed requests of one organisation at once.", DocZH: "同一机构签名请求的突发上限。",
		field: func(c *Config) any { return &c.RateOrganisationBurst }},
	{Name: "waiting_organisation", Preset: "4096", Doc: "Submissions of one organisation that wait, to be taken or for their outcome; 0: no limit.", DocZH: "同一机构等待受理或等待结果的提交数上限；0 表示不限。",
		field: func(c *Config) any { return &c.WaitingOrganisation }},
	{Name: "waiting", Preset: "16384", Doc: "Submissions that wait, to be taken or for their outcome; 0: no limit.", DocZH: "等待受理或等待结果的提交总数上限；0 表示不限。",
		field: func(c *Config) any { return &c.Waiting }},
}

// Settings lists every setting in the order in which people read them.
func Settings() []Setting { return slices.Clone(settings) }

// Variable is the environment variable of a setting.
func (s Setting) Variable() string { return "IPLEDGER_" + strings.ToUpper(s.Name) }

// FlagName is the name of the setting's flag, without the dashes.
func (s Setting) FlagName() string { return strings.ReplaceAll(s.Name, "_", "-") }

// Text is the setting's value in c, in the form that its variable takes.
func (s Setting) Text(c Config) string {
	switch v := s.field(&c).(type) {
	case *string:
		return *v
	case *int:
		return strconv.Itoa(*v)
	case **int:
		if *v == nil {
			return ""
		}
		return strconv.Itoa(**v)
	case **float64:
		if *v == nil {
			return ""
		}
		return strconv.FormatFloat(**v, 'f', -1, 64)
	case *Duration:
		return v.String()
	case **Duration:
		if *v == nil {
			return ""
		}
		return (*v).String()
	case *[]string:
		return strings.Join(*v, ",")
	case *map[string][]string:
		var pairs []string
		for _, name := range slices.Sorted(maps.Keys(*v)) {
			for _, address := range (*v)[name] {
				pairs = append(pairs, name+"="+address)
			}
		}
		return strings.Join(pairs, ",")
	}
	panic("config: setting " + s.Name + " has a field of no known kind")
}

// given tells whether the setting has a value in c. Where 0 means something the
// field is a pointer.
func (s Setting) given(c Config) bool {
	text := s.Text(c)
	switch s.field(&c).(type) {
	case **int, **float64, **Duration:
		return text != ""
	}
	return text != "" && text != "0" && text != "0s"
}

// isTimeSpan tells whether the setting is written as 10s or 2m.
func (s Setting) isTimeSpan() bool {
	switch s.field(new(Config)).(type) {
	case *Duration, **Duration:
		return true
	}
	return false
}

// bounded tells whether the setting's time span in c is one that a node can work
// with: a slip of the unit gives one that is valid and cuts off every client.
func (s Setting) bounded(c Config) error {
	var span *Duration
	switch v := s.field(&c).(type) {
	case *Duration:
		span = v
	case **Duration:
		span = *v
	}
	if span == nil {
		return nil
	}
	if v := time.Duration(*span); v < s.least || v > s.most {
		return fmt.Errorf("%w: %s %v: want %v to %v", ledger.ErrInvalid, s.Name, v, s.least, s.most)
	}
	return nil
}

// set reads text into the setting's field.
func (s Setting) set(c *Config, text string) error {
	switch v := s.field(c).(type) {
	case *string:
		*v = text
	case *int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%w: %s %q is not a whole number", ledger.ErrInvalid, s.Name, text)
		}
		*v = n
	case **int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%w: %s %q is not a whole number", ledger.ErrInvalid, s.Name, text)
		}
		*v = &n
	case **float64:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%w: %s %q is not a number", ledger.ErrInvalid, s.Name, text)
		}
		*v = &n
	case *Duration:
		if err := v.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%w: %s: %w", ledger.ErrInvalid, s.Name, err)
		}
	case **Duration:
		var d Duration
		if err := d.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("%w: %s: %w", ledger.ErrInvalid, s.Name, err)
		}
		*v = &d
	case *[]string:
		*v = strings.Split(text, ",")
	case *map[string][]string:
		peers := make(map[string][]string)
		for pair := range strings.SplitSeq(text, ",") {
			name, address, ok := strings.Cut(pair, "=")
			if !ok || name == "" {
				return fmt.Errorf("%w: %s: %q is not NAME=MULTIADDR", ledger.ErrInvalid, s.Name, pair)
			}
			peers[name] = append(peers[name], address)
		}
		*v = peers
	default:
		panic("config: setting " + s.Name + " has a field of no known kind")
	}
	return nil
}

// A Duration is a time span as people write it in node.toml, such as "10s".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText gives the text form.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the text form.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time span such as 10s or 2m", text)
	}
	*d = Duration(v)
	return nil
}
