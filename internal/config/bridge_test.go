package config

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/tcpserver/certstore"
)

func TestAuthoritiesOfBrokersComeFromAFile(t *testing.T) {
	t.Parallel()
	cert, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "Brokers' own"}})
	if err != nil {
		t.Fatal(err)
	}
	var pem bytes.Buffer
	if err := certstore.WriteCertificatePEM(&pem, cert); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"ca.pem": pem.String(), "empty.pem": "none\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parse := func(text string) (*Config, Problems) {
		return Parse(filepath.Join(dir, "rookery.toml"), []byte(minimal+"[bridge]\n"+text), nil)
	}
	c, problems := parse("ca = \"ca.pem\"\n")
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	roots, err := c.Bridge.Roots()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cert.X509().Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Errorf("the certificate in the file is not trusted: %v", err)
	}
	if c, _ := parse(""); c.Bridge.CA != "" {
		t.Errorf("without a setting it is %q", c.Bridge.CA)
	} else if roots, err := c.Bridge.Roots(); roots != nil || err != nil {
		t.Errorf("without a setting the roots are %v, %v", roots, err)
	}
	for text, want := range map[string]string{
		"ca = \"missing.pem\"\n":       "no such file",
		"ca = \"empty.pem\"\n":         "no PEM certificate in it",
		"subscriptions = 0\n":          "allowed are 1 to 10000",
		"max_payload = \"2MiB\"\n":     "allowed are 1KiB to 1MiB",
		"queue_bytes = \"1KiB\"\n":     "allowed are 16KiB to 1GiB",
		"queue_bytes = \"500KiB\"\n":   "want at least two of bridge.max_payload, 512KiB",
		"allow_insecure = \"maybe\"\n": "allow_insecure",
	} {
		if _, problems := parse(text); !strings.Contains(problems.Error(), want) || !strings.Contains(problems.Error(), "bridge.") {
			t.Errorf("%s%v, want %q", text, problems, want)
		}
	}
	if _, problems := parse("allow_insecure = true\n"); problems.Err() != nil || !strings.Contains(problems.Error(), "can read passwords") {
		t.Errorf("no check of certificates: %v", problems)
	}
}
