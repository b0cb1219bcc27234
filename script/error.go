package script

import (
	"errors"
	"fmt"
)

// Error is an error that scripts see: the number in the key status and the
// text in the key error. Both are Corrade's, spelling included, so that
// scripts can go on comparing them.
//
// Two numbers stood for two errors each. The one met more often keeps it, the
// other one got the next free number: [ErrCouldNotLeaveGroup] is 20900 and
// [ErrInvalidXMLPath] 20901, [ErrInvalidAmount] is 43982 and
// [ErrNoFolderSpecified] 43983. One text stood for two errors:
// [ErrNoTargetSpecified], 2188, had that of [ErrCouldNotGetParcelInfoData], and
// got its own. Errors that Corrade has no number for have numbers from 70000;
// its own end at 65535.
//
// The named errors are values to compare with errors.Is, which goes by the
// number. To say more for the log use [Error.Because] and [Error.Detailf].
type Error struct {
	Status int
	Text   string
}

func (e *Error) Error() string { return e.Text }

// Is compares the numbers.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Status == e.Status
}

// Because returns an error that is both e and cause. Scripts see e; logs show
// both.
func (e *Error) Because(cause error) error { return &causedError{e, cause} }

// Detailf is [Error.Because] with a formatted text as cause.
func (e *Error) Detailf(format string, args ...any) error {
	return &causedError{e, fmt.Errorf(format, args...)}
}

type causedError struct {
	err   *Error
	cause error
}

func (e *causedError) Error() string   { return e.err.Text + ": " + e.cause.Error() }
func (e *causedError) Unwrap() []error { return []error{e.err, e.cause} }

// AsError finds the error that scripts see in err. An error without one is
// [ErrGeneral]: its text stays in the logs.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return ErrGeneral
}

// ErrorByStatus finds a named error by its number.
func ErrorByStatus(status int) (*Error, bool) {
	e, ok := errorsByStatus[status]
	return e, ok
}

// Errors lists every named error, in the order of the table.
func Errors() []*Error { return append([]*Error(nil), errorTable...) }

var errorsByStatus = func() map[int]*Error {
	m := make(map[int]*Error, len(errorTable))
	for _, e := range errorTable {
		m[e.Status] = e
	}
	return m
}()

// Errors of this project's own.
var (
	ErrGeneral          = &Error{70000, "general error"}
	ErrAccessDenied     = &Error{70001, "access denied"}
	ErrTooManyWorkers   = &Error{70002, "group workers exceeded"}
	ErrInvalidParameter = &Error{70003, "invalid parameter"}
	ErrMissingParameter = &Error{70004, "missing parameter"}
	ErrTimeout          = &Error{70005, "command timed out"}
	ErrSiftFailed       = &Error{70006, "sift failed"}
	ErrUndecodable      = &Error{70007, "could not decode message"}
	ErrNotConnected     = &Error{70008, "agent not connected"}
	ErrTooManyAttempts  = &Error{70009, "too many failed attempts"}
	ErrLineTooLong      = &Error{70010, "line too long"}
	ErrNotUTF8          = &Error{70011, "text is not UTF-8"}
	ErrAmbiguousName    = &Error{70012, "ambiguous name"}
	ErrBusy             = &Error{70013, "too much to do"}
	ErrNotSupported     = &Error{70014, "not supported by this grid"}
	ErrSubscriptions    = &Error{70015, "too many subscriptions"}
	ErrUnavailable      = &Error{70016, "not available here"}
)

var ownErrors = []*Error{
	ErrGeneral, ErrAccessDenied, ErrTooManyWorkers, ErrInvalidParameter, ErrMissingParameter, ErrTimeout,
	ErrSiftFailed, ErrUndecodable, ErrNotConnected, ErrTooManyAttempts, ErrLineTooLong, ErrNotUTF8,
	ErrAmbiguousName, ErrBusy, ErrNotSupported, ErrSubscriptions, ErrUnavailable,
}
