// Package brokertest runs the broker mosquitto, and its clients, for tests of the
// bridge.
package brokertest

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"rookery/tcpserver/certstore"
)

// Patience bounds every wait of a test.
const Patience = 30 * time.Second

// Need skips a test when mosquitto or its clients are missing.
func Need(t testing.TB) {
	t.Helper()
	for program, pkg := range map[string]string{"mosquitto": "mosquitto", "mosquitto_pub": "mosquitto-clients", "mosquitto_passwd": "mosquitto"} {
		if _, err := find(program); err != nil {
			t.Skipf("needs %s (Debian package %s; scripts/test installs it)", program, pkg)
		}
	}
}

// find finds a program, also where Debian puts servers.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + program)
	}
	return path, err
}

// Options are what a broker is to be.
type Options struct {
	// User and Password are the only ones that it lets in; empty: it lets
	// everybody in.
	User, Password string
	// ACL is what may be read and written, as in an acl_file.
	ACL string
	// TLS encrypts its connections with a certificate of its own, for 127.0.0.1.
	TLS bool
	// Settings are further lines of its configuration.
	Settings string
}

// Mosquitto is a broker on this machine. What it must remember it keeps across
// restarts.
type Mosquitto struct {
	// Port is where it listens, at 127.0.0.1. It stays the same.
	Port int
	// Authority is the file of the certificate, for TLS.
	Authority string

	t    testing.TB
	o    Options
	dir  string
	cmd  *exec.Cmd
	log  *log
	done chan struct{}
}

// Start starts a broker that ends with the test.
func Start(t testing.TB, o Options) *Mosquitto {
	t.Helper()
	Need(t)
	m := &Mosquitto{t: t, o: o, dir: t.TempDir(), log: newLog()}
	m.prepare()
	t.Cleanup(func() {
		m.Kill()
		if t.Failed() {
			t.Logf("mosquitto at port %d said:\n%s", m.Port, m.log)
		}
	})
	for range 10 {
		m.Port = freePort(t)
		if m.run() {
			return m
		}
	}
	t.Fatalf("mosquitto did not start:\n%s", m.log)
	return nil
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (m *Mosquitto) path(name string) string { return filepath.Join(m.dir, name) }

func (m *Mosquitto) write(name, text string) string {
	m.t.Helper()
	if err := os.WriteFile(m.path(name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
	return m.path(name)
}

// prepare writes what the configuration names.
func (m *Mosquitto) prepare() {
	m.t.Helper()
	if m.o.User != "" {
		program, _ := find("mosquitto_passwd")
		if out, err := exec.Command(program, "-b", "-c", m.path("passwords"), m.o.User, m.o.Password).CombinedOutput(); err != nil {
			m.t.Fatalf("mosquitto_passwd: %v: %s", err, out)
		}
	}
	if m.o.ACL != "" {
		m.write("acl", m.o.ACL)
	}
	if m.o.TLS {
		cert, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "broker"}, Hosts: []string{"127.0.0.1"}})
		if err != nil {
			m.t.Fatal(err)
		}
		var key, public bytes.Buffer
		if err := certstore.WritePEM(&key, cert, ""); err != nil {
			m.t.Fatal(err)
		}
		if err := certstore.WriteCertificatePEM(&public, cert); err != nil {
			m.t.Fatal(err)
		}
		m.write("key.pem", key.String())
		m.Authority = m.write("cert.pem", public.String())
	}
}

// Roots are the authorities that the certificate comes from.
func (m *Mosquitto) Roots() *x509.CertPool {
	m.t.Helper()
	text, err := os.ReadFile(m.Authority)
	if err != nil {
		m.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return roots
}

// run starts the program; false when it does not come up.
func (m *Mosquitto) run() bool {
	m.t.Helper()
	me, err := user.Current()
	if err != nil {
		m.t.Fatal(err)
	}
	// What it remembers is written at every change, so that a kill loses nothing
	// of it.
	config := fmt.Sprintf("listener %d 127.0.0.1\nuser %s\nlog_dest stderr\nlog_type all\nconnection_messages true\n"+
		"persistence true\npersistence_location %s/\nautosave_on_changes true\nautosave_interval 1\nallow_anonymous %t\n",
		m.Port, me.Username, m.dir, m.o.User == "")
	if m.o.User != "" {
		config += "password_file " + m.path("passwords") + "\n"
	}
	if m.o.ACL != "" {
		config += "acl_file " + m.path("acl") + "\n"
	}
	if m.o.TLS {
		config += "certfile " + m.path("cert.pem") + "\nkeyfile " + m.path("key.pem") + "\n"
	}
	program, _ := find("mosquitto")
	m.cmd = exec.Command(program, "-c", m.write("mosquitto.conf", config+m.o.Settings))
	read, write, err := os.Pipe()
	if err != nil {
		m.t.Fatal(err)
	}
	m.cmd.Stdout, m.cmd.Stderr = write, write
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	write.Close()
	seen := m.log.len()
	m.done = make(chan struct{})
	go func(done chan struct{}, cmd *exec.Cmd) {
		defer close(done)
		defer read.Close()
		m.log.fill(read)
		_ = cmd.Wait()
	}(m.done, m.cmd)
	return m.log.await(seen, " running", m.done)
}

// Kill ends the broker as a power cut does.
func (m *Mosquitto) Kill() {
	_ = m.cmd.Process.Kill()
	<-m.done
}

// Restart starts the broker again after Kill.
func (m *Mosquitto) Restart() {
	m.t.Helper()
	if !m.run() {
		m.t.Fatalf("mosquitto did not start again:\n%s", m.log)
	}
}

// Logged waits until the broker has logged a text.
func (m *Mosquitto) Logged(text string) {
	m.t.Helper()
	if !m.log.await(0, text, m.done) {
		m.t.Fatalf("mosquitto did not log %q:\n%s", text, m.log)
	}
}

// Mark is how much the broker has logged so far, for LoggedSince.
func (m *Mosquitto) Mark() int { return m.log.len() }

// LoggedSince is Logged for what comes after a mark.
func (m *Mosquitto) LoggedSince(mark int, text string) {
	m.t.Helper()
	if !m.log.await(mark, text, m.done) {
		m.t.Fatalf("mosquitto did not log %q:\n%s", text, m.log)
	}
}

// Log is what the broker has logged.
func (m *Mosquitto) Log() string { return m.log.String() }

// args are what its clients are told.
func (m *Mosquitto) args(more []string) []string {
	args := []string{"-h", "127.0.0.1", "-p", strconv.Itoa(m.Port)}
	if m.o.User != "" {
		args = append(args, "-u", m.o.User, "-P", m.o.Password)
	}
	if m.o.TLS {
		args = append(args, "--cafile", m.Authority)
	}
	return append(args, more...)
}

// Publish runs mosquitto_pub.
func (m *Mosquitto) Publish(args ...string) {
	m.t.Helper()
	if out, err := exec.CommandContext(m.t.Context(), "mosquitto_pub", m.args(args)...).CombinedOutput(); err != nil {
		m.t.Fatalf("mosquitto_pub %q: %v: %s", args, err, out)
	}
}

// PublishLines runs mosquitto_pub for a message of each line of a file.
func (m *Mosquitto) PublishLines(path string, args ...string) {
	m.t.Helper()
	file, err := os.Open(path)
	if err != nil {
		m.t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.CommandContext(m.t.Context(), "mosquitto_pub", m.args(append(args, "-l"))...)
	cmd.Stdin = file
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("mosquitto_pub %q: %v: %s", args, err, out)
	}
}

// Subscriber is a running mosquitto_sub.
type Subscriber struct {
	t     testing.TB
	lines chan string
}

// Subscribe starts mosquitto_sub, which ends with the test, and returns when its
// subscription is granted. What it hears is written as FORMAT, see the option -F;
// line ends are not.
func (m *Mosquitto) Subscribe(topic, format string, args ...string) *Subscriber {
	m.t.Helper()
	const mark = "heard "
	args = m.args(append([]string{"-d", "-q", "2", "-t", topic, "-F", mark + format}, args...))
	cmd := exec.Command("stdbuf", append([]string{"-oL", "mosquitto_sub"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	s := &Subscriber{t: m.t, lines: make(chan string, 10000)}
	granted, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		scan := bufio.NewScanner(out)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			line := scan.Text()
			if heard, ok := strings.CutPrefix(line, mark); ok {
				s.lines <- heard
			} else if strings.HasPrefix(line, "Subscribed (mid: 1)") {
				close(granted)
			}
		}
	}()
	m.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		_ = cmd.Wait()
	})
	select {
	case <-granted:
	case <-ended:
		m.t.Fatalf("mosquitto_sub %q ended", args)
	case <-time.After(Patience):
		m.t.Fatalf("mosquitto_sub %q was not granted", args)
	}
	return s
}

// Next returns the next thing heard.
func (s *Subscriber) Next() string {
	s.t.Helper()
	select {
	case line := <-s.lines:
		return line
	case <-time.After(Patience):
		s.t.Fatal("mosquitto_sub heard nothing")
		return ""
	}
}

// Hears fails the test unless the next things heard are these.
func (s *Subscriber) Hears(want ...string) {
	s.t.Helper()
	for _, w := range want {
		if got := s.Next(); got != w {
			s.t.Fatalf("mosquitto_sub heard %q, want %q", got, w)
		}
	}
}

// Silent fails the test when more was heard than was awaited. Whatever was to
// come must have come.
func (s *Subscriber) Silent() {
	s.t.Helper()
	select {
	case line := <-s.lines:
		s.t.Fatalf("mosquitto_sub heard %q", line)
	default:
	}
}

// log is what a program says.
type log struct {
	mu      sync.Mutex
	text    []byte
	changed chan struct{}
}

func newLog() *log { return &log{changed: make(chan struct{})} }

func (l *log) fill(r io.Reader) {
	part := make([]byte, 4096)
	for {
		n, err := r.Read(part)
		l.mu.Lock()
		l.text = append(l.text, part[:n]...)
		close(l.changed)
		l.changed = make(chan struct{})
		l.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (l *log) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.text)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// await waits for a text behind a place; false when it does not come.
func (l *log) await(from int, text string, done <-chan struct{}) bool {
	late := time.After(Patience)
	for {
		l.mu.Lock()
		found := bytes.Contains(l.text[from:], []byte(text))
		changed := l.changed
		l.mu.Unlock()
		if found {
			return true
		}
		select {
		case <-changed:
		case <-done:
			return bytes.Contains([]byte(l.String())[from:], []byte(text))
		case <-late:
			return false
		}
	}
}
