package tcpserver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
)

func echoLines(c *Conn, line []byte, _ bool) { _ = c.SendLine(string(line)) }

func TestEchoesLines(t *testing.T) {
	for _, mode := range []StartMode{StartNone, StartImplicit} {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			s := begin(t, &Server{DefaultSingleLineMode: true, SSLStartMode: mode, SSLCert: serverPair(), Events: Events{DataIn: echoLines}})
			var c *client
			if mode == StartImplicit {
				c = dialTLS(t, s, nil)
			} else {
				c = dial(t, s)
			}
			for i := range 100 {
				c.send(fmt.Sprintf("line %d\r\n", i))
				c.want(fmt.Sprintf("line %d", i))
			}
			var all bytes.Buffer
			for i := range 5000 {
				fmt.Fprintf(&all, "line %d\n", i)
			}
			go c.Write(all.Bytes())
			for i := range 5000 {
				c.want(fmt.Sprintf("line %d", i))
			}
		})
	}
}

func TestShutdownWithLingerDeliversEverythingQueued(t *testing.T) {
	for _, mode := range []StartMode{StartNone, StartImplicit} {
		t.Run(fmt.Sprint(mode), func(t *testing.T) {
			up := make(chan *Conn, 1)
			s := begin(t, &Server{SSLStartMode: mode, SSLCert: serverPair(), SendQueueSize: 64 << 20, Events: Events{
				Connected: func(c *Conn, _ int, _ string) { up <- c },
			}})
			var c *client
			if mode == StartImplicit {
				c = dialTLS(t, s, nil)
			} else {
				c = dial(t, s)
			}
			conn := await(t, up, "connection")
			message := bytes.Repeat([]byte("x"), 1<<20)
			for range 16 {
				if err := conn.Send(message); err != nil {
					t.Fatal(err)
				}
			}
			got := make(chan int64, 1)
			go func() {
				n, _ := io.Copy(io.Discard, c)
				_ = c.Close()
				got <- n
			}()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := s.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			if n := await(t, got, "data"); n != 16<<20 {
				t.Fatalf("client got %d bytes, want %d", n, 16<<20)
			}
		})
	}
}
