package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rookery/script"
)

// client is one connection to a TCP door, as exec and tail use it.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

// clientFlags say where the door is and who asks.
type clientFlags struct {
	addr     string
	group    string
	password string
	ca       string
	cert     string
	key      string
	insecure bool
	plain    bool
	timeout  time.Duration
}

// maxAnswer bounds one line from the door, in bytes.
const maxAnswer = 64 << 20

func (f *clientFlags) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.addr, "addr", envOr("ROOKERY_ADDR", "127.0.0.1:8095"), "address of the TCP door, HOST:PORT (environment ROOKERY_ADDR)")
	flags.StringVar(&f.group, "group", os.Getenv("ROOKERY_GROUP"), "group, by name or UUID (environment ROOKERY_GROUP)")
	flags.StringVar(&f.password, "password", "", "password of the group (environment ROOKERY_PASSWORD, which other users of the machine cannot see)")
	flags.StringVar(&f.ca, "ca", os.Getenv("ROOKERY_CA"), "PEM `file` of the certificates to trust (environment ROOKERY_CA); the door's own generated certificate will do")
	flags.StringVar(&f.cert, "cert", "", "PEM `file` of a client certificate, for doors that ask for one")
	flags.StringVar(&f.key, "key", "", "PEM `file` of the client certificate's key")
	flags.BoolVar(&f.insecure, "insecure", false, "do not check the door's certificate")
	flags.BoolVar(&f.plain, "plain", false, "no TLS, for a door that was opened with it off")
	flags.DurationVar(&f.timeout, "connect-timeout", 10*time.Second, "how long connecting may take")
	cmd.MarkFlagsMutuallyExclusive("insecure", "ca", "plain")
	cmd.MarkFlagsRequiredTogether("cert", "key")
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// credentials fills what the flags left to the environment.
func (f *clientFlags) credentials() error {
	if f.password == "" {
		f.password = os.Getenv("ROOKERY_PASSWORD")
	}
	if f.group == "" {
		return withCode(exitUsage, errors.New("no group: give --group NAME or set ROOKERY_GROUP"))
	}
	if f.password == "" {
		return withCode(exitUsage, errors.New("no password: set ROOKERY_PASSWORD or give --password"))
	}
	return nil
}

func (f *clientFlags) dial(ctx context.Context) (*client, error) {
	if _, _, err := net.SplitHostPort(f.addr); err != nil {
		return nil, withCode(exitUsage, fmt.Errorf("--addr %q: want HOST:PORT, such as 127.0.0.1:8095", f.addr))
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	conn, err := f.dialConn(ctx)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

func (f *clientFlags) dialConn(ctx context.Context) (net.Conn, error) {
	if f.plain {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", f.addr)
		return conn, withCode(exitConnect, err)
	}
	cfg, err := f.tlsConfig()
	if err != nil {
		return nil, withCode(exitUsage, err)
	}
	conn, err := (&tls.Dialer{Config: cfg}).DialContext(ctx, "tcp", f.addr)
	if err == nil {
		return conn, nil
	}
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		err = fmt.Errorf("%s: %w; give --ca FILE with the door's certificate, or --insecure", f.addr, err)
	case errors.As(err, &record):
		err = fmt.Errorf("%s does not speak TLS; give --plain if it was opened without: %w", f.addr, err)
	default:
		err = fmt.Errorf("connect to %s: %w", f.addr, err)
	}
	return nil, withCode(exitConnect, err)
}

func (f *clientFlags) tlsConfig() (*tls.Config, error) {
	cfg := &tls.Config{InsecureSkipVerify: f.insecure, MinVersion: tls.VersionTLS12}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, fmt.Errorf("--ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("--ca %s: no PEM certificate in it", f.ca)
		}
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return nil, fmt.Errorf("--cert, --key: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// send writes one line.
func (c *client) send(pairs script.Pairs) error {
	_, err := io.WriteString(c.conn, script.EncodeLine(pairs, script.DefaultFilters())+"\r\n")
	return err
}

// receive reads one line, without its end.
func (c *client) receive() (string, error) {
	var line []byte
	for {
		part, err := c.in.ReadSlice('\n')
		line = append(line, part...)
		if err == nil {
			return strings.TrimRight(string(line), "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", err
		}
		if len(line) > maxAnswer {
			return "", fmt.Errorf("a line of more than %d bytes", maxAnswer)
		}
	}
}

// closeWith ends a blocked receive when ctx ends.
func (c *client) closeWith(ctx context.Context) (stop func()) {
	cancel := context.AfterFunc(ctx, func() { c.conn.Close() })
	return func() { cancel(); c.conn.Close() }
}
