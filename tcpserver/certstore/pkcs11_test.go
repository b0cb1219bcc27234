//go:build cgo

package certstore

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// softHSM sets up a SoftHSM token with the server's key and certificates and
// the client's, and returns its module. It must not run in parallel with
// itself: the module reads its settings from the environment.
func softHSM(t *testing.T) string {
	t.Helper()
	var module string
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			module = path
		}
	}
	if module == "" {
		t.Skip("SoftHSM is not installed; on Debian: apt-get install softhsm2")
	}
	softhsm := program(t, "softhsm2-util", "softhsm2")
	tool := program(t, "pkcs11-tool", "opensc")
	dir := t.TempDir()
	tokens := filepath.Join(dir, "tokens")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	conf := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(conf, []byte("directories.tokendir = "+tokens+"\nobjectstore.backend = file\nlog.level = ERROR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	run := func(command ...string) {
		t.Helper()
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
		}
	}
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run(softhsm, "--init-token", "--free", "--label", "test token", "--pin", "1234", "--so-pin", "12345678")
	server := mustOpen(t, Source{Type: PEMKeyFile, Path: "testdata/server-chain.key"})
	client := mustOpen(t, Source{Type: PEMKeyFile, Path: "testdata/client.key"})
	write := func(id, label, kind string, data []byte) {
		run(tool, "--module", module, "--login", "--pin", "1234", "--id", id, "--label", label, "--type", kind,
			"--write-object", file(label+"."+kind, data))
	}
	write("a1", "server", "cert", server.X509().Raw)
	write("a2", "middle", "cert", server.Chain()[0].Raw)
	write("b1", "client", "cert", client.X509().Raw)
	for id, c := range map[string]*Certificate{"a1": server, "b1": client} {
		run(softhsm, "--import", file("key"+id, []byte(c.PrivateKey())), "--token", "test token", "--label", "key"+id, "--id", id, "--pin", "1234")
	}
	return module
}

func TestPKCS11TokenServesTLS(t *testing.T) {
	module := softHSM(t)
	c, err := Open(Source{Type: PKCS11, Path: module, Password: "1234", Subject: "server.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Subject() != serverSubject || len(c.Chain()) != 1 || !c.PrivateKeyAvailable() || c.PrivateKey() != "" {
		t.Errorf("subject %q, chain of %d, key %t, exported %q", c.Subject(), len(c.Chain()), c.PrivateKeyAvailable(), c.PrivateKey())
	}
	var out bytes.Buffer
	if err := WritePEM(&out, c, ""); !errors.Is(err, ErrNotExportable) {
		t.Errorf("key of a token written to PEM: %v", err)
	}
	cert, err := c.TLS()
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile("testdata/root.pem")
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		handshake(t, cert, &tls.Config{RootCAs: roots, ServerName: "server.example", MinVersion: version, MaxVersion: version})
	}

	ec, err := Open(Source{Type: Auto, Path: module, Password: "1234", Subject: clientSubject})
	if err != nil {
		t.Fatal(err)
	}
	defer ec.Close()
	signAndVerify(t, ec)

	again, err := Open(Source{Type: PKCS11, Data: []byte(c.Store()), Password: "1234"})
	if err != nil {
		t.Fatalf("%s: %v", c.Store(), err)
	}
	defer again.Close()
	if again.Subject() != serverSubject {
		t.Errorf("%s opens %q", c.Store(), again.Subject())
	}

	t.Run("signs for many at once", func(t *testing.T) {
		var wg sync.WaitGroup
		errs := make(chan error, 8)
		for i := range 8 {
			wg.Go(func() {
				digest := sha256.Sum256(fmt.Append(nil, i))
				signature, err := c.Key().Sign(rand.Reader, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
				if err == nil {
					err = rsa.VerifyPSS(c.Public().(*rsa.PublicKey), crypto.SHA256, digest[:], signature, nil)
				}
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("refuses a wrong PIN", func(t *testing.T) {
		for _, pin := range []string{"0000", "12345678901"} {
			if _, err := Open(Source{Type: PKCS11, Path: module, Password: pin}); !errors.Is(err, ErrWrongPassword) {
				t.Errorf("PIN %s while logged in: %v, want ErrWrongPassword", pin, err)
			}
		}
	})
	t.Run("does not sign after Close", func(t *testing.T) {
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256(nil)
		if _, err := again.Key().Sign(rand.Reader, digest[:], crypto.SHA256); !errors.Is(err, errTokenClosed) {
			t.Errorf("signature after Close: %v", err)
		}
		signAndVerify(t, c)
	})
}

func TestPKCS11RefusesAWrongPINAndUnknownTokens(t *testing.T) {
	module := softHSM(t)
	if _, err := Open(Source{Type: PKCS11, Path: module, Password: "0000"}); !errors.Is(err, ErrWrongPassword) {
		t.Errorf("wrong PIN: %v, want ErrWrongPassword", err)
	}
	if _, err := Open(Source{Type: PKCS11, Path: "pkcs11:token=other?module-path=" + module, Password: "1234"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown token: %v, want ErrNotFound", err)
	}
	if _, err := Open(Source{Type: PKCS11, Path: "pkcs11:colour=red?module-path=" + module}); err == nil || !strings.Contains(err.Error(), "colour") {
		t.Errorf("unknown attribute: %v", err)
	}
	c, err := Open(Source{Type: PKCS11, Path: module})
	if err != nil || c.PrivateKeyAvailable() {
		t.Fatalf("without a PIN the public certificates are there, but no key: %v, %v", c, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n := loadedModules(); n != 0 {
		t.Errorf("%d modules are still loaded", n)
	}
}

func loadedModules() int {
	modulesMu.Lock()
	defer modulesMu.Unlock()
	return len(modules)
}

func TestPKCS11TokenThatNobodyClosesIsCollected(t *testing.T) {
	module := softHSM(t)
	for range 3 {
		c, err := Open(Source{Type: PKCS11, Path: module, Password: "1234", Subject: "server.example"})
		if err != nil {
			t.Fatal(err)
		}
		cert, err := c.TLS()
		if err != nil {
			t.Fatal(err)
		}

		runtime.GC()
		digest := sha256.Sum256(nil)
		if _, err := cert.PrivateKey.(crypto.Signer).Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			t.Errorf("a key in use was closed: %v", err)
		}
	}
	for range 1000 {
		if loadedModules() == 0 {
			return
		}
		runtime.GC()
		runtime.Gosched()
	}
	t.Error("the module is still loaded")
}

func TestPKCS11ModuleThatIsNone(t *testing.T) {
	if _, err := Open(Source{Type: PKCS11, Path: "testdata/server.pem"}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a certificate as module: %v, want ErrCorrupt", err)
	}
	if _, err := Open(Source{Type: PKCS11, Path: "testdata/none.so"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no module: %v, want os.ErrNotExist", err)
	}
}
