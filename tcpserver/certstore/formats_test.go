package certstore

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"software.sslmate.com/src/go-pkcs12"
)

func TestReadsEveryAlgorithmOfGoPKCS12(t *testing.T) {
	t.Parallel()
	server := mustOpen(t, Source{Type: PEMKeyFile, Path: "testdata/server-chain.key"})
	for name, encoder := range map[string]*pkcs12.Encoder{
		"LegacyRC2": pkcs12.LegacyRC2, "LegacyDES": pkcs12.LegacyDES, "Passwordless": pkcs12.Passwordless,
		"Modern2023": pkcs12.Modern2023.WithIterations(2048), "Modern2026 (PBMAC1)": pkcs12.Modern2026.WithIterations(2048),
	} {
		password := "sécret"
		if encoder == pkcs12.Passwordless {
			password = ""
		}
		data, err := encoder.Encode(server.Key(), server.X509(), server.Chain(), password)
		if err != nil {
			t.Fatal(err)
		}
		c, err := Open(Source{Type: PFXBlob, Data: data, Password: password})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !c.X509().Equal(server.X509()) || len(c.Chain()) != 2 || !publicEqual(c.Key().Public(), server.Public()) {
			t.Errorf("%s: came back otherwise", name)
		}
		if _, err := Open(Source{Type: PFXBlob, Data: data, Password: "wrong"}); password != "" && !errors.Is(err, ErrWrongPassword) {
			t.Errorf("%s with a wrong password: %v", name, err)
		}
	}
}

func TestJWKWithCertificates(t *testing.T) {
	t.Parallel()
	server := mustOpen(t, Source{Type: PEMKeyFile, Path: "testdata/server-chain.key"})
	jwk := func(file string) []byte {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(text, &fields); err != nil {
			t.Fatal(err)
		}
		fields["x5c"] = []string{
			base64.StdEncoding.EncodeToString(server.X509().Raw),
			base64.StdEncoding.EncodeToString(server.Chain()[0].Raw),
		}
		fields["kid"] = "the key"
		out, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	c := mustOpen(t, Source{Type: JWKBlob, Data: jwk("server.jwk")})
	if c.Subject() != serverSubject || len(c.Chain()) != 1 || c.Name() != "the key" {
		t.Errorf("subject %q, chain of %d, name %q", c.Subject(), len(c.Chain()), c.Name())
	}
	if _, err := c.TLS(); err != nil {
		t.Error(err)
	}
	if _, err := Open(Source{Type: JWKBlob, Data: jwk("client.jwk")}); err == nil {
		t.Error("a key with the certificate of another is taken")
	}
}

func TestXMLWithACertificateBesideTheKey(t *testing.T) {
	t.Parallel()
	key, err := os.ReadFile("testdata/rsa-private.xml")
	if err != nil {
		t.Fatal(err)
	}
	server := mustOpen(t, Source{Type: PublicKeyFile, Path: "testdata/server.pem"})
	text := fmt.Sprintf(`<?xml version="1.0"?><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyValue>%s</KeyValue>`+
		`<X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo>`, key, base64.StdEncoding.EncodeToString(server.X509().Raw))
	c := mustOpen(t, Source{Type: XMLBlob, Data: []byte(text)})
	if c.Subject() != serverSubject || !c.PrivateKeyAvailable() {
		t.Errorf("subject %q, key %t", c.Subject(), c.PrivateKeyAvailable())
	}
	for _, bad := range []string{
		"<RSAKeyValue/>", "<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>", "<a>", "<a/>",
		strings.Replace(string(key), "<D>", "<D>AQAB", 1), strings.Replace(string(key), "<P>", "<P>!", 1),
	} {
		if _, err := Open(Source{Type: XMLBlob, Data: []byte(bad)}); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%.60q: %v, want ErrCorrupt", bad, err)
		}
	}
	if _, err := Open(Source{Type: XMLBlob, Data: []byte("<DSAKeyValue/>")}); !errors.Is(err, ErrUnsupported) {
		t.Errorf("DSA: %v, want ErrUnsupported", err)
	}
}

// The vectors of RFC 5649 §6 and RFC 2268 §5; CCM is proved by Bouncy Castle's stores.
func TestCiphersOfOldAndForeignStores(t *testing.T) {
	t.Parallel()
	hex := func(s string) []byte {
		var b []byte
		if _, err := fmt.Sscanf(strings.ReplaceAll(s, " ", ""), "%x", &b); err != nil {
			t.Fatal(err)
		}
		return b
	}
	wrapped := hex("138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a")
	plain, err := unwrapKWP(hex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"), wrapped)
	if want := hex("c37b7e6492584340bed12207808941155068f738"); err != nil || !bytes.Equal(plain, want) {
		t.Errorf("KWP: %x, %v, want %x", plain, err, want)
	}
	plain, err = unwrapKWP(hex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8"), hex("afbeb0f07dfbf5419200f2ccb50bb24f"))
	if want := hex("466f7250617369"); err != nil || !bytes.Equal(plain, want) {
		t.Errorf("KWP of 7 bytes: %x, %v, want %x", plain, err, want)
	}
	if _, err := unwrapKWP(make([]byte, 32), wrapped); !errors.Is(err, errUnauthentic) {
		t.Errorf("KWP with a wrong key: %v", err)
	}
	for _, v := range []struct{ key, plain, cipher string }{
		{"ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
		{"88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
	} {
		block, err := newRC2(hex(v.key))
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 8)
		block.Decrypt(got, hex(v.cipher))
		if !bytes.Equal(got, hex(v.plain)) {
			t.Errorf("RC2 with %s: %x, want %s", v.key, got, v.plain)
		}
	}
}

func TestEncryptedKeysComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		password := rapid.String().Draw(t, "password")
		inner, err := asn1.Marshal(struct{ Data []byte }{rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "data")})
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := encryptPKCS8(inner, password, 10)
		if err != nil {
			t.Fatal(err)
		}
		opened, err := parsePKCS8Encrypted(sealed, password)
		if err != nil || !bytes.Equal(opened, inner) {
			t.Fatalf("%x comes back as %x (%v)", inner, opened, err)
		}
	})
}

func TestNamesAreQuotedAndCompared(t *testing.T) {
	t.Parallel()
	c, err := CreateSelfSigned(Template{})
	if err != nil {
		t.Fatal(err)
	}
	template := *c.X509()
	template.Subject.Organization = []string{`Say "Hi", Inc.`}
	template.RawSubject = nil
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, c.Public(), c.Key())
	if err != nil {
		t.Fatal(err)
	}
	got, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if want := `O="Say ""Hi"", Inc.", CN=localhost`; got.Subject() != want {
		t.Errorf("subject %s, want %s", got.Subject(), want)
	}
	for _, same := range []string{`cn=LOCALHOST,O="Say ""Hi"", Inc."`, `  CN = localhost , O="Say ""Hi"", Inc."`} {
		if _, err := Open(Source{Type: PublicKeyBlob, Data: der, Subject: same}); err != nil {
			t.Errorf("%s: %v", same, err)
		}
	}
}
