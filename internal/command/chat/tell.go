package chat

import (
	"context"
	"errors"
	"math"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// tell holds the parameters of Tell.
type tell struct {
	entity  param.Param[string]
	message param.Param[string]
	who     param.Avatar
	dialog  param.Param[grid.IMDialog]
	online  param.Param[grid.IMOnline]
	session param.Param[grid.UUID]
	channel param.Param[int64]
	kind    param.Param[grid.ChatType]
}

// Tell says something in local chat or to an avatar.
func Tell() command.Command {
	t := tell{
		entity: param.OneOf("entity", "who is to hear it", script.ErrUnknownEntity,
			"avatar", "group", "conference", "local", "region", "estate"),
		message: param.Text("message", "what to say; at most 1023 bytes of UTF-8"),
		who:     param.NewAvatar("avatar: the one to tell"),
		dialog:  param.Enum("dialog", "avatar: what kind of message it is", grid.IMDialogs()).Or(grid.IMMessageFromAgent),
		online:  param.Enum("online", "avatar: what to do with it when the avatar is away", []grid.IMOnline{grid.IMOnlineOnly, grid.IMOffline}).Or(grid.IMOffline),
		session: param.UUID("session", "avatar: the session it belongs to").OrElse("the conversation of the two avatars", nil),
		channel: param.Int("channel", "local: the chat channel; objects alone hear others than 0", math.MinInt32, math.MaxInt32).Or(0),
		kind:    param.Enum("type", "local: how to say it", grid.ChatTypes()).Or(grid.ChatNormal),
	}
	return command.Command{
		Name:       "tell",
		Permission: rights.Talk,
		Summary:    "Says something in local chat or to an avatar.",
		Notes: []string{
			"Available in this version are the entities local and avatar.",
			"An empty message, or one that the grid would cut, is refused on every grid; typing carries no message.",
			"A negative channel is reached the way a script dialog is answered, since grids take no chat there.",
		},
		Params: []command.Parameter{t.entity, t.message, t.who, t.dialog, t.online, t.session, t.channel, t.kind},
		Errors: []*script.Error{script.ErrTooManyOrTooFewCharactersInMessage},
		Run:    t.run,
	}
}

func (t tell) run(ctx context.Context, c *command.Call) (command.Data, error) {
	entity, err := t.entity.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	switch entity {
	case "local":
		err = t.local(ctx, c)
	case "avatar":
		err = t.avatar(ctx, c)
	default:
		err = command.Explain(script.ErrUnknownEntity, "%s is not available in this version; available are avatar, local", entity)
	}
	if errors.Is(err, agent.ErrTooLong) {
		err = script.ErrTooManyOrTooFewCharactersInMessage.Because(err)
	}
	return command.Data{}, err
}

func (t tell) local(ctx context.Context, c *command.Call) error {
	message, err := t.message.Of(c)
	if err != nil {
		return err
	}
	channel, err := t.channel.Of(c)
	if err != nil {
		return err
	}
	kind, err := t.kind.Of(c)
	if err != nil {
		return err
	}
	if kind != grid.ChatStartTyping && kind != grid.ChatStopTyping {
		if err := checkLength(message); err != nil {
			return err
		}
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	return c.Agent.Chat(ctx, message, kind, int32(channel))
}

func (t tell) avatar(ctx context.Context, c *command.Call) error {
	id, err := t.who.Of(ctx, c)
	if err != nil {
		return err
	}
	m := agent.OutgoingMessage{To: id}
	if m.Message, err = t.message.Of(c); err != nil {
		return err
	}
	if m.Dialog, err = t.dialog.Of(c); err != nil {
		return err
	}
	if m.Online, err = t.online.Of(c); err != nil {
		return err
	}
	if m.Session, err = t.session.Of(c); err != nil {
		return err
	}
	if m.Dialog == grid.IMMessageFromAgent || m.Dialog == grid.IMBusyAutoResponse {
		if err := checkLength(m.Message); err != nil {
			return err
		}
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	return c.Agent.SendInstantMessage(ctx, m)
}

// checkLength holds a message against what grids carry.
func checkLength(message string) error {
	if len(message) < 1 || len(message) > grid.ChatLimit {
		return command.Explain(script.ErrTooManyOrTooFewCharactersInMessage,
			"message has %d bytes; allowed are 1 to %d", len(message), grid.ChatLimit)
	}
	return nil
}
