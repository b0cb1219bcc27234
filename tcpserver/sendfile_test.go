package tcpserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// tempFile writes n bytes that are not all the same.
func tempFile(t *testing.T, n int) (name string, sum [32]byte) {
	t.Helper()
	data := make([]byte, n)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(data)
	name = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name, sha256.Sum256(data)
}

func TestSendFileComesBetweenWhatIsSentAroundIt(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{SSLStartMode: mode, SSLCert: serverPair(), SendQueueSize: 64 << 20, Events: j.events()})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			const size = 2<<20 + 123
			file, sum := tempFile(t, size)
			before := make([]byte, 3<<20)
			if err := conn.Send(before); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				n, err := conn.SendFile(t.Context(), file)
				if err == nil && n != size {
					err = errors.New("wrong count")
				}
				done <- err
			}()
			for { // the file has the writing side: what is sent now comes after it
				conn.mu.Lock()
				sending := conn.sending
				conn.mu.Unlock()
				if sending || len(done) > 0 {
					break
				}
				if _, err := io.ReadFull(c, make([]byte, min(len(before), 64<<10))); err != nil {
					t.Fatal(err)
				}
				before = before[min(len(before), 64<<10):]
			}
			if err := conn.SendLine("after"); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(c, before); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, size)
			if _, err := io.ReadFull(c, got); err != nil {
				t.Fatal(err)
			}
			if sha256.Sum256(got) != sum {
				t.Error("the file arrived changed")
			}
			c.want("after")
			if err := await(t, done, "end of SendFile"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestInterruptStopsAFileAndKeepsTheConnection(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{SSLStartMode: mode, SSLCert: serverPair(), Events: j.events()})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			c.shrink()
			file, _ := tempFile(t, 16<<20)
			type outcome struct {
				n   int64
				err error
			}
			done := make(chan outcome, 1)
			go func() {
				n, err := conn.SendFile(context.Background(), file)
				done <- outcome{n, err}
			}()
			head := make([]byte, 1<<20)
			if _, err := io.ReadFull(c, head); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.SendFile(t.Context(), file); err == nil || err.(*Error).Code != 10036 {
				t.Errorf("a second file at the same time: %v", err)
			}
			conn.Interrupt()
			o := await(t, done, "end of SendFile")
			if !errors.Is(o.err, ErrInterrupted) || o.n >= 16<<20 {
				t.Fatalf("%d bytes, %v", o.n, o.err)
			}
			if err := conn.SendLine("still here"); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(c, make([]byte, o.n-int64(len(head)))); err != nil {
				t.Fatal(err)
			}
			c.want("still here")
		})
	}
}

func TestSendFileEndsWithItsContextAndItsTimeout(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{LingerTimeout: time.Millisecond, Events: j.events()})
	dial(t, s).shrink()
	conn := j.up()
	file, _ := tempFile(t, 16<<20)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := conn.SendFile(ctx, file); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("context: %v", err)
	}
	conn.SetTimeout(50 * time.Millisecond)
	if _, err := conn.SendFile(t.Context(), file); !errors.Is(err, ErrTimedOut) {
		t.Errorf("timeout: %v", err)
	}
	if _, err := conn.SendFile(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := conn.SendFile(t.Context(), t.TempDir()); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a directory: %v", err)
	}
	if !conn.Connected() {
		t.Error("the connection is gone")
	}
}
