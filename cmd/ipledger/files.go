// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ipledger/ipledger/ledger"
)

// readFile reads a file of at most ledger.MaxFile bytes, which no file of this
// program exceeds.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, ledger.MaxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > ledger.MaxFile {
		return nil, fmt.Errorf("%w: %s: more than %d bytes: it is no file of this program", ledger.ErrInvalid, path, ledger.MaxFile)
	}
	return content, nil
}

// writeNew writes a file that must not exist yet. What is under path afterwards
// is the whole content, also after a crash, or nothing: it is synced under
// another name and then linked, which fails if the name is taken.
func writeNew(path string, content []byte) error {
	temp, err := writeTemporary(filepath.Dir(path), content)
	if err == nil {
		err = os.Link(temp, path)
	}
	_ = os.Remove(temp)
	if err != nil {
		return &writeError{path, err}
	}
	return nil
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
		return &writeError{path, err}
	}
	return nil
}

// writeTemporary puts content on disk in a file of dir that nobody knows yet.
func writeTemporary(dir string, content []byte) (name string, err error) {
	temp, err := os.CreateTemp(dir, ".ipledger-*")
	if err != nil {
		return "", err
	}
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Chmod(0o644)
	}
	if err == nil {
		err = temp.Sync()
	}
	return temp.Name(), errors.Join(err, temp.Close())
}
