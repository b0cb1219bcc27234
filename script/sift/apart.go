package sift

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Some engines cannot be stopped from outside, nor told how much memory they
// may take: a loop within one of their own functions, or a path that matches
// more than there is room for, lasts until it is done. Their steps run apart, in
// a process that is this program started anew for one step, which is killed when
// the time is over and which the system ends when it takes too much.
//
// An expression can be stopped, and most are done in less time than a process
// takes to start. What one may take grows with its length and that of the data.

// runsApart tells whether a step has to run apart.
func runsApart(name, argument, data string) bool {
	switch name {
	case "js", "jsonpath", "xpath":
		return true
	case "match", "count":
		return len(argument)*len(data) > apartExpression
	}
	return false
}

// apartVariable is set in the environment of a process that is there for one
// step.
const apartVariable = "ROOKERY_SIFT_STEP"

// Whatever program holds this package, a test's included, can be started for a
// step without its main function knowing.
func init() {
	if os.Getenv(apartVariable) != "" {
		os.Exit(serveStep(os.Stdin, os.Stdout))
	}
}

var (
	// apartMemory is what such a process may take in bytes beside the memory of a
	// script: the document of a path and what it matches, and the stack.
	apartMemory uint64 = 256 << 20
	// apartStack bounds recursion, in bytes.
	apartStack = 128 << 20
)

const (
	// apartExpression is the product of the lengths of expression and data, in
	// bytes, up to which a search stays in this process: it takes up to a hundred
	// times that.
	apartExpression = 1 << 20
	// apartPatience is how long the pipes of a killed process are waited for.
	apartPatience = time.Second
	// apartLament bounds what is read of the last words of a process, in bytes.
	apartLament = 4096
)

// apartPlaces are as many processes as may run at a time.
var apartPlaces = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

// job is what a process is asked to do.
type job struct {
	Step, Argument, Data string
	Limits               Limits
}

// outcome is what came of it; Error is empty when it went well.
type outcome struct{ Text, Error string }

// runApart runs a step in a process of its own, until it is done or the context
// ends.
func runApart(ctx context.Context, j job) (string, error) {
	select {
	case apartPlaces <- struct{}{}:
		defer func() { <-apartPlaces }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if deadline, ok := ctx.Deadline(); ok {
		j.Limits.Time = min(j.Limits.Time, max(time.Until(deadline), time.Millisecond))
	}
	var question bytes.Buffer
	if err := gob.NewEncoder(&question).Encode(j); err != nil {
		return "", err
	}
	program, err := itself()
	if err != nil {
		return "", fmt.Errorf("start a process for the step: %w", err)
	}
	cmd := exec.CommandContext(ctx, program)
	// Nothing of the environment: scripts have no business with it.
	cmd.Env = []string{apartVariable + "=" + j.Step, "GOMAXPROCS=1", "GOTRACEBACK=none"}
	cmd.Dir = os.TempDir()
	cmd.Stdin = &question
	var answer bytes.Buffer
	lament := &firstBytes{most: apartLament}
	cmd.Stdout, cmd.Stderr = &answer, lament
	cmd.WaitDelay = apartPatience
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", apartError(err, lament.String())
	}
	var o outcome
	if err := gob.NewDecoder(&answer).Decode(&o); err != nil {
		return "", fmt.Errorf("the step's process gave no answer: %w", err)
	}
	if o.Error != "" {
		return "", errors.New(o.Error)
	}
	return o.Text, nil
}

// itself is where the program is that runs now. Where the system keeps it under
// a name of its own it is found even after an upgrade put another in its place.
func itself() (string, error) {
	if _, err := os.Stat("/proc/self/exe"); err == nil {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

var errMemory = errors.New("needs too much memory")

// apartError says why a process ended without an answer.
func apartError(err error, lament string) error {
	for _, sign := range []string{"out of memory", "cannot allocate", "stack exceeds", "stack overflow", "mmap"} {
		if strings.Contains(lament, sign) {
			return errMemory
		}
	}
	if _, exited := errors.AsType[*exec.ExitError](err); exited {
		return errors.New("ended before it was done, for want of memory or time")
	}
	return fmt.Errorf("start a process for the step: %w", err)
}

// serveStep is the whole life of a process for one step. It returns its exit
// code.
func serveStep(question io.Reader, answer io.Writer) int {
	var j job
	if err := gob.NewDecoder(question).Decode(&j); err != nil {
		fmt.Fprintln(os.Stderr, apartVariable, "is for the program itself, do not set it:", err)
		return 2
	}
	debug.SetMaxStack(apartStack)
	if err := confine(j.Limits); err != nil {
		fmt.Fprintln(os.Stderr, "limit the process:", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), j.Limits.Time)
	defer cancel()
	var o outcome
	text, err := guard(func() (string, error) {
		make, ok := makers[j.Step]
		if !ok {
			return "", fmt.Errorf("no step %q", j.Step)
		}
		run, err := make(j.Argument)
		if err != nil {
			return "", err
		}
		return run(ctx, j.Data, j.Limits)
	})
	if o.Text = text; err != nil {
		o = outcome{Error: err.Error()}
	}
	if err := gob.NewEncoder(answer).Encode(o); err != nil {
		return 2
	}
	return 0
}

// guard turns a panic of a library into an error.
func guard[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return f()
}

// firstBytes keeps the first bytes that are written to it.
type firstBytes struct {
	most int
	bytes.Buffer
}

func (w *firstBytes) Write(p []byte) (int, error) {
	if room := w.most - w.Len(); room > 0 {
		w.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
