// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !js

package keys

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// ErrPassphraseFile says that a passphrase file cannot be used.
var ErrPassphraseFile = errors.New("passphrase file")

const maxPassphrase = 4 << 10 // bytes; a device that never ends is no passphrase

// ReadPassphrase reads a passphrase file: its content without the last newline.
// Errors wrap ErrPassphraseFile.
func ReadPassphrase(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphraseFile, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPassphrase+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphraseFile, err)
	}
	passphrase := []byte(strings.TrimRight(string(b), "\r\n"))
	switch {
	case len(b) > maxPassphrase:
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrPassphraseFile, path, maxPassphrase)
	case len(passphrase) == 0:
		return nil, fmt.Errorf("%w: %s is empty: it must hold a passphrase", ErrPassphraseFile, path)
	}
	return passphrase, nil
}
