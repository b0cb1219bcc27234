package circuit

import (
	"fmt"
	"net"
	"net/netip"
)

// packetConn is what an endpoint needs of its socket. *net.UDPConn is one; its
// methods with netip addresses do not allocate.
type packetConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	Close() error
}

func direct(pc net.PacketConn) packetConn {
	if c, ok := pc.(packetConn); ok {
		return c
	}
	return adapter{pc}
}

// adapter makes any PacketConn of UDP addresses a packetConn.
type adapter struct{ net.PacketConn }

func (a adapter) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	n, from, err := a.ReadFrom(b)
	if err != nil {
		return n, netip.AddrPort{}, err
	}
	udp, ok := from.(*net.UDPAddr)
	if !ok {
		return n, netip.AddrPort{}, fmt.Errorf("packet from %v: want a UDP address, have %T", from, from)
	}
	return n, udp.AddrPort(), nil
}

func (a adapter) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	return a.WriteTo(b, net.UDPAddrFromAddrPort(to))
}
