package profile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestSelfDataIsWhatTheGridSees(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	id := w.Agent.Self().ID.String()
	got := w.Do(t, "command=getselfdata&data=Name,AgentID,SittingOn,SessionID,SecureSessionID,Movement.Fly,FirstName")
	want := []string{"Name", "Test Bot", "AgentID", id, "SittingOn", "0", "Movement.Fly", "false", "FirstName", "Test"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = w.Do(t, "command=getselfdata&data=SimPosition,GlobalPosition")
	state := w.Await(t, func(simgrid.AvatarState) bool { return true })
	local, err := script.ParseVector3(got[1])
	if err != nil || grid.Vector3(local).Distance(state.Position) > 1 {
		t.Errorf("SimPosition %v, %v; the grid says %v", local, err, state.Position)
	}
	if z := func(v string) string { return v[strings.LastIndex(v, " "):] }; z(got[1]) != z(got[3]) {
		t.Errorf("the height is %s in the region and %s in the grid", z(got[1]), z(got[3]))
	}
	global, err := script.ParseVector3d(got[3])
	x, y := w.Grid.Region("Rookery").Handle().Metres()
	if err != nil || global.X < float64(x)+100 || global.Y < float64(y)+100 {
		t.Errorf("GlobalPosition %v, %v", global, err)
	}
}

func TestSelfDataKnowsTheSeat(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	bench := w.Prim(t, simgrid.PrimConfig{Name: "Bench", Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	w.Do(t, "command=sit&item=Bench")
	w.Until(t, "the agent knows its seat", func() bool { return w.Agent.Self().SittingOn == bench.ID() })
	got := w.Do(t, "command=getselfdata&data=SittingOn")
	if want := script.FormatFloat(float64(bench.LocalID())); got[1] != want {
		t.Errorf("SittingOn %v, want %s", got, want)
	}
	w.Heard(t, "sit", script.Pairs{{Key: "new", Value: bench.ID().String()}, {Key: "firstname", Value: "Test"}, {Key: "region", Value: "Rookery"}})
	w.Do(t, "command=stand")
	w.Heard(t, "sit", script.Pairs{{Key: "old", Value: bench.ID().String()}, {Key: "new", Value: ""}})
}

func people(t *testing.T, w *commandtest.World) (ada, bob *simgrid.Inhabitant) {
	ada = w.Inhabitant(t, simgrid.InhabitantConfig{
		First: "Ada", Last: "Rook", Position: commandtest.Start.Add(grid.Vector3{X: 5}), About: `I like "birds", really`,
	})
	bob = w.Inhabitant(t, simgrid.InhabitantConfig{First: "Bob", Last: "Jay", Position: commandtest.Start.Add(grid.Vector3{X: 40})})
	return ada, bob
}

func TestAvatarDataOfWhoIsInRange(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada, _ := people(t, w)
	for _, who := range []string{"agent=" + ada.ID().String(), "firstname=ADA&lastname=ROOK"} {
		got := w.Do(t, "command=getavatardata&data=Name,ID,Nonsense,LocalID,SittingOn&"+who)
		if len(got) != 8 || got[1] != "Ada Rook" || got[3] != ada.ID().String() {
			t.Errorf("%s: %v", who, got)
		}
	}
	w.Fails(t, "command=getavatardata&data=Name&range=20&firstname=Bob&lastname=Jay", script.ErrAvatarNotInRange)
	w.Do(t, "command=getavatardata&data=Name&range=50&firstname=Bob&lastname=Jay")
}

func TestAvatarDataAsksForTheProfile(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada, _ := people(t, w)
	got := w.Do(t, "command=getavatardata&data=ProfileProperties.AboutText,FirstName&agent="+ada.ID().String())
	if diff := cmp.Diff([]string{"ProfileProperties.AboutText", `I like "birds", really`, "FirstName", "Ada"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestProfilesOfASilentGridTimeOut(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada, _ := people(t, w)
	w.Silence(t)
	who := "agent=" + ada.ID().String()
	w.Fails(t, "command=getavatardata&timeout=50&data=ProfileProperties.AboutText&"+who, script.ErrTimeoutGettingAvatarData)
	// Of many, those that do not come are left out, and what is known is answered.
	got := w.Do(t, "command=getavatarsdata&timeout=50&entity=avatar&data=ProfileInterests,Groups,FirstName&"+who)
	if diff := cmp.Diff([]string{"FirstName", "Ada"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAvatarsDataAnswersNearestFirst(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada, _ := people(t, w)
	for line, want := range map[string][]string{
		"entity=range&range=20": {"FirstName", "Test", "FirstName", "Ada"},
		"entity=range":          {"FirstName", "Test", "FirstName", "Ada", "FirstName", "Bob"},
		"entity=REGION":         {"FirstName", "Test", "FirstName", "Ada", "FirstName", "Bob"},
		"entity=parcel":         {"FirstName", "Test", "FirstName", "Ada", "FirstName", "Bob"},

		"entity=avatar&agent=" + ada.ID().String(): {"FirstName", "Ada"},
	} {
		if diff := cmp.Diff(want, w.Do(t, "command=getavatarsdata&data=FirstName&"+line)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
	got := w.Do(t, "command=getavatarsdata&entity=region&data=FirstName,ProfileProperties.AboutText")
	want := []string{"FirstName", "Ada", "ProfileProperties.AboutText", `I like "birds", really`, "FirstName", "Bob"}
	if len(got) < 6 || strings.Join(got[len(got)-6:], "|") == "" || !contains(got, want) {
		t.Errorf("%q, want %q in it", got, want)
	}
}

func contains(all, part []string) bool {
	return strings.Contains("|"+strings.Join(all, "|")+"|", "|"+strings.Join(part, "|")+"|")
}

func TestAvatarPositionsListTheWholeRegion(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada, _ := people(t, w)
	w.Until(t, "the map shows all three", func() bool { return len(w.Agent.CoarseLocations(w.Agent.Self().Region)) == 3 })
	for _, line := range []string{"entity=region", "entity=region&region=rookery", "entity=parcel", "entity=parcel&position=<1,2>"} {
		got := script.Rows(w.Do(t, "command=getavatarpositions&"+line), 3)
		if len(got) != 3 {
			t.Fatalf("%q", got)
		}
		for _, row := range got {
			if row[0] == "Ada Rook" {
				at, err := script.ParseVector3(row[2])
				if row[1] != ada.ID().String() || err != nil || grid.Vector3(at).Distance2D(ada.State().Position) > 1.5 {
					t.Errorf("%q, %v", row, err)
				}
			}
		}
	}
	w.Heard(t, "coarse", script.Pairs{{Key: "region", Value: "Rookery"}})
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Until(t, "the agent is connected to the neighbour", func() bool { _, ok := w.Agent.RegionNamed("Heronry"); return ok })
	const nobody = "870b5fa9-0b32-491e-8848-465666ae1151"
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=getavatardata&data=Name", Error: script.ErrAgentNotFound, Says: "agent is missing"},
		{Line: "command=getavatardata&data=Name&agent=ada", Error: script.ErrAgentNotFound, Says: "36 characters"},
		{Line: "command=getavatardata&data=Name&firstname=No&lastname=Body", Error: script.ErrAgentNotFound},
		{Line: "command=getavatardata&data=Name&agent=" + nobody, Error: script.ErrAvatarNotInRange},
		{Line: "command=getavatardata&data=Name&agent=" + nobody + "&range=-1", Error: script.ErrInvalidParameter, Says: "range"},
		{Line: "command=getavatarsdata&data=Name", Error: script.ErrUnknownEntity, Says: "range, parcel, region, avatar"},
		{Line: "command=getavatarsdata&data=Name&entity=parcel&position=<300,128>", Error: script.ErrCouldNotFindParcel, Says: "none at"},
		{Line: "command=getavatarsdata&data=Name&entity=avatar", Error: script.ErrAgentNotFound},
		{Line: "command=getavatarsdata&data=Name&entity=avatar&agent=" + nobody, Error: script.ErrAvatarNotInRange},
		{Line: "command=getavatarpositions&region=Atlantis&entity=x", Error: script.ErrRegionNotFound, Says: "Atlantis"}, // the region first
		{Line: "command=getavatarpositions&entity=x", Error: script.ErrUnknownEntity, Says: "region, parcel"},
		{Line: "command=getavatarpositions&entity=parcel&position=<300,128>", Error: script.ErrCouldNotFindParcel, Says: "none at"},
		{Line: "command=getavatarpositions&entity=parcel&region=Heronry", Error: script.ErrCouldNotFindParcel, Says: "own region"},
		{Line: "command=getavatarpositions&entity=parcel&position=here", Error: script.ErrInvalidParameter, Says: "position"},
		{Line: "command=getavatarsdata&data=Name&entity=parcel&position=1", Error: script.ErrInvalidParameter, Says: "position"},
		{Line: "command=getavatarsdata&data=Name&entity=range&range=far", Error: script.ErrInvalidParameter, Says: "range"},
		{Line: "command=getselfdata&data=Name&timeout=x", Error: script.ErrInvalidParameter, Says: "timeout"},
	}...)
}
