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

	"github.com/google/uuid"
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

// Write puts a text in place of what a file holds. Readers see the old text or
// the new one, also when this fails halfway.
func (f Folder) Write(path, text string) error {
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := f.fits(text); err != nil {
		return err
	}
	path, info, err := target(root, local(path))
	if err != nil {
		return reason(err)
	}
	mode := fs.FileMode(0o644)
	if info != nil {
		if mode = info.Mode().Perm(); !info.Mode().IsRegular() {
			return irregular(path)
		}
	}
	next := filepath.Join(filepath.Dir(path), "."+uuid.NewString()+".new")
	file, err := root.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return reason(&fs.PathError{Op: e.Op, Path: path, Err: e.Err})
	} else if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if info != nil {
		err = errors.Join(err, file.Chmod(mode)) // the mask of the process took some rights
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = root.Rename(next, path)
	}
	if err != nil {
		return reason(errors.Join(err, root.Remove(next)))
	}
	return nil
}

func (f Folder) fits(text string) error {
	if size := int64(len(text)); size > f.MaxSize {
		return fmt.Errorf("%w: %d bytes; at most %d are written", ErrTooLarge, size, f.MaxSize)
	}
	return nil
}

// target finds the file that a path means, behind symbolic links, and what is
// there: nil when nothing is.
func target(root *os.Root, path string) (string, fs.FileInfo, error) {
	for range maxLinks {
		info, err := root.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil, nil
		}
		if err != nil || info.Mode().Type() != fs.ModeSymlink {
			return path, info, err
		}
		to, err := root.Readlink(path)
		switch {
		case err != nil:
			return path, nil, err
		case filepath.IsAbs(to):
			return path, nil, &fs.PathError{Op: "open", Path: path, Err: errOutside}
		}
		path = filepath.Join(filepath.Dir(path), to)
	}
	return path, nil, &fs.PathError{Op: "open", Path: path, Err: syscall.ELOOP}
}

// maxLinks bounds how many symbolic links may lead to a file.
const maxLinks = 16

// Append adds a text to the end of a file, which is made when it is not there.
func (f Folder) Append(path, text string) error {
	root, err := f.open()
	if err != nil {
		return err
	}
	defer root.Close()
	if err := f.fits(text); err != nil {
		return err
	}
	file, err := open(root, path, os.O_WRONLY|os.O_CREATE|os.O_APPEND|syscall.O_NONBLOCK)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && info.Size()+int64(len(text)) > f.MaxSize {
		err = fmt.Errorf("%w: it would have %d bytes; at most %d are allowed", ErrTooLarge, info.Size()+int64(len(text)), f.MaxSize)
	}
	if err != nil {
		return errors.Join(err, file.Close())
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
	path = local(path)
	file, err := root.OpenFile(path, flag, 0o644)
	if err != nil {
		return nil, reason(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = irregular(path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// local is a path as the system writes it.
func local(path string) string { return filepath.FromSlash(strings.TrimSpace(path)) }

func irregular(path string) error { return fmt.Errorf("%s is no regular file", path) }

// errOutside says what of [os.Root] has no name.
var errOutside = errors.New("it leads out of the directory; want a path within it")

// reason leaves the name of the system call out, which tells nobody anything.
func reason(err error) error {
	e, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return err
	}
	if _, system := errors.AsType[syscall.Errno](e.Err); !system {
		return fmt.Errorf("%s: %w", e.Path, errOutside)
	}
	return fmt.Errorf("%s: %w", e.Path, e.Err)
}
