// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/ledger/keys"
	"github.com/ipledger/ipledger/p2p"
)

func keyCommand(e *env) *cobra.Command {
	return noun("key", "Make and look at key files", keyNewCommand(e), keyShowCommand(e))
}

// keyAnswer is what a key file tells without its passphrase.
type keyAnswer struct {
	Algorithm keys.Algorithm `json:"algorithm"`
	PublicKey keys.PublicKey `json:"public_key"`
	PersonID  string         `json:"person_id"`         // if it is enrolled for a person
	PeerID    string         `json:"peer_id,omitempty"` // if it is a node's network key
	File      string         `json:"file"`
}

func keyNewCommand(e *env) *cobra.Command {
	var suiteName, out, passphraseFile string
	cmd := &cobra.Command{
		Use:   "new --out FILE",
		Short: "Make a private key and seal it into a new file",
		Long: `Make a private key and seal it with a passphrase into a new file of mode 0600.
An existing file is never overwritten. The passphrase comes from
--passphrase-file, IPLEDGER_PASSPHRASE_FILE, a systemd credential named
ipledger-passphrase, or a prompt. It cannot be recovered.`,
		Example: "  ipledger key new --suite sm2 --out li.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			suite, err := keys.SuiteByName(suiteName)
			if err != nil {
				return usageError{err}
			}
			if err := checkOutput(out); err != nil {
				return err
			}
			passphrase, err := e.newPassphrase(passphraseFile)
			if err != nil {
				return err
			}
			key, err := suite.Generate(nil)
			if err != nil {
				return fmt.Errorf("make a key: %w", err)
			}
			if err := keys.WriteFile(out, key, passphrase, e.keyCost); err != nil {
				return err
			}
			return e.showKey(key.Public(), out)
		},
	}
	cmd.Flags().StringVar(&suiteName, "suite", string(keys.Ed25519), "the network's suite: ed25519 or sm2")
	cmd.Flags().StringVar(&out, "out", "", "key file to make")
	passphraseFlag(cmd, &passphraseFile)
	require(cmd, "out")
	return cmd
}

func keyShowCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Print the public key of a key file; no passphrase is needed",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			public, err := keys.ReadPublic(args[0])
			if err != nil {
				return err
			}
			return e.showKey(public, args[0])
		},
	}
}

func (e *env) showKey(public keys.PublicKey, file string) error {
	suite, err := keys.SuiteByName(string(public.Algorithm))
	if err != nil {
		return err
	}
	answer := keyAnswer{
		Algorithm: public.Algorithm,
		PublicKey: public,
		PersonID:  contracts.PersonID(suite, public),
		File:      file,
	}
	if public.Algorithm == keys.Ed25519 { // network keys are Ed25519 in every network
		if answer.PeerID, err = p2p.PeerIDOfPublicKey([]byte(public.Bytes)); err != nil {
			return err
		}
	}
	t := newTable()
	t.fact("algorithm", string(answer.Algorithm))
	t.fact("public key", answer.PublicKey.String())
	t.fact("person id", answer.PersonID)
	t.fact("peer id", answer.PeerID)
	t.fact("file", answer.File)
	return e.show(answer, t)
}

func passphraseFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "passphrase-file", "", "file that holds the passphrase (default: IPLEDGER_PASSPHRASE_FILE, else a prompt)")
}

// passphrasePath finds the file that holds the passphrase: the flag, the
// environment, a systemd credential. It is "" if there is none.
func (e *env) passphrasePath(flag string) string {
	if flag != "" {
		return flag
	}
	if path := e.Getenv("IPLEDGER_PASSPHRASE_FILE"); path != "" {
		return path
	}
	if dir := e.Getenv("CREDENTIALS_DIRECTORY"); dir != "" {
		path := filepath.Join(dir, "ipledger-passphrase")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// passphrase reads the passphrase of an existing key file.
func (e *env) passphrase(keyFile, flag string) ([]byte, error) {
	if path := e.passphrasePath(flag); path != "" {
		return keys.ReadPassphrase(path)
	}
	return e.prompt(fmt.Sprintf(e.text("passphrase of %s: ", "%s 的口令："), printable(keyFile)))
}

// newPassphrase reads the passphrase of a key file that is to be made; a typed
// one is asked for twice.
func (e *env) newPassphrase(flag string) ([]byte, error) {
	if path := e.passphrasePath(flag); path != "" {
		return keys.ReadPassphrase(path)
	}
	first, err := e.prompt(e.text("new passphrase: ", "新口令："))
	if err != nil {
		return nil, err
	}
	again, err := e.prompt(e.text("once more: ", "再次输入："))
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(first, again) {
		return nil, errors.New("the two passphrases differ; nothing was made")
	}
	return first, nil
}

// prompt asks at the terminal without showing what is typed.
func (e *env) prompt(question string) ([]byte, error) {
	in, ok := e.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, wrongCall("no passphrase: give --passphrase-file or set IPLEDGER_PASSPHRASE_FILE, since there is no terminal to ask at")
	}
	fmt.Fprint(e.Stderr, question)
	typed, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(e.Stderr)
	if err != nil {
		return nil, fmt.Errorf("read passphrase: %w", err)
	}
	return typed, nil
}

// openKey reads the private key of a file.
func (e *env) openKey(path, passphraseFile string) (keys.PrivateKey, error) {
	passphrase, err := e.passphrase(path, passphraseFile)
	if err != nil {
		return nil, err
	}
	defer clear(passphrase)
	return keys.ReadFile(path, passphrase)
}
