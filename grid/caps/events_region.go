package caps

import (
	"fmt"
	"net/netip"

	"rookery/grid"
	"rookery/grid/llsd"
)

// Events about simulators. Addresses travel as binary of four bytes, region
// handles as binary of eight bytes in network order.

// EnableSimulator announces simulators that have a circuit ready for the agent.
type EnableSimulator struct{ Simulators []SimulatorInfo }

// SimulatorInfo is where a region's simulator listens.
type SimulatorInfo struct {
	Handle grid.RegionHandle
	Addr   netip.AddrPort
	// RegionSizeX and RegionSizeY are in metres, 256 where the grid does not say.
	RegionSizeX, RegionSizeY uint32
}

type simulatorInfoWire struct {
	Handle      uint64     `llsd:"Handle"`
	IP          netip.Addr `llsd:"IP"`
	Port        uint16     `llsd:"Port"`
	RegionSizeX uint32     `llsd:"RegionSizeX,binary"`
	RegionSizeY uint32     `llsd:"RegionSizeY,binary"`
}

// EventName implements Body.
func (*EnableSimulator) EventName() string { return "EnableSimulator" }

func (e *EnableSimulator) encode() map[string]any {
	wire := struct {
		SimulatorInfo []simulatorInfoWire
	}{SimulatorInfo: []simulatorInfoWire{}}
	for _, s := range e.Simulators {
		wire.SimulatorInfo = append(wire.SimulatorInfo, simulatorInfoWire{
			uint64(s.Handle), s.Addr.Addr(), s.Addr.Port(), size(s.RegionSizeX), size(s.RegionSizeY),
		})
	}
	return encodeWire(wire)
}

func (e *EnableSimulator) decode(m map[string]any) error {
	var wire struct{ SimulatorInfo []simulatorInfoWire }
	if err := llsd.Unmarshal(m, &wire); err != nil {
		return err
	}
	for _, s := range wire.SimulatorInfo {
		addr, err := endpoint(s.IP, s.Port)
		if err != nil {
			return err
		}
		e.Simulators = append(e.Simulators, SimulatorInfo{
			grid.RegionHandle(s.Handle), addr, size(s.RegionSizeX), size(s.RegionSizeY),
		})
	}
	return nil
}

// size fills in what Second Life, whose regions are all alike, does not send.
func size(n uint32) uint32 {
	if n == 0 {
		return grid.RegionSize
	}
	return n
}

func endpoint(ip netip.Addr, port uint16) (netip.AddrPort, error) {
	if !ip.IsValid() || port == 0 {
		return netip.AddrPort{}, fmt.Errorf("the simulator's address is %s port %d", ip, port)
	}
	return netip.AddrPortFrom(ip.Unmap(), port), nil
}

// EstablishAgentCommunication hands out a neighbour's seed capability.
type EstablishAgentCommunication struct {
	AgentID        grid.UUID
	Addr           netip.AddrPort
	SeedCapability string
}

type establishWire struct {
	AgentID        grid.UUID `llsd:"agent-id"`
	Addr           string    `llsd:"sim-ip-and-port"`
	SeedCapability string    `llsd:"seed-capability"`
}

// EventName implements Body.
func (*EstablishAgentCommunication) EventName() string { return "EstablishAgentCommunication" }

func (e *EstablishAgentCommunication) encode() map[string]any {
	return encodeWire(establishWire{e.AgentID, e.Addr.String(), e.SeedCapability})
}

func (e *EstablishAgentCommunication) decode(m map[string]any) error {
	var wire establishWire
	if err := llsd.Unmarshal(m, &wire); err != nil {
		return err
	}
	addr, err := netip.ParseAddrPort(wire.Addr)
	if err != nil {
		return fmt.Errorf("sim-ip-and-port: %w", err)
	}
	*e = EstablishAgentCommunication{wire.AgentID, netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port()), wire.SeedCapability}
	return nil
}

// CrossedRegion tells that the agent walked, flew or rode into another region.
type CrossedRegion struct {
	AgentID        grid.UUID
	SessionID      grid.UUID
	Position       grid.Vector3
	LookAt         grid.Vector3
	Handle         grid.RegionHandle
	Addr           netip.AddrPort
	SeedCapability string

	RegionSizeX, RegionSizeY uint32
}

type crossedWire struct {
	AgentData []struct {
		AgentID   grid.UUID
		SessionID grid.UUID
	}
	Info []struct {
		LookAt   grid.Vector3
		Position grid.Vector3
	}
	RegionData []crossedRegionWire
}

type crossedRegionWire struct {
	RegionHandle   uint64
	SeedCapability string
	SimIP          netip.Addr
	SimPort        uint16
	RegionSizeX    uint32 `llsd:"RegionSizeX,binary"`
	RegionSizeY    uint32 `llsd:"RegionSizeY,binary"`
}

// EventName implements Body.
func (*CrossedRegion) EventName() string { return "CrossedRegion" }

func (e *CrossedRegion) encode() map[string]any {
	w := crossedWire{RegionData: []crossedRegionWire{{
		uint64(e.Handle), e.SeedCapability, e.Addr.Addr(), e.Addr.Port(), size(e.RegionSizeX), size(e.RegionSizeY),
	}}}
	w.AgentData = append(w.AgentData, struct{ AgentID, SessionID grid.UUID }{e.AgentID, e.SessionID})
	w.Info = append(w.Info, struct{ LookAt, Position grid.Vector3 }{e.LookAt, e.Position})
	return encodeWire(w)
}

func (e *CrossedRegion) decode(m map[string]any) error {
	var w crossedWire
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	region, err := first(w.RegionData, "RegionData")
	if err != nil {
		return err
	}
	addr, err := endpoint(region.SimIP, region.SimPort)
	if err != nil {
		return err
	}
	*e = CrossedRegion{
		Handle: grid.RegionHandle(region.RegionHandle), Addr: addr, SeedCapability: region.SeedCapability,
		RegionSizeX: size(region.RegionSizeX), RegionSizeY: size(region.RegionSizeY),
	}
	if len(w.AgentData) > 0 {
		e.AgentID, e.SessionID = w.AgentData[0].AgentID, w.AgentData[0].SessionID
	}
	if len(w.Info) > 0 {
		e.LookAt, e.Position = w.Info[0].LookAt, w.Info[0].Position
	}
	return nil
}

// TeleportFinish tells where to connect to, to complete a teleport.
type TeleportFinish struct {
	AgentID        grid.UUID
	LocationID     uint32
	Addr           netip.AddrPort
	Handle         grid.RegionHandle
	SeedCapability string
	SimAccess      uint8 // maturity: 13 general, 21 moderate, 42 adult
	Flags          uint32

	RegionSizeX, RegionSizeY uint32
}

type teleportFinishWire struct {
	AgentID        grid.UUID
	LocationID     uint32 `llsd:"LocationID,binary"`
	SimIP          netip.Addr
	SimPort        uint16
	RegionHandle   uint64
	SeedCapability string
	SimAccess      uint8
	TeleportFlags  uint32 `llsd:"TeleportFlags,binary"`
	RegionSizeX    uint32 `llsd:"RegionSizeX,binary"`
	RegionSizeY    uint32 `llsd:"RegionSizeY,binary"`
}

// EventName implements Body.
func (*TeleportFinish) EventName() string { return "TeleportFinish" }

func (e *TeleportFinish) encode() map[string]any {
	return encodeWire(struct{ Info []teleportFinishWire }{[]teleportFinishWire{{
		e.AgentID, e.LocationID, e.Addr.Addr(), e.Addr.Port(), uint64(e.Handle), e.SeedCapability,
		e.SimAccess, e.Flags, size(e.RegionSizeX), size(e.RegionSizeY),
	}}})
}

func (e *TeleportFinish) decode(m map[string]any) error {
	var w struct{ Info []teleportFinishWire }
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	info, err := first(w.Info, "Info")
	if err != nil {
		return err
	}
	addr, err := endpoint(info.SimIP, info.SimPort)
	if err != nil {
		return err
	}
	*e = TeleportFinish{
		info.AgentID, info.LocationID, addr, grid.RegionHandle(info.RegionHandle), info.SeedCapability,
		info.SimAccess, info.TeleportFlags, size(info.RegionSizeX), size(info.RegionSizeY),
	}
	return nil
}

// TeleportFailed tells why a teleport did not happen.
type TeleportFailed struct {
	AgentID grid.UUID
	Reason  string // a text or a key such as "invalid_tport"
	// Alerts are messages for translation, rarely there.
	Alerts []TeleportAlert
}

// TeleportAlert is a message with parameters.
type TeleportAlert struct{ Message, ExtraParams string }

type teleportFailedWire struct {
	Info []struct {
		AgentID grid.UUID
		Reason  string
	}
	AlertInfo []TeleportAlert `llsd:"AlertInfo,omitempty"`
}

// EventName implements Body.
func (*TeleportFailed) EventName() string { return "TeleportFailed" }

func (e *TeleportFailed) encode() map[string]any {
	w := teleportFailedWire{AlertInfo: e.Alerts}
	w.Info = append(w.Info, struct {
		AgentID grid.UUID
		Reason  string
	}{e.AgentID, e.Reason})
	return encodeWire(w)
}

func (e *TeleportFailed) decode(m map[string]any) error {
	var w teleportFailedWire
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	info, err := first(w.Info, "Info")
	if err != nil {
		return err
	}
	*e = TeleportFailed{info.AgentID, info.Reason, w.AlertInfo}
	return nil
}

// ParcelProperties is a parcel with all it has, kept as it came: its blocks
// ParcelData, MediaData and so on are those of the UDP message of this name.
type ParcelProperties struct{ Raw map[string]any }

// EventName implements Body.
func (*ParcelProperties) EventName() string { return "ParcelProperties" }

func (e *ParcelProperties) encode() map[string]any { return e.Raw }

func (e *ParcelProperties) decode(m map[string]any) error {
	e.Raw = m
	return nil
}

// Parcel returns the block ParcelData.
func (e *ParcelProperties) Parcel() map[string]any {
	if blocks := llsd.Array(e.Raw["ParcelData"]); len(blocks) > 0 {
		return llsd.Map(blocks[0])
	}
	return nil
}

// ScriptRunningReply tells whether a script in an object runs.
type ScriptRunningReply struct {
	ObjectID, ItemID grid.UUID
	Running, Mono    bool
}

// EventName implements Body.
func (*ScriptRunningReply) EventName() string { return "ScriptRunningReply" }

func (e *ScriptRunningReply) encode() map[string]any {
	return encodeWire(struct{ Script []ScriptRunningReply }{[]ScriptRunningReply{*e}})
}

func (e *ScriptRunningReply) decode(m map[string]any) error {
	var w struct{ Script []ScriptRunningReply }
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	s, err := first(w.Script, "Script")
	if err != nil {
		return err
	}
	*e = *s
	return nil
}
