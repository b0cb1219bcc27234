package simgrid

import (
	"encoding/binary"

	"rookery/grid/message"
)

var xferRoutes = []route{
	onRoot(handleRequestXfer),
	onRoot(handleConfirmXferPacket),
	onRoot(handleAbortXfer),
}

// xferChunk is how many bytes of a file one packet carries.
const xferChunk = 1000

// xferLimit is how many files an agent may have waiting, and how many under way.
const xferLimit = 16

// xferLast marks the last packet of a file, in the packet's number.
const xferLast = 1 << 31

// fileNotFound is the result of an aborted transfer whose file is not there.
const fileNotFound = -43

// xfer is a file on its way to an agent.
type xfer struct {
	rest []byte // not sent yet
	sent uint32 // the number of the packet sent last
}

// offerFile lets the agent fetch a file by Xfer, once. The oldest files are not
// kept for ever: when there are too many, all that wait are forgotten.
func (p *presence) offerFile(name string, content []byte) {
	if p.files == nil || len(p.files) >= xferLimit {
		p.files = make(map[string][]byte)
	}
	p.files[name] = content
}

func handleRequestXfer(_ *Region, p *presence, m *message.RequestXfer) {
	id, name := m.XferID.ID, message.String(m.XferID.Filename)
	content, ok := p.files[name]
	if !ok || len(p.xfers) >= xferLimit {
		p.sendReliable(&message.AbortXfer{XferID: message.AbortXferXferID{ID: id, Result: fileNotFound}})
		return
	}
	delete(p.files, name)
	// The first packet begins with the length of the file.
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(content)))
	x := &xfer{rest: content}
	if p.xfers == nil {
		p.xfers = make(map[uint64]*xfer)
	}
	p.xfers[id] = x
	p.sendXfer(id, x, head)
}

// sendXfer sends the next packet of a file.
func (p *presence) sendXfer(id uint64, x *xfer, data []byte) {
	n := min(xferChunk, len(x.rest))
	data, x.rest = append(data, x.rest[:n]...), x.rest[n:]
	number := x.sent
	if len(x.rest) == 0 {
		number |= xferLast
		delete(p.xfers, id)
	}
	p.sendReliable(&message.SendXferPacket{
		XferID:     message.SendXferPacketXferID{ID: id, Packet: number},
		DataPacket: message.SendXferPacketDataPacket{Data: data},
	})
}

func handleConfirmXferPacket(_ *Region, p *presence, m *message.ConfirmXferPacket) {
	x := p.xfers[m.XferID.ID]
	if x == nil || m.XferID.Packet&^xferLast != x.sent {
		return
	}
	x.sent++
	p.sendXfer(m.XferID.ID, x, nil)
}

func handleAbortXfer(_ *Region, p *presence, m *message.AbortXfer) { delete(p.xfers, m.XferID.ID) }
