package tcpserver

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// journal writes events down, and lets tests wait for them.
type journal struct {
	t    testing.TB
	mu   sync.Mutex
	all  []string
	news chan struct{}
	conn chan *Conn
}

func newJournal(t testing.TB) *journal {
	return &journal{t: t, news: make(chan struct{}), conn: make(chan *Conn, 4096)}
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.all = append(j.all, fmt.Sprintf(format, args...))
	close(j.news)
	j.news = make(chan struct{})
}

// events writes every event down; fill in more of it afterwards.
func (j *journal) events() Events {
	return Events{
		Connected: func(c *Conn, status int, description string) {
			j.note("connected %d %s", status, description)
			j.conn <- c
		},
		DataIn:       func(_ *Conn, text []byte, eol bool) { j.note("data %q %v", text, eol) },
		Disconnected: func(_ *Conn, status int, description string) { j.note("disconnected %d %s", status, description) },
		Error:        func(_ *Conn, code int, description string) { j.note("error %d %s", code, description) },
		ReadyToSend:  func(*Conn) { j.note("ready") },
	}
}

// await waits for an event that begins with prefix, after the first skip of
// them, and returns it.
func (j *journal) await(prefix string, skip ...int) string {
	j.t.Helper()
	deadline := time.After(patience)
	for {
		j.mu.Lock()
		left := 0
		if len(skip) > 0 {
			left = skip[0]
		}
		for _, e := range j.all {
			if strings.HasPrefix(e, prefix) {
				if left == 0 {
					j.mu.Unlock()
					return e
				}
				left--
			}
		}
		news, seen := j.news, slices.Clone(j.all)
		j.mu.Unlock()
		select {
		case <-news:
		case <-deadline:
			j.t.Fatalf("no event %q; there were %q", prefix, seen)
		}
	}
}

// count tells how many events begin with prefix.
func (j *journal) count(prefix string) (n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.all {
		if strings.HasPrefix(e, prefix) {
			n++
		}
	}
	return n
}

func (j *journal) list() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.all)
}

// up waits for the next connection.
func (j *journal) up() *Conn {
	j.t.Helper()
	return await(j.t, j.conn, "connection")
}
