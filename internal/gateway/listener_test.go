package gateway

import (
	"bytes"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

func listenFor(t *testing.T, limit int, plain bool) (*Listener, *logbook) {
	t.Helper()
	var log logbook
	l, err := Listen("127.0.0.1:0", limit, plain, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, &log
}

func TestALimitOfConnectionsIsKept(t *testing.T) {
	t.Parallel()
	const limit = 2
	l, log := listenFor(t, limit, true)
	inside := make(chan net.Conn, limit+spare)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				close(inside)
				return
			}
			inside <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		_ = c.SetDeadline(time.Now().Add(30 * time.Second))
		return c
	}
	for i := range limit + spare {
		dial()
		c := <-inside
		defer c.Close()
		if l.Crowded() != (i >= limit) || l.Open() != i+1 {
			t.Errorf("with %d connections: crowded is %v, %d are open", i+1, l.Crowded(), l.Open())
		}
	}
	for range 3 {
		if _, err := dial().Read(make([]byte, 1)); err == nil {
			t.Error("one beyond the spare was taken in")
		}
	}
	if n := log.count("too many connections"); n != 1 {
		t.Errorf("the log was told %d times", n)
	}
}

func TestAConnectionLeavesOnce(t *testing.T) {
	t.Parallel()
	l, _ := listenFor(t, 1, true)
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
	_ = c.Close()
	if l.Open() != 0 {
		t.Errorf("%d are open", l.Open())
	}
}

func TestTheLogIsToldOfTLSAtAPlainDoor(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{true, false} {
		l, log := listenFor(t, 1, plain)
		go func() {
			if client, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true}); err == nil {
				client.Close()
			}
		}()
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 100)); err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		if told := log.count("speaks TLS") == 1; told != plain {
			t.Errorf("plain is %v: the log was told is %v", plain, told)
		}
	}
}

func TestLongTextsArriveWhole(t *testing.T) {
	t.Parallel()
	l, _ := listenFor(t, 1, true)
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	text := bytes.Repeat([]byte("0123456789"), 50_000)
	go func() {
		if n, err := c.Write(text); n != len(text) || err != nil {
			t.Errorf("%d bytes written: %v", n, err)
		}
		_ = c.Close()
	}()
	if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, text) {
		t.Errorf("%d bytes of %d arrived: %v", len(got), len(text), err)
	}
}
