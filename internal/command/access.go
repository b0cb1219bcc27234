package command

import (
	"context"

	"rookery/internal/rights"
)

// Access knows the configured groups. Its methods are called concurrently, and
// answer what the configuration says at that moment.
type Access interface {
	// Authenticate finds the group by name, in any case, or by UUID, and
	// checks its password. The refusals are script.ErrAccessDenied, for
	// unknown groups and wrong passwords alike, and
	// script.ErrTooManyAttempts. Remote is where the attempt came from.
	Authenticate(ctx context.Context, group, password, remote string) (rights.Caller, error)
	// Group finds a group without its password, for commands that act on it.
	Group(nameOrID string) (rights.Caller, bool)
}
