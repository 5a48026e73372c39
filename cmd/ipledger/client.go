// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts/registry"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/node/api"
)

// defaultURL is the API of the first node of a development network.
const defaultURL = "http://127.0.0.1:8081"

// clientFlags say which node is asked, and by whom.
type clientFlags struct {
	url            string
	timeout        time.Duration
	key            string // signs the request; "": asked as anybody
	passphraseFile string
}

// add adds the flags of commands that ask what is open to everybody.
func (f *clientFlags) add(e *env, cmd *cobra.Command) {
	url := e.Getenv("IPLEDGER_URL")
	if url == "" {
		url = defaultURL
	}
	cmd.Flags().StringVar(&f.url, "url", url, "API of the node to ask (environment: IPLEDGER_URL)")
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
	c := e.client(f.url, nil)
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

func (e *env) client(url string, key keys.Signer) *api.Client {
	return &api.Client{BaseURL: url, Key: key, HTTP: new(http.Client), Registry: registry.New(), Clock: e.Now}
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

// replace writes a file under path whether or not one is there. After a crash
// either the old or the new content is there.
func replace(path string, content []byte) error {
	temp, err := writeTemporary(filepath.Dir(path), content)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
