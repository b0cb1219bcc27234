package brokertest

import (
	"net"
	"testing"
)

// NobodysPort returns a port of 127.0.0.1 that nobody listens on until the test
// ends. It is the near end of a connection: the port of a listener that was
// closed may be somebody else's a moment later, and a program that is being
// started has a copy of the listener for that long.
func NobodysPort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return c.LocalAddr().(*net.TCPAddr).Port
}
