// Package caps speaks with a region over HTTP: it fetches capabilities by the
// seed, calls them with LLSD bodies, and carries the event queue, the long poll
// on which a region sends what is too large or too important for UDP.
//
// Both halves are here: Client, Poller and typed events for an agent; Queue and
// SeedHandler for a grid.
//
// The protocol is described at https://wiki.secondlife.com/wiki/Capabilities
// and https://wiki.secondlife.com/wiki/EventQueueGet.
package caps
