package param

import (
	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

// What the key action of commands that answer offers may say.
const (
	ReplyAccept  = "accept"
	ReplyDecline = "decline"
	ReplyIgnore  = "ignore"
	ReplyPurge   = "purge"
)

// Reply is the parameters of commands that answer an offer, given by its
// session: what to do, and with which.
type Reply struct {
	action  Param[string]
	session Param[grid.UUID]
}

// NewReply returns the parameters; about says what the session is of.
func NewReply(about string) Reply {
	return Reply{
		action: OneOf("action", "accept or decline it, ignore it, or purge: forget all of them", script.ErrUnknownAction,
			ReplyAccept, ReplyDecline, ReplyIgnore, ReplyPurge),
		session: UUID("session", about+"; needed but for purge").Fails(script.ErrNoSessionSpecified),
	}
}

// Infos describes the two keys.
func (p Reply) Infos() []command.Info { return append(p.action.Infos(), p.session.Infos()...) }

// Of returns what to do, and the session of the offer unless that is purge.
func (p Reply) Of(c *command.Call) (action string, session grid.UUID, err error) {
	if action, err = p.action.Of(c); err != nil || action == ReplyPurge {
		return action, session, err
	}
	session, err = p.session.Required().Of(c)
	return action, session, err
}
