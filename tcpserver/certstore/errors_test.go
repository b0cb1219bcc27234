package certstore

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrongPasswordIsItsOwnError(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures {
		if f.password == "" && f.file != "empty-password.p12" || f.file == "plain.p12" {
			continue
		}
		t.Run(f.file, func(t *testing.T) {
			t.Parallel()
			for _, wrong := range []string{"wrong", ""} {
				if wrong == f.password {
					continue
				}
				_, err := Open(Source{Type: f.fileType, Path: f.path(), Password: wrong})
				var typed *Error
				if !errors.Is(err, ErrWrongPassword) || !errors.As(err, &typed) || typed.Code != CodeOpenStore {
					t.Errorf("password %q: %v, want ErrWrongPassword with code 271", wrong, err)
				}
			}
		})
	}
	_, err := Open(Source{Type: JKSFile, Path: "testdata/key-password.jks", Password: "secret"})
	if !errors.Is(err, ErrWrongPassword) {
		t.Errorf("password of the store for a key with its own: %v, want ErrWrongPassword", err)
	}
}

func TestTruncatedStoreIsAnErrorAtEveryLength(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures {
		t.Run(f.file, func(t *testing.T) {
			t.Parallel()
			data := f.read(t)
			step := max(1, len(data)/12)
			for n := 0; n < len(data); n += step {
				for _, kind := range []Type{blobType(f.fileType), Auto} {
					_, err := List(f.with(Source{Type: kind, Data: data[:n]}))
					var typed *Error
					if err != nil && !errors.As(err, &typed) {
						t.Errorf("%d of %d bytes as %v: %v is no *Error", n, len(data), kind, err)
					}
				}
			}
			if isText(f) {
				return // a shorter text may be a whole store
			}
			_, err := List(f.with(Source{Type: blobType(f.fileType), Data: data[:len(data)-1]}))
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("last byte missing: %v, want ErrCorrupt", err)
			}
		})
	}
}

func isText(f fixture) bool {
	switch f.fileType {
	case PFXFile, JKSFile, BCFKSFile:
		return false
	}
	return !strings.HasSuffix(f.file, ".der")
}

func TestTruncatedTextStores(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"rsa-pkcs1.key", "server.pem", "ssh-rsa-rfc4716.pub", "chain.p7b", "v3-rsa.ppk", "rsa-private.xml", "server.jwk", "ssh-rsa.pub"} {
		for _, f := range fixtures {
			if f.file != file {
				continue
			}
			data := f.read(t)
			if _, err := List(f.with(Source{Type: f.fileType, Data: data[:len(data)/2]})); !errors.Is(err, ErrCorrupt) {
				t.Errorf("half of %s: %v, want ErrCorrupt", file, err)
			}
		}
	}
}

func TestKeyOfAnotherCertificateIsItsOwnError(t *testing.T) {
	t.Parallel()
	_, err := Open(Source{Type: PEMKeyFile, Path: "testdata/mismatch.key"})
	if !errors.Is(err, ErrKeyMismatch) || !strings.Contains(err.Error(), clientSubject) {
		t.Errorf("%v, want ErrKeyMismatch that names the certificate", err)
	}
}

func TestUnusableStoresSayWhy(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		source Source
		want   error
		text   string
	}{
		{"Windows user store", Source{Type: User, Path: "MY"}, ErrUnsupported, "Windows"},
		{"Windows machine store", Source{Type: Machine, Path: "MY"}, ErrUnsupported, "Windows"},
		{"JCEKS", Source{Type: JKSFile, Path: "testdata/jceks.jks", Password: "secret"}, ErrUnsupported, "JCEKS"},
		{"Argon2d", Source{Type: PPKFile, Path: "testdata/v3-argon2d.ppk", Password: "secret"}, ErrUnsupported, "Argon2d"},
		{"symmetric JWK", Source{Type: JWKBlob, Data: []byte(`{"kty":"oct","k":"AAAA"}`)}, ErrUnsupported, "oct"},
		{"unknown type", Source{Type: 20, Path: "testdata/server.pem"}, ErrUnknownType, "99 (Auto)"},
		{"missing file", Source{Type: PFXFile, Path: "testdata/none.p12"}, os.ErrNotExist, "none.p12"},
		{"nothing given", Source{Type: PFXFile}, nil, "no file name and no data"},
		{"wrong format", Source{Type: PFXFile, Path: "testdata/server.jks", Password: "secret"}, ErrCorrupt, "PKCS#12"},
		{"undetectable", Source{Type: Auto, Data: []byte("hello, world")}, ErrCorrupt, "BCFKS"},
		{"unknown configuration", Source{Type: PFXFile, Path: "testdata/new.p12", Config: "Colour=red"}, nil, "PersistPFXKey"},
		{"bad configuration", Source{Type: PFXFile, Path: "testdata/new.p12", Config: "PersistPFXKey=maybe"}, nil, "True or False"},
	} {
		_, err := Open(test.source)
		var typed *Error
		switch {
		case !errors.As(err, &typed):
			t.Errorf("%s: %v is no *Error", test.name, err)
		case test.want != nil && !errors.Is(err, test.want):
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		case !strings.Contains(err.Error(), test.text):
			t.Errorf("%s: %q does not say %q", test.name, err, test.text)
		}
	}
}

func TestParseTypeTakesNumbersAndNames(t *testing.T) {
	t.Parallel()
	for _, want := range Types() {
		for _, text := range []string{want.String(), "cst" + want.String(), strings.ToLower(want.String())} {
			if got, err := ParseType(text); err != nil || got != want {
				t.Errorf("%q: %v, %v", text, got, err)
			}
		}
	}
	if got, err := ParseType(" 99 "); err != nil || got != Auto {
		t.Errorf("99: %v, %v", got, err)
	}
	if _, err := ParseType("20"); !errors.Is(err, ErrUnknownType) {
		t.Errorf("20: %v, want ErrUnknownType", err)
	}
}

// FuzzOpen feeds damaged stores of every format to their readers.
func FuzzOpen(f *testing.F) {
	maxIterations, maxScryptMemory, maxArgonMemory = 5000, 4<<20, 1<<10
	files, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "secret")
	}
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		for _, kind := range append([]Type{Auto}, PFXBlob, JKSBlob, PEMKeyBlob, PublicKeyBlob, SSHPublicKeyBlob, P7BBlob, PPKBlob, XMLBlob, JWKBlob, BCFKSBlob) {
			if kind == Auto {
				if found, err := detect(data, ""); err != nil || found == PKCS11 {
					continue // would load a library
				}
			}
			entries, err := List(Source{Type: kind, Data: data, Password: password})
			var typed *Error
			if err != nil && !errors.As(err, &typed) {
				t.Fatalf("%v: %v is no *Error", kind, err)
			}
			for _, c := range entries {
				if c.Public() == nil && c.X509() == nil {
					t.Fatalf("%v: entry without a public key", kind)
				}
				_ = c.Subject() + c.Fingerprint() + c.PublicKey() + c.PrivateKey() + c.SubjectAltNames() + c.Usage() + c.ExtendedKeyUsage()
			}
		}
	})
}
