// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/internal/buildinfo"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node"
	"github.com/ipledger/ipledger/node/config"
	"github.com/ipledger/ipledger/node/datadir"
	"github.com/ipledger/ipledger/p2p"
)

func nodeCommand(e *env) *cobra.Command {
	return noun("node", "Make and run a node", nodeInitCommand(e), nodeStartCommand(e), nodeRebuildCommand(e))
}

// Keys that were made before there was a genesis file wait in this folder of
// the data directory until the node is made.
const (
	preparedDir       = "prepared"
	preparedValidator = "validator.json"
	preparedNetwork   = "network.json"
)

// nodeFlags are the flags of node init.
type nodeFlags struct {
	dir, genesis, suite                      string
	name                                     string
	p2pListen                                []string
	api                                      string
	peers                                    []string
	passphraseFile, validatorKey, networkKey string
	certificate, key                         string // of TLS
}

func nodeInitCommand(e *env) *cobra.Command {
	var f nodeFlags
	cmd := &cobra.Command{
		Use:   "init --dir DIR",
		Short: "Make the keys of a node, and with a genesis file its data directory",
		Long: `Make the data directory of a node, in two steps, since a genesis file names the
keys of all validators:

  1. Without --genesis: make the validator key and the network key, and print
     what the genesis specification needs of them.
  2. With --genesis: make the data directory for these keys.

The passphrase of the key files must be in a file, so that the node can start
unattended. A directory that holds a node is never changed.`,
		Example: `  ipledger node init --dir ba --passphrase-file pass
  ipledger node init --dir ba --passphrase-file pass --genesis genesis.json --peer ipo=/dns4/ipo.example/tcp/4001`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			f.passphraseFile = e.passphrasePath(f.passphraseFile)
			if f.passphraseFile == "" {
				return wrongCall("no passphrase file: give --passphrase-file or set IPLEDGER_PASSPHRASE_FILE")
			}
			path, err := filepath.Abs(f.passphraseFile)
			if err != nil {
				return fmt.Errorf("passphrase file: %w", err)
			}
			f.passphraseFile = path
			if f.genesis == "" {
				return e.prepareNode(f)
			}
			return e.initNode(f)
		},
	}
	cmd.Flags().StringVar(&f.dir, "dir", "", "data directory")
	cmd.Flags().StringVar(&f.genesis, "genesis", "", "genesis file of the network")
	cmd.Flags().StringVar(&f.suite, "suite", string(keys.Ed25519), "without --genesis: the network's suite, ed25519 or sm2")
	cmd.Flags().StringVar(&f.name, "name", "", "name of the validator (default: the one whose key this is)")
	cmd.Flags().StringArrayVar(&f.p2pListen, "p2p-listen", []string{"/ip4/0.0.0.0/tcp/4001"}, "multiaddr to listen on for other validators")
	cmd.Flags().StringVar(&f.api, "api", "127.0.0.1:8081", "address of the HTTP API")
	cmd.Flags().StringVar(&f.certificate, "tls-certificate", "", "PEM file of the API's TLS certificate; without one the API must be on loopback")
	cmd.Flags().StringVar(&f.key, "tls-key", "", "PEM file of the key of the TLS certificate")
	cmd.Flags().StringArrayVar(&f.peers, "peer", nil, "NAME=MULTIADDR of another validator; may be repeated")
	cmd.Flags().StringVar(&f.validatorKey, "validator-key", "", "key file of the validator (default: the one made in step 1)")
	cmd.Flags().StringVar(&f.networkKey, "network-key", "", "key file of the network key (default: the one made in step 1)")
	passphraseFlag(cmd, &f.passphraseFile)
	require(cmd, "dir")
	return cmd
}

// nodeKeys is what a genesis specification needs to know of a node.
type nodeKeys struct {
	Key    keys.PublicKey `json:"key"`
	PeerID string         `json:"peer_id"`
	Dir    string         `json:"dir"`
}

// prepareNode makes the two keys of a node that is in no genesis file yet.
func (e *env) prepareNode(f nodeFlags) error {
	passphrase, err := keys.ReadPassphrase(f.passphraseFile)
	if err != nil {
		return err
	}
	folder := filepath.Join(f.dir, preparedDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make data directory: %w", err)
	}
	// The network key is Ed25519 in every network: libp2p knows no SM2.
	for i, k := range []struct{ file, suite string }{{preparedValidator, f.suite}, {preparedNetwork, string(keys.Ed25519)}} {
		if i == 0 && half(folder) {
			continue // made before this was interrupted
		}
		suite, err := keys.SuiteByName(k.suite)
		if err != nil {
			return usageError{err}
		}
		key, err := suite.Generate(nil)
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		if err := keys.WriteFile(filepath.Join(folder, k.file), key, passphrase, e.keyCost); err != nil {
			return err
		}
	}
	answer := nodeKeys{Dir: f.dir}
	if answer.Key, err = keys.ReadPublic(filepath.Join(folder, preparedValidator)); err != nil {
		return err
	}
	network, err := keys.ReadPublic(filepath.Join(folder, preparedNetwork))
	if err != nil {
		return err
	}
	if answer.PeerID, err = p2p.PeerIDOfPublicKey([]byte(network.Bytes)); err != nil {
		return err
	}
	t := newTable()
	t.fact("key", answer.Key.String())
	t.fact("peer id", answer.PeerID)
	t.fact("directory", answer.Dir)
	if err := e.show(answer, t); err != nil {
		return err
	}
	e.say("%s", e.text("Next: give both to whoever makes the genesis file, then run this again with --genesis.",
		"下一步：将以上两项提供给创世文件的制作方，取得创世文件后以 --genesis 再次运行本命令。"))
	return nil
}

// half tells whether the first of two keys is there and the second is not.
func half(folder string) bool {
	_, first := os.Stat(filepath.Join(folder, preparedValidator))
	_, second := os.Stat(filepath.Join(folder, preparedNetwork))
	return first == nil && errors.Is(second, fs.ErrNotExist)
}

// initNode makes the data directory of a validator that the genesis file names.
func (e *env) initNode(f nodeFlags) error {
	file, err := readFile(f.genesis)
	if err != nil {
		return fmt.Errorf("read genesis file: %w", err)
	}
	n, _, err := openGenesis(file)
	if err != nil {
		return fmt.Errorf("%s: %w", f.genesis, err)
	}
	c := config.Config{
		Dir: f.dir, Name: f.name, P2PListen: f.p2pListen, APIListen: f.api, PassphraseFile: f.passphraseFile,
	}
	if c.TLSCertificate, err = absolute(f.certificate); err != nil {
		return err
	}
	if c.TLSKey, err = absolute(f.key); err != nil {
		return err
	}
	if c.Peers, err = readPeers(f.peers, n.trust.Sets[0]); err != nil {
		return usageError{err}
	}
	folder := filepath.Join(f.dir, preparedDir)
	if f.validatorKey == "" {
		f.validatorKey = filepath.Join(folder, preparedValidator)
	}
	if f.networkKey == "" {
		f.networkKey = filepath.Join(folder, preparedNetwork)
	}
	validator, network, err := e.nodeKeys(f)
	if err != nil {
		return err
	}
	if c.Name, err = placeInGenesis(n.trust.Sets[0], f.name, validator, network); err != nil {
		return fmt.Errorf("%s: %w", f.genesis, err)
	}
	if err := datadir.Init(c, file, validator, network, e.keyCost); err != nil {
		return err
	}
	// The node has sealed copies of its own now.
	if err := os.RemoveAll(folder); err != nil {
		e.say("ipledger: %v", err)
	}
	answer := struct {
		Name  string      `json:"name"`
		Chain ledger.Hash `json:"chain"`
		Dir   string      `json:"dir"`
	}{c.Name, n.trust.Chain, c.Dir}
	t := newTable()
	t.fact("validator", answer.Name)
	t.fact("network", n.genesis.Name+" "+answer.Chain.String())
	t.fact("directory", answer.Dir)
	return e.show(answer, t)
}

// absolute makes a path given on the command line one that means the same in
// node.toml.
func absolute(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	return full, nil
}

func (e *env) nodeKeys(f nodeFlags) (validator, network keys.PrivateKey, err error) {
	passphrase, err := keys.ReadPassphrase(f.passphraseFile)
	if err != nil {
		return nil, nil, err
	}
	if validator, err = keys.ReadFile(f.validatorKey, passphrase); err == nil {
		network, err = keys.ReadFile(f.networkKey, passphrase)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; make the keys first: ipledger node init --dir %s", err, f.dir)
	}
	return validator, network, err
}

// placeInGenesis finds the validator by its key and checks that the rest of
// what the genesis file says of it is so. A node with other keys would start,
// and nobody would talk to it.
func placeInGenesis(set ledger.ValidatorSet, name string, validator, network keys.Signer) (string, error) {
	place, ok := set.Find(validator.Public())
	if !ok {
		return "", fmt.Errorf("%w: %w: no validator has the key %s", ledger.ErrInvalid, keys.ErrMismatch, validator.Public())
	}
	member := set.Members[place]
	if name != "" && name != member.Name {
		return "", fmt.Errorf("%w: %w: the key %s is that of validator %q, not of %q", ledger.ErrInvalid, keys.ErrMismatch, member.Key, member.Name, name)
	}
	if network.Public().Algorithm != keys.Ed25519 {
		return "", fmt.Errorf("%w: %w: a network key must be ed25519, this is %s", ledger.ErrInvalid, keys.ErrMismatch, network.Public().Algorithm)
	}
	peer, err := p2p.PeerIDOfPublicKey([]byte(network.Public().Bytes))
	if err != nil {
		return "", err
	}
	if peer != member.PeerID {
		return "", fmt.Errorf("%w: %w: validator %q has peer id %s, the network key has %s", ledger.ErrInvalid, keys.ErrMismatch, member.Name, member.PeerID, peer)
	}
	return member.Name, nil
}

// readPeers reads NAME=MULTIADDR.
func readPeers(given []string, set ledger.ValidatorSet) (map[string][]string, error) {
	names := make(map[string]bool)
	for _, m := range set.Members {
		names[m.Name] = true
	}
	peers := make(map[string][]string)
	for _, text := range given {
		name, address, ok := strings.Cut(text, "=")
		if !ok || !strings.HasPrefix(address, "/") {
			return nil, fmt.Errorf("--peer %q: want NAME=MULTIADDR, such as ipo=/dns4/ipo.example/tcp/4001", text)
		}
		if !names[name] {
			return nil, fmt.Errorf("--peer %q: the genesis file has no validator of that name", text)
		}
		peers[name] = append(peers[name], address)
	}
	return peers, nil
}

func nodeStartCommand(e *env) *cobra.Command {
	var f configFlags
	cmd := &cobra.Command{
		Use:         "start --dir DIR",
		Short:       "Run the node of a data directory until it is told to end",
		Annotations: map[string]string{logsToStderr: ""},
		Long: `Run the node of a data directory. Its log goes to standard error, one JSON
object a line; the last says why it ends, if that is a failure (to a terminal:
in plain text). Flags go before IPLEDGER_* variables, these before node.toml, and
that before defaults; ipledger config print shows them all.

SIGTERM or SIGINT ends the node in order: it takes no more transactions, answers
what is under way within drain_timeout, and closes its databases. A second one
ends it at once, which loses nothing that is FINAL. SIGHUP reads the TLS
certificate again.

With less room on the disk than disk_reserve the node does not vote, propose or
take transactions, serves what is FINAL, and goes on by itself when there is room.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.startNode(cmd, f) },
	}
	f.add(cmd)
	return cmd
}

func (e *env) startNode(cmd *cobra.Command, f configFlags) error {
	ctx := cmd.Context()
	c, err := f.load(e, cmd)
	if err != nil {
		return err
	}
	level, err := c.Level()
	if err != nil {
		return err
	}
	logger := node.NewLogger(e.Stderr, level)
	c.Failed = e.endsWith(cmd)
	n, err := node.Open(c, buildinfo.Read().Version, logger)
	if err != nil {
		return err
	}
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	var following sync.WaitGroup
	following.Go(func() {
		for range hangups {
			n.Reload()
		}
	})
	err = n.Run(ctx)
	signal.Stop(hangups)
	close(hangups)
	following.Wait()
	if closing := n.Close(); closing != nil || err != nil {
		return errors.Join(err, closing)
	}
	logger.Info("node ends: its databases are closed")
	return nil
}

// logsToStderr marks the commands whose standard error is a log, if no terminal.
const logsToStderr = "log"

// logEnd writes why the node ends as the last line of the log, in the shape that
// -o json gives an error. Details are of requests; the end of a node has none.
func logEnd(logger *slog.Logger, a errorAnswer) {
	logger.Error("node ends", slog.Group("error",
		"exit_code", a.ExitCode, "code", a.Code, "message", a.Message, "message_zh", a.MessageZH, "advice", a.Advice, "advice_zh", a.AdviceZH,
		"details", []string{}))
}

// endsWith gives a function that ends the process for a failure which no caller
// could be told of. Whoever calls it next waits for the end.
func (e *env) endsWith(cmd *cobra.Command) func(error) {
	var once sync.Once
	return func(err error) {
		once.Do(func() { os.Exit(e.report(cmd, err)) })
	}
}
