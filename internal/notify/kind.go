package notify

import (
	"context"
	"reflect"

	"rookery/script"
)

// Kind is one notification.
type Kind struct {
	// Name is what scripts subscribe to.
	Name string
	// Summary says in one sentence when it is told.
	Summary string
	// Keys are what it may carry besides its name, in their order.
	Keys []Key
	// makers make its pairs, by the type of the event they are made of.
	makers []maker
}

// Key is a key of a notification and what its value is.
type Key struct{ Name, About string }

// maker makes the pairs of one notification of one type of event.
type maker struct {
	event reflect.Type
	make  func(context.Context, *Notifier, any) script.Pairs
	// asks tells that making the pairs may have to ask the grid, which must
	// not hold up the events behind.
	asks bool
}

// on makes pairs of every event of type E. No pairs, no notification.
func on[E any](pairs func(*Notifier, E) script.Pairs) maker {
	return maker{
		event: reflect.TypeFor[E](),
		make:  func(_ context.Context, n *Notifier, e any) script.Pairs { return pairs(n, e.(E)) },
	}
}

// asking is on for pairs that need answers of the grid.
func asking[E any](pairs func(context.Context, *Notifier, E) script.Pairs) maker {
	return maker{
		event: reflect.TypeFor[E](),
		make:  func(ctx context.Context, n *Notifier, e any) script.Pairs { return pairs(ctx, n, e.(E)) },
		asks:  true,
	}
}

// kinds are the files beside this one, by name.
var kinds = []Kind{
	alert, avatars, coarse, crossing, feedNews, friendship, heartbeat, inventory, invite, local, login, lure, message, mqtt, objectIM,
	ownerSay, primitives, regionSayTo, sit, teleport, terse, typing,
}

// Kinds lists the notifications that this version tells, by name. Scripts may
// subscribe to more, see rights.AllNotifications.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }
