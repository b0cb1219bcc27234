package tcpserver

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// A key update that asks for one in return (RFC 8446 §4.6.3) makes crypto/tls
// write while the server reads; that answer must get out, and leave the stream whole.
func TestKeyUpdatesAreAnswered(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.DefaultSingleLineMode, s.Settings.SSLEnabledProtocols = true, ProtocolTLS13
		s.Settings.LogSSLPackets = true
		s.Events.DataIn = echoLines
	}))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program(t, "openssl", "openssl"), "s_client", "-connect", s.Addr().String())
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	until := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.TrimSpace(lines.Text()) == want {
				return
			}
		}
		t.Fatalf("no %q from s_client; %q", want, j.list())
	}
	j.await("connected")
	sent := j.count("status sent a TLS record") // what the handshake took; each answer is one more
	for i := range 5 {
		line := fmt.Sprintf("round %d", i)
		if _, err := fmt.Fprintln(in, line); err != nil {
			t.Fatal(err)
		}
		until(line)
		j.await("status sent a TLS record", sent)
		sent++
		if _, err := fmt.Fprintln(in, "K"); err != nil { // update the keys and ask for the same
			t.Fatal(err)
		}
		j.await("status sent a TLS record", sent)
		sent++
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	_ = cmd.Wait()
	j.await("disconnected 0 OK")
}
