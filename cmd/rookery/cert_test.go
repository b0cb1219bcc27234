package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/tcpserver/certstore"
)

// shake lets a client and a server of these settings shake hands.
func shake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		// A client learns of a refusal from the first record.
		_, _ = conn.Write([]byte("x"))
	}()
	conn, err := tls.Dial("tcp", l.Addr().String(), client)
	if err == nil {
		_, err = conn.Read(make([]byte, 1))
		conn.Close()
	}
	<-done
	return err
}

func pool(t *testing.T, path string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(text) {
		t.Fatalf("%s: no certificate", path)
	}
	return p
}

func pair(t *testing.T, dir, name string) []tls.Certificate {
	t.Helper()
	p, err := tls.LoadX509KeyPair(filepath.Join(dir, name+"-crt.pem"), filepath.Join(dir, name+"-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	return []tls.Certificate{p}
}

func TestSelfSignedCertificateServesItsHosts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "certs")
	stdout, stderr, code := invoke(t, newCertCmd(), "", "create", "--dir", dir, "--host", "bot.example.org", "--host", "192.0.2.7")
	if code != exitOK || !strings.Contains(stdout, "SHA-256 ") || !strings.Contains(stdout, "[tcp.tls]") {
		t.Fatalf("exit %d, %s, %s", code, stdout, stderr)
	}
	server := &tls.Config{Certificates: pair(t, dir, "server")}
	for _, host := range []string{"localhost", "127.0.0.1", "bot.example.org", "192.0.2.7"} {
		if err := shake(t, server, &tls.Config{RootCAs: pool(t, filepath.Join(dir, "server-crt.pem")), ServerName: host}); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	if err := shake(t, server, &tls.Config{RootCAs: pool(t, filepath.Join(dir, "server-crt.pem")), ServerName: "other.example.org"}); err == nil {
		t.Error("serves other hosts too")
	}
	for name, mode := range map[string]os.FileMode{"server-key.pem": 0o600, "server.pfx": 0o600, "server-crt.pem": 0o644} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	before, _ := os.ReadFile(filepath.Join(dir, "server-key.pem"))
	if _, stderr, code := invoke(t, newCertCmd(), "", "create", "--dir", dir); code != exitUsage || !strings.Contains(stderr, "--force") {
		t.Errorf("overwrites: exit %d, %s", code, stderr)
	}
	if _, stderr, code := invoke(t, newCertCmd(), "", "create", "--dir", dir, "--ca"); code != exitUsage || !strings.Contains(stderr, "--force") {
		t.Errorf("overwrites: exit %d, %s", code, stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "ca-key.pem")); err == nil {
		t.Error("an authority was written although the server's certificate could not be")
	}
	if _, _, code := invoke(t, newCertCmd(), "", "create", "--dir", dir, "--force", "--key", "ed25519"); code != exitOK {
		t.Errorf("exit %d", code)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, "server-key.pem")); string(after) == string(before) {
		t.Error("--force changes nothing")
	}
}

func TestAuthorityVouchesForServerAndClients(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, stderr, code := invoke(t, newCertCmd(), "", "create", "--dir", dir, "--ca"); code != exitOK {
		t.Fatal(stderr)
	}
	before, _ := os.ReadFile(filepath.Join(dir, "server-crt.pem"))
	// Clients later, by the authority that is there.
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := invoke(t, newCertCmd(), "", "create", "--dir", dir, "--client", "client1", "--client", "client2", "--password-file", password)
	if code != exitOK || strings.Contains(stdout, "wrote "+filepath.Join(dir, "ca-")) {
		t.Fatalf("exit %d, %s, %s", code, stdout, stderr)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, "server-crt.pem")); string(after) != string(before) {
		t.Error("the server's certificate was made anew")
	}
	authority := pool(t, filepath.Join(dir, "ca-crt.pem"))
	server := &tls.Config{
		Certificates: pair(t, dir, "server"), ClientCAs: authority, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	for _, name := range []string{"client1", "client2"} {
		if err := shake(t, server, &tls.Config{RootCAs: authority, ServerName: "localhost", Certificates: pair(t, dir, name)}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := shake(t, server, &tls.Config{RootCAs: authority, ServerName: "localhost"}); err == nil {
		t.Error("gets in without a certificate")
	}
	pfx := certstore.Source{Type: certstore.PFXFile, Path: filepath.Join(dir, "client1.pfx"), Password: "sesame"}
	if cert, err := certstore.Open(pfx); err != nil || !cert.PrivateKeyAvailable() || !strings.Contains(cert.Subject(), "client1") {
		t.Errorf("PFX: %v", err)
	}
	pfx.Password = "wrong"
	if _, err := certstore.Open(pfx); err == nil {
		t.Error("the PFX file opens with another password")
	}
	if err := os.Remove(filepath.Join(dir, "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := invoke(t, newCertCmd(), "", "create", "--dir", dir, "--client", "client3"); code != exitUsage || !strings.Contains(stderr, "both needed") {
		t.Errorf("half an authority: exit %d, %s", code, stderr)
	}
}

func TestUnusableCertificateFlagsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--key", "rsa-512"},
		{"--days", "0"},
		{"--days", "99999"},
		{"--client", "a/b"},
		{"--client", "server"},
		{"--client", "ca"},
		{"--client", ""},
		{"--name", ".."},
		{"--host", "a b"},
		{"--password-file", filepath.Join(dir, "none")},
		{"extra"},
	} {
		if _, stderr, code := invoke(t, newCertCmd(), "", append([]string{"create", "--dir", dir}, args...)...); code != exitUsage || stderr == "" {
			t.Errorf("%v: exit %d, %s", args, code, stderr)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v were written, %v", entries, err)
	}
}
