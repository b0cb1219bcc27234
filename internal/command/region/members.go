package region

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/internal/query"
)

// simulator is a region with the avatars that its map shows.
type simulator struct {
	agent.Region
	coarse []agent.CoarseLocation
}

// Members returns what scripts may ask of a region, with the avatars that its
// map shows.
func Members(r agent.Region, coarse []agent.CoarseLocation) query.Object {
	return members.Of(simulator{r, coarse})
}

// positions is a dictionary from avatar to place.
func (r simulator) positions() query.Dictionary {
	var d query.Dictionary
	for _, c := range r.coarse {
		d = append(d, query.Entry{Key: c.ID, Value: c.Position})
	}
	return d
}

// statsMembers are the members of SimStats.
var statsMembers = query.NewTable(
	query.Member[agent.RegionStats]{Name: "Dilation", Of: func(s agent.RegionStats) any { return s.Dilation }},
	query.Member[agent.RegionStats]{Name: "FPS", Of: func(s agent.RegionStats) any { return s.FPS }},
	query.Member[agent.RegionStats]{Name: "PhysicsFPS", Of: func(s agent.RegionStats) any { return s.PhysicsFPS }},
	query.Member[agent.RegionStats]{Name: "AgentUpdates", Of: func(s agent.RegionStats) any { return s.AgentUpdates }},
	query.Member[agent.RegionStats]{Name: "FrameTime", Of: func(s agent.RegionStats) any { return s.FrameTime }},
	query.Member[agent.RegionStats]{Name: "NetTime", Of: func(s agent.RegionStats) any { return s.NetTime }},
	query.Member[agent.RegionStats]{Name: "PhysicsTime", Of: func(s agent.RegionStats) any { return s.PhysicsTime }},
	query.Member[agent.RegionStats]{Name: "ImageTime", Of: func(s agent.RegionStats) any { return s.ImageTime }},
	query.Member[agent.RegionStats]{Name: "ScriptTime", Of: func(s agent.RegionStats) any { return s.ScriptTime }},
	query.Member[agent.RegionStats]{Name: "AgentTime", Of: func(s agent.RegionStats) any { return s.AgentTime }},
	query.Member[agent.RegionStats]{Name: "OtherTime", Of: func(s agent.RegionStats) any { return s.OtherTime }},
	query.Member[agent.RegionStats]{Name: "Objects", Of: func(s agent.RegionStats) any { return s.Objects }},
	query.Member[agent.RegionStats]{Name: "ScriptedObjects", Of: func(s agent.RegionStats) any { return s.ScriptedObjects }},
	query.Member[agent.RegionStats]{Name: "Agents", Of: func(s agent.RegionStats) any { return s.Agents }},
	query.Member[agent.RegionStats]{Name: "ChildAgents", Of: func(s agent.RegionStats) any { return s.ChildAgents }},
	query.Member[agent.RegionStats]{Name: "ActiveScripts", Of: func(s agent.RegionStats) any { return s.ActiveScripts }},
	query.Member[agent.RegionStats]{Name: "LSLIPS", Of: func(s agent.RegionStats) any { return s.LSLIPS }},
	query.Member[agent.RegionStats]{Name: "INPPS", Of: func(s agent.RegionStats) any { return s.INPPS }},
	query.Member[agent.RegionStats]{Name: "OUTPPS", Of: func(s agent.RegionStats) any { return s.OUTPPS }},
	query.Member[agent.RegionStats]{Name: "PendingDownloads", Of: func(s agent.RegionStats) any { return s.PendingDownloads }},
	query.Member[agent.RegionStats]{Name: "PendingUploads", Of: func(s agent.RegionStats) any { return s.PendingUploads }},
	query.Member[agent.RegionStats]{Name: "VirtualSize", Of: func(s agent.RegionStats) any { return s.VirtualSize }},
	query.Member[agent.RegionStats]{Name: "ResidentSize", Of: func(s agent.RegionStats) any { return s.ResidentSize }},
	query.Member[agent.RegionStats]{Name: "PendingLocalUploads", Of: func(s agent.RegionStats) any { return s.PendingLocalUploads }},
	query.Member[agent.RegionStats]{Name: "UnackedBytes", Of: func(s agent.RegionStats) any { return s.UnackedBytes }},
	query.Member[agent.RegionStats]{Name: "PhysicsStepTime", Of: func(s agent.RegionStats) any { return s.PhysicsStepTime }},
	query.Member[agent.RegionStats]{Name: "PhysicsShapeTime", Of: func(s agent.RegionStats) any { return s.PhysicsShapeTime }},
	query.Member[agent.RegionStats]{Name: "PhysicsOtherTime", Of: func(s agent.RegionStats) any { return s.PhysicsOtherTime }},
	query.Member[agent.RegionStats]{Name: "ObjectCapacity", Of: func(s agent.RegionStats) any { return s.ObjectCapacity }},
)

// members are the members of Simulator. Those of its Stats may be asked for
// with and without "Stats." in front. ObjectsAvatars and ObjectsPrimitives are
// counts; getavatarsdata has the avatars themselves.
var members = query.NewTable(append([]query.Member[simulator]{
	{Name: "ID", Of: func(r simulator) any { return r.ID }},
	{Name: "RegionID", Of: func(r simulator) any { return r.ID }},
	{Name: "Handle", Of: func(r simulator) any { return uint64(r.Handle) }},
	{Name: "Name", Of: func(r simulator) any { return r.Name }},
	{Name: "SimVersion", Of: func(r simulator) any { return r.Version }},
	{Name: "SimOwner", Of: func(r simulator) any { return r.Owner }},
	{Name: "IsEstateManager", Of: func(r simulator) any { return r.EstateManager }},
	{Name: "Flags", Of: func(r simulator) any { return grid.RegionFlags(r.Flags) }},
	{Name: "Access", Of: func(r simulator) any { return grid.Access(r.Access) }},
	{Name: "BillableFactor", Of: func(r simulator) any { return r.BillableFactor }},
	{Name: "WaterHeight", Of: func(r simulator) any { return r.WaterHeight }},
	{Name: "TerrainBase0", Of: func(r simulator) any { return r.TerrainBase[0] }},
	{Name: "TerrainBase1", Of: func(r simulator) any { return r.TerrainBase[1] }},
	{Name: "TerrainBase2", Of: func(r simulator) any { return r.TerrainBase[2] }},
	{Name: "TerrainBase3", Of: func(r simulator) any { return r.TerrainBase[3] }},
	{Name: "TerrainDetail0", Of: func(r simulator) any { return r.TerrainDetail[0] }},
	{Name: "TerrainDetail1", Of: func(r simulator) any { return r.TerrainDetail[1] }},
	{Name: "TerrainDetail2", Of: func(r simulator) any { return r.TerrainDetail[2] }},
	{Name: "TerrainDetail3", Of: func(r simulator) any { return r.TerrainDetail[3] }},
	{Name: "TerrainStartHeight00", Of: func(r simulator) any { return r.TerrainStartHeight[0] }},
	{Name: "TerrainStartHeight01", Of: func(r simulator) any { return r.TerrainStartHeight[1] }},
	{Name: "TerrainStartHeight10", Of: func(r simulator) any { return r.TerrainStartHeight[2] }},
	{Name: "TerrainStartHeight11", Of: func(r simulator) any { return r.TerrainStartHeight[3] }},
	{Name: "TerrainHeightRange00", Of: func(r simulator) any { return r.TerrainHeightRange[0] }},
	{Name: "TerrainHeightRange01", Of: func(r simulator) any { return r.TerrainHeightRange[1] }},
	{Name: "TerrainHeightRange10", Of: func(r simulator) any { return r.TerrainHeightRange[2] }},
	{Name: "TerrainHeightRange11", Of: func(r simulator) any { return r.TerrainHeightRange[3] }},
	{Name: "ColoLocation", Of: func(r simulator) any { return r.ColoName }},
	{Name: "CPUClass", Of: func(r simulator) any { return r.CPUClass }},
	{Name: "CPURatio", Of: func(r simulator) any { return r.CPURatio }},
	{Name: "ProductName", Of: func(r simulator) any { return r.ProductName }},
	{Name: "ProductSku", Of: func(r simulator) any { return r.ProductSKU }},
	{Name: "Protocols", Of: func(r simulator) any { return r.Protocols }},
	{Name: "Stats", Of: func(r simulator) any { return statsMembers.Of(r.Stats) }},
	{Name: "AvatarPositions", Of: func(r simulator) any { return r.positions() }},
	{Name: "ObjectsAvatars", Of: func(r simulator) any { return r.Avatars }},
	{Name: "ObjectsPrimitives", Of: func(r simulator) any { return r.Objects }},
	{Name: "IPEndPoint", Of: func(r simulator) any { return r.Addr.String() }},
	{Name: "Connected", Of: func(simulator) any { return true }},
	{Name: "AgentMovementComplete", Of: func(r simulator) any { return r.Moved }},
	{Name: "HandshakeComplete", Of: func(r simulator) any { return r.Handshake }},
	{Name: "SizeX", Of: func(r simulator) any { return r.SizeX }},
	{Name: "SizeY", Of: func(r simulator) any { return r.SizeY }},
}, query.Promote(statsMembers, func(r simulator) agent.RegionStats { return r.Stats })...)...)
