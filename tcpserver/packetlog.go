package tcpserver

// recordHandshake is the type of a TLS record that carries handshake messages,
// RFC 8446 §5.1; a client's first byte is this one.
const recordHandshake = 22

// packetLog tells each TLS record by an SSLStatus event.
type packetLog struct{ c *Conn }

func newPacketLog(*Conn) *packetLog { return nil }

func (l *packetLog) received([]byte) {}
func (l *packetLog) sent([]byte)     {}
