// Package tcp is the main door: notifications and commands as lines of
// key-value text over TCP or TLS.
//
// The first line of a connection decides what it is. With a command in it the
// connection is a command connection; otherwise the line asks for the
// notifications of a group, is answered with success=True or success=False,
// and what was granted follows, one line each, as it happens. Further lines
// are commands on both kinds, and their answers come back in between, each a
// line of its own. A line that begins with { is JSON and answered as JSON; who
// asks for notifications in it hears them in it.
package tcp
