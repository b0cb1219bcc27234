package agent

import (
	"context"
	"fmt"

	"rookery/grid"
	"rookery/grid/message"
)

// Lures returns the teleports that were offered and wait for an answer, the
// oldest first; at most 100.
func (a *Agent) Lures() []LureReceived {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.offers.lures.all()
}

// AcceptLure goes where a lure leads, given by its session: the agent stands up,
// stops animations that are not built in, and teleports. The errors are those
// of Teleport, and ErrNoOffer when there is no such lure. A lure that the grid
// refuses is gone.
func (a *Agent) AcceptLure(ctx context.Context, id grid.UUID) error {
	return answer(a, &a.offers.lures, id, func(LureReceived) error {
		if err := a.Stand(ctx); err != nil {
			return fmt.Errorf("stand up to teleport: %w", err)
		}
		if err := a.Deanimate(ctx); err != nil {
			return fmt.Errorf("stop animations to teleport: %w", err)
		}
		return a.teleport(ctx, func(s *session) message.Message {
			return &message.TeleportLureRequest{InfoBlock: message.TeleportLureRequestInfo{
				AgentID: s.id, SessionID: s.secret, LureID: id, TeleportFlags: uint32(grid.TeleportViaLure),
			}}
		})
	})
}

// DeclineLure tells who sent a lure that the agent does not come. It returns
// when the region has heard of it; the error is ErrNoOffer when there is no
// such lure.
func (a *Agent) DeclineLure(ctx context.Context, session grid.UUID) error {
	return answer(a, &a.offers.lures, session, func(lure LureReceived) error {
		return a.confirmMessage(ctx, OutgoingMessage{To: lure.From, Dialog: grid.IMDenyTeleport, Session: session})
	})
}

// ForgetLure drops a lure without an answer; it returns whether there was one.
func (a *Agent) ForgetLure(session grid.UUID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.offers.lures.take(session)
	return err == nil
}
