// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/ipledger/ipledger/ledger"
)

// Config holds the facts that are this node's own: node.toml in the data
// directory, with variables and flags before it. What all nodes share is in
// genesis.json beside it. The table of settings says what each means, and what
// holds where it is not given: that is meant by nil, and by 0 where there is no nil.
type Config struct {
	// Dir is the data directory. It holds node.toml, genesis.json, keys/,
	// consensus/ (votes; never copied or restored) and ledger/.
	Dir string `toml:"-"`

	Name           string              `toml:"name"`
	P2PListen      []string            `toml:"p2p_listen"` // multiaddrs, such as /ip4/0.0.0.0/tcp/4001
	Peers          map[string][]string `toml:"peers"`
	APIListen      string              `toml:"api_listen"`
	TLSCertificate string              `toml:"tls_certificate,omitempty"` // seen from Dir, as TLSKey
	TLSKey         string              `toml:"tls_key,omitempty"`
	PassphraseFile string              `toml:"passphrase_file"`
	LogLevel       string              `toml:"log_level,omitempty"`
	ProfileListen  string              `toml:"profile_listen,omitempty"` // on loopback; empty, as it should be in service: no profiler
	StateHistory   string              `toml:"state_history,omitempty"`  // recent or all

	DrainTimeout             *Duration `toml:"drain_timeout,omitempty"` // 0 does not wait for requests, nil is the preset
	DrainDelay               Duration  `toml:"drain_delay,omitempty"`
	MaxConnections           int       `toml:"max_connections,omitempty"`
	MaxConnectionsPerAddress int       `toml:"max_connections_per_address,omitempty"`
	HeaderTimeout            Duration  `toml:"header_timeout,omitempty"`
	RequestTimeout           Duration  `toml:"request_timeout,omitempty"`
	IdleTimeout              Duration  `toml:"idle_timeout,omitempty"`
	DiskReserve              string    `toml:"disk_reserve,omitempty"`

	// Limits of the HTTP API; 0 is no limit, nil the preset.
	RateAddress           *float64 `toml:"rate_address,omitempty"`
	RateAddressBurst      *int     `toml:"rate_address_burst,omitempty"`
	RateOrganisation      *float64 `toml:"rate_organisation,omitempty"`
	RateOrganisationBurst *int     `toml:"rate_organisation_burst,omitempty"`
	WaitingOrganisation   *int     `toml:"waiting_organisation,omitempty"`
	Waiting               *int     `toml:"waiting,omitempty"`

	// Failed is told of a failure of a database that no stage can return. It ends
	// the process and does not return. Nil means a panic.
	Failed func(error) `toml:"-"`

	// Pace is how time passes for the node; the zero value is that of service.
	Pace Pace `toml:"-"`
}

// File is the name of the configuration in a data directory.
const File = "node.toml"

// A Source says where the value of a setting comes from. A later one goes before
// the earlier ones.
type Source string

// The sources of a configuration.
const (
	FromPreset      Source = "default"
	FromFile        Source = "file"
	FromEnvironment Source = "environment"
	FromFlag        Source = "flag"
)

// Load reads the configuration of the data directory dir; getenv is
// os.Getenv or what takes its place. Errors wrap ledger.ErrInvalid.
func Load(dir string, getenv func(string) string) (Config, error) {
	c, _, err := Read(dir, getenv, nil)
	if err != nil {
		return Config{}, err
	}
	return c, c.Check()
}

// Read reads the configuration of the data directory dir and tells of each
// setting where it comes from. flags holds what was given on the command line, by
// the names of the settings. What the values mean together is not checked:
// Load and Config.Check do that. Errors wrap ledger.ErrInvalid.
func Read(dir string, getenv func(string) string, flags map[string]string) (Config, map[string]Source, error) {
	c := Config{Dir: dir}
	path := filepath.Join(dir, File)
	text, err := os.ReadFile(path)
	if err != nil {
		return c, nil, fmt.Errorf("%w: %s is no data directory of a node (make one with: ipledger node init): %w", ledger.ErrInvalid, dir, err)
	}
	if err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&c); err != nil {
		return c, nil, fmt.Errorf("%w: %s: %s", ledger.ErrInvalid, path, tomlFault(err))
	}
	given := make(map[string]any)
	if err := toml.Unmarshal(text, &given); err != nil {
		return c, nil, fmt.Errorf("%w: %s: %w", ledger.ErrInvalid, path, err)
	}
	sources := make(map[string]Source)
	for _, s := range settings {
		sources[s.Name] = FromPreset
		value := s.Preset
		if v, ok := given[s.Name]; ok {
			sources[s.Name], value = FromFile, ""
			// The library takes a bare number for nanoseconds.
			if _, text := v.(string); s.isTimeSpan() && !text {
				return c, nil, fmt.Errorf("%w: %s: %s: %v is not a time span such as \"10s\" or \"2m\"", ledger.ErrInvalid, path, s.Name, v)
			}
		}
		if v := getenv(s.Variable()); v != "" {
			sources[s.Name], value = FromEnvironment, v
		}
		if v, ok := flags[s.Name]; ok {
			sources[s.Name], value = FromFlag, v
		}
		if value == "" && sources[s.Name] != FromFlag {
			continue
		}
		if err := s.set(&c, value); err != nil {
			return c, nil, fmt.Errorf("%w (%s)", err, sources[s.Name])
		}
	}
	return c, sources, nil
}

// tomlFault says which line of a file is wrong, or which fields nobody knows.
func tomlFault(err error) string {
	var strict *toml.StrictMissingError
	var wrong *toml.DecodeError
	switch {
	case errors.As(err, &strict):
		var unknown []string
		for _, e := range strict.Errors {
			row, _ := e.Position()
			unknown = append(unknown, fmt.Sprintf("line %d: there is no setting %q", row, strings.Join(e.Key(), ".")))
		}
		return strings.Join(unknown, "; ")
	case errors.As(err, &wrong):
		row, _ := wrong.Position()
		return fmt.Sprintf("line %d: %v", row, wrong)
	}
	return err.Error()
}

// Complete fills in what holds where nothing is given.
func (c Config) Complete() Config {
	for _, s := range settings {
		if s.Preset != "" && !s.given(c) {
			if err := s.set(&c, s.Preset); err != nil {
				panic(fmt.Sprintf("config: preset of %s: %v", s.Name, err))
			}
		}
	}
	c.Pace = c.Pace.Complete()
	return c
}

// Path is where a file of the configuration lies, seen from the data directory.
func (c Config) Path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.Dir, file)
}

// Check tells what is wrong with the values of a configuration that Read
// gave. Errors wrap ledger.ErrInvalid.
func (c Config) Check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ledger.ErrInvalid}, args...)...)
	}
	switch {
	case c.Name == "":
		return wrong("%s names no validator", File)
	case len(c.P2PListen) == 0:
		return wrong("%s has no p2p_listen address", File)
	case c.APIListen == "":
		return wrong("%s has no api_listen address", File)
	case c.PassphraseFile == "":
		return wrong("no passphrase file: set passphrase_file or IPLEDGER_PASSPHRASE_FILE")
	case (c.TLSCertificate == "") != (c.TLSKey == ""):
		return wrong("tls_certificate and tls_key go together: set both, or none for plain HTTP on loopback")
	case c.MaxConnections < 1 || c.MaxConnectionsPerAddress < 1:
		return wrong("max_connections and max_connections_per_address must be at least 1")
	case c.DrainTimeout == nil || *c.DrainTimeout < 0 || c.DrainDelay < 0 || c.DrainDelay > *c.DrainTimeout:
		return wrong("drain_timeout %v and drain_delay %v: want no less than 0s, and the delay within the timeout", c.DrainTimeout, c.DrainDelay)
	case c.HeaderTimeout <= 0 || c.RequestTimeout < c.HeaderTimeout || c.IdleTimeout <= 0:
		return wrong("header_timeout %v, request_timeout %v, idle_timeout %v: want more than 0s, and a whole request no shorter than its headers", c.HeaderTimeout, c.RequestTimeout, c.IdleTimeout)
	}
	for _, s := range settings {
		if err := s.bounded(c); err != nil {
			return err
		}
	}
	for name, limit := range map[string]*float64{"rate_address": c.RateAddress, "rate_organisation": c.RateOrganisation} {
		if limit != nil && !(*limit >= 0 && *limit <= math.MaxInt32) {
			return wrong("%s is %v; want 0, which is no limit, or more", name, *limit)
		}
	}
	for name, limit := range map[string]*int{
		"rate_address_burst": c.RateAddressBurst, "rate_organisation_burst": c.RateOrganisationBurst,
		"waiting_organisation": c.WaitingOrganisation, "waiting": c.Waiting,
	} {
		if limit != nil && *limit < 0 {
			return wrong("%s is %d; want 0, which is no limit, or more", name, *limit)
		}
	}
	if _, err := ParseReserve(c.DiskReserve); err != nil {
		return err
	}
	if c.StateHistory != historyRecent && c.StateHistory != historyAll {
		return wrong("state_history %q: want %s or %s", c.StateHistory, historyRecent, historyAll)
	}
	_, err := c.Level()
	return err
}

// Values of state_history.
const (
	historyRecent = "recent"
	historyAll    = "all"
)

// KeepsAllTrees tells whether the node is an archive: it can prove the state at
// every height.
func (c Config) KeepsAllTrees() bool { return c.StateHistory == historyAll }

// Text gives the configuration as File holds it; what is not given stays out.
func (c Config) Text() ([]byte, error) {
	text, err := toml.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return text, nil
}

// Level is the least level that is logged.
func (c Config) Level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return level, fmt.Errorf("%w: log_level %q: want debug, info, warn or error", ledger.ErrInvalid, c.LogLevel)
	}
	return level, nil
}
