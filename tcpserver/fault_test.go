package tcpserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestClientsBeyondMaxConnectionsAreRefused(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Settings: Settings{MaxConnections: 2}, Events: j.events()})
	first := dial(t, s)
	j.up()
	dial(t, s)
	j.up()
	c := dial(t, s)
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the third client sees %v, want a clean end", err)
	}
	if e := j.await("error 10055"); !strings.Contains(e, "MaxConnections (2) reached") || !strings.Contains(e, c.LocalAddr().String()) {
		t.Error(e)
	}
	_ = first.Close()
	j.await("disconnected")
	dial(t, s)
	j.up()
}

func TestSilentClientsDoNotKeepOthersOut(t *testing.T) {
	// Clients that connect and say nothing, or stop in the middle of the
	// handshake or of a line, while others are served.
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.DefaultSingleLineMode, s.Events.DataIn = true, echoLines
		s.HandshakeTimeout = 300 * time.Millisecond
		s.Events.SSLStatus = nil
		s.ConnectionBacklog = 256
	}))
	const silent = 100
	for i := range silent {
		nc, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = nc.Close() })
		if i%2 == 0 {
			_, _ = nc.Write([]byte{22, 3, 1, 2})
		}
	}
	for range 5 {
		c := dialTLS(t, s, nil)
		c.send("hello\n")
		c.want("hello")
	}
	j.await("connected 10060", silent-1)
	slow := dialTLS(t, s, nil)
	for _, b := range "a slow line\n" {
		slow.send(string(b))
	}
	slow.want("a slow line")
}

func TestResetAtAnyPointHurtsNobodyElse(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			var up, down atomic.Int64
			s := begin(t, &Server{DefaultSingleLineMode: true, SSLStartMode: mode, SSLCert: serverPair(), ConnectionBacklog: 256, Events: Events{
				Connected:    func(*Conn, int, string) { up.Add(1) },
				Disconnected: func(*Conn, int, string) { down.Add(1) },
				DataIn: func(c *Conn, line []byte, _ bool) {
					_ = c.SendLine(string(line))
					if len(line) > 100 {
						_ = c.Send(make([]byte, 256<<10))
					}
				},
			}})
			open := func() *client {
				if mode == StartNone {
					return dial(t, s)
				}
				return dialTLS(t, s, nil)
			}
			witness := open()
			var wg sync.WaitGroup
			for seed := range 8 {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(uint64(seed), 1))
					for range 25 {
						nc, err := net.Dial("tcp", s.Addr().String())
						if err != nil {
							t.Error(err)
							return
						}
						var c net.Conn = nc
						if mode != StartNone && r.IntN(3) > 0 {
							t := tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
							if t.Handshake() == nil {
								c = t
							}
						}
						if n := r.IntN(400); n > 0 {
							_, _ = c.Write(append(bytes.Repeat([]byte("x"), n), '\n'))
						}
						if r.IntN(2) == 0 {
							_ = nc.SetReadDeadline(time.Now().Add(time.Millisecond))
							_, _ = c.Read(make([]byte, 1+r.IntN(5000)))
						}
						if r.IntN(4) > 0 {
							_ = nc.(*net.TCPConn).SetLinger(0)
						}
						_ = nc.Close()
					}
				})
			}
			for i := range 100 {
				witness.send(fmt.Sprintf("%d\n", i))
				witness.want(fmt.Sprint(i))
			}
			wg.Wait()
			_ = witness.Close()
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := s.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			if up.Load() != down.Load() {
				t.Errorf("%d connections ended, %d began", down.Load(), up.Load())
			}
		})
	}
}

func TestClientThatNeverReadsDelaysNobody(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{SendQueueSize: 128 << 10, SSLStartMode: mode, SSLCert: serverPair(), Linger: Off, Events: j.events()})
			var stuck []*Conn
			open := func() (*client, *Conn) {
				if mode == StartNone {
					return dial(t, s), j.up()
				}
				return dialTLS(t, s, nil), j.up()
			}
			for range 5 {
				_, conn := open()
				stuck = append(stuck, conn)
			}
			c, good := open()
			good.SetSendQueue(64<<20, DropNewest)
			message := append(bytes.Repeat([]byte("x"), 9999), '\n')
			const rounds = 1200
			go func() {
				for range rounds {
					s.Broadcast(message)
				}
			}()
			if _, err := io.ReadFull(c, make([]byte, rounds*len(message))); err != nil {
				t.Fatal(err)
			}
			for _, conn := range stuck {
				if !conn.Connected() || conn.Dropped() == 0 || conn.Queued() > 128<<10 {
					t.Errorf("stuck client: connected %v, %d dropped, %d queued", conn.Connected(), conn.Dropped(), conn.Queued())
				}
			}
		})
	}
}

func TestShutdownUnderLoad(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		for _, linger := range []Switch{On, Off} {
			t.Run(fmt.Sprint(name, " linger ", linger == On), func(t *testing.T) {
				j := newJournal(t)
				s := begin(t, &Server{SendQueueSize: 64 << 20, SSLStartMode: mode, SSLCert: serverPair(), Linger: linger, ConnectionBacklog: 64, Events: j.events()})
				const clients = 20
				var (
					wg   sync.WaitGroup
					got  [clients]int64
					errs [clients]error
					go_  = make(chan struct{})
				)
				for i := range clients {
					var c *client
					if mode == StartNone {
						c = dial(t, s)
					} else {
						c = dialTLS(t, s, nil)
					}
					j.up()
					wg.Go(func() {
						<-go_ // by now the queues are full
						got[i], errs[i] = io.Copy(io.Discard, c)
						_ = c.Close()
					})
				}
				message := append(bytes.Repeat([]byte("x"), 9999), '\n')
				sent := int64(0)
				for range 400 {
					if n := s.Broadcast(message); n != clients {
						t.Fatalf("%d took it", n)
					}
					sent += int64(len(message))
				}
				done := make(chan error, 1)
				go func() {
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					done <- s.Shutdown(ctx)
				}()
				if linger == Off {
					if err := await(t, done, "end of Shutdown"); err != nil {
						t.Fatal(err)
					}
				}
				close(go_)
				wg.Wait()
				if linger == On {
					if err := await(t, done, "end of Shutdown"); err != nil {
						t.Fatal(err)
					}
				}
				for i := range clients {
					if linger == On && (got[i] != sent || errs[i] != nil) {
						t.Errorf("client %d got %d of %d bytes, %v", i, got[i], sent, errs[i])
					}
					if linger == Off && !errors.Is(errs[i], syscall.ECONNRESET) {
						t.Errorf("client %d got %d bytes, %v; want a reset", i, got[i], errs[i])
					}
				}
				if n := j.count("disconnected 0 OK"); n != clients {
					t.Errorf("%d connections ended well, want %d", n, clients)
				}
			})
		}
	}
}

func TestHalfClosedClientStillGetsItsAnswer(t *testing.T) {
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: Events{DataIn: func(c *Conn, line []byte, _ bool) {
		_ = c.Send(bytes.Repeat([]byte(line), 1<<20))
	}}})
	c := dial(t, s)
	c.send("abc")
	if err := c.Conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	if err != nil || len(got) != 3<<20 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestSilentConnectionsGetASmallStack(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: j.events()})
	s.Events.DataIn = func(c *Conn, line []byte, _ bool) { j.note("data %s", line); _ = c.SendLine(string(line)) }
	if err := s.Apply(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s)
	conn := j.up()
	for i := range 3 {
		c.send("x\n")
		c.want("x")
		if got := conn.stack.Load(); got != stackActive {
			t.Errorf("after input: %d", got)
		}
		s.sweep()
		s.sweep()
		if got := conn.stack.Load(); got != stackSmall {
			t.Errorf("after two sweeps: %d", got)
		}
		j.await("data x", i)
	}
	c.send("y\n")
	c.want("y")
}

// TestNineteenThousandConnections holds as many connections as the limit of
// open files allows (each takes two files here), at most 19,000.
func TestNineteenThousandConnections(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("heavy: not with -short or -race")
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	n := min(19_000, (int(min(limit.Cur, 1<<30))-500)/2)
	var up, got atomic.Int64
	all := make(chan struct{}, 2)
	s := begin(t, &Server{Linger: Off, ConnectionBacklog: 4096, DefaultSingleLineMode: true, Settings: Settings{MaxConnections: 20_000}, Events: Events{
		Connected: func(*Conn, int, string) {
			if up.Add(1) == int64(n) {
				all <- struct{}{}
			}
		},
		DataIn: func(c *Conn, line []byte, _ bool) {
			if got.Add(1) == int64(n) {
				all <- struct{}{}
			}
		},
	}})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	clients := make([]net.Conn, n)
	for i := range clients {
		// Several addresses: one has no more than 28,000 ports on Linux.
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i%4))}}
		nc, err := d.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatalf("client %d: %v", i, err)
		}
		clients[i] = nc
	}
	defer func() {
		for _, nc := range clients {
			_ = nc.Close()
		}
	}()
	await(t, all, "connections")
	if s.Len() != n {
		t.Errorf("%d connections, want %d", s.Len(), n)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := int64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse) / int64(n)
	t.Logf("%d connections, %d bytes each, both ends", n, each)
	if each > 7<<10 { // the clients' half is under 1 KiB
		t.Errorf("a silent connection takes %d bytes", each)
	}
	for _, nc := range clients {
		if _, err := nc.Write([]byte("x\n")); err != nil {
			t.Fatal(err)
		}
	}
	await(t, all, "lines")
	message := []byte("to everybody\n")
	if took := s.Broadcast(message); took != n {
		t.Errorf("%d took the message", took)
	}
	buf := make([]byte, len(message))
	for _, nc := range clients {
		if _, err := io.ReadFull(nc, buf); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClosingBeatsAHandshakeThatIsStuck(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) { s.SSLStartMode, s.HandshakeTimeout = StartExplicit, -1 }))
	c := dial(t, s)
	conn := j.up()
	if err := conn.StartSSL(); err != nil {
		t.Fatal(err)
	}
	c.send("\x16\x03\x01") // and nothing more
	j.await("status handshake started")
	if err := conn.Disconnect(); err != nil {
		t.Fatal(err)
	}
	j.await("disconnected 0 OK")
}

func TestClosingBeatsAFileThatIsStuck(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{LingerTimeout: 50 * time.Millisecond, Events: j.events()})
	dial(t, s).shrink() // never reads
	conn := j.up()
	file, _ := tempFile(t, 16<<20)
	done := make(chan error, 1)
	go func() {
		_, err := conn.SendFile(context.Background(), file)
		done <- err
	}()
	for {
		conn.mu.Lock()
		sending := conn.sending
		conn.mu.Unlock()
		if sending {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := conn.Disconnect(); err != nil {
		t.Fatal(err)
	}
	j.await("disconnected 0 OK")
	if err := await(t, done, "end of SendFile"); err == nil {
		t.Error("SendFile says that all went well")
	}
}
