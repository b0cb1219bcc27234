package daemon

import (
	"net"
	"net/http"
	"time"

	"rookery/grid/circuit"
	"rookery/internal/config"
)

// network is how an agent reaches its grid.
type network struct {
	// Both are nil for whatever leads there.
	listenPacket func() (net.PacketConn, error)
	http         *http.Client
}

// networkOf is the network of an agent that uses an address of this machine;
// empty: whichever leads to the grid.
func networkOf(address string) network {
	if address == "" {
		return network{}
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	dialer := &net.Dialer{Timeout: 30 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport.DialContext = dialer.DialContext
	return network{
		listenPacket: func() (net.PacketConn, error) { return net.ListenPacket("udp4", net.JoinHostPort(address, "0")) },
		http:         &http.Client{Transport: transport},
	}
}

func (n network) close() {
	if n.http != nil {
		n.http.CloseIdleConnections()
	}
}

// throttle is what the agents ask of regions.
func throttle(t config.Throttle) circuit.Throttle {
	return circuit.Throttle{
		Resend: float32(t.Resend), Land: float32(t.Land), Wind: float32(t.Wind), Cloud: float32(t.Cloud),
		Task: float32(t.Task), Texture: float32(t.Texture), Asset: float32(t.Asset),
	}
}
