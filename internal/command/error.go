package command

import (
	"context"
	"errors"
	"fmt"

	"rookery/agent"
	"rookery/script"
)

// Explain returns e with words on what was wrong and what is allowed added to
// its text, for values that a user typed. The number stays.
func Explain(e *script.Error, format string, args ...any) error {
	return &script.Error{Status: e.Status, Text: e.Text + ": " + fmt.Sprintf(format, args...)}
}

// OnTimeout returns e when err says that the grid did not answer in time, and
// err itself otherwise. Commands name their own timeouts with it.
func OnTimeout(err error, e *script.Error) error {
	if IsTimeout(err) {
		return e.Because(err)
	}
	return err
}

// IsTimeout tells whether err says that the grid did not answer in time.
func IsTimeout(err error) bool {
	return errors.Is(err, agent.ErrTimeout) || errors.Is(err, context.DeadlineExceeded)
}

// seen returns the error that a script sees for what Run returned, and whether
// it was expected. What was not becomes a general error: its text may hold
// what scripts of other groups should not read, so it goes to the log.
func seen(err error) (e *script.Error, expected bool) {
	if e, ok := errors.AsType[*script.Error](err); ok {
		return e, true
	}
	switch {
	case errors.Is(err, agent.ErrOffline):
		return script.ErrNotConnected, true
	case IsTimeout(err):
		return script.ErrTimeout, true
	case errors.Is(err, agent.ErrNoCapability):
		return script.ErrNotSupported, true
	}
	// The agent is being stopped; nothing is wrong with the command.
	return script.ErrGeneral, errors.Is(err, context.Canceled)
}
