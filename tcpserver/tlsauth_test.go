package tcpserver

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rookery/tcpserver/certstore"
)

func TestClientAuthentication(t *testing.T) {
	good := testAuthority().issue("good client", nil)
	expired := testAuthority().issue("late client", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	wrong := testAuthority().issue("server only", func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	own, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "nobody's"}})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := own.TLS()
	if err != nil {
		t.Fatal(err)
	}
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testAuthority().cert.Raw}))
	yes, no := true, false
	for _, tc := range []struct {
		name     string
		cert     *tls.Certificate
		settings Settings
		override *bool
		in       bool
		status   string
		code     string
	}{
		{"trusted", &good, Settings{}, nil, true, "OK", ""},
		{"trusted but refused by the event", &good, Settings{}, &no, false, "OK", "280"},
		{"none", nil, Settings{}, nil, false, "the client presented no certificate", "281"},
		{"none but let in by the event", nil, Settings{}, &yes, true, "the client presented no certificate", ""},
		{"expired", &expired, Settings{}, nil, false, "expired", "280"},
		{"expired, times ignored", &expired, Settings{SSLSecurityFlags: FlagIgnoreTime}, nil, true, "OK", ""},
		{"wrong usage", &wrong, Settings{}, nil, false, "incompatible key usage", "280"},
		{"wrong usage, ignored", &wrong, Settings{SSLSecurityFlags: FlagWrongUsage}, nil, true, "OK", ""},
		{"unknown authority", &stranger, Settings{}, nil, false, "unknown authority", "275"},
		{"unknown authority, allowed", &stranger, Settings{SSLSecurityFlags: FlagUnknownAuthority | FlagWrongUsage}, nil, true, "OK", ""},
		{"signature not allowed", &good, Settings{TLS13SignatureAlgorithms: "ecdsa_secp384r1_sha384,ecdsa_secp256r1_sha256"}, nil, true, "OK", ""},
	} {
		for _, version := range []int{ProtocolTLS12, ProtocolTLS13} {
			t.Run(fmt.Sprint(tc.name, version), func(t *testing.T) {
				j := newJournal(t)
				s := begin(t, secured(j, func(s *Server) {
					s.Settings = tc.settings
					s.Settings.SSLClientCACerts = ca
					s.Settings.SSLEnabledProtocols = version
					s.SSLAuthenticateClients = true
					s.Events.SSLClientAuthentication = func(_ *Conn, a *ClientAuthentication) {
						j.note("auth %v %s / %s / %s", a.Accept, a.Status, a.CertSubject, a.CertIssuer)
						if tc.override != nil {
							a.Accept = *tc.override
						}
					}
				}))
				cfg := &tls.Config{InsecureSkipVerify: true}
				if tc.cert != nil {
					// The client shows its certificate whoever the server trusts.
					cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return tc.cert, nil }
				}
				nc, err := net.Dial("tcp", s.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				c := newClient(t, tls.Client(nc, cfg))
				err = c.Conn.(*tls.Conn).Handshake()
				if tc.in {
					if err != nil {
						t.Fatal(err)
					}
					j.await("connected 0 OK")
				} else {
					j.await("connected " + tc.code)
				}
				if got := j.await("auth"); !strings.Contains(got, tc.status) {
					t.Errorf("%s, want %q", got, tc.status)
				}
			})
		}
	}
}

func TestClientAuthenticationShowsTheCertificate(t *testing.T) {
	pair := testAuthority().issue("jane", nil)
	pair.Certificate = append(pair.Certificate, testAuthority().cert.Raw)
	for _, chain := range []bool{false, true} {
		var a ClientAuthentication
		j := newJournal(t)
		s := begin(t, secured(j, func(s *Server) {
			s.SSLAuthenticateClients = true
			s.Settings.SSLIncludeCertChain = chain
			s.Events.SSLClientAuthentication = func(_ *Conn, got *ClientAuthentication) { got.Accept = true; a = *got }
		}))
		dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
		j.up()
		if a.CertSubject != "CN=jane" || a.CertIssuer != "CN=test authority" || len(a.Certificates) != 2 {
			t.Errorf("%q, %q, %d certificates", a.CertSubject, a.CertIssuer, len(a.Certificates))
		}
		want := 1
		if chain {
			want = 2
		}
		if n := bytes.Count(a.CertEncoded, []byte("BEGIN CERTIFICATE")); n != want {
			t.Errorf("SSLIncludeCertChain %v: %d certificates in PEM, want %d", chain, n, want)
		}
	}
}

func TestAuthoritiesComeFromFilesAndDirectories(t *testing.T) {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testAuthority().cert.Raw})
	dir := t.TempDir()
	for _, name := range []string{"9d66eef0.0", "list.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), append([]byte("notes before\n"), ca...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair := testAuthority().issue("client", nil)
	for name, settings := range map[string]Settings{
		"OpenSSLCADir":  {OpenSSLCADir: dir},
		"OpenSSLCAFile": {OpenSSLCAFile: filepath.Join(dir, "list.txt")},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) { s.SSLAuthenticateClients, s.Settings = true, settings }))
			dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
			j.await("connected 0 OK")
		})
	}
	for name, settings := range map[string]Settings{
		"no directory":  {OpenSSLCADir: filepath.Join(dir, "none")},
		"nothing in it": {OpenSSLCADir: t.TempDir()},
		"no file":       {OpenSSLCAFile: filepath.Join(dir, "none")},
		"not PEM":       {SSLClientCACerts: "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Server{SSLEnabled: true, SSLCert: serverPair(), SSLAuthenticateClients: true, Settings: settings}
			if err := s.StartListening(); !errors.Is(err, &Error{Code: 271}) {
				t.Errorf("got %v, want error 271", err)
			}
		})
	}
}

func TestClientSignatureOutsideTheListIsRefused(t *testing.T) {
	// The authority signs with ECDSA and SHA-256.
	pair := testAuthority().issue("client", nil)
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.SSLAuthenticateClients = true
		s.SSLCert = nil
		s.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c := tls.Certificate(serverPair())
			return &c, nil
		}}
		s.Settings.TLS12SignatureAlgorithms = "sha384-rsa"
		s.Settings.SSLSecurityFlags = FlagUnknownAuthority
	}))
	nc, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
	if err == nil {
		nc.Close()
	}
	if got := j.await("connected"); !strings.HasPrefix(got, "connected 280") || !strings.Contains(got, "signed with ECDSA-SHA256") {
		t.Error(got)
	}
}
