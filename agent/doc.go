// Package agent is one avatar in a Second Life or OpenSimulator grid: what it
// knows of the world around it and what it can do there.
//
// An [Agent] is made with [New] and lives in [Agent.Run], which logs in, stays
// logged in (with growing pauses between attempts when the grid drops it) and
// logs out when its context ends. [Agent.Subscribe] tells what happens;
// [Agent.Self], [Agent.Region], [Agent.Avatars] and [Agent.Objects] return
// snapshots of what is there; the other methods act.
//
// # Waiting
//
// Every method that takes a context waits no longer than the context allows,
// and, when the context has no deadline, no longer than [Config.ServiceTimeout]
// for one answer of the grid. It returns an error wrapping [ErrTimeout] when
// the answer did not come, [ErrOffline] when the agent is not in a grid, and a
// typed error when the grid said no.
//
// # Goroutines
//
// All methods may be called from any goroutine and from event handlers, which
// run one event at a time, in order. A handler never holds up the agent: one
// that falls behind by more than [Config.EventQueue] events loses the oldest.
//
// # Muting
//
// The grid keeps a mute list for the agent; see [Agent.Mute]. What it silences
// (chat, typing, instant messages, offers) is told by no event.
//
// # Space
//
// Positions are metres in the space of a region (X east, Y north, Z up) unless
// a method says global; regions need not be 256 m wide.
package agent
