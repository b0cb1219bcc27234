package certstore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
)

func mustOpen(t testing.TB, s Source) *Certificate {
	t.Helper()
	c, err := Open(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signAndVerify proves that the private key belongs to the public one.
func signAndVerify(t *testing.T, c *Certificate) {
	t.Helper()
	message := []byte("message")
	digest := sha256.Sum256(message)
	ok := false
	var signature []byte
	var err error
	switch pub := c.Public().(type) {
	case *rsa.PublicKey:
		signature, err = c.Key().Sign(rand.Reader, digest[:], crypto.SHA256)
		ok = err == nil && rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest[:], signature) == nil
	case *ecdsa.PublicKey:
		signature, err = c.Key().Sign(rand.Reader, digest[:], crypto.SHA256)
		ok = err == nil && ecdsa.VerifyASN1(pub, digest[:], signature)
	case ed25519.PublicKey:
		signature, err = c.Key().Sign(rand.Reader, message, crypto.Hash(0))
		ok = err == nil && ed25519.Verify(pub, message, signature)
	}
	if !ok {
		t.Errorf("private key does not sign for the public one (%v)", err)
	}
}

// handshake proves that TLS works with the certificate.
func handshake(t *testing.T, cert tls.Certificate, client *tls.Config) {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	done := make(chan error, 1)
	go func() {
		server := tls.Server(there, &tls.Config{Certificates: []tls.Certificate{cert}})
		_, err := io.WriteString(server, "hello")
		done <- err
	}()
	conn := tls.Client(here, client)
	got := make([]byte, 5)
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatalf("client: %v", err)
	}
	if err := <-done; err != nil {
		t.Fatalf("server: %v", err)
	}
}

func TestServesTLSWithTheChainOfTheStore(t *testing.T) {
	t.Parallel()
	root, err := os.ReadFile("testdata/root.pem")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	for _, f := range fixtures {
		if f.subject != serverSubject || !f.key || f.chain == 0 {
			continue
		}
		t.Run(f.file, func(t *testing.T) {
			t.Parallel()
			cert, err := mustOpen(t, f.with(Source{Type: Auto, Path: f.path()})).TLS()
			if err != nil {
				t.Fatal(err)
			}
			if len(cert.Certificate) != 2 {
				t.Errorf("%d certificates are sent, want server and intermediate", len(cert.Certificate))
			}
			handshake(t, cert, &tls.Config{RootCAs: roots, ServerName: "www.server.example"})
		})
	}
}

func TestCertificateFieldsHaveTheDocumentedForm(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, Source{Type: PEMKeyFile, Path: "testdata/server-chain.key", Password: "unused"})
	x := c.X509()
	for name, pair := range map[string][2]string{
		"EffectiveDate":       {c.EffectiveDate(), x.NotBefore.Local().Format("02-Jan-2006 15:04:05")},
		"ExpirationDate":      {c.ExpirationDate(), x.NotAfter.Local().Format("02-Jan-2006 15:04:05")},
		"ExtendedKeyUsage":    {c.ExtendedKeyUsage(), "1.3.6.1.5.5.7.3.1,1.3.6.1.5.5.7.3.2"},
		"Issuer":              {c.Issuer(), middleSubject},
		"KeyPassword":         {c.KeyPassword(), "unused"},
		"PrivateKeyContainer": {c.PrivateKeyContainer(), ""},
		"PublicKeyAlgorithm":  {c.PublicKeyAlgorithm(), "RSA"},
		"SerialNumber":        {c.SerialNumber(), "0A1B2C3D"},
		"SignatureAlgorithm":  {c.SignatureAlgorithm(), "ECDSA_SHA256"},
		"Store":               {c.Store(), "testdata/server-chain.key"},
		"StoreB":              {string(c.StoreB()), "testdata/server-chain.key"},
		"StorePassword":       {c.StorePassword(), "unused"},
		"Subject":             {c.Subject(), serverSubject},
		"SubjectAltNames":     {c.SubjectAltNames(), "server.example,*.server.example,192.0.2.1,2001:db8::1,admin@server.example,https://server.example/"},
		"Usage":               {c.Usage(), "Digital Signature,Key Encipherment"},
		"Version":             {c.Version(), "V3"},
		"EncodedB":            {string(c.EncodedB()), c.Encoded()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
	if c.UsageFlags() != 0xa0 || c.PublicKeyLength() != 2048 || !c.PrivateKeyAvailable() || c.StoreType() != PEMKeyFile {
		t.Errorf("flags %#x, %d bits, key %t, type %v", c.UsageFlags(), c.PublicKeyLength(), c.PrivateKeyAvailable(), c.StoreType())
	}
	if ca := c.Chain()[0]; (&Certificate{cert: ca}).Usage() != "Certificate Signing,CRL Signing" {
		t.Errorf("usage of the authority: %q", (&Certificate{cert: ca}).Usage())
	}
}

func TestKeysAndCertificatesAreGivenAsPEM(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, Source{Type: PFXFile, Path: "testdata/new.p12", Password: "secret"})
	public, err := os.ReadFile("testdata/server-public.pem")
	if err != nil {
		t.Fatal(err)
	}
	if c.PublicKey() != string(public) {
		t.Errorf("public key:\n%swant\n%s", c.PublicKey(), public)
	}
	encoded, err := os.ReadFile("testdata/server.pem")
	if err != nil {
		t.Fatal(err)
	}
	if c.Encoded() != string(encoded) {
		t.Errorf("encoded:\n%swant\n%s", c.Encoded(), encoded)
	}
	again := mustOpen(t, Source{Type: PEMKeyBlob, Data: []byte(c.PrivateKey())})
	if !publicEqual(again.Public(), c.Public()) {
		t.Error("private key in PEM is another key")
	}
	bare := mustOpen(t, Source{Type: SSHPublicKeyFile, Path: "testdata/ssh-ed25519.pub"})
	if bare.PrivateKey() != "" || !strings.HasPrefix(bare.Encoded(), "-----BEGIN PUBLIC KEY-----") || bare.Subject() != "" ||
		bare.EffectiveDate() != "" || bare.Version() != "" || bare.SerialNumber() != "" || bare.UsageFlags() != 0 {
		t.Error("a bare public key shows fields that it does not have")
	}
}

func TestDatesAreLocalAndUseTwoDigitDays(t *testing.T) {
	t.Parallel()
	x := *mustOpen(t, Source{Type: PublicKeyFile, Path: "testdata/server.pem"}).X509()
	x.NotBefore = x.NotBefore.AddDate(0, 0, 1-x.NotBefore.Day())
	got := (&Certificate{cert: &x}).EffectiveDate()
	if len(got) != len("23-Jan-2000 15:00:00") || got[2] != '-' || got[6] != '-' {
		t.Errorf("date %q has not the form of 23-Jan-2000 15:00:00", got)
	}
}

func TestSubjectSelectsTheCertificate(t *testing.T) {
	t.Parallel()
	store := Source{Type: PFXFile, Path: "testdata/two-keys.p12", Password: "secret"}
	client := store
	client.Subject = clientSubject
	thumb := mustOpen(t, client)
	for _, test := range []struct{ subject, want string }{
		{"", serverSubject},
		{"*", serverSubject},
		{clientSubject, clientSubject},
		{"o=example, cn=CLIENT", clientSubject},
		{"CLIENT", clientSubject},
		{"Test Inter", middleSubject},
		{`O="Example, Inc."`, serverSubject},
		{"CN=server.example, O=\"Example, Inc.\", OU=test, L=Springfield, ST=Ohio, C=US, emailAddress=admin@server.example", serverSubject},
		{"Thumbprint=" + thumb.ThumbprintMD5(), clientSubject},
		{"Thumbprint=" + thumb.ThumbprintSHA1(), clientSubject},
		{"thumbprint=" + strings.ToLower(thumb.ThumbprintSHA256()), clientSubject},
		{"Thumbprint=" + thumb.FingerprintSHA1(), clientSubject},
	} {
		store.Subject = test.subject
		c, err := Open(store)
		if err != nil || c.Subject() != test.want {
			t.Errorf("%q: %v, %v; want %q", test.subject, c, err, test.want)
		}
	}
	for _, subject := range []string{"CN=nobody", "Thumbprint=00", "Thumbprint=" + strings.Repeat("0", 40)} {
		store.Subject = subject
		_, err := Open(store)
		var typed *Error
		if !errors.Is(err, ErrNotFound) || !errors.As(err, &typed) || typed.Code != CodeNotFound {
			t.Errorf("%q: %v, want ErrNotFound with code 272", subject, err)
		}
	}
	store.Subject, store.Config = "", "PersistPFXKey=False\r\nThumbprint="+thumb.ThumbprintSHA1()+"\n"
	if c := mustOpen(t, store); c.Subject() != clientSubject {
		t.Errorf("Thumbprint in Config selects %q", c.Subject())
	}
}

func TestEncodedSelectsThePrivateKeyOfACertificate(t *testing.T) {
	t.Parallel()
	encoded, err := os.ReadFile("testdata/server.pem")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"two-keys.p12", "rsa-pbes2.key"} {
		c := mustOpen(t, Source{Type: Auto, Path: "testdata/" + file, Password: "secret", Encoded: encoded})
		if c.Subject() != serverSubject || !c.PrivateKeyAvailable() {
			t.Errorf("%s: subject %q, key %t", file, c.Subject(), c.PrivateKeyAvailable())
		}
		if _, err := c.TLS(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if _, err := Open(Source{Type: PEMKeyFile, Path: "testdata/client.key", Encoded: encoded}); !errors.Is(err, ErrNotFound) {
		t.Errorf("key of another certificate: %v, want ErrNotFound", err)
	}
}

func TestTLSRefusesWhatCannotServe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file string
		want error
	}{
		{"server.pem", ErrNoPrivateKey},
		{"v3-rsa.ppk", ErrNoCertificate},
		{"ssh-rsa.pub", ErrNoCertificate},
	} {
		_, err := mustOpen(t, Source{Type: Auto, Path: "testdata/" + test.file}).TLS()
		var typed *Error
		if !errors.Is(err, test.want) || !errors.As(err, &typed) || typed.Code != CodeNoCredential {
			t.Errorf("%s: %v, want %v with code 273", test.file, err, test.want)
		}
	}
}
