package notify

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/bus"
	"rookery/internal/feed"
	"rookery/internal/query"
	"rookery/script"
)

func TestRawFieldsAreWhatTheEventIsMadeOf(t *testing.T) {
	t.Parallel()
	im := agent.InstantMessage{
		From: grid.UUID(someone), FromName: "Jenny Nest", Dialog: grid.IMMessageFromAgent, Time: moment, Message: "hello, you",
		Position: grid.Vector3{X: 1, Y: 2, Z: 3}, Offline: true, Bucket: []byte{0, 7},
	}
	bird := agent.Avatar{ID: grid.UUID(someone), LocalID: 9, Name: agent.Name{First: "Jenny", Last: "Nest"}, Region: 77}
	cube := agent.Object{ID: grid.UUID(thing), LocalID: 5, PCode: grid.PCodePrim, Text: "up", Scale: grid.Vector3{X: 1, Y: 1, Z: 1}}
	for _, tc := range []struct {
		kind  string
		event any
		asked string
		want  string
	}{
		{"alert", agent.Alert{Message: "Restart!"}, "Message", "Message,Restart!"},
		{
			"local",
			agent.ChatHeard{Type: grid.ChatShout, Kind: grid.ChatSourceObject, FromName: "Box", Source: grid.UUID(thing), Message: "moo", Region: 77},
			"Message,Type,SourceType,SourceID,FromName,Simulator.Handle,Simulator.Name,message",
			"Message,moo,Type,Shout,SourceType,Object,SourceID," + something + ",FromName,Box,Simulator.Handle,77",
		},
		{
			"message",
			agent.MessageReceived{InstantMessage: im},
			"IM.Message,IM.FromAgentID,IM.Dialog,IM.Position,IM.Offline,IM.BinaryBucket,IM.GroupIM,Simulator,IM.Timestamp",
			`IM.Message,"hello, you",IM.FromAgentID,` + somebody + `,IM.Dialog,MessageFromAgent,IM.Position,"<1, 2, 3>",IM.Offline,Offline,IM.BinaryBucket,Index,0,0,Index,1,7,IM.GroupIM,false,IM.Timestamp,2024-05-06T07:08:09.000000Z`,
		},
		{"objectim", agent.ObjectMessage{InstantMessage: im, Object: grid.UUID(thing)}, "IM.FromAgentName", `IM.FromAgentName,"Jenny Nest"`},
		{"friendship", agent.FriendshipOffered{InstantMessage: im}, "AgentName,AgentID,Accepted", `AgentName,"Jenny Nest",AgentID,` + somebody},
		{"friendship", agent.FriendshipAnswered{InstantMessage: im, Accepted: true}, "Accepted,AgentID", "Accepted,true,AgentID," + somebody},
		{"lure", agent.LureReceived{InstantMessage: im}, "IM.Message,Simulator.Name", `IM.Message,"hello, you"`},
		{"inventory", agent.InventoryOffered{InstantMessage: im, Type: grid.AssetNotecard, Item: grid.UUID(thing)}, "AssetType,ObjectID,FromTask,Offer.FromAgentName", "AssetType,Notecard,ObjectID," + something + `,FromTask,false,Offer.FromAgentName,"Jenny Nest"`},
		{"inventory", agent.InventoryAnswered{InstantMessage: im}, "IM.FromAgentID", "IM.FromAgentID," + somebody},
		{"typing", agent.TypingChanged{Agent: grid.UUID(someone), FromName: "Jenny", Start: true, IM: true}, "Action,AgentUUID,FirstName,LastName,Entity", "Action,start,AgentUUID," + somebody + ",FirstName,Jenny,LastName,Resident,Entity,message"},
		{"avatars", agent.AvatarAppeared{Avatar: bird}, "Avatar.Name,IsNew,Avatar.RegionHandle,ObjectLocalID", `Avatar.Name,"Jenny Nest",IsNew,true,Avatar.RegionHandle,77`},
		{"avatars", agent.AvatarGone{Avatar: bird}, "Avatar.Name,ObjectLocalID", "ObjectLocalID,9"},
		{"primitives", agent.ObjectAppeared{Object: cube}, "Prim.ID,Prim.Text,IsAttachment,Prim.PCode", "Prim.ID," + something + ",Prim.Text,up,IsAttachment,false,Prim.PCode,Prim"},
		{"primitives", agent.ObjectGone{Object: cube}, "ObjectLocalID", "ObjectLocalID,5"},
		{"terse", agent.TerseUpdate{ID: grid.UUID(thing), LocalID: 5, PCode: grid.PCodePrim, Motion: grid.Motion{Velocity: grid.Vector3{Z: 2}}}, "Prim.ID,Update.Avatar,Update.Velocity", "Prim.ID," + something + `,Update.Avatar,false,Update.Velocity,"<0, 0, 2>"`},
		{"sit", agent.SitChanged{Avatar: bird, New: grid.UUID(thing), Seated: true}, "Avatar.LastName,SittingOn", "Avatar.LastName,Nest,SittingOn," + something},
		{"crossing", agent.RegionChanged{Old: "A", New: "B", OldHandle: 77}, "PreviousSimulator.Handle", "PreviousSimulator.Handle,77"},
		{"crossing", agent.RegionCrossed{Old: "A", New: "B", OldHandle: 77, NewHandle: 78}, "NewSimulator.Handle,OldSimulator.Handle", "NewSimulator.Handle,78,OldSimulator.Handle,77"},
		{"teleport", agent.TeleportProgress{Status: agent.TeleportFailed, Message: "no"}, "Status,Message", "Status,Failed,Message,no"},
		{"login", agent.LoginProgress{Status: agent.LoginFailed, Reason: "key"}, "FailReason,Status", "FailReason,key,Status,Failed"},
		{
			"feed",
			feed.News{Group: someone, Feed: "Weather", Item: feed.Item{Title: "Rain, again", Summary: "Wet", Date: moment, Link: "http://x.example/1"}},
			"Title,Summary,Date,Name,GroupUUID,Link",
			`Title,"Rain, again",Summary,Wet,Date,2024-05-06T07:08:09.000000Z,Name,Weather,GroupUUID,` + somebody + `,Link,http://x.example/1`,
		},
		{"feed", feed.News{Group: someone, Feed: "Weather"}, "Title,Date,Name", "Name,Weather"},
		{"login", agent.LoggedOut{Items: []grid.UUID{grid.UUID(thing)}}, "InventoryItems", "InventoryItems,Index,0,Guid," + something},
	} {
		t.Run(tc.kind, func(t *testing.T) {
			t.Parallel()
			told := 0
			n := newNotifier(Options{Agent: offline(t), Publish: func(bus.Notification) {}, Told: func(n bus.Notification, pairs script.Pairs, raw query.Object) {
				if n.Type != tc.kind {
					return
				}
				told++
				if got := script.FormatCSV(query.Ask(raw, strings.Split(tc.asked, ","))); got != tc.want {
					t.Errorf("of %T:\n got %s\nwant %s", tc.event, got, tc.want)
				}
				said, err := n.Pairs()
				if err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(said, pairs); diff != "" {
					t.Errorf("pairs are not what is published (-text +pairs):\n%s", diff)
				}
			}})
			n.hear(tc.event)
			if told != 1 {
				t.Errorf("told %d times", told)
			}
		})
	}
}

// TestEveryRawFieldCanBeWritten asks for all fields of an empty event of each
// type: no value may be of a kind that cannot be written.
func TestEveryRawFieldCanBeWritten(t *testing.T) {
	t.Parallel()
	n := newNotifier(Options{Agent: offline(t), Publish: func(bus.Notification) {}})
	for event := range rawTables {
		o := n.rawOf(reflect.New(event).Elem().Interface())
		query.Ask(o, o.Names())
	}
}

func TestWhatNoEventMadeHasNoRawFields(t *testing.T) {
	t.Parallel()
	told := false
	n := newNotifier(Options{Agent: offline(t), Publish: func(bus.Notification) {}, Told: func(_ bus.Notification, _ script.Pairs, raw query.Object) {
		told = true
		if raw != nil {
			t.Errorf("heartbeat has %v", raw.Names())
		}
	}})
	n.tell("heartbeat", script.Pairs{{Key: "beats", Value: "1"}}, nil)
	if !told {
		t.Error("not told")
	}
}

func TestKindsNameTheirRawFieldsOnce(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		names := k.rawNames()
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) != len(names) {
			t.Errorf("%s: %v", k.Name, names)
		}
	}
}
