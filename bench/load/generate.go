package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// refused is written in place of a time when the answer was no.
const refused = time.Duration(-1)

// generate sends the commands of one round and writes how long each took, in
// nanoseconds from when it was due, in their order.
func (l load) generate(over, addr string) error {
	took := make([]time.Duration, l.commands())
	var err error
	switch over {
	case "http":
		err = l.overHTTP(addr, took)
	case "tcp":
		err = l.overTCP(addr, took)
	default:
		err = fmt.Errorf("over %q: want http or tcp", over)
	}
	if err != nil {
		return err
	}
	return binary.Write(os.Stdout, binary.LittleEndian, took)
}

// answered tells what a command took whose answer has come.
func (l load) answered(begun time.Time, n int, answer []byte) time.Duration {
	if bytes.Contains(answer, []byte("success=False")) {
		return refused
	}
	return time.Since(l.due(begun, n))
}

// await sleeps until a time, more exactly than the runtime's timers, which are
// rounded to milliseconds when nothing else happens.
func await(due time.Time) {
	for {
		left := time.Until(due)
		if left <= 0 {
			return
		}
		pause := syscall.NsecToTimespec(int64(left))
		_ = syscall.Nanosleep(&pause, nil) // interrupted: again
	}
}

// overHTTP hands each command to a pool of connections when it is due. When all of
// them wait for answers it stands in line.
func (l load) overHTTP(addr string, took []time.Duration) error {
	line := make(chan int, len(took))
	faults := make(chan error, l.connections)
	begun := time.Now()
	for range l.connections {
		c, err := dialHTTP(addr)
		if err != nil {
			return err
		}
		defer c.conn.Close()
		go func() {
			for n := range line {
				answer, err := c.post(n)
				if err != nil {
					faults <- err
					return
				}
				took[n] = l.answered(begun, n, answer)
			}
			faults <- nil
		}()
	}
	for n := range took {
		await(l.due(begun, n))
		line <- n
	}
	close(line)
	for range l.connections {
		if err := <-faults; err != nil {
			return err
		}
	}
	return nil
}

// httpConn is a connection that is kept. It is no more of a client than this needs,
// so that the processors are left to the server.
type httpConn struct {
	conn net.Conn
	in   *bufio.Reader
	head string
	out  []byte
	body []byte
}

func dialHTTP(addr string) (*httpConn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	head := "POST / HTTP/1.1\r\nHost: " + addr + "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
	return &httpConn{conn: conn, in: bufio.NewReader(conn), head: head}, nil
}

// post sends a command and returns the body of the answer, which is good until the
// next one.
func (c *httpConn) post(n int) ([]byte, error) {
	c.body = strconv.AppendInt(append(c.body[:0], command...), int64(n), 10)
	c.out = strconv.AppendInt(append(c.out[:0], c.head...), int64(len(c.body)), 10)
	c.out = append(append(c.out, "\r\n\r\n"...), c.body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return nil, err
	}
	length := -1
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200 ")) {
			return nil, fmt.Errorf("answered was %q", line)
		}
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return nil, err
			}
		}
	}
	if length < 0 {
		return nil, fmt.Errorf("an answer without Content-Length")
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	_, err := io.ReadFull(c.in, c.body)
	return c.body, err
}

// overTCP writes each command when it is due, to one connection after the other,
// and does not wait for answers.
func (l load) overTCP(addr string, took []time.Duration) error {
	conns := make([]net.Conn, l.connections)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		defer c.Close()
		conns[i] = c
	}
	var readers sync.WaitGroup
	faults := make(chan error, l.connections)
	begun := time.Now()
	for i, c := range conns {
		wanted := (len(took) - i + l.connections - 1) / l.connections
		readers.Go(func() {
			in := bufio.NewReader(c)
			for range wanted {
				answer, err := in.ReadSlice('\n')
				if err != nil {
					faults <- err
					return
				}
				_, number, _ := bytes.Cut(bytes.TrimRight(answer, "\r\n"), []byte("&_n="))
				n, err := strconv.Atoi(string(number))
				if err != nil || n >= len(took) {
					faults <- fmt.Errorf("answered was %q", answer)
					return
				}
				took[n] = l.answered(begun, n, answer)
			}
		})
	}
	out := make([]byte, 0, 256)
	for n := range took {
		await(l.due(begun, n))
		out = append(strconv.AppendInt(append(out[:0], command...), int64(n), 10), '\n')
		if _, err := conns[n%l.connections].Write(out); err != nil {
			return err
		}
	}
	done := make(chan struct{})
	go func() { readers.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case err := <-faults:
		return err
	case <-time.After(time.Minute):
		return fmt.Errorf("some commands are never answered")
	}
}
