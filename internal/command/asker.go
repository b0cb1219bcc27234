package command

import "net"

// asker is whose wrong passwords are counted: who asks from where. The address of
// a datagram can be forged, so those of the UDP door keep nobody from another
// door.
func asker(door, remote string) string {
	if door != "udp" {
		return remote
	}
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	return "udp " + remote
}
