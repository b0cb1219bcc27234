package caps_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
)

var (
	agentID   = uuid.MustParse("aaaaaaaa-0000-4000-8000-000000000001")
	sessionID = uuid.MustParse("bbbbbbbb-0000-4000-8000-000000000001")
	groupID   = uuid.MustParse("cccccccc-0000-4000-8000-000000000001")
	east      = grid.HandleAt(256256, 256000)
	addr      = netip.MustParseAddrPort("127.0.0.1:9001")
	seed      = "http://127.0.0.1:9000/CAPS/x?a=b&c"
)

// Every event as a Go type, and how a grid writes it.
var events = []struct {
	name string
	body caps.Body
	wire string // notation; "" is for events whose wire form this package may choose
}{
	{
		"EnableSimulator",
		&caps.EnableSimulator{Simulators: []caps.SimulatorInfo{{Handle: east, Addr: addr, RegionSizeX: 512, RegionSizeY: 256}}},
		`{'SimulatorInfo':[{'Handle':b64"AAPpAAAD6AA=",'IP':b64"fwAAAQ==",'Port':i9001,'RegionSizeX':b64"AAACAA==",'RegionSizeY':b64"AAABAA=="}]}`,
	},
	{
		"EstablishAgentCommunication",
		&caps.EstablishAgentCommunication{AgentID: agentID, Addr: addr, SeedCapability: seed},
		`{'agent-id':uaaaaaaaa-0000-4000-8000-000000000001,'sim-ip-and-port':'127.0.0.1:9001','seed-capability':'http://127.0.0.1:9000/CAPS/x?a=b&c'}`,
	},
	{
		"CrossedRegion",
		&caps.CrossedRegion{
			AgentID: agentID, SessionID: sessionID, Position: grid.Vector3{X: 1, Y: 128.5, Z: 22}, LookAt: grid.Vector3{X: 1},
			Handle: east, Addr: addr, SeedCapability: seed, RegionSizeX: 256, RegionSizeY: 256,
		},
		`{'AgentData':[{'AgentID':uaaaaaaaa-0000-4000-8000-000000000001,'SessionID':ubbbbbbbb-0000-4000-8000-000000000001}],
		'Info':[{'LookAt':[r1,r0,r0],'Position':[r1,r128.5,r22]}],
		'RegionData':[{'RegionHandle':b64"AAPpAAAD6AA=",'SeedCapability':'http://127.0.0.1:9000/CAPS/x?a=b&c','SimIP':b64"fwAAAQ==",'SimPort':i9001,
		'RegionSizeX':b64"AAABAA==",'RegionSizeY':b64"AAABAA=="}]}`,
	},
	{
		"TeleportFinish",
		&caps.TeleportFinish{
			AgentID: agentID, LocationID: 4, Addr: addr, Handle: east, SeedCapability: seed, SimAccess: 21, Flags: 0x80000010,
			RegionSizeX: 256, RegionSizeY: 256,
		},
		`{'Info':[{'AgentID':uaaaaaaaa-0000-4000-8000-000000000001,'LocationID':b64"AAAABA==",'SimIP':b64"fwAAAQ==",'SimPort':i9001,
		'RegionHandle':b64"AAPpAAAD6AA=",'SeedCapability':'http://127.0.0.1:9000/CAPS/x?a=b&c','SimAccess':i21,'TeleportFlags':b64"gAAAEA==",
		'RegionSizeX':b64"AAABAA==",'RegionSizeY':b64"AAABAA=="}]}`,
	},
	{
		"TeleportFailed",
		&caps.TeleportFailed{AgentID: agentID, Reason: "no_inter_region", Alerts: []caps.TeleportAlert{{Message: "x", ExtraParams: "y"}}},
		`{'Info':[{'AgentID':uaaaaaaaa-0000-4000-8000-000000000001,'Reason':'no_inter_region'}],'AlertInfo':[{'Message':'x','ExtraParams':'y'}]}`,
	},
	{
		"AgentGroupDataUpdate",
		&caps.AgentGroupDataUpdate{AgentID: agentID, Groups: []caps.GroupMembership{
			{GroupID: groupID, Name: "Birds & <Bees>", Title: "Rook", Powers: 1 << 60, Insignia: sessionID, Contribution: 5, AcceptNotices: true},
		}},
		`{'AgentData':[{'AgentID':uaaaaaaaa-0000-4000-8000-000000000001}],
		'GroupData':[{'GroupID':ucccccccc-0000-4000-8000-000000000001,'GroupPowers':b64"EAAAAAAAAAA=",'AcceptNotices':1,
		'GroupInsigniaID':ubbbbbbbb-0000-4000-8000-000000000001,'Contribution':i5,'GroupName':'Birds & <Bees>','GroupTitle':'Rook'}],
		'NewGroupData':[{'ListInProfile':0}]}`,
	},
	{"AgentDropGroup", &caps.AgentDropGroup{AgentID: agentID, GroupID: groupID}, `{'AgentData':[{'AgentID':uaaaaaaaa-0000-4000-8000-000000000001,'GroupID':ucccccccc-0000-4000-8000-000000000001}]}`},
	{"ParcelProperties", &caps.ParcelProperties{Raw: map[string]any{"ParcelData": []any{map[string]any{"LocalID": int32(1)}}}}, `{'ParcelData':[{'LocalID':i1}]}`},
	{
		"ChatterBoxInvitation",
		&caps.ChatterBoxInvitation{
			SessionID: groupID, SessionName: "Birds", FromID: agentID, FromName: "Robin Rook", ToID: sessionID, Message: "hello", Dialog: 17,
			FromGroup: true, Bucket: []byte("Birds\x00"), Timestamp: time.Unix(1700000000, 0).UTC(), Position: grid.Vector3{X: 1}, EstateID: 1, Offline: true,
		},
		"",
	},
	{"ChatterBoxInvitation", &caps.ChatterBoxInvitation{SessionID: groupID, SessionName: "Birds", FromID: agentID, FromName: "Robin Rook", Voice: true}, ""},
	{
		"ChatterBoxSessionStartReply",
		&caps.ChatterBoxSessionStartReply{SessionID: groupID, TempSessionID: agentID, Success: true, Info: map[string]any{"type": int32(0)}},
		`{'session_id':ucccccccc-0000-4000-8000-000000000001,'temp_session_id':uaaaaaaaa-0000-4000-8000-000000000001,'success':1,'session_info':{'type':i0}}`,
	},
	{"ForceCloseChatterBoxSession", &caps.ForceCloseChatterBoxSession{SessionID: groupID, Reason: "removed"}, `{'session_id':ucccccccc-0000-4000-8000-000000000001,'reason':'removed'}`},
	{
		"ScriptRunningReply",
		&caps.ScriptRunningReply{ObjectID: agentID, ItemID: groupID, Running: true, Mono: true},
		`{'Script':[{'ObjectID':uaaaaaaaa-0000-4000-8000-000000000001,'ItemID':ucccccccc-0000-4000-8000-000000000001,'Running':1,'Mono':1}]}`,
	},
}

var sameBody = cmp.Options{cmpopts.EquateComparable(netip.AddrPort{}), cmpopts.EquateEmpty()}

func notation(t *testing.T, text string) map[string]any {
	t.Helper()
	v, err := llsd.ParseString(text)
	if err != nil {
		t.Fatal(err)
	}
	return llsd.Map(v)
}

func TestEventsAreWrittenAndReadAsGridsDo(t *testing.T) {
	t.Parallel()
	for _, tt := range events {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ev := caps.NewEvent(tt.body)
			if ev.Name != tt.name {
				t.Errorf("named %s", ev.Name)
			}
			if tt.wire != "" {
				if d := cmp.Diff(notation(t, tt.wire), ev.Body); d != "" {
					t.Error(d)
				}
			}
			// Through the XML, as it travels.
			text, err := llsd.MarshalXML(ev.Body)
			if err != nil {
				t.Fatal(err)
			}
			v, err := llsd.ParseBytes(text, llsd.Strict())
			if err != nil {
				t.Fatal(err)
			}
			got, err := caps.Event{Name: tt.name, Body: llsd.Map(v)}.Decode()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.body, got, sameBody); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEventsOfOtherGridsAreUnderstood(t *testing.T) {
	t.Parallel()
	tests := []struct {
		what, name, wire string
		want             caps.Body
	}{
		{
			"Second Life sends no sizes", "EnableSimulator", `{'SimulatorInfo':[{'Handle':b64"AAPpAAAD6AA=",'IP':b64"fwAAAQ==",'Port':i9001}]}`,
			&caps.EnableSimulator{Simulators: []caps.SimulatorInfo{{Handle: east, Addr: addr, RegionSizeX: 256, RegionSizeY: 256}}},
		},
		{
			"numbers as integers, text and uri", "TeleportFinish", `{'Info':[{'AgentID':'aaaaaaaa-0000-4000-8000-000000000001','LocationID':i4,'SimIP':'127.0.0.1','SimPort':'9001',
			'RegionHandle':b64"AAPpAAAD6AA=",'SeedCapability':l"http://x/",'SimAccess':'21','TeleportFlags':i16,'RegionSizeX':i512}]}`,
			&caps.TeleportFinish{AgentID: agentID, LocationID: 4, Addr: addr, Handle: east, SeedCapability: "http://x/", SimAccess: 21, Flags: 16, RegionSizeX: 512, RegionSizeY: 256},
		},
		{
			"groups without visibility", "AgentGroupDataUpdate", `{'AgentData':[],'GroupData':[{'GroupID':ucccccccc-0000-4000-8000-000000000001,'GroupPowers':b64"AAAAAAAAAAE=",'GroupName':'B'}]}`,
			&caps.AgentGroupDataUpdate{Groups: []caps.GroupMembership{{GroupID: groupID, Name: "B", Powers: 1, ListInProfile: true}}},
		},
		{"no groups", "AgentGroupDataUpdate", `{'AgentData':[{'AgentID':uaaaaaaaa-0000-4000-8000-000000000001}],'GroupData':[],'NewGroupData':[]}`, &caps.AgentGroupDataUpdate{AgentID: agentID}},
		{
			"invitation of OpenSimulator", "ChatterBoxInvitation", `{'session_id':ucccccccc-0000-4000-8000-000000000001,'from_name':'Robin Rook','session_name':'Birds',
			'from_id':uaaaaaaaa-0000-4000-8000-000000000001,'instantmessage':{'message_params':{'type':i17,'position':[r1,r2,r3],'region_id':u00000000-0000-0000-0000-000000000000,
			'to_id':ubbbbbbbb-0000-4000-8000-000000000001,'source':i0,'data':{'binary_bucket':!},'message':'hello','id':ucccccccc-0000-4000-8000-000000000001,'from_name':'Robin Rook',
			'timestamp':b64"ZVPxAA==",'offline':i0,'parent_estate_id':i1,'ttl':i0,'from_id':uaaaaaaaa-0000-4000-8000-000000000001,'from_group':1},
			'agent_params':{'agent_id':uaaaaaaaa-0000-4000-8000-000000000001,'check_estate':1}}}`,
			&caps.ChatterBoxInvitation{
				SessionID: groupID, SessionName: "Birds", FromID: agentID, FromName: "Robin Rook", ToID: sessionID, Message: "hello", Dialog: 17,
				FromGroup: true, Timestamp: time.Unix(1700000000, 0).UTC(), Position: grid.Vector3{X: 1, Y: 2, Z: 3}, EstateID: 1,
			},
		},
		{
			"invitation of Second Life", "ChatterBoxInvitation", `{'session_id':ucccccccc-0000-4000-8000-000000000001,'session_name':'Birds','instantmessage':{'message_params':{
			'from_id':uaaaaaaaa-0000-4000-8000-000000000001,'from_name':'Robin Rook','to_id':ubbbbbbbb-0000-4000-8000-000000000001,'from_group':1,'id':ucccccccc-0000-4000-8000-000000000001,
			'message':'hello','data':{'type':i17,'timestamp':d"2023-11-14T22:13:20Z",'binary_bucket':b64"QgA="}}}}`,
			&caps.ChatterBoxInvitation{
				SessionID: groupID, SessionName: "Birds", FromID: agentID, FromName: "Robin Rook", ToID: sessionID, Message: "hello", Dialog: 17,
				FromGroup: true, Timestamp: time.Unix(1700000000, 0).UTC(), Bucket: []byte("B\x00"),
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			got, err := caps.Event{Name: tt.name, Body: notation(t, tt.wire)}.Decode()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tt.want, got, sameBody); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEventsThatDoNotFitAreErrorsNotZeros(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, wire, want string }{
		{"TeleportFinish", `{}`, "event TeleportFinish: block Info is missing"},
		{"TeleportFinish", `{'Info':[{'SimPort':i70000}]}`, "Info[0].SimPort: integer 70000 does not fit into uint16"},
		{"TeleportFinish", `{'Info':[{'SimPort':i1}]}`, "the simulator's address is invalid IP port 1"},
		{"TeleportFailed", `{'Info':[]}`, "block Info is missing"},
		{"CrossedRegion", `{}`, "block RegionData is missing"},
		{"CrossedRegion", `{'RegionData':[{'SimIP':b64"AAE=",'SimPort':i1}]}`, "RegionData[0].SimIP: binary of 2 bytes"},
		{"EnableSimulator", `{'SimulatorInfo':[{'IP':b64"fwAAAQ=="}]}`, "the simulator's address is 127.0.0.1 port 0"},
		{"EnableSimulator", `{'SimulatorInfo':i1}`, "SimulatorInfo: integer 1 does not fit"},
		{"EstablishAgentCommunication", `{'sim-ip-and-port':'x'}`, "sim-ip-and-port: "},
		{"AgentDropGroup", `{}`, "block AgentData is missing"},
		{"ScriptRunningReply", `{}`, "block Script is missing"},
		{"AgentGroupDataUpdate", `{'GroupData':[{'GroupID':'x'}]}`, "GroupData[0].GroupID: "},
		{"ChatterBoxInvitation", `{'instantmessage':i1}`, "instantmessage: "},
	}
	for _, tt := range tests {
		_, err := caps.Event{Name: tt.name, Body: notation(t, tt.wire)}.Decode()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %s: got %v, want %s", tt.name, tt.wire, err, tt.want)
		}
	}
	if _, err := (caps.Event{Name: "SomethingNew"}).Decode(); !errors.Is(err, caps.ErrUnknownEvent) || !strings.Contains(err.Error(), "SomethingNew") {
		t.Error(err)
	}
}

func TestAParcelIsReachedWithoutUnpacking(t *testing.T) {
	t.Parallel()
	p := &caps.ParcelProperties{Raw: notation(t, `{'ParcelData':[{'LocalID':i7}]}`)}
	if llsd.Int(p.Parcel()["LocalID"]) != 7 || new(caps.ParcelProperties).Parcel() != nil {
		t.Error(p.Parcel())
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, tt := range events {
		if tt.wire != "" {
			f.Add(tt.name, []byte(tt.wire))
		}
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		v, err := llsd.ParseBytes(b)
		if err != nil {
			return
		}
		body, err := caps.Event{Name: name, Body: llsd.Map(v)}.Decode()
		if err != nil {
			return
		}
		if _, err := caps.NewEvent(body).Decode(); err != nil {
			t.Fatal(err)
		}
	})
}
