// Package process runs programs of the machine for scripts: without a shell,
// for a limited time, with limited output, and without the environment of this
// program, which may hold secrets.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Errors that callers decide on.
var (
	ErrStart    = errors.New("the program cannot be started")
	ErrTooMuch  = errors.New("the program writes too much")
	ErrTimedOut = errors.New("the program takes too long")
)

// Limits bound a program.
type Limits struct {
	// Directory is where programs run; empty: where this one does.
	Directory string
	// MaxOutput bounds what a program may write, in bytes, output and errors
	// apart.
	MaxOutput int
}

// Result is what a program wrote, as UTF-8, and how it ended.
type Result struct {
	Output, Errors string
	// Code is its exit code, -1 when it was killed.
	Code int
}

// inherited are the variables that programs see.
var inherited = []string{"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot", "TEMP"}

// drain is how long the output of a program is waited for that has ended, or
// was killed, while others hold it open.
const drain = time.Second

// Run runs a program, found in PATH unless it is a path, until it ends or ctx
// does. It and the programs that it started are killed then, and when it writes
// too much. What was written so far is returned with the error.
func Run(ctx context.Context, l Limits, program string, args ...string) (Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = l.Directory
	cmd.Env = []string{}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	full := func() { cancel(fmt.Errorf("%w: at most %d bytes are taken", ErrTooMuch, l.MaxOutput)) }
	output, errs := &buffer{most: l.MaxOutput, full: full}, &buffer{most: l.MaxOutput, full: full}
	cmd.Stdout, cmd.Stderr = output, errs
	cmd.WaitDelay = drain
	kill := group(cmd)
	cmd.Cancel = kill

	if err := cmd.Start(); err != nil {
		return Result{}, fmt.Errorf("%w: %w", ErrStart, err)
	}
	err := cmd.Wait()
	// What it left behind would live on.
	_ = kill()
	r := Result{Output: output.String(), Errors: errs.String(), Code: cmd.ProcessState.ExitCode()}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrTooMuch):
		return r, cause
	case cause != nil && r.Code == -1:
		return r, fmt.Errorf("%w: %w", ErrTimedOut, cause)
	}
	// How it ended is in the code.
	if _, exited := errors.AsType[*exec.ExitError](err); exited || errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return r, err
}

// buffer keeps the first bytes that are written to it.
type buffer struct {
	most int
	full func()

	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if room := b.most - b.data.Len(); len(p) > room {
		b.data.Write(p[:room])
		b.full()
		return len(p), nil
	}
	return b.data.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.ToValidUTF8(b.data.String(), "\uFFFD")
}
