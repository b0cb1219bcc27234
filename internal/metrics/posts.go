package metrics

import "github.com/prometheus/client_golang/prometheus"

// PostCounts are the counts of one outbox.
type PostCounts struct {
	Waiting                              int
	Delivered, Retried, GivenUp, Dropped uint64
}

// Posts has the counts of an outbox scraped; kind tells what it posts.
func (m *Metrics) Posts(kind string, counts func() PostCounts) {
	m.gauge("rookery_posts_waiting", "Posts to URLs that wait or are on their way, by kind.", "kind", kind,
		func() float64 { return float64(counts().Waiting) })
	if m == nil {
		return
	}
	for outcome, count := range map[string]func(PostCounts) uint64{
		"delivered": func(c PostCounts) uint64 { return c.Delivered },
		"retried":   func(c PostCounts) uint64 { return c.Retried },
		"given_up":  func(c PostCounts) uint64 { return c.GivenUp },
		"dropped":   func(c PostCounts) uint64 { return c.Dropped },
	} {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name:        "rookery_posts_total",
			Help:        "Posts to URLs, by kind and what became of them; a try after the first counts as retried.",
			ConstLabels: prometheus.Labels{"kind": kind, "outcome": outcome},
		}, func() float64 { return float64(count(counts())) }))
	}
}
