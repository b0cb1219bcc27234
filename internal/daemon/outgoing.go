package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"

	"rookery/internal/access"
	"rookery/internal/config"
	"rookery/internal/fetch"
	"rookery/internal/metrics"
	"rookery/internal/notify/webhook"
	"rookery/internal/outbox"
	"rookery/internal/reach"
	"rookery/internal/state"
	"rookery/script"
)

// outgoing is what the house keeps and what it posts to URLs.
type outgoing struct {
	store  *state.Store
	output script.Filters
	// reach is where all of it may go.
	reach *reach.Policy
	// web asks web servers.
	web *fetch.Client
	// Each kind has an outbox of its own: a flood of one does not push the
	// other aside.
	callbacks, notifications *outbox.Outbox
}

// openOutgoing opens the state and the outboxes.
func (d *Daemon) openOutgoing() error {
	d.out.output = script.Filters{d.output}
	d.out.reach = reach.NewPolicy(d.cfg.Outgoing.Allowed()...)
	d.out.web = fetch.New(fetch.Options{
		Reach:     d.out.reach,
		UserAgent: "Rookery/" + d.options.Version,
		MaxSize:   int64(d.cfg.Outgoing.Requests.MaxAnswer),
	})
	var err error
	if d.out.store, err = state.Open(filepath.Join(d.cfg.StateDir, state.FileName)); err != nil {
		return err
	}
	d.out.callbacks = d.newOutbox("callbacks", d.cfg.Outgoing.Callbacks, false)
	// What happens is told in the order in which it happened.
	d.out.notifications = d.newOutbox("notifications", d.cfg.Outgoing.Notifications.Posts, true)
	return nil
}

func (d *Daemon) newOutbox(kind string, c config.Posts, inOrder bool) *outbox.Outbox {
	box := outbox.New(outbox.Options{
		UserAgent:  "Rookery/" + d.options.Version,
		Queue:      c.Queue,
		InOrder:    inOrder,
		PerHost:    c.PerHost,
		Rate:       c.Rate,
		Timeout:    c.Timeout.D(),
		Retries:    c.Retries,
		Backoff:    c.Backoff.D(),
		MaxBackoff: c.MaxBackoff.D(),
		Reach:      d.out.reach,
		Log:        d.log.With("posts", kind),
	})
	d.metrics.Posts(kind, func() metrics.PostCounts {
		s := box.Stats()
		return metrics.PostCounts{Waiting: s.Waiting, Delivered: s.Delivered, Retried: s.Retried, GivenUp: s.GivenUp, Dropped: s.Dropped}
	})
	return box
}

// webhooks opens the book of an agent's registered URLs.
func (d *Daemon) webhooks(agent string, groups *access.Access, log *slog.Logger) (*webhook.Book, error) {
	c := d.cfg.Outgoing.Notifications
	o := webhook.Options{
		Agent:   agent,
		Group:   groups.Group,
		Outbox:  d.out.notifications,
		Filters: d.out.output,
		Most:    c.Most,
		Prune:   c.Prune,
		Log:     log,
	}
	if c.Keep {
		o.Store = d.out.store
	}
	return webhook.Open(context.Background(), o)
}

// close posts what waits, as long as ctx lasts, and lets go of the state.
func (o *outgoing) close(ctx context.Context, log *slog.Logger) {
	var posts sync.WaitGroup
	for kind, box := range map[string]*outbox.Outbox{"callbacks": o.callbacks, "notifications": o.notifications} {
		if box == nil {
			continue
		}
		posts.Go(func() {
			if err := box.Close(ctx); err != nil {
				log.Warn("not everything was posted", "posts", kind, "error", err)
			}
		})
	}
	posts.Wait()
	if o.web != nil {
		o.web.Close()
	}
	if o.store != nil {
		if err := o.store.Close(); err != nil {
			log.Warn("close the state", "error", err)
		}
	}
}

// callbacks posts the answers of one agent's commands.
type callbacks struct {
	*outbox.Outbox
	output script.Filters
	log    *slog.Logger
}

// Post hands in an answer.
func (c callbacks) Post(url, group string, answer script.Pairs) {
	err := c.Send(outbox.Post{
		URL:         url,
		ContentType: outbox.ContentType(c.output),
		Body:        script.AppendLine(nil, answer, c.output),
		From:        group,
	})
	if err != nil {
		c.log.Warn("an answer was not posted", "group", group, "error", err)
	}
}
