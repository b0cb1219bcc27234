package notify

import (
	"reflect"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/feed"
	"rookery/internal/query"
	"rookery/script"
)

// rawTables are the raw fields of events: those of Corrade's event structures as
// far as they are known here.
var rawTables = func() map[reflect.Type]rawTable {
	all := make(map[reflect.Type]rawTable)
	for _, t := range []rawTable{
		raw(field("Message", func(e agent.Alert) any { return e.Message })),
		raw(
			place("Simulator", func(e agent.ChatHeard) grid.RegionHandle { return e.Region }),
			field("Message", func(e agent.ChatHeard) any { return e.Message }),
			field("AudibleLevel", func(e agent.ChatHeard) any { return e.Audible }),
			field("Type", func(e agent.ChatHeard) any { return e.Type }),
			field("SourceType", func(e agent.ChatHeard) any { return e.Kind }),
			field("FromName", func(e agent.ChatHeard) any { return e.FromName }),
			field("SourceID", func(e agent.ChatHeard) any { return e.Source }),
			field("OwnerID", func(e agent.ChatHeard) any { return e.Owner }),
			field("Position", func(e agent.ChatHeard) any { return e.Position }),
		),
		raw(
			here[agent.MessageReceived]("Simulator"),
			part("IM", imFields, func(e agent.MessageReceived) agent.InstantMessage { return e.InstantMessage }),
		),
		raw(
			here[agent.ObjectMessage]("Simulator"),
			part("IM", imFields, func(e agent.ObjectMessage) agent.InstantMessage { return e.InstantMessage }),
		),
		raw(
			field("AgentID", func(e agent.FriendshipOffered) any { return e.From }),
			field("AgentName", func(e agent.FriendshipOffered) any { return e.FromName }),
			field("SessionID", func(e agent.FriendshipOffered) any { return e.Session }),
		),
		raw(
			field("AgentID", func(e agent.FriendshipAnswered) any { return e.From }),
			field("AgentName", func(e agent.FriendshipAnswered) any { return e.FromName }),
			field("Accepted", func(e agent.FriendshipAnswered) any { return e.Accepted }),
		),
		raw(
			here[agent.LureReceived]("Simulator"),
			part("IM", imFields, func(e agent.LureReceived) agent.InstantMessage { return e.InstantMessage }),
		),
		raw(
			here[agent.GroupInvited]("Simulator"),
			part("IM", imFields, func(e agent.GroupInvited) agent.InstantMessage { return e.InstantMessage }),
		),
		raw(
			part("Offer", imFields, func(e agent.InventoryOffered) agent.InstantMessage { return e.InstantMessage }),
			field("AssetType", func(e agent.InventoryOffered) any { return e.Type }),
			field("ObjectID", func(e agent.InventoryOffered) any { return e.Item }),
			field("FromTask", func(e agent.InventoryOffered) any { return e.Object }),
		),
		raw(
			here[agent.InventoryAnswered]("Simulator"),
			part("IM", imFields, func(e agent.InventoryAnswered) agent.InstantMessage { return e.InstantMessage }),
		),
		raw(
			field("Action", func(e agent.TypingChanged) any { return startStop(e.Start) }),
			field("AgentUUID", func(e agent.TypingChanged) any { return e.Agent }),
			field("FirstName", func(e agent.TypingChanged) any { first, _ := script.SplitName(e.FromName); return first }),
			field("LastName", func(e agent.TypingChanged) any { _, last := script.SplitName(e.FromName); return last }),
			field("Entity", func(e agent.TypingChanged) any { return typingEntity(e) }),
		),
		raw(
			place("Simulator", func(e agent.AvatarAppeared) grid.RegionHandle { return e.Avatar.Region }),
			part("Avatar", avatarFields, func(e agent.AvatarAppeared) agent.Avatar { return e.Avatar }),
			field("IsNew", func(agent.AvatarAppeared) any { return true }),
		),
		raw(
			place("Simulator", func(e agent.AvatarGone) grid.RegionHandle { return e.Avatar.Region }),
			field("ObjectLocalID", func(e agent.AvatarGone) any { return e.Avatar.LocalID }),
		),
		raw(
			place("Simulator", func(e agent.ObjectAppeared) grid.RegionHandle { return e.Object.Region }),
			part("Prim", primFields, func(e agent.ObjectAppeared) agent.Object { return e.Object }),
			field("IsNew", func(agent.ObjectAppeared) any { return true }),
			field("IsAttachment", func(e agent.ObjectAppeared) any { return e.Object.Attachment }),
		),
		raw(
			place("Simulator", func(e agent.ObjectGone) grid.RegionHandle { return e.Object.Region }),
			field("ObjectLocalID", func(e agent.ObjectGone) any { return e.Object.LocalID }),
		),
		raw(
			place("Simulator", func(e agent.TerseUpdate) grid.RegionHandle { return e.Region }),
			part("Prim", tersePrim, func(e agent.TerseUpdate) agent.TerseUpdate { return e }),
			part("Update", terseMotion, func(e agent.TerseUpdate) agent.TerseUpdate { return e }),
		),
		raw(
			place("Simulator", func(e agent.SitChanged) grid.RegionHandle { return e.Region }),
			part("Avatar", avatarFields, func(e agent.SitChanged) agent.Avatar { return e.Avatar }),
			field("SittingOn", func(e agent.SitChanged) any { return e.New }),
			field("OldSeat", func(e agent.SitChanged) any { return e.Old }),
		),
		raw(
			place("PreviousSimulator", func(e agent.RegionChanged) grid.RegionHandle { return e.OldHandle }),
		),
		raw(
			place("OldSimulator", func(e agent.RegionCrossed) grid.RegionHandle { return e.OldHandle }),
			place("NewSimulator", func(e agent.RegionCrossed) grid.RegionHandle { return e.NewHandle }),
		),
		raw(
			field("Message", func(e agent.TeleportProgress) any { return e.Message }),
			field("Status", func(e agent.TeleportProgress) any { return string(e.Status) }),
			field("Flags", func(e agent.TeleportProgress) any { return e.Flags.String() }),
		),
		raw(
			field("Status", func(e agent.LoginProgress) any { return string(e.Status) }),
			field("Message", func(e agent.LoginProgress) any { return e.Message }),
			field("FailReason", func(e agent.LoginProgress) any { return e.Reason }),
		),
		raw(
			field("Title", func(e feed.News) any { return e.Title }),
			field("Summary", func(e feed.News) any { return e.Summary }),
			field("Date", func(e feed.News) any {
				if e.Date.IsZero() {
					return nil
				}
				return e.Date
			}),
			field("Name", func(e feed.News) any { return e.Feed }),
			field("GroupUUID", func(e feed.News) any { return e.Group }),
			field("Link", func(e feed.News) any { return e.Link }),
		),
		raw(field("InventoryItems", func(e agent.LoggedOut) any { return e.Items })),
	} {
		all[t.event] = t
	}
	return all
}()

// simulatorFields are those of a region that identify it; getregiondata has the
// others.
var simulatorFields = query.NewTable(
	query.Member[agent.Region]{Name: "Name", Of: func(r agent.Region) any { return r.Name }},
	query.Member[agent.Region]{Name: "Handle", Of: func(r agent.Region) any { return uint64(r.Handle) }},
	query.Member[agent.Region]{Name: "RegionID", Of: func(r agent.Region) any { return r.ID }},
)

var leftFields = query.NewTable(
	query.Member[grid.RegionHandle]{Name: "Handle", Of: func(h grid.RegionHandle) any { return uint64(h) }},
)

var imFields = query.NewTable(
	query.Member[agent.InstantMessage]{Name: "FromAgentID", Of: func(m agent.InstantMessage) any { return m.From }},
	query.Member[agent.InstantMessage]{Name: "FromAgentName", Of: func(m agent.InstantMessage) any { return m.FromName }},
	query.Member[agent.InstantMessage]{Name: "ToAgentID", Of: func(m agent.InstantMessage) any { return m.To }},
	query.Member[agent.InstantMessage]{Name: "ParentEstateID", Of: func(m agent.InstantMessage) any { return m.ParentEstate }},
	query.Member[agent.InstantMessage]{Name: "RegionID", Of: func(m agent.InstantMessage) any { return m.Region }},
	query.Member[agent.InstantMessage]{Name: "Position", Of: func(m agent.InstantMessage) any { return m.Position }},
	query.Member[agent.InstantMessage]{Name: "Dialog", Of: func(m agent.InstantMessage) any { return m.Dialog }},
	query.Member[agent.InstantMessage]{Name: "GroupIM", Of: func(m agent.InstantMessage) any { return m.Group }},
	query.Member[agent.InstantMessage]{Name: "IMSessionID", Of: func(m agent.InstantMessage) any { return m.Session }},
	query.Member[agent.InstantMessage]{Name: "Timestamp", Of: func(m agent.InstantMessage) any { return m.Time }},
	query.Member[agent.InstantMessage]{Name: "Message", Of: func(m agent.InstantMessage) any { return m.Message }},
	query.Member[agent.InstantMessage]{Name: "Offline", Of: func(m agent.InstantMessage) any {
		if m.Offline {
			return grid.IMOffline
		}
		return grid.IMOnlineOnly
	}},
	query.Member[agent.InstantMessage]{Name: "BinaryBucket", Of: func(m agent.InstantMessage) any { return m.Bucket }},
)

var avatarFields = query.NewTable(
	query.Member[agent.Avatar]{Name: "ID", Of: func(a agent.Avatar) any { return a.ID }},
	query.Member[agent.Avatar]{Name: "LocalID", Of: func(a agent.Avatar) any { return a.LocalID }},
	query.Member[agent.Avatar]{Name: "ParentID", Of: func(a agent.Avatar) any { return a.ParentID }},
	query.Member[agent.Avatar]{Name: "Name", Of: func(a agent.Avatar) any { return a.Name.String() }},
	query.Member[agent.Avatar]{Name: "FirstName", Of: func(a agent.Avatar) any { return a.Name.First }},
	query.Member[agent.Avatar]{Name: "LastName", Of: func(a agent.Avatar) any { return a.Name.Last }},
	query.Member[agent.Avatar]{Name: "GroupName", Of: func(a agent.Avatar) any { return a.Title }},
	query.Member[agent.Avatar]{Name: "Position", Of: func(a agent.Avatar) any { return a.RelativePosition }},
	query.Member[agent.Avatar]{Name: "Rotation", Of: func(a agent.Avatar) any { return a.RelativeRotation }},
	query.Member[agent.Avatar]{Name: "RegionHandle", Of: func(a agent.Avatar) any { return uint64(a.Region) }},
)

var primFields = query.NewTable(
	query.Member[agent.Object]{Name: "ID", Of: func(o agent.Object) any { return o.ID }},
	query.Member[agent.Object]{Name: "LocalID", Of: func(o agent.Object) any { return o.LocalID }},
	query.Member[agent.Object]{Name: "ParentID", Of: func(o agent.Object) any { return o.ParentID }},
	query.Member[agent.Object]{Name: "OwnerID", Of: func(o agent.Object) any { return o.Owner }},
	query.Member[agent.Object]{Name: "PCode", Of: func(o agent.Object) any { return o.PCode }},
	query.Member[agent.Object]{Name: "Position", Of: func(o agent.Object) any { return o.RelativePosition }},
	query.Member[agent.Object]{Name: "Rotation", Of: func(o agent.Object) any { return o.RelativeRotation }},
	query.Member[agent.Object]{Name: "Scale", Of: func(o agent.Object) any { return o.Scale }},
	query.Member[agent.Object]{Name: "Text", Of: func(o agent.Object) any { return o.Text }},
	query.Member[agent.Object]{Name: "RegionHandle", Of: func(o agent.Object) any { return uint64(o.Region) }},
)

// tersePrim is what a terse update says of which object moved.
var tersePrim = query.NewTable(
	query.Member[agent.TerseUpdate]{Name: "ID", Of: func(u agent.TerseUpdate) any { return u.ID }},
	query.Member[agent.TerseUpdate]{Name: "LocalID", Of: func(u agent.TerseUpdate) any { return u.LocalID }},
	query.Member[agent.TerseUpdate]{Name: "PCode", Of: func(u agent.TerseUpdate) any { return u.PCode }},
)

var terseMotion = query.NewTable(
	query.Member[agent.TerseUpdate]{Name: "LocalID", Of: func(u agent.TerseUpdate) any { return u.LocalID }},
	query.Member[agent.TerseUpdate]{Name: "Avatar", Of: func(u agent.TerseUpdate) any { return u.PCode == grid.PCodeAvatar }},
	query.Member[agent.TerseUpdate]{Name: "State", Of: func(u agent.TerseUpdate) any { return u.State }},
	query.Member[agent.TerseUpdate]{Name: "Position", Of: func(u agent.TerseUpdate) any { return u.Motion.Position }},
	query.Member[agent.TerseUpdate]{Name: "Rotation", Of: func(u agent.TerseUpdate) any { return u.Motion.Rotation }},
	query.Member[agent.TerseUpdate]{Name: "Velocity", Of: func(u agent.TerseUpdate) any { return u.Motion.Velocity }},
	query.Member[agent.TerseUpdate]{Name: "Acceleration", Of: func(u agent.TerseUpdate) any { return u.Motion.Acceleration }},
	query.Member[agent.TerseUpdate]{Name: "AngularVelocity", Of: func(u agent.TerseUpdate) any { return u.Motion.AngularVelocity }},
)
