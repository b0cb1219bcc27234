package config

import (
	"time"

	"rookery/internal/feed"
)

// Feeds bounds what the groups' news feeds may cost.
type Feeds struct {
	// Interval is the time between two looks at a feed, Timeout how long one
	// may take.
	Interval Duration `toml:"interval"`
	Timeout  Duration `toml:"timeout"`
	// MaxSize is how large a feed may be.
	MaxSize Size `toml:"max_size"`
	// Most is how many feeds a group may have.
	Most int `toml:"most"`
}

// Limits are the settings as the room wants them.
func (f Feeds) Limits() feed.Limits {
	return feed.Limits{Interval: f.Interval.D(), Timeout: f.Timeout.D(), MaxSize: int64(f.MaxSize), Most: f.Most}
}

func defaultFeeds() Feeds {
	return Feeds{Interval: Duration(time.Minute), Timeout: Duration(30 * time.Second), MaxSize: 2 << 20, Most: 100}
}

// minFeedInterval keeps feeds from being asked for without a pause.
const minFeedInterval = time.Second

func (c *Config) checkFeeds(d *decoder) {
	f := c.Feeds
	if f.Interval.D() < minFeedInterval {
		d.problem("feeds.interval", "%s is out of range: allowed are %s and more", f.Interval, minFeedInterval)
	}
	checkSpan(d, "feeds.timeout", f.Timeout)
	between(d, "feeds.max_size", f.MaxSize, 1<<10, 16<<20)
	between(d, "feeds.most", f.Most, 1, 10000)
}
