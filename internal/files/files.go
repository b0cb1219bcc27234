// Package files reads and writes text files within one directory.
//
// No path leads out of it: neither "..", nor an absolute path, nor a symbolic
// link, even one that is put in place meanwhile. Pipes and devices are refused.
package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"
)

// Errors that callers decide on.
var (
	ErrTooLarge = errors.New("the file is too large")
	ErrNotText  = errors.New("the file is no text in UTF-8")
)

// Folder is a directory that scripts may read and write. Its methods may be
// called from any goroutine.
type Folder struct {
	// Directory is made when it is not there.
	Directory string
	// MaxSize bounds each file, in bytes, when it is read and when it is
	// written.
	MaxSize int64
}

// byteOrderMark begins texts of some programs, and is no part of the text.
const byteOrderMark = "\uFEFF"

// Read returns the text of a file. Paths are relative to the directory.
func (f Folder) Read(path string) (string, error) {
	root, err := f.open()
	if err != nil {
		return "", err
	}
	defer root.Close()
	// Opening a pipe would wait for somebody at its other end.
	file, err := open(root, path, os.O_RDONLY|syscall.O_NONBLOCK)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, f.MaxSize+1))
	switch {
	case err != nil:
		return "", err
	case int64(len(data)) > f.MaxSize:
		return "", fmt.Errorf("%w: at most %d bytes are read", ErrTooLarge, f.MaxSize)
	case !utf8.Valid(data):
		return "", ErrNotText
	}
	return strings.TrimPrefix(string(data), byteOrderMark), nil
}

// Write puts a text in place of what a file holds.
func (f Folder) Write(path, text string) error { return f.write(path, text, os.O_TRUNC) }

// Append adds a text to the end of a file, which is made when it is not there.
func (f Folder) Append(path, text string) error { return f.write(path, text, os.O_APPEND) }

func (f Folder) write(path, text string, how int) error {
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if size := int64(len(text)); size > f.MaxSize {
		return fmt.Errorf("%w: %d bytes; at most %d are written", ErrTooLarge, size, f.MaxSize)
	}
	file, err := open(root, path, os.O_WRONLY|os.O_CREATE|syscall.O_NONBLOCK|how)
	if err != nil {
		return err
	}
	if how == os.O_APPEND {
		info, err := file.Stat()
		if err == nil && info.Size()+int64(len(text)) > f.MaxSize {
			err = fmt.Errorf("%w: it would have %d bytes; at most %d are allowed", ErrTooLarge, info.Size()+int64(len(text)), f.MaxSize)
		}
		if err != nil {
			return errors.Join(err, file.Close())
		}
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// open opens the directory. Where that is, is not for scripts to know.
func (f Folder) open() (*os.Root, error) {
	if err := os.MkdirAll(f.Directory, 0o755); err != nil {
		return nil, fmt.Errorf("the directory cannot be made: %w", errors.Unwrap(err))
	}
	root, err := os.OpenRoot(f.Directory)
	if err != nil {
		return nil, fmt.Errorf("the directory cannot be opened: %w", errors.Unwrap(err))
	}
	return root, nil
}

// open opens a regular file within a root.
func open(root *os.Root, path string, flag int) (*os.File, error) {
	path = filepath.FromSlash(strings.TrimSpace(path))
	file, err := root.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, reason(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// reason leaves the name of the system call out, which tells nobody anything.
func reason(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", e.Path, e.Err)
	}
	return err
}
