package simgrid_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestTheDemoGridLives(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Demo())
	c := connect(t, g, "Ann")
	c.say(grid.ChatNormal, 0, "good day")
	await(c, heard("Hello Ann, you said: good day"))
	wren := g.Inhabitant("Wren", "Thicket")
	if _, err := g.AwaitAvatar(c.ctx, wren.ID(), func(s simgrid.AvatarState) bool { return speed(s) > 3 }); err != nil {
		t.Error(err)
	}
	names := make(map[string]bool)
	for _, r := range g.Regions() {
		for _, s := range r.Avatars() {
			names[s.First] = s.Inhabitant
		}
	}
	if len(names) != 4 || !names["Jenny"] || !names["Wren"] || !names["Egret"] || names["Ann"] {
		t.Errorf("inhabitants %v", names)
	}
}

func TestScenesShowAlerts(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	if err := g.Alert(c.id(), "careful"); err != nil {
		t.Fatal(err)
	}
	await(c, func(m *message.AlertMessage) bool { return message.String(m.AlertData.Message) == "careful" })
	if err := g.AgentAlert(c.id(), "really", true); err != nil {
		t.Fatal(err)
	}
	await(c, func(m *message.AgentAlertMessage) bool {
		return message.String(m.AlertData.Message) == "really" && m.AlertData.Modal
	})
	if err := g.Send(c.id(), &message.HealthMessage{HealthData: message.HealthMessageHealthData{Health: 99}}); err != nil {
		t.Fatal(err)
	}
	await(c, func(m *message.HealthMessage) bool { return m.HealthData.Health == 99 })

	nobody := uuid.New()
	_, silenced := g.Silence(nobody)
	for _, err := range []error{g.Alert(nobody, ""), g.AgentAlert(nobody, "", false), g.Kick(nobody, ""), g.FailEventQueue(nobody, 500, 1), silenced} {
		if !errors.Is(err, simgrid.ErrNotInGrid) {
			t.Errorf("got %v, want %v", err, simgrid.ErrNotInGrid)
		}
	}
}

func TestScenesMoveInhabitantsAndPrims(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Robin", Last: "Nest", Region: "Rookery"}}})
	c := connect(t, g, "Ann")
	robin := g.Inhabitant("Robin", "Nest")
	local := block(await(c, objectWith(robin.ID())), robin.ID()).ID

	robin.Animate(grid.AnimBusy, true)
	await(c, plays(robin.ID(), grid.AnimBusy))
	if !robin.State().Busy {
		t.Error("not busy")
	}
	robin.Animate(grid.AnimBusy, false)
	robin.Typing(c.id(), true)
	robin.Typing(c.id(), false)
	await(c, func(m *message.ImprovedInstantMessage) bool {
		return grid.IMDialog(m.MessageBlock.Dialog) == grid.IMStopTyping
	})
	if err := robin.Place(grid.Vector3{X: 7, Y: 8, Z: 22}, grid.Vector3{Y: 1}); err != nil {
		t.Fatal(err)
	}
	await(c, func(m *message.ObjectUpdate) bool {
		motion, err := grid.ParseMotion(block(m, robin.ID()).ObjectData)
		return err == nil && motion.Position.X == 7
	})
	if robin.Place(grid.Vector3{X: 700}, grid.Vector3{}) == nil || robin.WalkTo(grid.Vector3{Y: -1}) == nil || robin.Say(grid.ChatOwnerSay, 0, "x") == nil {
		t.Error("an inhabitant did what it cannot")
	}
	robin.Remove()
	await(c, func(m *message.KillObject) bool { return m.ObjectData[0].ID == local })
	if g.Inhabitant("Robin", "Nest") != nil {
		t.Error("still there")
	}

	prim, err := g.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Sign", Position: grid.Vector3{X: 1, Y: 1, Z: 22}})
	if err != nil {
		t.Fatal(err)
	}
	await(c, objectWith(prim.ID()))
	if err := prim.SetText("closed"); err != nil {
		t.Fatal(err)
	}
	await(c, func(m *message.ObjectUpdate) bool { return message.String(block(m, prim.ID()).Text) == "closed" })
	if prim.Region() != g.Region("Rookery") || g.Region("Rookery").Prim(prim.ID()) != prim {
		t.Error("the prim is not found in its region")
	}
	if prim.Move(grid.Vector3{X: -1}, grid.Identity) == nil {
		t.Error("a prim left its region")
	}
}

func TestARepairedNetworkWorksAgain(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann"), connect(t, g, "Ben")
	await[*caps.EstablishAgentCommunication](ben, nil)
	restore, err := g.Silence(ben.id())
	if err != nil {
		t.Fatal(err)
	}
	ann.say(grid.ChatNormal, 0, "can you hear me?")
	await(ann, heard("can you hear me?"))
	if has(ben, heard("can you hear me?")) {
		t.Error("heard through a dead network")
	}
	restore()
	await(ben, heard("can you hear me?")) // it is sent again
	ben.send(&message.ParcelPropertiesRequest{ParcelData: message.ParcelPropertiesRequestParcelData{SequenceID: 3}})
	await(ben, func(p *caps.ParcelProperties) bool { return p.Parcel()["SequenceID"] == int32(3) })
}

func TestReloginPolicyCanChange(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{CircuitTimeout: 10 * time.Second})
	first := connect(t, g, "Ann")
	g.SetRelogin(simgrid.KickOld)
	second := connect(t, g, "Ann")
	await[*message.KickUser](first, nil)
	second.say(grid.ChatNormal, 0, "it is me now")
	await(second, heard("it is me now"))
}
