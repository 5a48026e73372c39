// Copyright 2026 The ipledger Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// writeCertificate makes cert.pem and key.pem in dir, for 127.0.0.1.
func writeCertificate(t *testing.T, dir string, serial int64) {
	t.Helper()
	writeCertificateUntil(t, dir, serial, 90*24*time.Hour)
}

// writeCertificateUntil is writeCertificate with the time that is left, which
// may have passed.
func writeCertificateUntil(t *testing.T, dir string, serial int64, left time.Duration) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(left),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	check(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	check(t, os.WriteFile(filepath.Join(dir, "cert.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

func TestANodeServesTLSAndReadsItsCertificateAgainAtSIGHUP(t *testing.T) {
	dir := t.TempDir()
	writeCertificate(t, dir, 1)
	ca, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	p := startProgram(t, 1, "IPLEDGER_TLS_CERTIFICATE="+ca, "IPLEDGER_TLS_KEY="+key)
	address := strings.TrimPrefix(p.record.Nodes[0].APIURL, "http://")
	url := "https://" + address
	command(t, exitOK, nil, "status", "--url", url, "--ca", ca)
	command(t, exitFailure, nil, "status", "--url", url)
	command(t, exitUsage, nil, "status", "--url", address, "--ca", ca)
	command(t, exitFailure, nil, "status", "--url", url, "--ca", p.record.Genesis)

	writeCertificate(t, dir, 2)
	p.signal(syscall.SIGHUP)
	serial := func() int64 {
		conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		check(t, err)
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
	}
	for begun := time.Now(); serial() != 2; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("the new certificate is not served")
		}
	}
	command(t, exitOK, nil, "status", "--url", url, "--ca", ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	a, err := client.Get(url + "/metrics")
	check(t, err)
	defer a.Body.Close()
	metrics, err := io.ReadAll(a.Body)
	check(t, err)
	left := regexp.MustCompile(`(?m)^ipledger_tls_certificate_expiry_seconds (\S+)$`).FindSubmatch(metrics)
	if left == nil {
		t.Fatal("no metric tells when the certificate expires")
	}
	if seconds, err := strconv.ParseFloat(string(left[1]), 64); err != nil || seconds < 89*24*3600 || seconds > 90*24*3600 {
		t.Errorf("the certificate of 90 days expires in %s s", left[1])
	}
	p.signal(syscall.SIGTERM)
	if log, err := p.end(); err != nil || !strings.Contains(log, "TLS certificate read") {
		t.Errorf("%v\n%s", err, log)
	}
}
