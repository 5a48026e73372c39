// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ipledger/ipledger/contracts"
	"github.com/ipledger/ipledger/contracts/identifier"
	"github.com/ipledger/ipledger/contracts/parties"
	"github.com/ipledger/ipledger/contracts/persons"
	"github.com/ipledger/ipledger/ledger"
	"github.com/ipledger/ipledger/ledger/keys"
)

func proveKeyCommand(e *env) *cobra.Command {
	var genesis, passphraseFile string
	var a parties.AdmitArgs
	cmd := &cobra.Command{
		Use:   "prove-key KEYFILE --uscc CODE|--lei CODE --name-zh NAME --role ROLE --area CODE --genesis FILE",
		Short: "Sign that a key is held by the first administrator of an organisation to be admitted",
		Long: `Sign that a key is held by who shall be the first administrator of an organisation,
and that the organisation asks to be admitted as named. What is printed are the
arguments of parties.admit, which a member proposes as they are: the signature is
over all of them, and good on this network alone. No node is needed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := readGenesis(genesis)
			if err != nil {
				return err
			}
			if err := canonical(&a.USCC, "uscc", identifier.USCC); err != nil {
				return err
			}
			if err := canonical(&a.LEI, "lei", identifier.LEI); err != nil {
				return err
			}
			if !contracts.PartyRole(a.Role).Known() {
				return fmt.Errorf("%w: %q is no kind of organisation", ledger.ErrInvalid, a.Role)
			}
			key, err := e.openKeyOf(n, args[0], passphraseFile)
			if err != nil {
				return err
			}
			a.AdminKey = key.Public()
			if a.Possession, err = key.Sign(a.PossessionBytes(n.trust.Network)); err != nil {
				return fmt.Errorf("sign: %w", err)
			}
			t := newTable()
			t.fact("uscc", a.USCC)
			t.fact("lei", a.LEI)
			t.fact("name_zh", a.NameZH)
			t.fact("name_en", a.NameEN)
			t.fact("role", a.Role)
			t.fact("area_code", a.AreaCode)
			t.fact("admin_key", a.AdminKey.String())
			t.fact("possession", base64.StdEncoding.EncodeToString(a.Possession))
			return e.show(a, t)
		},
	}
	cmd.Flags().StringVar(&a.USCC, "uscc", "", "unified social credit code of the organisation")
	cmd.Flags().StringVar(&a.LEI, "lei", "", "its LEI, which names it if it has no credit code")
	cmd.Flags().StringVar(&a.NameZH, "name-zh", "", "its name in Chinese; one without a credit code may lack it")
	cmd.Flags().StringVar(&a.NameEN, "name-en", "", "its name in English; one with a credit code may lack it")
	cmd.Flags().StringVar(&a.Role, "role", "", "what it is: BANK, IPO, GUARANTOR, …")
	cmd.Flags().StringVar(&a.AreaCode, "area", "", "area code of its seat (GB/T 2260); one without a credit code has none")
	genesisFlag(e, cmd, &genesis)
	passphraseFlag(cmd, &passphraseFile)
	require(cmd, "role")
	cmd.MarkFlagsOneRequired("uscc", "lei")
	cmd.MarkFlagsOneRequired("name-zh", "name-en")
	return cmd
}

// canonical writes a number in its one form; an absent one stays absent.
func canonical(number *string, field string, check func(string) (string, error)) error {
	if *number == "" {
		return nil
	}
	var err error
	if *number, err = check(*number); err != nil {
		return contracts.Refuse(contracts.IdentifierFailure(err, field))
	}
	return nil
}

func proveResetCommand(e *env) *cobra.Command {
	var genesis, passphraseFile, document string
	var a persons.ResetArgs
	cmd := &cobra.Command{
		Use:   "prove-reset KEYFILE --person ID --document @FILE|HASH --genesis FILE",
		Short: "Sign that a key is held that shall be an administrator's by vote",
		Long: `Sign that a key is held that shall take the place of an administrator's.
What is printed are the arguments of persons.reset_admin, which a member proposes as
they are. The key holds once the lock window after the vote is over. No node is needed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n, err := readGenesis(genesis)
			if err != nil {
				return err
			}
			if a.Document, err = hashArgument(n.trust.Suite, document); err != nil {
				return err
			}
			key, err := e.openKeyOf(n, args[0], passphraseFile)
			if err != nil {
				return err
			}
			a.Key = key.Public()
			if a.Possession, err = key.Sign(a.PossessionBytes(n.trust.Network)); err != nil {
				return fmt.Errorf("sign: %w", err)
			}
			t := newTable()
			t.fact("person_id", a.PersonID)
			t.fact("key", a.Key.String())
			t.fact("document", a.Document.String())
			t.fact("possession", base64.StdEncoding.EncodeToString(a.Possession))
			return e.show(a, t)
		},
	}
	cmd.Flags().StringVar(&a.PersonID, "person", "", "person id of the administrator")
	cmd.Flags().StringVar(&document, "document", "", "the organisation's request: its hash, or @ and its file")
	genesisFlag(e, cmd, &genesis)
	passphraseFlag(cmd, &passphraseFile)
	require(cmd, "person", "document")
	return cmd
}

// openKeyOf opens a key file for a network, whose keys are of one suite.
func (e *env) openKeyOf(n network, file, passphraseFile string) (keys.PrivateKey, error) {
	key, err := e.openKey(file, passphraseFile)
	if err == nil && key.Public().Algorithm != n.trust.Suite.Algorithm() {
		err = fmt.Errorf("%w: %s is %s, and the keys of this network are %s", keys.ErrMismatch, file, key.Public().Algorithm, n.trust.Suite.Algorithm())
	}
	return key, err
}
