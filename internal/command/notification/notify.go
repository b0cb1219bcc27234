package notification

import (
	"context"
	"errors"
	"slices"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/notify/webhook"
	"rookery/internal/rights"
	"rookery/script"
)

// maxURL is the longest URL that is taken, in bytes.
const maxURL = 4096

// maxExtras is how long tags, afterburn and names of fields may be that belong to
// a URL, all together, in bytes.
const maxExtras = 16 << 10

// notify holds the parameters of Notify.
type notify struct {
	action    param.Param[string]
	url       param.Param[string]
	types     param.Param[[]string]
	tags      param.Param[[]string]
	afterburn param.Param[[]string]
	data      param.Param[[]string]
}

// Notify manages the URLs that the group's notifications are posted to.
func Notify() command.Command {
	n := notify{
		action: param.OneOf("action", "what to do", script.ErrUnknownAction,
			"add", "set", "update", "remove", "clear", "purge", "list"),
		url: param.Text("URL", "add, set, update: where to post to, http or https, at most 4096 bytes; "+
			"remove: a part of the URLs to remove").Fails(script.ErrInvalidURLProvided),
		types: param.List("type", "add, set: the notifications; update, remove, clear, list: only these").
			Fails(script.ErrInvalidNotificationTypes),
		tags:      param.List("tag", "add, set, update: labels for the URL; remove, list: only URLs with one of these"),
		afterburn: param.List("afterburn", "add, set, update: key, value and so on, added to every notification"),
		data:      param.List("data", "add, set, update: names of raw fields to be told in place of the usual keys"),
	}
	return command.Command{
		Name:       "notify",
		Permission: rights.Notifications,
		Summary:    "Manages the URLs that the group's notifications are posted to.",
		Notes: []string{
			"`add` registers a URL beside those there are; one that is there already keeps its tags. " +
				"`set` puts it in place of all others of the same notifications. " +
				"`update` replaces tags, afterburn and data of a URL that is registered. " +
				"These three do all or nothing: when a notification is unknown or not allowed, `data` names it and nothing changes.",
			"`remove` forgets what fits everything given of `type`, `tag` and `URL`, and needs one of them. " +
				"`clear` forgets the given types, or all without `type`; `purge` forgets everything.",
			"Afterburn and data belong to the URL and the notifications they were registered with. " +
				"With the tags they may have 16 KiB. Keys of afterburn that are names of commands, parameters or answers are dropped, and keys of the notification win. " +
				"The raw fields of each notification are in its reference; connections to doors always hear the usual keys.",
			"Notifications are posted like callbacks, those for one URL in order. " +
				"Registrations survive a restart unless configured otherwise; " +
				"a group that lost the right to a notification, or the permission of this command, is told nothing until it has it again. " +
				"A URL whose receiver answers 410, or 404 from a script in the world, is forgotten.",
		},
		Params: []command.Parameter{n.action, n.url, n.types, n.tags, n.afterburn, n.data},
		Result: "list: for each notification its name, its URLs, then their tags; with `type` without the tags; " +
			"with `tag` alone the tags that fit, then the URLs, without the name. add, set, update: what was not allowed",
		Errors: []*script.Error{
			script.ErrInvalidURLProvided, script.ErrInvalidNotificationTypes, script.ErrNotificationNotAllowed,
			script.ErrInvalidParameter, script.ErrBusy, script.ErrNotSupported,
		},
		Run: n.run,
	}
}

func (n notify) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, err := n.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	if c.Webhooks == nil {
		return command.Data{}, command.Explain(script.ErrNotSupported, "notifications cannot be posted here")
	}
	group := c.Caller.ID
	switch action {
	case "add", "set", "update":
		return n.register(ctx, c, action)
	case "purge":
		return command.Data{}, c.Webhooks.Remove(ctx, group, webhook.Match{})
	}

	m, data, err := n.match(c)
	if err != nil {
		return data, err
	}
	switch action {
	case "list":
		return n.list(c, m), nil
	case "clear":
		m.URL, m.Tags = "", nil
	case "remove":
		if len(m.Types) == 0 && len(m.Tags) == 0 && m.URL == "" {
			return command.Data{}, command.Explain(script.ErrInvalidNotificationTypes,
				"want type, tag or URL to tell what to remove; the action purge removes everything")
		}
	}
	return command.Data{}, c.Webhooks.Remove(ctx, group, m)
}

// register does add, set and update.
func (n notify) register(ctx context.Context, c *command.Call, action string) (command.Data, error) {
	url, err := n.url.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	url = strings.TrimSpace(url)
	if err := checkURL(c, url); err != nil {
		return command.Data{}, err
	}
	types, data, err := n.parseTypes(c)
	if err != nil {
		return data, err
	}
	if len(types) == 0 && action != "update" {
		return command.Data{}, command.Explain(script.ErrInvalidNotificationTypes, "type is missing; allowed are %s", strings.Join(c.Caller.Notifications, ", "))
	}
	var refused []string
	for _, kind := range types {
		if !c.Caller.Hears(kind) {
			refused = append(refused, kind)
		}
	}
	if len(refused) > 0 {
		return command.List(refused...), command.Explain(script.ErrNotificationNotAllowed, "%s", strings.Join(refused, ", "))
	}
	r, err := n.registration(c, url)
	if err != nil {
		return command.Data{}, err
	}
	switch action {
	case "add":
		err = c.Webhooks.Add(ctx, c.Caller.ID, types, r)
	case "set":
		err = c.Webhooks.Set(ctx, c.Caller.ID, types, r)
	case "update":
		err = c.Webhooks.Update(ctx, c.Caller.ID, types, r)
	}
	switch {
	case errors.Is(err, webhook.ErrTooMany):
		err = command.Explain(script.ErrBusy, "%v", err)
	case errors.Is(err, webhook.ErrNotRegistered):
		err = command.Explain(script.ErrInvalidURLProvided, "the URL is %v; the action add registers it", err)
	}
	return command.Data{}, err
}

func checkURL(c *command.Call, url string) error {
	switch {
	case url == "":
		return command.Explain(script.ErrInvalidURLProvided, "URL is missing; want one such as https://example.com/path")
	case len(url) > maxURL:
		return command.Explain(script.ErrInvalidURLProvided, "URL has %d bytes; allowed are %d", len(url), maxURL)
	}
	if err := c.Webhooks.Check(url); err != nil {
		return command.Explain(script.ErrInvalidURLProvided, "URL: %v", err)
	}
	return nil
}

// registration reads what belongs to the URL.
func (n notify) registration(c *command.Call, url string) (webhook.Registration, error) {
	r := webhook.Registration{URL: url}
	var err error
	if r.Tags, err = words(n.tags, c); err != nil {
		return r, err
	}
	if r.Data, err = words(n.data, c); err != nil {
		return r, err
	}
	cells, err := n.afterburn.Of(c)
	if err != nil {
		return r, err
	}
	for pair := range slices.Chunk(cells, 2) {
		// A last key without a value means nothing.
		if len(pair) == 2 && pair[0] != "" && pair[1] != "" && !command.IsKnownName(pair[0]) && !r.Afterburn.Has(pair[0]) {
			r.Afterburn.Add(pair[0], pair[1])
		}
	}
	size := 0
	for _, text := range slices.Concat(r.Tags, r.Data) {
		size += len(text)
	}
	for _, p := range r.Afterburn {
		size += len(p.Key) + len(p.Value)
	}
	if size > maxExtras {
		return r, command.Explain(script.ErrInvalidParameter, "tag, afterburn and data have %d bytes together; allowed are %d", size, maxExtras)
	}
	return r, nil
}

// words reads a list without its empty cells and repetitions.
func words(p param.Param[[]string], c *command.Call) ([]string, error) {
	cells, err := p.Of(c)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, cell := range cells {
		if cell != "" && !slices.Contains(found, cell) {
			found = append(found, cell)
		}
	}
	return found, nil
}

// parseTypes reads the names of notifications; data holds those that are none.
func (n notify) parseTypes(c *command.Call) (types []string, data command.Data, err error) {
	names, err := words(n.types, c)
	if err != nil {
		return nil, data, err
	}
	var unknown []string
	for _, name := range names {
		kind, err := rights.ParseNotification(strings.TrimSpace(name))
		switch {
		case err != nil:
			unknown = append(unknown, name)
		case !slices.Contains(types, kind.Name):
			types = append(types, kind.Name)
		}
	}
	if len(unknown) > 0 {
		return nil, command.List(unknown...), command.Explain(script.ErrInvalidNotificationTypes, "%s: allowed are %s",
			strings.Join(unknown, ", "), strings.Join(rights.NotificationNames(), ", "))
	}
	return types, data, nil
}

func (n notify) match(c *command.Call) (m webhook.Match, data command.Data, err error) {
	if m.Types, data, err = n.parseTypes(c); err != nil {
		return m, data, err
	}
	if m.Tags, err = words(n.tags, c); err != nil {
		return m, data, err
	}
	url, err := n.url.Of(c)
	m.URL = strings.TrimSpace(url)
	return m, data, err
}

func (n notify) list(c *command.Call, m webhook.Match) command.Data {
	m.URL = ""
	var cells []string
	for _, l := range c.Webhooks.List(c.Caller.ID, m) {
		var urls, tags []string
		for _, r := range l.Registrations {
			urls = append(urls, r.URL)
			for _, tag := range r.Tags {
				wanted := len(m.Tags) == 0 || slices.Contains(m.Tags, tag)
				if wanted && !slices.Contains(tags, tag) {
					tags = append(tags, tag)
				}
			}
		}
		switch {
		case len(m.Types) > 0:
			cells = append(append(cells, l.Type), urls...)
		case len(m.Tags) > 0:
			cells = append(append(cells, tags...), urls...)
		default:
			cells = append(append(append(cells, l.Type), urls...), tags...)
		}
	}
	return command.List(cells...)
}
