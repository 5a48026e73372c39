// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// defaultURL is the API of the first node of a development network.
const defaultURL = "http://127.0.0.1:8081"

// endpointFlags say where a node is.
type endpointFlags struct {
	url string
	ca  string // PEM file of who vouches for the node's certificate; "": whom this machine trusts
}

func (f *endpointFlags) add(e *env, cmd *cobra.Command, purpose string) {
	url := e.Getenv("IPLEDGER_URL")
	if url == "" {
		url = defaultURL
	}
	cmd.Flags().StringVar(&f.url, "url", url, "API of the node "+purpose+" (environment: IPLEDGER_URL)")
	cmd.Flags().StringVar(&f.ca, "ca", e.Getenv("IPLEDGER_CA"), "PEM file of the certificates that vouch for an https node (default: those of this machine; environment: IPLEDGER_CA)")
}

// clientFlags say which node is asked, and by whom.
type clientFlags struct {
	endpointFlags
	timeout        time.Duration
	key            string // signs the request; "": asked as anybody
	passphraseFile string
}

// add adds the flags of commands that ask what is open to everybody.
func (f *clientFlags) add(e *env, cmd *cobra.Command) {
	f.endpointFlags.add(e, cmd, "to ask")
	cmd.Flags().DurationVar(&f.timeout, "timeout", 30*time.Second, "how long to wait for the answer")
}

// addKey adds the flags of commands that show more to a party.
func (f *clientFlags) addKey(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.key, "key", "", "key file that signs the request, to see what is not public")
	passphraseFlag(cmd, &f.passphraseFile)
}

// open gives the client of the flags and a context that ends with the timeout.
func (f *clientFlags) open(ctx context.Context, e *env) (context.Context, context.CancelFunc, *api.Client, error) {
	if f.timeout <= 0 {
		return nil, nil, nil, wrongCall("--timeout %v: want a duration above 0, such as 30s", f.timeout)
	}
	c, err := e.client(f.endpointFlags, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	if f.key != "" {
		key, err := e.openKey(f.key, f.passphraseFile)
		if err != nil {
			return nil, nil, nil, err
		}
		c.Key = key
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	return ctx, cancel, c, nil
}

func (e *env) client(f endpointFlags, key keys.Signer) (*api.Client, error) {
	c := &api.Client{BaseURL: f.url, Key: key, HTTP: new(http.Client), Registry: registry.New(), Clock: e.Now}
	if !isBase(f.url) {
		return nil, wrongCall("--url %q: want http://host:port or https://host:port", f.url)
	}
	if f.ca == "" {
		return c, nil
	}
	text, err := readFile(f.ca)
	if err != nil {
		return nil, fmt.Errorf("read certificates of --ca: %w", err)
	}
	// These and no others: a private authority is trusted in place of the public
	// ones, not beside them.
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%w: %s holds no certificate in PEM", ledger.ErrInvalid, f.ca)
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, fmt.Errorf("%w: this program's HTTP client takes no certificates", ledger.ErrInvalid)
	}
	transport = transport.Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	c.HTTP.Transport = transport
	return c, nil
}

// isBase tells whether a text is the address of a node.
func isBase(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	_, err = strconv.ParseUint(cmp.Or(u.Port(), "1"), 10, 16)
	return err == nil
}

// asking is the command that asks a node one question.
func (f *clientFlags) asking(e *env, ask func(ctx context.Context, c *api.Client, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, cancel, c, err := f.open(cmd.Context(), e)
		if err != nil {
			return err
		}
		defer cancel()
		return ask(ctx, c, args)
	}
}
