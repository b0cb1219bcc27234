package chatlog

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"rookery/script/regex"
)

// Errors of [Log.Search].
var (
	// ErrOff reports that there are no files.
	ErrOff = errors.New("chat is not written to files")
	// ErrSlow reports that the search was not done in time.
	ErrSlow = errors.New("the search takes too long")
)

// Query says which messages are looked for. What is nil or zero does not
// matter.
type Query struct {
	Kind Kind
	// Name is the only name whose files are read; empty: all are.
	Name string
	// From and To are the first and the last moment. Stamps have whole seconds.
	From, To time.Time
	// First, Last, Message, Region and Type must all be found in what they are
	// called after.
	First, Last, Message, Region, Type *regex.Expression
	// Any must be found in one of them at least.
	Any *regex.Expression
}

// Found is a message that was looked for.
type Found struct {
	Entry
	// First and Last are the two names of who said it: the first word, and
	// what follows.
	First, Last string
	// Name is what its file is called after: a region for example.
	Name string
}

func (f *Found) size() int { return len(f.Who) + len(f.Type) + len(f.Text) + len(f.Name) + 64 }

// Search returns messages in the order of their times, the latest ones if there
// are more than an answer takes. It returns ErrOff, ErrSlow, the context's
// error, or why files could not be read.
func (l *Log) Search(ctx context.Context, q Query) ([]Found, error) { return l.store.search(ctx, q) }

func (st *store) search(ctx context.Context, q Query) ([]Found, error) {
	s := st.settings()
	if s.Directory == "" {
		return nil, ErrOff
	}
	within, cancel := context.WithTimeout(ctx, s.Time)
	defer cancel()
	found := collection{most: s.MaxAnswer}
	err := st.read(within, s, q, found.add)
	if errors.Is(err, regex.ErrSlow) || errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("%w: %v are allowed", ErrSlow, s.Time)
	}
	if err != nil {
		return nil, err
	}
	return found.sorted(), nil
}

// read visits the messages that are looked for.
func (st *store) read(ctx context.Context, s Settings, q Query, visit func(Found)) error {
	root, err := open(s.Directory, q.Kind)
	if err != nil {
		return err
	}
	defer root.Close()
	oldest := make(map[string]int)
	wanted := foldName(FileName(q.Name))
	st.mu.RLock()
	err = each(root, func(name string, age int, _ fs.FileInfo) {
		if q.Name == "" || foldName(name) == wanted {
			oldest[name] = max(age, oldest[name])
		}
	})
	st.mu.RUnlock()
	if err != nil {
		return err
	}
	match := q.matcher(ctx)
	for _, name := range slices.Sorted(maps.Keys(oldest)) {
		parts, err := st.parts(root, name, oldest[name], q.From)
		if err == nil {
			err = readParts(ctx, parts, name, s.Zone, q, match, visit)
		}
		for _, p := range parts {
			p.file.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readParts reads the files of one name, the oldest first.
func readParts(ctx context.Context, parts []part, name string, zone *time.Location, q Query,
	match func(*Found) (bool, error), visit func(Found),
) error {
	of := nameOf(name)
	for _, p := range parts {
		var wrong error
		err := scan(ctx, io.LimitReader(p.file, p.size), q.Kind.typed(), zone, func(e Entry) bool {
			if !q.From.IsZero() && e.Time.Before(q.From.Truncate(time.Second)) || !q.To.IsZero() && e.Time.After(q.To) {
				return true
			}
			f := Found{Entry: e, Name: of}
			f.First, f.Last, _ = strings.Cut(e.Who, " ")
			var ok bool
			if ok, wrong = match(&f); ok {
				visit(f)
			}
			return wrong == nil
		})
		if err := cmp.Or(wrong, err); err != nil {
			return err
		}
	}
	return nil
}

// part is a file that is open, with its size at that moment.
type part struct {
	file *os.File
	size int64
}

// parts opens the files of a name that may hold messages of after from, the
// oldest first.
func (st *store) parts(root *os.Root, name string, oldest int, from time.Time) (parts []part, err error) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	defer func() { slices.Reverse(parts) }()
	for age := 0; ; age++ {
		f, err := root.OpenFile(fileOf(name, age), os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if errors.Is(err, fs.ErrNotExist) {
			if age <= oldest {
				continue
			}
			return parts, nil // they may have been put away since they were listed
		}
		if err != nil {
			return parts, err
		}
		info, err := f.Stat()
		switch {
		case err != nil:
			f.Close()
			return parts, err
		case !info.Mode().IsRegular() || info.ModTime().Before(from.Truncate(time.Second)):
			f.Close()
		default:
			parts = append(parts, part{f, info.Size()})
		}
	}
}

// scan reads the messages of a file until visit returns false.
func scan(ctx context.Context, r io.Reader, typed bool, zone *time.Location, visit func(Entry) bool) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	var e Entry
	var text strings.Builder
	open := false
	flush := func() bool {
		if !open {
			return true
		}
		open = false
		e.Text = text.String()
		return visit(e)
	}
	for n := 0; ; n++ {
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line, err := readLine(lines)
		if errors.Is(err, io.EOF) {
			flush()
			return nil
		}
		if err != nil {
			return err
		}
		if head, ok := parseHead(line, typed, zone); ok {
			if !flush() {
				return nil
			}
			e, open = head, true
			text.Reset()
			text.WriteString(head.Text)
		} else if open && text.Len() < maxText {
			text.WriteByte('\n')
			text.WriteString(strings.TrimPrefix(line, "\t"))
		}
	}
}

// maxLine bounds a line; the rest of a longer one is skipped.
const maxLine = maxText + 4<<10

// readLine returns the next line without its end.
func readLine(r *bufio.Reader) (string, error) {
	var line []byte
	for {
		piece, more, err := r.ReadLine()
		if err != nil {
			return "", err
		}
		if len(line) < maxLine {
			line = append(line, piece...)
		}
		if !more {
			return strings.ToValidUTF8(string(line), "\uFFFD"), nil
		}
	}
}

// matcher returns what tells whether a message is looked for.
func (q *Query) matcher(ctx context.Context) func(*Found) (bool, error) {
	type test struct {
		in *regex.Matcher
		of func(*Found) string
	}
	fields := []func(*Found) string{
		func(f *Found) string { return f.First },
		func(f *Found) string { return f.Last },
		func(f *Found) string { return f.Text },
		func(f *Found) string { return f.Name },
		func(f *Found) string { return f.Type },
	}
	var all []test
	for i, e := range []*regex.Expression{q.First, q.Last, q.Message, q.Region, q.Type} {
		if e != nil {
			all = append(all, test{e.Matcher(ctx), fields[i]})
		}
	}
	var some *regex.Matcher
	if q.Any != nil {
		some = q.Any.Matcher(ctx)
	}
	switch q.Kind {
	case Local:
	case Region:
		fields = fields[:4]
	default:
		fields = fields[:3]
	}
	return func(f *Found) (bool, error) {
		for _, t := range all {
			if ok, err := t.in.In(t.of(f)); !ok || err != nil {
				return false, err
			}
		}
		if some == nil {
			return true, nil
		}
		for _, of := range fields {
			if ok, err := some.In(of(f)); ok || err != nil {
				return ok, err
			}
		}
		return false, nil
	}
}

// collection keeps the latest messages that fit into an answer.
type collection struct {
	most, size int
	all        []Found
}

func (c *collection) add(f Found) {
	c.all = append(c.all, f)
	if c.size += f.size(); c.size > 2*c.most {
		c.trim()
	}
}

// trim sorts, and forgets the earliest until the rest fits.
func (c *collection) trim() {
	slices.SortStableFunc(c.all, func(a, b Found) int { return a.Time.Compare(b.Time) })
	first := 0
	for ; c.size > c.most && first < len(c.all)-1; first++ {
		c.size -= c.all[first].size()
	}
	c.all = slices.Delete(c.all, 0, first)
}

func (c *collection) sorted() []Found {
	c.trim()
	return c.all
}
