package chatlog

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"rookery/internal/appendfile"
)

// store is the files of all kinds of one agent.
type store struct {
	// mu is held for writing while a file grows or changes its name, and for
	// reading while files are opened: what is read ends with a whole line.
	mu sync.RWMutex
	// now are the settings in force; s those that the fields below belong to,
	// set by whoever holds mu for writing.
	now atomic.Pointer[Settings]
	s   Settings
	// spelt is how the files are called on the disk, by kind and folded name.
	spelt map[Kind]map[string]string
	// total is the size of all files, counted with block for each at least;
	// negative before they were counted.
	total int64
}

// block is the least that a file takes on a disk.
const block = 4 << 10

func onDisk(size int64) int64 { return (size + block - 1) / block * block }

func newStore(s Settings) *store {
	st := &store{}
	st.set(s)
	return st
}

// set changes the settings. It does not wait for the disk.
func (st *store) set(s Settings) {
	s = s.withDefaults()
	st.now.Store(&s)
}

// settings are those in force. It does not wait for the disk.
func (st *store) settings() Settings { return *st.now.Load() }

// renew takes over the settings in force. Called with mu held for writing.
func (st *store) renew() {
	s := st.settings()
	if s.Directory != st.s.Directory || st.spelt == nil {
		st.spelt, st.total = make(map[Kind]map[string]string), -1
	}
	st.s = s
}

// open opens the folder of a kind, which is made when it is not there. Nothing
// that is opened through it leads out of it.
func open(directory string, k Kind) (*os.Root, error) {
	dir := filepath.Join(directory, folders[k])
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// append writes a message to the file of a name.
func (st *store) append(k Kind, name string, e Entry) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.renew()
	root, err := open(st.s.Directory, k)
	if err != nil {
		return err
	}
	defer root.Close()
	file, err := st.spelling(root, k, FileName(name))
	if err != nil {
		return err
	}
	if st.total < 0 {
		if err := st.count(); err != nil {
			return err
		}
	}
	line := appendEntry(nil, e, st.s.Zone)
	if err := st.makeRoom(root, file, int64(len(line))); err != nil {
		return err
	}
	if st.total+onDisk(int64(len(line))) > st.s.MaxTotal {
		if err := st.thin(k, fileOf(file, 0)); err != nil {
			return err
		}
	}
	before, after, err := write(root, fileOf(file, 0), line)
	st.total += onDisk(after) - onDisk(before)
	return err
}

// write appends lines to a file and tells its size before and after.
func write(root *os.Root, file string, lines []byte) (before, after int64, err error) {
	f, err := root.OpenFile(file, appendfile.Flags|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, 0, &fs.PathError{Op: "write", Path: file, Err: errors.New("it is no regular file")}
	}
	grown, err := appendfile.Append(f, lines)
	return info.Size(), info.Size() + grown, err
}

// spelling finds the file that is called so, in whatever case. New files are
// called as they are asked for.
func (st *store) spelling(root *os.Root, k Kind, file string) (string, error) {
	if st.spelt[k] == nil {
		names := make(map[string]string)
		err := each(root, func(name string, _ int, _ fs.FileInfo) {
			names[foldName(name)] = name
		})
		if err != nil {
			return "", err
		}
		st.spelt[k] = names
	}
	fold := foldName(file)
	if known, ok := st.spelt[k][fold]; ok {
		return known, nil
	}
	st.spelt[k][fold] = file
	return file, nil
}

// each visits the log files of a folder.
func each(root *os.Root, visit func(name string, age int, info fs.FileInfo)) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(1000)
		for _, e := range entries {
			name, age, ok := splitFile(e.Name())
			if !ok || !e.Type().IsRegular() {
				continue
			}
			if info, err := e.Info(); err == nil { // else it is gone already
				visit(name, age, info)
			}
		}
		if errors.Is(err, io.EOF) || err == nil && len(entries) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// makeRoom puts a file away that would become too large.
func (st *store) makeRoom(root *os.Root, name string, more int64) error {
	info, err := root.Stat(fileOf(name, 0))
	if errors.Is(err, fs.ErrNotExist) || err == nil && (info.Size() == 0 || info.Size()+more <= st.s.MaxSize) {
		return nil
	}
	if err != nil {
		return err
	}
	last := fileOf(name, st.s.Keep)
	if info, err := root.Stat(last); err == nil {
		if err := root.Remove(last); err != nil {
			return err
		}
		st.total -= onDisk(info.Size())
	}
	for age := st.s.Keep; age > 0; age-- {
		err := root.Rename(fileOf(name, age-1), fileOf(name, age))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// count finds out how large all files are together.
func (st *store) count() error {
	total := int64(0)
	err := st.everywhere(func(_ Kind, _ string, info fs.FileInfo) { total += onDisk(info.Size()) })
	if err == nil {
		st.total = total
	}
	return err
}

// everywhere visits the log files of all kinds.
func (st *store) everywhere(visit func(k Kind, file string, info fs.FileInfo)) error {
	for k := range folders {
		root, err := os.OpenRoot(filepath.Join(st.s.Directory, folders[k]))
		if err != nil {
			continue // it is not there, or nothing can be written there either
		}
		err = each(root, func(name string, age int, info fs.FileInfo) { visit(Kind(k), fileOf(name, age), info) })
		if err := errors.Join(err, root.Close()); err != nil {
			return err
		}
	}
	return nil
}

// thin removes files that were not written for the longest time, until a tenth
// of what is allowed is free; never the one that is about to be written.
func (st *store) thin(k Kind, written string) error {
	type candidate struct {
		path string
		size int64
		time time.Time
	}
	var files []candidate
	total := int64(0)
	err := st.everywhere(func(kind Kind, file string, info fs.FileInfo) {
		total += onDisk(info.Size())
		if kind != k || file != written {
			files = append(files, candidate{filepath.Join(st.s.Directory, folders[kind], file), onDisk(info.Size()), info.ModTime()})
		}
	})
	if err != nil {
		return err
	}
	slices.SortFunc(files, func(a, b candidate) int { return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.path, b.path)) })
	for _, f := range files {
		if total <= st.s.MaxTotal-st.s.MaxTotal/10 {
			break
		}
		if err := os.Remove(f.path); err != nil {
			return err
		}
		total -= f.size
	}
	st.total = total
	st.spelt = make(map[Kind]map[string]string) // of files that are gone, too
	return nil
}
