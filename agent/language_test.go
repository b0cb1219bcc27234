package agent_test

import (
	"testing"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func TestEachRegionIsToldTheLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	silent := w.bot("Silent", nil)
	a := w.bot("Ada", func(c *agent.Config) {
		c.Language, c.LanguagePublic = "de", true
		startAt("Rookery", 128, 128, 22)(c)
	})
	told := await(w, func(e simgrid.LanguageTold) bool {
		if e.Agent == silent.Self().ID {
			t.Errorf("an agent without a language told %+v", e)
		}
		return e.Agent == a.Self().ID
	})
	if told.Language != "de" || !told.Public || told.Region != "Rookery" {
		t.Errorf("told %+v", told)
	}
	must(t, a.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 128, Y: 128, Z: 22}, grid.Vector3{X: 1}))
	await(w, func(e simgrid.LanguageTold) bool { return e.Agent == a.Self().ID && e.Region == "Heronry" })
}
