package agent

import (
	"context"

	"rookery/grid/caps"
)

// tellLanguage tells a region which language the agent speaks, if it is to know.
func (s *session) tellLanguage(ctx context.Context, set caps.Set) {
	c := s.a.cfg
	url := set["UpdateAgentLanguage"]
	if c.Language == "" || url == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, s.a.timeouts.Load().service)
	defer cancel()
	_, err := s.client().Post(ctx, url, map[string]any{"language": c.Language, "language_is_public": c.LanguagePublic})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("the language is not told", "error", err)
	}
}
