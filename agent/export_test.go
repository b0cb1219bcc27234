package agent

import (
	"context"

	"rookery/grid"
	"rookery/grid/message"
)

// Tell lets tests send what the agent has no method for.
func (a *Agent) Tell(ctx context.Context, build func(agent, session grid.UUID) message.Message) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	return a.tell(ctx, build(s.id, s.secret))
}

// Drop breaks the agent's network off, without a goodbye.
func (a *Agent) Drop() {
	a.mu.Lock()
	s := a.session
	a.mu.Unlock()
	if s != nil {
		_ = s.endpoint.Close()
	}
}
