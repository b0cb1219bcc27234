// Package http is the HTTP door: commands as POST requests to any path, one
// command each, as key-value text or JSON, and a few pages about the daemon.
package http

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"rookery/internal/attempts"
	"rookery/internal/gateway"
)

// Config says how the door opens.
type Config struct {
	// Address is HOST:PORT; port 0 lets the system pick one.
	Address string
	// TLS turns encryption on; nil is a plain door.
	TLS *tls.Config
	// Language is how bodies are answered when the request does not tell.
	Language gateway.Language
	// User and Password are asked for by basic authentication; empty: no
	// authentication but the group's password.
	User, Password string
	// MaxBody is the largest body of a request, in bytes, before and after
	// decompression; 0 means 1 MiB.
	MaxBody int64
	// IdleTimeout is how long a connection may be without a request; 0 means 2 min.
	IdleTimeout time.Duration
	// MaxConnections is how many there may be at a time; 0 means 1,000.
	MaxConnections int
	// Origins are the hosts whose browser pages may read answers beside the
	// door's own.
	Origins gateway.Origins
	// Metrics answers GET /metrics; nil: not found.
	Metrics http.Handler
	// OpenAPI is the document that GET /openapi.json answers; nil: not found.
	OpenAPI []byte
	// Health tells whether the agent is where it should be, for GET /healthz;
	// nil: always.
	Health func(ctx context.Context) error
}

const (
	defaultMaxBody        = 1 << 20
	defaultIdleTimeout    = 2 * time.Minute
	defaultMaxConnections = 1000

	// headerTimeout and bodyTimeout bound how slowly a request may arrive.
	headerTimeout = 10 * time.Second
	bodyTimeout   = time.Minute
	// maxHeader bounds the header of a request, in bytes.
	maxHeader = 64 << 10
	// compressFrom is the size of the smallest answer worth compressing.
	compressFrom = 1 << 10
)

// Door is an open HTTP door.
type Door struct {
	cfg    Config
	desk   *gateway.Desk
	log    *slog.Logger
	listen *gateway.Listener
	server *http.Server
	served chan error
	// attempts slows down who guesses the door's own password.
	attempts *attempts.Attempts

	// ctx ends the waits of commands when the door closes.
	ctx    context.Context
	cancel context.CancelFunc
}

// Open starts listening.
func Open(cfg Config, desk *gateway.Desk) (*Door, error) {
	if cfg.MaxBody == 0 {
		cfg.MaxBody = defaultMaxBody
	}
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = defaultIdleTimeout
	}
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = defaultMaxConnections
	}
	d := &Door{cfg: cfg, desk: desk, log: desk.Log.With("door", "http"), served: make(chan error, 1), attempts: attempts.New(time.Now)}
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom))
	if err == nil {
		d.listen, err = gateway.Listen(cfg.Address, cfg.MaxConnections, cfg.TLS == nil, d.log)
	}
	if err != nil {
		return nil, fmt.Errorf("open the HTTP door %w", err)
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.server = &http.Server{
		Handler:           d.room(d.pages(compress(d.guard(d.routes())))),
		ConnContext:       d.met,
		TLSConfig:         cfg.TLS,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		IdleTimeout:       cfg.IdleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(d.log.Handler(), slog.LevelInfo),
	}
	go func() {
		if cfg.TLS != nil {
			d.served <- d.server.ServeTLS(d.listen, "", "")
			return
		}
		d.served <- d.server.Serve(d.listen)
	}()
	return d, nil
}

// Addr is where the door is, HOST:PORT.
func (d *Door) Addr() string { return d.listen.Addr().String() }

// Connections is how many clients there are.
func (d *Door) Connections() int { return d.listen.Open() }

// Close stops listening, ends running commands and answers them, by force when
// ctx ends first.
func (d *Door) Close(ctx context.Context) error {
	d.cancel()
	err := d.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, d.server.Close())
	}
	if served := <-d.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	if err != nil {
		return fmt.Errorf("close the HTTP door: %w", err)
	}
	return nil
}

func (d *Door) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", d.command)
	mux.HandleFunc("GET /healthz", d.health)
	if d.cfg.Metrics != nil {
		mux.Handle("GET /metrics", d.cfg.Metrics)
	}
	if d.cfg.OpenAPI != nil {
		mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(d.cfg.OpenAPI)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { d.lost(w, r, mux) })
	return mux
}

func (d *Door) health(w http.ResponseWriter, r *http.Request) {
	if d.cfg.Health != nil {
		if err := d.cfg.Health(r.Context()); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}
