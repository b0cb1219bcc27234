package agent

import (
	"context"
	"fmt"
	"math/rand/v2"

	"rookery/grid/message"
)

// maxFile is the longest file that is fetched by Xfer, in bytes.
const maxFile = 1 << 20

const (
	xferLast    = 1 << 31 // marks the last packet in its number
	xferFromTmp = 4       // where simulators keep files that they made for an agent
	xferTooLong = -1      // the result of a transfer that is given up
)

// fetchFile fetches a file that a region has made for the agent: it is sent in
// packets, each after the one before was confirmed, and its length in four
// bytes before it.
func (s *session) fetchFile(ctx context.Context, r *region, name string) ([]byte, error) {
	id := rand.Uint64()
	var (
		file   []byte
		next   uint32
		failed error
	)
	receive := func(from *region, m message.Message) progress {
		switch m := m.(type) {
		case *message.AbortXfer:
			if from == r && m.XferID.ID == id {
				failed = fmt.Errorf("the region gave up (result %d)", m.XferID.Result)
				return complete
			}
		case *message.SendXferPacket:
			number := m.XferID.Packet &^ xferLast
			if from != r || m.XferID.ID != id || number > next {
				return waiting
			}
			s.reply(r, &message.ConfirmXferPacket{XferID: message.ConfirmXferPacketXferID{ID: id, Packet: number}})
			if number < next { // again, since the confirmation was late
				return waiting
			}
			next++
			data := m.DataPacket.Data
			if number == 0 {
				data = data[min(4, len(data)):]
			}
			file = append(file, data...)
			if len(file) > maxFile {
				failed = fmt.Errorf("more than %d bytes", maxFile)
				s.reply(r, &message.AbortXfer{XferID: message.AbortXferXferID{ID: id, Result: xferTooLong}})
				return complete
			}
			if m.XferID.Packet&xferLast != 0 {
				return complete
			}
		}
		return waiting
	}
	s.a.mu.Lock()
	w := s.expect(receive)
	s.a.mu.Unlock()
	request := &message.RequestXfer{XferID: message.RequestXferXferID{
		ID: id, Filename: message.Bytes(name), FilePath: xferFromTmp, DeleteOnCompletion: true, VFileType: -1,
	}}
	err := r.circuit.SendReliable(request)
	if err != nil {
		s.forget(w)
		err = sendError(request, err)
	} else if err = s.await(ctx, w, s.a.timeouts.Load().service, 0); err == nil {
		err = failed
	}
	if err != nil {
		return nil, fmt.Errorf("fetch file %q: %w", name, err)
	}
	return file, nil
}
