package agent

import (
	"errors"
	"fmt"
)

var (
	// ErrOffline says that the agent is not in a grid.
	ErrOffline = errors.New("agent is not logged in")
	// ErrOnline says that the agent already is in a grid, or on its way.
	ErrOnline = errors.New("agent is logged in already")
	// ErrTimeout says that the grid did not answer in time.
	ErrTimeout = errors.New("no answer from the grid in time")
	// ErrNotFound says that a name or id is not known to the grid.
	ErrNotFound = errors.New("not found")
	// ErrRegionNotFound says that no region of that name or place exists.
	ErrRegionNotFound = fmt.Errorf("region %w", ErrNotFound)
	// ErrObjectNotFound says that no such object is in view.
	ErrObjectNotFound = fmt.Errorf("object %w", ErrNotFound)
	// ErrNoOffer says that no such offer waits for an answer.
	ErrNoOffer = fmt.Errorf("offer %w", ErrNotFound)
	// ErrNotReached says that a walk or flight ran out of time or ended short
	// of its destination.
	ErrNotReached = errors.New("timeout reaching destination")
	// ErrSuperseded says that another movement was asked for meanwhile.
	ErrSuperseded = errors.New("another movement took over")
	// ErrCannotSit says that the simulator refused the seat.
	ErrCannotSit = errors.New("could not sit")
	// ErrThrottled says that the agent asked too often lately.
	ErrThrottled = errors.New("throttled")
	// ErrTooLong says that a text is longer than the grid carries.
	ErrTooLong = errors.New("text too long")
	// ErrNoCapability says that the region does not offer a capability.
	ErrNoCapability = errors.New("capability not offered by the region")
)

// TeleportError is what the grid said when it refused or broke off a teleport.
type TeleportError struct {
	Message string // as the grid worded it, "Could not teleport." for example
	Reason  string // the key of the reason where the grid sends one
}

func (e *TeleportError) Error() string {
	if e.Message == "" {
		return "teleport failed"
	}
	return "teleport failed: " + e.Message
}

// KickedError says that the grid threw the agent out.
type KickedError struct{ Reason string }

func (e *KickedError) Error() string { return "kicked: " + e.Reason }
