package tcp

import (
	"bytes"
	"fmt"
	"regexp"

	"rookery/internal/gateway"
	"rookery/script"
	"rookery/tcpserver"
)

// tlsHandshake is the first byte of a client that speaks TLS (RFC 8446 §5.1).
const tlsHandshake = 0x16

var (
	errTLSHere   = gateway.Explain(script.ErrUnavailable, "this door speaks TLS, and the client did not")
	errNoTLSHere = gateway.Explain(script.ErrUnavailable, "this door speaks no TLS, and the client did")
)

// requestLine is how a client of HTTP begins (RFC 9112 §3).
var requestLine = regexp.MustCompile(`^[A-Z]+ \S+ HTTP/[0-9.]+$`)

// requestStart is what a request begins with, for who has seen no more of it.
var requestStart = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|TRACE|PRI) ?|^(DELET|OPTIO|CONNE|TRACE)`)

// misdirected answers a client of HTTP.
func misdirected() []byte {
	const text = "this is the TCP door, which speaks lines of key-value text: the HTTP door and the WebSocket door\n" +
		"have addresses of their own, the settings http.address and websocket.address\n"
	return fmt.Appendf(nil, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(text), text)
}

// plainReply answers a client that speaks plain text to a door with TLS.
func (d *Door) plainReply(start []byte) []byte {
	if requestStart.Match(start) {
		return misdirected()
	}
	return d.handshakeLine(gateway.RefusedHandshake(errTLSHere), gateway.WAS)
}

// begins looks at a client's first byte, at a door without TLS: the first line of
// a client that speaks TLS may never end. False when there is nothing more to do.
func (d *Door) begins(c *tcpserver.Conn, s *session, first byte) (line bool) {
	_ = c.ChangeRecordLength(0) // lines from here on
	switch first {
	case tlsHandshake:
		s.over = true
		if s.late.Stop() { // otherwise its refusal is on the way
			d.refuse(c, gateway.WAS, errNoTLSHere)
		}
		return false
	case '\r', '\n':
		return true
	}
	s.head = []byte{first}
	return false
}

// misdirect sends a client of HTTP away.
func (d *Door) misdirect(c *tcpserver.Conn, s *session, line []byte) {
	s.over = true
	d.log.Info("refused: a client speaks HTTP, and this door does not", "remote", s.remote, "request", string(bytes.ToValidUTF8(line[:min(len(line), 100)], nil)))
	d.deliver(c, misdirected())
	_ = c.Disconnect()
}
