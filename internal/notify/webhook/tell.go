package webhook

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"

	"rookery/internal/bus"
	"rookery/internal/outbox"
	"rookery/internal/query"
	"rookery/internal/rights"
	"rookery/script"
)

// Tell posts a notification to every URL registered for it whose group may
// hear it at this moment. Pairs are what n.Text says. Raw are the fields of
// the event, nil when it has none; registrations that ask for fields hear of
// such events as the others do. Tell does not wait for any receiver.
func (b *Book) Tell(n bus.Notification, pairs script.Pairs, raw query.Object) {
	var usual []byte // made when it is first needed, and shared
	for _, t := range (*b.byType.Load())[n.Type] {
		if !n.Concerns(t.group) {
			continue
		}
		caller, ok := b.o.Group(t.group)
		if !ok || !caller.Permissions.Has(rights.Notifications) || !caller.Hears(n.Type) {
			continue
		}
		var body []byte
		switch {
		case len(t.Data) > 0 && raw != nil:
			if fields := query.Ask(raw, t.Data); len(fields) > 0 {
				body = b.encode(bus.FieldPairs(n.Type, fields), t.Afterburn)
			}
		case len(t.Afterburn) > 0:
			body = b.encode(pairs, t.Afterburn)
		default:
			if usual == nil {
				usual = b.encode(pairs, nil)
			}
			body = usual
		}
		if len(body) > 0 {
			b.post(caller, t, body)
		}
	}
}

// encode writes pairs and what of the afterburn they do not say themselves.
func (b *Book) encode(pairs, afterburn script.Pairs) []byte {
	all := append(make(script.Pairs, 0, len(pairs)+len(afterburn)), pairs...)
	for _, p := range afterburn {
		if !pairs.Has(p.Key) {
			all = append(all, p)
		}
	}
	return script.AppendLine(nil, all, b.o.Filters)
}

func (b *Book) post(caller rights.Caller, t target, body []byte) {
	p := outbox.Post{URL: t.URL, ContentType: outbox.ContentType(b.o.Filters), Body: body, From: caller.Name}
	if b.o.Prune {
		p.Done = func(status int, _ error) {
			if gone(t.URL, status) {
				b.prune(caller, t.URL)
			}
		}
	}
	// What does not fit is counted and logged by the outbox; a URL that may
	// not be posted to any more, because the configuration changed, is told
	// here.
	if err := b.o.Outbox.Send(p); err != nil {
		b.o.Log.Debug("a notification was not posted", "group", caller.Name, "error", err)
	}
}

// scripted is the URL that a script in Second Life or OpenSimulator requested for
// itself. When the script or its region has gone the URL never comes back.
var scripted = regexp.MustCompile(`^https?://([^/]+\.(agni|aditi)\.(secondlife\.io|lindenlab\.com)(:[0-9]+)?/cap/|[^/]+/lslhttps?/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/|$))`)

// gone tells whether a receiver said that it will never hear anything again.
func gone(url string, status int) bool {
	return status == http.StatusGone || status == http.StatusNotFound && scripted.MatchString(url)
}

// prune forgets a URL.
func (b *Book) prune(caller rights.Caller, url string) {
	err := b.change(context.Background(), caller.ID, func(all registrations) error {
		err := ErrNotRegistered // somebody was faster
		for kind, list := range all {
			if i := find(list, url); i >= 0 {
				all[kind], err = slices.Delete(list, i, i+1), nil
			}
		}
		return err
	})
	switch {
	case err == nil:
		b.o.Log.Info("a URL was forgotten: its receiver says that it is gone", "group", caller.Name)
	case !errors.Is(err, ErrNotRegistered):
		b.o.Log.Warn("a URL whose receiver is gone was not forgotten", "group", caller.Name, "error", err)
	}
}
