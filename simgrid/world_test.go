package simgrid_test

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestNamesAndPeopleAreFound(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Robin", Last: "Nest", Region: "Heronry"}}})
	robin := g.Inhabitant("Robin", "Nest").ID()
	c := connect(t, g, "Ann")

	c.send(&message.UUIDNameRequest{UUIDNameBlock: []message.UUIDNameRequestUUIDNameBlock{{ID: robin}, {ID: uuid.New()}}})
	if m := await[*message.UUIDNameReply](c, nil); len(m.UUIDNameBlock) != 1 || message.String(m.UUIDNameBlock[0].LastName) != "Nest" {
		t.Errorf("names %+v", m)
	}

	query := uuid.New()
	c.send(&message.AvatarPickerRequest{
		AgentData: message.AvatarPickerRequestAgentData{QueryID: query},
		Data:      message.AvatarPickerRequestData{Name: message.Bytes("rob n")},
	})
	if m := await[*message.AvatarPickerReply](c, nil); m.AgentData.QueryID != query || len(m.Data) != 1 || m.Data[0].AvatarID != robin {
		t.Errorf("picker %+v", m)
	}

	c.send(&message.DirFindQuery{QueryData: message.DirFindQueryQueryData{QueryID: query, QueryText: message.Bytes("nest"), QueryFlags: 1}})
	if m := await[*message.DirPeopleReply](c, nil); m.QueryData.QueryID != query || len(m.QueryReplies) != 1 || !m.QueryReplies[0].Online {
		t.Errorf("directory %+v", m)
	}

	c.send(&message.AvatarPropertiesRequest{AgentData: message.AvatarPropertiesRequestAgentData{AvatarID: c.id()}})
	if m := await[*message.AvatarPropertiesReply](c, nil); message.String(m.PropertiesData.BornOn) != "1/1/2003" {
		t.Errorf("profile %+v", m)
	}
}

func TestNameCapabilities(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	cl := caps.Client{HTTP: c.http}
	bad := uuid.NewString()
	v, err := cl.Get(c.ctx, c.cap("GetDisplayNames")+"?ids="+c.id().String()+"&ids="+bad)
	if err != nil {
		t.Fatal(err)
	}
	agents := llsd.Array(llsd.Get(v, "agents"))
	if len(agents) != 1 || llsd.Get(agents[0], "username") != "ann.tester" || llsd.Get(agents[0], "display_name") != "Ann Tester" {
		t.Errorf("display names %v", v)
	}
	if b := llsd.Array(llsd.Get(v, "bad_ids")); len(b) != 1 || b[0] != bad {
		t.Errorf("bad ids %v", b)
	}
	v, err = cl.Get(c.ctx, c.cap("AvatarPickerSearch")+"?page_size=10&names="+url.QueryEscape("ann"))
	if err != nil || len(llsd.Array(llsd.Get(v, "agents"))) != 1 {
		t.Errorf("picker %v, %v", v, err)
	}
}

// cap returns the address of a capability of the root region.
func (c *client) cap(name string) string {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	addr := c.root.caps[name]
	if addr == "" {
		c.t.Fatalf("capability %s is not granted", name)
	}
	return addr
}

func TestInventoryHasItsFolders(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	cl := caps.Client{HTTP: c.http}
	ask := func(id grid.UUID) any {
		v, err := cl.Post(c.ctx, c.cap("FetchInventoryDescendents2"), map[string]any{"folders": []any{map[string]any{
			"folder_id": id, "owner_id": c.id(), "fetch_folders": true, "fetch_items": true, "sort_order": 0,
		}}})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	root := llsd.Array(llsd.Get(ask(c.resp.InventoryRoot), "folders"))
	if len(root) != 1 {
		t.Fatalf("answer %v", root)
	}
	categories := llsd.Array(llsd.Get(root[0], "categories"))
	if len(categories) != len(c.resp.Inventory)-1 || llsd.Int(llsd.Get(root[0], "descendents")) != int32(len(categories)) {
		t.Errorf("%d categories of %d folders, %v descendents", len(categories), len(c.resp.Inventory), llsd.Get(root[0], "descendents"))
	}
	if bad := llsd.Array(llsd.Get(ask(uuid.New()), "bad_folders")); len(bad) != 1 {
		t.Errorf("bad folders %v", bad)
	}
	if _, err := cl.Get(c.ctx, c.cap("GetTexture")+"/?texture_id="+uuid.NewString()); !isStatus(err, http.StatusNotFound) {
		t.Errorf("a texture: %v, want 404", err)
	}
}

func TestTheMapShowsTheGrid(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann", at("Rookery", 20, 30, 22))
	c.send(&message.MapNameRequest{NameData: message.MapNameRequestNameData{Name: message.Bytes("heron")}})
	m := await[*message.MapBlockReply](c, nil)
	if len(m.Data) != 2 || m.Data[0].X != 1001 || m.Data[0].Y != 1000 || message.String(m.Data[0].Name) != "Heronry" || m.Data[1].Access != 255 {
		t.Errorf("by name: %+v", m)
	}
	c.send(&message.MapBlockRequest{PositionData: message.MapBlockRequestPositionData{MinX: 990, MaxX: 1000, MinY: 990, MaxY: 1010}})
	m = await[*message.MapBlockReply](c, nil)
	if len(m.Data) != 1 || message.String(m.Data[0].Name) != "Rookery" || m.Data[0].Agents != 1 {
		t.Errorf("by place: %+v", m)
	}
	c.send(&message.MapItemRequest{RequestData: message.MapItemRequestRequestData{ItemType: 6, RegionHandle: uint64(g.Region("Rookery").Handle())}})
	if i := await[*message.MapItemReply](c, nil); len(i.Data) != 1 || i.Data[0].X != 256000+20 || i.Data[0].Extra != 1 {
		t.Errorf("items %+v", i)
	}
}

func TestRegionsAreFoundById(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.send(&message.RegionHandleRequest{RequestBlock: message.RegionHandleRequestRequestBlock{RegionID: g.Region("Heronry").ID()}})
	if m := await[*message.RegionIDAndHandleReply](c, nil); m.ReplyBlock.RegionHandle != uint64(g.Region("Heronry").Handle()) {
		t.Errorf("got %+v", m.ReplyBlock)
	}
}

func TestPrimsTellAboutThemselves(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	r := g.Region("Rookery")
	prim, err := r.AddPrim(simgrid.PrimConfig{Name: "Späher", Description: "sieht alles", Owner: c.id(), Position: grid.Vector3{X: 5, Y: 6, Z: 7}, Text: "hover"})
	if err != nil {
		t.Fatal(err)
	}
	b := block(await(c, objectWith(prim.ID())), prim.ID())
	if message.String(b.Text) != "hover" || grid.ObjectFlags(b.UpdateFlags)&grid.ObjectYouOwner == 0 || b.ID != prim.LocalID() {
		t.Errorf("update %+v", b)
	}
	c.send(&message.ObjectSelect{ObjectData: []message.ObjectSelectObjectData{{ObjectLocalID: prim.LocalID()}, {ObjectLocalID: 9999}}})
	p := await[*message.ObjectProperties](c, nil)
	if len(p.ObjectData) != 1 || message.String(p.ObjectData[0].Name) != "Späher" || message.String(p.ObjectData[0].Description) != "sieht alles" || p.ObjectData[0].OwnerID != c.id() {
		t.Errorf("properties %+v", p)
	}
	c.send(&message.RequestObjectPropertiesFamily{ObjectData: message.RequestObjectPropertiesFamilyObjectData{ObjectID: prim.ID(), RequestFlags: 3}})
	if f := await[*message.ObjectPropertiesFamily](c, nil); message.String(f.ObjectData.Name) != "Späher" || f.ObjectData.RequestFlags != 3 {
		t.Errorf("family %+v", f)
	}
	c.send(&message.RequestMultipleObjects{ObjectData: []message.RequestMultipleObjectsObjectData{{ID: prim.LocalID()}}})
	await(c, objectWith(prim.ID()))
}

func isStatus(err error, status int) bool {
	var s *caps.StatusError
	return errors.As(err, &s) && s.Status == status
}

func TestViewerEffectsAreSeenByOthers(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann"), connect(t, g, "Ben")
	ann.send(&message.ViewerEffect{Effect: []message.ViewerEffectEffect{{ID: uuid.New(), Type: 14, Duration: 1, TypeData: make([]byte, 57)}}})
	if m := await[*message.ViewerEffect](ben, nil); m.AgentData.AgentID != ann.id() || m.AgentData.SessionID != (grid.UUID{}) || m.Effect[0].AgentID != ann.id() {
		t.Errorf("got %+v", m)
	}
}

func TestNobodyIsMuted(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.send(&message.MuteListRequest{})
	await[*message.UseCachedMuteList](c, nil)
	g = start(t, simgrid.Config{OpenSim: true})
	c = connect(t, g, "Ann")
	c.send(&message.MuteListRequest{})
	await(c, func(m *message.GenericMessage) bool { return message.String(m.MethodData.Method) == "emptymutelist" })
}

func TestSmallCapabilitiesAnswer(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Name: "Aviary"})
	c := connect(t, g, "Ann")
	cl := caps.Client{HTTP: c.http}
	v, err := cl.Get(c.ctx, c.cap("SimulatorFeatures"))
	if err != nil || llsd.Get(llsd.Get(v, "OpenSimExtras"), "GridName") != "Aviary" {
		t.Errorf("features %v, %v", v, err)
	}
	v, err = cl.Post(c.ctx, c.cap("AgentPreferences"), map[string]any{"language": "de"})
	if err != nil || llsd.Get(llsd.Get(v, "access_prefs"), "max") != "M" {
		t.Errorf("preferences %v, %v", v, err)
	}
	v, err = cl.Post(c.ctx, c.cap("UpdateAvatarAppearance"), map[string]any{"cof_version": 1})
	if err != nil || llsd.Get(v, "success") != true {
		t.Errorf("appearance %v, %v", v, err)
	}
	v, err = cl.Post(c.ctx, c.cap("FetchInventory2"), map[string]any{"items": []any{map[string]any{"item_id": uuid.New()}}})
	if err != nil || len(llsd.Array(llsd.Get(v, "items"))) != 0 {
		t.Errorf("items %v, %v", v, err)
	}
	home := func(x any) map[string]any {
		return map[string]any{"HomeLocation": map[string]any{
			"LocationId": 1, "LocationPos": map[string]any{"X": x, "Y": 22.0, "Z": 22.0}, "LocationLookAt": map[string]any{"X": 1.0, "Y": 0.0, "Z": 0.0},
		}}
	}
	if v, err = cl.Post(c.ctx, c.cap("HomeLocation"), home(11.0)); err != nil || llsd.Get(v, "success") != true {
		t.Errorf("home %v, %v", v, err)
	}
	c.send(&message.TeleportLandmarkRequest{})
	c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X == 11 && s.Position.Y == 22 })
	if v, err = cl.Post(c.ctx, c.cap("HomeLocation"), home(math.NaN())); err != nil || llsd.Get(v, "success") != false {
		t.Errorf("a home nowhere: %v, %v", v, err)
	}
	if _, err := cl.Get(c.ctx, g.LoginURI()+"cap/nobody/GetTexture"); !isStatus(err, http.StatusNotFound) {
		t.Errorf("a capability that was never granted: %v, want 404", err)
	}
}
