// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package edge

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ipledger/ipledger/ledger"
)

// writePair makes a certificate for 127.0.0.1 that signs itself, and gives it.
func writePair(t *testing.T, dir string, serial int64, ends time.Time) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: fmt.Sprint("certificate ", serial)},
		NotBefore: ends.Add(-365 * 24 * time.Hour), NotAfter: ends, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("cert.pem", "CERTIFICATE", der)
	write("key.pem", "PRIVATE KEY", secret)
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func trusting(leaves ...*x509.Certificate) *http.Client {
	pool := x509.NewCertPool()
	for _, leaf := range leaves {
		pool.AddCert(leaf)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
}

// served gives the serial number of the certificate that an answer came by.
func served(t *testing.T, c *http.Client, url string) (serial int64, protocol string) {
	t.Helper()
	a, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	if _, err := io.Copy(io.Discard, a.Body); err != nil {
		t.Fatal(err)
	}
	return a.TLS.PeerCertificates[0].SerialNumber.Int64(), a.Proto
}

func TestACertificateIsRenewedWhileConnectionsAreOpen(t *testing.T) {
	dir, soon := t.TempDir(), time.Now().Add(90*24*time.Hour)
	one := writePair(t, dir, 1, soon)
	e, _, _ := run(t, func(c *Config) {
		c.CertificateFile, c.KeyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	}, hello)
	url := "https://" + e.listener.Addr().String()
	open := trusting(one)
	defer open.CloseIdleConnections()
	if serial, protocol := served(t, open, url); serial != 1 || protocol != "HTTP/2.0" {
		t.Fatalf("served certificate %d by %s", serial, protocol)
	}

	two := writePair(t, dir, 2, soon.Add(time.Hour))
	e.certificate.reload()
	eventually(t, "the new certificate is in use", func() bool { return e.certificate.expires().Equal(two.NotAfter) })
	if serial, _ := served(t, open, url); serial != 1 {
		t.Errorf("the open connection moved to certificate %d", serial)
	}
	fresh := trusting(two)
	defer fresh.CloseIdleConnections()
	if serial, _ := served(t, fresh, url); serial != 2 {
		t.Errorf("a new connection got certificate %d", serial)
	}

	// A renewal of which half is written: the certificate is new, its key is not.
	key, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	three := writePair(t, dir, 3, soon)
	newKey, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	e.certificate.reload()
	eventually(t, "the bad pair is counted", func() bool { return e.certificate.failures.Load() == 1 })
	another := trusting(two, three)
	defer another.CloseIdleConnections()
	if serial, _ := served(t, another, url); serial != 2 {
		t.Errorf("with a bad pair on disk a new connection got certificate %d", serial)
	}
	if err := os.WriteFile(filepath.Join(dir, "key.pem"), newKey, 0o600); err != nil {
		t.Fatal(err)
	}
	e.certificate.reload()
	eventually(t, "the whole pair is in use", func() bool { return e.certificate.current.Load().Leaf.Equal(three) })

	old := &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", e.listener.Addr().String(), old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is spoken")
	}
	if plain := fetch("http://" + e.listener.Addr().String()); plain == "hello" {
		t.Error("plain HTTP is answered where TLS is configured")
	}
}

// The files are looked at without a signal too, and a bad pair is reported once, if
// it is no renewal that is being written.
func TestFilesOfACertificateAreFollowed(t *testing.T) {
	dir, ends := t.TempDir(), time.Now().Add(time.Hour)
	writePair(t, dir, 1, ends)
	var log bytes.Buffer
	c, err := openCertificate(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), "expires soon") {
		t.Errorf("nothing is said of a certificate that ends in an hour: %s", &log)
	}
	half := func() {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "cert.pem"), []byte("no certificate"), 0o600); err != nil {
			t.Fatal(err)
		}
		c.look(false)
	}
	for i := range 2 {
		half()
		whole := writePair(t, dir, int64(10+i), ends.Add(time.Hour))
		c.look(false)
		if !c.current.Load().Leaf.Equal(whole) || c.failures.Load() != 0 || strings.Contains(log.String(), "cannot be used") {
			t.Fatalf("a renewal that was half-written at one look: %s", &log)
		}
	}
	half()
	for range 3 {
		c.look(false)
	}
	if n := strings.Count(log.String(), "cannot be used"); n != 1 || c.failures.Load() != 1 {
		t.Errorf("a bad pair was reported %d times and counted %d times", n, c.failures.Load())
	}
	two := writePair(t, dir, 2, ends.Add(24*time.Hour))
	c.look(false)
	if !c.current.Load().Leaf.Equal(two) {
		t.Error("the new pair was not taken")
	}
}

func TestABadCertificateIsExplained(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if _, err := openCertificate(cert, key, quiet); !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "set tls_certificate") {
		t.Errorf("no files: %v", err)
	}
	writePair(t, dir, 1, time.Now().Add(time.Hour))
	other := t.TempDir()
	writePair(t, other, 2, time.Now().Add(time.Hour))
	if _, err := openCertificate(cert, filepath.Join(other, "key.pem"), quiet); !errors.Is(err, ledger.ErrInvalid) || !strings.Contains(err.Error(), "the key it was made for") {
		t.Errorf("key of another certificate: %v", err)
	}
	writePair(t, dir, 3, time.Now().Add(-time.Hour))
	var log bytes.Buffer
	if _, err := openCertificate(cert, key, slog.New(slog.NewTextHandler(&log, nil))); err != nil || !strings.Contains(log.String(), "has expired") {
		t.Errorf("a certificate that has expired: %v, %s", err, &log)
	}
}
