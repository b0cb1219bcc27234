package simgrid_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestChatCarriesAsFarAsItsType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind     grid.ChatType
		distance float32
		heard    bool
	}{
		{grid.ChatWhisper, 9.5, true},
		{grid.ChatWhisper, 10.5, false},
		{grid.ChatNormal, 19.5, true},
		{grid.ChatNormal, 20.5, false},
		{grid.ChatShout, 99.5, true},
		{grid.ChatShout, 100.5, false},
	} {
		t.Run(test.kind.String(), func(t *testing.T) {
			t.Parallel()
			g := start(t, simgrid.Config{})
			speaker := connect(t, g, "Ann", at("Rookery", 50, 50, 22))
			// Across the ground, in whole metres that the login can say.
			other := connect(t, g, "Ben", at("Rookery", 50, 50, 22))
			place(t, g, other, grid.Vector3{X: 50 + test.distance, Y: 50, Z: 22})
			speaker.say(test.kind, 0, "hello")
			m := await(speaker, heard("hello")) // speakers hear themselves
			if grid.ChatType(m.ChatData.ChatType) != test.kind || m.ChatData.SourceID != speaker.id() ||
				message.String(m.ChatData.FromName) != "Ann Tester" || grid.ChatSource(m.ChatData.SourceType) != grid.ChatSourceAgent {
				t.Errorf("got %+v", m.ChatData)
			}
			other.round()
			if got := has(other, heard("hello")); got != test.heard {
				t.Errorf("%v over %g m: heard %v, want %v", test.kind, test.distance, got, test.heard)
			}
		})
	}
}

// place puts an agent somewhere in its region by a teleport.
func place(t *testing.T, g *simgrid.Grid, c *client, to grid.Vector3) {
	t.Helper()
	s, _ := g.Avatar(c.id())
	c.send(&message.TeleportLocationRequest{InfoBlock: message.TeleportLocationRequestInfo{
		RegionHandle: uint64(g.Region(s.Region).Handle()), Position: to, LookAt: grid.Vector3{X: 1},
	}})
	await[*message.TeleportLocal](c, nil)
}

func TestChatCarriesUpwardsNoFarther(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 50, 50, 22))
	ben := connect(t, g, "Ben", at("Rookery", 50, 50, 22))
	ben.move(grid.ControlFly, 0)
	place(t, g, ben, grid.Vector3{X: 50, Y: 50, Z: 60})
	ann.say(grid.ChatNormal, 0, "below")
	await(ann, heard("below"))
	ben.round()
	if has(ben, heard("below")) {
		t.Error("say was heard 38 m above")
	}
}

func TestChatCarriesOverTheBorder(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 250, 128, 22))
	ben := connect(t, g, "Ben", at("Heronry", 5, 128, 22))
	far := connect(t, g, "Cid", at("Heronry", 30, 128, 22))
	ann.say(grid.ChatNormal, 0, "over there")
	m := await(ben, heard("over there"))
	if x := m.ChatData.Position.X; x != -6 {
		t.Errorf("the speaker stands at X %g of the listener's region, want -6", x)
	}
	far.round()
	if has(far, heard("over there")) {
		t.Error("heard 36 m away")
	}
}

func TestOtherChannelsReachPrimsOnly(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	near, err := g.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Ear", Position: grid.Vector3{X: 55, Y: 50, Z: 22}})
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan simgrid.Heard, 8)
	for _, channel := range []int32{0, 7, -5} {
		if err := near.Listen(channel, func(h simgrid.Heard) { lines <- h }); err != nil {
			t.Fatal(err)
		}
	}
	ann := connect(t, g, "Ann", at("Rookery", 50, 50, 22))
	ann.say(grid.ChatNormal, 7, "for the prim")
	ann.say(grid.ChatNormal, 8, "for nobody")
	ann.say(grid.ChatNormal, -5, "for the dialog")
	ann.say(grid.ChatNormal, 0, "for all")
	for _, want := range []string{"for the prim", "for the dialog", "for all"} {
		if h := <-lines; h.Text != want || h.Speaker != ann.id() {
			t.Errorf("heard %+v, want %q", h, want)
		}
	}
	await(ann, heard("for all"))
	if has(ann, heard("for the prim")) {
		t.Error("an avatar heard channel 7")
	}
	said := g.Said(ann.id())
	if len(said) != 4 || said[1].Channel != 8 || said[1].Text != "for nobody" {
		t.Errorf("the grid remembers %+v", said)
	}
}

func TestTypingIsSeenByOthers(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann"), connect(t, g, "Ben")
	await(ben, objectWith(ann.id()))
	ann.say(grid.ChatStartTyping, 0, "")
	await(ben, func(m *message.ChatFromSimulator) bool {
		return grid.ChatType(m.ChatData.ChatType) == grid.ChatStartTyping
	})
	await(ben, plays(ann.id(), grid.AnimType))
	if s, _ := g.Avatar(ann.id()); !s.Typing {
		t.Error("the region does not see the typing")
	}
	ann.say(grid.ChatStopTyping, 0, "")
	await(ben, func(m *message.ChatFromSimulator) bool {
		return grid.ChatType(m.ChatData.ChatType) == grid.ChatStopTyping
	})
	if _, err := g.AwaitAvatar(ann.ctx, ann.id(), func(s simgrid.AvatarState) bool { return !s.Typing }); err != nil {
		t.Error(err)
	}
}

// plays matches an animation message in which an avatar plays something.
func plays(who, anim grid.UUID) func(*message.AvatarAnimation) bool {
	return func(m *message.AvatarAnimation) bool {
		if m.Sender.ID != who {
			return false
		}
		for _, a := range m.AnimationList {
			if a.AnimID == anim {
				return true
			}
		}
		return false
	}
}

func TestLongChatIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.say(grid.ChatNormal, 0, strings.Repeat("é", 600))
	m := await(c, func(m *message.ChatFromSimulator) bool { return len(m.ChatData.Message) > 100 })
	if got := message.String(m.ChatData.Message); got != strings.Repeat("é", 511) {
		t.Errorf("%d bytes arrived", len(got))
	}
}

func TestPrimsSpeakInEveryWay(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 50, 50, 22))
	ben := connect(t, g, "Ben", at("Rookery", 52, 50, 22))
	far := connect(t, g, "Cid", at("Rookery", 200, 200, 22))
	prim, err := g.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Box", Owner: ann.id(), Position: grid.Vector3{X: 51, Y: 50, Z: 22}})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(prim.Say(grid.ChatNormal, 0, "said"))
	must(prim.Say(grid.ChatWhisper, 0, "whispered"))
	must(prim.Say(grid.ChatShout, 0, "shouted"))
	must(prim.Say(grid.ChatDebug, 0, "script error"))
	for text, kind := range map[string]grid.ChatType{
		"said": grid.ChatNormal, "whispered": grid.ChatWhisper, "shouted": grid.ChatShout, "script error": grid.ChatDebug,
	} {
		m := await(ben, heard(text))
		if grid.ChatType(m.ChatData.ChatType) != kind || grid.ChatSource(m.ChatData.SourceType) != grid.ChatSourceObject ||
			m.ChatData.SourceID != prim.ID() || m.ChatData.OwnerID != ann.id() || message.String(m.ChatData.FromName) != "Box" {
			t.Errorf("%s: got %+v", text, m.ChatData)
		}
	}
	must(prim.OwnerSay("for the owner"))
	must(prim.RegionSayTo(far.id(), 0, "for the far one"))
	if m := await(ann, heard("for the owner")); grid.ChatType(m.ChatData.ChatType) != grid.ChatOwnerSay {
		t.Errorf("owner say has type %d", m.ChatData.ChatType)
	}
	if m := await(far, heard("for the far one")); grid.ChatType(m.ChatData.ChatType) != grid.ChatRegionSayTo {
		t.Errorf("region say to has type %d", m.ChatData.ChatType)
	}
	ben.round()
	far.round()
	if has(ben, heard("for the owner")) || has(ben, heard("for the far one")) || has(far, heard("said")) {
		t.Error("somebody heard what was not for them")
	}
	if prim.Say(grid.ChatRegionSay, 0, "x") == nil || prim.Say(grid.ChatOwnerSay, 0, "x") == nil {
		t.Error("a prim may say what scripts cannot")
	}
	must(prim.Remove())
	if err := prim.Say(grid.ChatNormal, 0, "x"); err == nil {
		t.Error("a removed prim speaks")
	}
}

func TestInhabitantsAnswer(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{
		{First: "Robin", Last: "Nest", Region: "Rookery", Answers: simgrid.AnswerAll},
		{First: "Wren", Last: "Thicket", Region: "Rookery", Reply: func(h simgrid.Heard, direct bool) string {
			if direct {
				return "in private: " + h.Text
			}
			return "yes, " + h.Name
		}},
	}})
	c := connect(t, g, "Ann")
	c.say(grid.ChatNormal, 0, "hello")
	if m := await(c, heard("Hello Ann, you said: hello")); message.String(m.ChatData.FromName) != "Robin Nest" {
		t.Errorf("%q answered", message.String(m.ChatData.FromName))
	}
	if has(c, heard("yes, Ann Tester")) {
		t.Error("Wren answered without being named")
	}
	c.say(grid.ChatNormal, 0, "are you there, wren?")
	await(c, heard("yes, Ann Tester"))
	c.im(g.Inhabitant("Wren", "Thicket").ID(), grid.IMMessageFromAgent, "psst")
	if m := await(c, told("in private: psst")); m.AgentData.AgentID != g.Inhabitant("wren", "thicket").ID() || m.MessageBlock.ToAgentID != c.id() {
		t.Errorf("got %+v", m)
	}
}

func TestInstantMessagesPassBetweenRegions(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 50, 50, 22))
	ben := connect(t, g, "Ben", at("Heronry", 50, 50, 22))
	ann.im(ben.id(), grid.IMStartTyping, "typing")
	ann.im(ben.id(), grid.IMMessageFromAgent, "hello")
	typing := await(ben, told("typing"))
	m := await(ben, told("hello"))
	if grid.IMDialog(typing.MessageBlock.Dialog) != grid.IMStartTyping || grid.IMDialog(m.MessageBlock.Dialog) != grid.IMMessageFromAgent {
		t.Errorf("dialogs %d and %d", typing.MessageBlock.Dialog, m.MessageBlock.Dialog)
	}
	if name := message.String(m.MessageBlock.FromAgentName); name != "Ann Tester" {
		t.Errorf("from %q: the grid must not believe the client's name", name)
	}
	if m.AgentData.AgentID != ann.id() || m.MessageBlock.ID != grid.IMSession(ann.id(), ben.id()) || m.MessageBlock.Offline != 0 {
		t.Errorf("got %+v", m)
	}
}

func TestMessagesWaitForWhoIsAway(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	a, err := g.AddAccount("Ben", "Tester", "secret")
	if err != nil {
		t.Fatal(err)
	}
	ann := connect(t, g, "Ann")
	ann.im(a.ID(), grid.IMStartTyping, "typing")
	ann.im(a.ID(), grid.IMMessageFromAgent, "call me")
	await(ann, told("User not online - message will be stored and delivered later."))
	ann.im(uuid.New(), grid.IMMessageFromAgent, "anybody?")
	await(ann, told("There is no such user, the message was not delivered."))
	ben := connect(t, g, "Ben")
	ben.send(&message.RetrieveInstantMessages{})
	m := await(ben, told("call me"))
	if m.MessageBlock.Offline != uint8(grid.IMOffline) || m.AgentData.AgentID != ann.id() {
		t.Errorf("got %+v", m)
	}
	if has(ben, told("typing")) {
		t.Error("typing was stored")
	}
	ben.send(&message.RetrieveInstantMessages{})
	ben.round()
	if has(ben, told("call me")) {
		t.Error("the message came twice")
	}
}

func TestMessagesWaitInTheCapabilityOfSecondLife(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Robin", Last: "Nest", Region: "Rookery"}}})
	a, err := g.AddAccount("Ben", "Tester", "secret")
	if err != nil {
		t.Fatal(err)
	}
	robin := g.Inhabitant("Robin", "Nest")
	robin.Message(a.ID(), "while you were away")
	ben := connect(t, g, "Ben")
	cl := caps.Client{HTTP: ben.http}
	for i, want := range []int{1, 0} {
		v, err := cl.Get(ben.ctx, ben.cap("ReadOfflineMsgs"))
		if err != nil {
			t.Fatal(err)
		}
		list := llsd.Array(llsd.Array(v)[0])
		if len(list) != want {
			t.Fatalf("fetch %d: %v", i, v)
		}
		if want == 1 && (llsd.Get(list[0], "message") != "while you were away" || llsd.Get(list[0], "from_agent_id") != robin.ID()) {
			t.Errorf("got %v", list[0])
		}
	}
}

func TestObjectMessagesNameTheSenderAsTheGridDoes(t *testing.T) {
	t.Parallel()
	for _, opensim := range []bool{false, true} {
		g := start(t, simgrid.Config{OpenSim: opensim})
		c := connect(t, g, "Ann")
		owner := uuid.New()
		prim, err := g.Region("Heronry").AddPrim(simgrid.PrimConfig{Name: "Mailbox", Owner: owner, Position: grid.Vector3{X: 1, Y: 2, Z: 22}})
		if err != nil {
			t.Fatal(err)
		}
		if err := prim.Message(c.id(), "you have mail"); err != nil {
			t.Fatal(err)
		}
		m := await(c, told("you have mail"))
		want := owner
		if opensim {
			want = prim.ID()
		}
		if m.AgentData.AgentID != want || m.MessageBlock.ID != prim.ID() || grid.IMDialog(m.MessageBlock.Dialog) != grid.IMMessageFromObject {
			t.Errorf("OpenSim %v: got %+v", opensim, m)
		}
	}
}
