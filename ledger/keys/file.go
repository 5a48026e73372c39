// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !js

package keys

import (
	"bytes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// ErrPassphrase is returned by [ReadFile] when the passphrase does not open the
// file. A file altered after it was written looks the same.
var ErrPassphrase = errors.New("wrong passphrase, or the key file was altered")

// What else may be wrong with a key file.
var (
	ErrNotKeyFile = errors.New("not a key file")                  // of another form, or damaged
	ErrExposed    = errors.New("others may read it")              // its mode lets them
	ErrMismatch   = errors.New("not the key that is needed here") // the file is sound
)

// Cost is the work argon2id (RFC 9106) puts between a passphrase and its key.
// It is written into the file. The zero Cost means DefaultCost.
type Cost struct {
	Time      uint32 `json:"time"`       // passes over the memory, 1 to 10
	MemoryKiB uint32 `json:"memory_kib"` // memory in KiB, at least 8 per thread, at most 1 GiB
	Threads   uint8  `json:"threads"`    // lanes, 1 to 16
}

var (
	// DefaultCost takes about a quarter of a second and 64 MiB, the second choice
	// of RFC 9106, section 4.
	DefaultCost = Cost{Time: 3, MemoryKiB: 64 << 10, Threads: 4}

	// DevnetCost takes under a millisecond. It protects nothing: for development
	// networks and tests, whose keys are worth nothing.
	DevnetCost = Cost{Time: 1, MemoryKiB: 64, Threads: 1}
)

// check bounds the cost before it is paid, since a file may ask for any.
func (c Cost) check() error {
	switch {
	case c.Time < 1 || c.Time > 10:
		return fmt.Errorf("argon2id time %d: want 1 to 10", c.Time)
	case c.Threads < 1 || c.Threads > 16:
		return fmt.Errorf("argon2id threads %d: want 1 to 16", c.Threads)
	case c.MemoryKiB < 8*uint32(c.Threads) || c.MemoryKiB > 1<<20:
		return fmt.Errorf("argon2id memory %d KiB: want %d to %d", c.MemoryKiB, 8*uint32(c.Threads), 1<<20)
	}
	return nil
}

const (
	fileFormat = "ipledger-key/1"
	kdfName    = "argon2id"
	cipherName = "xchacha20-poly1305"

	saltSize    = 16
	maxFileSize = 16 << 10 // a key file has about 600 bytes
)

// keyFile is the JSON of a key file. Everything but Sealed is the header: its
// compact JSON, in this order of fields, is the additional data of the cipher,
// so that no field can be changed without the passphrase.
type keyFile struct {
	Format    string    `json:"format"`
	Algorithm Algorithm `json:"algorithm"`
	PublicKey PublicKey `json:"public_key"`
	KDF       kdf       `json:"kdf"`
	Cipher    string    `json:"cipher"`
	Nonce     []byte    `json:"nonce"`
	Sealed    []byte    `json:"sealed,omitempty"` // seed and tag
}

type kdf struct {
	Name string `json:"name"`
	Cost
	Salt []byte `json:"salt"`
}

// WriteFile seals key with the passphrase into a new file of mode 0600. It never
// overwrites: a key that is lost cannot be made again. The passphrase is taken
// byte for byte and must not be empty.
//
// When it returns nil the file is on disk. A crash leaves either the whole file
// or none under path, and perhaps a sealed ".key-*" file beside it.
func WriteFile(path string, key PrivateKey, passphrase []byte, cost Cost) error {
	if cost == (Cost{}) {
		cost = DefaultCost
	}
	content, err := sealKey(key, passphrase, cost)
	if err == nil {
		err = writeNew(path, content)
	}
	if err != nil {
		return fmt.Errorf("writing key file %s: %w", path, err)
	}
	return nil
}

// ReadFile opens a key file. It refuses one that group or others may read, and
// one whose key derivation would cost more than [Cost] allows.
func ReadFile(path string, passphrase []byte) (PrivateKey, error) {
	file, mode, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("reading key file %s: %w", path, err)
	}
	// Windows keeps access lists instead of these bits.
	if perm := mode.Perm(); runtime.GOOS != "windows" && perm&0o077 != 0 {
		return nil, fmt.Errorf("reading key file %s: %w: its mode is %04o: chmod 600 it", path, ErrExposed, perm)
	}
	key, err := openKey(file, passphrase)
	if err != nil {
		return nil, fmt.Errorf("reading key file %s: %w", path, err)
	}
	return key, nil
}

// ReadPublic returns the public key a key file names. Without the passphrase
// nothing proves that the file holds its private key.
func ReadPublic(path string) (PublicKey, error) {
	file, _, err := load(path)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading key file %s: %w", path, err)
	}
	return file.PublicKey, nil
}

func sealKey(key PrivateKey, passphrase []byte, cost Cost) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, errors.New("empty passphrase")
	}
	if err := cost.check(); err != nil {
		return nil, err
	}
	public := key.Public()
	file := keyFile{
		Format:    fileFormat,
		Algorithm: public.Algorithm,
		PublicKey: public,
		KDF:       kdf{Name: kdfName, Cost: cost, Salt: make([]byte, saltSize)},
		Cipher:    cipherName,
		Nonce:     make([]byte, chacha20poly1305.NonceSizeX),
	}
	for _, b := range [][]byte{file.KDF.Salt, file.Nonce} {
		if _, err := io.ReadFull(rand.Reader, b); err != nil {
			return nil, err
		}
	}
	header, err := json.Marshal(file)
	if err != nil {
		return nil, err
	}
	seed := key.Seed()
	defer clear(seed)
	aead, err := file.KDF.aead(passphrase)
	if err != nil {
		return nil, err
	}
	file.Sealed = aead.Seal(nil, file.Nonce, seed, header)
	content, err := json.MarshalIndent(file, "", "  ")
	return append(content, '\n'), err
}

func openKey(file keyFile, passphrase []byte) (PrivateKey, error) {
	sealed := file.Sealed
	file.Sealed = nil
	header, err := json.Marshal(file)
	if err != nil {
		return nil, err
	}
	aead, err := file.KDF.aead(passphrase)
	if err != nil {
		return nil, err
	}
	seed, err := aead.Open(nil, file.Nonce, sealed, header)
	if err != nil {
		return nil, ErrPassphrase
	}
	defer clear(seed)
	key, err := ParsePrivateKey(file.Algorithm, seed)
	if err != nil {
		return nil, err
	}
	if key.Public() != file.PublicKey {
		return nil, fmt.Errorf("it names %s but holds the key of %s", file.PublicKey, key.Public())
	}
	return key, nil
}

// aead returns the cipher keyed from the passphrase.
func (k kdf) aead(passphrase []byte) (cipher.AEAD, error) {
	derived := argon2.IDKey(passphrase, k.Salt, k.Time, k.MemoryKiB, k.Threads, chacha20poly1305.KeySize)
	defer clear(derived)
	return chacha20poly1305.NewX(derived)
}

// load reads a key file and checks all that can be checked without the passphrase.
func load(path string) (file keyFile, mode os.FileMode, err error) {
	f, err := os.Open(path)
	if err != nil {
		return keyFile{}, 0, err
	}
	defer f.Close()
	// The open file is asked, not the path, which might change in between.
	info, err := f.Stat()
	if err != nil {
		return keyFile{}, 0, err
	}
	content, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return keyFile{}, 0, err
	}
	if len(content) > maxFileSize {
		return keyFile{}, 0, fmt.Errorf("%w: more than %d bytes", ErrNotKeyFile, maxFileSize)
	}
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return keyFile{}, 0, fmt.Errorf("%w: %w", ErrNotKeyFile, err)
	}
	if d.More() {
		return keyFile{}, 0, fmt.Errorf("%w: text after its end", ErrNotKeyFile)
	}
	if err := file.check(); err != nil {
		return keyFile{}, 0, fmt.Errorf("%w: %w", ErrNotKeyFile, err)
	}
	return file, info.Mode(), nil
}

func (f keyFile) check() error {
	switch {
	case f.Format != fileFormat:
		return fmt.Errorf("format %q: this program reads %q", f.Format, fileFormat)
	case f.KDF.Name != kdfName:
		return fmt.Errorf("key derivation %q: want %q", f.KDF.Name, kdfName)
	case f.Cipher != cipherName:
		return fmt.Errorf("cipher %q: want %q", f.Cipher, cipherName)
	case f.PublicKey.IsZero():
		return errors.New("no public key")
	case f.Algorithm != f.PublicKey.Algorithm:
		return fmt.Errorf("algorithm %q, but a public key of %q", f.Algorithm, f.PublicKey.Algorithm)
	case len(f.KDF.Salt) != saltSize:
		return fmt.Errorf("salt of %d bytes: want %d", len(f.KDF.Salt), saltSize)
	case len(f.Nonce) != chacha20poly1305.NonceSizeX:
		return fmt.Errorf("nonce of %d bytes: want %d", len(f.Nonce), chacha20poly1305.NonceSizeX)
	}
	return f.KDF.Cost.check()
}

// writeNew puts content under path if nothing is there. The content is synced
// under another name first, then linked: unlike a rename, a link fails when the
// name is taken, and it appears with the whole content or not at all.
func writeNew(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the names in dir durable, where the system can sync a directory.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
