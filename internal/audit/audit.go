// Package audit keeps the trail of who had agents do what: a file of JSON
// objects, one a line, for each command and for each attempt that was refused.
//
// Neither passwords nor parameters are in it. Nothing waits for the disk: a few
// thousand entries may wait to be written, and what cannot be written, then or
// because the disk is full, is lost; the trail says how many entries are, and
// so does the log.
package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"rookery/internal/appendfile"
	"rookery/script"
)

const (
	// queueLength is how many entries may wait to be written.
	queueLength = 4096
	// batch is how much is written at once, in bytes.
	batch = 64 << 10
	// longest is how much of a text is kept, in bytes: who is refused chooses
	// the texts himself.
	longest = 200
	// closeTimeout is how long Close waits for what is yet to be written.
	closeTimeout = 5 * time.Second
)

// Entry is one command, or one attempt that was refused.
type Entry struct {
	Time time.Time // when it was asked for
	// Agent is who was to do it, Door the way in: "tcp", "http" …
	Agent, Door string
	// Group is the group as configured, or as given by who was refused.
	Group string
	// Sender says who asked, Identifier is the address or UUID it was asked
	// from.
	Sender, Identifier string
	// Command is its name; empty for a handshake.
	Command string
	Success bool
	// Status is the number of the error, 0 when there was none.
	Status   int
	Duration time.Duration
}

// record is an entry as it is written.
type record struct {
	Time       string  `json:"time"`
	Agent      string  `json:"agent"`
	Door       string  `json:"door"`
	Group      string  `json:"group"`
	Sender     string  `json:"sender"`
	Identifier string  `json:"identifier"`
	Command    string  `json:"command"`
	Success    bool    `json:"success"`
	Status     int     `json:"status"`
	Duration   float64 `json:"duration_ms"`
}

// gap says that entries are missing.
type gap struct {
	Time string `json:"time"`
	Lost int    `json:"lost"`
}

func (e Entry) line() []byte {
	return line(record{
		Time: script.FormatTime(e.Time), Agent: Clip(e.Agent), Door: Clip(e.Door), Group: Clip(e.Group), Sender: Clip(e.Sender),
		Identifier: Clip(e.Identifier), Command: Clip(e.Command), Success: e.Success, Status: e.Status,
		Duration: float64(e.Duration.Microseconds()) / 1000,
	})
}

func line(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // there is nothing in it that JSON has not
	}
	return append(b, '\n')
}

// Clip cuts a text that may have been chosen to fill a log.
func Clip(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= longest {
		return text
	}
	end := longest
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// Trail is the file. Its methods may be called from any goroutine.
type Trail struct {
	log   *slog.Logger
	queue chan Entry
	done  chan struct{} // closed by Close
	ended chan struct{} // closed when all is written
	once  sync.Once

	mu   sync.Mutex // held while the file is written or changed
	path string
	file *os.File // nil while there is none

	counting sync.Mutex
	lost     int // since the last gap was written
}

// Open begins a trail in a file, which is made if it is not there and may be read
// by nobody else then. An empty path is none, until Move names one. Nil discards
// what is to be logged.
func Open(path string, log *slog.Logger) (*Trail, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Trail{log: log, queue: make(chan Entry, queueLength), done: make(chan struct{}), ended: make(chan struct{})}
	if err := t.Move(path); err != nil {
		return nil, err
	}
	go t.write()
	return t, nil
}

// Move goes on in another file; an empty path ends the trail. When the file
// cannot be opened nothing is changed.
func (t *Trail) Move(path string) error {
	var file *os.File
	if path != "" {
		var err error
		if file, err = os.OpenFile(path, appendfile.Flags, 0o600); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.file
	t.path, t.file = path, file
	if old != nil {
		return old.Close()
	}
	return nil
}

// Reopen opens the file anew, which was given another name meanwhile or was
// removed, as logrotate does it.
func (t *Trail) Reopen() error {
	t.mu.Lock()
	path := t.path
	t.mu.Unlock()
	return t.Move(path)
}

// Record adds an entry. It does not wait for the disk.
func (t *Trail) Record(e Entry) {
	select {
	case t.queue <- e:
	default:
		t.lose(1, errors.New("too many entries at a time"))
	}
}

// lose counts entries that are lost, and logs the first of a gap.
func (t *Trail) lose(n int, why error) {
	t.counting.Lock()
	defer t.counting.Unlock()
	if t.lost == 0 {
		t.log.Error("the audit trail has a gap", "error", why)
	}
	t.lost += n
}

// gap is the line that stands for what was lost; nil when nothing was.
func (t *Trail) gap() (text []byte, lost int) {
	t.counting.Lock()
	defer t.counting.Unlock()
	if t.lost == 0 {
		return nil, 0
	}
	return line(gap{script.FormatTime(time.Now()), t.lost}), t.lost
}

// write writes entries, as many at once as wait, until the trail is closed and
// all are written.
func (t *Trail) write() {
	defer close(t.ended)
	for {
		var e Entry
		select {
		case e = <-t.queue:
		default:
			select {
			case e = <-t.queue:
			case <-t.done:
				select { // what came at the same time
				case e = <-t.queue:
				default:
					t.add(nil, 0)
					return
				}
			}
		}
		lines, n := e.line(), 1
	more:
		for len(lines) < batch {
			select {
			case e = <-t.queue:
				lines = append(lines, e.line()...)
				n++
			default:
				break more
			}
		}
		t.add(lines, n)
	}
}

func (t *Trail) add(lines []byte, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return
	}
	gap, lost := t.gap()
	lines = append(gap, lines...)
	if len(lines) == 0 {
		return
	}
	if _, err := appendfile.Append(t.file, lines); err != nil {
		t.lose(n, fmt.Errorf("write %s: %w", t.path, err))
		return
	}
	if lost > 0 {
		t.log.Warn("the audit trail goes on", "lost", lost)
		t.counting.Lock()
		t.lost -= lost
		t.counting.Unlock()
	}
}

// Close writes what waits and closes the file. It does not wait for a disk that
// hangs.
func (t *Trail) Close() error {
	t.once.Do(func() { close(t.done) })
	select {
	case <-t.ended:
	case <-time.After(closeTimeout):
		return os.ErrDeadlineExceeded
	}
	return t.Move("")
}
