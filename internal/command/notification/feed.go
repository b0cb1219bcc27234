package notification

import (
	"context"
	"errors"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/feed"
	"rookery/internal/rights"
	"rookery/script"
)

// maxFeedName is the longest name of a feed that is taken, in bytes.
const maxFeedName = 256

// feeds holds the parameters of Feed.
type feeds struct {
	action param.Param[string]
	name   param.Param[string]
	url    param.Param[string]
}

// Feed manages the news feeds that the group subscribed to.
func Feed() command.Command {
	f := feeds{
		action: param.OneOf("action", "what to do", script.ErrUnknownAction, "add", "remove", "list"),
		name:   param.Text("name", "add: what the notification calls the feed, at most 256 bytes").Fails(script.ErrNoNameProvided),
		url: param.Text("URL", "add, remove: where the feed is, http or https, at most 4096 bytes; remove: exactly as it was added").
			Fails(script.ErrInvalidURLProvided),
	}
	return command.Command{
		Name:       "feed",
		Permission: rights.Feed,
		Summary:    "Subscribes the group to news feeds: RSS, Atom or JSON Feed.",
		Notes: []string{
			"`add` looks at the feed at once, and refuses what is none. What is in it then is not told; what comes later is told by the notification `feed`, " +
				"to this group alone. `remove` ends a subscription; there need not be one.",
			"Feeds are looked at once a minute unless configured otherwise, once for all groups that subscribed, and less often while they fail. " +
				"Each item is told once, also across restarts: an item that is changed later is not told again. " +
				"At one look at most 50 items are told, the oldest first, and the others at the next ones.",
			"Subscriptions survive a restart. A group that lost the permission of this command, or the right to the notification, is told nothing until it " +
				"has it again.",
			"Like callbacks, feeds may be on the public Internet only, unless the setting `outgoing.allow_private` names their address, network or host.",
		},
		Params: []command.Parameter{f.action, f.name, f.url},
		Result: "list: name, URL for each feed of the group, by name",
		Errors: []*script.Error{
			script.ErrNoNameProvided, script.ErrNameTooLarge, script.ErrInvalidURLProvided, script.ErrInvalidFeedProvided,
			script.ErrAlreadySubscribedToFeed, script.ErrBusy, script.ErrNotSupported,
		},
		Run: f.run,
	}
}

func (f feeds) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, err := f.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	book := c.Rooms.Feeds
	if book == nil {
		return command.Data{}, command.Explain(script.ErrNotSupported, "there are no feeds here")
	}
	switch action {
	case "add":
		return command.Data{}, f.add(ctx, c, book)
	case "remove":
		url, err := f.urlOf(c)
		if err != nil {
			return command.Data{}, err
		}
		return command.Data{}, book.Remove(ctx, c.Caller.ID, url)
	}
	var cells []string
	for _, s := range book.List(c.Caller.ID) {
		cells = append(cells, s.Name, s.URL)
	}
	return command.List(cells...), nil
}

func (f feeds) add(ctx context.Context, c *command.Call, book *feed.Book) error {
	name, err := f.name.Of(c)
	switch name = strings.TrimSpace(name); {
	case err != nil:
		return err
	case name == "":
		return command.Explain(script.ErrNoNameProvided, "name is missing: want what the notification shall call the feed")
	case len(name) > maxFeedName:
		return command.Explain(script.ErrNameTooLarge, "name has %d bytes; allowed are %d", len(name), maxFeedName)
	}
	url, err := f.urlOf(c)
	if err != nil {
		return err
	}
	if len(url) > maxURL {
		return command.Explain(script.ErrInvalidURLProvided, "URL has %d bytes; allowed are %d", len(url), maxURL)
	}
	if err := book.Check(url); err != nil {
		return command.Explain(script.ErrInvalidURLProvided, "%v", err)
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	err = book.Add(ctx, c.Caller.ID, name, url)
	switch {
	case errors.Is(err, feed.ErrSubscribed):
		return command.Explain(script.ErrAlreadySubscribedToFeed, "%v", err)
	case errors.Is(err, feed.ErrTooMany):
		return command.Explain(script.ErrBusy, "%v", err)
	case errors.Is(err, feed.ErrInvalid):
		return command.Explain(script.ErrInvalidFeedProvided, "%v", err)
	}
	return err
}

func (f feeds) urlOf(c *command.Call) (string, error) {
	url, err := f.url.Of(c)
	if url = strings.TrimSpace(url); err == nil && url == "" {
		err = command.Explain(script.ErrInvalidURLProvided, "URL is missing; want one such as https://example.com/news.xml")
	}
	return url, err
}
