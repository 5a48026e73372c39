// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

const (
	// lookEvery is how often the files of the certificate are read. Their content is
	// compared, not their time: what renews them may keep times, or swap links.
	lookEvery = 30 * time.Second
	// ExpiresSoon is from when on people are told of the end of the certificate.
	ExpiresSoon = 14 * 24 * time.Hour
)

// A certificate is the TLS certificate of the HTTP server. It follows its files:
// connections that are open keep theirs, new ones get the newest good pair.
type certificate struct {
	certFile, keyFile string
	logger            *slog.Logger

	current  atomic.Pointer[tls.Certificate]
	failures atomic.Uint64 // pairs that could not be used
	asked    chan struct{} // holds one value after reload

	// The fields below are owned by watch.
	seen   [sha256.Size]byte // of the files that were taken or reported last
	doubt  bool              // the last look found a bad pair
	warned time.Time         // of its end
}

// openCertificate reads the pair. Errors wrap ledger.ErrInvalid.
func openCertificate(certFile, keyFile string, logger *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, logger: logger, asked: make(chan struct{}, 1)}
	pair, seen, err := readPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	c.seen = seen
	c.current.Store(pair)
	if info, err := os.Stat(keyFile); err == nil && info.Mode().Perm()&0o077 != 0 {
		logger.Warn("other users of this machine may use the TLS key: set its mode to 600", "file", keyFile, "mode", info.Mode().Perm().String())
	}
	c.warn(time.Now())
	return c, nil
}

// ReadCertificate reads a certificate, and its key to see that they go together.
// Errors wrap ledger.ErrInvalid.
func ReadCertificate(certFile, keyFile string) (*x509.Certificate, error) {
	pair, _, err := readPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	return pair.Leaf, nil
}

// readPair reads certificate and key. seen tells the content of the files apart
// from any other, also if they cannot be used.
func readPair(certFile, keyFile string) (pair *tls.Certificate, seen [sha256.Size]byte, err error) {
	cert, certErr := os.ReadFile(certFile)
	key, keyErr := os.ReadFile(keyFile)
	seen = sha256.Sum256(bytes.Join([][]byte{cert, key, fmt.Append(nil, certErr, keyErr)}, []byte{0}))
	if err := errors.Join(certErr, keyErr); err != nil {
		advice := "the node must be able to read both files of tls_certificate and tls_key"
		if errors.Is(err, fs.ErrNotExist) {
			advice = "set tls_certificate and tls_key to PEM files, by full paths or seen from the data directory"
		}
		return nil, seen, fmt.Errorf("%w: TLS certificate: %w; %s", ledger.ErrInvalid, err, advice)
	}
	loaded, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, seen, fmt.Errorf("%w: TLS certificate %s with key %s: %w; give the certificate, its chain below it, and the key it was made for, all in PEM",
			ledger.ErrInvalid, certFile, keyFile, err)
	}
	return &loaded, seen, nil
}

// get is tls.Config.GetCertificate.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return c.current.Load(), nil
}

// expires is when the certificate in use ends.
func (c *certificate) expires() time.Time { return c.current.Load().Leaf.NotAfter }

// reload makes watch look at the files now.
func (c *certificate) reload() {
	select {
	case c.asked <- struct{}{}:
	default: // it is about to look
	}
}

// watch follows the files until ctx ends.
func (c *certificate) watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.asked:
			c.look(true)
		case <-ticker.C:
			c.look(false)
		}
		c.warn(time.Now())
	}
}

// look takes a new pair into use. Of a bad one the old one stays. It is reported
// once, and not before the next look, since half of a renewal may be written; who
// asks is told each time and at once.
func (c *certificate) look(asked bool) {
	pair, seen, err := readPair(c.certFile, c.keyFile)
	again := c.doubt
	c.doubt = err != nil
	if !asked && (seen == c.seen || c.doubt && !again) {
		return
	}
	c.seen = seen
	if err != nil {
		c.failures.Add(1)
		c.logger.Error("the new TLS certificate cannot be used; the one before stays in use", "error", err.Error(), "expires", c.expires())
		return
	}
	changed := !bytes.Equal(pair.Leaf.Raw, c.current.Load().Leaf.Raw)
	c.current.Store(pair)
	c.warned = time.Time{}
	c.logger.Info("TLS certificate read", "changed", changed, "subject", pair.Leaf.Subject.String(), "expires", pair.Leaf.NotAfter)
}

// warn speaks once a day of a certificate that clients will refuse. The node
// serves all the same: what it says is proven by signatures of the ledger.
func (c *certificate) warn(now time.Time) {
	leaf := c.current.Load().Leaf
	if now.Sub(c.warned) < 24*time.Hour {
		return
	}
	switch {
	case now.After(leaf.NotAfter):
		c.logger.Error("the TLS certificate has expired and clients will refuse it: renew it", "expired", leaf.NotAfter, "file", c.certFile)
	case now.Before(leaf.NotBefore):
		c.logger.Error("the TLS certificate is not valid yet: check it, and this machine's clock", "from", leaf.NotBefore, "file", c.certFile)
	case now.Add(ExpiresSoon).After(leaf.NotAfter):
		c.logger.Warn("the TLS certificate expires soon: renew it", "expires", leaf.NotAfter, "file", c.certFile)
	default:
		return
	}
	c.warned = now
}
