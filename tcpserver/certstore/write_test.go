package certstore

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSelfSignedServesTLSForItsHosts(t *testing.T) {
	t.Parallel()
	for _, kind := range []KeyType{"", ECDSAP256, ECDSAP384, Ed25519, RSA2048} {
		c, err := CreateSelfSigned(Template{Key: kind, Hosts: []string{"bots.example", "192.0.2.7", "[2001:db8::7]"}})
		if err != nil {
			t.Fatal(err)
		}
		if c.Subject() != "CN=bots.example" || c.SubjectAltNames() != "bots.example,192.0.2.7,2001:db8::7" || c.ExtendedKeyUsage() != "1.3.6.1.5.5.7.3.1" {
			t.Errorf("%q: subject %q for %q, usage %q", kind, c.Subject(), c.SubjectAltNames(), c.ExtendedKeyUsage())
		}
		cert, err := c.TLS()
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		roots.AddCert(c.X509())
		handshake(t, cert, &tls.Config{RootCAs: roots, ServerName: "192.0.2.7"})
	}
}

func TestZeroTemplateIsForThisMachine(t *testing.T) {
	t.Parallel()
	c, err := CreateSelfSigned(Template{})
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		if err := c.X509().VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if days := c.X509().NotAfter.Sub(c.X509().NotBefore).Hours() / 24; days != 825 {
		t.Errorf("valid for %v days, want 825", days)
	}
}

func TestIssuedCertificatesChainToTheirAuthority(t *testing.T) {
	t.Parallel()
	ca, err := CreateCA(Template{Subject: pkix.Name{CommonName: "Rookery CA"}, ValidFor: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	server, err := Issue(ca, Template{Hosts: []string{"bots.example"}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := Issue(ca, Template{Subject: pkix.Name{CommonName: "script"}, Client: true})
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.X509())
	for c, usage := range map[*Certificate]x509.ExtKeyUsage{server: x509.ExtKeyUsageServerAuth, client: x509.ExtKeyUsageClientAuth} {
		if _, err := c.X509().Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{usage}}); err != nil {
			t.Errorf("%s: %v", c.Subject(), err)
		}
		if c.X509().NotAfter.After(ca.X509().NotAfter) {
			t.Errorf("%s outlives its authority", c.Subject())
		}
	}
	if client.SubjectAltNames() != "" || client.Subject() != "CN=script" {
		t.Errorf("client certificate %q for %q", client.Subject(), client.SubjectAltNames())
	}
	if ca.Usage() != "Certificate Signing,CRL Signing" || !ca.X509().MaxPathLenZero {
		t.Errorf("authority with usage %q, path length %d", ca.Usage(), ca.X509().MaxPathLen)
	}
}

func TestCreateRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	server, err := CreateSelfSigned(Template{})
	if err != nil {
		t.Fatal(err)
	}
	_, notCA := Issue(server, Template{})
	_, noKey := Issue(mustOpen(t, Source{Type: PublicKeyFile, Path: "testdata/root.pem"}), Template{})
	_, badKey := CreateSelfSigned(Template{Key: "rsa-512"})
	_, badHost := CreateSelfSigned(Template{Hosts: []string{"two words"}})
	_, badTime := CreateSelfSigned(Template{ValidFor: -time.Hour})
	for _, test := range []struct {
		err  error
		text string
	}{
		{notCA, "no certificate authority"},
		{noKey, "no private key"},
		{badKey, "allowed are ecdsa-p256"},
		{badHost, `host "two words"`},
		{badTime, "must be positive"},
	} {
		if test.err == nil || !strings.Contains(test.err.Error(), test.text) {
			t.Errorf("%v, want an error that says %q", test.err, test.text)
		}
	}
}

func TestWrittenStoresAreReadBack(t *testing.T) {
	t.Parallel()
	ca, err := CreateCA(Template{})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []KeyType{ECDSAP256, Ed25519, RSA2048} {
		server, err := Issue(ca, Template{Key: kind})
		if err != nil {
			t.Fatal(err)
		}
		for _, password := range []string{"", "sécret"} {
			files := map[string]*bytes.Buffer{"PFX": {}}
			if err := WritePFX(files["PFX"], server, password); err != nil {
				t.Fatal(err)
			}
			if password == "" || kind == ECDSAP256 { // the key derivation is slow on purpose
				files["PEM"] = &bytes.Buffer{}
				if err := WritePEM(files["PEM"], server, password); err != nil {
					t.Fatal(err)
				}
			}
			for name, file := range files {
				data := file.Bytes()
				c, err := Open(Source{Type: Auto, Data: data, Password: password})
				if err != nil {
					t.Errorf("%s %s %q: %v", kind, name, password, err)
					continue
				}
				if !c.X509().Equal(server.X509()) || len(c.Chain()) != 1 || !publicEqual(c.Key().Public(), server.Public()) {
					t.Errorf("%s %s %q: came back otherwise", kind, name, password)
				}
				if _, err := Open(Source{Type: Auto, Data: data, Password: "wrong"}); password != "" && !errors.Is(err, ErrWrongPassword) {
					t.Errorf("%s %s with a wrong password: %v", kind, name, err)
				}
			}
		}
	}
}

func TestWriteNeedsKeyAndCertificate(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := WritePFX(&out, mustOpen(t, Source{Type: PublicKeyFile, Path: "testdata/server.pem"}), ""); !errors.Is(err, ErrNoPrivateKey) {
		t.Errorf("PFX without key: %v", err)
	}
	if err := WritePFX(&out, mustOpen(t, Source{Type: PPKFile, Path: "testdata/v3-rsa.ppk"}), ""); !errors.Is(err, ErrNoCertificate) {
		t.Errorf("PFX without certificate: %v", err)
	}
	if out.Len() != 0 {
		t.Error("something was written")
	}
}

// program finds a program or skips the test with the name of its Debian
// package.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed; on Debian: apt-get install %s", name, debian)
	}
	return path
}

func TestOpenSSLAndKeytoolReadWhatIsWritten(t *testing.T) {
	t.Parallel()
	openssl := program(t, "openssl", "openssl")
	ca, err := CreateCA(Template{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := Issue(ca, Template{Key: RSA2048})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name string, f func(*os.File) error) string {
		path := filepath.Join(dir, name)
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := f(file); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root := write("ca.pem", func(f *os.File) error { return WriteCertificatePEM(f, ca) })
	all := write("server.pem", func(f *os.File) error { return WritePEM(f, server, "secret") })
	pfx := write("server.pfx", func(f *os.File) error { return WritePFX(f, server, "secret") })
	run := func(want string, command ...string) {
		t.Helper()
		out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%s: %v\n%s", strings.Join(command, " "), err, out)
		}
	}
	run("OK", openssl, "verify", "-purpose", "sslserver", "-verify_hostname", "localhost", "-CAfile", root, all)
	run("Key is valid", openssl, "pkey", "-check", "-noout", "-in", all, "-passin", "pass:secret")
	run("subject=CN = localhost", openssl, "pkcs12", "-in", pfx, "-passin", "pass:secret", "-nodes")
	run("Certificate chain length: 2", program(t, "keytool", "default-jre-headless"), "-list", "-v", "-keystore", pfx, "-storepass", "secret")
}
