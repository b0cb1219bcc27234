package simgrid

import (
	"net/http"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
)

// LanguageTold says that an agent told a region its language.
type LanguageTold struct {
	Agent    grid.UUID
	Region   string
	Language string
	Public   bool // scripts may know it
}

func (LanguageTold) event() {}

func serveAgentLanguage(p *presence, w http.ResponseWriter, r *http.Request) {
	v, ok := caps.ReadLLSD(w, r, 1<<16)
	if !ok {
		return
	}
	caps.WriteLLSD(w, http.StatusOK, map[string]any{})
	p.region.g.hub.emit(LanguageTold{
		Agent: p.session.account.id, Region: p.region.cfg.Name,
		Language: llsd.String(llsd.Get(v, "language")), Public: llsd.Bool(llsd.Get(v, "language_is_public")),
	})
}
