package agent

import (
	"net/netip"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// handle takes in one message of a region. Circuits call it one message at a
// time, but several circuits at once.
func (r *region) handle(c *circuit.Circuit, m message.Message) {
	s, a := r.s, r.s.a
	a.mu.Lock()
	if s.ended || r.gone {
		a.mu.Unlock()
		return
	}
	s.take(r, m)
	s.notify(r, m)
	out := s.flush()
	a.mu.Unlock()
	s.post(out)
}

// take changes the session as m says. Called with a.mu held.
func (s *session) take(r *region, m message.Message) {
	switch m := m.(type) {
	case *message.RegionHandshake:
		s.handshake(r, m)
	case *message.AgentMovementComplete:
		s.movementComplete(r, m)
	case *message.SimStats:
		r.simStats(m)
	case *message.CoarseLocationUpdate:
		s.coarseLocations(r, m)

	case *message.ObjectUpdate:
		s.objectUpdate(r, m)
	case *message.ObjectUpdateCompressed:
		s.objectCompressed(r, m)
	case *message.ObjectUpdateCached:
		s.objectCached(r, m)
	case *message.ImprovedTerseObjectUpdate:
		s.objectTerse(r, m)
	case *message.KillObject:
		s.killed(r, m)
	case *message.ObjectProperties:
		s.objectProperties(r, m)
	case *message.ObjectPropertiesFamily:
		s.objectPropertiesFamily(r, m)
	case *message.AvatarAnimation:
		s.avatarAnimated(r, m)

	case *message.ChatFromSimulator:
		s.chat(r, m)
	case *message.ImprovedInstantMessage:
		s.instantMessage(m)
	case *message.AlertMessage:
		s.alert(m)
	case *message.AgentAlertMessage:
		s.agentAlert(m)

	case *message.AgentDataUpdate:
		s.agentData(m)
	case *message.AgentGroupDataUpdate:
		s.groupData(m)
	case *message.AgentDropGroup:
		s.dropGroup(m.AgentData.AgentID, m.AgentData.GroupID)
	case *message.MoneyBalanceReply:
		s.balance(m)
	case *message.HealthMessage:
		s.self.health = m.HealthData.Health
	case *message.UUIDNameReply:
		for _, b := range m.UUIDNameBlock {
			s.a.names.put(b.ID, Name{message.String(b.FirstName), message.String(b.LastName)})
		}

	case *message.TeleportStart:
		s.teleportStart(grid.TeleportFlags(m.InfoBlock.TeleportFlags))
	case *message.TeleportProgress:
		s.teleportProgress(grid.TeleportFlags(m.InfoBlock.TeleportFlags), message.String(m.InfoBlock.Message))
	case *message.TeleportFailed:
		key := ""
		if len(m.AlertInfo) > 0 {
			key = message.String(m.AlertInfo[0].Message)
		}
		s.teleportFailed(message.String(m.InfoBlock.Reason), key)
	case *message.TeleportLocal:
		s.teleportLocal(r, m)
	case *message.TeleportFinish:
		s.teleportFinish(arrival{
			handle: grid.RegionHandle(m.InfoBlock.RegionHandle), addr: addrPort(m.InfoBlock.SimIP, m.InfoBlock.SimPort),
			seed: message.String(m.InfoBlock.SeedCapability), flags: grid.TeleportFlags(m.InfoBlock.TeleportFlags),
		})
	case *message.CrossedRegion:
		s.crossed(r, arrival{
			handle: grid.RegionHandle(m.RegionData.RegionHandle), addr: addrPort(m.RegionData.SimIP, m.RegionData.SimPort),
			seed: message.String(m.RegionData.SeedCapability),
		})
	case *message.EnableSimulator:
		s.neighbour(arrival{
			handle: grid.RegionHandle(m.SimulatorInfo.Handle), addr: addrPort(m.SimulatorInfo.IP, m.SimulatorInfo.Port),
		})
	case *message.DisableSimulator:
		s.disabled(r)
	case *message.KickUser:
		s.endLocked(&KickedError{Reason: message.String(m.UserInfo.Reason)})
	}
}

func addrPort(ip [4]byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4(ip), port)
}

// disabled closes the circuit to a region that no longer wants one. When it is
// the agent's own, the agent is out, unless it is on its way to another.
func (s *session) disabled(r *region) {
	if r != s.root {
		s.drop(r)
		return
	}
	if s.moves == 0 {
		s.endLocked(&KickedError{Reason: "the region " + r.label() + " closed"})
	}
}

// simStats takes in the health of a region. The numbers are the protocol's.
func (r *region) simStats(m *message.SimStats) {
	t := &r.info.Stats
	t.ObjectCapacity = m.Region.ObjectCapacity
	for _, e := range m.Stat {
		v := e.StatValue
		switch e.StatID {
		case 0:
			t.Dilation = v
		case 1:
			t.FPS = v
		case 2:
			t.PhysicsFPS = v
		case 3:
			t.AgentUpdates = v
		case 4:
			t.FrameTime = v
		case 5:
			t.NetTime = v
		case 6:
			t.OtherTime = v
		case 7:
			t.PhysicsTime = v
		case 8:
			t.AgentTime = v
		case 9:
			t.ImageTime = v
		case 10:
			t.ScriptTime = v
		case 11:
			t.Objects = int(v)
		case 12:
			t.ScriptedObjects = int(v)
		case 13:
			t.Agents = int(v)
		case 14:
			t.ChildAgents = int(v)
		case 15:
			t.ActiveScripts = int(v)
		case 16:
			t.LSLIPS = int(v)
		case 17:
			t.INPPS = int(v)
		case 18:
			t.OUTPPS = int(v)
		case 19:
			t.PendingDownloads = int(v)
		case 20:
			t.PendingUploads = int(v)
		case 21:
			t.VirtualSize = int(v)
		case 22:
			t.ResidentSize = int(v)
		case 23:
			t.PendingLocalUploads = int(v)
		case 24:
			t.UnackedBytes = int(v)
		}
	}
}
