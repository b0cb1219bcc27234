// Package bus carries requests and notifications between doors and agents.
//
// It is NATS: a server embedded in the process, reached without any open
// port, unless the configuration names an external cluster. Doors and agents
// know each other by the agent's name only, so they may live on different
// machines.
package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config says where the bus is. The zero value is an embedded server without
// an open port.
type Config struct {
	// URLs of an external NATS cluster (nats://…, tls://…). Empty: embedded.
	URLs []string
	// Credentials is the path of a NATS credentials file for the cluster.
	Credentials string
	// Store is the directory in which the embedded server keeps what durable
	// subscriptions hold. Empty: it keeps nothing. A cluster keeps it itself.
	Store string
	// Durable bounds what durable subscriptions hold.
	Durable Limits
	// Log receives connection trouble and dropped messages. Nil: discarded.
	Log *slog.Logger
}

// maxPayload bounds one request, reply or notification, in bytes.
const maxPayload = 8 << 20

// Pending limits of one notification subscription: when a door falls behind
// by more than this, the newest notifications are dropped and the loss is logged.
const (
	pendingMessages = 1 << 16
	pendingBytes    = 64 << 20
)

// startTimeout bounds the start of the embedded server.
const startTimeout = 10 * time.Second

// Bus is one connection to the bus. Its methods may be called from any goroutine.
type Bus struct {
	embedded *server.Server
	conn     *nats.Conn
	log      *slog.Logger
	js       jetstream.JetStream
	limits   Limits
	store    string // of the embedded server
	// reviveEvery is how often a store that failed is looked after.
	reviveEvery time.Duration
	// down is set while the store fails, missed counts what was not kept then.
	down   atomic.Bool
	missed atomic.Int64
	// local holds the *served agents of this process by name, homes what is
	// told of them.
	local sync.Map
	homes sync.Map
	// rights holds the Rights of agents by name, once they were revised.
	rights sync.Map

	// places is how far clients of durable subscriptions have come; nil before
	// it is known that there is a store. Keeping guards it.
	keeping sync.Mutex
	places  jetstream.KeyValue

	// done ends what runs for the bus itself.
	done    context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Open connects to the configured cluster, or starts the embedded server.
func Open(cfg Config) (*Bus, error) {
	b := &Bus{log: cfg.Log, limits: cfg.Durable.withDefaults(), store: cfg.Store, reviveEvery: reviveEvery}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	options := []nats.Option{
		nats.Name("rookery"),
		nats.MaxReconnects(-1),
		nats.ErrorHandler(b.asyncError),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				b.log.Warn("bus connection lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { b.log.Info("bus connected again", "url", c.ConnectedUrlRedacted()) }),
	}
	if cfg.Credentials != "" {
		options = append(options, nats.UserCredentials(cfg.Credentials))
	}
	if len(cfg.URLs) > 0 {
		options = append(options, func(o *nats.Options) error { o.Servers = cfg.URLs; return nil })
		conn, err := nats.Connect("", options...)
		if err != nil {
			return nil, fmt.Errorf("connect to the bus at %v: %w", cfg.URLs, err)
		}
		return b.ready(conn)
	}

	embedded, err := server.NewServer(&server.Options{
		ServerName: "rookery",
		DontListen: true,
		NoSigs:     true,
		NoLog:      true,
		MaxPayload: maxPayload,
		JetStream:  cfg.Store != "",
		StoreDir:   cfg.Store,
	})
	if err != nil {
		return nil, fmt.Errorf("start the embedded bus: %w", err)
	}
	go embedded.Start()
	if !embedded.ReadyForConnections(startTimeout) {
		embedded.Shutdown()
		return nil, errors.New("start the embedded bus: not ready in time")
	}
	conn, err := nats.Connect("", append(options, nats.InProcessServer(embedded))...)
	if err != nil {
		embedded.Shutdown()
		return nil, fmt.Errorf("connect to the embedded bus: %w", err)
	}
	b.embedded = embedded
	return b.ready(conn)
}

func (b *Bus) ready(conn *nats.Conn) (*Bus, error) {
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncTimeout(keepTimeout))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("use the store of the bus: %w", err)
	}
	b.conn, b.js = conn, js
	b.done, b.cancel = context.WithCancel(context.Background())
	return b, nil
}

// Close ends every subscription and, when it is embedded, the server.
func (b *Bus) Close() {
	b.cancel()
	b.running.Wait()
	b.homes.Range(func(_, v any) bool {
		v.(*home).keeper.close()
		return true
	})
	b.conn.Close()
	if b.embedded != nil {
		b.embedded.Shutdown()
		b.embedded.WaitForShutdown()
	}
}

func (b *Bus) asyncError(_ *nats.Conn, sub *nats.Subscription, err error) {
	if sub == nil {
		b.log.Warn("bus", "error", err)
		return
	}
	dropped, _ := sub.Dropped()
	b.log.Warn("bus subscription", "subject", sub.Subject, "error", err, "dropped", dropped)
}
