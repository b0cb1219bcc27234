package circuit

import (
	"net"
	"net/netip"
)

// Endpoint is one UDP socket with its circuits. Its methods may be called from
// any goroutine.
type Endpoint struct{}

// Listen opens a UDP socket on addr, "127.0.0.1:0" for example.
func Listen(addr string, o Options) (*Endpoint, error) { panic("TODO") }

// NewEndpoint serves pc, which it owns from now on.
func NewEndpoint(pc net.PacketConn, o Options) *Endpoint { panic("TODO") }

// Dial opens a circuit to remote. Nothing is sent yet: the grid's handshake
// starts with the first message, UseCircuitCode.
func (e *Endpoint) Dial(remote netip.AddrPort, h Handler) (*Circuit, error) { panic("TODO") }

// LocalAddr is the address of the socket.
func (e *Endpoint) LocalAddr() netip.AddrPort { panic("TODO") }

// Circuits returns the open circuits in no particular order.
func (e *Endpoint) Circuits() []*Circuit { panic("TODO") }

// Close closes every circuit and the socket.
func (e *Endpoint) Close() error { panic("TODO") }
