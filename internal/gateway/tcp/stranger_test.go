package tcp_test

import (
	"crypto/tls"
	"crypto/x509/pkix"
	"io"
	"net/http"
	"strings"
	"testing"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/tcp"
	"rookery/tcpserver/certstore"
)

func encryption(t *testing.T) *tls.Config {
	t.Helper()
	cert, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "Rookery"}, Hosts: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := cert.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}
}

func TestWhoSpeaksAnotherProtocolIsToldSo(t *testing.T) {
	t.Parallel()
	plain, encrypted := open(t, tcp.Config{}), open(t, tcp.Config{TLS: encryption(t)})
	const noTLS = "success=False&error=not+available+here%3A+this+door+speaks+TLS%2C+and+the+client+did+not&status=70016\r\n"
	request := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + strings.Repeat("x", 20000)
	for _, tc := range []struct {
		name string
		door *house
		say  string
		want string
	}{
		{"a line at a door with TLS", encrypted, "group=G&password=p&type=local\r\n", noTLS},
		{"lines at a door with TLS", encrypted, strings.Repeat("command=version&group=G&password=p\r\n", 1000), noTLS},
		{"HTTP at a door with TLS", encrypted, request, "HTTP/1.1 400 Bad Request\r\n"},
		{"HTTP at a plain door", plain, request, "HTTP/1.1 400 Bad Request\r\n"},
		{"the start of TLS at a plain door", plain, "\x16\x03\x01", "success=False&error=not+available+here%3A+this+door+speaks+no+TLS%2C+and+the+client+did&status=70016\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := tc.door.call()
			c.t = t
			c.say(tc.say)
			c.hear(tc.want)
		})
	}
}

func TestABrowserAtTheDoorReadsWhereItIs(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]tcp.Config{"plain": {}, "TLS": {TLS: encryption(t)}} {
		h := open(t, cfg)
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: gatewaytest.Patience}
		resp, err := client.Get("http://" + h.door.Addr() + "/")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 400 || !strings.Contains(string(text), "this is the TCP door") {
			t.Errorf("%s: %d %q %v", name, resp.StatusCode, text, err)
		}
	}
}

func TestAClientOfTLSDoesNotWaitAtAPlainDoor(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	c := h.call()
	err := tls.Client(c.conn, &tls.Config{InsecureSkipVerify: true}).Handshake()
	if err == nil || !strings.Contains(err.Error(), "does not look like a TLS handshake") {
		t.Errorf("the handshake ended with %v", err)
	}
}
