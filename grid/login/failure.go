package login

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What a Failure is, for errors.Is.
var (
	ErrKey         = errors.New("wrong name or password")
	ErrPresence    = errors.New("already logged in")
	ErrDisabled    = errors.New("logins are closed")
	ErrTOS         = errors.New("the terms of service must be agreed to")
	ErrCritical    = errors.New("a message of the grid must be read")
	ErrUpdate      = errors.New("the grid wants a newer client")
	ErrOptional    = errors.New("the grid offers a newer client")
	ErrMFA         = errors.New("the grid wants the second factor")
	ErrSuspended   = errors.New("the account is suspended or banned")
	ErrUnverified  = errors.New("the account is not verified yet")
	ErrRegion      = errors.New("the start location cannot be reached")
	ErrUnavailable = errors.New("the grid has a problem of its own")
	ErrRedirect    = errors.New("the grid redirects without end or to nowhere")
	// ErrRefused is every refusal whose reason is none of the above.
	ErrRefused = errors.New("login refused")
)

// A Failure is a grid's refusal. Test it with errors.Is against the errors above.
type Failure struct {
	// Reason is the word the grid gave: key, presence, tos, critical, update,
	// optional, mfa_challenge, disabled, …
	Reason string
	// Message is the grid's text for people.
	Message string
	// MessageID and Args identify the message for translation, on Second Life.
	MessageID string
	Args      map[string]string
	// URL is an address to visit, where the grid gave one (terms, updates).
	URL string
	// RetryAfter is how long the grid asks to wait; 0 when it did not say.
	RetryAfter time.Duration

	kind error
}

// Fail makes a Failure for a Handler to answer with. Kind is one of the errors
// of this package; its usual reason is sent.
func Fail(kind error, message string) *Failure {
	f := &Failure{Reason: "key", Message: message, kind: kind}
	for _, r := range reasons {
		if r.kind == kind && r.message == "" {
			f.Reason = r.word
			break
		}
	}
	return f
}

func (f *Failure) Error() string {
	if f.Message == "" {
		return fmt.Sprintf("login refused (%s): %v", f.Reason, f.Kind())
	}
	return fmt.Sprintf("login refused (%s): %s", f.Reason, f.Message)
}

// Is reports whether target is the Failure's kind.
func (f *Failure) Is(target error) bool { return target == f.Kind() }

// Kind is the error of this package that the reason stands for, never nil.
func (f *Failure) Kind() error {
	if f.kind == nil {
		f.kind = classify(f.Reason, f.Message)
	}
	return f.kind
}

// Temporary reports whether the same request may succeed later.
func (f *Failure) Temporary() bool {
	switch f.Kind() {
	case ErrPresence, ErrDisabled, ErrUnavailable:
		return true
	}
	return false
}

// reasons maps the grids' words to kinds. Where a grid uses one word for many
// things, a part of the message decides; the rows are tried in order.
var reasons = []struct {
	word    string
	message string // in lower case; "" is any
	kind    error
}{
	// OpenSimulator has key and presence for nearly everything.
	{"key", "connecting to the desired location", ErrRegion},
	{"key", "region you are attempting", ErrRegion},
	{"key", "region is full", ErrRegion},
	{"key", "not allowed to enter", ErrRegion},
	{"key", "access to this region", ErrRegion},
	{"key", "access denied", ErrRegion},
	{"key", "destination", ErrRegion},
	{"key", "inventory service is not responding", ErrUnavailable},
	{"presence", "restricted", ErrDisabled},
	{"presence", "not yet been verified", ErrUnverified},
	{"presence", "disabled", ErrDisabled},
	{"presence", "suspended", ErrSuspended},
	{"key", "suspended", ErrSuspended},
	{"internal error", "", ErrUnavailable},
	// Words of Second Life.
	{"key", "", ErrKey},
	{"presence", "", ErrPresence},
	{"tos", "", ErrTOS},
	{"critical", "", ErrCritical},
	{"update", "", ErrUpdate},
	{"optional", "", ErrOptional},
	{"mfa_challenge", "", ErrMFA},
	{"mfa_required", "", ErrMFA},
	{"disabled", "", ErrDisabled},
	{"maintenance", "", ErrDisabled},
	{"suspended", "", ErrSuspended},
	{"banned", "", ErrSuspended},
	{"ban", "", ErrSuspended},
	{"unverified", "", ErrUnverified},
	{"region", "", ErrRegion},
	{"no_region", "", ErrRegion},
	{"internal", "", ErrUnavailable},
	{"unavailable", "", ErrUnavailable},
	{"connect", "", ErrUnavailable},
	{"timeout", "", ErrUnavailable},
	{"indeterminate", "", ErrRedirect},
}

func classify(reason, message string) error {
	word, text := strings.ToLower(strings.TrimSpace(reason)), strings.ToLower(message)
	for _, r := range reasons {
		if r.word == word && strings.Contains(text, r.message) {
			return r.kind
		}
	}
	return ErrRefused
}
