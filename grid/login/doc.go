// Package login speaks the login protocol of Second Life and OpenSimulator,
// both halves of it, as XML-RPC and as LLSD.
//
// A Client logs an avatar in: it tries start locations in turn, follows
// redirections, waits and retries where a grid's refusal is a passing one, and
// returns a *Response or a *Failure that tells why not. A Handler is the grid's
// half: it decodes requests and encodes answers or failures.
//
// The protocol is described at https://wiki.secondlife.com/wiki/Current_login_protocols.
package login
