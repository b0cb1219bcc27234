package tcpserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"rookery/tcpserver/certstore"
)

// The tests of this file let TLS programs that people use talk to the server.

// program finds a program, or skips the test with the name of its Debian
// package.
func program(t *testing.T, name, debian string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed; on Debian: apt-get install %s", name, debian)
	}
	return path
}

// run runs a program to its end with that input and returns all its output.
func run(t *testing.T, input string, command ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// zoo holds certificates as the programs read them.
type zoo struct {
	authority, server, other, client *certstore.Certificate
	dir                              string
}

func newZoo(t *testing.T) *zoo {
	t.Helper()
	z := &zoo{dir: t.TempDir()}
	var err error
	if z.authority, err = certstore.CreateCA(certstore.Template{Subject: pkix.Name{CommonName: "zoo authority"}}); err != nil {
		t.Fatal(err)
	}
	issue := func(template certstore.Template) *certstore.Certificate {
		c, err := certstore.Issue(z.authority, template)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	z.server = issue(certstore.Template{Hosts: []string{"localhost", "127.0.0.1"}, Key: certstore.RSA2048})
	z.other = issue(certstore.Template{Hosts: []string{"other.example"}})
	z.client = issue(certstore.Template{Subject: pkix.Name{CommonName: "zoo client"}, Client: true})
	for name, c := range map[string]*certstore.Certificate{"authority": z.authority, "client": z.client} {
		var all bytes.Buffer
		if err := certstore.WritePEM(&all, c, ""); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(z.file(name), all.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return z
}

func (z *zoo) file(name string) string { return filepath.Join(z.dir, name+".pem") }

// keeper starts a line server that answers a line, "quit" by closing. It keeps
// the TLS sessions that its clients had.
type keeper struct {
	*Server
	mu       sync.Mutex
	sessions []tls.ConnectionState
}

func (z *zoo) serve(t *testing.T, change func(*Server)) *keeper {
	t.Helper()
	k := &keeper{}
	k.Server = &Server{
		DefaultSingleLineMode: true, SSLStartMode: StartImplicit, SSLCert: z.server,
		Settings: Settings{SSLEnabledProtocols: ProtocolsModern},
		Events: Events{
			Connected: func(c *Conn, status int, _ string) {
				if session, ok := c.TLS(); ok && status == 0 {
					k.mu.Lock()
					k.sessions = append(k.sessions, session)
					k.mu.Unlock()
				}
			},
			DataIn: func(c *Conn, line []byte, _ bool) {
				if string(line) == "quit" {
					_ = c.Disconnect()
					return
				}
				_ = c.SendLine("you said " + string(line))
			},
		},
	}
	if change != nil {
		change(k.Server)
	}
	begin(t, k.Server)
	return k
}

func (k *keeper) last(t *testing.T) tls.ConnectionState {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.sessions) == 0 {
		t.Fatal("no session")
	}
	return k.sessions[len(k.sessions)-1]
}

// sClient runs openssl s_client, which leaves when the server closes.
func (z *zoo) sClient(t *testing.T, s *Server, options ...string) string {
	t.Helper()
	command := append([]string{
		program(t, "openssl", "openssl"), "s_client", "-ign_eof", "-connect", s.Addr().String(),
		"-CAfile", z.file("authority"), "-verify_return_error", "-verify_hostname", "localhost",
	}, options...)
	out, err := run(t, "hello\nquit\n", command...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return out
}

func TestOpenSSLTalksBothVersions(t *testing.T) {
	z := newZoo(t)
	k := z.serve(t, nil)
	for option, version := range map[string]uint16{"-tls1_2": tls.VersionTLS12, "-tls1_3": tls.VersionTLS13} {
		out := z.sClient(t, k.Server, option)
		if !strings.Contains(out, "you said hello") || !strings.Contains(out, "Verify return code: 0 (ok)") {
			t.Errorf("%s:\n%s", option, out)
		}
		if got := k.last(t).Version; got != version {
			t.Errorf("%s: version %s", option, tls.VersionName(got))
		}
	}
	for _, option := range []string{"-tls1", "-tls1_1"} {
		out, err := run(t, "", program(t, "openssl", "openssl"), "s_client", "-connect", k.Addr().String(), option, "-cipher", "ALL:@SECLEVEL=0")
		if err == nil {
			t.Errorf("%s is let in:\n%s", option, out)
		}
	}
}

func TestOpenSSLResumesSessions(t *testing.T) {
	z := newZoo(t)
	k := z.serve(t, nil)
	for _, option := range []string{"-tls1_2", "-tls1_3"} {
		session := filepath.Join(z.dir, "session"+option)
		if out := z.sClient(t, k.Server, option, "-sess_out", session); !strings.Contains(out, "New, TLSv") {
			t.Errorf("%s:\n%s", option, out)
		}
		if out := z.sClient(t, k.Server, option, "-sess_in", session); !strings.Contains(out, "Reused, TLSv") || !k.last(t).DidResume {
			t.Errorf("%s is not resumed:\n%s", option, out)
		}
	}
}

func TestOpenSSLShowsAClientCertificate(t *testing.T) {
	z := newZoo(t)
	var mu sync.Mutex
	var asked []ClientAuthentication
	k := z.serve(t, func(s *Server) {
		s.SSLAuthenticateClients = true
		var pem bytes.Buffer
		if err := certstore.WriteCertificatePEM(&pem, z.authority); err != nil {
			t.Fatal(err)
		}
		s.Settings.SSLClientCACerts = pem.String()
		s.Events.SSLClientAuthentication = func(_ *Conn, a *ClientAuthentication) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, *a)
		}
	})
	for _, option := range []string{"-tls1_2", "-tls1_3"} {
		out := z.sClient(t, k.Server, option, "-cert", z.file("client"), "-key", z.file("client"))
		if !strings.Contains(out, "you said hello") {
			t.Errorf("%s with a certificate:\n%s", option, out)
		}
		out, _ = run(t, "hello\nquit\n", program(t, "openssl", "openssl"), "s_client", "-ign_eof", "-connect", k.Addr().String(), option)
		if strings.Contains(out, "you said hello") {
			t.Errorf("%s without a certificate is let in:\n%s", option, out)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(asked) != 4 {
		t.Fatalf("asked %d times, want 4", len(asked))
	}
	for i, a := range asked {
		if with := i%2 == 0; with != (a.Status == "OK") || with != strings.Contains(a.CertSubject, "zoo client") || with != a.Accept {
			t.Errorf("client %d: status %q, subject %q, accept %t", i, a.Status, a.CertSubject, a.Accept)
		}
	}
}

func TestOpenSSLGetsTheCertificateOfTheNameItAsksFor(t *testing.T) {
	z := newZoo(t)
	k := z.serve(t, func(s *Server) {
		s.Events.SSLConnectionRequest = func(_ *Conn, r *SSLRequest) {
			if r.ServerName == "other.example" {
				r.Certificate = z.other
			}
		}
	})
	z.sClient(t, k.Server, "-servername", "localhost")
	z.sClient(t, k.Server, "-servername", "other.example", "-verify_hostname", "other.example")
}

func TestOpenSSLUpgradesAPlainConnection(t *testing.T) {
	z := newZoo(t)
	k := z.serve(t, func(s *Server) {
		s.SSLStartMode = StartExplicit
		plain, connected := s.Events.DataIn, s.Events.Connected
		s.Events.Connected = func(c *Conn, status int, description string) {
			connected(c, status, description)
			if _, secret := c.TLS(); !secret {
				_ = c.SendLine("220 zoo")
			}
		}
		s.Events.DataIn = func(c *Conn, line []byte, eol bool) {
			switch {
			case bytes.HasPrefix(line, []byte("EHLO")):
				_ = c.Send([]byte("250-zoo\r\n250 STARTTLS\r\n"))
			case string(line) == "STARTTLS":
				_ = c.SendLine("220 go ahead")
				if err := c.StartSSL(); err != nil {
					t.Error(err)
				}
			default:
				plain(c, line, eol)
			}
		}
	})
	if out := z.sClient(t, k.Server, "-starttls", "smtp"); !strings.Contains(out, "you said hello") {
		t.Errorf("after STARTTLS:\n%s", out)
	}
}

func TestCurlFetchesOverTLS(t *testing.T) {
	z := newZoo(t)
	k := z.serve(t, func(s *Server) {
		s.Events.DataIn = func(c *Conn, line []byte, _ bool) {
			if len(line) == 0 {
				_ = c.Send([]byte("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nflown\n"))
				_ = c.Disconnect()
			}
		}
	})
	curl := program(t, "curl", "curl")
	for _, version := range []string{"1.2", "1.3"} {
		out, err := run(t, "", curl, "--silent", "--show-error", "--cacert", z.file("authority"), "--tlsv"+version, "--tls-max", version,
			"https://localhost:"+strconv.Itoa(int(k.Addr().Port()))+"/", "--resolve", fmt.Sprintf("localhost:%d:127.0.0.1", k.Addr().Port()))
		if err != nil || out != "flown\n" {
			t.Errorf("curl with TLS %s: %v\n%s", version, err, out)
		}
	}
}

const nodeClient = `
const tls = require("tls"), fs = require("fs");
const [port, ca] = process.argv.slice(1);
const options = { port, host: "127.0.0.1", servername: "localhost", ca: fs.readFileSync(ca) };
function talk(session, done) {
  const socket = tls.connect({ ...options, session }, () => socket.write("hello\nquit\n"));
  let text = "", last = session;
  socket.on("session", s => last = s);
  socket.on("data", b => text += b);
  socket.on("end", () => {
    console.log(socket.getProtocol(), socket.authorized, socket.isSessionReused(), text.trim());
    done(last);
  });
  socket.on("error", e => { console.log(e.message); process.exit(1); });
}
talk(undefined, session => talk(session, () => {}));
`

func TestNodeTalksAndResumes(t *testing.T) {
	z := newZoo(t)
	k := z.serve(t, nil)
	out, err := run(t, "", program(t, "node", "nodejs"), "-e", nodeClient, strconv.Itoa(int(k.Addr().Port())), z.file("authority"))
	want := "TLSv1.3 true false you said hello\nTLSv1.3 true true you said hello\n"
	if err != nil || out != want {
		t.Errorf("%v\n%swant\n%s", err, out, want)
	}
}

// scan is the part of sslscan's report that is judged here.
type scan struct {
	Test struct {
		Protocols []struct {
			Type    string `xml:"type,attr"`
			Version string `xml:"version,attr"`
			Enabled string `xml:"enabled,attr"`
		} `xml:"protocol"`
		Ciphers []struct {
			Version  string `xml:"sslversion,attr"`
			Bits     int    `xml:"bits,attr"`
			Name     string `xml:"cipher,attr"`
			Strength string `xml:"strength,attr"`
		} `xml:"cipher"`
		Heartbleed []struct {
			Vulnerable string `xml:"vulnerable,attr"`
		} `xml:"heartbleed"`
		Renegotiation []struct {
			Secure    string `xml:"secure,attr"`
			Supported string `xml:"supported,attr"`
		} `xml:"renegotiation"`
		Compression struct {
			Supported string `xml:"supported,attr"`
		} `xml:"compression"`
	} `xml:"ssltest"`
}

func TestScanFindsNothingWeak(t *testing.T) {
	sslscan := program(t, "sslscan", "sslscan")
	z := newZoo(t)
	for name, change := range map[string]func(*Server){
		"defaults":         func(s *Server) { s.Settings.SSLEnabledProtocols = 0 },
		"modern protocols": nil,
		"ECDSA":            func(s *Server) { s.SSLCert = z.other },
	} {
		k := z.serve(t, change)
		report := filepath.Join(z.dir, "scan.xml")
		out, err := run(t, "", sslscan, "--no-colour", "--xml="+report, k.Addr().String())
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		data, err := os.ReadFile(report)
		if err != nil {
			t.Fatal(err)
		}
		var found scan
		if err := xml.Unmarshal(data, &found); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, data)
		}
		if len(found.Test.Protocols) < 5 || len(found.Test.Ciphers) == 0 {
			t.Fatalf("%s: the scan is not complete:\n%s", name, data)
		}
		for _, p := range found.Test.Protocols {
			if good := p.Type == "tls" && (p.Version == "1.2" || p.Version == "1.3"); p.Enabled != "0" && !good {
				t.Errorf("%s: %s %s is on", name, p.Type, p.Version)
			}
		}
		for _, c := range found.Test.Ciphers {
			if c.Bits < 128 || c.Strength != "strong" && c.Strength != "acceptable" {
				t.Errorf("%s: %s with %s is %s, %d bits", name, c.Version, c.Name, c.Strength, c.Bits)
			}
		}
		for _, h := range found.Test.Heartbleed {
			if h.Vulnerable != "0" {
				t.Errorf("%s: Heartbleed", name)
			}
		}
		for _, r := range found.Test.Renegotiation {
			if r.Supported == "1" && r.Secure != "1" {
				t.Errorf("%s: insecure renegotiation", name)
			}
		}
		if found.Test.Compression.Supported == "1" {
			t.Errorf("%s: compression is on", name)
		}
	}
}

// The certificates of the zoo verify with Go's own rules, so that a failure
// above is the server's.
func TestZooCertificatesAreGood(t *testing.T) {
	z := newZoo(t)
	roots := x509.NewCertPool()
	roots.AddCert(z.authority.X509())
	if _, err := z.server.X509().Verify(x509.VerifyOptions{Roots: roots, DNSName: "localhost"}); err != nil {
		t.Error(err)
	}
}
