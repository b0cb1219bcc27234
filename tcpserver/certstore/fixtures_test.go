package certstore

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	serverSubject = `CN=server.example, O="Example, Inc.", OU=test, L=Springfield, S=Ohio, C=US, E=admin@server.example`
	clientSubject = "CN=client, O=Example"
	middleSubject = "C=US, O=Test, CN=Test Intermediate"
	rootSubject   = "C=US, O=Test, CN=Test Root"
)

// fixture is a file that another program wrote and what "*" finds in it.
type fixture struct {
	file      string
	fileType  Type
	password  string
	keyPass   string
	subject   string // of the certificate found; empty for a bare key
	key       bool
	algorithm string
	bits      int
	chain     int
	entries   int
	name      string // what the store calls it, if that matters
}

var fixtures = []fixture{
	{file: "new.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3, name: "server key"},
	{file: "old.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3, name: "server key"},
	{file: "rc2-128.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "aes128.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "plain.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "nomac.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "empty-password.p12", fileType: PFXFile, subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "unicode-password.p12", fileType: PFXFile, password: "pässwörd€", subject: clientSubject, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "certificates.p12", fileType: PFXFile, password: "secret", subject: middleSubject, algorithm: "ECDSA", bits: 256, chain: 1, entries: 2},
	{file: "ed25519.p12", fileType: PFXFile, password: "secret", subject: "CN=ed.example", key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "two-keys.p12", fileType: PFXFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 4, name: "server"},
	{file: "server.jks", fileType: JKSFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 2, name: "server"},
	{file: "key-password.jks", fileType: JKSFile, password: "secret", keyPass: "other-secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 1},
	{file: "server-chain.key", fileType: PEMKeyFile, subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "client.key", fileType: PEMKeyFile, subject: clientSubject, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "ed25519.key", fileType: PEMKeyFile, subject: "CN=ed.example", key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "server-key.der", fileType: PEMKeyFile, key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pkcs1.key", fileType: PEMKeyFile, key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-dek-aes.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-dek-3des.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pbes2.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pbes2.der", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-scrypt.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pbes2-3des.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pbe-3des.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pbe-rc4.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-pbe-md5-des.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "ec-sec1.key", fileType: PEMKeyFile, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "ec-dek-aes.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "openssh-rsa.key", fileType: PEMKeyFile, key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "openssh-ecdsa.key", fileType: PEMKeyFile, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "openssh-ed25519.key", fileType: PEMKeyFile, key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "openssh-rsa-password.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "openssh-ecdsa-password.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "openssh-ed25519-password.key", fileType: PEMKeyFile, password: "secret", key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "server.pem", fileType: PublicKeyFile, subject: serverSubject, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "server.der", fileType: PublicKeyFile, subject: serverSubject, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "server-trusted.pem", fileType: PublicKeyFile, subject: serverSubject, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "server-public.pem", fileType: PublicKeyFile, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "server-public.der", fileType: PublicKeyFile, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "ssh-rsa.pub", fileType: SSHPublicKeyFile, algorithm: "RSA", bits: 2048, entries: 1, name: "rsa@example"},
	{file: "ssh-ecdsa.pub", fileType: SSHPublicKeyFile, algorithm: "ECDSA", bits: 256, entries: 1, name: "ecdsa@example"},
	{file: "ssh-ecdsa384.pub", fileType: SSHPublicKeyFile, algorithm: "ECDSA", bits: 384, entries: 1},
	{file: "ssh-ecdsa521.pub", fileType: SSHPublicKeyFile, algorithm: "ECDSA", bits: 521, entries: 1},
	{file: "ssh-ed25519.pub", fileType: SSHPublicKeyFile, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "ssh-rsa-rfc4716.pub", fileType: SSHPublicKeyFile, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "ssh-ecdsa-rfc4716.pub", fileType: SSHPublicKeyFile, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "ssh-ed25519-rfc4716.pub", fileType: SSHPublicKeyFile, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "chain.p7b", fileType: P7BFile, subject: serverSubject, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "chain-der.p7b", fileType: P7BFile, subject: serverSubject, algorithm: "RSA", bits: 2048, chain: 2, entries: 3},
	{file: "v2-rsa.ppk", fileType: PPKFile, key: true, algorithm: "RSA", bits: 2048, entries: 1, name: "rsa@example"},
	{file: "v2-ecdsa.ppk", fileType: PPKFile, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "v2-ecdsa384.ppk", fileType: PPKFile, key: true, algorithm: "ECDSA", bits: 384, entries: 1},
	{file: "v2-ecdsa521.ppk", fileType: PPKFile, key: true, algorithm: "ECDSA", bits: 521, entries: 1},
	{file: "v2-ed25519.ppk", fileType: PPKFile, key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "v2-rsa-password.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "v2-ecdsa-password.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "v2-ed25519-password.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "v3-rsa.ppk", fileType: PPKFile, key: true, algorithm: "RSA", bits: 2048, entries: 1, name: "rsa@example"},
	{file: "v3-ecdsa.ppk", fileType: PPKFile, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "v3-ecdsa384.ppk", fileType: PPKFile, key: true, algorithm: "ECDSA", bits: 384, entries: 1},
	{file: "v3-ecdsa521.ppk", fileType: PPKFile, key: true, algorithm: "ECDSA", bits: 521, entries: 1},
	{file: "v3-ed25519.ppk", fileType: PPKFile, key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "v3-rsa-password.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "v3-ecdsa-password.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "v3-ed25519-password.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "v3-argon2i.ppk", fileType: PPKFile, password: "secret", key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "rsa-private.xml", fileType: XMLFile, key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "rsa-public.xml", fileType: XMLFile, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "server.jwk", fileType: JWKFile, key: true, algorithm: "RSA", bits: 2048, entries: 1},
	{file: "client.jwk", fileType: JWKFile, key: true, algorithm: "ECDSA", bits: 256, entries: 1},
	{file: "ed.jwk", fileType: JWKFile, key: true, algorithm: "ED25519", bits: 256, entries: 1},
	{file: "public-set.jwk", fileType: JWKFile, algorithm: "RSA", bits: 2048, entries: 3, name: "key0"},
	{file: "server.bcfks", fileType: BCFKSFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 2, name: "server"},
	{file: "server-kwp.bcfks", fileType: BCFKSFile, password: "secret", subject: serverSubject, key: true, algorithm: "RSA", bits: 2048, chain: 2, entries: 2, name: "server"},
	{file: "client.bcfks", fileType: BCFKSFile, password: "secret", subject: clientSubject, key: true, algorithm: "ECDSA", bits: 256, chain: 2, entries: 1, name: "client"},
}

func (f fixture) path() string { return filepath.Join("testdata", f.file) }

func (f fixture) read(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(f.path())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func blobType(file Type) Type {
	if file == SSHPublicKeyFile {
		return SSHPublicKeyBlob
	}
	return file + 1
}

func (f fixture) check(t *testing.T, s Source, wantType Type) {
	t.Helper()
	s.Password, s.KeyPassword, s.Subject = f.password, f.keyPass, "*"
	all, err := List(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != f.entries {
		t.Errorf("%d entries, want %d", len(all), f.entries)
	}
	c := prefer(all)
	if c.Subject() != f.subject || c.PublicKeyAlgorithm() != f.algorithm || c.PublicKeyLength() != f.bits ||
		c.PrivateKeyAvailable() != f.key || len(c.Chain()) != f.chain || c.StoreType() != wantType {
		t.Errorf("got subject %q, %s with %d bits, key %t, chain of %d, type %v; want %q, %s with %d bits, key %t, chain of %d, type %v",
			c.Subject(), c.PublicKeyAlgorithm(), c.PublicKeyLength(), c.PrivateKeyAvailable(), len(c.Chain()), c.StoreType(),
			f.subject, f.algorithm, f.bits, f.key, f.chain, wantType)
	}
	if f.name != "" && c.Name() != f.name {
		t.Errorf("name %q, want %q", c.Name(), f.name)
	}
	if f.key {
		signAndVerify(t, c)
	}
}

func TestOpensStoresOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures {
		t.Run(f.file, func(t *testing.T) {
			t.Parallel()
			f.check(t, Source{Type: f.fileType, Path: f.path()}, f.fileType)
		})
	}
}

func TestOpensBlobsRawAndInBase64(t *testing.T) {
	t.Parallel()
	for i, f := range fixtures {
		t.Run(f.file, func(t *testing.T) {
			t.Parallel()
			data := f.read(t)
			if i%2 == 0 { // turn and turn about: some stores take their time
				data = []byte(base64.StdEncoding.EncodeToString(data))
			}
			f.check(t, Source{Type: blobType(f.fileType), Data: data}, blobType(f.fileType))
		})
	}
}

func TestDetectsTheStoreType(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures {
		t.Run(f.file, func(t *testing.T) {
			t.Parallel()
			data := f.read(t)
			for name, given := range map[string]struct {
				data []byte
				path string
				want Type
			}{
				"file":   {data, f.path(), f.fileType},
				"blob":   {data, "", blobType(f.fileType)},
				"base64": {[]byte(base64.StdEncoding.EncodeToString(data)), "", blobType(f.fileType)},
			} {
				if got, err := detect(given.data, given.path); err != nil || got != given.want {
					t.Errorf("%s: %v, %v, want %v", name, got, err, given.want)
				}
			}
		})
	}
	c := mustOpen(t, Source{Type: Auto, Path: "testdata/new.p12", Password: "secret"})
	if c.StoreType() != PFXFile || c.Subject() != serverSubject {
		t.Errorf("%v with %q", c.StoreType(), c.Subject())
	}
}

func (f fixture) with(s Source) Source {
	s.Password, s.KeyPassword = f.password, f.keyPass
	return s
}

func TestFingerprintsAgreeWithOpenSSLAndSSHKeygen(t *testing.T) {
	t.Parallel()
	c := mustOpen(t, Source{Type: PublicKeyFile, Path: "testdata/server.pem"})
	text, err := os.ReadFile("testdata/server-fingerprints.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{c.Fingerprint(), c.FingerprintSHA1(), c.FingerprintSHA256()} {
		if !strings.Contains(string(text), "="+strings.ToUpper(got)+"\n") {
			t.Errorf("openssl does not know %s:\n%s", got, text)
		}
	}
	for _, got := range []string{c.ThumbprintMD5(), c.ThumbprintSHA1(), c.ThumbprintSHA256()} {
		if !strings.Contains(strings.ReplaceAll(string(text), ":", ""), "="+got+"\n") {
			t.Errorf("openssl does not know %s:\n%s", got, text)
		}
	}
	if text, err = os.ReadFile("testdata/ssh-fingerprints.txt"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"rsa", "ecdsa", "ecdsa384", "ecdsa521", "ed25519"} {
		public := mustOpen(t, Source{Type: SSHPublicKeyFile, Path: "testdata/ssh-" + name + ".pub"})
		private := mustOpen(t, Source{Type: PPKFile, Path: "testdata/v3-" + name + ".ppk"})
		if !strings.Contains(string(text), "MD5:"+public.Fingerprint()+" ") {
			t.Errorf("ssh-keygen does not know %s:\n%s", public.Fingerprint(), text)
		}
		if private.Fingerprint() != public.Fingerprint() {
			t.Errorf("%s: private key has %s, public key %s", name, private.Fingerprint(), public.Fingerprint())
		}
	}
}
