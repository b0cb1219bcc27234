package config

import (
	"time"

	"rookery/internal/reach"
)

// Outgoing is what is sent to URLs that scripts name, and asked of them.
type Outgoing struct {
	// AllowPrivate are the addresses, networks and hosts beside the public
	// Internet that may be sent to.
	AllowPrivate []PrivateHost `toml:"allow_private"`
	// Callbacks are answers of commands, Notifications what groups registered
	// for with the command notify.
	Callbacks     Posts         `toml:"callbacks"`
	Notifications Registrations `toml:"notifications"`
	// Requests are those of the command HTTP.
	Requests Requests `toml:"requests"`
}

// Requests bounds what scripts may ask of web servers.
type Requests struct {
	// MaxAnswer is how large the body of an answer may be.
	MaxAnswer Size `toml:"max_answer"`
}

// Posts says how one kind of texts is posted.
type Posts struct {
	// Queue is how many may wait for one host; ten times as many for all.
	Queue int `toml:"queue"`
	// Timeout bounds one try.
	Timeout Duration `toml:"timeout"`
	// Retries is how often a post is tried again; the pause before is Backoff
	// at first and twice as long each time, up to MaxBackoff.
	Retries    int      `toml:"retries"`
	Backoff    Duration `toml:"backoff"`
	MaxBackoff Duration `toml:"max_backoff"`
	// PerHost is how many are on their way to one host at a time, Rate how
	// many are begun a second, 0 for no limit.
	PerHost int `toml:"per_host"`
	Rate    int `toml:"rate"`
}

// Registrations says how notifications are posted, and what of them is kept.
type Registrations struct {
	Posts Posts `toml:"posts"`
	// Keep is whether registrations survive a restart.
	Keep bool `toml:"keep"`
	// Prune is whether a URL whose receiver answers that it is gone is
	// forgotten.
	Prune bool `toml:"prune"`
	// Most is how many registrations a group may have; a URL counts once for
	// each notification.
	Most int `toml:"most"`
}

// PrivateHost is an address, a network or the name of a host; see
// [reach.ParseAllowed].
type PrivateHost string

// UnmarshalText reads one.
func (h *PrivateHost) UnmarshalText(text []byte) error {
	allowed, err := reach.ParseAllowed(string(text))
	if err != nil {
		return err
	}
	*h = PrivateHost(allowed.String())
	return nil
}

// Allowed is AllowPrivate as the policy wants it.
func (o Outgoing) Allowed() []reach.Allowed {
	list := make([]reach.Allowed, 0, len(o.AllowPrivate))
	for _, text := range o.AllowPrivate {
		if a, err := reach.ParseAllowed(string(text)); err == nil {
			list = append(list, a)
		}
	}
	return list
}

func defaultOutgoing() Outgoing {
	posts := Posts{
		Queue:      1000,
		Timeout:    Duration(30 * time.Second),
		Retries:    5,
		Backoff:    Duration(time.Second),
		MaxBackoff: Duration(time.Minute),
		PerHost:    4,
		Rate:       100,
	}
	return Outgoing{
		Callbacks:     posts,
		Notifications: Registrations{Posts: posts, Keep: true, Prune: true, Most: 1000},
		Requests:      Requests{MaxAnswer: 256 << 10},
	}
}

func (c *Config) checkOutgoing(d *decoder) {
	c.Outgoing.Callbacks.check(d, "outgoing.callbacks")
	c.Outgoing.Notifications.Posts.check(d, "outgoing.notifications.posts")
	between(d, "outgoing.notifications.most", c.Outgoing.Notifications.Most, 1, 100000)
	between(d, "outgoing.requests.max_answer", c.Outgoing.Requests.MaxAnswer, 1<<10, 1<<20)
}

func (p *Posts) check(d *decoder, key string) {
	between(d, key+".queue", p.Queue, 1, 100000)
	checkSpan(d, key+".timeout", p.Timeout)
	between(d, key+".retries", p.Retries, 0, 100)
	checkSpan(d, key+".backoff", p.Backoff)
	if p.MaxBackoff < p.Backoff {
		d.problem(key+".max_backoff", "%s is below backoff %s", p.MaxBackoff, p.Backoff)
	}
	between(d, key+".per_host", p.PerHost, 1, 1000)
	between(d, key+".rate", p.Rate, 0, 100000)
}
