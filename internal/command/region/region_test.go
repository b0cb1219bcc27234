package region_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRegionDataIsWhatTheGridSays(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	here := w.Grid.Region("Rookery")
	got := w.Do(t, "command=getregiondata&data=WaterHeight,Name,Nonsense,RegionID,Handle,Access,HandshakeComplete,SizeX")
	want := []string{
		"WaterHeight", "20", "Name", "Rookery", "RegionID", here.ID().String(), "Handle", strconv.FormatUint(uint64(here.Handle()), 10),
		"Access", "PG", "HandshakeComplete", "true", "SizeX", "256",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if answer := w.Ask(t, "command=getregiondata"); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("nothing asked: %v", answer)
	}
}

func TestNeighboursMayBeAskedByNameAndUUID(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Until(t, "the neighbour is connected", func() bool {
		r, ok := w.Agent.RegionNamed("Heronry")
		return ok && r.Handshake
	})
	for _, region := range []string{"heronry", "Heronry", w.Grid.Region("Heronry").ID().String()} {
		if got := w.Do(t, "command=getregiondata&data=Name&region="+region); len(got) != 2 || got[1] != "Heronry" {
			t.Errorf("%s: %v", region, got)
		}
	}
}

func TestStatisticsNeedNoPath(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	if _, err := w.Grid.AddInhabitant(simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Region: "Rookery"}); err != nil {
		t.Fatal(err)
	}
	w.Until(t, "the region tells of both", func() bool {
		r, ok := w.Agent.Region()
		return ok && r.Stats.Agents == 2
	})
	got := w.Do(t, "command=getregiondata&data=Agents,Stats.Agents,FPS")
	if len(got) != 6 || !slices.Equal(got[:5], []string{"Agents", "2", "Stats.Agents", "2", "FPS"}) {
		t.Fatalf("%v", got)
	}
	if fps, err := strconv.ParseFloat(got[5], 32); err != nil || fps <= 0 {
		t.Errorf("FPS %s", got[5])
	}
}

func TestAvatarPositionsAreADictionary(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada, err := w.Grid.AddInhabitant(simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Region: "Rookery"})
	if err != nil {
		t.Fatal(err)
	}
	w.Until(t, "the map shows both", func() bool { return len(w.Agent.CoarseLocations(w.Agent.Self().Region)) == 2 })
	got := w.Do(t, "command=getregiondata&data=AvatarPositions")
	if len(got) != 7 || got[0] != "AvatarPositions" || got[1] != "Guid" || got[4] != "Guid" {
		t.Fatalf("%v", got)
	}
	if got[2] != ada.ID().String() && got[5] != ada.ID().String() {
		t.Errorf("%s is not in %v", ada.ID(), got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, commandtest.Refusal{
		Line: "command=getregiondata&data=Name&region=Atlantis", Error: script.ErrRegionNotFound, Says: `not connected to "Atlantis"`,
	})
}
