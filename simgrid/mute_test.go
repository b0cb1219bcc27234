package simgrid_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
	"rookery/simgrid"
)

// fetch fetches a file by Xfer, packet by packet.
func (c *client) fetch(name string) []byte {
	c.t.Helper()
	c.send(&message.RequestXfer{XferID: message.RequestXferXferID{ID: 7, Filename: message.Bytes(name), FilePath: 4}})
	var file []byte
	for n := uint32(0); ; n++ {
		m := await(c, func(m *message.SendXferPacket) bool { return m.XferID.ID == 7 })
		if m.XferID.Packet&^(1<<31) != n {
			c.t.Fatalf("packet %x, want %d", m.XferID.Packet, n)
		}
		file = append(file, m.DataPacket.Data...)
		if m.XferID.Packet>>31 == 1 {
			break
		}
		c.send(&message.ConfirmXferPacket{XferID: message.ConfirmXferPacketXferID{ID: 7, Packet: n}})
	}
	if size := binary.LittleEndian.Uint32(file); int(size) != len(file)-4 {
		c.t.Errorf("%d bytes came of %d", len(file)-4, size)
	}
	return file[4:]
}

func TestTheMuteListIsKeptAndFetchedByXfer(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, simgrid.Config{OpenSim: opensim})
			c := connect(t, g, "Ann")
			seen := g.Watch()
			t.Cleanup(seen.Close)
			var want []grid.Mute
			for i := range 40 { // more than one packet has room for
				m := grid.Mute{Type: grid.MuteObject, ID: uuid.New(), Name: fmt.Sprintf("Noisy Box %d", i), Flags: grid.MuteExceptParticles}
				want = append(want, m)
				c.send(&message.UpdateMuteListEntry{MuteData: message.UpdateMuteListEntryMuteData{
					MuteID: m.ID, MuteName: message.Bytes(m.Name), MuteType: int32(m.Type), MuteFlags: uint32(m.Flags),
				}})
			}
			c.send(&message.RemoveMuteListEntry{MuteData: message.RemoveMuteListEntryMuteData{
				MuteID: want[3].ID, MuteName: message.Bytes(want[3].Name),
			}})
			c.send(&message.RemoveMuteListEntry{MuteData: message.RemoveMuteListEntryMuteData{ // the name is another
				MuteID: want[4].ID, MuteName: message.Bytes("other"),
			}})
			gone := want[3]
			want = slices.Delete(want, 3, 4)
			want[0].Flags = grid.MuteExceptAll
			c.send(&message.UpdateMuteListEntry{MuteData: message.UpdateMuteListEntryMuteData{
				MuteID: want[0].ID, MuteName: message.Bytes(want[0].Name), MuteType: 2, MuteFlags: 15,
			}})
			saw(t, c, seen, func(e simgrid.MuteChanged) bool { return !e.Muted && e.Mute == gone })
			saw(t, c, seen, func(e simgrid.MuteChanged) bool { return e.Muted && e.Mute == want[0] && e.Agent == c.id() })
			if got := g.Mutes(c.id()); !slices.Equal(got, want) {
				t.Errorf("the grid keeps %v, want %v", got, want)
			}

			c = connect(t, g, "Ann") // another login
			c.send(&message.MuteListRequest{})
			update := await[*message.MuteListUpdate](c, nil)
			file := c.fetch(message.String(update.MuteData.Filename))
			if got, err := grid.ParseMutes(file); err != nil || !slices.Equal(got, want) {
				t.Errorf("the file has %v, %v; want %v", got, err, want)
			}
			// A file is there once; a client that has it needs no other.
			c.send(&message.RequestXfer{XferID: message.RequestXferXferID{ID: 8, Filename: update.MuteData.Filename}})
			await(c, func(m *message.AbortXfer) bool { return m.XferID.ID == 8 && m.XferID.Result < 0 })
			c.send(&message.MuteListRequest{MuteData: message.MuteListRequestMuteData{MuteCRC: crc32.ChecksumIEEE(file)}})
			await[*message.UseCachedMuteList](c, nil)
		})
	}
}

func saw[E simgrid.Event](t *testing.T, c *client, seen *simgrid.Watcher, match func(E) bool) E {
	t.Helper()
	e, err := simgrid.Await(c.ctx, seen, match)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestScenesSetMuteLists(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	a, err := g.AddAccount("Ann", "Tester", "secret")
	if err != nil {
		t.Fatal(err)
	}
	want := []grid.Mute{{Name: "Box"}}
	if err := g.SetMutes(a.ID(), want); err != nil || !slices.Equal(g.Mutes(a.ID()), want) {
		t.Errorf("%v, %v", g.Mutes(a.ID()), err)
	}
	if err := g.SetMutes(uuid.New(), want); err == nil {
		t.Error("a list was set for nobody")
	}
	if err := g.SetMutes(a.ID(), make([]grid.Mute, 1001)); err == nil {
		t.Error("a list without end was set")
	}
}
