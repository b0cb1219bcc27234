// Package metrics counts what the daemon does, for Prometheus.
package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counts of one daemon. A nil *Metrics counts nothing; its
// methods may be called from any goroutine.
type Metrics struct {
	registry      *prometheus.Registry
	commands      *prometheus.CounterVec
	seconds       *prometheus.HistogramVec
	handshakes    *prometheus.CounterVec
	notifications *prometheus.CounterVec
}

// New returns metrics that start at zero, with those of the process and of the
// Go runtime beside them.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		commands: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rookery_commands_total", Help: "Commands answered, by door and success.",
		}, []string{"door", "success"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "rookery_command_seconds", Help: "Time from a command to its answer, by door.",
			Buckets: []float64{.0001, .001, .01, .1, 1, 10, 60},
		}, []string{"door"}),
		handshakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rookery_handshakes_total", Help: "Requests for notifications, by success.",
		}, []string{"success"}),
		notifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rookery_notifications_total", Help: "Notifications told, by agent and type; each counts once, however many hear it.",
		}, []string{"agent", "type"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "rookery_info", Help: "1, labelled with the version.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.commands, m.seconds, m.handshakes, m.notifications, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Handler answers scrapes.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Online has a gauge tell whether an agent stands in a region.
func (m *Metrics) Online(agent string, online func() bool) {
	m.gauge("rookery_agent_online", "1 while the agent stands in a region.", "agent", agent, func() float64 {
		if online() {
			return 1
		}
		return 0
	})
}

// Clients has a gauge tell how many clients a door has.
func (m *Metrics) Clients(door string, count func() int) {
	m.gauge("rookery_door_clients", "Clients of a door, by its name and address.", "door", door, func() float64 { return float64(count()) })
}

func (m *Metrics) gauge(name, help, label, value string, f func() float64) {
	if m == nil {
		return
	}
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: name, Help: help, ConstLabels: prometheus.Labels{label: value},
	}, f))
}

// Command counts one answered command.
func (m *Metrics) Command(door string, success bool, took time.Duration) {
	if m == nil {
		return
	}
	m.commands.WithLabelValues(door, word(success)).Inc()
	m.seconds.WithLabelValues(door).Observe(took.Seconds())
}

// Handshake counts one request for notifications.
func (m *Metrics) Handshake(success bool) {
	if m != nil {
		m.handshakes.WithLabelValues(word(success)).Inc()
	}
}

// Notification counts one notification.
func (m *Metrics) Notification(agent, kind string) {
	if m != nil {
		m.notifications.WithLabelValues(agent, kind).Inc()
	}
}

func word(success bool) string {
	if success {
		return "true"
	}
	return "false"
}
