package reach

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; only a failing test waits that long.
const patience = 20 * time.Second

func allow(t *testing.T, texts ...string) []Allowed {
	t.Helper()
	list := make([]Allowed, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = ParseAllowed(text); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// listen takes connections, and returns where, as a port, and the far ends.
func listen(t *testing.T) (port string, taken <-chan net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	conns := make(chan net.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns <- c
		}
	}()
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, conns
}

// A connection that is being used ends, too, when its host is not allowed any
// more, and no other one does.
func TestConnectionsEndWithTheirPermission(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, host         string
		first, keeps, ends []string
	}{
		{"by address", "127.0.0.1", []string{"127.0.0.1"}, []string{"127.0.0.0/8"}, []string{"10.0.0.0/8"}},
		{"by name", "localhost", []string{"localhost"}, []string{"localhost", "10.0.0.0/8"}, []string{"hooks.internal"}},
		{"by name, then by address", "localhost", []string{"localhost"}, []string{"127.0.0.1"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			port, taken := listen(t)
			p := NewPolicy(allow(t, tc.first...)...)
			c, err := p.DialContext(t.Context(), "tcp", net.JoinHostPort(tc.host, port))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			far := <-taken
			defer far.Close()
			for _, end := range []net.Conn{c, far} {
				if err := end.SetDeadline(time.Now().Add(patience)); err != nil {
					t.Fatal(err)
				}
			}
			p.Set(allow(t, tc.keeps...))
			if _, err := far.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Read(make([]byte, 1)); err != nil {
				t.Fatalf("still allowed: %v", err)
			}
			read := make(chan error, 1)
			go func() {
				_, err := c.Read(make([]byte, 1))
				read <- err
			}()
			p.Set(allow(t, tc.ends...))
			if err := <-read; !errors.Is(err, net.ErrClosed) {
				t.Errorf("not allowed any more: %v", err)
			}
			if _, err := p.DialContext(t.Context(), "tcp", net.JoinHostPort(tc.host, port)); !errors.Is(err, ErrPrivate) {
				t.Errorf("once more: %v", err)
			}
		})
	}
}

func TestClosedConnectionsAreForgotten(t *testing.T) {
	t.Parallel()
	port, taken := listen(t)
	p := NewPolicy(allow(t, "127.0.0.1")...)
	for range 3 {
		c, err := p.DialContext(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		_ = c.Close()
		_ = (<-taken).Close()
	}
	if n := len(p.conns); n != 0 {
		t.Errorf("%d are remembered", n)
	}
}

func TestPortsAreNumbersOfPorts(t *testing.T) {
	t.Parallel()
	p := NewPolicy()
	for text, want := range map[string]bool{
		"http://example.com": true, "http://example.com:": true, "http://example.com:1/": true, "http://example.com:65535": true,
		"http://example.com:0/": false, "http://example.com:65536/": false, "http://example.com:99999999999999999999/": false,
		"http://example.com:-1/": false, "http://example.com:x/": false,
	} {
		if _, err := p.ParseURL(text); (err == nil) != want {
			t.Errorf("%s: %v, want allowed %v", text, err, want)
		}
	}
}
