package e2e

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/script"
	"rookery/simgrid"
)

// certificates makes an authority, a server certificate and the client
// certificate client1.
func certificates(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if out, errOut, code := rookery(t, nil, "cert", "create", "--dir", dir, "--ca", "--client", "client1"); code != 0 {
		t.Fatalf("cert create: exit code %d\n%s%s", code, out, errOut)
	}
	return dir
}

func TestANodeBackEndWithAClientCertificate(t *testing.T) {
	t.Parallel()
	need(t, "node", "nodejs")
	dir := certificates(t)
	for name, door := range map[string]string{
		"PEM": fmt.Sprintf("mode = \"pem\"\ncertificate = %q\nkey = %q\n", filepath.Join(dir, "server-crt.pem"), filepath.Join(dir, "server-key.pem")),
		"PFX": fmt.Sprintf("mode = \"pfx\"\ncertificate = %q\n", filepath.Join(dir, "server.pfx")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}})
			door := "eol = \"lf\"\n[tcp.tls]\n" + door + fmt.Sprintf("client_ca = %q\nrequire_client_certificate = true\n", filepath.Join(dir, "ca-crt.pem"))
			p := start(t, "run", "--config", w.configure(door, twoGroups))
			host, port, err := net.SplitHostPort(p.ready.TCP)
			if err != nil {
				t.Fatal(err)
			}

			k := converse(t, "node", "testdata/client.js", host, port, dir, "type=local"+speakers)
			k.await("the handshake's answer", func(line string, _ script.Pairs) bool { return line == "success=True" })
			k.say("command=tell&entity=local&message=" + "%C3%A9t%C3%A9+%26+%3D" + "&_transaction=t1" + speakers)
			k.await("the answer", has("command=tell", "success=True", "_transaction=t1"))
			k.await("the inhabitant's reply", func(_ string, pairs script.Pairs) bool {
				return pairs.Get("firstname") == "Wren" && strings.Contains(pairs.Get("message"), "été & =")
			})

			// A certificate stands in for nothing: the password is needed.
			k = converse(t, "node", "testdata/client.js", host, port, dir, "type=local&group=Speakers&password=wrong")
			k.await("the refusal", has("success=False", "status=70001"))
			k.awaitEnd()

			// And without a certificate the password does not help.
			bare := t.TempDir()
			ca, err := os.ReadFile(filepath.Join(dir, "ca-crt.pem"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(bare, "ca-crt.pem"), ca, 0o600); err != nil {
				t.Fatal(err)
			}
			k = converse(t, "node", "testdata/client.js", host, port, bare, "type=local"+speakers)
			if lines := k.awaitEnd(); len(lines) > 0 {
				t.Errorf("a client without a certificate was told %q", lines)
			}
		})
	}
}

func TestTLSVersionsAreThoseOfTheSettings(t *testing.T) {
	t.Parallel()
	need(t, "openssl", "openssl")
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure("[tcp.tls]\nmax_version = \"1.2\"\n", twoGroups))
	args := []string{"s_client", "-connect", p.ready.TCP, "-CAfile", filepath.Join(filepath.Dir(p.ready.Certificate), "tcp-cert.pem"), "-verify_return_error", "-quiet"}
	k := converse(t, "openssl", append(args, "-tls1_2")...)
	k.say("type=local" + speakers)
	k.await("the handshake's answer", has("success=True"))
	k = converse(t, "openssl", append(args, "-tls1_3")...)
	if lines := k.awaitEnd(); len(lines) > 0 {
		t.Errorf("over TLS 1.3 the door said %q", lines)
	}
}
