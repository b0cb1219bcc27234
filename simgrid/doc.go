// Package simgrid is a grid in a box: a small, complete Second Life compatible
// grid on loopback sockets, for tests and demonstrations of grid clients, as
// net/http/httptest is for HTTP.
//
//	g, err := simgrid.Start(simgrid.Config{})
//	defer g.Close()
//	g.AddAccount("Test", "Bot", "secret")
//	// log a client into g.LoginURI()
//
// It serves login (XML-RPC and LLSD), capabilities, the event queue and the
// UDP circuits of its regions. Any grid client may connect; what the grid does
// not serve is ignored and counted (see [Grid.Unserved]).
//
// # Scenes
//
// A test sets its scene with Go calls: accounts, prims ([Region.AddPrim]),
// inhabitants run by the grid itself ([Grid.AddInhabitant]), and faults
// ([Grid.Kick], [Grid.Silence], [Grid.RefuseLogins], [Region.Shutdown], …).
// It observes with [Grid.Avatar], [Grid.AwaitAvatar] and [Grid.Watch].
// Everything is deterministic but time: inhabitants do only what their
// configuration says, in its order.
//
// # How it is built
//
// A [Region] is one lock: every message of its circuits, every tick of its
// clock and every call of a scene changes it under that lock. The [Grid] has
// one more lock for what regions share (accounts, sessions, stored messages).
// A region's lock may be held when the grid's is taken, never the other way,
// and no goroutine ever holds two regions' locks: what concerns a neighbour is
// done after the own lock is given back. Nothing sends under a lock that could
// block: circuits and event queues are bounded and never wait for their client.
//
// One topic is one file, named as in the packages grid and agent: chat.go,
// im.go, movement.go, teleport.go, object.go, region.go, map.go, … Each file
// brings its handlers in a table (see circuit.go) and its capabilities in
// another (see caps.go); a new topic is a new file and its lines in these.
package simgrid
