package tcpserver_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rookery/tcpserver"
	"rookery/tcpserver/certstore"
)

// A server that answers each line.
func Example() {
	srv := &tcpserver.Server{LocalHost: "127.0.0.1", DefaultSingleLineMode: true}
	srv.Events.DataIn = func(c *tcpserver.Conn, line []byte, _ bool) {
		_ = c.SendLine("you said " + string(line))
	}
	if err := srv.StartListening(); err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Shutdown(context.Background())

	client, err := net.Dial("tcp", srv.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Fprintln(client, "hello")
	answer, _ := bufio.NewReader(client).ReadString('\n')
	fmt.Print(answer)
	// Output: you said hello
}

// A server that speaks TLS from the first byte, with a certificate made for the occasion.
func Example_tls() {
	cert, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "example"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &tcpserver.Server{
		LocalHost: "127.0.0.1", DefaultSingleLineMode: true,
		SSLStartMode: tcpserver.StartImplicit, SSLCert: cert,
		Settings: tcpserver.Settings{SSLEnabledProtocols: tcpserver.ProtocolsModern},
	}
	srv.Events.DataIn = func(c *tcpserver.Conn, _ []byte, _ bool) {
		n, _ := c.Negotiated()
		_ = c.SendLine("over " + n.Version)
	}
	if err := srv.StartListening(); err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Shutdown(context.Background())

	client, err := tls.Dial("tcp", srv.Addr().String(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Fprintln(client, "how?")
	answer, _ := bufio.NewReader(client).ReadString('\n')
	fmt.Print(answer)
	// Output: over TLS 1.3
}

// One message for everybody: it is built once and never copied.
func ExampleServer_Broadcast() {
	ready := make(chan struct{})
	srv := &tcpserver.Server{LocalHost: "127.0.0.1", SendQueuePolicy: tcpserver.DropOldest}
	srv.Events.Connected = func(*tcpserver.Conn, int, string) { ready <- struct{}{} }
	if err := srv.StartListening(); err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Shutdown(context.Background())

	var clients []net.Conn
	for range 3 {
		client, err := net.Dial("tcp", srv.Addr().String())
		if err != nil {
			fmt.Println(err)
			return
		}
		defer client.Close()
		clients = append(clients, client)
		<-ready
	}
	fmt.Println(srv.Broadcast([]byte("news\n")), "connections took it")
	for _, client := range clients {
		line, _ := bufio.NewReader(client).ReadString('\n')
		fmt.Print(line)
	}
	// Output:
	// 3 connections took it
	// news
	// news
	// news
}

// A plain connection that is upgraded to TLS by a command of the protocol.
func ExampleConn_StartSSL() {
	cert, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "example"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	srv := &tcpserver.Server{
		LocalHost: "127.0.0.1", DefaultSingleLineMode: true,
		SSLStartMode: tcpserver.StartExplicit, SSLCert: cert,
	}
	srv.Events.DataIn = func(c *tcpserver.Conn, line []byte, _ bool) {
		if string(line) == "STARTTLS" {
			_ = c.SendLine("go ahead") // still in plain text
			_ = c.StartSSL()
			return
		}
		_, secure := c.TLS()
		_ = c.SendLine(fmt.Sprint("secure: ", secure))
	}
	if err := srv.StartListening(); err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Shutdown(context.Background())

	client, err := net.Dial("tcp", srv.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	talk := func(conn net.Conn, line string) {
		fmt.Fprintln(conn, line)
		answer, _ := bufio.NewReader(conn).ReadString('\n')
		fmt.Println(strings.TrimSpace(answer))
	}
	talk(client, "hello")
	talk(client, "STARTTLS")
	talk(tls.Client(client, &tls.Config{InsecureSkipVerify: true}), "hello")
	// Output:
	// secure: false
	// go ahead
	// secure: true
}

// A file for whoever asks. On a plain connection the system copies it.
func ExampleConn_SendFile() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "motd")
	if err := os.WriteFile(name, []byte("message of the day\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	srv := &tcpserver.Server{LocalHost: "127.0.0.1"}
	srv.Events.Connected = func(c *tcpserver.Conn, _ int, _ string) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if _, err := c.SendFile(ctx, name); err != nil {
			fmt.Println(err)
		}
		_ = c.Disconnect() // after everything is delivered
	}
	if err := srv.StartListening(); err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Shutdown(context.Background())

	client, err := net.Dial("tcp", srv.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	got, _ := io.ReadAll(client)
	fmt.Print(string(got))
	// Output: message of the day
}

// Events on the caller's own goroutine, one after another.
func ExampleServer_DoEvents() {
	ctx, done := context.WithCancel(context.Background())
	srv := &tcpserver.Server{LocalHost: "127.0.0.1", DefaultSingleLineMode: true, ManualEvents: true}
	srv.Events.DataIn = func(_ *tcpserver.Conn, line []byte, _ bool) {
		fmt.Printf("%s\n", line)
		done()
	}
	if err := srv.StartListening(); err != nil {
		fmt.Println(err)
		return
	}
	defer srv.Shutdown(context.Background())

	client, err := net.Dial("tcp", srv.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Fprintln(client, "hello")

	for srv.DoEvents(ctx) == nil {
		if ctx.Err() != nil {
			break
		}
	}
	// Output: hello
}

// Settings by name, for a configuration file for instance.
func ExampleServer_Config() {
	srv := new(tcpserver.Server)
	for _, setting := range []string{"TcpNoDelay=yes", "SSLEnabledProtocols=15360", "MaxConnections", "UseIPv6=5"} {
		value, err := srv.Config(setting)
		fmt.Println(value, err)
	}
	// Output:
	// True <nil>
	// 15360 <nil>
	// 1000 <nil>
	//  tcpserver: 10022: UseIPv6 is 5, allowed are 0 (IPv4 only), 1 (IPv6 only) and 2 (both)
}
